#!/bin/sh
# The benchmarks: see docs/performance.md, or run it with --help.
# link.py is run.py with one benchmark more.
exec python3 "$(dirname "$0")/link/link.py" "$@"
