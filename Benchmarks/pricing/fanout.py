"""What the fake server saw of the calls to 17 regions, against the bucket they share.

usage: fanout.py URL RATE BURST SECONDS
"""
import json
import sys
import urllib.request
from collections import defaultdict

url, rate, burst, seconds = sys.argv[1], float(sys.argv[2]), float(sys.argv[3]), float(sys.argv[4])
log = json.load(urllib.request.urlopen(url + "/_fake/log"))
calls = defaultdict(list)
refused = 0
for entry in log:
    if "DescribeSpotPriceHistory" in entry["what"]:
        calls[entry["key"]].append(entry["t"])  # each region signs with a key of its own
        refused += entry["status"] != 200
total = sum(map(len, calls.values()))
beyond = 0.0
for times in calls.values():
    # A bucket is obeyed when no stretch holds more than it could have let through: level is what it would still hold.
    level, last = burst, None
    for moment in sorted(times):
        level = burst if last is None else min(burst, level + (moment - last) * rate)
        level -= 1
        beyond = max(beyond, -level)
        last = moment
print(json.dumps({"name": "fanout", "regions": len(calls), "calls": total, "refused": refused, "beyond": round(beyond, 2),
                  "allowed": round(len(calls) * (burst + rate * seconds))}))
