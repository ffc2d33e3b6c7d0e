"""Makes random usage series and says what the Vertical Pod Autoscaler's recommender would ask for.

usage: vpa_histogram.py SEED COUNT

Prints a list of cases, each with the series and the expected figures. Written from the description of the algorithm:
weights are computed against the last sample instead of a moving reference, buckets are found by bisection in a list of
boundaries, and daily peaks are gathered before any histogram is filled.
"""

import json
import random
import sys
from bisect import bisect_right

DAY = 86_400_000
MOST = 10**14


def boundaries(first, largest):
    """Starts of the buckets: each is 5 % wider than the one before, the last starts at or above the largest value.

    By the recommender's own formula, first * (1.05^n - 1) / 0.05 with 1.05 and 1.05 - 1 as doubles have them: amounts are
    cut to whole units afterwards, so a start that is off by its last bit would cost a byte or a millicore.
    """
    starts = [0.0]
    while starts[-1] < largest:
        starts.append(first * (1.05 ** len(starts) - 1) / (1.05 - 1))
    return starts


CPU = boundaries(0.01, 1000.0)
MEMORY = boundaries(1e7, 1e12)


def percentile(starts, samples, share):
    """samples: (value, weight, time in ms); the end of the bucket that holds the given share of all weight."""
    if not samples:
        return 0.0
    last = max(time for _, _, time in samples)
    weights = {}
    for value, weight, time in samples:
        bucket = min(bisect_right(starts, value) - 1, len(starts) - 1)
        weights[bucket] = weights.get(bucket, 0.0) + weight * 2.0 ** ((time - last) / DAY)
    total = sum(weights.values())
    running = 0.0
    found = max(weights)
    for bucket in sorted(weights):
        running += weights[bucket]
        if running >= share * total:
            found = bucket
            break
    return starts[min(found + 1, len(starts) - 1)]


def peaks(points):
    """One peak for each day counted from the first point, stamped at the end of its day.

    The recommender takes a peak of 0 for one that was never set, and a day that begins with 0 bytes stays there.
    """
    if not points:
        return []
    begin = points[0][0]
    days = {}
    for time, value in points:
        day = (time - begin) // DAY
        if days.get(day) != 0:
            days[day] = max(days.get(day, 0), int(value))
    return [(float(value), 1.0, begin + (day + 1) * DAY) for day, value in days.items()]


def amount(value):
    return int(min(MOST, max(0.0, value)))


def estimate(value, factor, least):
    value += amount(value * 0.15)
    if factor is not None:
        value = MOST if factor == float("inf") and value > 0 else amount(value * factor) if value else 0
    return max(value, least)


def expected(case):
    weight = max(case["request_cores"], 0.1)
    cpu = [(int(value * 1000) / 1000, weight, time) for time, value in case["cpu"]]
    memory = peaks(case["memory"])
    times = [time for time, _ in case["cpu"]]
    confidence = min((times[-1] - times[0]) / DAY, len(times) / 1440) if times else 0.0
    upper = 1 + 1 / confidence if confidence else float("inf")
    lower = (1 + 0.001 / confidence) ** -2 if confidence else 0.0
    share = 1 / case["containers"]
    answer = {}
    for name, part, factor in (("target", 0.9, None), ("lower", 0.5, lower), ("upper", 0.95, upper)):
        cores = percentile(CPU, cpu, part)
        size = percentile(MEMORY, memory, part)
        answer[name] = {
            "cores": cores,
            "size": size,
            "millicores": estimate(amount(cores * 1000), factor, int(25 * share)),
            "bytes": estimate(amount(size), factor, int(250 * 2**20 * share)),
        }
    return answer


def series(rng, scale, spread):
    """Steady, bursty, growing or falling use, with holes, for minutes to nine days."""
    step = rng.choice([60_000, 300_000, 900_000, 3_600_000])
    time = 1_750_000_000_000 + rng.randrange(0, DAY)
    level = scale * 10 ** rng.uniform(-spread, spread)
    drift = rng.uniform(-0.004, 0.004)
    points = []
    for index in range(rng.randint(2, 220)):
        value = level * max(0.0, 1 + drift * index + rng.gauss(0, 0.3))
        if rng.random() < 0.03:
            value *= rng.uniform(1, 8)
        points.append([time, value])
        time += step * (rng.randint(2, 40) if rng.random() < 0.02 else 1)
    return points


def main():
    rng = random.Random(int(sys.argv[1]))
    cases = []
    for _ in range(int(sys.argv[2])):
        case = {
            "cpu": series(rng, 0.3, 1.7),
            "memory": [[time, float(int(value))] for time, value in series(rng, 4e8, 1.6)],
            "request_cores": rng.choice([0.0, 0.05, 0.25, 1.0, 4.0]),
            "containers": rng.randint(1, 4),
        }
        case["expected"] = expected(case)
        cases.append(case)
    json.dump(cases, sys.stdout)


main()
