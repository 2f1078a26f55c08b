#!/bin/sh
# lwlc fmt: the style, what it leaves alone, and that it loses nothing.
#
#	run.sh LWLC SCRATCH
#
# NAME.lwl becomes NAME.expect; FMT_UPDATE=1 renews these, read what changed.  Every schema in the
# tree is formatted twice, and the second time changes nothing.  Then fuzz.py.  Needs python3.

set -u
[ $# -eq 2 ] || { echo "usage: $0 LWLC SCRATCH" >&2; exit 2; }
lwlc=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
mkdir -p "$2" || exit 2
scratch=$(cd "$2" && pwd)/fmt
here=$(cd "$(dirname "$0")" && pwd) || exit 2
root=$(cd "$here/../.." && pwd) || exit 2
trap 'chmod -R u+w "$scratch"; rm -rf "$scratch"' EXIT
trap 'exit 2' HUP INT TERM
rm -rf "$scratch"
mkdir "$scratch" && cd "$scratch" || exit 2
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
	"$@" >out 2>err
	status=$?
	if [ $status -eq "$wanted" ]; then
		ok
	else
		fail "$name: exit code $status instead of $wanted"
		head -n 5 err
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

# ---- the style ----

for file in "$here"/*.lwl; do
	name=$(basename "$file" .lwl)
	expect "$name" 0 "$lwlc" fmt --stdout "$file"
	if [ "${FMT_UPDATE:-0}" = 1 ]; then
		cp out "$here/$name.expect"
	fi
	if diff -u "$here/$name.expect" out; then ok; else fail "$name: the text differs"; fi
done

# ---- every schema of the tree: formatted once is formatted for good ----

find "$root/schemas" "$root/tests" "$root/examples" -name '*.lwl' | LC_ALL=C sort >files
parsed=0
while read -r file; do
	case $file in
	"$scratch"/*) continue ;;
	esac
	"$lwlc" fmt --stdout "$file" >once.lwl 2>err
	status=$?
	case $status in
	0)
		parsed=$((parsed + 1))
		that "$file: formatted twice differs" "$lwlc" fmt --check once.lwl
		;;
	1)
		if [ -s once.lwl ] || ! grep -q 'error\[L' err; then
			fail "$file: refused without a reason, or something was written"
		else
			ok
		fi
		;;
	*)
		fail "$file: exit code $status"
		;;
	esac
done <files
if [ $parsed -ge 20 ]; then ok; else fail "only $parsed schemas of the tree could be formatted"; fi
expect "schemas/ are in style" 0 "$lwlc" fmt --check "$root"/schemas/*.lwl

# ---- files ----

printf 'library a.b   version 1;\n' >ugly.lwl
printf 'library a.b version 1;\n' >good.lwl
cp ugly.lwl copy.lwl
expect '--check tells' 1 "$lwlc" fmt --check good.lwl ugly.lwl
printf 'ugly.lwl:1: not formatted\n-library a.b   version 1;\n+library a.b version 1;\n' >wanted
that '--check shows the first difference' cmp wanted out
that '--check writes nothing' cmp ugly.lwl copy.lwl
expect '--check of what is in style' 0 "$lwlc" fmt --check good.lwl
that '--check is silent then' test ! -s out
expect '--stdout' 0 "$lwlc" fmt --stdout ugly.lwl
that '--stdout prints' cmp out good.lwl
that '--stdout does not write' cmp ugly.lwl copy.lwl
expect 'standard input' 0 sh -c '"$1" fmt - <ugly.lwl' sh "$lwlc"
that 'standard input is printed' cmp out good.lwl
expect '--check of standard input' 1 sh -c '"$1" fmt --check - <ugly.lwl' sh "$lwlc"
that 'which is named' grep -q '^<stdin>:1:' out

touch -d '2001-01-01' good.lwl
expect 'a file that is in style' 0 "$lwlc" fmt good.lwl
that 'is not touched' test good.lwl -ot ugly.lwl
chmod 640 copy.lwl
ln -s copy.lwl link.lwl
expect 'a symbolic link' 0 "$lwlc" fmt link.lwl
that 'stays one' test -L link.lwl
that 'and its file is formatted' cmp copy.lwl good.lwl
that 'with its permissions' test "$(stat -c %a copy.lwl)" = 640
that 'and nothing is left behind' test "$(ls -d copy.lwl*)" = copy.lwl

printf 'library a.b   version 1;\ngroup {' >broken.lwl
cp broken.lwl copy.lwl
expect 'a file that does not parse' 1 "$lwlc" fmt broken.lwl ugly.lwl
that 'is reported' grep -q '^broken.lwl:2:.*error\[L0001\]' err
that 'is not touched' cmp broken.lwl copy.lwl
that 'and others are formatted all the same' cmp ugly.lwl good.lwl
expect 'no such file' 2 "$lwlc" fmt none.lwl
expect 'a folder' 2 "$lwlc" fmt .
expect 'no file' 2 "$lwlc" fmt
expect 'an unknown option' 2 "$lwlc" fmt --nonsense good.lwl
expect 'two options that exclude each other' 2 "$lwlc" fmt --check --stdout good.lwl
expect '--help' 0 "$lwlc" fmt --help
that '--help helps' grep -q -e '--check' out
head -c 17000000 /dev/zero | tr '\0' ' ' >large.lwl
expect 'more than 16 MiB' 2 "$lwlc" fmt --check large.lwl
printf 'library fmt version 1;\n' >fmt
expect 'a schema of that name is compiled' 0 "$lwlc" --emit none ./fmt
if [ "$(id -u)" -ne 0 ]; then
	printf 'library a.b   version 1;\n' >locked.lwl
	chmod 444 locked.lwl
	expect 'a file that may not be written' 2 "$lwlc" fmt locked.lwl
	that 'is not' not cmp -s locked.lwl good.lwl
fi
printf '\357\273\277library a.b version 1;\r\n// x \r\n' >dos.lwl
printf 'library a.b version 1;\n// x\n' >unix.lwl
expect 'byte order mark and CR LF' 0 "$lwlc" fmt dos.lwl
that 'go' cmp dos.lwl unix.lwl

# ---- blanks and comments anywhere ----

if python3 "$here/fuzz.py" "$lwlc" "$scratch" "$root" >out; then
	passed=$((passed + $(awk '{ n = $1 } END { print n }' out)))
else
	cat out
	failed=$((failed + 1))
fi

echo "fmt: $passed passed, $failed failed"
[ $failed -eq 0 ]
