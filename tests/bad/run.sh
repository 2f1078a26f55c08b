#!/bin/sh
# Every diagnostic has a schema that causes it, and exactly the expected text comes out.
#
#	run.sh LWLC [L0042 ...]
#
# L0042.lwl is the schema, or L0042.sh makes it in the current folder; L0042.expect is what the
# compiler prints.  The compiler must fail and leave no file behind.  BAD_UPDATE=1 renews the
# expected texts; read what changed.

set -u
[ $# -ge 1 ] || { echo "usage: $0 LWLC [NUMBER ...]" >&2; exit 2; }
case $1 in
/*) lwlc=$1 ;;
*) lwlc=$(pwd)/$1 ;;
esac
shift
here=$(cd "$(dirname "$0")" && pwd) || exit 2
scratch=$(mktemp -d) || exit 2
trap 'rm -rf "$scratch"' EXIT
trap 'exit 2' HUP INT TERM

"$lwlc" --explain list >"$scratch/list" || { echo "$lwlc --explain list fails" >&2; exit 2; }
numbers=$(awk '{ print $1 }' "$scratch/list")
[ -n "$numbers" ] || { echo "$lwlc knows no diagnostics" >&2; exit 2; }
passed=0 failed=0

fail() {
	echo "FAIL $1: $2"
	failed=$((failed + 1))
}

check() {
	folder=$here
	if [ -f "$here/$1.sh" ]; then
		folder=$scratch/$1
		mkdir "$folder" && (cd "$folder" && sh "$here/$1.sh") ||
			{ fail "$1" "the schema could not be made"; return; }
	fi
	[ -f "$folder/$1.lwl" ] || { fail "$1" "there is no schema for it"; return; }
	mkdir "$scratch/out"
	(cd "$folder" && "$lwlc" -o "$scratch/out" "$1.lwl") >"$scratch/stdout" 2>"$scratch/stderr"
	status=$?
	written=$(ls -A "$scratch/out")
	rm -rf "$scratch/out"
	if [ "$folder" != "$here" ]; then
		rm -rf "$folder"
	fi
	if [ "${BAD_UPDATE:-0}" = 1 ]; then
		cp "$scratch/stderr" "$here/$1.expect"
	fi
	if [ $status -ne 1 ]; then
		fail "$1" "exit code $status instead of 1"
	elif [ -n "$written" ]; then
		fail "$1" "files were written: $written"
	elif [ -s "$scratch/stdout" ]; then
		fail "$1" "something was printed to the standard output"
	elif ! diff -u "$here/$1.expect" "$scratch/stderr"; then
		fail "$1" "the text differs"
	elif ! grep -q "error\[$1\]" "$scratch/stderr"; then
		fail "$1" "the diagnostic is not the one that the file is named for"
	else
		passed=$((passed + 1))
	fi
}

if [ $# -gt 0 ]; then
	for number in "$@"; do
		check "$number"
	done
else
	for number in $numbers; do
		check "$number"
	done
	# A schema without a number is a test that nobody runs.
	for file in "$here"/L????.lwl "$here"/L????.sh "$here"/L????.expect; do
		name=$(basename "${file%.*}")
		grep -q "^$name " "$scratch/list" || fail "$name" "there is no such diagnostic"
	done
fi
echo "bad schemas: $passed passed, $failed failed"
[ $failed -eq 0 ]
