#!/bin/sh
# examples/poll, examples/chat and the tutorial of docs/runtime.md, as programs outside the tree.
# usage: examples.sh BUILD SCRATCH, from the top of the tree.  BUILD has the libraries.  CFLAGS and LDFLAGS of
# the environment are used, too: a library with sanitizers needs programs with them.
set -u
build=$1 scratch=$2
rm -rf "$scratch"
mkdir -p "$scratch/pc" "$scratch/tutorial" || exit 2
top=$PWD build=$(cd "$build" && pwd) scratch=$(cd "$scratch" && pwd)
passed=0 failed=0
started=
trap 'kill $started 2>/dev/null' EXIT
trap 'exit 130' INT TERM

# check WHAT COMMAND...: the command succeeds.
check() {
	what=$1
	shift
	if "$@" >"$scratch/log" 2>&1; then
		passed=$((passed + 1))
	else
		echo "FAILED: $what"
		cat "$scratch/log"
		failed=$((failed + 1))
	fi
}

# What is awaited comes, or 20 seconds are over.
comes() {
	tries=0
	until "$@" >/dev/null 2>&1; do
		tries=$((tries + 1))
		[ $tries -le 400 ] || return 1
		sleep 0.05
	done
}
heard() {
	check "$1: $2" comes grep -qx "$2" "$1"
}

# ended WHAT PID STATUS: it ends like that.
ended() {
	wait "$2"
	check "$1 ends: $? instead of $3" [ $? -eq "$3" ]
}

# The build tree as if it were installed.
printf '%s\n' "lwlc=$top/build/lwlc" 'Name: lwlink' 'Description: lwlink' 'Version: 0' \
	"Libs: -L$build -llwlink" "Cflags: -I$top/runtime/include" >"$scratch/pc/lwlink.pc"
printf '%s\n' 'Name: lwlink-uv' 'Description: lwlink-uv' 'Version: 0' 'Requires: lwlink' \
	"Libs: -L$build -llwlink-uv" >"$scratch/pc/lwlink-uv.pc"
PKG_CONFIG_PATH=$scratch/pc${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}
LD_LIBRARY_PATH=$build
MAKEFLAGS=
export PKG_CONFIG_PATH LD_LIBRARY_PATH MAKEFLAGS

# builds NAME: in the folder of that name; a second make does nothing, and clean leaves what came.
builds() {
	cd "$scratch/$1" || exit 2
	ls >"$scratch/before"
	check "$1 builds" make -s
	check "$1 without warnings" [ ! -s "$scratch/log" ]
	check "$1: a second make does nothing" make -q
	if grep -q '^clean:' Makefile; then
		make -s clean
		check "$1: make clean" sh -c "ls | cmp - '$scratch/before'"
		make -s
	fi
}

# ---- poll(2) ----

cp -r examples/poll examples/chat "$scratch"
builds poll
check 'poll adds' sh -c './adder | grep -qx "2 + 3: no error, 5"'
cd "$top" || exit 2

# ---- the tutorial ----

python3 - docs/runtime.md "$scratch/tutorial" <<'EOT'
import re, sys
text = open(sys.argv[1], encoding="utf-8").read()
files = re.findall(r"<!-- file: (\S+) -->\n```\w*\n(.*?)```", text, re.S)
shown = re.search(r"```\n(\$ make.*?)```", text, re.S)[1].splitlines()
other = re.search(r"`(\./client 'exec:.*?)`", text)[1]
for name, content in files + [
    # What is typed, but that a script has to wait for the server; and what is seen.
    ("typed", "".join(line[2:] + ("\nuntil [ -S counters.socket ]; do sleep 0.05; done\n"
                                  if line[-1] == "&" else "\n") for line in shown if line[0] == "$")),
    ("seen", "".join(line + "\n" for line in shown if line[0] != "$")),
    ("other", other + "\n"),
]:
    open(f"{sys.argv[2]}/{name}", "w", encoding="utf-8").write(content)
EOT
check 'the tutorial is there' [ -s "$scratch/tutorial/typed" -a -s "$scratch/tutorial/seen" ]
cd "$scratch/tutorial" || exit 2
{
	cat typed
	echo 'until grep -q ends output; do sleep 0.05; done; kill $!; wait'
} >script
sh -e script >output 2>&1 &
started=$!
wait "$started"
seen() {
	sort seen >seen.sorted
	sort output | cmp seen.sorted -		# two processes write it
}
check 'the tutorial shows what is seen' seen
sh -e other >output 2>&1
check 'the tutorial, with a server of its own' seen
builds tutorial
cd "$top" || exit 2

# ---- the chat room ----

builds chat

# serve ADDRESS: a room; $at is its address, $server its process.
serve() {
	rm -f listening
	./chat-server "$1" "$scratch/chat/log" >listening 2>server.err &
	server=$!
	started="$started $server"
	comes grep -q '^listening on' listening
	at=$(sed -n 's/^listening on //p' listening)
}
# sit NAME [MILLISECONDS]: somebody who reads from the fifo in.NAME, and writes to out.NAME and err.NAME.
sit() {
	mkfifo "in.$1"
	./chat-client "$at" "$@" <"in.$1" >"out.$1" 2>"err.$1" &
	pid=$!
	started="$started $pid"
}

serve unix:socket
sit ann 500
ann=$pid
exec 3>in.ann
heard log 'ann: has come in'
sit bob
bob=$pid
exec 4>in.bob
heard out.ann 'bob: has come in'
echo hello >&4
heard out.ann 'bob: hello'
echo 'hi bob' >&3
heard out.bob 'ann: hi bob'
check 'one does not hear oneself' sh -c '! grep -q hello out.bob'
echo x | ./chat-client "$at" bob 2>err.other
check 'a name that is taken' [ $? -eq 1 ]
heard err.other 'join: File exists.*'
printf 'clear the \033[2J screen\n' >&4
heard err.bob 'not said: .*no control characters.*'
{ head -c 1500 /dev/zero | tr '\0' x; echo; echo short; } >&4
heard out.ann 'bob: short'
kill -9 "$bob"
heard out.ann 'bob: has left'
echo /history >&3
heard out.ann 'ann: hi bob'
kill -STOP "$server"
echo /history >&3
heard err.ann 'no history: deadline passed.*'
kill -CONT "$server"

# One who does not read is no trouble for the others.
sit slow
slow=$pid
exec 5>in.slow
heard out.ann 'slow: has come in'
kill -STOP "$slow"
seq 1 20000 | ./chat-client "$at" talker
check 'more lines than there is room for' [ $? -eq 0 ]
heard out.ann 'talker: 20000'
heard out.ann 'talker: has left'
check 'each line was heard once' [ "$(grep -c '^talker: [0-9]*$' out.ann)" -eq 20000 ]
kill -CONT "$slow"
exec 5>&-
ended 'the slow one' "$slow" 0
exec 3>&- 4>&-
ended ann "$ann" 0
heard log 'ann: has left'

# The server ends while it works.
yes /history | ./chat-client "$at" curious >out.curious 2>err.curious &
curious=$!
started="$started $curious"
comes [ -s out.curious ]
kill "$server"
ended 'the server' "$server" 0
wait "$curious"
check 'the socket is gone' [ ! -e socket ]
check 'the server said nothing else' [ ! -s server.err ]

serve tcp:127.0.0.1:0
check 'over TCP' sh -c "echo hello | ./chat-client '$at' carl"
heard log 'carl: hello'
kill "$server"
ended 'the server' "$server" 0
check 'nobody is there' sh -c "! echo hello | ./chat-client '$at' carl"

cd "$top" || exit 2
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
