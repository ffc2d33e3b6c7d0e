#!/usr/bin/env python3
"""Scores every spot pool of a region, independently of the server.

Reads a Spot Advisor feed, an on-demand price list ({"prices": {region: {type: usd_per_hour}}}) and a catalogue, and
prints one JSON list per case: type, zone, A, V, S, T, C, w, score, interruption probability, spot price and expected
monthly cost. Written from the published formula, not from the server's code; standard library only.

    spot_scores.py FEED ON_DEMAND CATALOGUE REGION CASES

CASES is a JSON file: {"cases": [{"now": ..., "hours": ...}], "histories": [{"type", "zone", "points": [[time, usd]]}],
"learned": [{"type", "zone", "score", "confidence"}], "zones": [...], "restart_cost": usd}.
"""

import json
import math
import sys
from datetime import datetime, timedelta, timezone

BAND_SAFETY = {0: 1.0, 1: 0.8, 2: 0.6, 3: 0.4, 4: 0.2}
BAND_MIDPOINT = {0: 2.5, 1: 7.5, 2: 12.5, 3: 17.5, 4: 25.0}
WINDOW = timedelta(days=7)


def instant(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(timezone.utc)


def hour_score(now):
    if now.isoweekday() in (6, 7):
        return 0.95
    table = [0.90] * 6 + [0.80] * 3 + [0.70] * 9 + [0.80] * 4 + [0.90] * 2
    return table[now.hour]


def experience_weight(hours):
    if hours < 10000:
        return 0.0
    if hours < 50000:
        return hours / 50000 * 0.10
    if hours < 200000:
        return 0.10 + (hours - 50000) / 150000 * 0.05
    if hours < 500000:
        return 0.15 + (hours - 200000) / 300000 * 0.10
    return 0.25


def known_prices(history, now):
    """Changes up to now, by time; of two at one instant the dearer; zero is no price."""
    merged = {}
    for when, price in history:
        when = instant(when)
        if price > 0 and when <= now:
            merged[when] = max(price, merged.get(when, price))
    return sorted(merged.items())


def calmness(prices, now):
    """V, or None when the history is too short."""
    opening = now - WINDOW
    before = [p for p in prices if p[0] <= opening]
    inside = [p for p in prices if p[0] > opening]
    steps = ([(opening, before[-1][1])] if before else []) + inside
    if len(steps) < 2 or (now - steps[0][0]) < timedelta(hours=24):
        return None
    ends = [when for when, _ in steps[1:]] + [now]
    held = [(price, (end - start).total_seconds()) for (start, price), end in zip(steps, ends)]
    total = math.fsum(seconds for _, seconds in held)
    mean = math.fsum(price * seconds for price, seconds in held) / total
    variance = math.fsum((price - mean) ** 2 * seconds for price, seconds in held) / total
    return 1 - min(1.0, math.sqrt(variance) / mean / 0.5)


def score_pool(row, on_demand, history, lesson, now, hours, restart_cost):
    safety = BAND_SAFETY[row["r"]]
    prices = known_prices(history, now)
    if prices and now - prices[-1][0] > WINDOW:
        prices = []
    spot = prices[-1][1] if prices else None
    if spot is None and on_demand:
        derived = on_demand * (1 - row["s"] / 100)
        spot = derived if derived > 0 else None
    if spot is not None and on_demand:
        ratio = spot / on_demand
    else:
        ratio = 1 - row["s"] / 100
    calm = calmness(prices, now)
    volatility = 0.85 if calm is None else calm
    clock = hour_score(now)
    structural = 0.7 * min(1.0, max(0.0, 1 - ratio)) + 0.3 * clock
    learned = lesson["score"] if lesson and lesson["confidence"] >= 0.3 else safety
    weight = experience_weight(hours)
    score = (0.60 - weight) * safety + 0.30 * volatility + weight * learned + 0.10 * structural
    probability = BAND_MIDPOINT[row["r"]] / 100
    cost = None if spot is None else 730 * spot + probability * restart_cost
    return {"A": safety, "V": volatility, "V_default": calm is None, "S": structural, "T": clock, "C": learned,
            "w": weight, "score": score, "probability": probability, "spot": spot, "on_demand": on_demand or None,
            "expected_cost": cost}


def main():
    feed_path, price_path, catalogue_path, region, case_path = sys.argv[1:6]
    with open(feed_path) as f:
        feed = json.load(f)
    with open(price_path) as f:
        on_demand = json.load(f)["prices"][region]
    with open(catalogue_path) as f:
        catalogue = json.load(f)
    with open(case_path) as f:
        cases = json.load(f)

    histories, lessons = {}, {}
    for history in cases.get("histories", []):
        histories.setdefault(history["type"], {}).setdefault(history["zone"], []).extend(history["points"])
    for lesson in cases.get("learned", []):
        lessons[(lesson["type"], lesson["zone"])] = lesson

    answers = []
    for case in cases["cases"]:
        now = instant(case["now"])
        rows = []
        for name, row in sorted(feed["spot_advisor"][region]["Linux"].items()):
            recorded = {zone: points for zone, points in histories.get(name, {}).items() if known_prices(points, now)}
            # Prices tell where a type is offered; of those zones only the ones asked about count.
            own = {zone: recorded[zone] for zone in recorded if not cases.get("zones") or zone in cases["zones"]}
            zones = sorted(own) if recorded else (cases.get("zones") or [None])
            for zone in zones:
                scored = score_pool(row, on_demand.get(name) or 0, own.get(zone, []), lessons.get((name, zone)), now,
                                    case["hours"], cases.get("restart_cost", 1))
                scored.update({"type": name, "zone": zone, "in_catalogue": name in catalogue})
                rows.append(scored)
        answers.append(rows)
    json.dump(answers, sys.stdout)


main()
