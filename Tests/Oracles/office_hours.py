#!/usr/bin/env python3
"""Says at which quarter-hours schedules are on, independently of the server.

    office_hours.py CASES

CASES is a JSON file: {"from", "to", "zones": [...], "specs": [...]}. Times are seconds since 1970 and multiples of 900;
"%Z" in a specification stands for the zone. Prints a JSON list: for each zone and in it each specification, the state of
the first quarter-hour (0 or 1) and then the numbers of the quarter-hours at which it changes.

The rules are stated on the wall, not on instants. Let M(t) be the latest time the wall has shown up to t: it jumps over
what clocks skip and waits while they repeat. A window holds at t if start <= M(t) < end; an event happens when M first
reaches its time. Zones come from Python's zoneinfo.
"""

import json
import re
import sys
from bisect import bisect_left
from datetime import date, datetime, timezone
from zoneinfo import ZoneInfo

QUARTER = 900
DAY = 86400
EPOCH = date(1970, 1, 1).toordinal()
NAMES = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
LETTERS = "mtwhfsu"
ALIASES = {"pt": "America/Los_Angeles", "et": "America/New_York", "cet": "Europe/Berlin"}


class Wall:
    """The clock of one zone from some days before the year to its end."""

    def __init__(self, zone, start, end):
        tz = ZoneInfo(zone)
        self.first = start - 12 * DAY
        self.instants = list(range(self.first, end + QUARTER, QUARTER))
        self.shown = []
        for t in self.instants:
            local = datetime.fromtimestamp(t, tz)
            self.shown.append(t + int(local.utcoffset().total_seconds()))
        self.latest = []
        reached = -(1 << 60)
        for value in self.shown:
            self.latest.append(max(value, reached))
            # Until the next quarter the wall runs on by 899 seconds; zones change at quarters only.
            reached = max(reached, value + QUARTER - 1)

    def index(self, wall):
        """The first quarter-hour at which the wall has reached that time."""
        return bisect_left(self.latest, wall)

    def instant(self, wall):
        """The first instant at which the wall has reached that time."""
        i = self.index(wall)
        if i == 0:
            return self.first
        if i == len(self.instants):
            return self.instants[-1] + DAY  # after the year
        since = wall - self.shown[i - 1]
        return self.instants[i - 1] + since if since < QUARTER else self.instants[i]

    def days(self):
        return range(self.shown[0] // DAY + 1, self.shown[-1] // DAY + 2)


def weekday(day):
    return (day + 3) % 7  # 1970-01-01 was a Thursday


def day_number(text):
    return date.fromisoformat(text).toordinal() - EPOCH


def clock(text):
    hour, minute = text.split(":")
    return int(hour) * 60 + int(minute)


def around(first, last):
    found = {first}
    while first != last:
        first = (first + 1) % 7
        found.add(first)
    return found


def downscaler(text, zone):
    """Weekly windows (days, start, end, zone) and fixed ranges; True for always."""
    if text.lower() == "always":
        return True
    weekly, fixed = [], []
    if text.lower() == "never":
        return weekly, fixed
    for item in (i.strip() for i in text.split(",")):
        match = re.fullmatch(r"([A-Za-z]{3})(?:-([A-Za-z]{3}))? +(\d\d?:\d\d)-(\d\d?:\d\d)(?: +(\S+))?", item)
        if match:
            first, last, begin, end, name = match.groups()
            days = around(NAMES.index(first.lower()), NAMES.index((last or first).lower()))
            a, b = clock(begin), clock(end)
            weekly.append((days, a, b if b > a else b + 1440, name or zone))
        else:
            stamp = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:Z|[+-]\d\d:\d\d)"
            begin, end = re.fullmatch(f"({stamp})-({stamp})", item).groups()
            fixed.append(tuple(int(datetime.fromisoformat(s.replace("Z", "+00:00")).timestamp()) for s in (begin, end)))
    return weekly, fixed


def window_bits(spec, holidays, walls, start, count):
    bits = bytearray(count)
    if spec is True:
        return bytearray(b"\x01" * count)
    weekly, fixed = spec
    for days, begin, end, zone in weekly:
        wall = walls(zone)
        base = (start - wall.first) // QUARTER
        for day in wall.days():
            if weekday(day) in days and day not in holidays:
                a = max(0, wall.index(day * DAY + begin * 60) - base)
                b = min(count, wall.index(day * DAY + end * 60) - base)
                if a < b:
                    bits[a:b] = b"\x01" * (b - a)
    for begin, end in fixed:
        a = max(0, -((start - begin) // QUARTER))
        b = min(count, -((start - end) // QUARTER))
        if a < b:
            bits[a:b] = b"\x01" * (b - a)
    return bits


def event_bits(wakes, sleeps, zone, holidays, skipped, walls, start, count):
    """wakes and sleeps are lists of (days, minute of day)."""
    wall = walls(zone)
    events = []
    for kind, rules in ((0, sleeps), (1, wakes)):
        for day in wall.days():
            if day in skipped or (kind == 1 and day in holidays):
                continue
            for days, minute in rules:
                if weekday(day) in days:
                    events.append((wall.instant(day * DAY + minute * 60), kind))
    events.sort()
    bits = bytearray(count)
    state, position = 1, 0
    for i in range(count):
        while position < len(events) and events[position][0] <= start + i * QUARTER:
            state = events[position][1]
            position += 1
        bits[i] = state
    return bits


def custodian(text, zone):
    parts = dict(p.split("=") for p in text.lower().split(";") if "=" in p)
    raw = dict(p.split("=") for p in text.split(";") if "=" in p)

    def rules(value):
        found = []
        for days, hour in re.findall(r"\(([a-z-]+),(\d+)\)", value.replace(" ", "")):
            ends = [LETTERS.index(d) for d in days.split("-")]
            found.append((around(ends[0], ends[-1]), int(hour) * 60))
        return found

    name = raw.get("tz", zone)
    return rules(parts.get("on", "(m-f,7)")), rules(parts.get("off", "(m-f,19)")), ALIASES.get(name.lower(), name)


def cron_values(field, low, high, names=()):
    found = set()
    for item in field.lower().split(","):
        body, _, step = item.partition("/")
        if body == "*":
            first, last = low, high
        else:
            ends = [names.index(b) if b in names else int(b) for b in body.split("-")]
            first, last = ends[0], ends[-1]
            if step and len(ends) == 1:
                last = high
        found.update(range(first, last + 1, int(step or 1)))
    return found


def kube_green(spec, zone):
    cron_days = cron_values(spec["weekdays"], 0, 6, ["sun", "mon", "tue", "wed", "thu", "fri", "sat"])
    days = {(d + 6) % 7 for d in cron_days}

    def rules(text):
        hour, minute = text.split(":")
        return [(days, h * 60 + m) for h in cron_values(hour, 0, 23) for m in cron_values(minute, 0, 59)]

    return rules(spec["wakeUpAt"]), rules(spec["sleepAt"]), spec.get("timeZone", zone)


def bits_of(spec, zone, walls, start, count):
    if isinstance(spec, str):
        text = spec.replace("%Z", zone)
        if text.lower() == "on" or "off=" in text.lower() or text.lower().startswith("tz="):
            wakes, sleeps, name = custodian(text, zone)
            return event_bits(wakes, sleeps, name, set(), set(), walls, start, count)
        return window_bits(downscaler(text, zone), set(), walls, start, count)
    spec = json.loads(json.dumps(spec).replace("%Z", zone))
    holidays = {day_number(d) for d in spec.get("holidays", [])}
    skipped = {day_number(d) for d in spec.get("skip_days", [])}
    zone = spec.get("timezone", zone)
    if "sleepAt" in spec:
        wakes, sleeps, name = kube_green(spec, zone)
        return event_bits(wakes, sleeps, name, holidays, skipped, walls, start, count)
    if "uptime" in spec or "downtime" in spec:
        up = window_bits(downscaler(spec.get("uptime", "always"), zone), holidays, walls, start, count)
        down = window_bits(downscaler(spec.get("downtime", "never"), zone), set(), walls, start, count)
        return bytearray(u and not d for u, d in zip(up, down))
    weekly = []
    work, rest = spec.get("weekdays"), spec.get("weekends", {})
    if work and work.get("enabled", True):
        a, b = clock(work["start"]), clock(work["end"])
        weekly.append(({0, 1, 2, 3, 4}, a, b if b > a else b + 1440, zone))
    if rest.get("enabled", "start" in rest):
        a, b = clock(rest.get("start", work and work["start"])), clock(rest.get("end", work and work["end"]))
        weekly.append(({5, 6}, a, b if b > a else b + 1440, zone))
    return window_bits((weekly, []), holidays, walls, start, count)


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        cases = json.load(file)
    start, end = cases["from"], cases["to"]
    count = (end - start) // QUARTER
    known = {}

    def walls(zone):
        if zone not in known:
            known[zone] = Wall(zone, start, end)
        return known[zone]

    answer = []
    for zone in cases["zones"]:
        rows = []
        for spec in cases["specs"]:
            bits = bits_of(spec, zone, walls, start, count)
            row, state = [bits[0]], bits[0]
            position = 0
            while True:
                position = bits.find(1 - state, position)
                if position < 0:
                    break
                state = 1 - state
                row.append(position)
            rows.append(row)
        answer.append(rows)
    json.dump(answer, sys.stdout, separators=(",", ":"))


main()
