"""Puts the lines of the libraries and of ours side by side: report.py LINES…; the least of several rounds counts."""

import sys

seen = {}
skipped = set()
errors = {}
for path in sys.argv[1:]:
    for line in open(path):
        words = line.split()
        if len(words) < 4:
            continue
        if words[0] == "skip":
            skipped.add(words[1])
        elif words[0] == "error":
            errors[words[1]] = words[3]
        else:
            key = (words[1], words[2])
            values = [float(word) for word in words[3:]]
            entry = seen.setdefault(key, {})
            best = entry.get(words[0], values)
            entry[words[0]] = [min(a, b) for a, b in zip(best, values)]

for name in sorted(skipped):
    print(f"skipped: {name} is not installed")
for name, error in sorted(errors.items()):
    print(f"{name}: greatest difference from the library's answers {error} of the largest answer")
print(f"{'microseconds':44}{'library':>12}{'ours':>12}{'ratio':>8}   second figure: p99, or the clock's time for batches")
for (name, what), entry in sorted(seen.items()):
    library, ours = entry.get("library"), entry.get("ours")
    ratio = f"{library[0] / ours[0]:.2f}" if library and ours else ""
    show = lambda values: f"{values[0]:,.1f}" if values else "-"
    second = f"{show(library[1:]) if library and library[1:] else '-'} / {show(ours[1:]) if ours and ours[1:] else '-'}"
    print(f"{name + ' ' + what.replace('_', ' '):44}{show(library):>12}{show(ours):>12}{ratio:>8}   {second}")
