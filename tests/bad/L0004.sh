printf 'library bad version 1;\n\nconst u8 A = \0001;\n' >L0004.lwl
