#!/usr/bin/env python3
"""lwl call, lwl serve, lwl trace and lwl-relay from outside: programs that talk over Unix sockets.

	run.py LWL RELAY SCRATCH

Prints what fails, and how many tests passed.  Everything that is started ends by itself or is ended by
its number.
"""
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time

LWL, RELAY = (os.path.abspath(p) for p in sys.argv[1:3])
HERE = os.path.dirname(os.path.abspath(__file__))
SCHEMAS = os.path.join(HERE, '..', '..', 'schemas')
LINK_SCHEMA = os.path.join(SCHEMAS, 'link.lwl')
LONG = 60                           # seconds that nothing takes unless it hangs

SCRATCH = os.path.join(os.path.abspath(sys.argv[3]), 'tools')
os.makedirs(SCRATCH, exist_ok=True)
os.chdir(SCRATCH)
for left in os.listdir('.'):
    os.remove(left)
for name in 'kv.lwl',:
    os.symlink(os.path.join(HERE, name), name)
os.environ.pop('NO_COLOR', None)

counts = {'passed': 0, 'failed': 0}
running = []


def check(good, name, more=''):
    counts['passed' if good else 'failed'] += 1
    if not good:
        print(f'FAIL {name}')
        if more:
            print('\t' + str(more).replace('\n', '\n\t'))
    return good


def same(name, wanted, found):
    if wanted == found or not isinstance(wanted, str):
        return check(wanted == found, name, f'wanted {wanted!r}\nfound {found!r}')
    a, b = wanted.splitlines(), found.splitlines()
    at = next((i for i, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))
    return check(False, name, 'line %d: wanted %r\nfound %r' % (
        at + 1, a[at] if at < len(a) else 'the end', b[at] if at < len(b) else 'the end'))


class Program:
    """One that goes on running, with its output in files."""

    def __init__(self, *command, wait=None, stdin=subprocess.DEVNULL):
        self.name = f'{len(running)}'
        self.out_path, self.err_path = self.name + '.out', self.name + '.err'
        with open(self.out_path, 'wb') as out, open(self.err_path, 'wb') as err:
            self.process = subprocess.Popen(command, stdin=stdin, stdout=out, stderr=err)
        running.append(self)
        if wait is not None:
            self.wait_for(wait, err=True)

    def out(self):
        return open(self.out_path, encoding='utf-8', errors='replace').read()

    def err(self):
        return open(self.err_path, encoding='utf-8', errors='replace').read()

    def wait_for(self, text, err=False):
        end = time.monotonic() + LONG
        while text not in (self.err() if err else self.out()):
            if time.monotonic() > end or self.process.poll() is not None:
                return check(False, f'{self.process.args}: never says {text!r}', self.err())
            time.sleep(0.005)
        return True

    def ends(self, status):
        try:
            found = self.process.wait(LONG)
        except subprocess.TimeoutExpired:
            found = 'not yet ended'
            self.process.kill()
            self.process.wait()
        check(found == status, f'{self.process.args}: status {found}, not {status}', self.err())
        return self

    def stop(self, status=0, number=signal.SIGTERM):
        self.process.send_signal(number)
        return self.ends(status)


def serve(address='unix:s', *options, name='store', interface='kv.Store'):
    return Program(LWL, 'serve', address, name, interface, *options, wait='listening')


def trace(*options, at='unix:t', to='unix:s'):
    return Program(LWL, 'trace', at, to, *options, wait='tracing')


def relay(at, to, *options):
    return Program(RELAY, at, to, '-v', *options, wait='listening')


def run(*command, stdin=b''):
    done = subprocess.run(command, input=stdin, capture_output=True, timeout=LONG)
    return done.returncode, done.stdout.decode('utf-8', 'replace'), done.stderr.decode('utf-8', 'replace')


def expect(name, status, out, err, *command, stdin=b''):
    found = run(*command, stdin=stdin)
    check(found[0] == status, f'{name}: status {found[0]}, not {status}', found[2])
    same(f'{name}: output', out, found[1])
    same(f'{name}: errors', err, found[2])


def call(name, status, out, err, *arguments, at='unix:s', stdin=b''):
    expect(name, status, out, err, LWL, 'call', at, *arguments, stdin=stdin)


GOT = ('{"key":"a","mode":["REPLACE"],"version":0,"value":"AAA=","kind":"PLAIN","stamp":{"created":0,'
       '"revision":0,"kinds":["PLAIN","PLAIN"]},"tree":{"weight":0,"next":{"number":0}},'
       '"floats":[0.0,0.0,0.0],"level":-5}\n')
GET = ('store', 'kv.Store.get', '{"key": "a", "mode": ["REPLACE"]}')
SCAN = '{"cursor":"0x8000000100000001","any":"0x8000000100000002"}\n'
NO_NAME = ('lwl: open stor: ENOENT (2), No such file or directory: nothing is offered under that name\n')
LOST = ('lwl: kv.Store.get: EFATE (4100), execution unknown: the link behind the relay has ended\n')
NOBODY = 'No such file or directory: unix:s: no such file: is the server running?\n'
GONE = 'the peer closed the connection without a goodbye'


# ---- one client, one server ----

def calls():
    server = serve()
    call('a call', 0, GOT, '', *GET)
    call('from stdin', 0, GOT, '', *GET[:2], '-', stdin=GET[2].encode())
    call('a default, and what is absent', 0, GOT.replace('"REPLACE"', '"CREATE"').replace(
        '"version":0', '"version":7'), '', *GET[:2], '{"key": "a", "version": 7}')
    call('end points', 0, SCAN, '', 'store', 'kv.Store.scan')
    call('a one-way', 0, '', '', 'store', 'kv.Store.note', '{"text": "h\\u001bi"}')
    call('a used interface', 0, '{}\n', '', 'store', 'kv.Store.close')
    call('no such name', 1, '', NO_NAME, 'stor', *GET[1:])
    call('the wrong interface', 1, '',
         'lwl: open store: EINTERFACE (4107), wrong interface: test.kv.Store\n', 'store', 'kv.Cursor.next')
    server.wait_for('[8] ended')
    same('what the server prints', '''\
[1] up
[1] open "store" as "test.kv.Store" version 2
[1] store kv.Store.get {"key":"a","mode":["REPLACE"]}
[1] store closed
[1] ended: the peer closed the link
[2] up
[2] open "store" as "test.kv.Store" version 2
[2] store kv.Store.get {"key":"a","mode":["REPLACE"]}
[2] store closed
[2] ended: the peer closed the link
[3] up
[3] open "store" as "test.kv.Store" version 2
[3] store kv.Store.get {"key":"a","mode":["CREATE"],"version":7}
[3] store closed
[3] ended: the peer closed the link
[4] up
[4] open "store" as "test.kv.Store" version 2
[4] store kv.Store.scan {}
[4] 0x8000000100000001 closed
[4] 0x8000000100000002 closed
[4] store closed
[4] ended: the peer closed the link
[5] up
[5] open "store" as "test.kv.Store" version 2
[5] store kv.Store.note {"text":"h\\u001bi"}
[5] store closed
[5] ended: the peer closed the link
[6] up
[6] open "store" as "test.kv.Store" version 2
[6] store kv.Closable.close {}
[6] store closed
[6] ended: the peer closed the link
[7] up
[7] open "stor" as "test.kv.Store" version 2
[7] ended: the peer closed the link
[8] up
[8] open "store" as "test.kv.Cursor" version 2
[8] ended: the peer closed the link
''', server.out())
    call('a name that cannot be', 2, '', 'lwl: open : a name has 1 to 255 bytes of UTF-8\n', '', *GET[1:])
    server.stop()
    same('only the address on standard error', 'lwl: listening on unix:s\n', server.err())
    check(not os.path.exists('s'), 'the socket is removed')


def schemas_of_the_tree():
    vfs = os.path.join(SCHEMAS, 'vfs.lwl')
    server = serve('unix:s', '--schema', vfs, name='root', interface='vfs.Filesystem')
    status, out, err = run(LWL, 'call', '--pretty', '--schema', vfs, 'unix:s', 'root',
                           'vfs.Filesystem.statfs')
    check(status == 0 and out.startswith('{\n  "'), 'statfs', err)
    status, out, err = run(LWL, 'call', '-I', SCHEMAS, 'unix:s', 'root', 'vfs.Filesystem.attach', '-',
                           stdin=b'{}')
    check(status == 0 and out.startswith('{"root":"0x8000000100000001","attr":{'), 'attach', err)
    # What the schema requires is said before anybody is dialled.
    call('fields that are missing', 2, '', 'lwl: argument:1:1: a required field is missing: name\n',
         '-I', SCHEMAS, 'root', 'vfs.Node.lookup', '{"groups": []}')
    server.stop()
    server = serve('unix:s', name='cursor', interface='kv.Cursor')
    call('pretty', 0, '{\n  "count": 3,\n  "keys": []\n}\n', '', '--pretty', 'cursor', 'kv.Cursor.next',
         '{"count": 3}')
    call('a one-way without fields', 0, '', '', 'cursor', 'kv.Cursor.rewind')
    server.stop()
    server = serve('unix:s', '-I', SCHEMAS, name='chunk', interface='cache.Object')
    call('a write', 0, '{"generation":0}\n', '', '-I', SCHEMAS, 'chunk', 'cache.Object.write',
         '{"offset": 5, "data": "ZXRj"}')
    call('a read', 0, '{"data":"","generation":7}\n', '', '-I', SCHEMAS, 'chunk', 'cache.Object.read',
         '{"offset": 5, "count": 6, "generation": 7}')
    call('a command that is used', 0, '{}\n', '', '-I', SCHEMAS, 'chunk', 'cache.Object.close')
    call('hints', 0, '', '', '-I', SCHEMAS, 'chunk', 'cache.Object.advise', '{"advice": "SEQUENTIAL"}')
    server.wait_for('[4] ended')
    check('chunk cache.Object.advise {"offset":0,"length":0,"advice":"SEQUENTIAL"}' in server.out(),
          'the one-way arrives', server.out())
    server.stop()


def answers():
    server = serve('unix:s', '--fail', 'EACCES')
    call('--fail by name', 1, '', 'lwl: kv.Store.get: EACCES (13), Permission denied\n', *GET)
    call('--fail and a one-way', 0, '', '', 'store', 'kv.Store.note', '{"text": ""}')
    server.stop()
    server = serve('unix:s', '--fail=777777')
    call('--fail by number', 1, '', 'lwl: kv.Store.get: error 777777\n', *GET)
    server.stop()
    open('close.json', 'w').write('{"$error": {"code": 16, "detail": "still \\u009b2J open"}}')
    open('get.json', 'w').write(GOT.replace('"version":0', '"version":9'))
    server = serve('unix:s', '--answer=kv.Store.close=close.json', '--answer=kv.Store.get=get.json')
    call('an answer of a file', 0, GOT.replace('"version":0', '"version":9'), '', *GET)
    call('an error of a file', 1, '', 'lwl: kv.Store.close: EBUSY (16), Device or resource busy: '
         'still ?\x9b2J open\n'.replace('\x9b', '\ufffd').replace('?\ufffd', '?\ufffd'), 'store',
         'kv.Store.close')
    server.stop()
    server = serve('unix:s', '--once', '--delay=30')
    call('--delay', 0, GOT, '', *GET)
    server.ends(0)


def time_is_over():
    server = serve('unix:s', '--delay=60000')
    call('--timeout', 2, '', 'lwl: unix:s: no answer within 1 s\n', '--timeout=1', *GET)
    server.wait_for('[1] ended')
    same('the server learns of it', '''\
[1] up
[1] open "store" as "test.kv.Store" version 2
[1] store kv.Store.get {"key":"a","mode":["REPLACE"]}
[1] store cancelled
[1] store closed
''', server.out().split('[1] ended')[0])
    caller = Program(LWL, 'call', 'unix:s', *GET)
    server.wait_for('[2] store kv.Store.get')
    caller.stop(2, signal.SIGINT)
    same('Ctrl-C', 'lwl: interrupted\n', caller.err())
    server.wait_for('[2] ended: the peer closed the link')
    check('[2] store cancelled' in server.out(), 'Ctrl-C cancels')
    # The server's turn: its end comes after its answers, or after the second signal.
    caller = Program(LWL, 'call', 'unix:s', *GET)
    server.wait_for('[3] store kv.Store.get')
    server.process.send_signal(signal.SIGINT)
    server.process.send_signal(signal.SIGTERM)
    server.ends(0)
    caller.ends(2)
    same('a server that ends', 'lwl: unix:s: the peer closed the link; it may have run\n', caller.err())
    server = serve('unix:s', '--delay=300')
    caller = Program(LWL, 'call', 'unix:s', *GET)
    server.wait_for('[1] store kv.Store.get')
    server.stop(0, signal.SIGINT)
    caller.ends(0)
    same('the answer comes before the end', GOT, caller.out())
    server = serve('unix:s', '--delay=60000')
    caller = Program(LWL, 'call', 'unix:s', *GET)
    server.wait_for('[1] store kv.Store.get')
    server.process.kill()
    server.process.wait()
    caller.ends(2)
    same('a server that is killed', f'lwl: unix:s: {GONE}; it may have run\n', caller.err())
    # Its socket is still there, and is replaced.
    call('nobody listens', 2, '', 'lwl: unix:s: nobody listens there: is the server running?\n', *GET)
    serve('unix:s').stop()


def bad_calls():
    call('no server', 2, '', 'lwl: unix:s: no such file: is the server running?\n', *GET)
    call('no address', 2, '', 'lwl: "s" is not an address: it begins with none of unix:, tcp:, fd: and '
         'exec:\n', *GET, at='s')
    call('nobody at a port', 2, '', 'lwl: tcp:127.0.0.1:1: nobody listens there: is the server running?\n',
         *GET, at='tcp:127.0.0.1:1')
    call('no such command', 2, '', "lwl: kv.Store has no command 'got'\nsimilar names:\n  get\n", 'store',
         'kv.Store.got')
    call('no such interface', 2, '', "lwl: there is no interface 'kv.Stor'\nsimilar names:\n  kv.Store\n  kv.Other\n",
         'store', 'kv.Stor.get')
    call('half a name', 2, '', "lwl: 'kv.get' is no command, which are LIBRARY.Interface.command\n", 'store',
         'kv.get')
    call('no library', 2, '', "lwl: 'get' has no library in front, as kv.Store has\n", 'store', 'get')
    call('no schema', 2, '', 'lwl: there is no schema vk.lwl here; --schema says where it is\n', 'store',
         'vk.Store.get')
    call('another schema', 2, '', 'lwl: nosuch.lwl: No such file or directory\n', '--schema=nosuch.lwl',
         *GET)
    call('wrong JSON', 2, '', 'lwl: argument:1:2: kei: there is no such field; did you mean key?\n',
         *GET[:2], '{"kei": 1}')
    call('wrong JSON from stdin', 2, '', "lwl: stdin:2:1: key: '}' expected near end of file\n",
         *GET[:2], '-', stdin=b'{"key": "a"\n')
    call('no JSON', 2, '', 'lwl: argument: there is no JSON\n', *GET[:2], '')
    for arguments, wanted in [
            ((), 'which ADDRESS?'), (('unix:s',), 'by which NAME does the server offer it?'),
            (('unix:s', 'a'), 'which COMMAND?  It is LIBRARY.Interface.command'),
            (('unix:s', 'a', 'b', 'c', 'd'), "'d' is too much; the JSON is one argument"),
            (('--timeout=0', 'a', 'b', 'c'),
             "--timeout: '0' is no number of seconds from 0.000001 to 1000000000"),
            (('--timeout=nan', 'a', 'b', 'c'),
             "--timeout: 'nan' is no number of seconds from 0.000001 to 1000000000")]:
        call(f'usage {arguments}', 2, '', f'lwl call: {wanted}\nTry `lwl call --help\' or `lwl call '
             "--usage' for more information.\n", *arguments[1:], at=arguments[0]) if arguments else \
            expect('usage', 2, '', f'lwl call: {wanted}\nTry `lwl call --help\' or `lwl call '
                   "--usage' for more information.\n", LWL, 'call')


def bad_servers():
    def bad(name, wanted, *arguments):
        expect(name, 2, '', wanted, LWL, 'serve', *arguments)
    end = "\nTry `lwl serve --help' or `lwl serve --usage' for more information.\n"
    bad('--fail', "lwl serve: --fail: there is no error of the name 'ENOWAY'" + end, '--fail=ENOWAY', 'unix:s',
        'store', 'kv.Store')
    bad('--fail=0', 'lwl serve: --fail: 0 is no error' + end, '--fail=0', 'unix:s', 'store', 'kv.Store')
    bad('--delay', "lwl serve: --delay: 'x' is no number from 0 to 4294967295" + end, '--delay=x', 'unix:s')
    bad('no interface', "lwl: there is no interface 'kv.Stores'\nsimilar names:\n  kv.Store\n  kv.Other\n", 'unix:s', 'a',
        'kv.Stores')
    bad('an answer without a file', "lwl: --answer: 'kv.Store.get' is not COMMAND=FILE\n",
        '--answer=kv.Store.get', 'unix:s', 'a', 'kv.Store')
    bad('an answer for a one-way', 'lwl: --answer: kv.Store.note is one-way and gets no answer\n',
        '--answer=kv.Store.note=x', 'unix:s', 'a', 'kv.Store')
    bad('an answer that is not there', 'lwl: x.json: No such file or directory\n',
        '--answer=kv.Store.get=x.json', 'unix:s', 'a', 'kv.Store')
    open('bad.json', 'w').write('{\n  "count": "many"}')
    bad('an answer that is wrong', 'lwl: bad.json:2:12: count: expected an integer from 0 to 4294967295, not '
        '"many"\n', '--answer=kv.Cursor.next=bad.json', 'unix:s', 'a', 'kv.Store')
    bad('a folder that is not there', 'lwl: unix:no/such: no such directory\n', 'unix:no/such', 'a', 'kv.Store')
    bad('every machine', 'lwl: tcp:0.0.0.0:0: other machines can dial that, and nobody asks who they are: put '
        '"?public" behind it if that is meant\n', 'tcp:0.0.0.0:0', 'a', 'kv.Store')
    server = serve()
    bad('somebody listens', 'lwl: unix:s: somebody listens there already\n', 'unix:s', 'a', 'kv.Store')
    server.stop()


def other_addresses():
    name = f'unix:@lwl-test-{os.getpid()}'
    server = serve(name, '--once')
    call('an abstract socket', 0, GOT, '', *GET, at=name)
    server.ends(0)
    server = serve('tcp:127.0.0.1:0', '--once')
    address = re.search('listening on (tcp:.*)', server.err()).group(1)
    call('TCP', 0, GOT, '', *GET, at=address)
    server.ends(0)
    status, out, err = run(LWL, 'call', f"exec:exec '{LWL}' serve fd:0,1 store kv.Store", *GET)
    check(status == 0 and out == GOT, 'a server that is a child', err)
    check('[1] store kv.Store.get' in err, 'what it prints does not get between', err)


def broken_pipe():
    for command in ('serve', 'unix:s', 'store', 'kv.Store'), ('trace', 'unix:s', 'unix:nobody'):
        read, write = os.pipe()
        server = subprocess.Popen((LWL,) + command, stdout=write, stderr=subprocess.PIPE)
        os.close(read)
        os.close(write)
        server.stderr.readline()
        run(LWL, 'call', '--timeout=10', 'unix:s', *GET)
        try:
            err = server.communicate(timeout=LONG)[1]
        except subprocess.TimeoutExpired:
            server.kill()
            err = b'it does not end'
        check(server.returncode == 2 and err.count(b'cannot write: Broken pipe') == 1 and
              not os.path.exists('s'), f'nobody reads what {command} prints', err)


# ---- strangers ----

def message(linkid, msgid, command, items=b''):
    length = 16 + len(items)
    return (linkid.to_bytes(8, 'little') + msgid.to_bytes(4, 'little') + command.to_bytes(2, 'little') +
            length.to_bytes(2, 'little') + items + bytes(-length % 8))


def encode(message_type, text, schema=LINK_SCHEMA, **header):
    command = [LWL, 'encode'] + [f'--{k}={v}' for k, v in header.items()] + [schema, message_type]
    return subprocess.run(command, input=text.encode(), capture_output=True, timeout=LONG).stdout


LIMITS = ('"limits": {"window": 1048576, "calls": 64, "endpoints": 64, "keepalive_ms": 15000, '
          '"retain_ms": 1000}')
SECRET = list(range(201, 217))
HELLO = ('{"version": 1, "features": 0, "required": 0, "incarnation": %s, "session": %s, "epoch": 1, %s, '
         '"role": 0}') % (list(range(16)), SECRET, LIMITS)


WELCOME = encode('link.Control.welcome.oneway', HELLO.replace('{"version"', '{"result": "NEW", "version"')
                 .replace('"role": 0', '"role": 1'))


def connect(path):
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(LONG)
    s.connect(path)
    return s


def read_all(s):
    data = b''
    while True:
        try:
            part = s.recv(1 << 20)
        except ConnectionResetError:
            return data
        if not part:
            return data
        data += part


def strangers():
    hello = encode('link.Control.hello.oneway', HELLO)
    ack = encode('link.Control.ack.oneway', '{"received": 0}')
    server = serve()
    joined = relay('unix:r', 'unix:s')
    for path in 's', 'r':
        for data in (b'GET / HTTP/1.0\r\n\r\n' + bytes(64), bytes(4096), b'\xff' * 70000, b'', hello[:40],
                     hello, hello + ack + b'\xff' * 64,
                     hello + ack + message(1 << 63 | 1 << 32 | 9, 5, 0x0101),
                     hello + ack + message(0, 1, 0x7f40), hello + ack + message(5, 5, 0x0101)):
            s = connect(path)
            try:
                s.sendall(data)
                s.shutdown(socket.SHUT_WR)
            except BrokenPipeError:
                pass
            read_all(s)
            s.close()
        call(f'afterwards at {path}', 0, GOT, '', *GET, at=f'unix:{path}')
    joined.stop()
    server.stop()

    # And servers that are none.
    listening = socket.socket(socket.AF_UNIX)
    listening.bind('fake')
    listening.listen()
    listening.settimeout(LONG)

    def answer(data):
        def play():
            s, _ = listening.accept()
            s.settimeout(LONG)
            s.recv(65536)
            s.sendall(data)
            if data != b'':
                s.shutdown(socket.SHUT_WR)
            read_all(s)
            s.close()
        thread = threading.Thread(target=play)
        thread.start()
        return thread
    thread = answer(b'')
    call('a server that says nothing', 2, '', 'lwl: unix:fake: no answer within 0.2 s\n', '--timeout=0.2',
         *GET, at='unix:fake')
    thread.join()
    thread = answer(b'HTTP/1.0 400 Bad Request\r\n')
    status, out, err = run(LWL, 'call', '--timeout=20', 'unix:fake', *GET)
    check(status == 2 and out == '' and err.startswith('lwl: unix:fake: '), 'a server that is none', err)
    thread.join()
    thread = answer(WELCOME + message(5, 5, 0x0101, bytes(8)))
    status, out, err = run(LWL, 'call', '--timeout=20', 'unix:fake', *GET)
    check(status == 2 and out == '' and err.startswith('lwl: unix:fake: malformed message: '),
          'a server that goes wrong', err)
    thread.join()
    listening.close()
    os.remove('fake')


# ---- peers that are scripts ----

class Raw:
    """A peer that sends and gets messages one by one."""

    def __init__(self, sock, dialled):
        self.sock, self.data = sock, b''
        if dialled:
            self.send(encode('link.Control.hello.oneway', HELLO))
            self.receive(2)
            self.send(encode('link.Control.ack.oneway', '{"received": 0}'))
        else:
            self.receive(1)
            self.send(WELCOME)
            self.receive(3)

    def send(self, data):
        self.sock.sendall(data)

    def receive(self, command=None):
        """The next message, or the next with this command; one-ways of links themselves are skipped."""
        while True:
            while len(self.data) < 16 or len(self.data) < self.size():
                part = self.sock.recv(65536)
                if not part:
                    raise EOFError('the other side has closed')
                self.data += part
            size = self.size()
            msg, self.data = self.data[:size], self.data[size:]
            found = int.from_bytes(msg[12:14], 'little')
            if found == command if command is not None else msg[:12] != bytes(12):
                return msg

    def size(self):
        return (int.from_bytes(self.data[14:16], 'little') + 7) // 8 * 8

    def ask(self, message_type, text, linkid, msgid, schema=LINK_SCHEMA):
        self.send(encode(message_type, text, schema, linkid=linkid, msgid=msgid))
        return self.receive()


def decode(message_type, msg, schema=LINK_SCHEMA):
    done = subprocess.run([LWL, 'decode', '--compact', schema, message_type], input=msg,
                          capture_output=True, timeout=LONG)
    return json.loads(done.stdout or b'{}')


def open_json(name='store', interface='test.kv.Store'):
    return json.dumps({'name': name, 'interface': interface, 'version': 2})


THEIRS, OURS = 0x8000000100000000, 0x100000000


def links_in_fields():
    server = serve()
    joined = relay('unix:r', 'unix:s', '--once')
    for path in 's', 'r':
        traced = trace('--once', '--schema=kv.lwl', to=f'unix:{path}')
        peer = Raw(connect('t'), True)
        store = decode('link.Control.open.response', peer.ask('link.Control.open.request', open_json(), 0, 5))
        same(f'opened at {path}', hex(THEIRS), store['endpoint'])
        got = decode('kv.Store.scan.response', peer.ask(
            'kv.Store.scan.request', json.dumps({'watch': hex(OURS)}), THEIRS, 6, 'kv.lwl'), 'kv.lwl')
        same(f'our own comes back at {path}', hex(OURS), got['watch'])
        cursor = int(got['cursor'], 16)
        got = decode('kv.Cursor.next.response', peer.ask('kv.Cursor.next.request', '{"count": 4}', cursor, 7,
                                                         'kv.lwl'), 'kv.lwl')
        check(got.get('count') == 4, f'what a link leads to at {path}', got)
        # A field that is a bare link leads to something that knows no command.
        got = decode('kv.Cursor.next.response', peer.ask(
            'kv.Cursor.next.request', '{"count": 4}', cursor ^ 3, 8, 'kv.lwl'), 'kv.lwl')
        same(f'a bare link at {path}', 4096, got['$error']['code'])
        # A request of another interface is malformed here.
        got = decode('kv.Store.get.response', peer.ask('kv.Other.get.request', '{"n": 1}', THEIRS, 9, 'kv.lwl'),
                     'kv.lwl')
        same(f'a malformed request at {path}', 4098, got['$error']['code'])
        peer.sock.close()
        traced.ends(0)
        out = plain(traced.out())
        for line in ('-> 0x8000000100000000 #6 kv.Store.scan.request {"watch":"0x100000000"}',
                     f'-> {hex(cursor)} #7 kv.Cursor.next.request {{"count":4}}',
                     f'<- {hex(cursor)} #7 kv.Cursor.next.response {{"count":4,"keys":[]}}',
                     f'-> {hex(cursor ^ 3)} #8 command 0x0201, 24 bytes',
                     '-> 0x8000000100000000 #9 kv.Store.get.request UTF8 at offset 16, item 1: ',
                     '<- 0x8000000100000000 #9 kv.Store.get.response EMALFORMED (4098), malformed message: '):
            check(f'[1] {line}' in out, f'a trace at {path} has {line}', out)
    joined.ends(1)
    server.stop()


def opens_in_the_other_direction():
    listening = socket.socket(socket.AF_UNIX)
    listening.bind('s')
    listening.listen()
    listening.settimeout(LONG)
    joined = relay('unix:r', 'unix:s', '--once')
    near_socket = connect('r')
    near = []
    thread = threading.Thread(target=lambda: near.append(Raw(near_socket, True)))
    thread.start()
    far_socket, _ = listening.accept()
    far_socket.settimeout(LONG)
    far = Raw(far_socket, False)
    thread.join()
    near = near[0]
    # What the far side opens is the near side's.
    far.send(encode('link.Control.open.request', open_json('back'), linkid=0, msgid=77))
    asked = near.receive()
    same('the name gets there', json.loads(open_json('back')),
         {k: v for k, v in decode('link.Control.open.request', asked).items() if k != '$header'})
    msgid = int.from_bytes(asked[8:12], 'little')
    near.send(encode('link.Control.open.response', '{"endpoint": "%s", "version": 2}' % hex(OURS), linkid=0,
                     msgid=msgid))
    given = decode('link.Control.open.response', far.receive())
    same('a linkid of the relay', hex(OURS), given['endpoint'])
    far.send(encode('kv.Store.note.oneway', '{"text": "back"}', 'kv.lwl', linkid=OURS))
    noted = decode('kv.Store.note.oneway', near.receive(), 'kv.lwl')
    same('a one-way back', 'back', noted['text'])
    # And the end, with its reason.
    far.send(encode('link.Control.goodbye.oneway', '{"code": 5, "detail": "out of paper", "received": 0}'))
    bye = decode('link.Control.goodbye.oneway', near.receive(6))
    same('the same code and reason', (5, 'out of paper'), (bye['code'], bye['detail']))
    near_socket.close()
    far_socket.close()
    listening.close()
    os.remove('s')
    joined.ends(1)


# ---- trace ----

def plain(text, keep_ends=False):
    """Without what is different in each run."""
    text = re.sub(r'(?m)^ *\d+\.\d{6} ', '', text)
    text = re.sub(r'"incarnation":\[[\d,]*\]', '"incarnation":[..]', text)
    text = re.sub(r'deadline=\d+us', 'deadline=Nus', text)
    # Acknowledgements after the first, and which side ends first, depend on the time.
    return ''.join(line + '\n' for line in text.splitlines()
                   if not re.match(r'\[\d+\] <- .*Control\.ack', line) and
                   (keep_ends or not line.endswith(' ends')))


BEGINNING = '''\
[%d] opened
[%d] -> 0x0 link.Control.hello.oneway {"version":1,"features":0,"required":0,"incarnation":[..],"epoch":1,\
"received":0,"retained":1,"limits":{"window":1048576,"calls":4096,"endpoints":65536,"keepalive_ms":15000,\
"retain_ms":60000},"role":0}
[%d] <- 0x0 link.Control.welcome.oneway {"session":"(secret)","result":"NEW","version":1,"features":0,\
"required":0,"incarnation":[..],"epoch":1,"received":0,"retained":1,"limits":{"window":1048576,"calls":4096,\
"endpoints":65536,"keepalive_ms":15000,"retain_ms":60000},"role":1}
[%d] -> 0x0 link.Control.ack.oneway {"received":0}
'''


def traces():
    server = serve('unix:s', '--schema=kv.lwl')
    traced = trace('--schema=kv.lwl')
    call('through a trace', 0, GOT, '', '--timeout=50', *GET, at='unix:t')
    traced.wait_for('[1] closed')
    call('end points through a trace', 0, SCAN, '', 'store', 'kv.Store.scan', at='unix:t')
    traced.wait_for('[2] closed')
    call('an error through a trace', 1, '', NO_NAME, 'stor', 'kv.Store.note', '{"text": ""}', at='unix:t')
    traced.wait_for('[3] closed')
    traced.stop(0, signal.SIGINT)
    check(not os.path.exists('t'), "the trace's socket is removed")
    check(plain(traced.out(), True).count(' ends\n') == 6, 'both sides end', traced.out())
    same('what a trace prints', BEGINNING % (1, 1, 1, 1) + '''\
[1] -> 0x0 #1048576 link.Control.open.request {"name":"store","interface":"test.kv.Store","version":2} \
deadline=Nus
[1] <- 0x0 #1048576 link.Control.open.response {"endpoint":"0x8000000100000000","version":2}
[1] -> 0x8000000100000000 #2097152 kv.Store.get.request {"key":"a","mode":["REPLACE"]} deadline=Nus
[1] <- 0x8000000100000000 #2097152 kv.Store.get.response ''' + GOT + '''\
[1] -> 0x0 link.Control.goodbye.oneway {"code":0,"detail":"","received":2}
[1] closed
''' + BEGINNING % (2, 2, 2, 2) + '''\
[2] -> 0x0 #1048576 link.Control.open.request {"name":"store","interface":"test.kv.Store","version":2}
[2] <- 0x0 #1048576 link.Control.open.response {"endpoint":"0x8000000100000000","version":2}
[2] -> 0x8000000100000000 #2097152 kv.Store.scan.request {}
[2] <- 0x8000000100000000 #2097152 kv.Store.scan.response ''' + SCAN + '''\
[2] -> 0x0 link.Control.release.oneway {"counts":[{"linkid":"9223372041149743105","n":1},{"linkid":\
"9223372041149743106","n":1}]}
[2] -> 0x0 link.Control.goodbye.oneway {"code":0,"detail":"","received":2}
[2] closed
''' + BEGINNING % (3, 3, 3, 3) + '''\
[3] -> 0x0 #1048576 link.Control.open.request {"name":"stor","interface":"test.kv.Store","version":2}
[3] <- 0x0 #1048576 link.Control.open.response ENOENT (2), No such file or directory: nothing is offered \
under that name
[3] -> 0x0 link.Control.goodbye.oneway {"code":0,"detail":"","received":1}
[3] closed
''', plain(traced.out()))

    # What is not known is shown as it is, and colours are for terminals.
    traced = trace('--once', '--color=always')
    call('an unknown interface', 0, GOT, '', *GET, at='unix:t')
    traced.ends(0)
    out = re.sub('\033\\[[0-9;]*m', '', traced.out())
    check('\033[36m->\033[0m' in traced.out(), 'colours')
    check('''-> 0x8000000100000000 #2097152 command 0x0101, 32 bytes
    16  01 00 05 00              item 1: leaf, 5 bytes
    20  61                         |a| = 97
''' in out, 'an unknown message', out)
    check('more bytes)' in out, 'its beginning only', out)
    traced = trace('--once', '--schema', os.path.join(SCHEMAS, 'vfs.lwl'), '--hex')
    call('another interface', 0, GOT, '', *GET, at='unix:t')
    traced.ends(0)
    check('''#2097152 command 0x0101, 32 bytes
     0  00 00 00 00 01 00 00 80 00 00 20 00 01 01 1e 00
    16  01 00 05 00 61 00 00 00 02 00 06 00 10 00 00 00
''' in traced.out(), '--hex', traced.out())
    server.stop()


def secrets():
    server = serve()
    hello = encode('link.Control.hello.oneway', HELLO)
    for options in (), ('--hex',):
        traced = trace('--once', *options)
        s = connect('t')
        s.sendall(hello)
        welcome = s.recv(65536)
        # A hello that is malformed may have the secret anywhere.
        s.sendall(hello[:16] + b'\xff' * 8 + hello[24:])
        s.shutdown(socket.SHUT_WR)
        read_all(s)
        s.close()
        traced.ends(0)
        decoded = subprocess.run([LWL, 'decode', LINK_SCHEMA, 'link.Control.welcome.oneway'], input=welcome,
                                 capture_output=True).stdout.decode()
        theirs = [int(v) for v in re.search(r'"session":\[([\d,]*)\]', decoded).group(1).split(',')]
        out = traced.out()
        check('"session":"(secret)"' in out, 'there is a session', out)
        for name, secret in ('offered', SECRET), ('given', theirs):
            digits = out.replace('\n', ' ')
            check(','.join(str(v) for v in secret[:4]) not in digits and
                  ' '.join('%02x' % v for v in secret[:3]) not in digits and
                  ' '.join('%02x' % v for v in secret[-3:]) not in digits, f'the session {name} stays secret '
                  f'{options}', out)
        if options:
            check('** **' in out, 'bytes of the secret are covered', out)
    server.stop()


def transparent():
    """Whatever it is: the same bytes on the other side, and the end of each direction."""
    listening = socket.socket(socket.AF_UNIX)
    listening.bind('s')
    listening.listen()
    listening.settimeout(LONG)
    stream = os.urandom(3000000)
    pieces = [b'', b'x', bytes(15), bytes(16), message(0, 0, 0, os.urandom(999)), stream]
    for i, there in enumerate(pieces):
        back = pieces[-1 - i]
        traced = trace('--once')
        client = connect('t')
        server, _ = listening.accept()
        server.settimeout(LONG)

        def play(s, data):
            s.sendall(data)
            s.shutdown(socket.SHUT_WR)
        threads = [threading.Thread(target=play, args=a) for a in ((client, there), (server, back))]
        for thread in threads:
            thread.start()
        check(read_all(server) == there, f'{len(there)} bytes there')
        check(read_all(client) == back, f'{len(back)} bytes back')
        for thread in threads:
            thread.join()
        client.close()
        server.close()
        traced.ends(0)
    check('[1] -> ends inside a message' in plain(traced.out(), True) or
          '[1] <- ends' in plain(traced.out(), True), 'an end inside a message', traced.out()[-300:])

    # A side that does not read: the other one is stopped soon.
    traced = trace('--once')
    client = connect('t')
    server, _ = listening.accept()
    server.settimeout(LONG)
    client.settimeout(2)
    pad = message(0, 0, 0, bytes(65504))
    sent = 0
    try:
        while sent < 64 << 20:
            sent += client.send(pad[sent % len(pad):])
    except socket.timeout:
        pass
    check(1 << 20 <= sent <= 8 << 20, f'{sent} bytes are taken for a side that does not read')
    memory = int(re.search(r'VmRSS:\s*(\d+)', open(f'/proc/{traced.process.pid}/status').read()).group(1))
    check(memory < 400000, f'{memory} KiB of memory')
    client.settimeout(LONG)
    client.shutdown(socket.SHUT_WR)
    check(len(read_all(server)) == sent, 'nothing of it is lost')
    server.close()
    read_all(client)
    client.close()
    traced.ends(0)

    # Ctrl-C, with a connection there.
    traced = trace()
    client = connect('t')
    server, _ = listening.accept()
    traced.wait_for('opened')
    traced.stop(0, signal.SIGINT)
    check(read_all(client) == b'', 'Ctrl-C closes')
    listening.close()
    client.close()
    server.close()
    os.remove('s')


def bad_traces():
    traced = trace('--once', at='tcp:127.0.0.1:0')
    traced.stop()
    traced = trace('--once')
    call('nobody behind the trace', 2, '', f'lwl: unix:t: {GONE.replace("without a goodbye", "before it said who it is")}\n',
         *GET, at='unix:t')
    traced.ends(2)
    same('it says why', '''[1] opened
[1] unix:s: No such file or directory
[1] closed
''', plain(traced.out()))

    def bad(name, wanted, *arguments):
        expect(name, 2, '', wanted, LWL, 'trace', *arguments)
    bad('fd:', 'lwl: fd:3: a trace goes by unix: or tcp:\n', 'unix:t', 'fd:3')
    bad('every machine', 'lwl: tcp:0.0.0.0:7001: other machines can dial that, and nobody asks who they are: '
        'put "?public" behind it if that is meant\n', 'tcp:0.0.0.0:7001', 'unix:s')
    bad('no port', 'lwl: tcp:localhost: TCP is written tcp:host:port\n', 'unix:t', 'tcp:localhost')
    bad('no path', "lwl: unix:: a socket's path has 1 to 107 bytes\n", 'unix:', 'unix:s')
    bad('no schema', 'lwl: nosuch.lwl: No such file or directory\n', '--schema=nosuch.lwl', 'unix:t', 'unix:s')
    bad('one address', "lwl trace: which ADDRESS is to be dialled?\nTry `lwl trace --help' or `lwl trace "
        "--usage' for more information.\n", 'unix:t')


# ---- relays ----

def relays():
    server = serve()
    chain = [relay('unix:c', 'unix:s'), relay('unix:b', 'unix:c'), relay('unix:a', 'unix:b')]
    call('through three relays', 0, GOT, '', '--timeout=50', *GET, at='unix:a')
    call('end points through them', 0, SCAN, '', 'store', 'kv.Store.scan', at='unix:a')
    call('a one-way through them', 0, '', '', 'store', 'kv.Store.note', '{"text": "hi"}', at='unix:a')
    call('an error through them', 1, '', NO_NAME, 'stor', *GET[1:], at='unix:a')
    call('the wrong interface', 1, '',
         'lwl: open store: EINTERFACE (4107), wrong interface: test.kv.Store\n', 'store', 'kv.Cursor.next',
         at='unix:a')
    server.wait_for('[5] ended')
    same('what arrives', '''\
[1] up
[1] open "store" as "test.kv.Store" version 2
[1] store kv.Store.get {"key":"a","mode":["REPLACE"]}
[1] store closed
[1] ended: the peer closed the link
[2] up
[2] open "store" as "test.kv.Store" version 2
[2] store kv.Store.scan {}
[2] 0x8000000100000001 closed
[2] 0x8000000100000002 closed
[2] store closed
[2] ended: the peer closed the link
[3] up
[3] open "store" as "test.kv.Store" version 2
[3] store kv.Store.note {"text":"hi"}
[3] store closed
[3] ended: the peer closed the link
[4] up
[4] open "stor" as "test.kv.Store" version 2
[4] ended: the peer closed the link
[5] up
[5] open "store" as "test.kv.Cursor" version 2
[5] ended: the peer closed the link
''', server.out())
    server.stop()
    # The caller's question and the end of the link behind may cross.
    caller = Program(LWL, 'call', 'unix:a', *GET)
    status = caller.process.wait(LONG)
    check((status, caller.err()) in (
        (1, f'lwl: open store: ENOENT (2), {NOBODY}'),
        (2, f'lwl: unix:a: the peer ended the session: {NOBODY}')), 'nobody behind the relays', caller.err())
    check('link 6: unix:s: no such file: is the server running?\n' in chain[0].err(), 'the relay says so',
          chain[0].err())
    same('a line for each', ''.join(['lwl-relay: listening on unix:a\n'] + [
        f'lwl-relay: link {i}: joined to unix:b\nlwl-relay: link {i}: ended: the peer closed the link\n'
        for i in range(1, 6)]), chain[2].err().split('lwl-relay: link 6')[0])

    # What is running when the server is killed: the same code and reason at the other end.
    server = serve('unix:s', '--delay=60000')
    caller = Program(LWL, 'call', 'unix:a', *GET)
    server.wait_for('[1] store kv.Store.get')
    server.process.kill()
    server.process.wait()
    caller.ends(1)
    same('the server is killed', LOST, caller.err())
    # The caller gives up: that goes all the way.
    server = serve('unix:s', '--delay=60000')
    call('--timeout over relays', 2, '', 'lwl: unix:a: no answer within 1 s\n', '--timeout=1', *GET,
         at='unix:a')
    server.wait_for('[1] store cancelled')
    server.wait_for('[1] ended: the peer closed the link')
    caller = Program(LWL, 'call', 'unix:a', *GET)
    server.wait_for('[2] store kv.Store.get')
    caller.stop(2, signal.SIGINT)
    server.wait_for('[2] store cancelled')
    server.wait_for('[2] ended: the peer closed the link')
    # A relay in the middle goes.
    caller = Program(LWL, 'call', 'unix:a', *GET)
    server.wait_for('[3] store kv.Store.get')
    chain[1].process.kill()
    chain[1].process.wait()
    caller.ends(1)
    same('a relay is killed', LOST, caller.err())
    server.wait_for(f'[3] ended: the peer ended the session: Connection reset by peer: {GONE}')
    chain[0].stop()
    chain[2].stop(0, signal.SIGINT)
    server.stop()


def more_relays():
    server = serve('unix:s', '--delay=200')
    joined = relay('unix:r', 'unix:s', '--once', '--calls=1', '--window=131072', '--endpoints=8')
    caller = Program(LWL, 'call', 'unix:r', *GET)
    server.wait_for('[1] store kv.Store.get')
    joined.process.send_signal(signal.SIGINT)
    caller.ends(0)
    same('a relay that ends lets answers through', GOT, caller.out())
    joined.ends(0)
    server.stop()
    server = serve('unix:s', '--delay=60000')
    joined = relay('unix:r', 'unix:s')
    caller = Program(LWL, 'call', 'unix:r', *GET)
    server.wait_for('[1] store kv.Store.get')
    joined.process.send_signal(signal.SIGINT)
    joined.process.send_signal(signal.SIGTERM)
    joined.ends(0)
    caller.ends(2)
    server.stop()
    joined = relay('unix:r', 'bad:s', '--once')
    status, out, err = run(LWL, 'call', 'unix:r', *GET)
    check(status == 2 and 'is not an address' in err, 'an address that is none', err)
    joined.ends(1)
    joined = relay('unix:r', f"exec:exec '{LWL}' serve fd:0,1 store kv.Store", '--once')
    call('a child for each link', 0, GOT, '', *GET, at='unix:r')
    joined.ends(0)
    end = "\nTry `lwl-relay --help' or `lwl-relay --usage' for more information.\n"
    for arguments, wanted in [
            ((), 'which ADDRESS?'), (('a',), 'which ADDRESS is to be dialled?'),
            (('a', 'b', 'c'), "'c' is too much; there are two addresses"),
            (('--calls=0',), "--calls: '0' is no number from 1 to 1048576"),
            (('--window=1000',), "--window: '1000' is no number from 131072 to 1073741824"),
            (('--endpoints=x',), "--endpoints: 'x' is no number from 1 to 16777216")]:
        expect(f'usage {arguments}', 2, '', f'lwl-relay: {wanted}{end}', RELAY, *arguments)
    expect('an address that is none', 2, '', 'lwl-relay: "a" is not an address: it begins with none of unix:, '
           'tcp:, fd: and exec:\n', RELAY, 'a', 'unix:b')


# ---- help, completion, manual ----

def completes(wanted, *words):
    script = '. "$0/../../tools/lwl.bash"; COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)); '
    script += '_lwl_relay' if words[0] == 'lwl-relay' else '_lwl'
    done = subprocess.run(['bash', '-c', script + '; echo "${COMPREPLY[*]}"', HERE, *words], text=True,
                          capture_output=True, env=dict(os.environ, PATH=f'{os.path.dirname(LWL)}:'
                                                        f'{os.environ["PATH"]}'))
    same(f'completion of {words}', wanted + '\n', done.stdout + done.stderr)


def papers():
    for command in (LWL, 'call'), (LWL, 'serve'), (LWL, 'trace'), (RELAY,):
        status, out, err = run(*command, '--help')
        check(status == 0 and err == '' and out.startswith('Usage: '), f'help of {command}', err)
        check(max(map(len, out.splitlines())) < 80, f'help of {command} is wide',
              [line for line in out.splitlines() if len(line) > 79])
    status, out, err = run(RELAY, '--version')
    check(status == 0 and out.startswith('lwl-relay '), '--version')
    completes('call', 'lwl', 'ca')
    completes('unix: tcp: fd: exec:', 'lwl', 'call', '')
    completes('', 'lwl', 'call', 'unix', ':', 's', '')
    completes('kv.lwl', 'lwl', 'call', '--schema', '=', 'k')
    completes('kv.', 'lwl', 'call', 'unix', ':', 's', 'store', 'k')
    completes('kv.Store.get kv.Store.note kv.Store.scan', 'lwl', 'call', 'unix', ':', 's', 'store', 'kv.Sto')
    completes('kv.Closable kv.Cursor', 'lwl', 'serve', '--once', 'unix', ':', 's', 'a', 'kv.C')
    completes('unix: tcp:', 'lwl', 'trace', 'unix', ':', 't', '')
    completes('kv.lwl', 'lwl', 'trace', 'unix', ':', 'kv')
    completes('exec:', 'lwl-relay', 'tcp', ':', 'localhost', ':', '7000', 'ex')
    completes('--calls=', 'lwl-relay', '--c')
    for page in 'lwl.1', 'lwl-relay.1':
        try:
            status, out, err = run('mandoc', '-T', 'lint', '-W', 'warning',
                                   os.path.join(HERE, '..', '..', 'docs', page))
        except FileNotFoundError:
            print('skipped: mandoc is not installed')
            break
        check(status == 0, f'the manual page {page}', out + err)


try:
    for test in (calls, schemas_of_the_tree, answers, time_is_over, bad_calls, bad_servers, other_addresses,
                 broken_pipe, strangers, links_in_fields,
                 opens_in_the_other_direction, traces, secrets, transparent, bad_traces, relays, more_relays,
                 papers):
        try:
            test()
        except Exception as error:
            check(False, f'{test.__name__} did not come to its end', repr(error))
            if 'TRACEBACK' in os.environ:
                raise
        for program in running:
            if program.process.poll() is None:
                program.process.kill()
                program.process.wait()
finally:
    for program in running:
        if program.process.poll() is None:
            program.process.kill()
print(f"{counts['passed']} passed, {counts['failed']} failed")
sys.exit(counts['failed'] > 0)
