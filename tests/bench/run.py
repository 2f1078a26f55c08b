#!/usr/bin/env python3
"""Measure lwlink beside its peers, side by side in one run, and print ratios.

codec     messages encoded and decoded (tests/bench/codec.c)
compiler  schemas compiled, and what it takes to compile what comes out

Everything is built in build/bench. A peer that is not installed is left out, with a line that says
which package it is in. The figures also go to build/bench/NAME.jsonl, a line of JSON for each row.
Aims are printed as ok or missed; that is information, and no failure.
"""
import argparse
import glob
import json
import math
import os
import re
import shutil
import statistics
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
OUT = os.path.join(TOP, "build", "bench")
LWLC = os.path.join(TOP, "build", "lwlc")
INCLUDE = os.path.join(TOP, "runtime", "include")
CC = os.environ.get("CC", "gcc")
CXX = os.environ.get("CXX", "g++")
TIRPC = ["-isystem", "/usr/include/tirpc"]
# One set of flags for everybody; what others generate may warn.
OPTIMIZE = ["-O2", "-g"]
STRICT_C = ["-std=gnu11", "-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow",
            "-Wstrict-prototypes", "-Wmissing-prototypes", "-Werror"]
STRICT_CXX = ["-std=c++17", "-Wall", "-Wextra", "-Werror"]

PROCESSES, ROUNDS = 5, 15       # of the codec: how often started, rounds in each
COUNTS = (100, 1000, 10000)     # messages in the schemas of the compiler benchmark
RUNS = {100: 5, 1000: 5, 10000: 3}
OUTPUT_COUNTS = (100, 500)      # in those whose C is compiled
CC_RUNS = 3

OURS = "lwlink"
FLOOR, TIGHT = "packed", "packed, tight"
BY_REFERENCE = "lwlink, by reference"
FIXED = "FlatBuffers, struct"
NOT_PEERS = {OURS, FLOOR, TIGHT, BY_REFERENCE, "lwlink, filled first"}
CASES = {
    "getattr": "a getattr reply: 14 scalars in one fixed struct",
    "items": "a getattr reply: 14 scalars, each an item or field of its own",
    "entries": "a page of 64 directory entries: a name and those attributes",
    "write4k": "a write of 4 KiB",
    "write32k": "a write of 32 KiB",
}


def say(text):
    print(text, file=sys.stderr, flush=True)


def run(command, **options):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          check=False, **options)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}:\n{done.stderr}")
    return done.stdout


def newer(target, sources):
    """Is the target there and not older than what it is made of?"""
    if not os.path.exists(target):
        return False
    made = os.path.getmtime(target)
    return all(os.path.getmtime(s) <= made for s in sources)


def path(*parts):
    return os.path.join(OUT, *parts)


def has_header(header, flags, cxx=False):
    return subprocess.run([CXX if cxx else CC, "-fsyntax-only", "-x", "c++" if cxx else "c", *flags,
                           "-include", header, os.devnull], stderr=subprocess.DEVNULL,
                          check=False).returncode == 0


# ---- codec: building ----

class Codec:
    """A peer file, what is generated for it, and what it needs."""

    def __init__(self, source, makers, generate=None, sources=(), schema=None, tools=(),
                 header=None, flags=(), libs=(), packages=""):
        self.source, self.makers, self.generate = source, makers, generate
        self.sources, self.schema, self.tools = sources, schema, tools
        self.header, self.flags, self.libs, self.packages = header, flags, libs, packages

    @property
    def cxx(self):
        return self.source.endswith(".cc")

    @property
    def folder(self):
        return path("codec", self.source.split(".")[0])

    def missing(self):
        return (any(shutil.which(t) is None for t in self.tools) or
                self.header and not has_header(self.header, self.flags, self.cxx))


CODECS = (
    Codec("peer_packed.c", ("packed", "tight")),
    Codec("peer_lwlink.c", ("lwlink", "filled", "reference"), [[LWLC, "-o", ".", "{}"]],
          ("bench.lwl.c",), "bench.lwl", flags=("-I" + INCLUDE,)),
    Codec("peer_capnp.cc", ("capnp",),
          [["capnp", "compile", "-oc++:.", "--src-prefix=" + HERE, "{}"]],
          ("bench.capnp.c++",), "bench.capnp", ("capnp", "capnpc-c++"), "capnp/serialize.h",
          libs=("-lcapnp", "-lkj"), packages="capnproto libcapnp-dev"),
    Codec("peer_flatbuffers.cc", ("flatbuffers", "flatbuffers_struct"), [["flatc", "--cpp", "{}"]],
          (), "bench.fbs", ("flatc",), "flatbuffers/flatbuffers.h",
          packages="flatbuffers-compiler libflatbuffers-dev"),
    Codec("peer_protobuf.cc", ("protobuf",), [["protoc", "-I" + HERE, "--cpp_out=.", "{}"]],
          ("bench.pb.cc",), "bench.proto", ("protoc",), "google/protobuf/message.h",
          libs=("-lprotobuf",), packages="protobuf-compiler libprotobuf-dev"),
    Codec("peer_protobuf_c.c", ("protobuf_c",), [["protoc-c", "-I" + HERE, "--c_out=.", "{}"]],
          ("bench.pb-c.c",), "bench.proto", ("protoc-c",), "protobuf-c/protobuf-c.h",
          libs=("-lprotobuf-c",), packages="protobuf-c-compiler libprotobuf-c-dev"),
    Codec("peer_nanopb.c", ("nanopb",),
          [["protoc", "-I" + HERE, "--nanopb_opt=-f" + os.path.join(HERE, "nanopb.options"),
            "--nanopb_out=.", "{}"]],
          ("bench.pb.c",), "bench.proto", ("protoc", "protoc-gen-nanopb"), "pb_encode.h",
          libs=("-lprotobuf-nanopb",), packages="nanopb libnanopb-dev protobuf-compiler"),
    Codec("peer_xdr.c", ("xdr",),
          [["rpcgen", "-h", "-o", "bench_xdr.h", "bench_xdr.x"],
           ["rpcgen", "-c", "-o", "bench_xdr.c", "bench_xdr.x"]],
          ("bench_xdr.c",), "bench_xdr.x", ("rpcgen",), "rpc/xdr.h", TIRPC, ("-ltirpc",),
          packages="rpcsvc-proto libtirpc-dev"),
)


def generate(codec):
    """What the peer's own compiler makes of its schema; in a folder of its own."""
    os.makedirs(codec.folder, exist_ok=True)
    if codec.schema is None:
        return
    schema = os.path.join(HERE, codec.schema)
    stamp = os.path.join(codec.folder, "generated")
    options = os.path.join(HERE, "nanopb.options")
    if newer(stamp, [schema, options, os.path.abspath(__file__)] +
             ([LWLC] if codec.generate[0][0] == LWLC else [])):
        return
    # rpcgen writes the name of its input into its output, and so wants it beside.
    shutil.copy(schema, codec.folder)
    for command in codec.generate:
        for old in re.findall(r"bench_xdr\.[ch]", " ".join(command)):
            if os.path.exists(os.path.join(codec.folder, old)):
                os.remove(os.path.join(codec.folder, old))
        run([schema if word == "{}" else word for word in command], cwd=codec.folder)
    with open(stamp, "w", encoding="ascii"):
        pass


def compile_commands(codec):
    """(object, what it is made of, command) for the peer's file and the generated ones."""
    common = [os.path.join(HERE, "bench.h"), os.path.abspath(__file__)] + \
        [f for f in glob.glob(os.path.join(codec.folder, "*")) if f.endswith((".h", "generated"))]
    if OURS in codec.makers:
        common += glob.glob(os.path.join(INCLUDE, "lwlink", "*.h"))
    source = os.path.join(HERE, codec.source)
    compiler = [CXX, *STRICT_CXX] if codec.cxx else [CC, *STRICT_C]
    target = os.path.join(codec.folder, "peer.o")
    yield target, [source] + common, [*compiler, *OPTIMIZE, "-I" + HERE, "-isystem", codec.folder,
                                      *codec.flags, "-c", source, "-o", target]
    compiler = [CXX, "-std=c++17"] if codec.cxx else [CC, "-std=gnu11"]
    for name in codec.sources:
        source = os.path.join(codec.folder, name)
        target = source + ".o"
        yield target, [source] + common, [*compiler, *OPTIMIZE, "-w", "-I" + codec.folder,
                                          *codec.flags, "-c", source, "-o", target]


def build_codec():
    peers, objects, libs, work = [], [], [], []
    for codec in CODECS:
        if codec.missing():
            say(f"skipped: {', '.join(codec.makers)} (needs: {codec.packages})")
            continue
        generate(codec)
        for target, sources, command in compile_commands(codec):
            objects.append(target)
            if not newer(target, sources):
                work.append(command)
        peers += codec.makers
        libs += codec.libs
    common = [os.path.join(HERE, "bench.h"), os.path.abspath(__file__)]
    headers = glob.glob(os.path.join(INCLUDE, "lwlink", "*.h"))
    for name in ("wire", "error"):
        source, target = os.path.join(TOP, "runtime", name + ".c"), path("codec", name + ".o")
        objects.append(target)
        if not newer(target, [source] + common + headers):
            work.append([CC, *STRICT_C, *OPTIMIZE, "-I" + INCLUDE, "-c", source, "-o", target])
    # Which peers there are is part of the driver, so it is always compiled.
    source, target = os.path.join(HERE, "codec.c"), path("codec", "codec.o")
    objects.append(target)
    work.append([CC, *STRICT_C, *OPTIMIZE, "-DPEERS=" + " ".join(f"X({p})" for p in peers),
                 "-c", source, "-o", target])
    say(f"building {len(work)} files ...")
    running = []
    for command in work:
        if len(running) == 2:
            wait(running.pop(0))
        running.append((command, subprocess.Popen(command, stderr=subprocess.PIPE, text=True)))
    for job in running:
        wait(job)
    run([CXX, "-o", path("codec", "codec"), *objects, *libs])


def wait(job):
    command, process = job
    _, errors = process.communicate()
    if process.returncode != 0:
        sys.exit(f"{' '.join(command)}:\n{errors}")


# ---- codec: measuring ----

def measure_codec():
    build_codec()
    times, sizes = {}, {}
    for i in range(PROCESSES):
        say(f"codec: process {i + 1} of {PROCESSES}, {ROUNDS} rounds ...")
        for line in run([path("codec", "codec"), str(ROUNDS)]).splitlines():
            peer, case, what, size, ns = line.split("\t")
            times.setdefault((case, peer), {}).setdefault(what, []).append(float(ns))
            sizes[case, peer] = float(size)
    rows = []
    for (case, peer), found in times.items():
        row = {"bench": "codec", "case": case, "peer": peer, "bytes": sizes[case, peer]}
        row.update({what + "_ns": round(statistics.median(ns), 3) for what, ns in found.items()})
        rows.append(row)
    for row in rows:
        for what in ("encode_ns", "decode_ns"):
            if what not in row:
                continue
            floor = pick(rows, row["case"], FLOOR)[what]
            row[what.replace("_ns", "_to_floor")] = round(row[what] / floor, 3)
            fastest = fastest_peer(rows, row["case"], what)
            if fastest:
                row[what.replace("_ns", "_to_fastest")] = round(row[what] / fastest[what], 3)
    return rows


def pick(rows, case, peer):
    return next((r for r in rows if r["case"] == case and r["peer"] == peer), None)


def fastest_peer(rows, case, what, without=()):
    found = [r for r in rows if r["case"] == case and r["peer"] not in NOT_PEERS and what in r and
             r["peer"] not in without]
    return min(found, key=lambda r: r[what]) if found else None


def codec_aims(rows):
    aims = []

    def against_fastest(case, what, limit):
        ours = pick(rows, case, OURS)
        for without in ((), (FIXED,)):
            best = fastest_peer(rows, case, what + "_ns", without)
            if best and (not without or fastest_peer(rows, case, what + "_ns")["peer"] == FIXED):
                aims.append((f"{case}, {what}: of the fastest peer's ({best['peer']})",
                             ours[what + "_ns"] / best[what + "_ns"], limit))

    def against_floor(case, what, limit):
        aims.append((f"{case}, {what}: of a packed struct's copy",
                     pick(rows, case, OURS)[what + "_ns"] / pick(rows, case, FLOOR)[what + "_ns"],
                     limit))

    against_fastest("getattr", "encode", 1 / 6)
    against_fastest("getattr", "decode", 1 / 2)
    against_fastest("entries", "encode", 1 / 3)
    against_fastest("entries", "decode", 1 / 3)
    for case in ("getattr", "entries"):
        against_floor(case, "encode", 2.5)
        against_floor(case, "decode", 4)
    for case, floor in (("getattr", FLOOR), ("entries", TIGHT)):
        aims.append((f"{case}, bytes: of a packed struct's",
                     pick(rows, case, OURS)["bytes"] / pick(rows, case, floor)["bytes"], 1.25))
    against_fastest("items", "encode", 1)
    against_fastest("items", "decode", 1)
    aims.append(("write4k, encode by reference: of a copy",
                 pick(rows, "write4k", BY_REFERENCE)["encode_ns"] /
                 pick(rows, "write4k", FLOOR)["encode_ns"], 0.25))
    aims.append(("write, decode: 32 KiB of 4 KiB's", pick(rows, "write32k", OURS)["decode_ns"] /
                 pick(rows, "write4k", OURS)["decode_ns"], 1.1))
    return aims


def codec_tables(rows):
    for case, title in CASES.items():
        table = [["", "bytes", "encode ns", "× packed", "× fastest", "decode ns", "× packed",
                  "× fastest"]]
        for r in rows:
            if r["case"] != case:
                continue
            line = [r["peer"], f"{r['bytes']:.0f}"]
            for what in ("encode", "decode"):
                line += [number(r.get(what + "_ns")), number(r.get(what + "_to_floor")),
                         number(r.get(what + "_to_fastest"))]
            table.append(line)
        yield f"{case}: {title}", table
    yield "aims", aim_table(codec_aims(rows))


# ---- compilers ----

class Compiler:
    def __init__(self, name, kind, command, tools=(), packages=""):
        self.name, self.kind, self.command = name, kind, command
        self.tools, self.packages = tools, packages


COMPILERS = (
    Compiler("lwlc", "lwl", [LWLC + " -o . big.lwl"]),
    Compiler("lwlc, codec", "lwl", [LWLC + " --emit=codec -o . big.lwl"]),
    Compiler("flatc", "fbs", ["flatc --cpp big.fbs"], ("flatc",), "flatbuffers-compiler"),
    Compiler("capnp", "capnp", ["capnp compile -oc++ big.capnp"], ("capnp", "capnpc-c++"),
             "capnproto"),
    Compiler("protoc-c", "proto", ["protoc-c --c_out=. big.proto"], ("protoc-c",),
             "protobuf-c-compiler"),
    Compiler("rpcgen", "x", ["rpcgen -h -o big.h big.x", "rpcgen -c -o big.c big.x"], ("rpcgen",),
             "rpcsvc-proto"),
    Compiler("wayland-scanner", "wayland", ["wayland-scanner client-header big.wayland big.h",
                                            "wayland-scanner private-code big.wayland big.c"],
             ("wayland-scanner",), "libwayland-bin"),
)

# What encodes and decodes, as compiled by gcc -O2; big_use.cc is written below.
COMPILED = (
    ("lwlc", [CC, "-std=gnu11", "-O2", "-I" + INCLUDE, "-c"], "big.lwl*.c"),
    ("flatc", [CXX, "-std=c++17", "-O2", "-c"], "big_use.cc"),
    ("protoc-c", [CC, "-std=gnu11", "-O2", "-c"], "big.pb-c.c"),
    ("rpcgen", [CC, "-std=gnu11", "-O2", "-w", *TIRPC, "-c"], "big.c"),
)


def folder_of(compiler, count):
    return path("compiler", f"{compiler.name.replace(', ', '-')}-{count}")


def empty_folder(compiler, count):
    """With nothing but the schema: lwlc, for one, leaves files alone that would not change."""
    folder = folder_of(compiler, count)
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    shutil.copy(path("compiler", f"{count}.{compiler.kind}"),
                os.path.join(folder, "big." + compiler.kind))
    return folder


def measured(command, folder):
    seconds, peak = run([path("measure"), *command], cwd=folder).split()[-2:]
    return float(seconds), int(peak)


def compile_once(compiler, count):
    folder = empty_folder(compiler, count)
    seconds, peak = 0.0, 0
    for command in compiler.command:
        s, p = measured(command.split(), folder)
        seconds, peak = seconds + s, max(peak, p)
    return seconds, peak


def write_use(folder, count):
    """flatc's code is inline. This asks for an encoder and a verifier of each message."""
    with open(os.path.join(folder, "big_use.cc"), "w", encoding="ascii") as out:
        out.write('#include "big_generated.h"\n')
        for i in range(count):
            out.write(f"bool verify{i}(flatbuffers::Verifier &v)\n"
                      f"{{\n\treturn v.VerifyBuffer<big::Message{i}>(nullptr);\n}}\n")
        out.write("extern const void *const encoders[];\nconst void *const encoders[] = {\n")
        for i in range(count):
            out.write(f"\treinterpret_cast<const void *>(&big::CreateMessage{i}),\n")
        out.write("};\n")


def text_bytes(obj):
    """All code in an object file, the instances of templates and inline functions included."""
    return sum(int(line.split()[1]) for line in run(["size", "-A", obj]).splitlines()
               if line.startswith(".text"))


def compile_output(folder, command, pattern):
    """Seconds of CPU and bytes of code for what a compiler wrote there."""
    seconds, text = 0.0, 0
    for source in sorted(glob.glob(os.path.join(folder, pattern))):
        s, _ = measured([*command, source, "-o", source + ".o"], folder)
        seconds, text = seconds + s, text + text_bytes(source + ".o")
    return seconds, text


def measure_compiler():
    os.makedirs(path("compiler"), exist_ok=True)
    if not newer(path("measure"), [os.path.join(HERE, "measure.c")]):
        run([CC, *STRICT_C, "-O2", "-o", path("measure"), os.path.join(HERE, "measure.c")])
    compilers = []
    for c in COMPILERS:
        if any(shutil.which(t) is None for t in c.tools):
            say(f"skipped: {c.name} (needs: {c.packages})")
        else:
            compilers.append(c)
    rows = []
    make_schemas({c.kind for c in compilers})
    for count in COUNTS:
        found = {c.name: [] for c in compilers}
        for i in range(RUNS[count]):
            say(f"compilers: {count} messages, run {i + 1} of {RUNS[count]} ...")
            for c in compilers:
                found[c.name].append(compile_once(c, count))
        for name, runs in found.items():
            rows.append({"bench": "compiler", "tool": name, "messages": count,
                         "cpu_ms": round(1000 * statistics.median(s for s, _ in runs), 3),
                         "peak_kib": round(statistics.median(p for _, p in runs))})
    rows += measure_output({c.name: c for c in compilers})
    for c in compilers:
        shutil.rmtree(folder_of(c, COUNTS[-1]), ignore_errors=True)
    return rows


def make_schemas(kinds):
    for count in {*COUNTS, *OUTPUT_COUNTS}:
        for kind in kinds:
            run([sys.executable, os.path.join(HERE, "make_schema.py"), str(count), kind,
                 path("compiler", f"{count}.{kind}")])


def measure_output(compilers):
    """What one more message costs: the difference of two schemas, so that what every file includes
    is not counted. The last run keeps gcc from merging functions that come out equal, as those for
    messages of one shape do here, and in a real schema do not; it is not timed."""
    usable = [(name, command, pattern) for name, command, pattern in COMPILED
              if name in compilers and
              (name != "flatc" or has_header("flatbuffers/flatbuffers.h", [], True))]
    for name, _, _ in usable:
        for count in OUTPUT_COUNTS:
            compile_once(compilers[name], count)
            if name == "flatc":
                write_use(folder_of(compilers[name], count), count)
    found = {name: [] for name, _, _ in usable}
    for i in range(CC_RUNS + 1):
        say(f"compiling what they made, run {i + 1} of {CC_RUNS + 1} ...")
        for name, command, pattern in usable:
            options = ["-fno-ipa-icf"] if i == CC_RUNS else []
            few, many = (compile_output(folder_of(compilers[name], count), command + options,
                                        pattern)
                         for count in OUTPUT_COUNTS)
            found[name].append([(b - a) / (OUTPUT_COUNTS[1] - OUTPUT_COUNTS[0])
                                for a, b in zip(few, many)])
    return [{"bench": "compiler", "tool": name, "cc_ms_per_message":
             round(1000 * statistics.median(s for s, _ in runs[:-1]), 3),
             "text_per_message": round(runs[0][1], 1),
             "unmerged_per_message": round(runs[-1][1], 1)}
            for name, runs in found.items()]


def compiler_figures(rows):
    """{tool: {messages: row}} and {tool: row of what it made}."""
    runs, made = {}, {}
    for r in rows:
        if "messages" in r:
            runs.setdefault(r["tool"], {})[r["messages"]] = r
        else:
            made[r["tool"]] = r
    return runs, made


def compiler_aims(rows):
    runs, made = compiler_figures(rows)
    ours = runs["lwlc"]
    aims = [("lwlc, CPU: 10,000 messages of 1,000's", ours[10000]["cpu_ms"] / ours[1000]["cpu_ms"],
             11)]
    if "flatc" in runs:
        aims.append(("lwlc, CPU for 1,000 messages: of flatc's",
                     ours[1000]["cpu_ms"] / runs["flatc"][1000]["cpu_ms"], 0.5))
    aims.append(("lwlc, peak memory for 10,000 messages, MB", ours[10000]["peak_kib"] * 1024 / 1e6,
                 100))
    aims.append(("bytes of code a message", made["lwlc"]["text_per_message"], 300))
    aims.append((f"ms of {CC} -O2 a message", made["lwlc"]["cc_ms_per_message"], 2))
    return aims


def compiler_tables(rows):
    runs, made = compiler_figures(rows)
    base = runs.get("flatc", runs["lwlc"])
    table = [["CPU ms", *(f"{n:,}" for n in COUNTS), "10,000 / 1,000",
              "× flatc at 1,000" if "flatc" in runs else "× lwlc at 1,000"]]
    memory = [["peak MB", *(f"{n:,}" for n in COUNTS)]]
    for name, by_count in runs.items():
        ms = [by_count[n]["cpu_ms"] for n in COUNTS]
        table.append([name, *map(number, ms), number(ms[2] / ms[1]),
                      number(ms[1] / base[1000]["cpu_ms"])])
        memory.append([name, *(number(by_count[n]["peak_kib"] * 1024 / 1e6) for n in COUNTS)])
    yield "schemas of so many messages, compiled", table
    yield "peak memory", memory
    table = [["a message more", "ms of -O2", "× lwlc", "bytes of code", "× lwlc", "none merged"]]
    for name, r in made.items():
        table.append([name, number(r["cc_ms_per_message"]),
                      number(r["cc_ms_per_message"] / made["lwlc"]["cc_ms_per_message"]),
                      number(r["text_per_message"]),
                      number(r["text_per_message"] / made["lwlc"]["text_per_message"]),
                      number(r["unmerged_per_message"])])
    yield "what they made, compiled", table
    yield "aims", aim_table(compiler_aims(rows))


# ---- printing ----

def number(v):
    """Three digits are more than is repeatable."""
    if v is None:
        return ""
    if v >= 100:
        return f"{v:,.0f}"
    digits = 2 if v == 0 else max(0, 2 - math.floor(math.log10(v)))
    return f"{v:.{min(digits, 3)}f}"


def aim_table(aims):
    return [["", "ratio", "aim: at most", ""]] + \
        [[what, number(v), number(limit), "ok" if v <= limit else "missed"]
         for what, v, limit in aims]


def render(tables, markdown):
    lines = []
    for title, table in tables:
        widths = [max(len(row[i]) for row in table) for i in range(len(table[0]))]
        if markdown:
            # The title is the table's first heading.
            head = [title] + table[0][1:]
            lines.append("| " + " | ".join(head) + " |")
            lines.append("| --- |" + " ---: |" * (len(head) - 1))
            for row in table[1:]:
                cells = [f"**{c}**" if c and row[0].startswith(("lwl",)) and i == 0 else c
                         for i, c in enumerate(row)]
                lines.append("| " + " | ".join(cells) + " |")
        else:
            lines.append(title)
            for row in table:
                lines.append("  " + row[0].ljust(widths[0]) +
                             "".join("  " + c.rjust(w) for c, w in zip(row[1:], widths[1:])))
        lines.append("")
    return "\n".join(lines)


def replace_tables(page, name, text):
    """Between <!-- NAME --> and <!-- end of NAME -->."""
    with open(page, encoding="utf-8") as f:
        old = f.read()
    begin, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->"
    if begin not in old or end not in old:
        sys.exit(f"{page}: no place for {name}")
    head, rest = old.split(begin, 1)
    with open(page, "w", encoding="utf-8") as f:
        f.write(head + begin + "\n" + text + end + rest.split(end, 1)[1])


BENCHES = {"codec": (measure_codec, codec_tables), "compiler": (measure_compiler, compiler_tables)}


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bench", nargs="*", metavar="codec|compiler", help="which (default: both)")
    parser.add_argument("--last", action="store_true",
                        help="print the figures of the last run again, without measuring")
    parser.add_argument("--markdown", action="store_true", help="print Markdown tables")
    parser.add_argument("--update", action="store_true",
                        help="also put the tables into docs/performance.md")
    options = parser.parse_args()
    for name in options.bench:
        if name not in BENCHES:
            parser.error(f"no benchmark is called {name}")
    if not os.path.exists(LWLC):
        sys.exit("run make first: build/lwlc is not there")
    os.makedirs(path("codec"), exist_ok=True)
    for name in options.bench or BENCHES:
        measure, tables = BENCHES[name]
        saved = path(name + ".jsonl")
        if options.last:
            if not os.path.exists(saved):
                sys.exit(f"there is no last run of {name}")
            with open(saved, encoding="utf-8") as f:
                rows = [json.loads(line) for line in f]
        else:
            rows = measure()
            with open(saved, "w", encoding="utf-8") as f:
                f.writelines(json.dumps(row) + "\n" for row in rows)
        print(render(tables(rows), options.markdown))
        if options.update:
            replace_tables(os.path.join(TOP, "docs", "performance.md"), name,
                           render(tables(rows), True))
    if not options.markdown:
        print("as JSON lines: " + " ".join(os.path.relpath(path(n + ".jsonl"), TOP)
                                           for n in options.bench or BENCHES))


if __name__ == "__main__":
    main()
