#!/usr/bin/env python3
"""Hold lwl decode, encode and dump against the byte vectors of ../vectors.

usage: vectors.py LWL

Every vector with a type is decoded, and has to give the very tokens of its JSON or its mistake; what
decodes is encoded again from that JSON and has to give its bytes.
"""
import glob
import json
import os
import re
import subprocess
import sys

sys.dont_write_bytecode = True
VECTORS = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'vectors')
sys.path.insert(0, VECTORS)
import check_reference as files		# noqa: E402

SCHEMA = os.path.join(VECTORS, 'vectors.lwl')
LWL = sys.argv[1]


def run(data, *arguments):
    done = subprocess.run([LWL, *arguments], input=data, capture_output=True)
    return done.returncode, done.stdout, done.stderr.decode()


def tokens(text):
    """The document with its numbers as they are written and its keys in their order."""
    return json.loads(text, parse_float=str, parse_int=str, object_pairs_hook=lambda pairs: pairs)


def mistake(line):
    """CODE offset N path P of what lwl says."""
    said = re.match(r'lwl: (\w+) at offset (\d+), \w+(?:\.\S+ \(item (\S+)\))?:', line)
    if said is None:
        return line
    return '%s offset %s%s' % (said[1], said[2], ' path ' + said[3] if said[3] else '')


def check_bad(words, data):
    status, out, err = run(data, 'decode', SCHEMA, words['type'])
    if status != 1 or out:
        return 'decode: status %d, output %r' % (status, out)
    found = mistake(err.split('\n')[0])
    if found != words['bad']:
        return 'decode: expected %s, found %s' % (words['bad'], found)
    if words['bad'].startswith('COMMAND'):	# a dump expects none
        return None
    status, out, err = run(data, 'dump', SCHEMA)
    return None if status == (1 if data else 0) else 'dump: status %d' % status


def check_good(words, data):
    status, out, err = run(data, 'decode', '--compact', SCHEMA, words['type'])
    if status != 0:
        return 'decode: ' + err
    (key, header), *fields = tokens(out)
    if 'remote' in words:
        code, _, detail = words['remote'].partition(' ')
        expected = [('$error', [('code', code), ('detail', json.loads(files.json_text(detail)))])]
    else:
        expected = tokens(files.json_text(words['value']))
    if key != '$header' or fields != expected:
        return 'decode: expected %s, found %s' % (expected, fields)
    status, _, err = run(data, 'dump', SCHEMA)
    if status != 0:
        return 'dump: ' + err
    if 'deadline' in words or 'trace' in words:	# not in JSON
        return None
    status, again, err = run(out, 'encode', SCHEMA, words['type'])
    wanted = files.hex_bytes(words['reencode']) if 'reencode' in words else data
    if again != wanted:
        return 'encode: expected %s, found %s %s' % (wanted.hex(), again.hex(), err)
    return None


def main():
    passed = failed = 0
    for path in sorted(glob.glob(os.path.join(VECTORS, '*.txt'))):
        for name, line, words in files.parse(path):
            if 'type' not in words:
                continue
            check = check_bad if 'bad' in words else check_good
            wrong = check(words, files.hex_bytes(words['hex']))
            if wrong is None:
                passed += 1
            else:
                failed += 1
                print('FAIL %s:%d %s: %s' % (os.path.basename(path), line, name, wrong[:2000]))
    print('%d passed, %d failed' % (passed, failed))
    return failed > 0


sys.exit(main())
