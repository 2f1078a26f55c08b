#!/usr/bin/env python3
"""Writes the C that knows the messages of the vectors: how to decode, print and encode each.

usage: make_runner.py OUT.c

The printing reads the generated structs as programs do: fields, has_…, lwl_…_at, …_at and …_next.
"""
import sys

import schema
from lwlref import (Array, Bytes, Enum, Flags, Group, Link, List, Scalar, String, Struct, Union)

# Words of C and C++ that the schema uses as names.
TAKEN = {'bool', 'operator'}
KINDS = {'request': ('req', 'LWL_KIND_REQUEST'), 'response': ('rsp', 'LWL_KIND_RESPONSE'),
         'oneway': ('msg', 'LWL_KIND_ONEWAY')}


def c_name(name):
    return name + '_' if name in TAKEN else name


def c_type(type):
    return '%s_%s' % (schema.LIBRARY, type.name.lower())


def groups_in(fields):
    """The groups that a value of these fields can hold, themselves included."""
    found, todo = [], list(fields)
    while todo:
        type = todo.pop().type
        if isinstance(type, List):
            type = type.elem
        if isinstance(type, Union):
            todo += type.fields
        if isinstance(type, Group) and type not in found:
            found.append(type)
            todo += type.fields
    return found


class Printer:
    """Statements that print a value, given as a C expression."""

    def __init__(self, owner=None):
        self.owner = owner  # the group whose fields these are
        self.names = 0

    def fresh(self, word):
        self.names += 1
        return '%s%d' % (word, self.names)

    def fields(self, fields, base, indent):
        out = ''
        for f in fields:
            at = base + c_name(f.name)
            more = indent
            if f.presence == 'optional':
                out += '%sif (%shas_%s) {\n' % (indent, base, f.name)
                more += '\t'
            elif f.presence == 'default' and f.default:
                out += '%stext_expect(t, %shas_%s);\n' % (indent, base, f.name)
            out += '%stext_key(t, "%s");\n' % (more, f.name)
            out += self.value(f.type, at, more)
            if f.presence == 'optional':
                out += '%s}\n' % indent
        return out

    def value(self, type, at, indent):
        line = lambda text: '%s%s;\n' % (indent, text)
        if isinstance(type, (String, Bytes)):
            name = 'string' if isinstance(type, String) else 'base64'
            return line('text_%s(t, %s.data, %s.len)' % (name, at, at))
        if isinstance(type, Link):
            return line('text_link(t, %s.id)' % at)
        if isinstance(type, Struct):
            return line('print_%s(t, &%s)' % (c_type(type), at))
        if isinstance(type, Group):
            if self.owner is not None and self.owner in groups_in(type.fields):
                return line('text_expect(t, %s.count == 1)' % at) + \
                       self.cursor(type, at, indent)
            return line('print_%s(t, &%s)' % (c_type(type), at))
        if isinstance(type, Union):
            out = line('text_char(t, \'{\')') + '%sswitch (%s.which) {\n' % (indent, at)
            for f in type.fields:
                out += '%scase %d:\n' % (indent, f.number)
                out += '%s\ttext_key(t, "%s");\n' % (indent, f.name)
                out += self.value(f.type, '%s.%s' % (at, c_name(f.name)), indent + '\t')
                out += '%s\tbreak;\n' % indent
            out += '%sdefault:\n%s\ttext_expect(t, false);\n%s\tbreak;\n%s}\n' % (
                    (indent,) * 4)
            return out + line('text_char(t, \'}\')')
        if isinstance(type, (Array, List)):
            out = line('text_char(t, \'[\')')
            if isinstance(type, Array):
                out += line('text_expect(t, %s.count == %d)' % (at, type.n))
            if isinstance(type.elem, Group):
                out += self.cursor(type.elem, at, indent)
            else:
                i = self.fresh('i')
                out += '%sfor (uint32_t %s = 0; %s < %s.count; %s++) {\n' % (
                        indent, i, i, at, i)
                out += '%s\ttext_element(t);\n' % indent
                out += self.element(type.elem, at, i, indent + '\t')
                out += '%s}\n' % indent
            return out + line('text_char(t, \']\')')
        if isinstance(type, Enum):
            kind = 's64' if type.underlying.name[0] == 's' else 'u64'
            return line('text_enum_%s(t, %s_name(%s), %s)' % (kind, c_type(type), at, at))
        if isinstance(type, Flags):
            return line('text_flags(t, %s_bits, %s)' % (c_type(type), at))
        if type.name[0] in 'bf':
            return line('text_%s(t, %s)' % (type.name, at))
        return line('text_%s(t, %s)' % ('s64' if type.name[0] == 's' else 'u64', at))

    def cursor(self, group, at, indent):
        c, e = self.fresh('c'), self.fresh('e')
        return ('{0}struct lwl_cursor {1} = lwl_cursor_of({2});\n'
                '{0}struct {3} {4};\n\n'
                '{0}while ({3}_next(&{1}, &{4})) {{\n'
                '{0}\ttext_element(t);\n'
                '{0}\tprint_{3}(t, &{4});\n'
                '{0}}}\n'
                '{0}text_expect(t, {1}.index == {2}.count);\n').format(
                        indent, c, at, c_type(group), e)

    def element(self, elem, seq, i, indent):
        if isinstance(elem, Link):
            return '%stext_link(t, lwl_link_at(%s, %s).id);\n' % (indent, seq, i)
        if isinstance(elem, Struct):
            e = self.fresh('e')
            return '{0}struct {1} {2} = {1}_at({3}, {4});\n\n{0}print_{1}(t, &{2});\n'.format(
                    indent, c_type(elem), e, seq, i)
        scalar = elem if isinstance(elem, Scalar) else elem.underlying
        e = 'lwl_%s_at(%s, %s)' % (scalar.name, seq, i)
        return self.value(elem, e, indent)


def struct_printer(type):
    out = 'static void print_%s(struct text *t, const struct %s *in)\n{\n' % (
            c_type(type), c_type(type))
    out += "\ttext_char(t, '{');\n"
    for name, member, count in type.members:
        at = 'in->' + c_name(name)
        out += '\ttext_key(t, "%s");\n' % name
        if count is None:
            out += Printer().value(member, at, '\t')
            continue
        out += "\ttext_char(t, '[');\n\tfor (uint32_t i = 0; i < %d; i++) {\n" % count
        out += '\t\ttext_element(t);\n' + Printer().value(member, at + '[i]', '\t\t')
        out += "\t}\n\ttext_char(t, ']');\n"
    return out + "\ttext_char(t, '}');\n}\n\n"


def body(fields, owner=None):
    if not fields:
        return '\t(void)in;\n' + "\ttext_char(t, '{');\n\ttext_char(t, '}');\n"
    return ("\ttext_char(t, '{');\n" + Printer(owner).fields(fields, 'in->', '\t') +
            "\ttext_char(t, '}');\n")


def source():
    out = '/* What the runner of the vectors knows of %s.lwl.  Made by make_runner.py. */\n' % (
            schema.LIBRARY)
    out += '#include "vectors.h"\n#include "%s.lwl.h"\n\n' % schema.LIBRARY
    groups = [t for t in schema.DECLARED if isinstance(t, Group)]
    for t in schema.DECLARED:
        if isinstance(t, Flags):
            bits = ', '.join('{ "%s", %d }' % item for item in
                             sorted(t.bits.items(), key=lambda item: item[1]))
            out += 'static const struct flag_bit %s_bits[] = { %s, { NULL, 0 } };\n' % (
                    c_type(t), bits)
    out += '\n'
    for t in groups:
        out += 'static void print_%s(struct text *t, const struct %s *in);\n' % (
                c_type(t), c_type(t))
    out += '\n'
    for t in schema.DECLARED:
        if isinstance(t, Struct):
            out += struct_printer(t)
    for t in groups:
        out += 'static void print_%s(struct text *t, const struct %s *in)\n{\n%s}\n\n' % (
                c_type(t), c_type(t), body(t.fields, t))
    table = 'const struct vector_type vector_types[] = {\n'
    for path, message in schema.messages().items():
        library, interface, command, kind = path.split('.')
        name = '%s_%s_%s_%s' % (library, interface.lower(), command, KINDS[kind][0])
        out += 'static void print_%s(struct text *t, const void *message)\n{\n' % name
        out += '\tconst struct %s *in = message;\n\n%s}\n\n' % (name, body(message.fields))
        out += ('static int decode_{0}(void *out, const void *msg, size_t len, '
                'struct lwl_error *err)\n{{\n\treturn {0}_decode(out, msg, len, err);\n}}\n\n'
                'static int encode_{0}(struct lwl_writer *w, const void *in)\n{{\n'
                '\treturn {0}_encode(w, in);\n}}\n\n').format(name)
        table += '\t{ "%s", 0x%04x, %s, sizeof(struct %s),\n\t  decode_%s,\n\t  encode_%s,\n' % (
                path, message.command, KINDS[kind][1], name, name, name)
        table += '\t  print_%s },\n' % name
    table += '\t{ NULL, 0, LWL_KIND_REQUEST, 0, NULL, NULL, NULL }\n};\n'
    return out + table


if __name__ == '__main__':
    if len(sys.argv) != 2:
        sys.exit('usage: make_runner.py OUT.c')
    with open(sys.argv[1], 'w', encoding='utf-8') as file:
        file.write(source())
