#!/bin/sh
# usage: demo.sh TREE SCRATCH: the demo on trees that are easy to get wrong.
set -u
tree=$1 scratch=$2
chmod -R u+rwx "$scratch" 2>/dev/null
rm -rf "$scratch"
mkdir -p "$scratch/names" "$scratch/empty" "$scratch/many" || exit 2
passed=0 failed=0

# demo WHAT DIR TEXT: the demo of DIR succeeds and says TEXT.
demo() {
	if sh examples/demo.sh "$tree" "$2" >"$scratch/log" 2>&1 && grep -q "$3" "$scratch/log"; then
		passed=$((passed + 1))
	else
		echo "FAILED: $1"
		cat "$scratch/log"
		failed=$((failed + 1))
	fi
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

# A message that is not one.
printf 'nonsense, but long enough for a header' >"$scratch/bad"
if "$tree" show "$scratch/bad" >"$scratch/log" 2>&1 || ! grep -q 'LENGTH at offset 14' "$scratch/log"; then
	echo 'FAILED: a file that is no message'
	failed=$((failed + 1))
else
	passed=$((passed + 1))
fi
if "$tree" list "$scratch/none" >"$scratch/log" 2>&1; then
	echo 'FAILED: a directory that is not there'
	failed=$((failed + 1))
else
	passed=$((passed + 1))
fi
rm -rf "$scratch/many"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
