#!/bin/sh
# Is everything there that a build needs (`check`: the tests, `bigendian`: those under an emulator,
# `bench`: the peers)?  What is missing is installed where
# that is allowed: on a Debian system, as root.  Otherwise one line says what to install.
set -eu

build="gcc make flex bison libjansson-dev uthash-dev libuv1-dev libc6-dev"
check="$build clang g++ libcmocka-dev valgrind python3 pkg-config libclang-rt-14-dev man-db"

bigendian="$build python3 gcc-s390x-linux-gnu libc6-dev-s390x-cross qemu-user"

bench="$build g++ python3 valgrind capnproto libcapnp-dev flatbuffers-compiler libflatbuffers-dev
	protobuf-compiler libprotobuf-dev protobuf-c-compiler libprotobuf-c-dev nanopb libnanopb-dev
	libtirpc-dev rpcsvc-proto libwayland-bin libwayland-dev libnng-dev libzmq3-dev libsystemd-dev
	linux-perf strace"

case "${1:-}" in
build) packages=$build ;;
check) packages=$check ;;
bigendian) packages=$bigendian ;;
bench) packages=$bench ;;
*) echo "usage: $0 build|check|bigendian|bench" >&2; exit 2 ;;
esac

if ! command -v dpkg-query >/dev/null; then
	# Not Debian: trust that it is there under other names; the build says what is not.
	exit 0
fi
missing=
for package in $packages; do
	dpkg-query -W -f '${Status}\n' "$package" 2>/dev/null | grep -q '^install ok installed$' ||
		missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" -eq 0 ] && [ -z "${LWLINK_NO_INSTALL:-}" ]; then
	echo "installing:$missing" >&2
	export DEBIAN_FRONTEND=noninteractive
	# shellcheck disable=SC2086
	{ apt-get update && apt-get install -y --no-install-recommends $missing; } >/dev/null || {
		echo "could not install:$missing" >&2
		exit 1
	}
else
	echo "please install:$missing" >&2
	exit 1
fi
