"""The C program of a random schema: values, comparisons, invalid values, and tables of them."""

import math

from schema import element, float_of, is_group, member, pad8, ref, snake
from values import TEXT

C_TYPES = {
	'bool': 'bool', 'u8': 'uint8_t', 'u16': 'uint16_t', 'u32': 'uint32_t', 'u64': 'uint64_t',
	's8': 'int8_t', 's16': 'int16_t', 's32': 'int32_t', 's64': 'int64_t', 'f32': 'float',
	'f64': 'double',
}
BAD_TEXTS = (b'\xff', b'\0', b'\xc3', b'\xed\xa0\x80', b'\xf4\x90\x80\x80', b'\xc0\xaf')


def stored(type):
	return type.name if isinstance(type, ref.Scalar) else type.underlying.name


def c_int(name, value):
	if name == 'bool':
		return 'true' if value else 'false'
	if name == 's64' and value == -1 << 63:
		return '(-INT64_C(9223372036854775807) - 1)'
	if name in ('u64', 's64'):
		return '%sINT64_C(%d)' % ('U' if name == 'u64' else '', value)
	if name == 's32' and value == -1 << 31:
		return '(-2147483647 - 1)'
	return '%du' % value if name == 'u32' else '%d' % value


def c_float(name, bits):
	wide = 64 if name == 'f64' else 32
	fraction = bits & (1 << (52 if wide == 64 else 23)) - 1
	value, suffix = float_of(name, bits), 'f' if wide == 32 else ''
	sign = '-' if bits >> wide - 1 else ''
	if math.isinf(value):
		return '%s__builtin_inf%s()' % (sign, suffix)
	if math.isnan(value):
		quiet = 1 << (51 if wide == 64 else 22)
		kind = 'nan' if fraction & quiet else 'nans'
		return '%s__builtin_%s%s("0x%x")' % (sign, kind, suffix, fraction & ~quiet)
	return value.hex() + suffix


def has_flag(f):
	return f.presence == 'optional' or f.presence == 'default' and default_bits(f) != 0


def default_bits(f):
	return int(f.default)


class Glue:
	def __init__(self, rng, libs):
		self.rng, self.libs = rng, libs
		self.lines = []			# of the C file
		self.blob = bytearray()		# strings and bytes
		self.blob_at = {}
		self.unions = {}		# names
		self.compared = {}		# types that have a comparison, by id
		self.arrays = 0
		self.cache = {}
		self.keep = []

	def out(self, text):
		self.lines.append(text)

	# Names.

	def name_unions(self, owner_name, fields):
		for f in fields:
			t = element(f.type)
			if isinstance(t, ref.Union) and id(t) not in self.unions:
				self.unions[id(t)] = '%s_%s' % (owner_name, snake(f.name))
				self.name_unions(self.unions[id(t)], t.fields)

	def message_name(self, command, message):
		return command.cname + {'request': '_req', 'response': '_rsp', 'oneway': '_msg'}[
			message.kind]

	def cname(self, type):
		return self.unions[id(type)] if isinstance(type, ref.Union) else type.cname

	def c_type(self, type):
		"""Of one value."""
		if isinstance(type, (ref.Scalar, ref.Enum, ref.Flags)):
			return C_TYPES[stored(type)]
		if isinstance(type, ref.String):
			return 'struct lwl_string'
		if isinstance(type, ref.Bytes):
			return 'struct lwl_bytes'
		if isinstance(type, ref.Link):
			return 'struct ' + (type.interface.cname if type.interface else
					    'lwl_link_any')
		return 'struct ' + self.cname(type)

	@staticmethod
	def on_cycle(owner, f):
		"""Whether a field of a declared group, or of a union in it, leads back to it."""
		t = element(f.type)
		return (owner is not None and isinstance(t, ref.Group) and
			(t is owner or id(owner) in t.reach))

	# Initialisers.

	def pointer(self, data, type):
		"""A constant expression: where these bytes are."""
		if len(data) > 200:
			start = data[0] - TEXT[0]
			assert TEXT[start:start + len(data)] == data
			return '(const %s *)big + %d' % (type, start)
		if data not in self.blob_at:
			self.blob_at[data] = len(self.blob)
			self.blob += data
		return '(const %s *)blob + %d' % (type, self.blob_at[data])

	def init(self, type, value, owner):
		if isinstance(type, (ref.Scalar, ref.Enum, ref.Flags)):
			name = stored(type)
			return (c_float if name in ('f32', 'f64') else c_int)(name, value)
		if isinstance(type, (ref.String, ref.Bytes)):
			kind = 'char' if isinstance(type, ref.String) else 'uint8_t'
			if not value:
				return '{ NULL, 0 }'
			return '{ %s, %d }' % (self.pointer(bytes(value), kind), len(value))
		if isinstance(type, ref.Link):
			return '{ UINT64_C(%d) }' % value
		if isinstance(type, ref.Struct):
			return self.init_struct(type, value)
		if isinstance(type, ref.Union):
			name, inner = value
			f = [f for f in type.fields if f.name == name][0]
			return '{ .which = %d, .%s = %s }' % (f.number, member(name),
							      self.init_field(f, inner, owner))
		return self.init_fields(type.fields, value, type)

	def init_struct(self, type, value):
		parts = []
		for name, t, count in type.members:
			v = value[name]
			text = (self.init(t, v, None) if count is None else
				'{ %s }' % ', '.join(self.init(t, x, None) for x in v))
			parts.append('.%s = %s' % (member(name), text))
		return '{ %s }' % ', '.join(parts)

	def init_fields(self, fields, value, owner):
		parts = []
		for f in fields:
			if f.name not in value:
				continue
			v = value[f.name]
			if f.presence == 'default' and v == f.default and has_flag(f) and \
			   self.rng.random() < .5:
				continue	# left to the encoder: has_ is false
			if has_flag(f):
				parts.append('.has_%s = true' % f.name)
			parts.append('.%s = %s' % (member(f.name), self.init_field(f, v, owner)))
		return '{ %s }' % ', '.join(parts) if parts else '{ 0 }'

	def init_field(self, f, value, owner):
		if isinstance(f.type, (ref.Array, ref.List)):
			return self.sequence(f.type.elem, value, owner)
		if self.on_cycle(owner, f):
			return self.sequence(f.type, [value], owner)
		return self.init(f.type, value, owner)

	def sequence(self, elem, values, owner):
		if not values:
			return '{ .count = 0 }'
		return '{ .data = %s, .count = %d }' % (self.array(elem, values, owner), len(values))

	def array(self, elem, values, owner):
		"""The name of a host array of these."""
		key = id(values)
		if key in self.cache:
			return self.cache[key]
		if len(values) > 4 and all(v is values[0] for v in values):
			inits = '[0 ... %d] = %s' % (len(values) - 1,
						     self.init(elem, values[0], owner))
		else:
			inits = ', '.join(self.init(elem, v, owner) for v in values)
		self.arrays += 1
		name = 'a%d' % self.arrays
		self.out('static const %s %s[] = { %s };' % (self.c_type(elem), name, inits))
		self.cache[key] = name
		self.keep.append(values)
		return name

	# Comparisons: what was decoded, or is in host form, against what is in host form.

	def compare(self, type):
		"""Make the function for a struct, group or union, and return its name."""
		name = 'same_' + self.cname(type)
		if id(type) not in self.compared:
			self.compared[id(type)] = name
		return name

	def compare_value(self, type, a, b):
		if isinstance(type, (ref.Scalar, ref.Enum, ref.Flags)):
			name = stored(type)
			if name in ('f32', 'f64'):
				return 'lwl_%s_bits(%s) == lwl_%s_bits(%s)' % (name, a, name, b)
			return '%s == %s' % (a, b)
		if isinstance(type, (ref.String, ref.Bytes)):
			return 'same_text(%s.data, %s.len, %s.data, %s.len)' % (a, a, b, b)
		if isinstance(type, ref.Link):
			return '%s.id == %s.id' % (a, b)
		return '%s(&%s, &%s)' % (self.compare(type), a, b)

	def at(self, type):
		if isinstance(type, ref.Struct):
			return type.cname + '_at'
		if isinstance(type, ref.Link):
			return type.interface.cname + '_at' if type.interface else 'lwl_link_at'
		return 'lwl_%s_at' % stored(type)

	def compare_field(self, f, owner, lines):
		m = member(f.name)
		a, b = 'a->' + m, 'b->' + m
		elem = element(f.type)
		if isinstance(elem, ref.Group) and (elem is not f.type or self.on_cycle(owner, f)):
			lines.append('\tSAME_GROUPS(%s, %s, %s);' % (self.c_type(elem)[7:], a, b))
			self.compare(elem)
		elif elem is not f.type:
			at = self.at(elem)
			lines.append('\tEXPECT(%s.count == %s.count);' % (a, b))
			lines.append('\tfor (uint32_t i = 0; i <= %s.count; i++) {' % b)
			lines.append('\t\t%s x = %s(%s, i), y = %s(%s, i);' %
				     (self.c_type(elem), at, a, at, b))
			lines.append('\t\tEXPECT(%s);\n\t}' % self.compare_value(elem, 'x', 'y'))
			if isinstance(elem, (ref.Scalar, ref.Enum, ref.Flags)):
				zero = self.compare_value(elem, '%s(%s, %s.count)' % (at, a, a),
							  '(%s)0' % self.c_type(elem))
				lines.append('\tEXPECT(%s);' % zero)
		else:
			lines.append('\tEXPECT(%s);' % self.compare_value(f.type, a, b))

	def compare_fields(self, fields, owner):
		lines = []
		for f in fields:
			if f.presence == 'default' and has_flag(f):
				# Decoding always says that there is a value.
				value = self.init(f.type, f.default, None)
				test = self.compare_value(f.type, 'a->' + member(f.name),
							  'want_value')
				lines.append('\t{\n\t\t%s want_value = b->has_%s ? b->%s : %s;' % (
					self.c_type(f.type), f.name, member(f.name), value))
				lines.append('\t\tEXPECT(a->has_%s && %s);\n\t}' % (f.name, test))
				continue
			if f.presence == 'optional':
				lines.append('\tEXPECT(a->has_%s == b->has_%s);' % (f.name, f.name))
				inner = []
				self.compare_field(f, owner, inner)
				lines.append('\tif (b->has_%s) {' % f.name)
				lines += inner + ['\t}']
				continue
			self.compare_field(f, owner, lines)
		if not fields:
			lines.append('\tEXPECT(b->lwl_none == 0 && a->lwl_none == 0);')
		return lines

	def compare_function(self, type, name, owner):
		head = 'static bool %s(const %s *a, const %s *b)' % (name, self.c_type(type),
								     self.c_type(type))
		if isinstance(type, ref.Struct):
			lines = []
			for n, t, count in type.members:
				m = member(n) + ('' if count is None else '[i]')
				test = '\tEXPECT(%s);' % self.compare_value(t, 'a->' + m, 'b->' + m)
				if count is not None:
					lines.append('\tfor (int i = 0; i < %d; i++)' % count)
					test = '\t' + test
				lines.append(test)
		elif isinstance(type, ref.Union):
			lines = ['\tEXPECT(a->which == b->which);', '\tswitch (b->which) {']
			for f in type.fields:
				inner = []
				self.compare_field(f, owner, inner)
				lines += ['\tcase %s_%s: {' % (self.cname(type).upper(),
								f.name.upper())]
				lines += inner + ['\t\tbreak;', '\t}']
			lines += ['\tdefault:', '\t\treturn false;', '\t}']
		else:
			lines = self.compare_fields(type.fields, type)
		return head, head + '\n{\n' + '\n'.join(lines) + '\n\treturn true;\n}\n'

	def comparisons(self, messages):
		"""Of all types that messages lead to, and of the messages."""
		heads, bodies, done = [], [], set()
		owners = {}

		def owned(fields, owner):
			for f in fields:
				t = element(f.type)
				if isinstance(t, ref.Union):
					owners[id(t)] = owner
					owned(t.fields, owner)
		types = [t for lib in self.libs for t in lib.structs + lib.groups]
		for g in (g for lib in self.libs for g in lib.groups):
			owned(g.fields, g)
			types += self.inner_unions(g.fields)
		for _, message, name in messages:
			owned(message.fields, None)
			types += self.inner_unions(message.fields)
			lines = self.compare_fields(message.fields, None)
			bodies.append('static bool same_%s(const void *got, const void *want)\n{\n'
				      '\tconst struct %s *a = got, *b = want;\n\n%s\n'
				      '\treturn true;\n}\n' %
				      (name, name, '\n'.join(lines)))
		by_id = {id(t): t for t in types}
		while len(done) < len(self.compared):
			for key in [k for k in self.compared if k not in done]:
				done.add(key)
				type = by_id[key]
				head, body = self.compare_function(type, self.compared[key],
								   owners.get(key))
				heads.append(head + ';')
				bodies.append(body)
		self.lines += heads + bodies

	def inner_unions(self, fields):
		out = []
		for f in fields:
			t = element(f.type)
			if isinstance(t, ref.Union):
				out += [t] + self.inner_unions(t.fields)
		return out

	# Values that an encoder must refuse: lists of C statements that spoil the struct `v`.

	def bad_scalar(self, type, lvalue):
		if isinstance(type, ref.Enum) and not type.flexible:
			low, high = ref._int_range(type.underlying)
			taken = set(type.members.values())
			for v in (low, high, 0, *(v + 1 for v in taken), *(v - 1 for v in taken)):
				if low <= v <= high and v not in taken:
					return '%s = %s;' % (lvalue, c_int(stored(type), v))
		if isinstance(type, ref.Flags) and not type.flexible:
			for bit in range(8 * type.size):
				if not type.mask >> bit & 1:
					return '%s = %s;' % (lvalue, c_int(stored(type), 1 << bit |
									   type.mask))
		return None

	def bad_fixed(self, type, lvalue):
		"""One statement, or None if every value is good."""
		if not isinstance(type, ref.Struct):
			return self.bad_scalar(type, lvalue)
		for name, t, count in reversed(type.members):
			index = '' if count is None else '[%d]' % (count - 1)
			bad = self.bad_fixed(t, '%s.%s%s' % (lvalue, member(name), index))
			if bad:
				return bad
		return None

	def bad_text(self, type, lvalue):
		out = [['%s.len = %d;' % (lvalue, type.max + 1)], ['%s.len = UINT32_MAX;' % lvalue]]
		if type.min:
			out.append(['%s.len = %d;' % (lvalue, type.min - 1)])
		if isinstance(type, ref.String) and type.max <= 300:
			tail = self.rng.choice([t for t in BAD_TEXTS if len(t) <= type.max])
			data = b'a' * max(0, type.min - len(tail)) + tail
			if len(data) <= 200:
				out.append(['%s = (struct lwl_string){ %s, %d };' % (
					lvalue, self.pointer(data, 'char'), len(data))])
		return out

	def copy_of(self, type, lvalue):
		"""A copy of the first element, to spoil: its name, statements before and after."""
		self.arrays += 1
		name = 'c%d' % self.arrays
		kind = self.c_type(type)
		before = ['%s %s = ((const %s *)%s.data)[0];' % (kind, name, kind, lvalue)]
		after = ['%s.data = &%s;' % (lvalue, name), '%s.count = 1;' % lvalue]
		return name, before, after

	def bad_sequence(self, type, value, lvalue, owner):
		elem = element(type)
		out = []
		if isinstance(type, ref.Array):
			out += [['%s.count = %d;' % (lvalue, n)]
				for n in {type.n - 1, type.n + 1, 0}]
			size = elem.size
			out += [['%s.wire = %d;' % (lvalue, type.n * size + 1)]]
			if type.n * size > 1:
				out += [['%s.wire = %d;' % (lvalue, type.n * size - 1)]]
		else:
			out += [['%s.count = %d;' % (lvalue, type.max + 1)],
				['%s.count = UINT32_MAX;' % lvalue]]
			if value and not is_group(elem):
				size = 8 if isinstance(elem, ref.Link) else elem.size
				out += [['%s.wire = %d;' % (lvalue, len(value) * size + 1)]]
				if len(value) * size > 1:
					out += [['%s.wire = %d;' % (lvalue, len(value) * size - 1)]]
		if not value:
			return out
		if isinstance(elem, ref.Group):
			name, before, after = self.copy_of(elem, lvalue)
			for bad in self.bad_group(elem.fields, value[0], name, elem)[:4]:
				out.append(before + bad + after)
			if type.bytes is not None:
				out += self.too_many_bytes(type, value, lvalue)
			return out
		name, before, after = self.copy_of(elem, lvalue)
		bad = self.bad_fixed(elem, name)
		if isinstance(elem, ref.Link):
			bad = '%s.id = 0;' % name
		if bad and (isinstance(type, ref.List) or type.n == 1):
			out.append(before + [bad] + after)
		return out

	def too_many_bytes(self, type, value, lvalue):
		items, _ = ref._encode_items(1, type.elem, value[0], 0)
		size = pad8(len(items[0]))
		count = type.bytes // size + 1
		if count > type.max or count * size > 60000:
			return []
		self.arrays += 1
		name, kind = 'c%d' % self.arrays, self.c_type(type.elem)
		return [['%s %s[%d];' % (kind, name, count),
			 'for (int i = 0; i < %d; i++)' % count,
			 '\t%s[i] = *(const %s *)%s.data;' % (name, kind, lvalue),
			 '%s.data = %s;' % (lvalue, name), '%s.count = %d;' % (lvalue, count)]]

	def bad_field(self, f, value, lvalue, owner):
		t = f.type
		if isinstance(t, (ref.Array, ref.List)):
			return self.bad_sequence(t, value, lvalue, owner)
		if self.on_cycle(owner, f):
			name, before, after = self.copy_of(t, lvalue)
			out = [['%s.count = 0;' % lvalue], ['%s.count = 2;' % lvalue]]
			for bad in self.bad_group(t.fields, value, name, t)[:4]:
				out.append(before + bad + after)
			return out
		if isinstance(t, ref.Group):
			return self.bad_group(t.fields, value, lvalue, t)[:6]
		if isinstance(t, ref.Union):
			unused = [n for n in (1, 2, 3, 4, 5, 0x3fff, 0x8001) if n not in
				  [f.number for f in t.fields]]
			out = [['%s.which = %d;' % (lvalue, n)] for n in (0, unused[0], unused[-1])]
			f = [f for f in t.fields if f.name == value[0]][0]
			m = '%s.%s' % (lvalue, member(f.name))
			return out + self.bad_field(f, value[1], m, owner)
		if isinstance(t, (ref.String, ref.Bytes)):
			return self.bad_text(t, lvalue)
		if isinstance(t, ref.Link):
			return [['%s.id = 0;' % lvalue]]
		bad = self.bad_fixed(t, lvalue)
		return [[bad]] if bad else []

	def bad_group(self, fields, value, lvalue, owner):
		out = []
		for f in fields:
			m = '%s.%s' % (lvalue, member(f.name))
			if f.name not in value:
				continue
			v = value[f.name]
			if has_flag(f) and not self.is_zero(f.type, v):
				bad = '%s.has_%s = false;' % (lvalue, f.name)
				if f.presence == 'optional':
					out.append([bad])
				elif v != f.default:
					there = '%s = %s;' % (m, self.init(f.type, v, owner))
					out.append([there, bad])
			bads = self.bad_field(f, v, m, owner)
			if f.presence == 'default' and has_flag(f):
				bads = [['%s.has_%s = true;' % (lvalue, f.name)] + b for b in bads]
			out += bads
		self.rng.shuffle(out)
		return out

	def is_zero(self, type, value):
		"""Whether a value is what a struct that was zeroed holds."""
		if isinstance(type, ref.Struct):
			return all(self.is_zero(t, x) for n, t, count in type.members
				   for x in ([value[n]] if count is None else value[n]))
		if isinstance(type, ref.Group):
			# A default may have been left to the encoder.
			return all(value[f.name] == f.default if f.presence == 'default' else
				   f.presence != 'optional' and self.is_zero(f.type, value[f.name])
				   for f in type.fields if f.name in value)
		if isinstance(type, ref.Union):
			return False
		return not value
