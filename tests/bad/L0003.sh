# An overlong form of '/'.
printf 'library bad version 1;\n// a \300\257 b\n' >L0003.lwl
