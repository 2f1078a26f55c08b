#!/bin/sh
# The command line of lwlc: exit codes, where it writes and when not, hostile input.
#
#	run.sh LWLC SCRATCH
#
# Needs python3.  LWLC_SECONDS and LWLC_MEGABYTES are the limits for hostile input (1, 64); raise
# them for a sanitized build.

set -u
[ $# -eq 2 ] || { echo "usage: $0 LWLC SCRATCH" >&2; exit 2; }
lwlc=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
mkdir -p "$2" || exit 2
scratch=$(cd "$2" && pwd)/cli
here=$(cd "$(dirname "$0")" && pwd) || exit 2
seconds=${LWLC_SECONDS:-1} megabytes=${LWLC_MEGABYTES:-64}
mounted=
tidy() {
	[ -z "$mounted" ] || umount "$mounted"
	chmod -R u+w "$scratch" 2>/dev/null
	rm -rf "$scratch"
}
trap tidy EXIT
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

says() {
	if grep -q -e "$2" "$1"; then ok; else fail "$name: '$2' is not in $1"; head -n 5 "$1"; fi
}

as_root() {
	[ "$(id -u)" -eq 0 ]
}

cat >good.lwl <<'END'
library test.good version 1;
import "other.lwl";
group A { 1: u8 a; 2: other.B b; }
interface I id 1 { command c = 1 { request { 1: A a; } response { } } }
END
cat >other.lwl <<'END'
library test.other version 1;
group B { 1: u8 b; }
END
printf 'library test.bad version 1;\ngroup A { 1: Missing a; }\n' >bad.lwl

# ---- exit codes and what is printed ----

expect "no schema" 2 "$lwlc"
says err "which schema"
expect "two schemas" 2 "$lwlc" good.lwl other.lwl
expect "unknown option" 2 "$lwlc" --nonsense good.lwl
expect "unknown --emit" 2 "$lwlc" --emit=python good.lwl
expect "unknown --format" 2 "$lwlc" --format=xml good.lwl
expect "unknown --color" 2 "$lwlc" --color=blue good.lwl
expect "-M alone" 2 "$lwlc" -M X good.lwl
expect "-MF without a file" 2 "$lwlc" good.lwl -MF
expect "--help" 0 "$lwlc" --help
says out "Exit status"
expect "--usage" 0 "$lwlc" --usage
expect "--version" 0 "$lwlc" --version
says out "^lwlc [0-9]"
expect "--explain list" 0 "$lwlc" --explain list
says out "^L0042 "
expect "--explain" 0 "$lwlc" --explain L0042
that "--explain prints" test -s out
expect "--explain, digits" 0 "$lwlc" --explain 42
expect "--explain, unknown" 2 "$lwlc" --explain L9999
expect "--explain, no number" 2 "$lwlc" --explain Lx
expect "--explain, nothing" 2 "$lwlc" --explain ""
for number in $("$lwlc" --explain list | awk '{ print $1 }'); do
	expect "--explain $number" 0 "$lwlc" --explain "$number"
done
that "nothing was written" not test -e good.lwl.h

expect "a wrong schema" 1 "$lwlc" -o . bad.lwl
says err "^bad.lwl:2:14: error\[L0031\]"
that "no output of a wrong schema" not ls bad.lwl.h bad.lwl.c
expect "a missing schema" 1 "$lwlc" missing.lwl
says err "missing.lwl"
expect "a folder as schema" 1 "$lwlc" .
expect "a device as schema" 1 "$lwlc" /dev/null
expect "/dev/zero as schema" 1 timeout 5 "$lwlc" /dev/zero
expect "an empty schema" 1 sh -c ": >empty.lwl; '$lwlc' empty.lwl"
mkfifo pipe.lwl
expect "a schema from a pipe" 0 \
	sh -c "cat other.lwl >pipe.lwl & timeout 10 '$lwlc' --emit none pipe.lwl"
if as_root; then
	echo "skipped: an unreadable schema (root reads all)"
else
	cp good.lwl unreadable.lwl
	chmod 0 unreadable.lwl
	expect "an unreadable schema" 1 "$lwlc" unreadable.lwl
fi

# ---- output ----

mkdir out-dir
expect "-o" 0 "$lwlc" -o out-dir good.lwl
that "four files" test "$(echo out-dir/*)" = \
	"out-dir/good.link.c out-dir/good.link.h out-dir/good.lwl.c out-dir/good.lwl.h"
that "silent" test ! -s out -a ! -s err
rm out-dir/*
expect "no interfaces" 0 "$lwlc" -o out-dir other.lwl
that "two files" test "$(echo out-dir/*)" = "out-dir/other.lwl.c out-dir/other.lwl.h"
rm out-dir/*
expect "--emit codec" 0 "$lwlc" -o out-dir --emit codec good.lwl
that "two files" test "$(echo out-dir/*)" = "out-dir/good.lwl.c out-dir/good.lwl.h"
rm out-dir/*
expect "--emit none" 0 "$lwlc" -o out-dir --emit none good.lwl
that "no files" test "$(ls out-dir | wc -l)" -eq 0
expect "-o missing" 2 "$lwlc" -o not/there good.lwl
says err "not/there"
expect "-o below a file" 2 "$lwlc" -o good.lwl/sub good.lwl
mkdir -p blocked/good.link.c
expect "a folder in the place of an output" 2 "$lwlc" -o blocked good.lwl
that "all or nothing" test "$(ls blocked)" = good.link.c
if as_root; then
	echo "skipped: -o without permission (root writes all)"
else
	mkdir locked
	chmod 555 locked
	expect "-o without permission" 2 "$lwlc" -o locked good.lwl
	that "nothing in it" test "$(ls locked | wc -l)" -eq 0
fi
mkdir include-dir away
mv other.lwl include-dir
expect "an import that is not found" 1 "$lwlc" -o out-dir good.lwl
expect "-I" 0 "$lwlc" -o out-dir -I away -I include-dir good.lwl
mv include-dir/other.lwl .
rm -f out-dir/*

"$lwlc" -o out-dir good.lwl
touch -d '2001-01-01' out-dir/*
touch -d '2002-02-02' stamp
expect "a second run" 0 "$lwlc" -o out-dir good.lwl
that "unchanged files keep their times" test -z "$(find out-dir -type f -newer stamp)"
echo '// a comment' >>good.lwl
expect "a comment more" 0 "$lwlc" -o out-dir good.lwl
that "still unchanged" test -z "$(find out-dir -type f -newer stamp)"
sed 's/1: u8 a;/1: u8 aa;/' good.lwl >changed && cp changed good.lwl
expect "a field renamed" 0 "$lwlc" -o out-dir good.lwl
that "the messages changed" test "$(find out-dir -type f -newer stamp | wc -l)" -eq 2

mkdir twin
expect "the same again elsewhere" 0 "$lwlc" -o twin good.lwl
that "the same text" diff -r out-dir twin

# ---- a disk without room ----

mkdir small
if as_root && mount -t tmpfs -o size=8k tmpfs small 2>/dev/null; then
	mounted=$scratch/small
	expect "a full disk" 2 "$lwlc" -o small good.lwl
	says err "good"
	that "nothing is left on it" test "$(ls -A small | wc -l)" -eq 0
	printf 'old' >small/good.lwl.h
	expect "a full disk, with an old file" 2 "$lwlc" -o small good.lwl
	that "the old file is as it was" test "$(cat small/good.lwl.h)" = old
	umount small && mounted=
else
	echo "skipped: a full disk (no right to mount one)"
fi
expect "a limit on the size of files" 2 sh -c "trap '' XFSZ; ulimit -f 1; '$lwlc' -o small good.lwl"
that "nothing is left" test "$(ls -A small | wc -l)" -eq 0

# ---- depfiles ----

expect "-MD" 0 "$lwlc" -o out-dir -MD good.lwl
that "-MD writes NAME.lwl.d" test -f out-dir/good.lwl.d
says out-dir/good.lwl.d "^out-dir/good.lwl.h .*out-dir/good.link.c:"
says out-dir/good.lwl.d "^ good.lwl"
says out-dir/good.lwl.d "^ other.lwl$"
says out-dir/good.lwl.d "^other.lwl:$"
expect "-MF FILE" 0 "$lwlc" -o out-dir -MF dep.d good.lwl
that "-MF is the same" cmp dep.d out-dir/good.lwl.d
expect "-MFFILE" 0 "$lwlc" -o out-dir -MFdep2.d good.lwl
that "-MFFILE is the same" cmp dep2.d dep.d
mkdir 'odd $ name'
cp good.lwl other.lwl 'odd $ name'
expect "odd names" 0 "$lwlc" -o 'odd $ name' -MF odd.d 'odd $ name/good.lwl'
cat odd.d >odd.mk
printf 'all: odd\\ $$\\ name/good.lwl.h\n\techo made\n' >>odd.mk
that "make reads odd names" make -rf odd.mk all
expect "-MF that cannot be written" 2 "$lwlc" -o twin -MF missing/dep.d good.lwl
rm -f twin/*
expect "-MF that cannot be written, fresh" 2 "$lwlc" -o twin -MF missing/dep.d good.lwl
that "then nothing is written" test "$(ls twin | wc -l)" -eq 0
expect "-MD after an error" 1 "$lwlc" -o twin -MD bad.lwl
that "no depfile after an error" test "$(ls twin | wc -l)" -eq 0

# ---- diagnostics ----

expect "--format=json" 1 "$lwlc" --format=json bad.lwl
that "it is JSON" python3 -m json.tool err
that "with its members" python3 -c '
import json
report = json.load(open("err"))[0]
assert report["number"] == "L0031" and report["file"] == "bad.lwl"
assert report["line"] == 2 and report["column"] == 14, report'
expect "--format=json, no error" 0 "$lwlc" --format=json --emit none good.lwl
that "an empty array" python3 -c 'import json; assert json.load(open("err")) == []'
expect "--format=json, no file" 1 "$lwlc" --format=json missing.lwl
that "it is JSON, too" python3 -m json.tool err
printf 'library test.x version 1;\n/// \377\ngroup A { }\n' >bytes.lwl
expect "--format=json, not UTF-8" 1 "$lwlc" --format=json bytes.lwl
that "it is JSON all the same" python3 -c 'import json; json.load(open("err", encoding="utf-8"))'
odd_name=$(printf 'od"d\\\tname\377.lwl')
cp bad.lwl "$odd_name"
expect "--format=json, an odd name" 1 "$lwlc" --format=json "$odd_name"
that "it is JSON still" python3 -c 'import json; json.load(open("err", encoding="utf-8"))'
expect "no colours in a file" 1 "$lwlc" bad.lwl
that "no escapes" not grep -q "$(printf '\033')" err
expect "--color=always" 1 "$lwlc" --color=always bad.lwl
says err "$(printf '\033')"
expect "--color=never" 1 "$lwlc" --color=never bad.lwl
that "no escapes" not grep -q "$(printf '\033')" err
# On a terminal: colours, unless NO_COLOR is set.
cat >terminal.py <<'END'
import os, pty, sys
pid, fd = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], sys.argv[1:])
said = b""
try:
    while True:
        chunk = os.read(fd, 4096)
        if not chunk:
            break
        said += chunk
except OSError:
    pass
os.waitpid(pid, 0)
sys.stdout.buffer.write(said)
END
env -u NO_COLOR TERM=xterm python3 terminal.py "$lwlc" bad.lwl >tty 2>&1
that "colours on a terminal" grep -q "$(printf '\033')" tty
NO_COLOR=1 TERM=xterm python3 terminal.py "$lwlc" bad.lwl >tty 2>&1
that "NO_COLOR" not grep -q "$(printf '\033')" tty
that "NO_COLOR, the text" grep -q L0031 tty
expect "a closed standard error" 1 sh -c "'$lwlc' bad.lwl 2>&-"

# ---- hostile input ----

# Each prints nothing but diagnostics, ends with 0 or 1, and keeps to the limits.
cat >limits.py <<'END'
import os, resource, subprocess, sys, time
seconds, megabytes = float(sys.argv[1]), float(sys.argv[2])
start = time.monotonic()
try:
    done = subprocess.run(sys.argv[4:], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          timeout=20 * seconds)
except subprocess.TimeoutExpired:
    sys.exit("it does not end")
used = resource.getrusage(resource.RUSAGE_CHILDREN)
cpu, peak = used.ru_utime + used.ru_stime, used.ru_maxrss / 1024
if str(done.returncode) != sys.argv[3]:
    sys.exit("exit code %d instead of %s: %s" % (done.returncode, sys.argv[3], done.stderr[-400:]))
if done.stdout:
    sys.exit("it prints to the standard output")
if len(done.stderr) > 1 << 20:
    sys.exit("%d bytes of diagnostics" % len(done.stderr))
# Processor time, not the clock: other programs run, too.
if cpu > seconds:
    sys.exit("%.2f s" % cpu)
if peak > megabytes:
    sys.exit("%.0f MB" % peak)
END

hostile() {
	name=$1 wanted=$2
	shift 2
	if python3 limits.py "$seconds" "$megabytes" "$wanted" "$lwlc" --emit none "$@" 2>why; then
		ok
	else
		fail "hostile: $name: $(cat why)"
	fi
}

python3 "$here/hostile.py" . || exit 2
for file in h-*.lwl; do
	hostile "$file" 1 "$file"
done
for file in ok-*.lwl; do
	hostile "$file" 0 "$file"
	mkdir -p big
	expect "$file to C" 0 timeout 60 "$lwlc" -o big "$file"
done
hostile "JSON of many errors" 1 --format=json h-many-errors.lwl
hostile "colours of many errors" 1 --color=always h-many-errors.lwl

# A limit on the size of files: the reason is said, the status is not 0, and nothing is left.
mkdir limited
(ulimit -f 2; "$lwlc" -I "$here/../../schemas" -o limited "$here/../../schemas/vfs.lwl") 2>limited.err
code=$?
if [ $code -ne 0 ] && grep -q 'cannot write limited/vfs' limited.err && [ -z "$(ls -A limited)" ]; then
	ok
else
	echo "FAIL a limit on file sizes: exit $code, left: $(ls -A limited)"
	cat limited.err
	failed=$((failed + 1))
fi

echo "command line: $passed passed, $failed failed"
[ $failed -eq 0 ]
