# One byte more than 16 MiB.
dd if=/dev/zero bs=1048576 count=16 2>/dev/null | tr '\0' '\n' >L0011.lwl
echo >>L0011.lwl
