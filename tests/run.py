#!/usr/bin/env python3
"""Run tests, two at a time.

usage: run.py LOGDIR < LINES, where each line is: NAME COMMAND...

A test says how many of its cases passed: cmocka's closing lines, or 'N passed, N failed'. What it
printed goes to LOGDIR/NAME.log and is shown whole if the test fails: when it exits with another code
than 0, or says that a case failed, or counts no case at all. The last line here adds them up.
"""
import concurrent.futures
import os
import re
import shutil
import subprocess
import sys
import time


def counts(text):
    """Passed, failed and skipped cases that the output of a test tells of."""
    passed = failed = skipped = 0
    for line in text.splitlines():
        if m := re.match(r"\[  PASSED  \] (\d+) test", line):
            passed += int(m[1])
        elif m := re.match(r"\[  FAILED  \].*?(\d+) test\(s\), listed below", line):
            failed += int(m[1])
        elif m := re.match(r"\[  SKIPPED \] (\d+) test\(s\)", line):
            skipped += int(m[1])
        elif m := re.match(r"(?:[\w ]+: )?(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$", line):
            passed += int(m[1])
            failed += int(m[2])
            skipped += int(m[3] or 0)
    return passed, failed, skipped


def run(name, command, log):
    start = time.monotonic()
    with open(log, "wb") as out:
        code = subprocess.run(["sh", "-c", command], stdin=subprocess.DEVNULL, stdout=out,
                              stderr=subprocess.STDOUT).returncode
    with open(log, "rb") as done:
        text = done.read().decode("utf-8", "replace")
    passed, failed, skipped = counts(text)
    if failed == 0 and (code != 0 or passed + skipped == 0):
        failed = 1
    return name, code, text, passed, failed, skipped, time.monotonic() - start


def main():
    logs = sys.argv[1]
    shutil.rmtree(logs, ignore_errors=True)
    os.makedirs(logs)
    jobs = [line.split(None, 1) for line in sys.stdin.read().splitlines() if line.strip()]
    total = [0, 0, 0]
    with concurrent.futures.ThreadPoolExecutor(int(os.environ.get("JOBS", "2"))) as pool:
        running = [pool.submit(run, name, command, os.path.join(logs, name + ".log"))
                   for name, command in jobs]
        for future in concurrent.futures.as_completed(running):
            name, code, text, passed, failed, skipped, seconds = future.result()
            note = f", {skipped} skipped" if skipped else ""
            print(f"{'FAILED' if failed else 'ok':6} {name}: {passed} passed, {failed} failed{note}"
                  f"  ({seconds:.1f} s)", flush=True)
            for line in text.splitlines():
                if skipped and re.search(r"skip", line, re.I) and not re.match(r"\[  SKIPPED", line):
                    print("       " + line)
            if failed:
                print(text, end="" if text.endswith("\n") else "\n")
                print(f"(exit status {code}; the log is {os.path.join(logs, name + '.log')})")
            for i, n in enumerate((passed, failed, skipped)):
                total[i] += n
    print(f"{total[0]} passed, {total[1]} failed" + (f", {total[2]} skipped" if total[2] else ""))
    return 1 if total[1] or not total[0] else 0


if __name__ == "__main__":
    sys.exit(main())
