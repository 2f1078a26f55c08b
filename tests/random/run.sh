#!/bin/sh
# usage: run.sh FIRST LAST [DIR]
#
# For each seed from FIRST to LAST: makes a random schema and a program that tests what lwlc makes
# of it (make.py), compiles both strictly, and runs the program.  Stops at the first failure and
# leaves what was made in DIR (build/tests/random) for a look.  From the environment: LWLC, PYTHON,
# CXX, CFLAGS, and COMPILERS, which take turns.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
here=$root/tests/random
first=${1:?usage: run.sh FIRST LAST [DIR]}
last=${2:?usage: run.sh FIRST LAST [DIR]}
dir=${3:-$root/build/tests/random}
lwlc=${LWLC:-$root/build/lwlc}
python=${PYTHON:-python3}
cxx=${CXX:-g++}
cflags=${CFLAGS:--O1}
compilers=${COMPILERS:-gcc clang}
export PYTHONDONTWRITEBYTECODE=1

warn="-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes"
warn="$warn -Werror"
# Long literals, ranges of elements, and what no message happens to use.
loose="-std=gnu11 -Wall -Wextra -Werror -Wno-unused-function -Wno-unused-const-variable"

mkdir -p "$dir" || exit 2
for compiler in $compilers; do
	for source in runtime/wire.c runtime/error.c runtime/command.c tests/random/harness.c; do
		# shellcheck disable=SC2086
		$compiler -std=gnu11 $warn $cflags -I"$root/runtime/include" -c "$root/$source" \
			-o "$dir/$compiler-$(basename "$source" .c).o" || exit 2
	done
done

# One seed, in the folder of that name; says what failed.
one() {
	objects=
	$python "$here/make.py" "$seed" "$out" >"$out.schemas" || return 1
	include="-I$root/runtime/include -I$here -I$out"
	while read -r schema; do
		"$lwlc" -I "$out" -I "$out/inc" -o "$out" "$schema" || return 1
	done <"$out.schemas"
	for source in "$out"/*.lwl.c "$out"/*.link.c; do
		object=${source%.c}.o
		# shellcheck disable=SC2086
		$compiler -std=c11 $warn $cflags $include -c "$source" -o "$object" || return 1
		objects="$objects $object"
	done
	# shellcheck disable=SC2086
	$cxx -std=c++17 -Wall -Wextra -Wpedantic -Werror $include -fsyntax-only -x c++ \
		"$out/main.link.h" || return 1
	# The tables and comparisons are large, and need not be fast.
	# shellcheck disable=SC2086
	$compiler $loose $cflags -O0 $include -o "$out/test" "$out/test.c" $objects \
		"$dir/$compiler-harness.o" "$dir/$compiler-wire.o" "$dir/$compiler-error.o" \
		"$dir/$compiler-command.o" || return 1
	"$out/test" "$out/test.data" >"$out/log" || { cat "$out/log"; return 1; }
}

seed=$first
passed=0
while [ "$seed" -le "$last" ]; do
	# shellcheck disable=SC2086
	set -- $compilers
	shift $((seed % $#))
	compiler=$1
	out=$dir/$seed
	rm -rf "$out"
	mkdir -p "$out"
	if ! one; then
		echo "seed $seed ($compiler) failed: see $out"
		echo "$passed passed, 1 failed"
		exit 1
	fi
	passed=$((passed + 1))
	rm -rf "$out" "$out.schemas"
	seed=$((seed + 1))
done
echo "$passed passed, 0 failed"
