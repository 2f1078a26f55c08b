"""A second implementation of docs/protocol.md, built another way than runtime/wire.c: it walks the
items of a level and looks up their fields, where the C asks for the fields in turn.

It exists to disagree.  Types are plain objects, there is no schema parser, nothing is fast; what
the generated C does with a message must be what this does with it.

Values: ints for integers, enums and flags; the bits, as an int, for floats (so that every NaN
survives); bool; bytes for strings and bytes; the linkid for a link; a dict for a struct, a group or
a message (a field that is absent and optional has no key); ('member', value) for a union; a list
for arrays and lists.
"""

import struct as _struct

HEADER_SIZE = 16
MESSAGE_MAX = 65535
DEPTH_MAX = 8
RESPONSE = 0x8000
GROUP_BIT = 0x8000
LINKS_BIT = 0x4000
NUMBER_BITS = 0x3fff
ERROR_ITEM = 0x3f01
DEADLINE_ITEM = 0x3f02
TRACE_ITEM = 0x3f03
DETAIL_MAX = 255

STRUCTURAL = {
        'LENGTH', 'ITEM_HEADER', 'ITEM_LENGTH', 'NUMBER', 'ORDER', 'DEPTH', 'PADDING', 'END',
        'LINK_BIT', 'LINKID',
}
TYPED = {
        'COMMAND', 'MSGID', 'KIND', 'SIZE', 'COUNT', 'LEAF_PADDING', 'BOOL', 'ENUM', 'FLAGS',
        'UTF8', 'MISSING', 'UNION', 'ERROR_FORM',
}

SCALAR_SIZES = {
        'bool': 1, 'u8': 1, 'u16': 2, 'u32': 4, 'u64': 8, 's8': 1, 's16': 2, 's32': 4, 's64': 8,
        'f32': 4, 'f64': 8,
}


class Bad(Exception):
    """Bytes that are not a message, or not this one: why, where, and the way to the item."""

    def __init__(self, code, offset, path=()):
        assert code in STRUCTURAL or code in TYPED, code
        self.code = code
        self.offset = offset
        self.path = list(path)
        super().__init__(str(self))

    def __str__(self):
        text = '%s offset %d' % (self.code, self.offset)
        if self.path:
            text += ' path ' + path_text(self.path)
        return text


class Invalid(ValueError):
    """A value that its type does not allow; never the fault of bytes."""


class TooLarge(ValueError):
    """More than a message can hold, or groups nested too deeply."""


class RemoteError:
    """What an error response says; `code` is the number on the wire."""

    def __init__(self, code, detail):
        self.code = code
        self.detail = detail

    @property
    def local_code(self):
        """As decoders return it: numbers that are nobody's become EIO."""
        unassigned = 133 < self.code < 4096
        return 5 if unassigned or self.code > 0x7fffffff else self.code

    def __eq__(self, other):
        return (isinstance(other, RemoteError) and self.code == other.code and
                self.detail == other.detail)

    def __repr__(self):
        return 'RemoteError(%d, %r)' % (self.code, self.detail)


def path_text(path):
    return '.'.join(str(n) if i == 0 else '%d[%d]' % (n, i) for n, i in path)


# ---- types ----

class Scalar:
    def __init__(self, name):
        self.name = name
        self.size = self.align = SCALAR_SIZES[name]


def _scalar(type_or_name):
    return type_or_name if isinstance(type_or_name, Scalar) else Scalar(type_or_name)


class Enum:
    def __init__(self, name, underlying, members, flexible=False):
        self.name = name
        self.underlying = _scalar(underlying)
        self.members = dict(members)
        self.flexible = flexible
        self.size = self.align = self.underlying.size


class Flags:
    def __init__(self, name, underlying, bits, flexible=False):
        self.name = name
        self.underlying = _scalar(underlying)
        self.bits = dict(bits)
        self.flexible = flexible
        self.size = self.align = self.underlying.size

    @property
    def mask(self):
        return sum(1 << bit for bit in set(self.bits.values()))


class Struct:
    """members: (name, type, count); count is None for one value, else the length of an array."""

    def __init__(self, name, members):
        self.name = name
        self.members = [tuple(m) if len(m) == 3 else (m[0], m[1], None) for m in members]
        self.size, self.align, self.offsets, self.holes = struct_layout(self)


class String:
    def __init__(self, min, max):
        self.min, self.max = min, max


class Bytes:
    def __init__(self, min, max):
        self.min, self.max = min, max


class Link:
    def __init__(self, interface=None):
        self.interface = interface


class Group:
    def __init__(self, name, fields=None):
        self.name = name
        self.fields = fields if fields is not None else []


class Union:
    def __init__(self, fields):
        self.fields = fields


class Array:
    def __init__(self, elem, n):
        self.elem, self.n = elem, n


class List:
    def __init__(self, elem, max, bytes=None):
        self.elem, self.max, self.bytes = elem, max, bytes


class Field:
    def __init__(self, number, name, type, presence='required', default=None):
        assert presence in ('required', 'optional', 'default', 'list')
        assert (presence == 'default') == (default is not None)
        assert (presence == 'list') == isinstance(type, List)
        self.number, self.name, self.type = number, name, type
        self.presence, self.default = presence, default


class Message:
    """command: interface id and number, as in a request's header."""

    def __init__(self, command, kind, fields):
        assert kind in ('request', 'response', 'oneway') and command < RESPONSE
        self.command, self.kind, self.fields = command, kind, fields

    @property
    def wire_command(self):
        return self.command | RESPONSE if self.kind == 'response' else self.command


def _up(n, align):
    return -(-n // align) * align


def struct_layout(struct):
    """(size, align, offsets, holes): offsets of the members, holes as (offset, size)."""
    at, align, offsets, holes = 0, 1, [], []
    for _, type, count in struct.members:
        start = _up(at, type.align)
        if start > at:
            holes.append((at, start - at))
        offsets.append(start)
        at = start + type.size * (1 if count is None else count)
        align = max(align, type.align)
    size = _up(at, align)
    if size > at:
        holes.append((at, size - at))
    return size, align, offsets, holes


# ---- values as bytes ----

def is_utf8(data):
    """RFC 3629 without U+0000; Python's decoder takes neither surrogates nor overlong forms."""
    try:
        return '\0' not in data.decode('utf-8', 'strict')
    except UnicodeDecodeError:
        return False


def _int_range(scalar):
    bits = scalar.size * 8
    if scalar.name[0] == 's':
        return -(1 << bits - 1), (1 << bits - 1) - 1
    return 0, (1 << bits) - 1


def pack_value(type, value):
    """A scalar, enum, flags or struct as its bytes."""
    if isinstance(type, Struct):
        out = bytearray(type.size)
        if set(value) != {m[0] for m in type.members}:
            raise Invalid('members of struct %s' % type.name)
        for (name, member, count), at in zip(type.members, type.offsets):
            values = [value[name]] if count is None else value[name]
            if count is not None and len(values) != count:
                raise Invalid('elements of %s' % name)
            for i, v in enumerate(values):
                start = at + i * member.size
                out[start:start + member.size] = pack_value(member, v)
        return bytes(out)
    if isinstance(type, Enum):
        if not type.flexible and value not in type.members.values():
            raise Invalid('%r is no %s' % (value, type.name))
        return pack_value(type.underlying, value)
    if isinstance(type, Flags):
        if value < 0 or not type.flexible and value & ~type.mask:
            raise Invalid('%r is no %s' % (value, type.name))
        return pack_value(type.underlying, value)
    if type.name == 'bool':
        if value is not True and value is not False:
            raise Invalid('%r is no bool' % (value,))
        return b'\1' if value else b'\0'
    low, high = _int_range(type)
    if not low <= value <= high:
        raise Invalid('%r is no %s' % (value, type.name))
    return (value & (1 << 8 * type.size) - 1).to_bytes(type.size, 'little')


class _Mistake(Exception):
    """A value that may not be; `at` counts from the value, or is None: the whole item is wrong."""

    def __init__(self, code, at=None):
        self.code, self.at = code, at


def unpack_value(type, data):
    """The reverse, with all checks."""
    if isinstance(type, Struct):
        out, done = {}, 0
        def hole(start, end):
            for at in range(start, end):
                if data[at]:
                    raise _Mistake('LEAF_PADDING', at)
        for (name, member, count), at in zip(type.members, type.offsets):
            hole(done, at)
            values = []
            for i in range(1 if count is None else count):
                start = at + i * member.size
                try:
                    values.append(unpack_value(member,
                                               data[start:start + member.size]))
                except _Mistake as m:
                    raise _Mistake(m.code, None if m.at is None else start + m.at)
            done = at + member.size * len(values)
            out[name] = values[0] if count is None else values
        hole(done, type.size)
        return out
    if isinstance(type, Enum):
        value = unpack_value(type.underlying, data)
        if not type.flexible and value not in type.members.values():
            raise _Mistake('ENUM')
        return value
    if isinstance(type, Flags):
        value = unpack_value(type.underlying, data)
        if not type.flexible and value & ~type.mask:
            raise _Mistake('FLAGS')
        return value
    if type.name == 'bool':
        if data[0] > 1:
            raise _Mistake('BOOL')
        return data[0] == 1
    return int.from_bytes(data, 'little', signed=type.name[0] == 's')


# ---- encoding ----

def _item(number, bits, payload, align=1):
    start = 8 if align == 8 or bits else 4
    length = start + len(payload)
    if length > MESSAGE_MAX:
        raise TooLarge('item %d' % number)
    return _struct.pack('<HH', number | bits, length) + bytes(start - 4) + payload


def _join(items):
    """Items as the payload of what they are in: padding between them, none behind the last."""
    out = bytearray()
    for item in items:
        out += bytes(-len(out) % 8)
        out += item
    return bytes(out)


def _encode_items(number, type, value, depth):
    """The items of one field, and whether there are linkids in them."""
    if isinstance(type, (Scalar, Enum, Flags, Struct)):
        return [_item(number, 0, pack_value(type, value), type.align)], False
    if isinstance(type, (String, Bytes)):
        if not type.min <= len(value) <= type.max:
            raise Invalid('%d bytes' % len(value))
        if isinstance(type, String) and not is_utf8(value):
            raise Invalid('not UTF-8')
        return [_item(number, 0, bytes(value))], False
    if isinstance(type, Link):
        return _encode_items(number, List(type, 1), [value], depth)
    if isinstance(type, (Group, Union)):
        if depth == DEPTH_MAX:
            raise TooLarge('groups nest deeper than %d' % DEPTH_MAX)
        if isinstance(type, Union):
            name, inner = value
            member = [f for f in type.fields if f.name == name]
            if not member:
                raise Invalid('no member %s' % name)
            items, links = _encode_items(member[0].number, member[0].type, inner, depth + 1)
        else:
            items, links = _encode_fields(type.fields, value, depth + 1)
        return [_item(number, GROUP_BIT | (LINKS_BIT if links else 0), _join(items))], links
    if isinstance(type, Array) and len(value) != type.n:
        raise Invalid('%d elements' % len(value))
    if isinstance(type, List) and len(value) > type.max:
        raise Invalid('%d elements' % len(value))
    if not value:
        return [], False
    if isinstance(type.elem, Link):
        if not all(0 < id < 1 << 64 for id in value):
            raise Invalid('linkid')
        return [_item(number, LINKS_BIT, b''.join(_struct.pack('<Q', id) for id in value))], True
    if isinstance(type.elem, (Group, Union)):
        items, links = [], False
        for v in value:
            more, has = _encode_items(number, type.elem, v, depth)
            items += more
            links = links or has
        if type.bytes is not None and sum(_up(len(i), 8) for i in items) > type.bytes:
            raise Invalid('more than %d bytes' % type.bytes)
        return items, links
    return [_item(number, 0, b''.join(pack_value(type.elem, v) for v in value),
                  type.elem.align)], False


def _encode_fields(fields, value, depth):
    unknown = set(value) - {f.name for f in fields}
    if unknown:
        raise Invalid('no field %s' % unknown.pop())
    items, links = [], False
    for f in sorted(fields, key=lambda f: f.number):
        if f.name not in value:
            if f.presence == 'required':
                raise Invalid('%s is missing' % f.name)
            continue
        if f.presence == 'default' and value[f.name] == f.default:
            continue
        more, has = _encode_items(f.number, f.type, value[f.name], depth)
        items += more
        links = links or has
    return items, links


def _message(linkid, msgid, command, items):
    body = _join(items)
    length = HEADER_SIZE + len(body)
    if length > MESSAGE_MAX:
        raise TooLarge('%d bytes' % length)
    out = _struct.pack('<QIHH', linkid, msgid, command, length) + body
    return out + bytes(-len(out) % 8)


def encode(message, value, linkid=1, msgid=None, deadline=None, trace=None):
    """The bytes of a message, padded.  msgid is 1, of a one-way 0, unless given."""
    oneway = message.kind == 'oneway'
    if msgid is None:
        msgid = 0 if oneway else 1
    if (msgid == 0) != oneway:
        raise Invalid('msgid %d' % msgid)
    items, _ = _encode_fields(message.fields, value, 0)
    if deadline is not None:
        items.append(_item(DEADLINE_ITEM, 0, _struct.pack('<Q', deadline), 8))
    if trace is not None:
        if len(trace) != 16:
            raise Invalid('trace')
        items.append(_item(TRACE_ITEM, 0, bytes(trace)))
    return _message(linkid, msgid, message.wire_command, items)


ERROR_FIELDS = [Field(1, 'code', Scalar('u32')), Field(2, 'detail', String(0, DETAIL_MAX))]


def encode_error(command, code, detail=b'', linkid=1, msgid=1):
    """The response to a failed command; `command` is the request's."""
    if not 0 < code < 1 << 32 or msgid == 0:
        raise Invalid('code or msgid')
    value = {'code': code, 'detail': detail}
    items, _ = _encode_items(ERROR_ITEM, Group('error', ERROR_FIELDS), value, 0)
    return _message(linkid, msgid, command | RESPONSE, items)


# ---- decoding ----

class _Error:
    """Stands among the top-level fields for the error item."""


TOP_FIELDS = {
        ERROR_ITEM: _Error,
        DEADLINE_ITEM: Field(DEADLINE_ITEM, None, Scalar('u64'), 'optional'),
        TRACE_ITEM: Field(TRACE_ITEM, None, Array(Scalar('u8'), 16), 'optional'),
}


class _Decoder:
    """Reads levels of items.  A level that nobody knows the fields of is only checked."""

    def __init__(self, data):
        self.data = data

    def zero(self, start, end, code, path):
        for at in range(start, end):
            if self.data[at]:
                raise Bad(code, at, path)

    def header(self, at, end, last, last_was, path):
        """(number, bits, length) of the item at `at`.

        last_was says what the item before was: 'list' if its number may come again,
        'once' if it is a group that the schema has once, else None.
        """
        if end - at < 4:
            raise Bad('ITEM_HEADER', at, path)
        id, length = _struct.unpack_from('<HH', self.data, at)
        number = id & NUMBER_BITS
        here = path + [(number, 0)]
        if number == 0:
            raise Bad('NUMBER', at, here)
        if length < 4 or length > end - at:
            raise Bad('ITEM_LENGTH', at, here)
        if number < last:
            raise Bad('ORDER', at, here)
        if number == last:
            if not id & GROUP_BIT or last_was is None:
                raise Bad('ORDER', at, here)
            if last_was == 'once':
                raise Bad('COUNT', at, here)
        return number, id & ~NUMBER_BITS, length

    def behind(self, at, length, end, path):
        """Where the next item starts, once the padding is known to be padding."""
        stop = at + length
        if stop == end:
            return end
        following = _up(stop, 8)
        if following >= end:
            raise Bad('END', at, path)
        self.zero(stop, following, 'PADDING', path)
        return following

    def links_item(self, at, length, path, most=None, too_many=None):
        if length < 16 or length % 8:
            raise Bad('ITEM_LENGTH', at, path)
        if most is not None and length // 8 - 1 > most:
            raise Bad(too_many, at, path)
        self.zero(at + 4, at + 8, 'PADDING', path)
        ids = [int.from_bytes(self.data[i:i + 8], 'little')
               for i in range(at + 8, at + length, 8)]
        if 0 in ids:
            raise Bad('LINKID', at, path)
        return ids

    def group_item(self, at, length, bits, depth, path, read):
        """`read` gives (value, links) of the children, from at, end and depth."""
        if depth == DEPTH_MAX:
            raise Bad('DEPTH', at, path)
        if length < 8:
            raise Bad('ITEM_LENGTH', at, path)
        self.zero(at + 4, at + 8, 'PADDING', path)
        value, links = read(at + 8, at + length, depth + 1, path)
        if links != bool(bits & LINKS_BIT):
            raise Bad('LINK_BIT', at, path)
        return value, links

    # Levels.

    def unknown_item(self, at, length, bits, depth, path):
        if bits & GROUP_BIT:
            return self.group_item(at, length, bits, depth, path, self.blind)[1]
        if bits & LINKS_BIT:
            self.links_item(at, length, path)
            return True
        return False

    def blind(self, at, end, depth, path):
        last, last_was, index, links = 0, None, 0, False
        while at < end:
            number, bits, length = self.header(at, end, last, last_was, path)
            index = index + 1 if number == last else 0
            here = path + [(number, index)]
            links |= self.unknown_item(at, length, bits, depth, here)
            last, last_was = number, 'list' if bits & GROUP_BIT else None
            at = self.behind(at, length, end, here)
        return None, links

    def level(self, fields, at, end, depth, path, top=None):
        known = {f.number: f for f in fields}
        known.update(top or {})
        last, last_was, index, links = 0, None, 0, False
        value = {}
        used = 0  # bytes of the list of groups that goes on
        while at < end:
            number, bits, length = self.header(at, end, last, last_was, path)
            index = index + 1 if number == last else 0
            here = path + [(number, index)]
            f = known.get(number)
            if f is _Error:
                raise Bad('ERROR_FORM', at, here)
            if f is None:
                links |= self.unknown_item(at, length, bits, depth, here)
                last_was = 'list' if bits & GROUP_BIT else None
            elif isinstance(f.type, List) and isinstance(f.type.elem, (Group, Union)):
                if not bits & GROUP_BIT:
                    raise Bad('KIND', at, here)
                used = _up(length, 8) + (used if index else 0)
                most = MESSAGE_MAX if f.type.bytes is None else f.type.bytes
                if index >= f.type.max or used > most:
                    raise Bad('COUNT', at, here)
                v, has = self.field(f.type.elem, at, length, bits, depth, here)
                value.setdefault(f.name, []).append(v)
                links |= has
                last_was = 'list'
            else:
                value[f.name], has = self.field(f.type, at, length, bits, depth, here)
                links |= has
                last_was = 'once' if bits & GROUP_BIT else None
            last = number
            at = self.behind(at, length, end, here)
        for f in sorted(fields, key=lambda f: f.number):
            if f.name in value:
                continue
            if f.presence == 'required':
                raise Bad('MISSING', end, path + [(f.number, 0)])
            if f.presence == 'default':
                value[f.name] = f.default
            if f.presence == 'list':
                value[f.name] = []
        value.pop(None, None)  # deadline and trace
        return value, links

    def union(self, type, at, end, depth, path):
        if at == end:
            raise Bad('UNION', end, path)
        number, bits, length = self.header(at, end, 0, None, path)
        here = path + [(number, 0)]
        member = [f for f in type.fields if f.number == number]
        if not member:
            raise Bad('UNION', at, here)
        value, links = self.field(member[0].type, at, length, bits, depth, here)
        at = self.behind(at, length, end, here)
        if at != end:
            last_was = 'once' if bits & GROUP_BIT else None
            second, _, _ = self.header(at, end, number, last_was, path)
            raise Bad('UNION', at, path + [(second, 0)])
        return (member[0].name, value), links

    def field(self, type, at, length, bits, depth, path):
        """One item of a known type: (value, links)."""
        if isinstance(type, (Group, Union)):
            if not bits & GROUP_BIT:
                raise Bad('KIND', at, path)
            if isinstance(type, Union):
                read = lambda *a: self.union(type, *a)
            else:
                read = lambda *a: self.level(type.fields, *a)
            return self.group_item(at, length, bits, depth, path, read)
        if isinstance(type, Link) or isinstance(type, List) and isinstance(type.elem, Link):
            if bits != LINKS_BIT:
                raise Bad('KIND', at, path)
            if isinstance(type, Link):
                return self.links_item(at, length, path, 1, 'SIZE')[0], True
            return self.links_item(at, length, path, type.max, 'COUNT'), True
        if bits:
            raise Bad('KIND', at, path)
        if isinstance(type, (String, Bytes)):
            if not type.min <= length - 4 <= type.max:
                raise Bad('SIZE', at, path)
            payload = self.data[at + 4:at + length]
            if isinstance(type, String) and not is_utf8(payload):
                raise Bad('UTF8', at, path)
            return payload, False
        elem = type.elem if isinstance(type, (Array, List)) else type
        start = 8 if elem.align == 8 else 4
        size = length - start
        if elem is type:
            if size != elem.size:
                raise Bad('SIZE', at, path)
        else:
            if size <= 0 or size % elem.size:
                raise Bad('SIZE', at, path)
            count = size // elem.size
            if isinstance(type, Array) and count != type.n:
                raise Bad('SIZE', at, path)
            if isinstance(type, List) and count > type.max:
                raise Bad('COUNT', at, path)
        self.zero(at + 4, at + start, 'LEAF_PADDING', path)
        values = []
        for i in range(at + start, at + length, elem.size):
            try:
                values.append(unpack_value(elem, self.data[i:i + elem.size]))
            except _Mistake as m:
                raise Bad(m.code, at if m.at is None else i + m.at, path)
        return values[0] if elem is type else values, False


def _open(data):
    """The header, if the length is that of the data."""
    data = bytes(data)
    if not HEADER_SIZE <= len(data) <= MESSAGE_MAX + 1:
        raise Bad('LENGTH', 14)
    linkid, msgid, command, length = _struct.unpack_from('<QIHH', data)
    if length < HEADER_SIZE or _up(length, 8) != len(data):
        raise Bad('LENGTH', 14)
    return data, msgid, command, length


def decode(message, data):
    """The value, or a RemoteError; raises Bad."""
    data, msgid, command, length = _open(data)
    if command != message.wire_command:
        raise Bad('COMMAND', 12)
    if (msgid == 0) != (message.kind == 'oneway'):
        raise Bad('MSGID', 8)
    decoder = _Decoder(data)
    at, result = HEADER_SIZE, None
    if message.kind == 'response' and at < length:
        number, bits, size = decoder.header(at, length, 0, None, [])
        if number == ERROR_ITEM:
            result = _decode_error(decoder, at, length, bits, size)
    if result is None:
        result, _ = decoder.level(message.fields, at, length, 0, [], TOP_FIELDS)
    decoder.zero(length, len(data), 'PADDING', [])
    return result


def _decode_error(decoder, at, end, bits, size):
    path = [(ERROR_ITEM, 0)]

    def read(*where):
        return _ErrorDecoder(decoder.data).level(ERROR_FIELDS, *where)

    if not bits & GROUP_BIT:
        raise Bad('KIND', at, path)
    value, _ = decoder.group_item(at, size, bits, 0, path, read)
    at = decoder.behind(at, size, end, path)
    if at != end:
        number, _, _ = decoder.header(at, end, ERROR_ITEM, 'once', [])
        raise Bad('ERROR_FORM', at, [(number, 0)])
    return RemoteError(value['code'], value['detail'])


class _ErrorDecoder(_Decoder):
    """The inside of an error item, whose code may not be 0."""

    def field(self, type, at, length, bits, depth, path):
        value, links = super().field(type, at, length, bits, depth, path)
        if type is ERROR_FIELDS[0].type and value == 0:
            raise Bad('ERROR_FORM', at, path)
        return value, links


def check(data):
    """What can be seen without a schema; raises Bad."""
    data, _, _, length = _open(data)
    decoder = _Decoder(data)
    decoder.blind(HEADER_SIZE, length, 0, [])
    decoder.zero(length, len(data), 'PADDING', [])


def linkids(data):
    """(offset, linkid) of all linkids in the items of a checked message, in order."""
    found = []

    def walk(at, end):
        while at < end:
            id, length = _struct.unpack_from('<HH', data, at)
            if id & GROUP_BIT:
                walk(at + 8, at + length)
            elif id & LINKS_BIT:
                for i in range(at + 8, at + length, 8):
                    found.append((i, int.from_bytes(data[i:i + 8], 'little')))
            at += _up(length, 8)

    walk(HEADER_SIZE, int.from_bytes(data[14:16], 'little'))
    return found


def envelope(data):
    """What a message that decodes carries beside its fields."""
    linkid, msgid, command, length = _struct.unpack_from('<QIHH', data)
    out = {'linkid': linkid, 'msgid': msgid, 'command': command, 'length': length,
           'deadline': None, 'trace': None}
    at = HEADER_SIZE
    while at < length:
        id, size = _struct.unpack_from('<HH', data, at)
        if id == DEADLINE_ITEM and size == 16:
            out['deadline'] = int.from_bytes(data[at + 8:at + 16], 'little')
        elif id == TRACE_ITEM and size == 20:
            out['trace'] = bytes(data[at + 4:at + 20])
        at += _up(size, 8)
    return out


def reencode(message, data):
    """What a message that decodes becomes when it is encoded again."""
    value, head = decode(message, data), envelope(data)
    if isinstance(value, RemoteError):
        return encode_error(message.command, value.code, value.detail, head['linkid'],
                            head['msgid'])
    return encode(message, value, head['linkid'], head['msgid'], head['deadline'], head['trace'])
