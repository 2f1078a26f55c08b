"""Random values of random types, and messages that are almost right."""

import struct

from schema import DEPTH_MAX, element, is_group, pad8, ref

SPECIAL_FLOATS = {
	'f32': (0, 0x80000000, 0x7f800000, 0xff800000, 0x7fc00001, 0xffc12345, 1, 0x3f800000,
		0x7f7fffff),
	'f64': (0, 1 << 63, 0x7ff << 52, 0xfff << 52, 0x7ff8000000000001, 0xfff8123456789abc, 1,
		0x3ff0000000000000, 0x7fefffffffffffff),
}
LETTERS = 'aZ0 ~\x01é߿€\ud7ff\ue000𝄞\U0010ffff'
# Bad ones, and the good ones beside them.
TEXTS = (
	b'\xff', b'\0', b'\x80', b'\xc1\xbf', b'\xc2\x80', b'\xe0\x9f\xbf', b'\xe0\xa0\x80',
	b'\xed\x9f\xbf', b'\xed\xa0\x80', b'\xee\x80\x80', b'\xf0\x8f\xbf\xbf', b'\xf0\x90\x80\x80',
	b'\xf4\x8f\xbf\xbf', b'\xf4\x90\x80\x80', b'\xf5\x80\x80\x80', b'\xe2\x82',
	b'\xf0\x9d\x84', b'\xc3',
)
BIG = 65536


def big_text():
	"""What the C program fills a large buffer with; valid as text."""
	return bytes(97 + i % 23 for i in range(BIG))


TEXT = big_text()


class Values:
	def __init__(self, rng, sizes):
		self.rng, self.sizes = rng, sizes
		self.counts = {}

	def chance(self, p):
		return self.rng.random() < p

	def integer(self, name, how):
		low, high = ref._int_range(ref.Scalar(name))
		if how == 'min':
			return 0
		if how in ('max', 'full'):
			return self.rng.choice((low or high, high, self.rng.randint(1, high)))
		return self.rng.choice((low, high, 0, 1, self.rng.randint(low, high), max(low, -1),
					min(high, self.rng.randint(0, 300))))

	def scalar(self, type, how):
		if isinstance(type, ref.Enum):
			values = list(type.members.values())
			if type.flexible and self.chance(.4):
				return self.integer(type.underlying.name, how)
			return self.rng.choice([v for v in values if v or how == 'min'] or values)
		if isinstance(type, ref.Flags):
			if type.flexible and self.chance(.4):
				return self.integer(type.underlying.name, how)
			if how in ('max', 'full'):
				return type.mask
			if how == 'min':
				return 0
			return sum(1 << b for b in type.bits.values() if self.chance(.5))
		if type.name == 'bool':
			return how in ('max', 'full') or how != 'min' and self.chance(.5)
		if type.name in SPECIAL_FLOATS:
			if how == 'min':
				return 0
			bits = 8 * ref.SCALAR_SIZES[type.name]
			some = SPECIAL_FLOATS[type.name] + (self.rng.getrandbits(bits),)
			return self.rng.choice(some) or 1
		return self.integer(type.name, how)

	def fixed(self, type, how):
		if not isinstance(type, ref.Struct):
			return self.scalar(type, how)
		out = {}
		for name, t, count in type.members:
			out[name] = (self.fixed(t, how) if count is None else
				     [self.fixed(t, how) for _ in range(count)])
		return out

	def length(self, type, how):
		if how in ('min', 'max'):
			return getattr(type, how)
		top = max(type.min, min(type.max, 24))
		if how == 'full':
			return max(type.min, min(type.max, 5), 1)
		if self.chance(.02):
			top = type.max
		return self.rng.randint(type.min, top)

	def text(self, type, how):
		n = self.length(type, how)
		if n > 200:		# the C program has these bytes without being told
			at = self.rng.randrange(BIG - n + 1)
			return TEXT[at:at + n]
		if isinstance(type, ref.Bytes):
			return bytes(self.rng.getrandbits(8) for _ in range(n))
		out = b''
		while len(out) < n:
			letter = self.rng.choice(LETTERS).encode()
			out += letter if len(out) + len(letter) <= n else b'x'
		return out

	def link(self):
		return self.rng.choice((1, 1 << 63 | 1 << 32, (1 << 64) - 1,
					self.rng.getrandbits(64) | 1))

	def value(self, type, depth, how):
		"""Of a field in a level at `depth`, where it fits."""
		if isinstance(type, (ref.String, ref.Bytes)):
			return self.text(type, how)
		if isinstance(type, ref.Link):
			return self.link()
		if isinstance(type, ref.Array):
			return [self.fixed(type.elem, how) for _ in range(type.n)]
		if isinstance(type, ref.List):
			return self.list(type, depth, how)
		if isinstance(type, ref.Union):
			return self.union(type, depth, how)
		if isinstance(type, ref.Group):
			return self.fields(type.fields, depth + 1, how)
		return self.fixed(type, how)

	def union(self, type, depth, how):
		fit = [f for f in type.fields if self.sizes.fits(f.type, depth + 1)]
		f = self.rng.choice(fit)
		if how == 'max':
			f = max(fit, key=lambda f: self.sizes.largest(f.type, depth + 1))
		elif how == 'min' or depth > 3:
			f = min(fit, key=lambda f: self.sizes.need(element(f.type)))
		return f.name, self.value(f.type, depth + 1, how)

	def list(self, type, depth, how):
		if how == 'min' or not self.sizes.fits(type, depth):
			return []
		if how == 'max' and not is_group(type.elem):
			if isinstance(type.elem, ref.Link):
				return [self.link()] * type.max
			return [self.fixed(type.elem, how)] * type.max
		if how == 'max':
			return self.most(type, depth)
		count = self.rng.randint(1 if how == 'full' else 0, min(type.max, 3))
		if isinstance(type.elem, ref.Link):
			return [self.link() for _ in range(count)]
		if not is_group(type.elem):
			return [self.fixed(type.elem, how) for _ in range(count)]
		how = how if depth < 4 else 'min'
		out = [self.value(type.elem, depth, how) for _ in range(count)]
		limit = type.bytes or BIG
		while out and self.group_bytes(type, out, depth) > limit:
			out.pop()
		return out

	@staticmethod
	def group_bytes(type, values, depth):
		"""Padded, of all elements."""
		sizes = {}
		for v in values:
			if id(v) not in sizes:
				try:
					items, _ = ref._encode_items(1, type.elem, v, depth)
					sizes[id(v)] = pad8(len(items[0]))
				except ref.TooLarge:
					sizes[id(v)] = BIG
		return sum(sizes[id(v)] for v in values)

	def most(self, type, depth):
		for how in ('max', 'min'):
			limit = type.bytes or BIG
			if how == 'max' and self.sizes.largest(type.elem, depth) > limit:
				continue
			one = self.value(type.elem, depth, how)
			count = type.max
			if type.bytes is not None:
				size = self.group_bytes(type, [one], depth)
				count = min(count, type.bytes // size)
			if count:
				return [one] * count
		return []

	def fields(self, fields, depth, how, only=None):
		out = {}
		for f in fields:
			here = 'full' if f.name == only else how
			if f.presence == 'required':
				out[f.name] = self.value(f.type, depth, how)
			elif f.presence == 'list':
				out[f.name] = self.value(f.type, depth, here)
			elif f.presence == 'default':
				out[f.name] = (f.default if here == 'min' or here == 'random' and
					       self.chance(.4) else self.value(f.type, depth, here))
				if here == 'full' and out[f.name] == f.default:
					out[f.name] = self.other(f)
			elif self.sizes.fits(f.type, depth) and (
					here in ('max', 'full') or here == 'random' and
					self.chance(.5 if depth < 3 else .25)):
				out[f.name] = self.value(f.type, depth, here)
		return out

	def other(self, f):
		for _ in range(8):
			value = self.value(f.type, 0, 'random')
			if value != f.default:
				break
		return value

	def weight(self, type, depth):
		"""About how many values the largest form has."""
		elem = element(type)
		if is_group(elem):
			key = id(elem), depth
			if key not in self.counts:
				self.counts[key] = 1 + sum(self.weight(f.type, depth + 1)
							   for f in elem.fields
							   if depth < DEPTH_MAX)
			return self.counts[key] * getattr(type, 'max', 1)
		return 1

	def all(self, message):
		"""Up to nine of a message, the first one with every field."""
		kinds = ['full', 'min', 'random', 'random', 'random']
		out = [self.fields(message.fields, 0, how) for how in kinds]
		may = [f.name for f in message.fields if f.presence != 'required']
		for name in self.rng.sample(may, min(len(may), 3)):
			out.append(self.fields(message.fields, 0, 'min', name))
		if sum(self.weight(f.type, 0) for f in message.fields) < 1200:
			out.append(self.fields(message.fields, 0, 'max'))
		return out


# ---- messages that are almost right ----

class Node:
	"""An item: a leaf or links with its payload, or a group with its children."""

	def __init__(self, number, bits, payload, children=None):
		self.number, self.bits = number, bits
		self.payload, self.children = payload, children

	def copy(self):
		return Node(self.number, self.bits, self.payload,
			    None if self.children is None else [c.copy() for c in self.children])


def parse(data, at, end):
	nodes = []
	while at < end:
		id, length = struct.unpack_from('<HH', data, at)
		bits, inside = id & 0xc000, None
		if id & ref.GROUP_BIT:
			inside = parse(data, at + 8, at + length)
		payload = bytes(data[at + 4:at + length])
		nodes.append(Node(id & ref.NUMBER_BITS, bits, payload, inside))
		at += pad8(length)
	return nodes


def unparse(nodes, fix):
	"""The bytes of items, and whether there are linkids; `fix`: set L as it should be."""
	out, links = bytearray(), False
	for n in nodes:
		out += bytes(-len(out) % 8)
		body, bits, has = n.payload, n.bits, bool(n.bits & ref.LINKS_BIT)
		if n.children is not None:
			inside, has = unparse(n.children, fix)
			body = n.payload[:4].ljust(4, b'\0') + inside
			if fix:
				bits = bits & ~ref.LINKS_BIT | (ref.LINKS_BIT if has else 0)
		links = links or has
		length = min(4 + len(body), 65535)
		out += struct.pack('<HH', n.number & 0x3fff | bits, length) + body
	return bytes(out), links


def build(header, nodes, fix=True):
	body = unparse(nodes, fix)[0]
	out = header[:14] + struct.pack('<H', min(16 + len(body), 65535)) + body
	return out + bytes(-len(out) % 8)


class Mutator:
	def __init__(self, rng):
		self.rng = rng
		self.kinds = [
			self.flip, self.flip, self.cut, self.message_length, self.item_length,
			self.item_length, self.swap, self.duplicate, self.duplicate, self.remove,
			self.remove, self.insert, self.insert, self.insert, self.dirty, self.dirty,
			self.wrap, self.bits, self.renumber, self.payload, self.payload,
			self.resize, self.resize, self.resize, self.top, self.header, self.repeat,
			self.letters,
		]

	def mutate(self, data):
		"""(what was done, bytes)"""
		done = []
		for _ in range(self.rng.choice((1, 1, 1, 2))):
			kind = self.rng.choice(self.kinds)
			result = kind(data) if len(data) >= 16 else None
			if result is not None and len(result) <= 65544:
				data = result
				done.append(kind.__name__)
		return '+'.join(done), data

	def tree(self, data):
		"""(root, lists of nodes at every level), or None for what is no tree any more."""
		try:
			ref.check(data)
		except ref.Bad:
			return None
		length = struct.unpack_from('<H', data, 14)[0]
		root = parse(data, 16, length)
		return root, self.levels(root)

	def levels(self, nodes):
		out = [nodes]
		for n in nodes:
			if n.children is not None:
				out += self.levels(n.children)
		return out

	def with_tree(self, data, change, may_be_empty=False):
		found = self.tree(data)
		if found is None:
			return None
		root, levels = found
		levels = [l for l in levels if l or may_be_empty]
		if not levels:
			return None
		level = self.rng.choice(levels)
		fix = change(level) is not False
		return build(data[:16], root, fix)

	def flip(self, data):
		at = self.rng.randrange(len(data) * 8)
		if self.rng.random() < .6 and len(data) > 16:
			at = self.rng.randrange(128, len(data) * 8)
		out = bytearray(data)
		out[at // 8] ^= 1 << at % 8
		return bytes(out)

	def cut(self, data):
		n = self.rng.randrange(len(data))
		out = data[:n]
		if n >= 16 and self.rng.random() < .7:		# say so in the header
			out = out[:14] + struct.pack('<H', n) + out[16:]
			out += bytes(-len(out) % 8)
		return out

	def message_length(self, data):
		length = struct.unpack_from('<H', data, 14)[0]
		length += self.rng.choice((-8, -4, -1, 1, 2, 4, 8))
		if self.rng.random() < .2:
			length = self.rng.choice((0, 15, 16, 17, 65535, length))
		out = data[:14] + struct.pack('<H', length & 0xffff) + data[16:]
		if self.rng.random() < .4 and len(out) < 65528:
			out = out + bytes(8)
		return out

	def item_length(self, data):
		found = self.tree(data)
		if found is None or len(data) <= 16:
			return None
		places = self.places(data, 16, struct.unpack_from('<H', data, 14)[0])
		at = self.rng.choice(places)
		length = struct.unpack_from('<H', data, at + 2)[0]
		length = self.rng.choice((length - 1, length + 1, length + 4, length - 4,
					  length + 8, length - 8, pad8(length),
					  0, 3, 4, 8, 12, 65535))
		return data[:at + 2] + struct.pack('<H', length & 0xffff) + data[at + 4:]

	def places(self, data, at, end):
		out = []
		while at < end:
			id, length = struct.unpack_from('<HH', data, at)
			out.append(at)
			if id & ref.GROUP_BIT:
				out += self.places(data, at + 8, at + length)
			at += pad8(length)
		return out

	def swap(self, data):
		def change(level):
			i = self.rng.randrange(len(level))
			k = self.rng.randrange(len(level))
			level[i], level[k] = level[k], level[i]
		return self.with_tree(data, change)

	def duplicate(self, data):
		def change(level):
			i = self.rng.randrange(len(level))
			level.insert(i, level[i].copy())
		return self.with_tree(data, change)

	def remove(self, data):
		def change(level):
			del level[self.rng.randrange(len(level))]
			return self.rng.random() < .8
		return self.with_tree(data, change)

	def unknown(self, depth=0):
		number = self.rng.choice((self.rng.randint(1, 45), self.rng.randint(1, 0x3fff)))
		roll = self.rng.random()
		junk = bytes(self.rng.getrandbits(8) for _ in range(self.rng.randint(0, 12)))
		if roll < .35:
			return Node(number, 0, junk)
		if roll < .6:
			ids = [self.rng.getrandbits(64) or 1 for _ in range(self.rng.randint(1, 3))]
			if self.rng.random() < .1:
				ids[-1] = 0
			payload = bytes(4) + struct.pack('<%dQ' % len(ids), *ids)
			if self.rng.random() < .15:
				payload = payload[:-self.rng.randint(1, 8)]
			return Node(number, ref.LINKS_BIT, payload)
		count = self.rng.randint(0, 2 if depth < 4 else 0)
		children = [self.unknown(depth + 1) for _ in range(count)]
		children.sort(key=lambda n: n.number)
		return Node(number, ref.GROUP_BIT, bytes(4), children)

	def insert(self, data):
		def change(level):
			node = self.unknown()
			level.insert(self.rng.randint(0, len(level)), node)
			if self.rng.random() < .85:
				level.sort(key=lambda n: n.number)
			return self.rng.random() < .9
		return self.with_tree(data, change, True)

	def dirty(self, data):
		found = self.tree(data)
		if found is None:
			return None
		length = struct.unpack_from('<H', data, 14)[0]
		pads = list(range(length, len(data)))
		for at in self.places(data, 16, length):
			size = struct.unpack_from('<H', data, at + 2)[0]
			pads += range(at + size, min(at + pad8(size), len(data)))
			pads += range(at + 4, at + 8) if size >= 8 else []
		if not pads:
			return None
		out = bytearray(data)
		for _ in range(self.rng.choice((1, 1, 2))):
			out[self.rng.choice(pads)] = self.rng.randint(1, 255)
		return bytes(out)

	def wrap(self, data):
		def change(level):
			i = self.rng.randrange(len(level))
			for _ in range(self.rng.choice((1, 1, 2, 6, 7, 8, 9))):
				level[i] = Node(level[i].number, ref.GROUP_BIT, bytes(4),
						[level[i]])
			return self.rng.random() < .9
		return self.with_tree(data, change)

	def bits(self, data):
		def change(level):
			node = self.rng.choice(level)
			node.bits ^= self.rng.choice((0x4000, 0x4000, 0x8000, 0xc000))
			return False
		return self.with_tree(data, change)

	def renumber(self, data):
		def change(level):
			node = self.rng.choice(level)
			node.number = self.rng.choice((0, 0, node.number + 1, node.number - 1,
						       0x3eff, 0x3f01,
						       self.rng.randint(1, 0x3fff)))
		return self.with_tree(data, change)

	def payload(self, data):
		def change(level):
			node = self.rng.choice(level)
			n = len(node.payload)
			if n == 0 or node.children is not None:
				return
			roll = self.rng.random()
			out = bytearray(node.payload)
			if roll < .4:
				for i in range(max(0, n - self.rng.choice((1, 2, 4, 8))), n):
					out[i] = self.rng.getrandbits(8)
			elif roll < .7:
				bytes_ = (0, 1, 2, 3, 0x7f, 0x80, 0xc3, 0xed, 0xff)
				out[self.rng.randrange(n)] = self.rng.choice(bytes_)
			else:
				start = 4 if n >= 8 and self.rng.random() < .5 else 0
				fill = self.rng.choice((0, 0, 1, 255))
				out[start:] = bytes([fill]) * (n - start)
			node.payload = bytes(out)
		return self.with_tree(data, change)

	def letters(self, data):
		"""Text that may be at the edge of UTF-8."""
		def change(level):
			node = self.rng.choice([n for n in level if n.children is None] or [None])
			if node is None:
				return
			text = self.rng.choice(TEXTS)
			at = self.rng.choice((0, len(node.payload) - len(text), len(node.payload)))
			if at >= 0:
				behind = node.payload[at + len(text):]
				node.payload = node.payload[:at] + text + behind
		return self.with_tree(data, change)

	def resize(self, data):
		def change(level):
			node = self.rng.choice(level)
			if node.children is not None:
				return
			by = self.rng.choice((-8, -4, -2, -1, 1, 2, 4, 8, 16, -len(node.payload)))
			if by < 0:
				node.payload = node.payload[:by]
			else:
				more = self.rng.choice((bytes(by), b'a' * by, node.payload[-by:]))
				node.payload += more.ljust(by, b'\1')
		return self.with_tree(data, change)

	def top(self, data):
		"""What may, or may not, stand at the end of a message."""
		found = self.tree(data)
		if found is None:
			return None
		root, levels = found
		level = root if self.rng.random() < .8 else self.rng.choice(levels)
		code = self.rng.choice((0, 1, 2, 134, 4095, 4098, 1 << 31))
		detail = self.rng.choice((b'', b'why', b'\xff', b'x' * 255, b'y' * 256))
		error = [Node(1, 0, struct.pack('<I', code)), Node(2, 0, detail)]
		if self.rng.random() < .2:
			error.pop(self.rng.randrange(2))
		level += self.rng.sample([
			Node(0x3f02, 0, bytes(self.rng.choice((4, 4, 4, 0))) +
			     struct.pack('<Q', self.rng.getrandbits(64))),
			Node(0x3f02, 0, b'\1\0\0\0' + bytes(8)),
			Node(0x3f03, 0, bytes(range(self.rng.choice((16, 16, 16, 15, 17, 0))))),
			Node(0x3f01, 0x8000, bytes(4), error),
			Node(0x3f02, 0x4000, bytes(4) + struct.pack('<Q', 5)),
			self.unknown(),
		], self.rng.randint(1, 2))
		if self.rng.random() < .8:
			level.sort(key=lambda n: n.number)
		if self.rng.random() < .2 and level is root:
			del root[:-1]
		return build(data[:16], root)

	def header(self, data):
		linkid, msgid, command, length = struct.unpack_from('<QIHH', data)
		roll = self.rng.randrange(4)
		if roll == 0:
			command ^= 1 << self.rng.randrange(16)
		elif roll == 1:
			msgid = 0 if msgid else 1
		elif roll == 2:
			linkid = self.rng.getrandbits(64)
		else:
			msgid = self.rng.getrandbits(32)
		return struct.pack('<QIHH', linkid, msgid, command, length) + data[16:]

	def repeat(self, data):
		"""A group again and again: more than a list takes."""
		def change(level):
			groups = [i for i, n in enumerate(level) if n.children is not None]
			if not groups:
				return
			i = self.rng.choice(groups)
			for _ in range(self.rng.choice((1, 2, 3, 5, 8, 20))):
				level.insert(i, level[i].copy())
		return self.with_tree(data, change)
