"""Values of the reference codec as JSON, in the form of docs/language.md, and back.

`dump` writes one canonical text without spaces: of a float the fewest digits that, correctly
rounded, give the value of its type again.  `load` reads any JSON that means a value of the type.
"""
import base64
import json
import math
import struct

from lwlref import (Array, Bytes, Enum, Flags, Group, Link, List, Message, Scalar, String, Struct,
                    Union)


def _float(type, bits):
    code = '<f' if type.size == 4 else '<d'
    return struct.unpack(code, bits.to_bytes(type.size, 'little'))[0]


def _bits(type, value):
    code = '<f' if type.size == 4 else '<d'
    return int.from_bytes(struct.pack(code, value), 'little')


def _float_text(type, bits):
    value = _float(type, bits)
    if math.isnan(value):
        return '"nan:%#0*x"' % (2 + 2 * type.size, bits)
    if math.isinf(value):
        return '"inf"' if value > 0 else '"-inf"'
    for digits in range(1, 18):
        short = '%.*e' % (digits - 1, value)
        try:
            if _bits(type, float(short)) == bits:
                return _digits_text(short)
        except OverflowError:  # rounded beyond the largest f32
            pass
    raise AssertionError('17 digits are enough')


def _digits_text(scientific):
    """1.25e+02 as 125.0: as Python's repr puts its digits."""
    digits, _, exponent = scientific.partition('e')
    sign = '-' if digits[0] == '-' else ''
    digits, exponent = digits.strip('-').replace('.', '').rstrip('0') or '0', int(exponent)
    if not -4 <= exponent < 16:
        point = '.' + digits[1:] if len(digits) > 1 else ''
        return '%s%s%se%+03d' % (sign, digits[0], point, exponent)
    if exponent < 0:
        return sign + '0.' + '0' * (-exponent - 1) + digits
    digits = digits.ljust(exponent + 2, '0')
    return sign + digits[:exponent + 1] + '.' + digits[exponent + 1:]


def _int_text(value):
    return '"%d"' % value if value > 0x7fffffffffffffff else '%d' % value


def _string(text):
    return json.dumps(text, ensure_ascii=False)


def dump(type, value):
    if isinstance(type, (Message, Group)):
        return '{%s}' % ','.join('"%s":%s' % (f.name, dump(f.type, value[f.name]))
                                 for f in type.fields if f.name in value)
    if isinstance(type, Struct):
        return '{%s}' % ','.join(
                '"%s":%s' % (name, dump(member if count is None else Array(member, count),
                                        value[name]))
                for name, member, count in type.members)
    if isinstance(type, Union):
        name, inner = value
        member = next(f for f in type.fields if f.name == name)
        return '{"%s":%s}' % (name, dump(member.type, inner))
    if isinstance(type, (Array, List)):
        return '[%s]' % ','.join(dump(type.elem, v) for v in value)
    if isinstance(type, String):
        return _string(value.decode('utf-8'))
    if isinstance(type, Bytes):
        return '"%s"' % base64.b64encode(value).decode('ascii')
    if isinstance(type, Link):
        return '"%#x"' % value
    if isinstance(type, Enum):
        for name, number in type.members.items():
            if number == value:
                return '"%s"' % name
        return _int_text(value)
    if isinstance(type, Flags):
        parts = ['"%s"' % name for name, bit in sorted(type.bits.items(), key=lambda b: b[1])
                 if value >> bit & 1]
        rest = value & ~type.mask
        return '[%s]' % ','.join(parts + ([_int_text(rest)] if rest else []))
    if type.name == 'bool':
        return 'true' if value else 'false'
    if type.name[0] == 'f':
        return _float_text(type, value)
    return _int_text(value)


def _from(type, j):
    if isinstance(type, (Message, Group)):
        out = {}
        for f in type.fields:
            if f.name in j:
                out[f.name] = _from(f.type, j.pop(f.name))
            elif f.presence == 'list':
                out[f.name] = []
            elif f.presence == 'default':
                out[f.name] = f.default
            elif f.presence == 'required':
                raise ValueError('no %s' % f.name)
        if j:
            raise ValueError('unknown key %s' % list(j)[0])
        return out
    if isinstance(type, Struct):
        out = {name: _from(member if count is None else Array(member, count), j.pop(name))
               for name, member, count in type.members}
        if j:
            raise ValueError('unknown key %s' % list(j)[0])
        return out
    if isinstance(type, Union):
        (name, inner), = j.items()
        member = next(f for f in type.fields if f.name == name)
        return name, _from(member.type, inner)
    if isinstance(type, (Array, List)):
        return [_from(type.elem, v) for v in j]
    if isinstance(type, String):
        return j.encode('utf-8')
    if isinstance(type, Bytes):
        return base64.b64decode(j, validate=True)
    if isinstance(type, Link):
        return int(j, 16)
    if isinstance(type, Enum):
        return type.members[j] if j in type.members else int(j)
    if isinstance(type, Flags):
        return sum(1 << type.bits[v] if v in type.bits else int(v) for v in j)
    if type.name == 'bool':
        return bool(j)
    if type.name[0] == 'f':
        if isinstance(j, str) and j.startswith('nan:'):
            return int(j[4:], 16)
        return _bits(type, float(j))
    return int(j)


def _no_duplicates(pairs):
    out = {}
    for key, value in pairs:
        if key in out:
            raise ValueError('%s twice' % key)
        out[key] = value
    return out


def load(type, text):
    return _from(type, json.loads(text, object_pairs_hook=_no_duplicates))
