#!/bin/sh
# A program outside the tree, built as the README says: install, compile a schema of its own, change an
# import, uninstall.  usage: run.sh MAKE SCRATCH, from the top of the tree, after `make`.
set -eu
make=$1 scratch=$2
rm -rf "$scratch"
mkdir -p "$scratch/program"
scratch=$(cd "$scratch" && pwd)
passed=0

step() {
	passed=$((passed + 1))
	echo "ok: $1"
}
fail() {
	echo "not ok: $1"
	echo "$passed passed, 1 failed"
	exit 1
}

prefix=$scratch/usr
"$make" -s install PREFIX="$prefix" >/dev/null || fail 'install'
step 'install'
for file in bin/lwlc bin/lwl share/man/man1/lwl.1 lib/liblwlink.a lib/liblwlink.so lib/pkgconfig/lwlink.pc include/lwlink/wire.h \
	share/man/man1/lwlc.1 share/man/man5/lwl.5 share/lwlink/schemas/vfs.lwl; do
	[ -e "$prefix/$file" ] || fail "$file is installed"
done
step 'everything is there'
nm -D --defined-only "$prefix/lib/liblwlink.so" | grep ' [TDR] ' | grep -v ' lwl_' && fail 'only lwl_ names are exported'
step 'only lwl_ names are exported'

cp examples/kv/* "$scratch/program"
cd "$scratch/program"
PKG_CONFIG_PATH=$prefix/lib/pkgconfig
LD_LIBRARY_PATH=$prefix/lib
export PKG_CONFIG_PATH LD_LIBRARY_PATH
MAKEFLAGS=
export MAKEFLAGS
make -s kv || fail 'the program builds'
step 'the program builds'
./kv >out || fail 'the program runs'
grep -q '^set colour to 5 bytes, MEMORY$' out || fail 'the program prints what it decoded'
grep -q 'UTF8 at offset 16, item 1' out || fail 'the program prints where the damage is'
step 'the program runs'
ldd ./kv | grep -q "$prefix/lib/liblwlink.so.0" || fail 'it uses the installed library'
step 'it uses the installed library'

make -q kv || fail 'a second make does nothing'
step 'a second make does nothing'
sleep 1
sed -i 's/KEY_MAX = 128/KEY_MAX = 4/' limits.lwl
make -s kv || fail 'it builds again'
./kv >out 2>&1 && fail 'the smaller bound is in force'
grep -q '^encode: ' out || fail 'the smaller bound is in force'
step 'a change of an imported schema reaches the program'
cc -O2 -Wall $(pkg-config --cflags lwlink) -o kv-static main.c kv.lwl.c "$prefix/lib/liblwlink.a" ||
	fail 'it links statically'
step 'it links statically'

cd - >/dev/null

mkdir "$scratch/readme"
python3 tests/install/readme.py README.md "$scratch/readme"
make -s -C "$scratch/readme" kv || fail 'what the README shows builds'
[ "$("$scratch/readme/kv")" = colour ] || fail 'what the README shows runs'
step 'what the README shows builds and runs'
cat >"$scratch/lwl.sh" <<'EOT'
set -e
lwl types kv.lwl | grep -q 'kv.Store.set.request'
echo '{"key": "colour", "value": "Z3JlZW4="}' | lwl encode kv.lwl kv.Store.set.request >message
lwl decode kv.lwl kv.Store.set.request <message | grep -q '"key": *"colour"'
lwl dump kv.lwl <message | grep -q key
lwlc fmt --stdout kv.lwl | grep -q 'interface Store id 0x30'
lwlc diff kv.lwl kv.lwl
EOT
(cd "$scratch/readme" && PATH=$prefix/bin:$PATH sh "$scratch/lwl.sh") || fail 'what the README shows of lwl works'
step 'what the README shows of lwl works'

"$make" -s uninstall PREFIX="$prefix" >/dev/null || fail 'uninstall'
left=$(find "$prefix" -type f -o -type l)
[ -z "$left" ] || fail "uninstall leaves nothing: $left"
step 'uninstall leaves nothing'
"$make" -s install DESTDIR="$scratch/dest" PREFIX=/opt/x >/dev/null || fail 'DESTDIR'
grep -q '^prefix=/opt/x$' "$scratch/dest/opt/x/lib/pkgconfig/lwlink.pc" || fail 'DESTDIR is not in lwlink.pc'
step 'DESTDIR'
echo "$passed passed, 0 failed"
