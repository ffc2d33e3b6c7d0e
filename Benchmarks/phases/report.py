"""Prints the JSON lines of one run as a table of medians, each with its ratio to the ceiling of the same run.

usage: report.py FILE
"""
import json
import statistics
import sys

ROWS = [
    # name, title, target, ceiling it is compared with
    ("ceiling_1_row_1_client", "ceiling: PostgreSQL, 1 row per commit, 1 client", None, None),
    ("ceiling_1_row_8_clients", "ceiling: PostgreSQL, 1 row per commit, 8 clients", None, None),
    ("ceiling_200_rows_1_client", "ceiling: PostgreSQL, 200 rows per commit, 1 client", None, None),
    ("ceiling_200_rows_2_clients", "ceiling: PostgreSQL, 200 rows per commit, 2 clients", None, None),
    ("ceiling_xadd", "ceiling: Redis XADD, 64 in flight", None, None),
    ("ceiling_queue_in_c", "ceiling: the same queue in C, 500 per batch", None, None),
    ("ceiling_latency_in_c", "ceiling: the same queue in C, one job at a time", None, None),
    ("light_health", "GET /health, one caller", None, None),
    ("light_decision_sequential", "submit to decision, one caller, back to back", "p50 <= 10, p99 <= 40", "ceiling_latency_in_c"),
    ("light_decision_paced", "submit to decision, one caller, 20 per second", "p50 <= 10, p99 <= 40", "ceiling_latency_in_c"),
    ("accept_without_worker", "accept over HTTP, 64 connections, no worker", ">= 5000/s", "ceiling_200_rows_1_client"),
    ("accept_with_worker", "accept over HTTP, 64 connections, worker deciding", None, "ceiling_200_rows_1_client"),
    ("noop_end_to_end", "no-op jobs, accepted to durable result", ">= 5000/s", "ceiling_200_rows_1_client"),
    ("noop_drain", "no-op jobs, draining a full queue", ">= 5000/s", "ceiling_200_rows_1_client"),
]


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        lines = [json.loads(line) for line in file]
    machine = next(line for line in lines if line["name"] == "machine")
    runs = {}
    for line in lines:
        runs.setdefault(line["name"], []).append(line)

    def median(name, key):
        values = [line[key] for line in runs.get(name, []) if key in line]
        return statistics.median(values) if values else None

    print(f"{machine['date']}  {machine['cores']} cores ({machine['cpu']}), {machine['memory_gib']} GiB, {machine['system']}")
    print(f"PostgreSQL {machine['postgres']} (fsync on, {machine['fdatasync_per_second']:.0f} fdatasync/s), "
          f"Redis {machine['redis']}, commit {machine['commit']}, load before {machine['load']}")
    print(f"{machine['command']}\n")
    print(f"{'medians':<54} {'per second':>10} {'p50 ms':>8} {'p99 ms':>8} {'ratio':>6} {'runs':>4} {'load':>5}  target")
    for name, title, target, ceiling in ROWS:
        if name not in runs:
            continue
        rate, p50, p99 = (median(name, key) for key in ("per_second", "p50_ms", "p99_ms"))
        ratio = None
        if ceiling in runs:
            if p50 is not None and (base := median(ceiling, "p50_ms")):
                ratio = p50 / base
            elif rate is not None and (base := median(ceiling, "per_second")):
                ratio = rate / base
        show = lambda value, digits: "" if value is None else f"{value:,.{digits}f}"
        print(f"{title:<54} {show(rate, 0):>10} {show(p50, 2):>8} {show(p99, 2):>8} {show(ratio, 2):>6} "
              f"{len(runs[name]):>4} {median(name, 'load') or 0:>5.1f}  {target or ''}")
    refused = sum(line.get("refused", 0) + line.get("broken", 0) for line in lines)
    if any("refused" in line for line in lines):
        print(f"\nrefused or broken requests: {refused}; every 202 was found in the ledger")
    senders = median("noop_end_to_end", "accepted_per_second")
    if senders:
        print(f"no-op jobs accepted: {senders:,.0f}/s")


main()
