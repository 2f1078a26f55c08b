#!/bin/sh
# What lwlc makes of the schemas here is what expected/ holds, and compiles without a warning.
#
#	run.sh LWLC SCRATCH [--update]
#
# --update renews expected/; read what changed.  A compiler that is not installed is named and skipped.

set -u
[ $# -ge 2 ] || { echo "usage: $0 LWLC SCRATCH [--update]" >&2; exit 2; }
lwlc=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
mkdir -p "$2" || exit 2
scratch=$(cd "$2" && pwd)/golden
here=$(cd "$(dirname "$0")" && pwd) || exit 2
runtime=$here/../../runtime/include
update=${3:-}
rm -rf "$scratch"
mkdir "$scratch" "$scratch/out" "$scratch/objects" || exit 2
passed=0 failed=0

strict="-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Werror"
cxx_strict="-Wall -Wextra -Wpedantic -Werror"

# check WHAT COMMAND...: the command succeeds; if not, what it printed is shown.
check() {
	what=$1
	shift
	if "$@" >"$scratch/log" 2>&1; then
		passed=$((passed + 1))
	else
		echo "FAIL $what"
		cat "$scratch/log"
		failed=$((failed + 1))
	fi
}

has() {
	command -v "$1" >/dev/null 2>&1 || { echo "skipped: $1 is not installed"; return 1; }
}

for schema in "$here"/*.lwl; do
	name=$(basename "$schema")
	check "lwlc $name" sh -c "cd '$here' && '$lwlc' -o '$scratch/out' '$name'"
done

if [ "$update" = --update ]; then
	rm -rf "$here/expected"
	cp -R "$scratch/out" "$here/expected" || exit 2
fi
for file in "$scratch"/out/* "$here"/expected/*; do
	name=$(basename "$file")
	[ -e "$scratch/compared-$name" ] && continue
	: >"$scratch/compared-$name"
	check "$name is as expected" diff -uN "$here/expected/$name" "$scratch/out/$name"
done

for compiler in gcc clang; do
	has $compiler || continue
	for file in "$scratch"/out/*.c; do
		name=$(basename "$file")
		# shellcheck disable=SC2086
		check "$compiler $name" $compiler -std=c11 -O2 $strict "-I$runtime" "-I$scratch/out" \
			-c -o "$scratch/objects/$name.o" "$file"
	done
done
for compiler in g++ clang++; do
	has $compiler || continue
	for file in "$scratch"/out/*.h; do
		name=$(basename "$file")
		# As a file that includes it: some warnings are silent for the main file's headers.
		printf '#include "%s"\n' "$name" >"$scratch/header.cc"
		# shellcheck disable=SC2086
		check "$compiler $name" $compiler -std=c++17 $cxx_strict "-I$runtime" "-I$scratch/out" \
			-fsyntax-only "$scratch/header.cc"
	done
done

echo "golden: $passed passed, $failed failed"
[ $failed -eq 0 ]
