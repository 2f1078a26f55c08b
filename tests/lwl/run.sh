#!/bin/sh
# lwl from outside: what it prints for good and bad input, exit codes, hostile input.
#
#	run.sh LWL SCRATCH [--update]
#
# --update renews expected/; read what changed.  Needs python3.  LWL_SECONDS and LWL_MEGABYTES are the
# limits for hostile input (10, 400); raise them for a sanitized build.

set -u
[ $# -ge 2 ] || { echo "usage: $0 LWL SCRATCH [--update]" >&2; exit 2; }
lwl=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
mkdir -p "$2" || exit 2
scratch=$(cd "$2" && pwd)/lwl
cd "$(dirname "$0")" || exit 2
update=${3:-}
seconds=${LWL_SECONDS:-10} megabytes=${LWL_MEGABYTES:-400}
rm -rf "$scratch"
mkdir "$scratch" || exit 2
passed=0 failed=0
put=all.Thing.put.request
vfs=../../schemas/vfs.lwl
unset NO_COLOR

ok() {
	passed=$((passed + 1))
}

fail() {
	echo "FAIL $1"
	failed=$((failed + 1))
}

# expect NAME STATUS COMMAND...: the exit code; what was printed is in out and err.
expect() {
	name=$1 wanted=$2
	shift 2
	"$@" >"$scratch/out" 2>"$scratch/err"
	status=$?
	if [ $status -eq "$wanted" ]; then
		ok
	else
		fail "$name: exit code $status instead of $wanted"
		head -n 5 "$scratch/err"
	fi
}

# same NAME EXPECTED FOUND: two files.
same() {
	if cmp -s "$2" "$3"; then
		ok
	else
		fail "$1"
		diff "$2" "$3" | head -n 20
	fi
}

# golden NAME FILE: the file is what expected/NAME holds.
golden() {
	if [ "$update" = --update ]; then
		cp "$2" "expected/$1"
		ok
	else
		same "$1: not as expected" "expected/$1" "$2"
	fi
}

# shows NAME STATUS COMMAND...: exit code, output and errors are as expected.
shows() {
	expect "$@"
	{ cat "$scratch/out"; echo '-- errors --'; cat "$scratch/err"; } >"$scratch/both"
	golden "$name" "$scratch/both"
}

# silent NAME STATUS COMMAND...: the exit code, and nothing on standard output.
silent() {
	expect "$@"
	if [ -s "$scratch/out" ]; then fail "$name: printed something"; else ok; fi
}

says() {
	if grep -q -e "$1" "$scratch/err"; then
		ok
	else
		fail "$name: does not say '$1'"
		head -n 3 "$scratch/err"
	fi
}

# lines FILE: those that are no comments.
lines() {
	grep -v '^#' "$1"
}

# ---- each command as it is used ----

"$lwl" encode all.lwl $put <message.json >"$scratch/message" || fail 'encode the message'
shows encode.hex 0 "$lwl" encode --hex all.lwl $put <message.json
same 'the message as hex' expected/encode.hex "$scratch/both"
shows decode 0 "$lwl" decode all.lwl $put <"$scratch/message"
shows decode.pretty 0 "$lwl" decode --pretty all.lwl $put <"$scratch/message"
"$lwl" decode --pretty all.lwl $put <"$scratch/message" | "$lwl" encode all.lwl $put >"$scratch/again"
same 'pretty JSON is read' "$scratch/message" "$scratch/again"
shows decode.hex 0 "$lwl" decode --hex all.lwl $put <message.hex
same 'hex is the same message' expected/decode "$scratch/both"
shows types 0 "$lwl" types all.lwl
shows types.vfs 0 "$lwl" types $vfs
shows dump 0 "$lwl" dump all.lwl <"$scratch/message"
shows dump.plain 0 "$lwl" dump <"$scratch/message"
shows dump.colour 0 "$lwl" dump --color=always all.lwl <"$scratch/message"

expect 'NO_COLOR' 0 env NO_COLOR=1 "$lwl" dump --color=auto all.lwl <"$scratch/message"
{ cat "$scratch/out"; echo '-- errors --'; } >"$scratch/both"
same 'no colours' expected/dump "$scratch/both"

# A conversation: command, answer, a failure, PAD, one-way, deadline and trace, an unknown command.
shows dump.stream 0 "$lwl" dump --hex all.lwl <stream.hex
shows dump.stream.plain 0 "$lwl" dump --hex <stream.hex

# Of two interfaces with one id the first that fits is taken, or the one that is named.
echo '{"name": "x"}' | "$lwl" encode all.lwl all.Other.get.request >"$scratch/other"
shows dump.other 0 "$lwl" dump all.lwl <"$scratch/other"
shows dump.interface 1 "$lwl" dump --interface=all.Thing all.lwl <"$scratch/other"
shows dump.mistyped 2 "$lwl" dump --interface=all.Thng all.lwl <"$scratch/other"

# Real commands.
echo '{"name": "ZXRj", "groups": [4, 24]}' |
	"$lwl" encode --msgid=7 --linkid=0x8000000100000003 $vfs vfs.Node.lookup.request >"$scratch/lookup"
shows vfs.decode 0 "$lwl" decode --pretty $vfs vfs.Node.lookup.request <"$scratch/lookup"
shows vfs.dump 0 "$lwl" dump $vfs <"$scratch/lookup"
{ cat readdir.json; } | "$lwl" encode $vfs vfs.Directory.readdir.response >"$scratch/readdir"
shows vfs.readdir 0 "$lwl" dump $vfs <"$scratch/readdir"
shows vfs.readdir.json 0 "$lwl" decode --pretty $vfs vfs.Directory.readdir.response <"$scratch/readdir"
head -c 800 /dev/zero | tr '\0' 'A' |
	sed 's/^/{"generation": 1, "data": "/; s/$/"}/' |
	"$lwl" encode ../../schemas/cache.lwl cache.Object.read.response >"$scratch/read"
shows dump.brief 0 "$lwl" dump --brief ../../schemas/cache.lwl <"$scratch/read"

# ---- there and back ----

lines values.txt >"$scratch/values"
while read -r type json; do
	printf '%s' "$json" >"$scratch/json"
	if ! "$lwl" encode all.lwl "$type" <"$scratch/json" >"$scratch/bytes"; then
		fail "encode $type $json"
		continue
	fi
	"$lwl" decode --compact all.lwl "$type" <"$scratch/bytes" |
		sed 's/^{"$header":{[^}]*},*/{/' | tr -d '\n' >"$scratch/back"
	same "$type $json" "$scratch/json" "$scratch/back"
	"$lwl" dump all.lwl <"$scratch/bytes" >"$scratch/out" 2>&1 || fail "dump $type $json"
done <"$scratch/values"

# What has more than one form: what is read, and as what it is written.
while read -r given wanted; do
	echo "{\"names\": {\"colour\": \"RED\", \"level\": \"LOW\", \"big\": \"LAST\", \"hint\": 0, \"wide\":0,
		\"mode\": [], \"marks\": []}, \"numbers\": {\"b\": false, \"u8\": 0, \"u16\": 0, \"u32\": 0,
		\"s8\": 0, \"s16\": 0, \"s32\": 0, \"s64\": 0, \"u64\": 0, \"f32\": 0, \"f64\": 0}}" |
		sed "s/$given/" >"$scratch/json"
	"$lwl" encode all.lwl $put <"$scratch/json" >"$scratch/bytes" || fail "encode $given"
	expect "read $given" 0 "$lwl" decode all.lwl $put <"$scratch/bytes"
	if grep -q -e "$wanted" "$scratch/out"; then ok; else fail "$given is not read as $wanted"; fi
done <<'END'
"u64":.0/"u64":"5" "u64":5
"s64":.0/"s64":"-5" "s64":-5
"f32":.0/"f32":3 "f32":3.0
"f64":.0/"f64":1E2 "f64":100.0
"hint":.0/"hint":1 "hint":"SEQUENTIAL"
"wide":.0/"wide":"18446744073709551615" "wide":"18446744073709551615"
"colour":."RED"/"colour":2 "colour":"GREEN"
"level":."LOW"/"level":-2 "level":"LOW"
"mode":.../"mode":[33] "mode":\["READ","APPEND"\]
"mode":.../"mode":["READ",32] "mode":\["READ","APPEND"\]
"marks":.../"marks":["9223372036854775809"] "marks":\["FIRST","9223372036854775808"\]
END

# The header: options go before $header, which goes before what is usual.
header() {
	type=$1 json=$2 wanted=$3
	shift 3
	printf '%s' "$json" | "$lwl" encode "$@" all.lwl "$type" >"$scratch/bytes"
	"$lwl" decode --compact all.lwl "$type" <"$scratch/bytes" >"$scratch/out"
	if grep -q "^{\"\$header\":$wanted" "$scratch/out"; then ok; else fail "header of $json with $*"; fi
}
header all.Thing.set.response '{}' '{"linkid":"0x1","msgid":1}'
header all.Thing.tell.oneway '{"line":""}' '{"linkid":"0x1","msgid":0}'
header all.Thing.set.response '{"$header":{"linkid":"0xfe","msgid":9}}' '{"linkid":"0xfe","msgid":9}'
header all.Thing.set.response '{"$header":{"msgid":9}}' '{"linkid":"0x1","msgid":9}'
header all.Thing.set.response '{"$header":{"linkid":"0xfe","msgid":9}}' '{"linkid":"0x5","msgid":9}' --linkid=5
header all.Thing.set.response '{"$header":{"linkid":"0xfe","msgid":0}}' '{"linkid":"0xfe","msgid":8}' --msgid=8
header all.Thing.set.response '{}' '{"linkid":"0xffffffffffffffff","msgid":4294967295}' \
	--linkid=0xffffffffffffffff --msgid=4294967295

# ---- bad input ----

lines bad-json.txt >"$scratch/json-lines"
: >"$scratch/said"
while read -r type json; do
	printf '%s' "$json" | "$lwl" encode all.lwl "$type" >"$scratch/out" 2>"$scratch/err"
	if [ $? -eq 1 ] && [ ! -s "$scratch/out" ]; then ok; else fail "refuse $type $json"; fi
	{ echo "$json"; sed 's/^/	/' "$scratch/err"; } >>"$scratch/said"
done <"$scratch/json-lines"
golden bad-json "$scratch/said"
printf '{\n  "lists": {\n\t"é": 1}}' >"$scratch/json"
silent 'lines and columns' 1 "$lwl" encode all.lwl $put <"$scratch/json"
says '^lwl: stdin:3:2: lists.é: there is no such field'
printf '{"numbers": {"x\033[31m": 1}}' >"$scratch/json"
silent 'control characters' 1 "$lwl" encode all.lwl $put <"$scratch/json"
if LC_ALL=C grep -q "$(printf '\033')" "$scratch/err"; then fail 'an escape reached the terminal'; else ok; fi

# change OFFSET BYTE: the bytes of message.hex with another one in that place.
change() {
	sed 's/#.*//' message.hex | tr -s ' \t\n' '\n' | grep . |
		awk -v at="$1" -v byte="$2" '{ print NR - 1 == at ? byte : $0 }'
}

lines bad-messages.txt >"$scratch/changes"
: >"$scratch/said"
while read -r at byte; do
	change "$at" "$byte" >"$scratch/hex"
	silent "refuse $byte at $at" 1 "$lwl" decode --hex all.lwl $put <"$scratch/hex"
	{ echo "$at $byte"; sed 's/^/	/' "$scratch/err"; } >>"$scratch/said"
	"$lwl" dump --hex all.lwl <"$scratch/hex" >"$scratch/out" 2>"$scratch/err"
	echo "	dump: $?" >>"$scratch/said"
	grep -B 1 '^     ^' "$scratch/out" >>"$scratch/said"
	sed 's/^/	/' "$scratch/err" >>"$scratch/said"
done <"$scratch/changes"
golden bad-messages "$scratch/said"

for size in 0 8 15 17 100; do
	head -c $size "$scratch/message" >"$scratch/cut"
	silent "decode $size bytes" 1 "$lwl" decode all.lwl $put <"$scratch/cut"
	says '^lwl: LENGTH at offset 14'
done
cat "$scratch/message" "$scratch/message" >"$scratch/two"
silent 'decode two messages' 1 "$lwl" decode all.lwl $put <"$scratch/two"
shows dump.cut 1 "$lwl" dump all.lwl <"$scratch/cut"
head -c 10 "$scratch/message" >"$scratch/cut"
shows dump.cut.header 1 "$lwl" dump all.lwl <"$scratch/cut"
expect 'dump nothing' 0 "$lwl" dump all.lwl </dev/null
for cut in 1 2 3 5 8 13 21 34 55 89 144 233 377 610 863; do
	head -c $cut "$scratch/message" >"$scratch/cut"
	expect "dump $cut bytes" 1 "$lwl" dump all.lwl <"$scratch/cut"
	says 'cut off'
	expect "dump $cut bytes without a schema" 1 "$lwl" dump <"$scratch/cut"
	says 'cut off'
done

hex() {
	printf "$1" >"$scratch/hex"
	silent "hex '$1'" 1 "$lwl" decode --hex all.lwl $put <"$scratch/hex"
	says "$2"
}
hex '0' '^lwl: stdin:1:2: a byte is written as two digits'
hex '00 0 0' '^lwl: stdin:1:5: a byte is written as two digits'
hex '00\n00 0g' "^lwl: stdin:2:5: 'g' is no hexadecimal digit"
hex '00 \001' '^lwl: stdin:1:4: byte 0x01 is no hexadecimal digit'
hex '# 00' '^lwl: LENGTH at offset 14'

# ---- usage ----

usage() {
	pattern=$1
	shift
	silent "lwl $*" 2 "$lwl" "$@" </dev/null
	says "$pattern"
}
usage 'what is to be done'
usage "no command 'decod'; did you mean decode?" decod
usage "no command 'xyz'" xyz
usage 'which schema?' decode
usage 'which TYPE?' encode all.lwl
usage 'is too much' types all.lwl $put
usage "'7x' is no number" encode --linkid=7x all.lwl $put
usage "'-1' is no number" encode --msgid=-1 all.lwl $put
usage "'4294967296' is no number" encode --msgid=4294967296 all.lwl $put
usage 'none of auto, always, never' dump --color=red
usage 'and there is none' dump --interface=all.Thing
usage 'unrecognized option' decode --colour all.lwl $put
usage 'nosuch.lwl: No such file' types nosuch.lwl
usage 'is a directory' types .
usage 'neither a file' types /dev/null
usage "no message 'all.Thing.put'" decode all.lwl all.Thing.put
usage 'all.Thing.put.response' decode all.lwl all.Thing.put
usage 'all.Thing.tell.oneway' decode all.lwl all.Thing.tel.oneway
usage 'error\[L' types ../bad/L0042.lwl
silent 'msgid 0 for a request' 1 "$lwl" encode --msgid=0 all.lwl $put <message.json
says 'msgid 0 is for one-way'
for command in '' decode encode dump types; do
	shows "help$command" 0 "$lwl" $command --help
	if [ "$(awk 'length > 79' "$scratch/out" | wc -l)" -eq 0 ]; then ok; else fail "help of '$command' is wide"; fi
done
expect '--version' 0 "$lwl" --version
if [ -e /dev/full ]; then
	expect 'decode to a full disk' 2 sh -c "exec '$lwl' decode all.lwl $put <'$scratch/message' >/dev/full"
	expect 'dump to a full disk' 2 sh -c "exec '$lwl' dump all.lwl <'$scratch/message' >/dev/full"
	expect 'encode to a full disk' 2 sh -c "exec '$lwl' encode all.lwl $put <message.json >/dev/full"
	expect 'types to a full disk' 2 sh -c "exec '$lwl' types all.lwl >/dev/full"
fi

# ---- completion and manual ----

completes() {
	wanted=$1
	shift
	found=$(PATH=$(dirname "$lwl"):$PATH bash -c '. ../../tools/lwl.bash
		COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)); _lwl; echo "${COMPREPLY[*]}"' bash "$@" 2>&1)
	if [ "$found" = "$wanted" ]; then ok; else fail "completion of '$*': '$found', not '$wanted'"; fi
}
if command -v bash >/dev/null; then
	completes 'decode' lwl de
	completes '--compact' lwl decode --c
	completes 'auto always never' lwl dump --color = ''
	completes 'all.lwl' lwl decode al
	completes 'all.Thing.put.request all.Thing.put.response' lwl decode all.lwl all.Thing.put
	completes 'all.Thing.tell.oneway' lwl encode --hex --linkid = 5 -I ../../schemas all.lwl all.Thing.t
	completes '' lwl dump all.lwl ''
else
	echo 'skipped: bash is not installed'
fi
if command -v mandoc >/dev/null; then
	expect 'the manual page' 0 mandoc -T lint -W warning ../../docs/lwl.1
else
	echo 'skipped: mandoc is not installed'
fi

# ---- a binary schema, imports, terminals, endless and hostile input ----

LWL_SECONDS=$seconds LWL_MEGABYTES=$megabytes python3 hostile.py "$lwl" "$scratch" >"$scratch/out"
while read -r word rest; do
	case $word in
	ok) ok ;;
	FAIL) fail "$rest" ;;
	esac
done <"$scratch/out"
if [ "$(tail -n 1 "$scratch/out")" = end ]; then ok; else fail 'hostile.py did not come to its end'; fi

python3 vectors.py "$lwl" >"$scratch/out"
grep '^FAIL' "$scratch/out" | head
count=$(tail -n 1 "$scratch/out")
case $count in
*' passed, '*' failed')
	passed=$((passed + ${count%% passed*}))
	count=${count#*, }
	failed=$((failed + ${count%% failed*}))
	;;
*)
	fail 'vectors.py did not come to its end'
	;;
esac

rm -rf "$scratch"
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
