#!/bin/sh
# The benchmarks: see docs/performance.md, or run it with --help.
exec python3 "$(dirname "$0")/run.py" "$@"
