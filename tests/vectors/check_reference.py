#!/usr/bin/env python3
"""Checks the vectors against the reference codec, and that vectors.lwl is what schema.py says.

usage: check_reference.py [FILE.txt ...]  (default: all beside this file)
"""
import collections
import glob
import json
import os
import re
import sys

import schema
import lwljson
import lwlref

HERE = os.path.dirname(os.path.abspath(__file__))
BLOCKS = {'hex', 'value', 'reencode'}
WORDS = BLOCKS | {'type', 'bad', 'remote', 'check', 'links', 'deadline', 'trace'}
MESSAGES = schema.messages()


class Wrong(Exception):
    pass


def parse(path):
    """[(name, line, {word: text})] of a file; blocks are joined lines."""
    out, open_block = [], None
    with open(path, encoding='utf-8', newline='\n') as file:
        for number, line in enumerate(file.read().split('\n'), 1):
            if line[:1] in ('\t', ' '):
                if not line.strip():
                    continue
                if open_block is None:
                    raise Wrong('%s:%d: what is this line part of?' % (path, number))
                out[-1][2][open_block] += line.strip() + '\n'
            elif line and line[0] != '#':
                word, _, rest = line.partition(' ')
                if word == 'vector':
                    out.append((rest, number, {}))
                    open_block = None
                    continue
                if word not in WORDS or not out or word in out[-1][2]:
                    raise Wrong('%s:%d: %s' % (path, number, word))
                out[-1][2][word] = rest + '\n' if word in BLOCKS else rest
                open_block = word if word in BLOCKS else None
    return out


def hex_bytes(text):
    out = b''
    for line in text.split('\n'):
        for token in line.partition('#')[0].split():
            byte, star, times = token.partition('*')
            piece = bytes.fromhex(byte)
            if star and len(piece) != 1:  # 0100*3: the last byte three times
                out += piece[:-1]
                piece = piece[-1:]
            out += piece * (int(times) if star else 1)
    return out


def json_text(text):
    return re.sub(r'<([^<>*]*)\*(\d+)>', lambda m: m[1] * int(m[2]), text).strip()


def outcome(function, *args):
    """(result, None) or (None, 'ORDER offset 48 path 2[1].3')."""
    try:
        return function(*args), None
    except lwlref.Bad as bad:
        return None, str(bad)


def same(what, expected, found):
    if expected != found:
        raise Wrong('%s: expected %s, found %s' % (what, expected, found))


def check_value(message, v, data, value):
    text = json_text(v['value'])
    same('value', json.loads(text, object_pairs_hook=list),
         json.loads(lwljson.dump(message, value), object_pairs_hook=list))
    meant = lwljson.load(message, text)
    same('value read back', meant, value)
    head = lwlref.envelope(data)
    same('deadline', v.get('deadline'), None if head['deadline'] is None else
         str(head['deadline']))
    same('trace', hex_bytes(v.get('trace', '')) or None, head['trace'])
    again = lwlref.encode(message, meant, head['linkid'], head['msgid'], head['deadline'],
                          head['trace'])
    same('encoding', hex_bytes(v.get('reencode', v['hex'])).hex(), again.hex())


def check_vector(v):
    data = hex_bytes(v['hex'])
    message = MESSAGES[v['type']] if 'type' in v else None
    structural = v.get('bad') if v.get('bad', '').split(' ')[0] in lwlref.STRUCTURAL else None
    if 'check' in v:
        structural = v['check'].partition('bad ')[2] or None
    _, bad = outcome(lwlref.check, data)
    same('check', structural, bad)
    if bad is None:
        same('links', v.get('links', ''),
             ' '.join('%d:%#x' % link for link in lwlref.linkids(data)))
    if message is None:
        if 'check' not in v:
            raise Wrong('neither a type nor a check')
        return
    if len({'value', 'bad', 'remote'} & set(v)) != 1:
        raise Wrong('not one of value, bad and remote')
    value, bad = outcome(lwlref.decode, message, data)
    same('bad', v.get('bad'), bad)
    if isinstance(value, lwlref.RemoteError):
        same('remote', v.get('remote'), '%d %s' % (
                value.code, json.dumps(value.detail.decode(), ensure_ascii=False)))
        same('encoding', hex_bytes(v.get('reencode', v['hex'])).hex(),
             lwlref.reencode(message, data).hex())
    elif bad is None:
        check_value(message, v, data, value)


def check_schema():
    with open(os.path.join(HERE, schema.LIBRARY + '.lwl'), encoding='utf-8') as file:
        if file.read() != schema.text():
            raise Wrong('%s.lwl is not what schema.py prints' % schema.LIBRARY)


def check_coverage(vectors):
    """Each kind of mistake twice, and each message once as it should be."""
    count = collections.Counter()
    for v in vectors:
        count.update({v[word].replace('bad ', '').split(' ')[0] for word in ('bad', 'check')
                      if word in v})
        if 'value' in v:
            count[v['type']] += 1
    rare = [code for code in sorted(lwlref.STRUCTURAL | lwlref.TYPED) if count[code] < 2]
    absent = [name for name in MESSAGES if not count[name]]
    if rare or absent:
        raise Wrong('too few vectors for %s' % ', '.join(rare + absent))


def main():
    passed = failed = 0
    vectors = []

    def attempt(name, function, *args):
        nonlocal passed, failed
        try:
            function(*args)
            passed += 1
        except Exception as e:
            failed += 1
            print('%s: %s: %s' % (name, type(e).__name__, e))

    for path in sys.argv[1:] or sorted(glob.glob(os.path.join(HERE, '*.txt'))):
        for name, line, v in parse(path):
            vectors.append(v)
            attempt('%s:%d: %s' % (path, line, name), check_vector, v)
    if len(sys.argv) == 1:
        attempt('schema', check_schema)
        attempt('coverage', check_coverage, vectors)
    print('reference: %d passed, %d failed' % (passed, failed))
    return failed != 0


if __name__ == '__main__':
    sys.exit(main())
