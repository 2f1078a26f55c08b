#!/usr/bin/env python3
"""link      commands between two processes (tests/bench/link): round trips, depth, bulk, much held
          --quick: fewer and shorter rounds; --peers=raw,zmq: only these
"""
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(HERE))
import run as bench  # noqa: E402

# Of each peer and scenario: rounds, rounds of those that take long to prepare, seconds.
FULL, QUICK = (5, 3, 0.25), (3, 1, 0.1)
LONG = {"held", "objects"}
COMMANDS = (5000, 55000)        # system calls are those of so many more
STRACE_COMMANDS = (1000, 6000)
ALLOCATION_COMMANDS = 20000
SCENARIOS = ("latency", "depth64", "depth1000", "bulk", "held", "objects")
HELD = ("held_1", "held_1000", "held_10000", "held_100000")
OBJECTS = ("objects_1", "objects_1000", "objects_100000", "objects_1000000")
BYTES = (("bytes_hosted", "end point, its host"), ("bytes_held", "end point, its holder"),
         ("bytes_pending", "command, its sender"), ("bytes_call", "command, its server"))
FLOOR = "raw"
DASH = "–"
# What × raw is printed of.
FIGURES = (("p50_us", "p50 µs"), ("p99_us", "p99 µs"), ("depth64_per_second", "at 64: k/s"),
           ("depth1000_per_second", "at 1,000: k/s"), ("mb_per_second", "bulk MB/s"))
CORES = {2: "two cores", 1: "one core"}


class Peer:
    """A peer file, what is generated for it, and what it needs."""

    def __init__(self, name, title, source, generate=(), generated=(), schema=None, tools=(),
                 header=None, flags=(), libs=(), packages="", shared=False):
        self.name, self.title, self.source = name, title, source
        self.generate, self.generated, self.schema = generate, generated, schema
        self.tools, self.header, self.flags, self.libs = tools, header, flags, libs
        self.packages = packages
        self.shared = shared            # writes go through shared memory

    @property
    def cxx(self):
        return self.source.endswith(".cc")

    @property
    def folder(self):
        return bench.path("link", self.name)

    @property
    def program(self):
        return os.path.join(self.folder, "link-" + self.name)

    def missing(self):
        return (any(shutil.which(t) is None for t in self.tools) or
                self.header and not bench.has_header(self.header, self.flags, self.cxx))


# As make leaves them; the loop's library stands before the one that it uses.
LWLINK_LIBS = (os.path.join(bench.TOP, "build", "liblwlink-uv.a"),
               os.path.join(bench.TOP, "build", "liblwlink.a"), "-luv")


def lwlink(name, title, *flags):
    return Peer(name, title, "peer_lwlink.c", [[bench.LWLC, "-o", ".", "{}"]],
                ("link_lwlink.lwl.c", "link_lwlink.link.c"), "link_lwlink.lwl", header="uv.h",
                flags=("-I" + bench.INCLUDE, *flags), libs=LWLINK_LIBS, packages="libuv1-dev")


PEERS = [
    Peer("raw", "raw socketpair", "peer_raw.c"),
    lwlink("lwlink", "lwlink"),
    lwlink("lwlink_polling", "lwlink, polling", "-DSPIN=50"),
    Peer("capnp", "Cap'n Proto", "peer_capnp.cc",
         [["capnp", "compile", "-oc++:.", "--src-prefix=" + HERE, "{}"]],
         ("link_capnp.capnp.c++",), "link_capnp.capnp", ("capnp", "capnpc-c++"),
         "capnp/rpc-twoparty.h", libs=("-lcapnp-rpc", "-lcapnp", "-lkj-async", "-lkj"),
         packages="capnproto libcapnp-dev"),
    Peer("nng", "nng", "peer_nng.c", header="nng/nng.h", libs=("-lnng",), packages="libnng-dev"),
    Peer("zmq", "ZeroMQ", "peer_zmq.c", header="zmq.h", libs=("-lzmq",), packages="libzmq3-dev"),
    Peer("sdbus", "sd-bus", "peer_sdbus.c", header="systemd/sd-bus.h", libs=("-lsystemd",),
         packages="libsystemd-dev"),
    Peer("wayland", "Wayland", "peer_wayland.c",
         [["wayland-scanner", "client-header", "{}", "link_wayland_client.h"],
          ["wayland-scanner", "server-header", "{}", "link_wayland_server.h"],
          ["wayland-scanner", "private-code", "{}", "link_wayland_code.c"]],
         ("link_wayland_code.c",), "link_wayland.xml", ("wayland-scanner",), "wayland-server.h",
         libs=("-lwayland-client", "-lwayland-server"), packages="libwayland-dev libwayland-bin",
         shared=True),
    Peer("tirpc", "libtirpc", "peer_tirpc.c",
         [["rpcgen", "-h", "-o", "link_tirpc.h", "link_tirpc.x"],
          ["rpcgen", "-c", "-o", "link_tirpc_xdr.c", "link_tirpc.x"],
          ["rpcgen", "-l", "-o", "link_tirpc_clnt.c", "link_tirpc.x"],
          ["rpcgen", "-m", "-o", "link_tirpc_svc.c", "link_tirpc.x"]],
         ("link_tirpc_xdr.c", "link_tirpc_clnt.c", "link_tirpc_svc.c"), "link_tirpc.x",
         ("rpcgen",), "rpc/rpc.h", bench.TIRPC, ("-ltirpc",), "rpcsvc-proto libtirpc-dev"),
]


# ---- building ----

def build_peer(peer):
    shutil.rmtree(peer.folder, ignore_errors=True)
    os.makedirs(peer.folder)
    if peer.schema is not None:
        # rpcgen writes the name of its input into its output, and so wants it beside.
        schema = os.path.join(HERE, peer.schema)
        shutil.copy(schema, peer.folder)
        for command in peer.generate:
            bench.run([schema if word == "{}" else word for word in command], cwd=peer.folder)
    compiler = [bench.CXX, *bench.STRICT_CXX] if peer.cxx else [bench.CC, *bench.STRICT_C]
    objects = [os.path.join(peer.folder, "peer.o"), bench.path("link", "driver.o")]
    bench.run([*compiler, *bench.OPTIMIZE, "-I" + HERE, "-isystem", peer.folder, *peer.flags, "-c",
               os.path.join(HERE, peer.source), "-o", objects[0]])
    compiler = [bench.CXX, "-std=c++17"] if peer.cxx else [bench.CC, "-std=gnu11"]
    for name in peer.generated:
        source = os.path.join(peer.folder, name)
        objects.append(source + ".o")
        bench.run([*compiler, *bench.OPTIMIZE, "-w", "-I" + peer.folder, *peer.flags, "-c", source,
                   "-o", objects[-1]])
    bench.run([bench.CXX if peer.cxx else bench.CC, "-o", peer.program, *objects, *peer.libs])


def build(wanted):
    os.makedirs(bench.path("link"), exist_ok=True)
    peers = []
    bench.run([bench.CC, *bench.STRICT_C, *bench.OPTIMIZE, "-c", os.path.join(HERE, "driver.c"),
               "-o", bench.path("link", "driver.o")])
    bench.run([bench.CC, *bench.STRICT_C, *bench.OPTIMIZE, "-shared", "-fPIC",
               os.path.join(HERE, "allocations.c"), "-o", bench.path("link", "allocations.so")])
    for peer in PEERS:
        if wanted and peer.name not in wanted:
            continue
        if not os.path.exists(os.path.join(HERE, peer.source)):
            continue
        if peer.missing():
            bench.say(f"skipped: {peer.title} (needs: {peer.packages})")
            continue
        bench.say(f"building {peer.title} ...")
        build_peer(peer)
        peers.append(peer)
    return peers


# ---- measuring ----

def pinnings():
    """{number of cores: (the server's, the client's)}"""
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        bench.say("skipped: two cores (there is one)")
        return {1: (cores[0], cores[0])}
    return {2: (cores[1], cores[0]), 1: (cores[0], cores[0])}


def command(peer, cores, scenario, amount):
    return [peer.program, str(cores[0]), str(cores[1]), scenario, str(amount)]


def once(peer, cores, scenario, amount, environment):
    out = bench.run(command(peer, cores, scenario, amount), env=environment)
    found = {name: float(v) for name, v in (line.split("\t") for line in out.splitlines())}
    if "per_second" in found:
        found = {scenario + "_per_second": found["per_second"]}
    return found


def perf(words, folder):
    out = os.path.join(folder, "perf")
    bench.run(["perf", "stat", "-x", ",", "-e", "raw_syscalls:sys_enter", "-o", out, "--", *words],
              env=dict(os.environ, TMPDIR=folder))
    with open(out, encoding="utf-8") as f:
        return next(int(line.split(",")[0]) for line in f if "raw_syscalls" in line)


def strace(words, folder):
    out = os.path.join(folder, "strace")
    bench.run(["strace", "-f", "-c", "-o", out, *words], env=dict(os.environ, TMPDIR=folder))
    with open(out, encoding="utf-8") as f:
        return next(int(line.split()[3]) for line in f if line.split()[-1:] == ["total"])


def works(counter, folder):
    try:
        return counter(["true"], folder) > 0
    except (OSError, StopIteration, ValueError, IndexError, SystemExit):
        return False


def pick_counter(folder):
    """What counts system calls here, and for how many commands."""
    for counter, tool, counts in ((perf, "perf", COMMANDS), (strace, "strace", STRACE_COMMANDS)):
        if shutil.which(tool) and works(counter, folder):
            return counter, counts
    bench.say("skipped: system calls (needs: linux-perf, with leave to use it, or strace)")
    return None, ()


def count_system_calls(peer, cores, counter, counts, folder):
    few, many = (counter(command(peer, cores, "count", n), folder) for n in counts)
    return (many - few) / (counts[1] - counts[0])


def measure():
    peers = build(OPTIONS["peers"])
    rounds, long_rounds, seconds = QUICK if OPTIONS["quick"] else FULL
    found, deep = {}, {}
    with tempfile.TemporaryDirectory(prefix="lwlink-bench-") as folder:
        environment = dict(os.environ, TMPDIR=folder)
        counting = dict(environment, LD_PRELOAD=bench.path("link", "allocations.so"))
        counter, counts = pick_counter(folder)

        def keep(cores, peer, figures):
            for what, v in figures.items():
                found.setdefault((cores, peer.name), {}).setdefault(what, []).append(v)

        for i in range(rounds):
            bench.say(f"link: round {i + 1} of {rounds} ...")
            for cores, pinned in pinnings().items():
                for scenario in SCENARIOS:
                    if scenario in LONG and i >= long_rounds:
                        continue
                    for peer in peers:
                        keep(cores, peer, once(peer, pinned, scenario, seconds, environment))
        bench.say("link: system calls, allocations ...")
        for cores, pinned in pinnings().items():
            for peer in peers:
                figures = once(peer, pinned, "count", ALLOCATION_COMMANDS, counting)
                # Nothing printed: the peer cannot have so many outstanding.
                if figures:
                    deep[peer.name] = True
                    keep(cores, peer, figures)
        for _ in range(3 if counter else 0):
            for cores, pinned in pinnings().items():
                for peer in peers:
                    if peer.name in deep:
                        keep(cores, peer, {"system_calls": count_system_calls(
                            peer, pinned, counter, counts, folder)})
    rows = []
    for cores in CORES:
        for peer in peers:
            if (cores, peer.name) in found:
                rows.append({"bench": "link", "cores": cores, "peer": peer.name,
                             "title": peer.title, "shared_memory": peer.shared})
                rows[-1].update({what: round(statistics.median(v), 4)
                                 for what, v in found[cores, peer.name].items()})
    for row in rows:
        floor = next((r for r in rows if r["cores"] == row["cores"] and r["peer"] == FLOOR), {})
        for what in [name for name, _ in FIGURES] + list(HELD):
            if what in row and what in floor:
                row[what + "_to_raw"] = round(row[what] / floor[what], 3)
    return rows


# ---- printing ----

def cell(v, scale=1.0):
    return DASH if v is None else bench.number(v / scale)


def ratio(row, what, base):
    return DASH if what not in row or base not in row else bench.number(row[what] / row[base])


def label(what):
    return f"{int(what.split('_')[1]):,}"


def figure_table(rows):
    table = [[""] + [word for _, name in FIGURES for word in (name, "× raw")]]
    for row in rows:
        line = [row["title"]]
        for what, _ in FIGURES:
            scale = 1000 if what.startswith("depth") else 1
            mark = "*" if what == "mb_per_second" and row["shared_memory"] else ""
            line += [cell(row.get(what), scale) + mark, cell(row.get(what + "_to_raw"))]
        table.append(line)
    return table


def held_table(rows):
    table = [["", *map(label, HELD), "100,000 / 1", "100,000 × raw"]]
    for row in rows:
        table.append([row["title"], *(cell(row.get(w), 1000) for w in HELD),
                      ratio(row, HELD[-1], HELD[0]), cell(row.get(HELD[-1] + "_to_raw"))])
    return table


def objects_table(rows):
    table = [["", *map(label, OBJECTS), "100,000 / 1"]]
    for row in rows:
        table.append([row["title"], *(cell(row.get(w), 1000) for w in OBJECTS),
                      ratio(row, OBJECTS[2], OBJECTS[0])])
    return table


def tables(rows):
    """Peers that cannot do it at all are left out where nothing but dashes would stand."""
    for cores, title in CORES.items():
        here = [r for r in rows if r["cores"] == cores]
        if here:
            yield f"{title}: one at a time, 64 and 1,000 outstanding, 32 KiB writes " \
                "(* shared memory)", \
                figure_table(here)
    for cores, title in CORES.items():
        here = [r for r in rows if r["cores"] == cores and HELD[0] in r]
        if here:
            yield f"{title}: µs per command at depth 64 while so many are held", held_table(here)
    for cores, title in CORES.items():
        here = [r for r in rows if r["cores"] == cores and OBJECTS[0] in r]
        if here:
            yield f"{title}: µs per command at depth 64 over so many end points", \
                objects_table(here)
    order = list(dict.fromkeys(r["title"] for r in rows))
    table = [["", *(f"{what}, {CORES[c]}" for what in ("system calls", "allocations")
                    for c in CORES)]]
    for title in order:
        by_cores = {r["cores"]: r for r in rows if r["title"] == title}
        table.append([title, *(cell(by_cores.get(c, {}).get(what))
                               for what in ("system_calls", "allocations") for c in CORES)])
    yield "both sides together, per command at depth 64", table
    sizes = next((r for r in rows if BYTES[0][0] in r), None)
    if sizes:
        yield f"{sizes['title']}: bytes of memory that each takes, beside the program's own", [
            ["", "bytes"], *([name, bench.number(sizes[what])] for what, name in BYTES)]
    aims = list(judged(rows))
    if aims:
        yield "aims", [["", "reached", "aim"], *aims]


def judged(rows):
    """What was to be reached, and what was."""
    def value(cores, peer, what):
        return next((r.get(what) for r in rows if r["cores"] == cores and r["peer"] == peer), None)

    def compare(name, aim, most, a, b):
        a, b = value(*a), value(*b)
        if a and b:
            yield [name, bench.number(a / b), f"at {'most' if most else 'least'} {aim}"]

    one, two = (1, "lwlink"), (2, "lwlink")
    raw = (1, "raw")
    yield from compare("one core, p50, × raw", 1.15, True, (*one, "p50_us"), (*raw, "p50_us"))
    yield from compare("two cores, polling, p50, × raw", 0.12, True, (2, "lwlink_polling", "p50_us"),
                       (2, "raw", "p50_us"))
    for what, least, zmq in (("depth64_per_second", 12, 3.5), ("depth1000_per_second", 40, 4)):
        depth = what.split("_", maxsplit=1)[0].replace("depth", "depth ")
        yield from compare(f"one core, {depth}, × raw", least, False, (*one, what), (*raw, what))
        yield from compare(f"one core, {depth}, × ZeroMQ", zmq, False, (*one, what), (1, "zmq", what))
    yield from compare("two cores, depth 1000, × raw", 20, False, (*two, "depth1000_per_second"),
                       (2, "raw", "depth1000_per_second"))
    yield from compare("two cores, depth 1000, × ZeroMQ", 4, False, (*two, "depth1000_per_second"),
                       (2, "zmq", "depth1000_per_second"))
    for cores in CORES:
        yield from compare(f"{CORES[cores]}, bulk, × raw", 0.85, False, (cores, "lwlink", "mb_per_second"),
                           (cores, "raw", "mb_per_second"))
    yield from compare("one core, 100,000 held, × 1,000 held", 1.5, True, (*one, "held_100000"),
                       (*one, "held_1000"))
    yield from compare("one core, 100,000 end points, × 1", 1.4, True, (*one, "objects_100000"),
                       (*one, "objects_1"))
    for what, most in (("system_calls", 0.1), ("allocations", 0)):
        v = value(1, "lwlink", what)
        if v is not None:
            yield [f"one core, {what.replace('_', ' ')} a command", bench.number(v), f"at most {most}"]


# ---- the command line is that of ../run.py ----

OPTIONS = {"quick": False, "peers": None}


def take_options(words):
    """Takes out what is ours alone."""
    rest = []
    for word in words:
        if word == "--quick":
            OPTIONS["quick"] = True
        elif word.startswith("--peers="):
            OPTIONS["peers"] = word.split("=", 1)[1].split(",")
            unknown = set(OPTIONS["peers"]) - {p.name for p in PEERS}
            if unknown:
                sys.exit(f"no peer is called {' or '.join(sorted(unknown))}")
        else:
            rest.append(word)
    return rest


if __name__ == "__main__":
    sys.argv[1:] = take_options(sys.argv[1:])
    bench.__doc__ = bench.__doc__.replace("\nEverything is built", __doc__.rstrip() +
                                          "\n\nEverything is built", 1)
    bench.BENCHES["link"] = (measure, tables)
    bench.main()
