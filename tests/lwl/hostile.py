#!/usr/bin/env python3
"""lwl where a shell cannot follow: terminals, pipes that stay open, limits, binary schemas.

usage: hostile.py LWL SCRATCH

Prints `ok` or `FAIL what` for each check, and `end`.  LWL_SECONDS and LWL_MEGABYTES are the limits of one run.
"""
import os
import pty
import random
import select
import subprocess
import sys
import time

LWL, SCRATCH = sys.argv[1:3]
LWLC = os.path.join(os.path.dirname(LWL), 'lwlc')
SECONDS = float(os.environ.get('LWL_SECONDS', 10))
MEGABYTES = float(os.environ.get('LWL_MEGABYTES', 400))
PUT = 'all.Thing.put.request'
TELL = 'all.Thing.tell.oneway'


def check(what, good):
    print('ok' if good else 'FAIL ' + what)


def place(name):
    return os.path.join(SCRATCH, name)


def run(arguments, data=b'', **more):
    done = subprocess.run([LWL, *arguments], input=data, capture_output=True, **more)
    return done.returncode, done.stdout, done.stderr.decode(errors='replace')


MESSAGE = run(['encode', 'all.lwl', PUT], open('message.json', 'rb').read())[1]


# ---- binary schemas and imports ----

def binary_schemas():
    made = subprocess.run([LWLC, '--emit', 'schema', '-o', SCRATCH, 'all.lwl'], capture_output=True)
    if made.returncode != 0:
        check('lwlc --emit schema: ' + made.stderr.decode(), False)
        return
    binary = place('all.lwlb')
    renamed = place('all.schema')
    os.rename(binary, renamed)
    for arguments, data in [(['types'], b''), (['decode', PUT], MESSAGE), (['dump'], MESSAGE),
                            (['encode', PUT], open('message.json', 'rb').read())]:
        command, *rest = arguments
        text = run([command, 'all.lwl', *rest], data)
        check('a binary schema: ' + command, run([command, renamed, *rest], data) == text)
    content = open(renamed, 'rb').read()
    reader, writer = os.pipe()
    process = subprocess.Popen([LWL, 'types', '/dev/fd/%d' % reader], pass_fds=[reader],
                               stdout=subprocess.PIPE)
    os.close(reader)
    os.write(writer, content[:60000])
    os.close(writer)
    check('a binary schema from a pipe', process.communicate()[0] == run(['types', 'all.lwl'])[1])
    chosen = random.Random(1)
    damaged = place('damaged.lwlb')
    for i in range(60):
        broken = bytearray(content)
        if i % 3 == 0:
            del broken[chosen.randrange(17, len(broken)):]
        else:
            for _ in range(chosen.choice([1, 4])):
                broken[chosen.randrange(16, len(broken))] = chosen.randrange(256)
        open(damaged, 'wb').write(broken)
        status, out, err = run(['types', damaged])
        check('damaged binary schema %d: status %d, %s' % (i, status, err),
              (status == 0 and out) or (status == 2 and not out and 'not a good binary schema' in err))


def imports():
    os.mkdir(place('inner'))
    open(place('inner/other.lwl'), 'w').write('library t.other version 1;\nstruct S { u8 a; }\n')
    open(place('user.lwl'), 'w').write('library t.user version 1;\nimport "other.lwl";\n'
                                       'interface I id 1 { oneway o = 1 { 1: other.S s; } }\n')
    json = b'{"s": {"a": 5}}'
    status, out, err = run(['encode', place('user.lwl'), 'user.I.o.oneway'], json)
    check('an import that is not found', status == 2 and not out and 'other.lwl' in err)
    status, out, err = run(['encode', '-I', place('inner'), place('user.lwl'), 'user.I.o.oneway'], json)
    check('-I', status == 0 and out[20] == 5)


# ---- terminals and pipes ----

def on_terminal(arguments, data, env=None):
    master, slave = pty.openpty()
    process = subprocess.Popen([LWL, *arguments], stdin=subprocess.PIPE, stdout=slave,
                               stderr=subprocess.PIPE, env=env)
    os.close(slave)
    try:
        process.stdin.write(data)
        process.stdin.close()
    except BrokenPipeError:	# it was not read
        pass
    out = b''
    while True:
        try:
            piece = os.read(master, 65536)
        except OSError:		# the other side is closed
            break
        if not piece:
            break
        out += piece
    err = process.stderr.read()
    os.close(master)
    return process.wait(), out.replace(b'\r\n', b'\n'), err


def terminals():
    status, out, err = on_terminal(['encode', 'all.lwl', TELL], b'{"line": "x"}')
    check('no binary on a terminal', status == 2 and out == b'' and b'--hex' in err)
    status, out, _ = on_terminal(['encode', '--hex', 'all.lwl', TELL], b'{"line": "x"}')
    check('hex on a terminal', status == 0 and out.endswith(b'78 00 00 00\n'))
    pretty = run(['decode', '--pretty', 'all.lwl', PUT], MESSAGE)[1]
    compact = run(['decode', '--compact', 'all.lwl', PUT], MESSAGE)[1]
    check('pretty on a terminal', on_terminal(['decode', 'all.lwl', PUT], MESSAGE)[1] == pretty)
    check('compact on a terminal',
          on_terminal(['decode', '--compact', 'all.lwl', PUT], MESSAGE)[1] == compact)
    check('compact elsewhere', run(['decode', 'all.lwl', PUT], MESSAGE)[1] == compact)
    check('colours on a terminal', b'\033[' in on_terminal(['dump', 'all.lwl'], MESSAGE)[1])
    quiet = dict(os.environ, NO_COLOR='1')
    check('NO_COLOR', b'\033[' not in on_terminal(['dump', 'all.lwl'], MESSAGE, quiet)[1])
    check('--color=never', b'\033[' not in on_terminal(['dump', '--color=never', 'all.lwl'], MESSAGE)[1])


def streaming():
    """A message is printed while the next one has not arrived."""
    for extra in ([], ['--hex']):
        process = subprocess.Popen([LWL, 'dump', *extra, 'all.lwl'], stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        sent = MESSAGE if not extra else MESSAGE.hex().encode()
        last = b'index 2\n'
        for round in range(3):
            process.stdin.write(sent)
            process.stdin.flush()
            got, until = b'', time.monotonic() + SECONDS
            while not got.endswith(last) and time.monotonic() < until:
                if select.select([process.stdout], [], [], 0.1)[0]:
                    piece = os.read(process.stdout.fileno(), 65536)
                    if not piece:
                        break
                    got += piece
            check('message %d of an open pipe is printed' % round, got.endswith(last))
        process.stdin.close()
        check('the end of the pipe', process.wait() == 0)


# ---- limits ----

def limited(what, arguments, pieces, statuses):
    """Feed the pieces; the run keeps within the limits, and ends with one of the statuses."""
    errors = open(place('errors'), 'wb')
    process = subprocess.Popen([LWL, *arguments], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                               stderr=errors)
    try:
        for piece in pieces:
            process.stdin.write(piece)
        process.stdin.close()
    except BrokenPipeError:
        pass
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    errors.close()
    seconds, megabytes = usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024
    said = open(place('errors'), 'rb').read()
    check('%s: status %d, %.1f s, %.0f MB, %s' % (what, process.returncode, seconds, megabytes,
                                                  said[:200]),
          process.returncode in statuses and seconds <= SECONDS and megabytes <= MEGABYTES
          and (said or process.returncode == 0) and len(said) < 10000)


def hostile():
    megabyte = 1 << 20
    zeros = bytes(megabyte)
    pad = bytes(14) + b'\xff\xff' + bytes(65520)
    smallest = bytes.fromhex('0100000000000000 01000000 0289 1000')
    noise = random.Random(2).randbytes(megabyte)
    limited('dump 100 MB of zeros', ['dump'], [zeros] * 100, [1])
    limited('dump 100 MB of zeros with a schema', ['dump', 'all.lwl'], [zeros] * 100, [1])
    limited('dump 100 MB of hex zeros', ['dump', '--hex'], [b'00 ' * 349525] * 100, [1])
    limited('dump 100 MB of comment', ['dump', '--hex'], [b'#' * megabyte] * 100, [0])
    limited('dump 100 MB of PAD', ['dump', 'all.lwl'], [pad] * 1600, [0])
    limited('dump 3 MB of small messages', ['dump', 'all.lwl'], [smallest * 65536] * 3, [0])
    limited('dump noise', ['dump', 'all.lwl'], [noise], [1])
    limited('dump noise as hex', ['dump', '--hex', 'all.lwl'], [noise], [1])
    limited('decode 100 MB of zeros', ['decode', 'all.lwl', PUT], [zeros] * 100, [1])
    limited('decode noise', ['decode', 'all.lwl', PUT], [noise], [1])
    encode = ['encode', '--hex', 'all.lwl', PUT]
    limited('encode noise', encode, [noise], [1])
    limited('encode 100 MB of zeros', encode, [zeros] * 100, [1])
    limited('encode 100 MB of blanks', encode, [b' ' * megabyte] * 100, [1])
    limited('encode 30 MB of blanks', encode, [b' ' * megabyte] * 30, [1])
    limited('encode 1,000,000 brackets', encode, [b'[' * 1000000], [1])
    limited('encode 500,000 deep objects', encode, [b'{"tree":' * 500000], [1])
    limited('encode 3000 deep children', encode, [b'{"tree":{"label":1,"children":[' * 3000], [1])
    limited('encode 2000 deep arrays', encode,
            [b'{"numbers":' + b'[' * 2000 + b']' * 2000 + b'}'], [1])
    limited('encode 20 MB of numbers', encode, [b'[' + b'0,' * (10 * megabyte) + b'0]'], [1])
    limited('encode 900,000 numbers', encode,
            [b'{"lists":{"some":[' + b'0,' * 900000 + b'0]}}'], [1])
    limited('encode 450,000 objects', encode, [b'{"choices":[' + b'{},' * 450000 + b'{}]}'], [1])
    limited('encode a long string', encode,
            [b'{"texts":{"string":"' + b'x' * (20 * megabyte) + b'"}}'], [1])
    limited('encode a long key', encode, [b'{"' + b'x' * (20 * megabyte) + b'":1}'], [1])
    limited('encode 400,000 keys', encode,
            [b'{' + b','.join(b'"k%d":1' % i for i in range(400000)) + b'}'], [1])
    limited('encode a number of 1,000,000 digits', encode,
            [b'{"numbers":{"u8":' + b'1' * 1000000 + b'}}'], [1])
    limited('a type of 1,000 letters', ['decode', 'all.lwl', 'x' * 1000], [], [2])
    limited('a type of 100,000 letters', ['decode', 'all.lwl', 'all.' * 25000], [], [2])


binary_schemas()
imports()
terminals()
streaming()
hostile()
print('end')
