#!/usr/bin/env python3
"""usage: make.py SEED OUTDIR [MUTANTS]

Writes to OUTDIR a random schema (main.lwl and what it imports, in OUTDIR and OUTDIR/inc), test.c,
which with harness.c is a program that tests what lwlc makes of it, and test.data, its bytes.
Prints the schemas' paths, an import before its importer.
"""

import os
import random
import struct
import sys

from glue import Glue, c_int, c_float
from schema import Maker, Writer, member, ref
from values import Mutator, Values

INVALIDS = 14			# of each message, at most
ERRORS = (1, 2, 133, 134, 4095, 4096, 4098, 9999, (1 << 31) - 1, 1 << 31, (1 << 32) - 1)


class Program:
	def __init__(self, seed, mutants):
		self.rng = random.Random(seed)
		self.mutants = mutants
		self.maker = Maker(self.rng)
		self.libs = self.maker.program()
		self.texts = [Writer(self.maker, lib).schema() for lib in self.libs]
		self.glue = Glue(self.rng, self.libs)
		self.values = Values(self.rng, self.maker.sizes)
		self.data = bytearray()
		self.messages = []		# (command, message, name in C)
		for lib in self.libs:
			for g in lib.groups:
				self.glue.name_unions(g.cname, g.fields)
			for c in (c for i in lib.interfaces for c in i.commands):
				for m in (c.request, c.response):
					if m is not None:
						name = self.glue.message_name(c, m)
						self.glue.name_unions(name, m.fields)
						self.messages.append((c, m, name))

	# The data file.

	def text(self, text):
		data = text if isinstance(text, bytes) else text.encode()
		self.data += struct.pack('<B', len(data)) + data

	def bad(self, bad):
		self.text(bad.code)
		self.data += struct.pack('<IB', bad.offset, len(bad.path))
		for number, index in bad.path:
			self.data += struct.pack('<HH', number, index)

	def envelope(self, deadline, trace):
		self.data += b'\0' if deadline is None else struct.pack('<BQ', 1, deadline)
		self.data += b'\0' if trace is None else b'\1' + trace

	def value_record(self, index, message, value, plain):
		linkid = 1 if plain else self.rng.getrandbits(64)
		msgid = 1 if plain else self.rng.randint(1, 0xffffffff)
		if message.kind == 'oneway':
			msgid = 0
		deadline = trace = None
		if not plain and self.rng.random() < .5:
			deadline = self.rng.getrandbits(63)
		if not plain and self.rng.random() < .5:
			trace = bytes(self.rng.getrandbits(8) for _ in range(16))
		data = ref.encode(message, value, linkid, msgid, deadline, trace)
		self.data += struct.pack('<BHQI', ord('V'), index, linkid, msgid)
		self.envelope(deadline, trace)
		self.data += struct.pack('<I', len(data)) + data
		return data

	def bytes_record(self, index, message, what, data):
		self.data += struct.pack('<BH', ord('B'), index)
		self.text(what)
		self.data += struct.pack('<I', len(data)) + data
		try:
			ref.check(data)
			self.text('')
			links = ref.linkids(data)
			self.data += struct.pack('<H', len(links))
			for offset, id in links:
				self.data += struct.pack('<IQ', offset, id)
		except ref.Bad as bad:
			self.bad(bad)
		try:
			value = ref.decode(message, data)
		except ref.Bad as bad:
			self.bad(bad)
			return
		self.text('')
		if isinstance(value, ref.RemoteError):
			self.data += struct.pack('<I', value.local_code)
			self.text(value.detail)
			return
		self.data += struct.pack('<I', 0)
		head = ref.envelope(data)
		again = ref.encode(message, value, head['linkid'], head['msgid'], head['deadline'],
				   head['trace'])
		self.envelope(head['deadline'], head['trace'])
		self.data += struct.pack('<I', len(again)) + again

	# The program.

	def run(self):
		out, glue = self.glue.out, self.glue
		values, invalids = [], []
		mutator = Mutator(self.rng)
		glue.comparisons(self.messages)
		for index, (command, message, name) in enumerate(self.messages):
			made = self.values.all(message)
			encoded = []
			for k, value in enumerate(made):
				init = glue.init_fields(message.fields, value, None)
				out('static const struct %s v%d = %s;' % (name, len(values), init))
				values.append((index, 'v%d' % len(values)))
				data = self.value_record(len(values) - 1, message, value, k < 2)
				if len(data) < 3000:
					encoded.append(data)
			self.invalid(index, message, name, made[0], values[-len(made)][1], invalids)
			if message.kind == 'response':
				for code in self.rng.sample(ERRORS, 2):
					detail = self.rng.choice((b'', b'no', b'd' * 255))
					encoded.append(ref.encode_error(command.code, code, detail))
			for data in encoded:
				self.bytes_record(index, message, 'as it is', data)
			for _ in range(self.mutants // len(self.messages) if encoded else 0):
				what, data = mutator.mutate(self.rng.choice(encoded))
				self.bytes_record(index, message, what, data)
		self.tables(values, invalids)

	def invalid(self, index, message, name, value, c_value, invalids):
		bads = self.glue.bad_group(message.fields, value, 'v', None)
		for bad in bads[:INVALIDS]:
			n = len(invalids)
			self.glue.out('static int invalid%d(struct lwl_writer *w)\n{\n'
				      '\tstruct %s v = %s;\n\n\t%s\n\treturn %s_encode(w, &v);\n}' %
				      (n, name, c_value, '\n\t'.join(bad), name))
			what = ' '.join(bad).replace('\\', '\\\\').replace('"', '\\"')
			invalids.append((index, n, what))

	def tables(self, values, invalids):
		out = self.glue.out
		for lib in self.libs:
			for i in lib.interfaces:
				self.interface(i)
		out('const struct message messages[] = {')
		for c, m, name in self.messages:
			suffix = name[len(c.cname):]
			send = 'reply' if m.kind == 'response' else 'send'
			out('\tMESSAGE(%s, %s, %s, %s%s_MAX, %s, %s, %s),' % (
				c.cname, c.interface.cname, suffix, c.cname.upper(), suffix.upper(),
				c.cname.upper(), m.kind.upper(), send))
		out('};\nconst size_t message_count = %d;' % len(self.messages))
		out('const struct value values[] = {')
		for index, name in values:
			out('\t{ %d, &%s },' % (index, name))
		out('};\nconst size_t value_count = %d;' % len(values))
		out('const struct invalid invalids[] = {')
		for index, n, what in invalids:
			out('\t{ %d, invalid%d, "%s" },' % (index, n, what))
		out('\t{ 0, NULL, NULL },\n};\nconst size_t invalid_count = %d;' % len(invalids))
		out('void check_tables(void)\n{\n\tconst void *table;\n\n\t(void)table;')
		for lib in self.libs:
			self.check_library(lib)
		out('}')

	def interface(self, i):
		out = self.glue.out
		for c in i.commands:
			out('%s(%s, %s)' % ('ONEWAY' if c.oneway else 'TWOWAY', c.cname, i.cname))
		out('static const struct %s_ops ops_%s = {' % (i.cname, i.cname))
		for c in i.commands:
			out('\t.%s = on_%s,' % (member(c.name), c.cname))
		for u in i.uses:
			out('\t.%s = &ops_%s,' % (u.cname, u.cname))
		if not i.commands and not i.uses:
			out('\t0')
		out('};')

	def check_library(self, lib):
		for c in lib.consts:
			if c.type in ('f32', 'f64'):
				bits = 'lwl_%s_bits' % c.type
				self.check('%s(%s) == %s(%s)' % (bits, c.cname, bits,
								 c_float(c.type, c.value)))
			else:
				self.check('%s == %s' % (c.cname, c_int(c.type, c.value)))
		for e in lib.enums:
			self.check_enum(e)
		for i in lib.interfaces:
			self.check_interface(i)

	def check(self, condition):
		self.glue.out('\tCHECK(%s);' % condition)

	def check_enum(self, e):
		is_flags, name = isinstance(e, ref.Flags), e.underlying.name
		members = e.bits if is_flags else e.members
		for n, v in members.items():
			constant = '%s_%s' % (e.cname.upper(), n.upper())
			self.check('%s == %s' % (constant, c_int(name, 1 << v if is_flags else v)))
			if not is_flags:
				self.check('strcmp(%s_name(%s), "%s") == 0' %
					   (e.cname, constant, n))
		low, high = ref._int_range(e.underlying)
		other = [v for v in (low, 0, 77, high) if v not in members.values()]
		if not is_flags and other:
			self.check('%s_name(%s) == NULL' % (e.cname, c_int(name, other[0])))

	def check_interface(self, i):
		table = i.cname + '_interface'
		self.check('strcmp(%s.name, "%s.%s") == 0' % (table, i.lib.name, i.name))
		self.check('%s.version == %d && %s.id == %d && %s_ID == %d' % (
			table, i.lib.version, table, i.id, i.cname.upper(), i.id))
		count = max([c.number + 1 for c in i.commands], default=0)
		self.check('%s.command_count == %d' % (table, count))
		closure = [i]
		for user in closure:
			closure += [u for u in user.uses if u not in closure]
		self.check('%s.use_count == %d' % (table, sum(len(u.uses) for u in closure)))
		for n, u in enumerate(i.uses):
			self.check('%s.uses[%d].interface == &%s_interface' % (table, n, u.cname))
		sizes = self.maker.sizes
		for c in i.commands:
			entry = '%s.commands[%d]' % (table, c.number)
			self.check('strcmp(%s.name, "%s") == 0' % (entry, c.name))
			self.check('%s.command == 0x%x && %s == 0x%x' %
				   (entry, c.code, c.cname.upper(), c.code))
			self.check('%s.oneway == %d && %s.replay_safe == %d' %
				   (entry, c.oneway, entry, c.replay_safe))
			largest = sizes.request_max(c.request.fields)
			self.check('%s.request_max == %d' % (entry, largest))
			largest = 0 if c.oneway else sizes.response_max(c.response.fields)
			self.check('%s.response_max == %d' % (entry, largest))
		for n in range(count):
			if n not in [c.number for c in i.commands]:
				self.check('%s.commands[%d].name == NULL' % (table, n))
				break
		# All that it is composed of is found, with the table of what declares it.
		for other in i.closure():
			for c in other.commands:
				entry = '&%s_interface.commands[%d]' % (other.cname, c.number)
				self.check('lwl_command_find(&table, &%s, &ops_%s, 0x%x) == %s && '
					   'table == &ops_%s' %
					   (table, i.cname, c.code, entry, other.cname))
		ids = [o.id for o in i.closure()]
		free = [n for n in range(1, 128) if n not in ids][0]
		self.check('lwl_command_find(&table, &%s, &ops_%s, 0x%x) == NULL' % (table, i.cname,
										     free << 8 | 1))

	def write(self, folder):
		paths = []
		os.makedirs(os.path.join(folder, 'inc'), exist_ok=True)
		for lib, text in zip(self.libs, self.texts):
			path = os.path.join(folder, lib.folder, lib.stem + '.lwl')
			with open(path, 'w', encoding='utf-8') as f:
				f.write(text)
			paths.append(path)
		blob = ''.join('\\%03o' % b for b in self.glue.blob)
		head = ['#include "harness.h"', '']
		head += ['#include "%s.link.h"' % lib.stem for lib in self.libs]
		head += ['', 'static const uint8_t blob[] =']
		head += ['\t"%s"' % blob[k:k + 80] for k in range(0, len(blob), 80)] or ['\t""']
		head += ['\t;']
		with open(os.path.join(folder, 'test.c'), 'w', encoding='utf-8') as f:
			f.write('\n'.join(head + self.glue.lines) + '\n')
		with open(os.path.join(folder, 'test.data'), 'wb') as f:
			f.write(self.data)
		return paths


def main():
	if len(sys.argv) not in (3, 4):
		sys.exit(__doc__.split('\n')[0])
	program = Program(int(sys.argv[1]), int(sys.argv[3]) if len(sys.argv) == 4 else 300)
	program.run()
	for path in program.write(sys.argv[2]):
		print(path)


if __name__ == '__main__':
	main()
