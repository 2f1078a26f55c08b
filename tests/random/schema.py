"""Random schemas: types of lwlref with what a schema says of them beside, and their text."""

import os
import re
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'reference'))
import lwlref as ref	# noqa: E402

DEPTH_MAX = 8
MESSAGE_MAX = 65535 - 64
ERROR_FORM = 16 + 8 + 8 + 4 + 255
INTEGERS = ('u8', 'u16', 'u32', 'u64', 's8', 's16', 's32', 's64')
SCALARS = ('bool', 'f32', 'f64') + INTEGERS

# Words that C, C++ or a header has taken: as members they get a '_'.
TAKEN = '''
auto bool break case char const continue default do double else enum extern false float for goto if
inline int long register restrict return short signed sizeof static struct switch true typedef union
unsigned void volatile while alignas alignof static_assert thread_local typeof nullptr constexpr
and and_eq bitand bitor catch class compl concept const_cast decltype delete dynamic_cast explicit
export friend mutable namespace new noexcept not not_eq operator or or_eq private protected public
requires static_cast template this throw try typeid typename using virtual wchar_t xor xor_eq
EOF NULL I NAN INFINITY assert errno complex linux unix major minor makedev stdin stdout stderr
offsetof st_atime st_mtime s_addr si_pid si_value sa_handler va_arg which lwl_none isnan
setjmp htonl ntohs
'''.split()
# Words of the schema language, which a field may be called as well.
LANGUAGE = '''
library import flexible flags group interface command oneway request response use reserved
deprecated in u8 u16 u32 u64 s8 s16 s32 s64 f32 f64 string bytes link version id since replay safe
'''.split()
# Names that the generated functions have for variables of their own.
INSIDE = 'r w in out msg len err number index inner element i c p v host known data at'.split()
SYLLABLES = 'foo bar qux Zed Node http API size A b Name XY file'.split()

DOCS = [
	'Says what it is.', 'Ends early */ int x; /* and goes on.', 'A line that ends in \\',
	'Trigraphs ??/ ??= and "quotes"', '', 'äöü € 𝄞 in it', '$name$ %s %d \\n',
	'A line that is so long that it will not fit into a hundred columns once it stands in the '
	'header, and has to be cut somewhere.',
]


def snake(name):
	"""FileType -> file_type, HTTPServer -> http_server"""
	return re.sub(r'(?<=[^A-Z_])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])', '_', name).lower()


def member(name):
	return name + '_' if name in TAKEN else name


def pad8(n):
	return -(-n // 8) * 8


class Lib:
	def __init__(self, name, stem, version):
		self.name, self.stem, self.version = name, stem, version
		self.last = name.split('.')[-1]
		self.prefix = snake(self.last)
		self.imports, self.consts, self.enums = [], [], []
		self.structs, self.groups, self.interfaces = [], [], []
		self.folder = '.'

	def all_imports(self):
		out = []
		for lib in self.imports:
			out += [l for l in lib.all_imports() + [lib] if l not in out]
		return out


class Const:
	def __init__(self, lib, name, type, value, text):
		self.lib, self.name, self.type, self.value, self.text = lib, name, type, value, text
		self.cname = (lib.prefix + '_' + snake(name)).upper()


class Interface:
	def __init__(self, lib, name, id):
		self.lib, self.name, self.id = lib, name, id
		self.cname = lib.prefix + '_' + snake(name)
		self.commands, self.uses = [], []

	def closure(self):
		out = [self]
		for used in self.uses:
			out += [i for i in used.closure() if i not in out]
		return out


class Command:
	def __init__(self, interface, name, number, oneway, replay_safe):
		self.interface, self.name, self.number = interface, name, number
		self.oneway, self.replay_safe = oneway, replay_safe
		self.cname = interface.cname + '_' + name
		self.code = interface.id << 8 | number
		self.request = self.response = None


def is_group(type):
	return isinstance(type, (ref.Group, ref.Union))


def element(type):
	return type.elem if isinstance(type, (ref.Array, ref.List)) else type


# ---- sizes and depths ----

class Sizes:
	"""What can be said of types once all fields are known."""

	def __init__(self):
		self.memo = {}
		self.needs = {}
		self.alive = []		# so that no id() comes again

	def need(self, type):
		"""Levels that the smallest value takes; more than 8 if there is none."""
		if not is_group(type):
			return 0
		if id(type) not in self.needs:
			known = {}
			self._collect(type, known)
			levels = {key: 99 for key in known}
			changed = True
			while changed:
				changed = False
				for key, t in known.items():
					fresh = self._need_once(t, levels)
					if fresh != levels[key]:
						levels[key] = fresh
						changed = True
			self.needs.update(levels)
			self.alive.append(type)
		return self.needs[id(type)]

	def _collect(self, type, known):
		if not is_group(type) or id(type) in known:
			return
		known[id(type)] = type
		for f in type.fields:
			self._collect(element(f.type), known)

	@staticmethod
	def _need_once(type, levels):
		if isinstance(type, ref.Union):
			return 1 + min(levels.get(id(f.type), 0) for f in type.fields)
		return 1 + max([levels.get(id(f.type), 0) for f in type.fields
				if f.presence == 'required'], default=0)

	def fits(self, type, depth):
		"""Whether a value can stand in a level at `depth`."""
		return not is_group(element(type)) or depth + self.need(element(type)) <= DEPTH_MAX

	def largest(self, type, depth):
		"""The largest logical size of the items, in a level at `depth`; 0: none."""
		elem = element(type)
		count = type.n if isinstance(type, ref.Array) else getattr(type, 'max', 1)
		if is_group(elem):
			if not self.fits(elem, depth):
				return 0
			size = 8 + self.items(elem, depth + 1)
			if isinstance(type, ref.List):
				size += (type.max - 1) * pad8(size)
				if type.bytes is not None:
					size = min(size, type.bytes // 8 * 8)
			return size
		if isinstance(type, (ref.String, ref.Bytes)):
			return 4 + type.max
		if isinstance(elem, ref.Link):
			return 8 + 8 * (count if isinstance(type, ref.List) else 1)
		if elem is type:
			count = 1
		return (8 if elem.align == 8 else 4) + count * elem.size

	def items(self, group, depth):
		self.alive.append(group)
		key = id(group), depth
		if key not in self.memo:
			sizes = [self.largest(f.type, depth)
				 for f in sorted(group.fields, key=lambda f: f.number)]
			if isinstance(group, ref.Union):
				self.memo[key] = max(sizes)
			else:
				total = 0
				for size in sizes:
					if size:
						total = pad8(total) + size
				self.memo[key] = total
		return self.memo[key]

	def message(self, fields):
		return 16 + self.items(ref.Group('message', fields), 0)

	def request_max(self, fields):
		return pad8(self.message(fields) + 64)

	def response_max(self, fields):
		return pad8(max(self.message(fields), ERROR_FORM) + 64)


def owner_edges(group):
	"""The declared groups that fields of a group, and of the unions in it, are of."""
	out = []
	for f in group.fields:
		t = element(f.type)
		if isinstance(t, ref.Union):
			out += owner_edges(t)
		elif isinstance(t, ref.Group):
			out.append(t)
	return out


def reachable(groups, edges):
	"""For each group, the ids of those that one or more steps lead to."""
	out = {}
	for g in groups:
		seen, queue = set(), list(edges(g))
		while queue:
			t = queue.pop()
			if id(t) not in seen:
				seen.add(id(t))
				queue += edges(t)
		out[id(g)] = seen
	return out


def nesting(fields):
	"""Levels below these fields; groups that contain each other count once each."""
	nodes = {}

	def inner(g):
		return [element(f.type) for f in g.fields if is_group(element(f.type))]

	def collect(g):
		if id(g) not in nodes:
			nodes[id(g)] = g
			for t in inner(g):
				collect(t)

	top = ref.Group('top', fields)
	collect(top)
	reach = reachable(nodes.values(), inner)
	memo = {}

	def weight(g):
		same = [n for n in nodes.values()
			if n is g or id(n) in reach[id(g)] and id(g) in reach[id(n)]]
		key = min(id(n) for n in same)
		if key not in memo:
			below = [weight(t) for n in same for t in inner(n) if t not in same]
			memo[key] = len(same) + max(below, default=0)
		return memo[key]

	return weight(top) - 1


# ---- making one up ----

class Maker:
	def __init__(self, rng):
		self.rng = rng
		self.count = 0
		self.sizes = Sizes()

	def chance(self, p):
		return self.rng.random() < p

	def name(self):
		"""One that is no other's, also after it has been put in another style."""
		self.count += 1
		words = [self.rng.choice(SYLLABLES) for _ in range(self.rng.randint(1, 3))]
		style = self.rng.randrange(5)
		if style == 0:
			text = ''.join(w[0].upper() + w[1:] for w in words)
		elif style == 1:
			text = '_'.join(words).upper()
		elif style == 2:
			text = '_'.join(words).lower()
		elif style == 3:
			text = words[0].lower() + ''.join(w.capitalize() for w in words[1:])
		else:
			text = '_'.join(words)
		return '%s%s%d' % (text, self.rng.choice(('', '', '_')), self.count)

	def field_names(self, n):
		"""n of them, that differ whatever their case."""
		out, seen = [], set()
		while len(out) < n:
			roll = self.rng.random()
			if roll < .25:
				name = self.rng.choice(TAKEN)
			elif roll < .35:
				name = self.rng.choice(LANGUAGE)
			elif roll < .45:
				name = self.rng.choice(INSIDE)
			else:
				name = self.name()
			if name.lower() not in seen:
				seen.add(name.lower())
				out.append(name)
		return out

	def numbers(self, n, top):
		if n and self.chance(.6):
			return list(range(1, n + 1))
		if n and self.chance(.1):
			return sorted(self.rng.sample(range(top - n, top + 1), n))
		return sorted(self.rng.sample(range(1, min(top, 40 + n) + 1), n))

	def visible(self, lib, kind):
		return [x for l in [lib] + lib.imports for x in getattr(l, kind)]

	# Declarations.

	def integer(self, name):
		low, high = ref._int_range(ref.Scalar(name))
		return self.rng.choice((low, high, 0, 1, high // 3, self.rng.randint(low, high),
					max(low, -1), min(high, 200)))

	def enum(self, lib):
		is_flags, flexible = self.chance(.4), self.chance(.35)
		underlying = self.rng.choice(INTEGERS[:4] if is_flags else INTEGERS)
		if is_flags:
			width = 8 * ref.SCALAR_SIZES[underlying]
			count = width if width == 8 and self.chance(.1) else self.rng.randint(1, 6)
			values = self.rng.sample(range(width), count)
		else:
			count = self.rng.randint(1, 4)
			values = list({self.integer(underlying) for _ in range(count)})
			if self.chance(.15):
				values = list(ref._int_range(ref.Scalar(underlying)))
			for _ in range(self.rng.randint(0, 3)):
				start = self.rng.choice(values)
				if ref._int_range(ref.Scalar(underlying))[1] > start:
					values.append(start + 1)
			values = list(dict.fromkeys(values))
		members = {self.name(): v for v in values}
		kind = ref.Flags if is_flags else ref.Enum
		e = kind(self.name(), underlying, members, flexible)
		e.lib, e.cname = lib, lib.prefix + '_' + snake(e.name)
		lib.enums.append(e)

	def scalar(self, lib):
		"""A type of fixed size that is no struct."""
		enums = self.visible(lib, 'enums')
		if enums and self.chance(.35):
			return self.rng.choice(enums)
		return ref.Scalar(self.rng.choice(SCALARS))

	def fixed(self, lib):
		structs = [s for s in self.visible(lib, 'structs') if s.size <= 200]
		if structs and self.chance(.3):
			return self.rng.choice(structs)
		return self.scalar(lib)

	def struct(self, lib):
		members = []
		for name in self.field_names(self.rng.randint(1, 6)):
			type = self.fixed(lib)
			count = self.rng.choice((None, None, None, 1, 2, 3, 7))
			members.append((name, type, count))
		s = ref.Struct(self.name(), members)
		s.lib, s.cname = lib, lib.prefix + '_' + snake(s.name)
		lib.structs.append(s)

	def length(self, big):
		"""(min, max) of a string or bytes."""
		most = self.rng.choice((1, 2, 4, 5, 8, 20, 40))
		if big:
			most = self.rng.choice((300, 5000, 33000, 65000))
		least = self.rng.choice((0, 0, 0, 1, most, self.rng.randint(0, most)))
		return min(least, most), most

	def plain(self, lib, level):
		"""A type of one value that is no list; `level`: unions around it."""
		roll = self.rng.random()
		if roll < .24:
			return self.scalar(lib)
		if roll < .36:
			return self.fixed(lib)
		if roll < .46:
			return ref.String(*self.length(self.chance(.03)))
		if roll < .56:
			return ref.Bytes(*self.length(self.chance(.08)))
		if roll < .63:
			return ref.Link()
		if roll < .72:
			return ref.Array(self.fixed(lib), self.rng.choice((1, 2, 3, 4, 9)))
		if roll < .81 and level < 3:
			return self.union(lib, level)
		groups = self.visible(lib, 'groups')
		return self.rng.choice(groups) if groups else self.scalar(lib)

	def union(self, lib, level):
		n = self.rng.randint(1, 4)
		names, numbers = self.field_names(n), self.numbers(n, 0x3eff)
		return ref.Union([ref.Field(k, name, self.plain(lib, level + 1))
				  for k, name in zip(numbers, names)])

	def list(self, lib):
		roll = self.rng.random()
		most = self.rng.choice((1, 2, 3, 5, 8, 20))
		groups = self.visible(lib, 'groups')
		if roll < .25:
			return ref.List(ref.Link(), self.rng.choice((1, 3, 8, 2000))
					if self.chance(.1) else most)
		if roll < .6 and groups:
			group, limit = self.rng.choice(groups), None
			if self.chance(.5):
				limit = self.rng.choice((8, 20, 28, 60, 100, 204, 1000, 65471))
			elif self.chance(.5):
				# Just too small for one more of the largest.
				some = pad8(Sizes().largest(group, 0)) * self.rng.randint(2, 3)
				limit = min(65471, max(8, some - self.rng.choice((1, 1, 1, 4, 7))))
			return ref.List(group, most, limit)
		if self.chance(.05):
			return ref.List(ref.Scalar(self.rng.choice(('u8', 's8'))), 20000)
		return ref.List(self.fixed(lib), most)

	def default(self, type):
		"""A value, never None."""
		if isinstance(type, ref.Enum):
			return self.rng.choice(list(type.members.values()))
		if isinstance(type, ref.Flags):
			bits = list(type.bits.values())
			bits = self.rng.sample(bits, self.rng.randint(0, len(bits)))
			return sum(1 << b for b in bits)
		if type.name == 'bool':
			return self.chance(.5)
		if type.name in ('f32', 'f64'):
			return self.float_default(type.name)
		return self.integer(type.name)

	def float_default(self, name):
		value = self.rng.choice((0.0, -0.0, 1.0, -2.5, 0.1, 1e10, -1.5e-20, 1 / 3,
					 16777217.0, self.rng.uniform(-1e6, 1e6)))
		return bits_of(name, value)

	def field(self, lib, number, name):
		if self.chance(.2):
			return ref.Field(number, name, self.list(lib), 'list')
		type = self.plain(lib, 0)
		roll = self.rng.random()
		if isinstance(type, (ref.Scalar, ref.Enum, ref.Flags)) and roll < .4:
			return ref.Field(number, name, type, 'default', self.default(type))
		if roll < .7:
			return ref.Field(number, name, type, 'optional')
		return ref.Field(number, name, type)

	def fields(self, lib, n):
		names, numbers = self.field_names(n), self.numbers(n, 0x3eff)
		return [self.field(lib, k, name) for k, name in zip(numbers, names)]

	def groups(self, lib, n):
		for _ in range(n):
			fields = self.fields(lib, self.rng.choice((0, 1, 2, 3, 5)))
			g = ref.Group(self.name(), fields)
			g.lib, g.cname = lib, lib.prefix + '_' + snake(g.name)
			lib.groups.append(g)
		for g in lib.groups:
			if self.chance(.45):
				self.recurse(lib, g)

	def recurse(self, lib, g):
		"""A field that may lead back, such that values can still end."""
		number = max([f.number for f in g.fields], default=0) + self.rng.randint(1, 3)
		if number > 0x3eff:
			return
		name, target = self.name(), self.rng.choice(lib.groups)
		roll = self.rng.random()
		if roll < .35:
			f = ref.Field(number, name, target, 'optional')
		elif roll < .65:
			f = ref.Field(number, name, ref.List(target, self.rng.randint(1, 4),
				self.rng.choice((44, 100, 300, 600))), 'list')
		else:
			u = ref.Union([ref.Field(1, 'leaf', self.scalar(lib)),
				       ref.Field(2, 'rec', target), ref.Field(7, 'also', target)])
			f = ref.Field(number, name, u, self.rng.choice(('required', 'optional')))
		g.fields.append(f)

	def message(self, lib, code, kind):
		budget = self.rng.choice((400, 1000, 1000, 2500, 2500, 8000, MESSAGE_MAX))
		fields = self.fields(lib, self.rng.choice((0, 1, 2, 3, 4, 5, 7)))
		while fields:
			bad = [f for f in fields if not self.sizes.fits(f.type, 0) and
			       f.presence == 'required' or nesting([f]) > DEPTH_MAX]
			if not bad and self.sizes.message(fields) > budget:
				bad = [max(fields, key=lambda f: self.sizes.largest(f.type, 0))]
			if not bad:
				break
			fields.remove(bad[0])
		return ref.Message(code, kind, fields)

	def command_names(self, n):
		"""Not those that the interface itself makes up in C."""
		own = {'id', 'at', 'ops', 'interface', 'commands', 'uses'}
		return [self.name() if x.lower() in own else x for x in self.field_names(n)]

	def interface(self, lib):
		ids = {i.id for l in [lib] + lib.all_imports() for i in l.interfaces}
		i = Interface(lib, self.name(),
			      self.rng.choice([k for k in range(1, 128) if k not in ids]))
		if self.chance(.4):
			self.use(lib, i)
		taken = {c.name.lower() for u in i.closure() for c in u.commands}
		count = self.rng.randint(0 if self.chance(.1) else 1, 3)
		names = [n for n in self.command_names(count) if n.lower() not in taken]
		for name, number in zip(names, self.numbers(len(names), 255)):
			oneway, replay_safe = self.chance(.2), self.chance(.4)
			i.commands.append(Command(i, name, number, oneway, replay_safe))
		lib.interfaces.append(i)

	def use(self, lib, interface):
		usable = self.visible(lib, 'interfaces')
		for used in self.rng.sample(usable, min(len(usable), self.rng.randint(1, 2))):
			commands = [c.name.lower() for i in interface.closure() for c in i.commands]
			more = [c.name.lower() for i in used.closure() for c in i.commands
				if i not in interface.closure()]
			if not set(commands) & set(more):
				interface.uses.append(used)

	def link_types(self, lib, fields):
		"""Which interface the links of these fields are to."""
		for f in fields:
			t = element(f.type)
			if isinstance(t, ref.Link):
				usable = self.visible(lib, 'interfaces')
				t.interface = self.rng.choice(usable + [None])
			elif isinstance(t, ref.Union):
				self.link_types(lib, t.fields)

	def library(self, name, stem, imports, scale):
		lib = Lib(name, stem, self.rng.randint(1, 9))
		lib.imports = imports
		for _ in range(self.rng.randint(1, 2 + scale)):
			self.enum(lib)
		for _ in range(self.rng.randint(1, 2 + scale)):
			self.struct(lib)
		self.groups(lib, self.rng.randint(1, 3 + scale))
		for _ in range(self.rng.randint(1, 1 + scale)):
			self.interface(lib)
		for g in lib.groups:
			self.link_types(lib, g.fields)
		for i in lib.interfaces:
			for c in i.commands:
				kind = 'oneway' if c.oneway else 'request'
				c.request = self.message(lib, c.code, kind)
				self.link_types(lib, c.request.fields)
				if not c.oneway:
					c.response = self.message(lib, c.code, 'response')
					self.link_types(lib, c.response.fields)
		return lib

	def program(self):
		"""Libraries, an import before its importer."""
		lasts = self.rng.sample(['alpha', 'betaTwo', 'GAMMA', 'delta_x', 'HTTPServer',
					 'string', 'version', 'y'], 3)
		names = [self.rng.choice(('', 'rnd.', 'a.b2.', 'group.')) + last for last in lasts]
		libs = []
		if self.chance(.8):
			libs.append(self.library(names[0], 'base', [], 0))
		if self.chance(.3):
			libs.append(self.library(names[1], 'middle', list(libs), 0))
		imports = list(libs)
		libs.append(self.library(names[2], 'main', imports, 2))
		for lib in libs[:-1]:
			lib.folder = self.rng.choice(('.', 'inc'))
		for g in (g for lib in libs for g in lib.groups):
			g.reach = reachable([g], owner_edges)[id(g)]
		return libs


def bits_of(name, value):
	form = '<f' if name == 'f32' else '<d'
	return int.from_bytes(struct.pack(form, value), 'little')


def float_of(name, bits):
	if name == 'f32':
		return struct.unpack('<f', bits.to_bytes(4, 'little'))[0]
	return struct.unpack('<d', bits.to_bytes(8, 'little'))[0]


# ---- as text ----

class Writer:
	"""The schema of one library, in one of many spellings."""

	def __init__(self, maker, lib):
		self.maker, self.rng, self.lib = maker, maker.rng, lib
		self.chance = maker.chance

	def sp(self):
		return self.rng.choice(('', '', ' ')) if self.chance(.3) else ''

	def foreign(self, thing):
		if thing.lib is self.lib:
			return thing.name
		full = thing.lib.name if not thing.lib.name.startswith('group.') else thing.lib.last
		return '%s.%s' % (self.rng.choice((thing.lib.last, full)), thing.name)

	def number(self, n):
		text = ('0x%x' % abs(n) if self.chance(.2) else
			'0x%X' % abs(n) if self.chance(.05) else str(abs(n)))
		return ('-' if n < 0 else '') + text

	def literal(self, n):
		"""An integer, or a constant that has this value."""
		if not self.chance(.2):
			return self.number(n)
		for c in self.maker.visible(self.lib, 'consts'):
			if c.type in INTEGERS and c.value == n:
				return self.foreign(c)
		types = [t for t in INTEGERS if ref._int_range(ref.Scalar(t))[0] <= n <=
			 ref._int_range(ref.Scalar(t))[1]]
		return self.foreign(self.constant(self.rng.choice(types), n, self.number(n)))

	def constant(self, type, value, text):
		c = Const(self.lib, self.maker.name(), type, value, text)
		self.lib.consts.append(c)
		return c

	def float(self, name, bits):
		value = float_of(name, bits)
		text = '%.9e' % value if name == 'f32' else '%.17e' % value
		if value == round(value, 3) and abs(value) < 1e6:
			text = repr(value)
		if self.chance(.2):
			return self.foreign(self.constant(name, bits, text))
		return text

	def value(self, type, value):
		if isinstance(type, ref.Enum):
			return [n for n, v in type.members.items() if v == value][0]
		if isinstance(type, ref.Flags):
			names = [n for n, bit in type.bits.items() if value >> bit & 1]
			self.rng.shuffle(names)
			return '0' if not names and self.chance(.5) else '[%s]' % ', '.join(names)
		if type.name == 'bool':
			text = 'true' if value else 'false'
			if self.chance(.2):
				return self.foreign(self.constant('bool', value, text))
			return text
		if type.name in ('f32', 'f64'):
			return self.float(type.name, value)
		return self.literal(value)

	def bounds(self, type):
		if type.min == 0 and self.chance(.8):
			return self.literal(type.max)
		return '%s%s..%s%s' % (self.literal(type.min), self.sp(), self.sp(),
				       self.literal(type.max))

	def type(self, type, indent):
		if isinstance(type, ref.Array):
			return '%s%s[%s]' % (self.type(type.elem, indent), self.sp(),
					     self.literal(type.n))
		if isinstance(type, ref.List):
			limit = '' if type.bytes is None else ' in ' + self.literal(type.bytes)
			return '%s[..%s%s%s]' % (self.type(type.elem, indent), self.sp(),
						 self.literal(type.max), limit)
		if isinstance(type, (ref.String, ref.Bytes)):
			word = 'string' if isinstance(type, ref.String) else 'bytes'
			return '%s%s<%s>' % (word, self.sp(), self.bounds(type))
		if isinstance(type, ref.Link):
			return 'link' if type.interface is None else \
				'link<%s>' % self.foreign(type.interface)
		if isinstance(type, ref.Union):
			return 'union {\n%s%s}' % (self.items(type.fields, indent + '\t'), indent)
		if isinstance(type, ref.Scalar):
			return type.name
		return self.foreign(type)

	def since(self):
		if not self.chance(.15):
			return ''
		return ' since %d' % self.rng.randint(1, self.lib.version)

	def lead(self, indent):
		out = ''
		if self.chance(.15):
			for line in self.rng.sample(DOCS, self.rng.randint(1, 3)):
				out += indent + '/// ' + line + '\n'
		elif self.chance(.1):
			out += indent + '// "neither } nor /// here" /*\n'
		out += indent
		if indent and self.chance(.08):		# not on declarations
			out += 'deprecated "use \\"another\\" one */ \\\\"'
			out += self.rng.choice((' ', '\n'))
		return out

	def reserved(self, indent, used, top):
		if not self.chance(.2):
			return ''
		# Runs of free numbers, far from each other, so that no two lines meet.
		things, free = [], [n for n in range(1, min(top, 120)) if n not in used]
		if free:
			things.append(self.number(free[0]))
		run = [n for n in free if n > 60 and n + 1 in free]
		if run:
			things.append('%d..%s' % (run[0], self.number(run[0] + 1)))
		things.append('"gone%d"' % self.rng.randint(1, 99))
		self.rng.shuffle(things)
		return indent + 'reserved ' + ', '.join(things) + ';\n'

	def items(self, fields, indent):
		lines = []
		for f in fields:
			text = '%s%s: %s' % (self.lead(indent), self.number(f.number),
					     self.type(f.type, indent))
			if f.presence == 'optional':
				text += self.sp() + '?'
			text += ' ' + f.name
			if f.presence == 'default':
				text += ' = ' + self.value(f.type, f.default)
			lines.append(text + self.since() + ';\n')
		lines.append(self.reserved(indent, {f.number for f in fields}, 0x3eff))
		if self.chance(.3):
			self.rng.shuffle(lines)
		return ''.join(lines)

	def enum(self, e):
		is_flags = isinstance(e, ref.Flags)
		members = e.bits if is_flags else e.members
		number = self.number if is_flags else self.literal
		lines = ['%s%s = %s%s;\n' % (self.lead('\t'), n, number(v), self.since())
			 for n, v in members.items()]
		if is_flags or e.underlying.name[0] == 'u':
			top = 8 * e.size if is_flags else 120
			lines.append(self.reserved('\t', set(members.values()), top))
		return '%s%s%s %s : %s {\n%s}\n' % (
			self.lead(''), 'flexible ' if e.flexible else '',
			'flags' if is_flags else 'enum', e.name, e.underlying.name, ''.join(lines))

	def struct(self, s):
		lines = []
		for name, type, count in s.members:
			shape = '' if count is None else '[%s]' % self.literal(count)
			lines.append('%s%s%s %s%s;\n' % (self.lead('\t'), self.type(type, ''),
							 shape, name, self.since()))
		return '%sstruct %s {\n%s}\n' % (self.lead(''), s.name, ''.join(lines))

	def group(self, g):
		return '%sgroup %s {\n%s}\n' % (self.lead(''), g.name, self.items(g.fields, '\t'))

	def command(self, c):
		notes = [self.since(), ' replay safe' if c.replay_safe else '']
		self.rng.shuffle(notes)
		word = 'oneway' if c.oneway else 'command'
		head = '%s%s %s = %s%s ' % (self.lead('\t'), word, c.name, self.number(c.number),
					    ''.join(notes))
		if c.oneway:
			return head + '{\n%s\t}\n' % self.items(c.request.fields, '\t\t')
		parts = ['\t\trequest {\n%s\t\t}\n' % self.items(c.request.fields, '\t\t\t'),
			 '\t\tresponse {\n%s\t\t}\n' % self.items(c.response.fields, '\t\t\t')]
		return head + '{\n%s\t}\n' % ''.join(parts)

	def interface(self, i):
		lines = [self.command(c) for c in i.commands]
		lines += ['\tuse %s;\n' % self.foreign(u) for u in i.uses]
		lines.append(self.reserved('\t', {c.number for c in i.commands}, 255))
		return '%sinterface %s id %s {\n%s}\n' % (self.lead(''), i.name, self.number(i.id),
							  ''.join(lines))

	def schema(self):
		lib = self.lib
		parts = [self.enum(e) for e in lib.enums]
		parts += [self.struct(s) for s in lib.structs]
		parts += [self.group(g) for g in lib.groups]
		parts += [self.interface(i) for i in lib.interfaces]
		parts += ['%sconst %s %s = %s;\n' % (self.lead(''), c.type, c.name, c.text)
			  for c in lib.consts]
		if self.chance(.5):
			self.rng.shuffle(parts)
		text = 'library %s version %s;\n' % (lib.name, self.number(lib.version))
		text += ''.join('import "%s.lwl";\n' % l.stem for l in lib.imports)
		return (self.rng.choice(('', '/// A library.\n')) + text + '\n' +
			self.rng.choice(('', '\n')).join(parts))
