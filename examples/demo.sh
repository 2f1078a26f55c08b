#!/bin/sh
# make demo: a real directory tree, listed by one process and read by another.  usage: demo.sh TREE DIR
# ADDRESS in the environment says how the two meet: an address as in lwlink/loop.h (tcp:127.0.0.1:0,
# unix:@name); `exec`: the lister starts the server; `fd`: two pipes that both are given.
set -eu
tree=$1 dir=$2
[ -d "$dir" ] || { echo "demo: $dir is not a directory" >&2; exit 1; }
case $dir in
/*) ;;
*) dir=./$dir ;;
esac

scratch=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null; rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM
address=${ADDRESS:-unix:$scratch/socket}

# What the server says first: where it can be dialled, or why not.
listening() {
	tries=0
	until [ -s "$scratch/server" ] || [ $tries -gt 200 ]; do
		tries=$((tries + 1))
		sleep 0.05
	done
	sed -n 's/^tree: listening on //p' "$scratch/server" | grep . || {
		cat "$scratch/server" >&2
		return 1
	}
}

failed() {
	echo "demo: the listing failed" >&2
	cat "$scratch/figures" "$scratch/server" >&2
	exit 1
}

echo "== Two processes and a link ($address): one reads $dir, the other asks it and prints what it hears"
: >"$scratch/server"
: >"$scratch/figures"
case $address in
exec)
	TREE=$tree DIR=$dir
	export TREE DIR
	"$tree" list -0 --save "$scratch/message" 'exec:exec "$TREE" serve --listen fd:0,1 "$DIR"' \
		>"$scratch/ours" 2>"$scratch/figures" || failed
	;;
fd)
	mkfifo "$scratch/there" "$scratch/back"
	"$tree" serve --listen fd:0,1 "$dir" <"$scratch/there" >"$scratch/back" 2>"$scratch/server" &
	server=$!
	"$tree" list -0 --save "$scratch/message" fd:4,3 3>"$scratch/there" 4<"$scratch/back" \
		>"$scratch/ours" 2>"$scratch/figures" || failed
	;;
*)
	"$tree" serve --once --listen "$address" "$dir" 2>"$scratch/server" &
	server=$!
	at=$(listening)
	"$tree" list -0 --save "$scratch/message" "$at" >"$scratch/ours" 2>"$scratch/figures" || failed
	;;
esac
[ -z "$server" ] || wait "$server" || failed
server=
tr '\0' '\n' <"$scratch/ours" | head -n 8
echo "..."
sed '/listening on/d; s/^tree: //' "$scratch/figures" "$scratch/server"
left=$(sed -n 's/.* references .*, \([0-9]*\) of them left.*/\1/p' "$scratch/figures" "$scratch/server" | tr '\n' ' ')
[ "$left" = "0 0 " ] || { echo "demo: references are left" >&2; exit 1; }

echo
echo "== The same tree as find(1) sees it"
(cd "$dir" && find . -mindepth 1 \( -type l -printf '%y %m %s %n %i %T@ %P -> %l\0' -o \
	-printf '%y %m %s %n %i %T@ %P\0' \)) | LC_ALL=C sort -z >"$scratch/find"
LC_ALL=C sort -z "$scratch/ours" >"$scratch/sorted"
if cmp -s "$scratch/sorted" "$scratch/find"; then
	echo "$(tr -cd '\0' <"$scratch/find" | wc -c) entries: equal in type, mode, size, links, inode, time, name and target"
else
	echo "the listings differ (did the tree change meanwhile?):"
	tr '\0' '\n' <"$scratch/sorted" >"$scratch/1"
	tr '\0' '\n' <"$scratch/find" >"$scratch/2"
	diff "$scratch/1" "$scratch/2" | head -n 20
	exit 1
fi

[ -s "$scratch/ours" ] || { echo "(an empty directory has no entries to look at)"; exit 0; }

echo
echo "== One message, byte by byte: the first answer of readdir"
"$tree" show "$scratch/message"

echo
echo "== The same message, damaged on the way"
"$tree" damage "$scratch/message"
