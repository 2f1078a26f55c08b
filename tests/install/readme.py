#!/usr/bin/env python3
"""usage: readme.py README.md DIR: the schema, the program and the Makefile that the README shows."""
import re
import sys

text = open(sys.argv[1], encoding="utf-8").read()
wanted = {"kv.lwl": r"```\n(library .*?)```", "main.c": r"```c\n(.*?)```", "Makefile": r"```make\n(.*?)```"}
for name, pattern in wanted.items():
    with open(f"{sys.argv[2]}/{name}", "w", encoding="utf-8") as out:
        out.write(re.search(pattern, text, re.S)[1])
