#!/bin/sh
# Instructions for each message that lwlink encodes or decodes, counted by valgrind: the same every
# time on a machine, unlike times.  Needs valgrind, and tests/bench/run.sh codec to have run.
#
# usage: instructions.sh [PEER]	(default: lwlink)
set -eu

codec=$(dirname "$0")/../../build/bench/codec/codec
peer=${1:-lwlink}

[ -x "$codec" ] || { echo "run tests/bench/run.sh codec first" >&2; exit 2; }
command -v valgrind >/dev/null || { echo "please install: valgrind" >&2; exit 2; }

# All instructions of that many rounds, the loop included; nothing if the peer has no such case.
count() {
	text=$(valgrind --tool=callgrind --callgrind-out-file=/dev/null \
		--toggle-collect=time_encode --toggle-collect=time_decode \
		"$codec" "$peer" "$1" "$2" "$3" 2>&1) || return 0
	echo "$text" | sed -n 's/.*Collected : \([0-9]*\).*/\1/p'
}

printf '%-10s %10s %10s\n' "$peer" encode decode
for case in getattr items entries write4k write32k; do
	printf '%-10s' "$case"
	for what in encode decode; do
		# The difference of two runs is what the additional rounds took.
		few=$(count $case $what 64)
		many=$(count $case $what 192)
		if [ -n "$few" ] && [ -n "$many" ]; then
			printf ' %10d' $(((many - few) / 128))
		else
			printf ' %10s' -
		fi
	done
	echo
done
