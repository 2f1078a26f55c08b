#!/bin/sh
# The arrows of docs/design.md, and the walls: who may include whom, where system calls may stand.
set -u
cd "$(dirname "$0")/.." || exit 2
passed=0 failed=0

# nothing NAME PATTERN FILE...: no line of the files matches.
nothing() {
	name=$1 pattern=$2
	shift 2
	if found=$(grep -nE -- "$pattern" "$@" /dev/null); then
		printf 'broken: %s\n%s\n' "$name" "$found"
		failed=$((failed + 1))
	else
		passed=$((passed + 1))
	fi
}

nothing 'idl knows nothing of the compiler or the runtime' '^#include +["<](compiler/|c_|emit|lwlink/|runtime/)' \
	idl/*.[chly]
nothing 'the compiler does not include the runtime' '^#include +["<](lwlink/|runtime/|\.\./runtime)' \
	compiler/*.[ch]
nothing 'the runtime does not include the tools' '^#include +["<](idl/|compiler/|tools/)' \
	runtime/*.[ch] runtime/include/lwlink/*.h
nothing 'wire.c needs wire.h alone' '^#include <(stdio|stdlib|errno|unistd|assert|time|sys/)' \
	runtime/wire.c runtime/include/lwlink/wire.h
nothing 'no allocation, no system call, no clock in the core' \
	'\b(malloc|calloc|realloc|free|read|write|readv|writev|send|recv|sendmsg|recvmsg|clock_gettime|time|sleep|usleep|abort|exit)\(' \
	runtime/wire.c runtime/error.c runtime/command.c
nothing 'no system call, no clock, nothing printed above the loop' \
	'#include <(sys/|unistd|fcntl|time|poll|signal|uv|errno|pthread)|\b(printf|fprintf|puts|getenv|abort|exit)\(' \
	runtime/table.[ch] runtime/heap.[ch] runtime/frame.[ch] runtime/ring.[ch] runtime/endpoint.[ch] \
	runtime/session.[ch] runtime/call.c runtime/proxy.c runtime/link.c runtime/link_private.h
nothing 'the loop stands on what every transport has' '^#include "(link_private|frame|ring|endpoint|session|table|heap)\.h"' \
	runtime/loop*.c runtime/io_*.c runtime/address.c runtime/loop_private.h
nothing 'lower layers know nothing of higher ones' '^#include "(link_private|session)\.h"|lwlink/link\.h' \
	runtime/table.[ch] runtime/heap.[ch] runtime/frame.[ch] runtime/ring.[ch] runtime/endpoint.[ch]
nothing 'only endpoint.c counts references' '(->|\.)refs *(\+=|-=|\+\+|--|= )' \
	runtime/session.c runtime/call.c runtime/proxy.c runtime/link.c
nothing 'the 8-byte rule has two owners' '\+ 7\) *(/ 8|& *~|>> 3)|\+ 7u?\) */ *8u?' \
	idl/check*.c idl/values.c idl/graph.c compiler/*.c runtime/error.c runtime/command.c
nothing 'no path of a machine' '/(home|root|work)/' \
	$(git ls-files 2>/dev/null | grep -v -e '^tests/arrows.sh$' -e '\.png$')

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
