#!/usr/bin/env python3
"""Print a table of the generated functions of each message that the headers NAME.lwl.h declare.

usage: glue.py HEADER... > glue.c
"""
import os
import re
import sys


def main():
    print('#include "test.h"\n')
    names = []
    for path in sys.argv[1:]:
        print('#include "%s"' % os.path.basename(path))
        with open(path, encoding="utf-8") as header:
            names += re.findall(r"^int (\w+)_decode\(", header.read(), re.M)
    if not names:
        sys.exit("glue.py: no message in these headers")
    for name in names:
        print("\nstatic int encode_%s(struct lwl_writer *w, const void *in)\n{\n"
              "\treturn %s_encode(w, in);\n}\n" % (name, name))
        print("static int decode_%s(void *out, const void *msg, size_t len, struct lwl_error *err)\n"
              "{\n\treturn %s_decode(out, msg, len, err);\n}" % (name, name))
    print("\nconst struct generated generated[] = {")
    for name in names:
        print('\t{ "%s", sizeof(struct %s),\n\t  encode_%s, decode_%s },' % (name, name, name, name))
    print("};\n\nconst size_t generated_count = sizeof generated / sizeof generated[0];")


if __name__ == "__main__":
    main()
