#!/bin/sh
# lwlc diff: what each kind of change breaks, the exit codes, and random changes.
#
#	run.sh LWLC SCRATCH
#
# From NAME.old.lwl to NAME.new.lwl there is what NAME.expect says: what is printed with --verbose,
# and the exit code in the last line.  DIFF_UPDATE=1 renews these, read what changed.  Then
# evolve.py.  Needs python3.

set -u
[ $# -eq 2 ] || { echo "usage: $0 LWLC SCRATCH" >&2; exit 2; }
lwlc=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
mkdir -p "$2" || exit 2
scratch=$(cd "$2" && pwd)/diff
here=$(cd "$(dirname "$0")" && pwd) || exit 2
root=$(cd "$here/../.." && pwd) || exit 2
trap 'rm -rf "$scratch"' EXIT
trap 'exit 2' HUP INT TERM
rm -rf "$scratch"
mkdir "$scratch" && cd "$here" || exit 2
passed=0 failed=0

ok() {
	passed=$((passed + 1))
}

fail() {
	echo "FAIL $1"
	failed=$((failed + 1))
}

# expect NAME STATUS COMMAND...: the exit code; what was printed goes to `out` and `err`.
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

# that NAME COMMAND...: the command succeeds.
that() {
	name=$1
	shift
	if "$@" >/dev/null 2>&1; then ok; else fail "$name"; fi
}

not() {
	! "$@"
}

# ---- one pair for each kind of change ----

for old in *.old.lwl; do
	name=${old%.old.lwl}
	"$lwlc" diff --verbose "$old" "$name.new.lwl" >"$scratch/out" 2>&1
	echo "exit $?" >>"$scratch/out"
	if [ "${DIFF_UPDATE:-0}" = 1 ]; then
		cp "$scratch/out" "$name.expect"
	fi
	if diff -u "$name.expect" "$scratch/out"; then ok; else fail "$name: the text differs"; fi
	# JSON says the same.
	"$lwlc" diff --verbose --format=json "$old" "$name.new.lwl" >"$scratch/json"
	echo "exit $?" >"$scratch/status"
	if python3 - "$scratch/json" >"$scratch/text" <<'EOF' &&
import json, sys
result = json.load(open(sys.argv[1]))
for change in result["changes"]:
    for side, text in (("new", change["tier"] + ": " + change["message"]), ("old", "note: before")):
        place = change[side]
        print("%s:%d:%d: %s" % (place["file"], place["line"], place["column"], text))
    if change["tier"] == "wire":
        print("breaks: " + (" and ".join(change["breaks"]) or "nobody yet"))
worst = [change["tier"] for change in result["changes"]] + ["compatible"]
assert result["verdict"] == min(worst, key=["wire", "source", "version", "compatible"].index)
EOF
	   grep -v -e '^#' -e '^$' -e '^[0-9]* break the wire' -e '^exit' "$scratch/out" |
		diff - "$scratch/text" >"$scratch/diff" &&
	   tail -n 1 "$scratch/out" | cmp -s - "$scratch/status"; then
		ok
	else
		fail "$name: JSON differs from the text"
		cat "$scratch/diff"
	fi
done

# ---- whole schemas ----

for file in "$root"/schemas/*.lwl; do
	expect "$file against itself" 0 "$lwlc" diff -v "$file" "$file"
	that 'nothing is listed' test "$(wc -l <"$scratch/out")" -eq 1
done

# ---- the command line ----

printf 'library a.b version 1;\ngroup A { 1: Nothing a; }\n' >"$scratch/broken.lwl"
expect 'a schema with errors' 2 "$lwlc" diff same.old.lwl "$scratch/broken.lwl"
that 'is reported' grep -q 'error\[L0031\]' "$scratch/err"
that 'nothing is compared' test ! -s "$scratch/out"
expect 'the other one' 2 "$lwlc" diff "$scratch/broken.lwl" same.old.lwl
expect 'no such file' 2 "$lwlc" diff same.old.lwl none.lwl
expect 'one file' 2 "$lwlc" diff same.old.lwl
expect 'three files' 2 "$lwlc" diff same.old.lwl same.old.lwl same.old.lwl
expect 'an unknown format' 2 "$lwlc" diff --format=xml same.old.lwl same.new.lwl
expect '--help' 0 "$lwlc" diff --help
that '--help tells the exit codes' grep -q 'Exit status: 0' "$scratch/out"
expect 'without --verbose' 0 "$lwlc" diff additions-with-version.old.lwl additions-with-version.new.lwl
that 'compatible changes are counted only' test "$(wc -l <"$scratch/out")" -eq 1
printf 'library a.b version 1;\nimport "shared.lwl";\ngroup A { 1: shared.S s; }\n' \
	>"$scratch/importer.lwl"
expect 'without -I' 2 "$lwlc" diff "$scratch/importer.lwl" "$scratch/importer.lwl"
expect 'with -I' 0 "$lwlc" diff -I a "$scratch/importer.lwl" "$scratch/importer.lwl"
expect 'a full disk' 2 sh -c '"$1" diff type.old.lwl type.new.lwl >/dev/full' sh "$lwlc"

# ---- random changes ----

if python3 evolve.py "$lwlc" "$scratch" >"$scratch/out"; then
	passed=$((passed + $(awk '{ n = $1 } END { print n }' "$scratch/out")))
else
	cat "$scratch/out"
	failed=$((failed + 1))
fi

echo "diff: $passed passed, $failed failed"
[ $failed -eq 0 ]
