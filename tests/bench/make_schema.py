#!/usr/bin/env python3
"""Write one mixed schema for lwlc and its peers.

usage: make_schema.py MESSAGES KIND FILE     KIND: lwl capnp fbs proto x wayland

The messages are of ten shapes, one after the other. Ten messages share an enum, a struct and a
group of their own, so that a schema of ten times the messages has ten times of everything. What a
language has no word for is written as the nearest thing that it has: that is said at each writer.
"""
import sys

ENUM_MEMBERS = ("NONE", "FILE", "FOLDER", "SYMLINK", "DEVICE")
STRUCT = (("ino", "u64"), ("size", "u64"), ("mtime", "s64"), ("mode", "u32"), ("links", "u16"),
          ("kind", "u16"))
GROUP = (("name", "string"), ("stat", "struct"), ("weight", "u32"))
SHAPES = (
    (("handle", "u64"), ("flags", "u32")),
    (("stat", "struct"), ("valid_ms", "u32")),
    (("name", "string"), ("offset", "u64"), ("count", "u32")),
    (("offset", "u64"), ("data", "bytes")),
    (("kind", "enum"), ("owner", "u32"), ("mode", "u16"), ("sync", "bool")),
    (("entries", "groups"), ("cookie", "u64")),
    (("attr", "group"), ("limit", "u64")),
    (("ids", "u32s"), ("start", "u64")),
    (("delta", "s64"), ("level", "s32"), ("ratio", "f64"), ("slot", "u8"), ("port", "u16")),
    (("user", "string"), ("path", "string"), ("token", "bytes"), ("deadline", "u32")),
)
SHARED = len(SHAPES)            # messages that share one enum, struct and group
COMMANDS = 100                  # in an interface


def message(i):
    return SHAPES[i % len(SHAPES)]


def blocks(count):
    return range((count + SHARED - 1) // SHARED)


def words(name, first_upper=False):
    """snake_case as camelCase."""
    parts = name.split("_")
    return "".join(p.capitalize() if i or first_upper else p for i, p in enumerate(parts))


def lwl(count, out):
    """Two messages are a command, request and response; of ten commands one is two one-ways."""
    def typed(field, block):
        name, kind = field
        return {"enum": f"Kind{block} {name}", "struct": f"Stat{block} {name}",
                "group": f"Entry{block} {name}", "groups": f"Entry{block}[..64] {name}",
                "string": f"string<255> {name}", "bytes": f"bytes<4096> {name}",
                "u32s": f"u32[..64] {name}"}.get(kind, f"{kind} {name}")

    def items(fields, block):
        return " ".join(f"{n}: {typed(f, block)};" for n, f in enumerate(fields, 1))

    out.write("/// Made for the compiler benchmark.\nlibrary lwlink.big version 1;\n")
    for b in blocks(count):
        members = " ".join(f"{m} = {n};" for n, m in enumerate(ENUM_MEMBERS))
        out.write(f"\nenum Kind{b} : u16 {{ {members} }}\n")
        out.write(f"struct Stat{b} {{ {' '.join(f'{t} {n};' for n, t in STRUCT)} }}\n")
        out.write(f"group Entry{b} {{ {items(GROUP, b)} }}\n")
    for first in range(0, count, 2 * COMMANDS):
        n = first // (2 * COMMANDS)
        out.write(f"\ninterface Service{n} id {0x10 + n % 100} {{\n")
        number = 0
        for i in range(first, min(first + 2 * COMMANDS, count), 2):
            here = [items(message(k), k // SHARED) if k < count else "" for k in (i, i + 1)]
            if i % 20 == 18:
                for k, text in enumerate(here):
                    number += 1
                    out.write(f"\toneway event{i + k} = {number} {{ {text} }}\n")
            else:
                number += 1
                out.write(f"\tcommand call{i} = {number} {{\n\t\trequest {{ {here[0]} }}\n"
                          f"\t\tresponse {{ {here[1]} }}\n\t}}\n")
        out.write("}\n")


def capnp(count, out):
    types = {"u8": "UInt8", "u16": "UInt16", "u32": "UInt32", "u64": "UInt64", "s32": "Int32",
             "s64": "Int64", "f64": "Float64", "bool": "Bool", "string": "Text", "bytes": "Data",
             "u32s": "List(UInt32)"}

    def fields(all_fields, block):
        local = {"enum": f"Kind{block}", "struct": f"Stat{block}", "group": f"Entry{block}",
                 "groups": f"List(Entry{block})"}
        return " ".join(f"{words(name)} @{n} :{local.get(kind) or types[kind]};"
                        for n, (name, kind) in enumerate(all_fields))

    out.write("@0xb6e1c5a0f2d94e38;\n")
    for b in blocks(count):
        members = " ".join(f"{m.lower()} @{n};" for n, m in enumerate(ENUM_MEMBERS))
        out.write(f"enum Kind{b} {{ {members} }}\nstruct Stat{b} {{ {fields(STRUCT, b)} }}\n"
                  f"struct Entry{b} {{ {fields(GROUP, b)} }}\n")
    for i in range(count):
        out.write(f"struct Message{i} {{ {fields(message(i), i // SHARED)} }}\n")


def fbs(count, out):
    types = {"u8": "ubyte", "u16": "ushort", "u32": "uint", "u64": "ulong", "s32": "int",
             "s64": "long", "f64": "double", "bool": "bool", "string": "string",
             "bytes": "[ubyte]", "u32s": "[uint]"}

    def fields(all_fields, block):
        local = {"enum": f"Kind{block}", "struct": f"Stat{block}", "group": f"Entry{block}",
                 "groups": f"[Entry{block}]"}
        return " ".join(f"{name}:{local.get(kind) or types[kind]};" for name, kind in all_fields)

    out.write("namespace big;\n")
    for b in blocks(count):
        members = ", ".join(f"{m} = {n}" for n, m in enumerate(ENUM_MEMBERS))
        out.write(f"enum Kind{b} : ushort {{ {members} }}\n"
                  f"struct Stat{b} {{ {fields(STRUCT, b)} }}\n"
                  f"table Entry{b} {{ {fields(GROUP, b)} }}\n")
    for i in range(count):
        out.write(f"table Message{i} {{ {fields(message(i), i // SHARED)} }}\n")


def proto(count, out):
    """No integers below 32 bits; a struct is a message as well."""
    types = {"u8": "uint32", "u16": "uint32", "u32": "uint32", "u64": "uint64", "s32": "sint32",
             "s64": "sint64", "f64": "double", "bool": "bool", "string": "string",
             "bytes": "bytes", "u32s": "repeated uint32"}

    def fields(all_fields, block):
        local = {"enum": f"Kind{block}", "struct": f"Stat{block}", "group": f"Entry{block}",
                 "groups": f"repeated Entry{block}"}
        return " ".join(f"{local.get(kind) or types[kind]} {name} = {n};"
                        for n, (name, kind) in enumerate(all_fields, 1))

    out.write('syntax = "proto3";\npackage big;\n')
    for b in blocks(count):
        members = " ".join(f"KIND{b}_{m} = {n};" for n, m in enumerate(ENUM_MEMBERS))
        out.write(f"enum Kind{b} {{ {members} }}\nmessage Stat{b} {{ {fields(STRUCT, b)} }}\n"
                  f"message Entry{b} {{ {fields(GROUP, b)} }}\n")
    for i in range(count):
        out.write(f"message Message{i} {{ {fields(message(i), i // SHARED)} }}\n")


def xdr(count, out):
    """No integers below 32 bits."""
    types = {"u8": "unsigned int {}", "u16": "unsigned int {}", "u32": "unsigned int {}",
             "u64": "unsigned hyper {}", "s32": "int {}", "s64": "hyper {}", "f64": "double {}",
             "bool": "bool {}", "string": "string {}<255>", "bytes": "opaque {}<4096>",
             "u32s": "unsigned int {}<64>"}

    def fields(all_fields, block):
        local = {"enum": f"kind{block} {{}}", "struct": f"stat{block} {{}}",
                 "group": f"entry{block} {{}}", "groups": f"entry{block} {{}}<64>"}
        return " ".join((local.get(kind) or types[kind]).format(name) + ";"
                        for name, kind in all_fields)

    for b in blocks(count):
        members = ", ".join(f"KIND{b}_{m} = {n}" for n, m in enumerate(ENUM_MEMBERS))
        out.write(f"enum kind{b} {{ {members} }};\nstruct stat{b} {{ {fields(STRUCT, b)} }};\n"
                  f"struct entry{b} {{ {fields(GROUP, b)} }};\n")
    for i in range(count):
        out.write(f"struct message{i} {{ {fields(message(i), i // SHARED)} }};\n")


def wayland(count, out):
    """Requests and events; integers of 64 bits are two; there are no structs: an array stands for
    one, and for a list."""
    types = {"u8": "uint", "u16": "uint", "u32": "uint", "s32": "int", "f64": "fixed",
             "bool": "uint", "enum": "uint", "string": "string"}

    def arguments(fields):
        for name, kind in fields:
            if kind in ("u64", "s64"):
                yield f'<arg name="{name}_hi" type="uint"/><arg name="{name}_lo" type="uint"/>'
            else:
                yield f'<arg name="{name}" type="{types.get(kind, "array")}"/>'

    out.write('<?xml version="1.0" encoding="UTF-8"?>\n<protocol name="big">\n')
    for first in range(0, count, 2 * COMMANDS):
        out.write(f'<interface name="service{first // (2 * COMMANDS)}" version="1">\n')
        for b in blocks(min(2 * COMMANDS, count - first)):
            entries = "".join(f'<entry name="{m.lower()}" value="{n}"/>'
                              for n, m in enumerate(ENUM_MEMBERS))
            out.write(f'<enum name="kind{b}">{entries}</enum>\n')
        for i in range(first, min(first + 2 * COMMANDS, count)):
            kind = "event" if i % 2 else "request"
            out.write(f'<{kind} name="message{i}">{"".join(arguments(message(i)))}</{kind}>\n')
        out.write("</interface>\n")
    out.write("</protocol>\n")


WRITERS = {"lwl": lwl, "capnp": capnp, "fbs": fbs, "proto": proto, "x": xdr, "wayland": wayland}


def main():
    if len(sys.argv) != 4 or sys.argv[2] not in WRITERS or not sys.argv[1].isdigit():
        sys.exit(__doc__)
    with open(sys.argv[3], "w", encoding="ascii") as out:
        WRITERS[sys.argv[2]](int(sys.argv[1]), out)


if __name__ == "__main__":
    main()
