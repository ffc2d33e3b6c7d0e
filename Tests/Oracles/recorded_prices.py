"""Prints the rows of recorded price files (gzip CSV) without their header, each once, sorted.

usage: recorded_prices.py FILE      FILE holds one path a line
"""

import gzip
import sys

rows = set()
with open(sys.argv[1], encoding="utf-8") as paths:
    for path in paths.read().split("\n"):
        if path:
            with gzip.open(path, "rt", encoding="utf-8") as recorded:
                rows.update(line.rstrip("\r\n") for line in list(recorded)[1:])
print("\n".join(sorted(rows)))
