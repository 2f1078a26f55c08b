#!/bin/sh
# usage: demo.sh TREE SCRATCH: the demo on trees that are easy to get wrong.
set -u
tree=$1 scratch=$2
chmod -R u+rwx "$scratch" 2>/dev/null
rm -rf "$scratch"
mkdir -p "$scratch/names" "$scratch/empty" "$scratch/many" || exit 2
passed=0 failed=0

# check WHAT COMMAND...: it succeeds; what it says is in $scratch/log.
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

says() {
	sh examples/demo.sh "$tree" "$1" >"$scratch/said" 2>&1
	status=$?
	cat "$scratch/said"
	[ $status -eq 0 ] && grep -q "$2" "$scratch/said"
}
# demo WHAT DIR TEXT: the demo of DIR succeeds and says TEXT.
demo() {
	check "$1" says "$2" "$3"
}

# fails TEXT COMMAND...: it fails, by itself, and says TEXT.
fails() {
	text=$1
	shift
	"$@" >"$scratch/said" 2>&1
	status=$?
	cat "$scratch/said"
	[ $status -eq 1 ] && grep -q "$text" "$scratch/said"
}

long=$(printf '%0255d' 7)
: >"$scratch/names/$long"
: >"$scratch/names/a b"
: >"$scratch/names/-n"
: >"$scratch/names/$(printf 'tab\there')"
: >"$scratch/names/$(printf 'line\nhere')"
: >"$scratch/names/$(printf 'not utf-8 \377\376')"
: >"$scratch/names/%s"
ln -s nowhere "$scratch/names/dangling"
ln -s . "$scratch/names/loop"
ln "$scratch/names/a b" "$scratch/names/second name"
mkfifo "$scratch/names/fifo"
mkdir "$scratch/names/.hidden" "$scratch/names/sticky"
chmod 1777 "$scratch/names/sticky"
chmod 4511 "$scratch/names/a b"
truncate -s 5G "$scratch/names/sparse"
mkdir -p "$scratch/names/d/e/e/p/e/r"
demo 'names of all kinds' "$scratch/names" '20 entries: equal'
demo 'an empty directory' "$scratch/empty" '0 entries'
(cd "$scratch/many" && i=0 && while [ $i -lt 3000 ]; do echo "name number $i"; i=$((i + 1)); done |
	xargs -d '\n' touch)
demo 'a directory that takes many messages' "$scratch/many" '3000 entries: equal'
demo 'damage is found' "$scratch/many" 'decoding says: malformed message'
demo 'a message is shown' "$scratch/many" 'linkid: generation 1, index 2'

# A tree that is wide, deep, and has more of everything than the lister may have in hand.
mkdir "$scratch/large"
python3 - "$scratch/large" <<'EOT'
import os, sys
os.chdir(sys.argv[1])
for i in range(2000):
    os.makedirs(f"wide/{i}/in/it")
    os.symlink(f"to-{i}", f"wide/{i}/link")
os.mkdir("deep")
os.chdir("deep")
for i in range(300):                    # longer than any path may be
    os.mkdir("x" * 20)
    os.chdir("x" * 20)
EOT
demo 'a large tree' "$scratch/large" '8302 entries: equal'
demo 'hundreds of commands at a time' "$scratch/large" 'at most 256 on their way at a time'
most=$(sed -n 's/^served: .* at most \([0-9]*\) at a time$/\1/p' "$scratch/said")
check "end points bounded: $most" [ "$most" -gt 100 -a "$most" -lt 1000 ]

# Whatever carries the link.
for ADDRESS in "unix:$scratch/s" "unix:@lwlink-demo-$$" tcp:127.0.0.1:0 'tcp:[::1]:0' exec fd; do
	export ADDRESS
	[ "$ADDRESS" = 'tcp:[::1]:0' ] && [ ! -s /proc/net/if_inet6 ] && continue
	demo "over $ADDRESS" "$scratch/names" '20 entries: equal'
done
unset ADDRESS

# What goes wrong is said, and nobody waits for ever.
ADDRESS=nonsense check 'no address' fails 'is not an address' sh examples/demo.sh "$tree" "$scratch/names"
check 'nobody listens' fails 'is the server running' "$tree" list "unix:$scratch/none"
check 'a directory that is not there' fails 'No such file' \
	"$tree" serve --listen "unix:$scratch/s" "$scratch/none"
check 'a server that gives up' fails 'before it said who it is' "$tree" list 'exec:read nothing'
check 'a server that says something else' fails 'malformed' "$tree" list \
	'exec:head -c 70000 /dev/zero; sleep 1'

# One of the two is killed in the middle: the lister, as nobody reads on, is stuck there.
mkfifo "$scratch/out"
for victim in server lister; do
	rm -f "$scratch/server"
	timeout 60 "$tree" serve --once --listen "unix:$scratch/s" "$scratch/large" 2>"$scratch/server" &
	server=$!
	until [ -s "$scratch/server" ]; do sleep 0.05; done
	"$tree" list "unix:$scratch/s" >"$scratch/out" 2>"$scratch/lister.$victim" &
	lister=$!
	exec 3<"$scratch/out"
	read -r first <&3
	if [ $victim = server ]; then
		kill $server
		cat <&3 >"$scratch/rest"
		wait $lister
		status=$?
	else
		kill -9 $lister
		wait $server
		status=$?
	fi
	exec 3<&-
	wait 2>"$scratch/rest"
	check "the $victim is killed: status" [ $status -eq 1 ]
done
check 'the lister says so' grep -q 'without a goodbye' "$scratch/lister.server"
check 'the server says so' grep 'did not come to its end' "$scratch/server"

# A message that is not one.
printf 'nonsense, but long enough for a header' >"$scratch/bad"
check 'a file that is no message' fails 'LENGTH at offset 14' "$tree" show "$scratch/bad"
check 'a file that is not there' fails 'No such file' "$tree" damage "$scratch/none"
rm -rf "$scratch/many" "$scratch/large"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
