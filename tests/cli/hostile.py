#!/usr/bin/env python3
"""Schemas that a compiler should not choke on: hostile.py FOLDER.

h-*.lwl are wrong, ok-*.lwl are right, and all are large, deep or odd.
"""
import os
import random
import sys

folder = sys.argv[1]
HEAD = "library test.hostile version 1;\n"


def write(name, content):
    if isinstance(content, str):
        content = content.encode()
    with open(os.path.join(folder, name), "wb") as f:
        f.write(content)


random.seed(1)
write("h-binary.lwl", bytes(random.randrange(256) for _ in range(300000)))
write("h-high-bytes.lwl", b"\xff" * 300000)
write("h-nul.lwl", HEAD.encode() + b"group A { 1: u8 a;\0 }\n")
write("h-all-nul.lwl", b"\0" * 1000000)
write("h-encoding.lwl", HEAD.encode() + b"// \xc0\x80\n/// \xed\xa0\x80\ngroup A { 1: u8 \xff; }\n")
write("h-half-character.lwl", HEAD.encode() + b"// \xe2\x82")
write("h-bom-utf16.lwl", HEAD.encode("utf-16"))
write("h-one-line.lwl", "x" * 1000000)
write("h-one-line-errors.lwl", HEAD + "group A { " + "1: Missing a; " * 70000 + "}")
write("h-one-line-numbers.lwl", HEAD + "const u8 A = " + "9" * 1000000 + ";")
write("h-one-line-string.lwl", HEAD + 'import "' + "a" * 1000000 + '";')
write("h-open-string.lwl", HEAD + 'import "' + "a" * 1000000)
write("h-open-comment.lwl", HEAD + "/*" + "*" * 1000000)
write("h-braces.lwl", HEAD + "group A " + "{" * 20000)
write("h-braces-closed.lwl", HEAD + "group A " + "{" * 20000 + "}" * 20000)
write("h-closing-braces.lwl", HEAD + "}" * 20000)
write("h-brackets.lwl", HEAD + "group A { 1: u8" + "[" * 20000 + "; }")
write("h-angles.lwl", HEAD + "group A { 1: string" + "<" * 20000 + "; }")
write("h-unions.lwl", HEAD + "group A { 1: " + "union { 1: " * 20000 + "u8 a; " +
      "} x; " * 20000 + "}")
write("h-unions-open.lwl", HEAD + "group A { 1: " + "union { 1: " * 20000)
write("h-semicolons.lwl", HEAD + ";" * 300000)
write("h-words.lwl", HEAD + "a " * 300000)
write("h-colons.lwl", HEAD + "group A { " + ": " * 300000)
# One line of about a megabyte, packed with as much as a line can hold.
for name, text in (("oneway", "interface I id 1{" + "oneway a=1{}" * 87000 + "}"),
                   ("enum", "enum E:u8{" + "a=1;" * 260000 + "}"),
                   ("struct", "struct S{" + "u8 a;" * 200000 + "}"),
                   ("field", "group G{" + "1:u8 a;" * 149000 + "}"),
                   ("reserved", "group G{reserved " + "1," * 500000 + "2;}")):
    write("h-packed-%s.lwl" % name, HEAD + text)
write("h-tabs.lwl", "\t" * 1000000 + "?")
write("h-lines.lwl", "\n" * 1000000 + "?")
write("h-carriage-returns.lwl", HEAD + "\r" * 1000000)
write("h-combining.lwl", HEAD + "group a" + "\u0301" * 300000 + " { }")
write("h-many-errors.lwl", HEAD + "".join(
      "group G%d {\n" % i +
      "".join("%d: Missing%d f%d;\n" % (k, k, k) for k in range(1, 1001)) + "}\n"
      for i in range(100)))
write("h-many-syntax-errors.lwl", HEAD + "group ?\n" * 100000)
write("h-many-duplicates.lwl", HEAD + "group A { 1: u8 a; }\n" * 50000)
write("h-duplicate-numbers.lwl", HEAD + "group A {" +
      "".join("1: u8 f%d;\n" % i for i in range(50000)) + "}")
write("h-docs.lwl", HEAD + "/// nothing\n" * 100000)
write("h-long-name.lwl", HEAD + "group " + "A" * 1000000 + " { }")
write("h-const-chain-cycle.lwl",
      HEAD + "".join("const u8 C%d = C%d;\n" % (i, (i + 1) % 20000) for i in range(20000)))
write("h-struct-chain-cycle.lwl",
      HEAD + "".join("struct S%d { S%d s; }\n" % (i, (i + 1) % 20000) for i in range(20000)))
write("h-struct-doubling.lwl", HEAD + "struct S0 { u64 a; }\n" +
      "".join("struct S%d { S%d[60000] a; }\n" % (i + 1, i) for i in range(5000)))
write("h-group-endless.lwl",
      HEAD + "".join("group G%d { 1: G%d g; }\n" % (i, (i + 1) % 20000) for i in range(20000)))
write("h-group-doubling.lwl",
      HEAD + "group G0 { 1: bytes<60000> a; }\n" +
      "".join("group G%d { 1: G%d a; 2: G%d b; }\n" % (i + 1, i, i) for i in range(20000)) +
      "interface I id 1 { command c = 1 { request { 1: G20000 g; } response { } } }\n")
write("h-group-chain-used.lwl",
      HEAD + "".join("group G%d { 1: G%d? g; }\n" % (i, i + 1) for i in range(20000)) +
      "group G20000 { 1: u8 a; }\n" +
      "interface I id 1 { command c = 1 { request { 1: G0 g; } response { } } }\n")
write("h-use-cycle.lwl", HEAD + "".join(
      "interface I%d id %d { use I%d; }\n" % (i, i % 127 + 1, (i + 1) % 3000) for i in range(3000)))
write("h-reserved.lwl", HEAD + "group A { reserved " +
      ", ".join("%d" % (i % 16000 + 1) for i in range(50000)) +
      "; }")
write("h-missing-import.lwl", HEAD + 'import "not-there.lwl";\n')
write("h-import-folder.lwl", HEAD + 'import ".";\n')
write("h-import-device.lwl", HEAD + 'import "/dev/zero";\n')
write("h-import-itself.lwl", HEAD + 'import "h-import-itself.lwl";\n')
write("h-import-cycle.lwl", HEAD + 'import "cycle-b.lwl";\n')
write("cycle-b.lwl", 'library test.b version 1;\nimport "h-import-cycle.lwl";\n')
write("h-many-imports.lwl", HEAD +
      "".join('import "not-there-%d.lwl";\n' % i for i in range(20000)))
for i in range(300):
    write("deep-%d.lwl" % i, 'library test.deep%d version 1;\nimport "deep-%d.lwl";\n' % (i, i + 1))
write("h-import-deep.lwl", HEAD + 'import "deep-0.lwl";\n')
with open(os.path.join(folder, "h-17-megabytes.lwl"), "wb") as f:
    f.truncate(17 << 20)

write("ok-comment.lwl", HEAD + "// " + "x" * 1000000)
write("ok-doc.lwl", HEAD + "/// " + "x" * 1000000 + "\ngroup A { 1: u8 a; }\n")
write("ok-empty-lines.lwl", HEAD + "\n" * 1000000)
write("ok-group-chain.lwl",
      HEAD + "".join("group G%d { 1: G%d? g; }\n" % (i, i + 1) for i in range(20000)) +
      "group G20000 { 1: u8 a; }\n")
write("ok-group-cycle.lwl",
      HEAD + "".join("group G%d { 1: G%d? g; }\n" % (i, (i + 1) % 20000) for i in range(20000)))
write("ok-const-chain.lwl", HEAD +
      "".join("const u8 C%d = C%d;\n" % (i, i + 1) for i in range(20000)) +
      "const u8 C20000 = 7;\n")
write("ok-struct-chain.lwl", HEAD +
      "".join("struct S%d { S%d s; }\n" % (i, i + 1) for i in range(3000)) +
      "struct S3000 { u8 a; }\n")
write("ok-members.lwl", HEAD + "enum E : u32 {" +
      "".join("M%d = %d;\n" % (i, 3 * i) for i in range(20000)) + "}")
