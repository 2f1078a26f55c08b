#!/usr/bin/env python3
"""Prints vectors that nobody has written: those of the files, changed at random.

usage: mutate.py SEED COUNT

What each means is what the reference codec says; the runner then says whether the generated C
agrees.  Most changes keep the lengths right (items are moved, doubled, lost, wrapped and filled
anew), for otherwise every decoder would stop at the first length.
"""
import copy
import glob
import os
import random
import sys

from check_reference import HERE, MESSAGES, hex_bytes, lwljson, lwlref, outcome, parse

LARGE = 4096  # longer messages are left as they are: they take long and vary little
NUMBERS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 20, 300, lwlref.ERROR_ITEM, lwlref.DEADLINE_ITEM,
           lwlref.TRACE_ITEM]


def read_items(data, at, end):
    """[[id, payload]], the payload of a group a list; what is no item ends it."""
    out = []
    while at + 4 <= end:
        id = int.from_bytes(data[at:at + 2], 'little')
        length = int.from_bytes(data[at + 2:at + 4], 'little')
        if length < 4 or at + length > end:
            break
        if id & lwlref.GROUP_BIT and length >= 8:
            out.append([id, read_items(data, at + 8, at + length)])
        else:
            out.append([id, data[at + 4:at + length]])
        at += -(-length // 8) * 8
    return out


def levels(items):
    yield items
    for _, payload in items:
        if isinstance(payload, list):
            yield from levels(payload)


class Mutator:
    def __init__(self, seed, corpus):
        self.random = random.Random(seed)
        self.corpus = corpus
        self.spare = [item for _, data in corpus
                      for level in levels(read_items(data, 16, len(data))) for item in level]

    def chance(self, p):
        return self.random.random() < p

    def build(self, items):
        """The bytes of a level, with L bits that are right nearly always."""
        out, links = b'', False
        for id, payload in items:
            out += bytes(-len(out) % 8)
            if isinstance(payload, list):
                payload, inner = self.build(payload)
                if self.chance(0.97):
                    id = id & ~lwlref.LINKS_BIT | (lwlref.LINKS_BIT if inner else 0)
                payload = bytes(4) + payload
                links = links or inner
            elif id & ~lwlref.NUMBER_BITS == lwlref.LINKS_BIT:
                links = True
            out += (id & 0xffff).to_bytes(2, 'little')
            out += (len(payload) + 4).to_bytes(2, 'little') + payload
        return out, links

    def change_payload(self, payload):
        if payload and self.chance(0.5):
            at = self.random.randrange(len(payload))
            byte = self.random.choice([0, 1, 2, 0x7f, 0x80, 0xff])
            return payload[:at] + bytes([byte]) + payload[at + 1:]
        size = self.random.choice([1, 2, 4, 8, 16])
        return payload + bytes(size) if self.chance(0.5) else payload[:-size]

    def change_items(self, items):
        level = self.random.choice(list(levels(items)))
        if not level or self.chance(0.2):
            item = copy.deepcopy(self.random.choice(self.spare))
            if self.chance(0.6):
                item[0] = item[0] & ~lwlref.NUMBER_BITS | self.random.choice(NUMBERS)
            level.append(item)
            if self.chance(0.85):
                level.sort(key=lambda item: item[0] & lwlref.NUMBER_BITS)
            return
        i = self.random.randrange(len(level))
        id, payload = level[i]
        what = self.random.choice(['lose', 'double', 'rename', 'wrap', 'fill', 'fill'])
        if what == 'lose':
            del level[i]
        elif what == 'double':
            level.insert(i, copy.deepcopy(level[i]))
        elif what == 'rename':
            level[i][0] = id & ~lwlref.NUMBER_BITS | self.random.choice(NUMBERS)
        elif what == 'wrap':
            level[i] = [id | lwlref.GROUP_BIT, [level[i]]]
        elif not isinstance(payload, list):
            level[i][1] = self.change_payload(payload)

    def change_tree(self, data):
        items = read_items(data, 16, int.from_bytes(data[14:16], 'little'))
        for _ in range(self.random.randint(1, 3)):
            self.change_items(items)
        body = self.build(items)[0]
        return data[:14] + (16 + len(body)).to_bytes(2, 'little') + body + bytes(-len(body) % 8)

    def change_bytes(self, data):
        data = bytearray(data)
        for _ in range(self.random.randint(1, 2) if data else 0):
            at = self.random.randrange(len(data))
            data[at] = self.random.choice([data[at] ^ 1 << self.random.randrange(8),
                                           data[at] + 1 & 255, data[at] - 1 & 255,
                                           data[at] + 8 & 255, 0, 4, 0x40, 0x80, 0xff])
        return bytes(data)

    def next(self):
        """(type, bytes)"""
        type, data = self.random.choice(self.corpus)
        if len(data) >= 16 and self.chance(0.8):
            data = self.change_tree(data)
        if self.chance(0.4):
            data = self.change_bytes(data)
        if self.chance(0.05):
            type = self.random.choice(self.corpus)[0]
        return type, data


def vector_text(name, type, data):
    message = MESSAGES[type]
    lines = ['vector ' + name, 'type ' + type, 'hex', '\t' + data.hex(' ', 4)]
    value, bad = outcome(lwlref.decode, message, data)
    if bad:
        lines.append('bad ' + bad)
    elif isinstance(value, lwlref.RemoteError):
        lines.append('remote %d %s' % (value.code, lwljson.dump(lwlref.String(0, 255),
                                                                value.detail)))
    else:
        lines += ['value', '\t' + lwljson.dump(message, value)]
    if not bad:
        lines += ['reencode', '\t' + lwlref.reencode(message, data).hex(' ', 4)]
        head = lwlref.envelope(data)
        if head['deadline'] is not None:
            lines.append('deadline %d' % head['deadline'])
        if head['trace'] is not None:
            lines.append('trace ' + head['trace'].hex())
    _, bad = outcome(lwlref.check, data)
    lines.append('check bad ' + bad if bad else 'check ok')
    if not bad and lwlref.linkids(data):
        lines.append('links ' + ' '.join('%d:%#x' % link for link in lwlref.linkids(data)))
    return '\n'.join(lines) + '\n'


def main():
    if len(sys.argv) != 3:
        sys.exit('usage: mutate.py SEED COUNT')
    corpus = [(v['type'], hex_bytes(v['hex']))
              for path in sorted(glob.glob(os.path.join(HERE, '*.txt')))
              for _, _, v in parse(path) if 'type' in v]
    mutator = Mutator(int(sys.argv[1]), [c for c in corpus if len(c[1]) <= LARGE])
    for i in range(int(sys.argv[2])):
        print(vector_text('mutant-%s-%d' % (sys.argv[1], i), *mutator.next()))


if __name__ == '__main__':
    main()
