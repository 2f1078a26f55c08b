"""The schema of the vectors, once, as types of the reference codec.

`schema.py` prints it as vectors.lwl; make_runner.py makes C from it; check_reference.py decodes
with it.
"""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'reference'))

from lwlref import (Array, Bytes, Enum, Field, Flags, Group, Link, List, Message, Scalar, String,
                    Struct, Union)

LIBRARY = 'vectors'
SCALARS = ['bool', 'u8', 'u16', 'u32', 'u64', 's8', 's16', 's32', 's64', 'f32', 'f64']
T = {name: Scalar(name) for name in SCALARS}


def fields(*items):
    return [Field(*item) for item in items]


# ---- types ----

Color = Enum('Color', 'u8', {'RED': 0, 'GREEN': 1, 'BLUE': 200})
Sign = Enum('Sign', 's16', {'MINUS': -32768, 'NONE': 0, 'PLUS': 32767})
Gap = Enum('Gap', 'u32', {'ONE': 1, 'THREE': 3, 'LAST': 4294967295})
Wide = Enum('Wide', 'u64', {'SMALL': 1, 'HUGE': 18446744073709551615})
Deep = Enum('Deep', 's64', {'LOW': -9223372036854775808, 'HIGH': 9223372036854775807})
Hint = Enum('Hint', 'u16', {'NORMAL': 0, 'SEQUENTIAL': 1}, True)
Mood = Enum('Mood', 's8', {'BAD': -1, 'GOOD': 1}, True)
Size = Enum('Size', 'u64', {'TINY': 0, 'VAST': 9223372036854775808}, True)
Perm = Flags('Perm', 'u8', {'READ': 0, 'WRITE': 1, 'EXEC': 7})
Mode = Flags('Mode', 'u32', {'APPEND': 2, 'SYNC': 31})
Caps = Flags('Caps', 'u64', {'FIRST': 0, 'LAST': 63})
Opts = Flags('Opts', 'u16', {'A': 0, 'B': 15}, True)
Many = Flags('Many', 'u64', {'LOW': 0, 'HIGH': 63}, True)

Small = Struct('Small', [('a', T['u8']), ('b', T['u8']), ('c', T['bool'])])
Pair = Struct('Pair', [('a', T['u8']), ('b', T['u32'])])
Tail = Struct('Tail', [('a', T['u64']), ('b', T['u8'])])
Outer = Struct('Outer', [('ok', T['bool']), ('pair', Pair), ('color', Color), ('tail', Tail),
                         ('small', Small, 2), ('pairs', Pair, 2), ('perm', Perm)])
Mixed = Struct('Mixed', [(name, T[name]) for name in SCALARS] + [('last', T['u8'], 3)])

Leaf = Group('Leaf', fields(
        (1, 'a', T['u32']),
        (2, 's', String(0, 8), 'optional'),
        (4, 'd', T['u16'], 'default', 7),
        (5, 'to', Link(), 'optional')))
Nothing = Group('Nothing', [])
Loose = Group('Loose', fields(
        (1, 'x', T['u8'], 'optional'),
        (2, 'list', List(T['u16'], 4), 'list')))
Node = Group('Node')
Node.fields += fields(
        (1, 'name', Bytes(0, 16)),
        (2, 'left', Node, 'optional'),
        (3, 'right', Node, 'optional'),
        (4, 'all', List(Node, 3, 64), 'list'),
        (5, 'to', List(Link('Links'), 2), 'list'))
# Two groups and a union that need each other.
Expression = Group('Expression')
Operation = Group('Operation', fields(
        (1, 'operator', Color),
        (2, 'operands', List(Expression, 2, 96), 'list')))
Expression.fields += fields(
        (1, 'is', Union(fields(
                (1, 'number', T['s64']),
                (2, 'operation', Operation),
                (3, 'text', String(0, 16)),
                (7, 'negated', Expression)))))


# ---- interfaces ----

def optional_of(types, first=1):
    return [Field(first + i, name, type, 'optional') for i, (name, type) in enumerate(types)]


ENUMS = [('color', Color), ('sign', Sign), ('gap', Gap), ('wide', Wide), ('deep', Deep),
         ('hint', Hint), ('mood', Mood), ('size', Size), ('perm', Perm), ('mode', Mode),
         ('caps', Caps), ('opts', Opts), ('many', Many)]
ARRAYS = [('bools', T['bool']), ('bytes', T['u8']), ('shorts', T['s16']), ('words', T['u32']),
          ('longs', T['u64']), ('floats', T['f32']), ('doubles', T['f64']), ('colors', Color),
          ('hints', Hint), ('caps', Caps), ('smalls', Small), ('pairs', Pair), ('tails', Tail)]

# Interface: (id, commands); command: (name, number, items of the request, of the
# response; None: a one-way).
INTERFACES = {
        'Scalars': (0x01, [
                ('all', 1, [Field(i + 1, n + '_', T[n]) for i, n in enumerate(SCALARS)], []),
                ('some', 2, optional_of([(n + '_', T[n]) for n in SCALARS]),
                 fields((1, 'bool_', T['bool'], 'default', True),
                        (2, 'u8_', T['u8'], 'default', 0),
                        (3, 'u16_', T['u16'], 'default', 65535),
                        (4, 'u32_', T['u32'], 'default', 0),
                        (5, 'u64_', T['u64'], 'default', 18446744073709551615),
                        (6, 's8_', T['s8'], 'default', -128),
                        (7, 's16_', T['s16'], 'default', 0),
                        (8, 's32_', T['s32'], 'default', -1),
                        (9, 's64_', T['s64'], 'default', -9223372036854775808),
                        (10, 'f32_', T['f32'], 'default', 0x3fc00000),
                        (11, 'f64_', T['f64'], 'default', 0x8000000000000000),
                        (12, 'off', T['bool'], 'default', False),
                        (13, 'zero', T['f64'], 'default', 0))),
        ]),
        'Enums': (0x02, [
                ('some', 1, optional_of(ENUMS),
                 fields((1, 'color', Color, 'default', 200),
                        (2, 'sign', Sign, 'default', 0),
                        (3, 'wide', Wide, 'default', 18446744073709551615),
                        (4, 'deep', Deep, 'default', -9223372036854775808),
                        (5, 'hint', Hint, 'default', 0),
                        (6, 'perm', Perm, 'default', 129),
                        (7, 'mode', Mode, 'default', 0),
                        (8, 'many', Many, 'default', 1 << 63))),
        ]),
        'Structs': (0x03, [
                ('some', 1, optional_of([('small', Small), ('pair', Pair), ('tail', Tail),
                                         ('outer', Outer), ('mixed', Mixed)]), []),
        ]),
        'Texts': (0x04, [
                ('some', 1, optional_of([('string', String(0, 8)), ('name', String(2, 4)),
                                         ('fixed', String(3, 3)), ('bytes', Bytes(0, 8)),
                                         ('key', Bytes(1, 3)), ('large', String(0, 65000))]), []),
                ('large', 2, fields((1, 'data', Bytes(0, 65400))), []),
        ]),
        'Arrays': (0x05, [
                ('some', 1,
                 optional_of([(n, Array(t, 3 if n == 'bytes' else 2)) for n, t in ARRAYS]),
                 [Field(1 + i, n, List(t, 3), 'list') for i, (n, t) in enumerate(ARRAYS)]),
                ('large', 2, fields((1, 'words', List(T['u32'], 16000), 'list')),
                 fields((1, 'exact', Array(T['u16'], 4)))),
        ]),
        'Groups': (0x06, [
                ('some', 1, optional_of([('leaf', Leaf), ('nothing', Nothing), ('loose', Loose),
                                         ('node', Node)]), []),
                ('need', 2, fields((3, 'leaf', Leaf), (300, 'node', Node)), []),
                ('lists', 3, fields((1, 'leaves', List(Leaf, 3), 'list'),
                                    (2, 'bounded', List(Leaf, 10, 48), 'list'),
                                    (3, 'odd', List(Nothing, 4, 23), 'list'),
                                    (5, 'after', T['u8'], 'optional')), []),
        ]),
        'Unions': (0x07, [
                ('some', 1, fields(
                        (1, 'u', Union(fields(
                                (1, 'number', T['u32']),
                                (2, 'leaf', Leaf),
                                (3, 'to', Link()),
                                (4, 'bytes', Array(T['u8'], 3)),
                                (5, 'text', Bytes(0, 4)),
                                (6, 'inner', Union(fields((1, 'a', T['u8']), (2, 'b', T['u16'])))),
                                (9, 'tail', Tail),
                                (12, 'gap', Gap))), 'optional'),
                        (2, 'after', T['u8'], 'optional')), []),
                ('need', 2, fields((1, 'u', Union(fields((1, 'a', T['u64']),
                                                         (2, 'b', Nothing))))), []),
                ('tree', 3, fields((1, 'expression', Expression)), []),
        ]),
        'Links': (0x08, [
                ('some', 1, fields((1, 'any', Link(), 'optional'),
                                   (2, 'links', Link('Links'), 'optional'),
                                   (3, 'list', List(Link(), 3), 'list'),
                                   (4, 'scalars', List(Link('Scalars'), 2), 'list')), []),
                ('open', 2, fields((1, 'name', String(1, 16))),
                 fields((1, 'node', Link('Links')), (2, 'version', T['u32']))),
        ]),
        'Plain': (0x7f, [
                ('nothing', 1, [], []),
                ('last', 255, fields((0x3eff, 'highest', T['u8'])), fields((8, 'one', T['u64']))),
                ('ping', 2, [], None),
                ('tell', 3, fields((1, 'nonce', T['u64']),
                                   (2, 'why', String(0, 8), 'optional')), None),
        ]),
}


def messages():
    """{'vectors.Scalars.all.request': Message, …}, in order."""
    out = {}
    for interface, (id, commands) in INTERFACES.items():
        for name, number, request, response in commands:
            path = '%s.%s.%s.' % (LIBRARY, interface, name)
            command = id << 8 | number
            if response is None:
                out[path + 'oneway'] = Message(command, 'oneway', request)
                continue
            out[path + 'request'] = Message(command, 'request', request)
            out[path + 'response'] = Message(command, 'response', response)
    return out


DECLARED = [Color, Sign, Gap, Wide, Deep, Hint, Mood, Size, Perm, Mode, Caps, Opts, Many,
            Small, Pair, Tail, Outer, Mixed, Leaf, Nothing, Loose, Node, Expression, Operation]


# ---- as text ----

def _type_text(type, indent):
    if isinstance(type, (String, Bytes)):
        word = 'string' if isinstance(type, String) else 'bytes'
        bounds = '%d' % type.max if type.min == 0 else '%d..%d' % (type.min, type.max)
        return '%s<%s>' % (word, bounds)
    if isinstance(type, Link):
        return 'link' if type.interface is None else 'link<%s>' % type.interface
    if isinstance(type, Array):
        return '%s[%d]' % (_type_text(type.elem, indent), type.n)
    if isinstance(type, List):
        bytes = '' if type.bytes is None else ' in %d' % type.bytes
        return '%s[..%d%s]' % (_type_text(type.elem, indent), type.max, bytes)
    if isinstance(type, Union):
        return 'union {\n%s%s}' % (_items_text(type.fields, indent + '\t'), indent)
    return type.name


def _float_text(bits, type):
    import struct
    code = '<If' if type.name == 'f32' else '<Qd'
    return repr(struct.unpack(code[0] + code[2], struct.pack(code[:2], bits))[0])


def _default_text(type, value):
    if isinstance(type, Enum):
        return {v: n for n, v in type.members.items()}[value]
    if isinstance(type, Flags):
        names = [n for n, bit in type.bits.items() if value >> bit & 1]
        return '[%s]' % ', '.join(names) if names else '0'
    if type.name == 'bool':
        return 'true' if value else 'false'
    if type.name[0] == 'f':
        return _float_text(value, type)
    return '%d' % value


def _items_text(items, indent):
    out = ''
    for f in items:
        out += '%s%d: %s' % (indent, f.number, _type_text(f.type, indent))
        out += '? ' if f.presence == 'optional' else ' '
        out += f.name
        if f.presence == 'default':
            out += ' = ' + _default_text(f.type, f.default)
        out += ';\n'
    return out


def _block(head, items, indent=''):
    body = _items_text(items, indent + '\t')
    return '%s%s {%s}\n' % (indent, head, '\n%s%s' % (body, indent) if body else ' ')


def text():
    out = '''/// One of everything, for the byte vectors.
///
/// Made from schema.py, which the other side of the tests reads: change that.
library %s version 1;
''' % LIBRARY
    for t in DECLARED:
        out += '\n'
        if isinstance(t, Struct):
            out += 'struct %s {\n' % t.name
            for name, type, count in t.members:
                out += '\t%s%s %s;\n' % (type.name,
                                         '' if count is None else '[%d]' % count, name)
            out += '}\n'
        elif isinstance(t, Group):
            out += _block('group ' + t.name, t.fields)
        else:
            word = 'enum' if isinstance(t, Enum) else 'flags'
            out += '%s%s %s : %s {\n' % ('flexible ' if t.flexible else '', word, t.name,
                                         t.underlying.name)
            for name, value in (t.members if isinstance(t, Enum) else t.bits).items():
                out += '\t%s = %d;\n' % (name, value)
            out += '}\n'
    for interface, (id, commands) in INTERFACES.items():
        out += '\ninterface %s id %#04x {\n' % (interface, id)
        for name, number, request, response in commands:
            if response is None:
                out += _block('oneway %s = %d' % (name, number), request, '\t')
                continue
            out += '\tcommand %s = %d {\n' % (name, number)
            out += _block('request', request, '\t\t') + _block('response', response, '\t\t')
            out += '\t}\n'
        out += '}\n'
    return out


if __name__ == '__main__':
    sys.stdout.write(text())
