#!/usr/bin/env python3
"""kills.py TREE SCRATCH [SEED [ROUNDS]]: what becomes of a link whose processes are killed or stopped.

A server of examples/tree and listers at work; at a random moment one of them gets a signal.  A lister
whose server has gone ends with an error, soon; a server whose lister has gone serves the next one as if
nothing had been, and holds nothing of the first; who is stopped for a while only takes longer.
"""
import os
import random
import signal
import subprocess
import sys
import time

LONG = 60                       # seconds after which something hangs
DIRECTORIES, FILES = 150, 60

passed = failed = 0


def check(ok, what, why=""):
    global passed, failed
    passed += bool(ok)
    failed += not ok
    if not ok:
        print(f"FAILED: {what}\n\t{why}")
    return ok


def make_tree(folder):
    for i in range(DIRECTORIES):
        name = f"{folder}/{i:03}"
        os.makedirs(name, exist_ok=True)
        for k in range(FILES):
            os.close(os.open(f"{name}/{k}", os.O_CREAT | os.O_WRONLY, 0o644))


class Server:
    def __init__(self, address, tree, folder):
        self.process = subprocess.Popen([tree, "serve", "--listen", address, folder],
                                        stderr=subprocess.PIPE, text=True)
        self.address = self.process.stderr.readline().removeprefix("tree: listening on ").strip()
        self.start = self.descriptors()

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def settles(self):
        """Nothing of those who have gone is left."""
        end = time.monotonic() + LONG
        while self.descriptors() > self.start:
            if time.monotonic() > end:
                return False
            time.sleep(0.01)
        return True

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.process.stderr.close()


def lister(tree, address):
    return subprocess.Popen([tree, "list", address], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def ends(process):
    try:
        out, err = process.communicate(timeout=LONG)
    except subprocess.TimeoutExpired:
        process.kill()
        out, err = process.communicate()
        return None, out, err + "(it hangs)"
    return process.returncode, out.count("\n"), err


def one(tree, kind, folder, entries, scratch, number):
    """One round; the moments come from the seed, what is under way then from the machine."""
    address = {"unix": f"unix:{scratch}/socket", "tcp": "tcp:127.0.0.1:0"}[kind]
    server = Server(address, tree, folder)
    what = random.choice(("kill lister", "kill server", "stop lister", "stop server"))
    name = f"round {number}, {kind}: {what}"
    first, other = lister(tree, server.address), lister(tree, server.address)
    time.sleep(random.uniform(0, 0.08))
    victim = first if what.endswith("lister") else server.process
    if what.startswith("kill"):
        victim.send_signal(signal.SIGKILL)
    else:
        victim.send_signal(signal.SIGSTOP)
        time.sleep(random.uniform(0.05, 0.4))
        victim.send_signal(signal.SIGCONT)
    status, lines, err = ends(first)
    other_status, other_lines, other_err = ends(other)
    whole = (0, entries)
    if what == "kill server":
        for s, n, e in ((status, lines, err), (other_status, other_lines, other_err)):
            check((s, n) == whole or (s not in (0, None) and e), name, f"status {s}, {n} entries, {e}")
    else:
        check(status == -signal.SIGKILL or (status, lines) == whole, name, f"status {status}, {lines}, {err}")
        check((other_status, other_lines) == whole, name + ": the other one is served",
              f"status {other_status}, {other_lines} entries, {other_err}")
        again = ends(lister(tree, server.address))
        check(again[:2] == whole, name + ": the next one is served", again)
        check(server.settles(), name + ": nothing is left", f"{server.descriptors()} descriptors")
    server.stop()


def main():
    tree, scratch = sys.argv[1], os.path.abspath(sys.argv[2])
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else random.randrange(1 << 31)
    rounds = int(sys.argv[4]) if len(sys.argv) > 4 else 40
    folder = f"{scratch}/tree"
    make_tree(folder)
    random.seed(seed)
    entries = DIRECTORIES * (FILES + 1)
    for i in range(rounds):
        one(tree, ("unix", "tcp")[i % 2], folder, entries, scratch, i)
        if failed:
            print(f"seed {seed}")
            break
    # The command of exec: goes with whoever has started it.
    process = lister(tree, f"exec:exec {tree} serve --listen fd:0,1 {folder}")
    time.sleep(0.02)
    children = open(f"/proc/{process.pid}/task/{process.pid}/children", encoding="ascii").read().split()
    process.kill()
    process.communicate()
    end = time.monotonic() + LONG
    while any(os.path.exists(f"/proc/{child}/exe") and os.access(f"/proc/{child}/cwd", os.F_OK)
              for child in children) and time.monotonic() < end:
        time.sleep(0.01)
    check(time.monotonic() < end, "what exec: has started ends with its caller", children)
    print(f"{passed} passed, {failed} failed")
    return 0 if failed == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
