#!/bin/sh
# usage: valgrind.sh SCRATCH LWLC PROGRAM...: none of them, and no run of the compiler on the schemas of
# the tests, good and bad, uses memory wrongly or loses any.
set -u
scratch=$1 lwlc=$2
shift 2
rm -rf "$scratch"
mkdir -p "$scratch/out" || exit 2
passed=0 failed=0

# run NAME EXPECTED COMMAND...
run() {
	name=$1 expected=$2
	shift 2
	valgrind -q --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=all "$@" \
		>"$scratch/log" 2>&1
	code=$?
	if [ "$code" -eq "$expected" ]; then
		passed=$((passed + 1))
	else
		echo "FAILED $name: exit $code"
		cat "$scratch/log"
		failed=$((failed + 1))
	fi
}

for program; do
	run "$program" 0 "$program"
done
for schema in schemas/vfs.lwl tests/golden/*.lwl tests/vectors/vectors.lwl; do
	run "$schema" 0 "$lwlc" -I schemas -I tests/golden -o "$scratch/out" -MF "$scratch/out/d" "$schema"
done
for schema in tests/bad/L00[0-9]1.lwl tests/bad/L0090.lwl; do
	run "$schema" 1 "$lwlc" -o "$scratch/out" "$schema"
	run "$schema as JSON" 1 "$lwlc" --format=json -o "$scratch/out" "$schema"
done
run '--explain' 0 "$lwlc" --explain list
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
