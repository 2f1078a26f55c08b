#!/usr/bin/env python3
"""Print a schema whose declarations are too large for one message of a binary schema, and its texts."""


def main():
    text = "\n".join("/// " + "äöü€𝄞" * 40 for _ in range(200))
    print(text)
    print("library test.large version 9;\n")
    print("enum Many : s64 {")
    for i in range(10000):
        print(text if i == 9876 else "", "MEMBER_%d = %d;" % (i, i - 5000))
    print("}\nflags Wide : u64 {")
    for i in range(64):
        print("B%d = %d;" % (i, i))
    print("}\nstruct Long {")
    for i in range(3000):
        print("%s member_%d;" % (("u8", "u64", "bool[3]", "Many")[i % 4], i))
    print("}\ngroup Broad {")
    for i in range(5000):
        note = ' deprecated "%s"' % ("x" * 70000) if i == 4321 else ""
        print("%d: u8? %s_%d since %d%s;" % (i * 3 + 1, "field" * 40, i, i % 9 + 1, note))
    print("}\n")
    for i in range(60):
        print("interface Used%d id %d { oneway used%d = 1 { } }" % (i, i + 2, i))
    print("/// The last one.\ninterface Much id 1 {")
    for i in range(60):
        print("use Used%d;" % i)
    for i in range(255):
        print("oneway %s_%d = %d since 3 { 1: Wide wide = [B0, B63]; 2: Long? at; }" %
              ("command" * 34, i, i + 1))
    print("}")


if __name__ == "__main__":
    main()
