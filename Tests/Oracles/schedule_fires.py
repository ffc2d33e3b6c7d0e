#!/usr/bin/env python3
"""Says when schedules fire, independently of the server: zones by the standard library's zoneinfo, cron by enumeration.

    schedule_fires.py CASES

CASES is a JSON file. {"years": [{"zone", "file", "from", "to", "expressions", "policies": [[gap, fold]]}]} prints, for
each zone, expression and policy, a line `count digest` of the fires with from < fire <= to.
{"lists": [{"zone", "file", "from", "to", "expression", "gap", "fold"}]} prints the fires themselves, one line each
case. {"downtimes": [… as lists, with "policy", "number"]} prints the fires that a scheduler still makes at `to` when
everything up to `from` is done and nobody was there in between. Times are seconds since 1970; `file` may be null.
"""

import json
import sys
from bisect import bisect_right
from datetime import date, datetime, timezone
from zoneinfo import ZoneInfo

DAY = 86400
EPOCH = date(1970, 1, 1).toordinal()
QUARTER = 900
MASK = (1 << 64) - 1
GRACE = 60

MACROS = {
    "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *", "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@hourly": "0 * * * *",
}
MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
WEEKDAYS = "sun mon tue wed thu fri sat sun".split()


def values(field, low, high, names=(), base=0):
    found = set()
    for item in field.lower().split(","):
        body, _, step = item.partition("/")
        if body == "*":
            first, last = low, high
        else:
            bounds = [names.index(b) + base if b in names else int(b) for b in body.split("-")]
            first, last = bounds[0], bounds[-1]
            if len(bounds) == 1 and step:
                last = high
            if last < first:  # sat-sun
                last += 7
        found.update(range(first, last + 1, int(step or 1)))
    return found


class Cron:
    def __init__(self, text):
        words = MACROS.get(text, text).split()
        if words[0] == "daily":
            hour, minute = words[1].split(":")
            words = [str(int(minute)), str(int(hour)), "*", "*", "*"]
        elif words[0] == "weekly":
            hour, minute = words[-1].split(":")
            words = [str(int(minute)), str(int(hour)), "*", "*", words[1][:3] if len(words) == 3 else "mon"]
        minute, hour, self.day, month, self.weekday = words
        self.minutes = sorted(
            60 * h + m for h in values(hour, 0, 23) for m in values(minute, 0, 59))
        self.days = values(self.day, 1, 31)
        self.months = values(month, 1, 12, MONTHS, 1)
        self.weekdays = {w % 7 for w in values(self.weekday, 0, 6, WEEKDAYS)}

    def on(self, day):
        """Whether the expression matches this date at all."""
        if day.month not in self.months:
            return False
        by_date = day.day in self.days
        by_weekday = day.isoweekday() % 7 in self.weekdays
        if self.day.startswith("*") or self.weekday.startswith("*"):
            return by_date and by_weekday
        return by_date or by_weekday


class Wall:
    """Stretches of one offset, found by asking zoneinfo for the offset of every quarter of an hour."""

    def __init__(self, zone, file, start, end):
        if file:
            with open(file, "rb") as stream:
                zone = ZoneInfo.from_file(stream, key=zone)
        else:
            zone = ZoneInfo(zone)
        self.zone = zone
        begin = start - start % QUARTER - 4 * DAY
        self.stretches = []  # (first second, offset)
        last = None
        for second in range(begin, end + 4 * DAY, QUARTER):
            offset = self.offset(second)
            if offset != last:
                first = second
                while last is not None and self.offset(first - 1) == offset:
                    first -= 1
                self.stretches.append((first, offset))
                last = offset
        self.starts = [s for s, _ in self.stretches]
        self.ends = self.starts[1:] + [end + 4 * DAY]
        # Local days that more than one stretch touches, or that have a gap.
        self.odd = set()
        for (first, after), (_, before) in zip(self.stretches[1:], self.stretches):
            low, high = min(first + after, first + before), max(first + after, first + before)
            self.odd.update(range(low // DAY, high // DAY + 1))

    def offset(self, second):
        moment = datetime.fromtimestamp(second, timezone.utc).astimezone(self.zone)
        return int(moment.utcoffset().total_seconds())

    def instants(self, local):
        return [local - offset for (first, offset), end in zip(self.stretches, self.ends)
                if first <= local - offset < end]

    def after_gap(self, local):
        """The first instant at which the wall has passed a time that it never showed."""
        for (_, before), (first, after) in zip(self.stretches, self.stretches[1:]):
            if first + before <= local < first + after:
                return first
        return None


def fires(cron, wall, start, end, gap, fold):
    found = set()
    for day in range(start // DAY - 3, end // DAY + 4):
        if not cron.on(date.fromordinal(EPOCH + day)):
            continue
        base = day * DAY
        if day not in wall.odd:
            # The whole local day lies in one stretch.
            noon = base + DAY // 2
            index = bisect_right(wall.starts, noon - wall.stretches[0][1]) - 1
            candidates = [i for i in (index - 1, index, index + 1, index + 2)
                          if 0 <= i < len(wall.starts)
                          and wall.starts[i] <= noon - wall.stretches[i][1] < wall.ends[i]]
            if not candidates:
                continue  # beyond the edges
            offset = wall.stretches[candidates[0]][1]
            found.update(base + 60 * m - offset for m in cron.minutes)
            continue
        for minute in cron.minutes:
            local = base + 60 * minute
            instants = wall.instants(local)
            if not instants:
                if gap == "shift_forward":
                    instant = wall.after_gap(local)
                    if instant is not None:
                        found.add(instant)
            elif fold == "first":
                found.add(instants[0])
            elif fold == "second":
                found.add(instants[-1])
            else:
                found.update(instants)
    return sorted(f for f in found if start < f <= end)


def digest(times):
    total = 0
    for time in times:
        total = (total * 6364136223846793005 + time) & MASK
    return total


def caught_up(times, now, policy, number):
    """What is fired at `now` of these times, none of which was fired yet."""
    on_time = [t for t in times if now - t <= GRACE]
    late = [t for t in times if now - t > GRACE]
    if policy == "skip":
        late = []
    elif policy == "latest":
        late = [] if on_time else late[-1:]
    elif policy == "all":
        late = late[-number:] if number else []
    elif policy == "within":
        late = [t for t in late if now - t <= number]
    return late + on_time


def main():
    with open(sys.argv[1]) as file:
        cases = json.load(file)
    for case in cases.get("years", []):
        wall = Wall(case["zone"], case["file"], case["from"], case["to"])
        for text in case["expressions"]:
            cron = Cron(text)
            for gap, fold in case["policies"]:
                times = fires(cron, wall, case["from"], case["to"], gap, fold)
                print(len(times), digest(times))
    for case in cases.get("lists", []) + cases.get("downtimes", []):
        wall = Wall(case["zone"], case["file"], case["from"], case["to"])
        times = fires(Cron(case["expression"]), wall, case["from"], case["to"], case["gap"], case["fold"])
        if "policy" in case:
            times = caught_up(times, case["to"], case["policy"], case["number"])
        print(*times)


main()
