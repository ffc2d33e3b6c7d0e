"""Puts the JSON lines of one run side by side: medians, ratios, targets.

usage: report.py FILE
"""
import json
import statistics
import sys

lines = [json.loads(line) for line in open(sys.argv[1]) if line.strip()]


def median(name, key):
    values = [line[key] for line in lines if line["name"] == name and key in line]
    return statistics.median(values) if values else None


def rate(name, key="rows_per_second"):
    value = median(name, key)
    return "—" if value is None else f"{value:,.0f}"


def ratio(left, right):
    return None if not left or not right else left / right


def row(text, value, target, met):
    shown = "not measured" if value is None else value
    verdict = "" if met is None else ("met" if met else "MISSED")
    print(f"{text:<78}{shown:>16}  {target:<22}{verdict}")


def compare(text, value, least, unit="x"):
    row(text, None if value is None else f"{value:.2f} {unit}", f">= {least} {unit}", None if value is None else value >= least)


print(f"{'rates (medians)':<42}{'rows/s':>12}{'rows/s of CPU':>16}")
for name, text in (("copy", "raw binary COPY into the same table"), ("merge", "staging, merge, latest, coverage"),
                   ("merge_again", "the same rows again, all known"), ("orm", "SQLAlchemy ORM, 1,000 a commit"),
                   ("fetch", "fetch, read and store, one window"), ("parse", "a page of XML read"),
                   ("parse_botocore", "the same page by botocore")):
    print(f"{text:<42}{rate(name):>12}{rate(name, 'rows_per_cpu_second'):>16}")
print()
for key, unit in (("rows_per_second", "by the clock"), ("rows_per_cpu_second", "by processor time")):
    compare(f"merge against raw COPY, {unit}", ratio(median("merge", key), median("copy", key)), 0.4)
    compare(f"merge against SQLAlchemy ORM, {unit}", ratio(median("merge", key), median("orm", key)), 10)
compare("XML against botocore, by processor time",
        ratio(median("parse", "rows_per_cpu_second"), median("parse_botocore", "rows_per_cpu_second")), 20)
fetched = median("fetch", "rows_per_second")
row("fetch, read and store by one window, rows/s", rate("fetch"), ">= 40,000", None if fetched is None else fetched >= 40_000)
for name, text, most in (("floor_postgres", "SELECT 1", None), ("latest_postgres", "latest prices of a type, PostgreSQL", 2),
                         ("floor_redis", "GET of nothing", None), ("latest_cache", "latest prices of a type, cache", 0.5)):
    p99 = median(name, "p99_ms")
    if p99 is not None:
        row(f"{text}: p50 {median(name, 'p50_ms'):.3f} ms, p99", f"{p99:.3f} ms", f"<= {most} ms" if most else "",
            None if most is None else p99 <= most)
calls = median("fanout", "calls")
if calls is not None:
    row(f"17 regions: calls in the time of {median('fanout', 'allowed'):,.0f} allowed ones", f"{calls:,.0f}", ">= 95 %",
        calls >= 0.95 * median("fanout", "allowed"))
    row("17 regions: most calls beyond the bucket, in any stretch of any region", f"{median('fanout', 'beyond'):.1f}",
        "<= 1 (arrival jitter)", median("fanout", "beyond") <= 1)
    row("17 regions: calls refused by the server", f"{median('fanout', 'refused'):,.0f}", "0", median("fanout", "refused") == 0)
megabytes = median("offer", "peak_megabytes")
if megabytes is not None:
    row(f"offer file of {median('offer_file', 'megabytes'):,.0f} MB, {median('offer', 'prices'):,.0f} prices, "
        f"{median('offer', 'seconds'):.1f} s: peak memory", f"{megabytes:.0f} MB", "<= 150 MB", megabytes <= 150)
