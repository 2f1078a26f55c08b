#!/bin/sh
# make demo: a real directory tree, listed by one process and read by another.  usage: demo.sh TREE DIR
set -eu
tree=$1 dir=$2
[ -d "$dir" ] || { echo "demo: $dir is not a directory" >&2; exit 1; }
case $dir in
/*) ;;
*) dir=./$dir ;;
esac

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM

echo "== Two processes and a pipe: one reads $dir, the other asks it and prints what it hears"
"$tree" list -0 --save "$scratch/message" "$dir" >"$scratch/ours" 2>"$scratch/figures"
tr '\0' '\n' <"$scratch/ours" | head -n 8
echo "..."
cat "$scratch/figures"

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
