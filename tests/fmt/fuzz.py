#!/usr/bin/env python3
"""Schemas with their blanks and line ends thrown together anew, and comments in all gaps: `lwlc fmt`
keeps every token and every comment, gives the same C, and a second run changes nothing.

    fuzz.py LWLC SCRATCH ROOT [SEED [COUNT]]

Every second result is judged by the tokens alone, the others by the generated C too."""

import os
import random
import re
import subprocess
import sys

TOKEN = re.compile(r'''
    [ \t\r\n]+
  | (?P<doc>///(?!/)[^\n]*)
  | (?P<comment>//[^\n]*)
  | (?P<token>"(?:[^"\\\n]|\\.)*" | [0-9]+\.[0-9]+(?:[eE][+-]?[0-9]+)? | [A-Za-z0-9_]+ | \.\. | [^\s])
''', re.X)
COMMENTS = ['// plain', '//tight', '////// many', '// "quoted" { ; } [', '//', '// trailing blanks  \t',
            '// /// not a doc comment', '// größer: ✓', '// ' + 'long ' * 30]


def pieces(text):
    """(kind, text) of all tokens, doc comments and comments."""
    at, found = 0, []
    while at < len(text):
        match = TOKEN.match(text, at)
        at = match.end()
        if match.lastgroup:
            found.append((match.lastgroup, match.group(match.lastgroup).rstrip()))
    return found


def gap(rng, wild):
    """Blanks, line ends and comments; something that separates two tokens."""
    text = rng.choice([' ', ' ', '  ', '\t', '\n', '\n\n\n', ' \n\t ', '\r\n'])
    while rng.random() < wild:
        text += rng.choice(COMMENTS) + rng.choice(['\n', '\n\n\n', '\n\t', '\r\n'])
    return text


def may_touch(left, right):
    """Whether two tokens stay two without anything between them."""
    return not re.search(r'[\w.]$', left) or not re.match(r'[\w.]', right)


def scramble(rng, found, wild):
    text, left = gap(rng, wild).lstrip(' \t') if rng.random() < 0.5 else '', None
    for kind, piece in found:
        if kind == 'doc':
            # On a line of its own, or it would be a mistake.
            between = gap(rng, wild)
            text += between + ('' if between.endswith('\n') else '\n') + piece + '\n'
            left = None
        elif kind == 'comment':
            text += gap(rng, 0) + piece + '\n'
            left = None
        else:
            if left is None or (may_touch(left, piece) and rng.random() < 0.3):
                text += rng.choice(['', ' ', '\t']) if left is None else ''
            else:
                text += gap(rng, wild)
            text += piece
            left = piece
    return text + rng.choice(['', '\n', '\n\n', ' // end', ' // end\n\n'])


def run(*command):
    done = subprocess.run(command, capture_output=True)
    return done.returncode, done.stdout, done.stderr


def generated(lwlc, folder, file, include):
    """All C of a schema, or None if it has errors."""
    os.makedirs(folder, exist_ok=True)
    for name in os.listdir(folder):
        os.unlink(os.path.join(folder, name))
    status, _, _ = run(lwlc, '-I', include, '-o', folder, file)
    if status != 0:
        return None
    return {name: open(os.path.join(folder, name), 'rb').read() for name in os.listdir(folder)}


def main():
    lwlc, scratch, root = sys.argv[1:4]
    seed = int(sys.argv[4]) if len(sys.argv) > 4 else 1
    count = int(sys.argv[5]) if len(sys.argv) > 5 else 120
    files = []
    for folder in ('schemas', 'tests/golden', 'tests/fmt'):
        folder = os.path.join(root, folder)
        files += sorted(os.path.join(folder, name) for name in os.listdir(folder)
                        if name.endswith('.lwl'))
    passed = 0
    for number in range(seed, seed + count):
        rng = random.Random(number)
        source = files[number % len(files)]
        found = pieces(open(source, encoding='utf-8', newline='').read().lstrip('\ufeff'))
        text = scramble(rng, found, rng.choice([0, 0.05, 0.3]))
        wanted = pieces(text)
        folder = os.path.join(scratch, 'fuzz')
        os.makedirs(folder, exist_ok=True)
        path = os.path.join(folder, os.path.basename(source))
        with open(path, 'w', encoding='utf-8', newline='') as out:
            out.write(text)
        include = os.path.dirname(source)
        before = generated(lwlc, folder + '-c', path, include) if number % 2 else None
        status, out, err = run(lwlc, 'fmt', '--stdout', path)
        problem = None
        if status != 0:
            problem = 'refused: ' + err.decode()[:500]
        elif pieces(out.decode()) != wanted:
            problem = 'tokens or comments differ'
        elif re.search(rb'[ \t\r]\n|\n\n\n|\n\n\Z|\A\n', out):
            problem = 'blanks at the end of a line, or too many blank lines'
        else:
            with open(path, 'wb') as file:
                file.write(out)
            if run(lwlc, 'fmt', '--check', path)[0] != 0:
                problem = 'formatted twice differs'
            elif before is not None and generated(lwlc, folder + '-c', path, include) != before:
                problem = 'the generated C differs'
        if problem:
            with open(path, 'w', encoding='utf-8', newline='') as out:
                out.write(text)
            print('FAIL seed %d, %s: %s' % (number, source, problem))
            sys.exit(1)
        passed += 1
    print(passed)


main()
