#!/usr/bin/env python3
"""Checks plans that move pods between zones, independently of the server. Standard library only.

    network_validator.py CASES

CASES is a JSON file: {"cases": [{"set": SET, "moves": {pod: zone}, "max_moves": number or null, "brute": bool}]}.
A SET has zones, zone_cpu_milli_capacity, services (name, replicas, movable, cpu_milli), pods (name, service, zone) and
traffic (pod_a, pod_b, daily_gb). Prints one object per case: the GB a day that cross zones now and after the moves, the
USD a month of both, the rules that the moves break, and with "brute" the least GB of all placements that break none.

The rules: a pod of a service with movable false stays; a zone that receives a pod stays within its capacity; no zone
gets more than ceil(replicas / zones) pods of a service unless it has them today; a service in two zones or more stays in
two or more; no more moves than allowed.
"""

import itertools
import json
import math
import sys
from collections import Counter
from fractions import Fraction


class Plan:
    def __init__(self, case):
        self.set = case["set"]
        self.services = {service["name"]: service for service in self.set["services"]}
        self.home = {pod["name"]: pod["zone"] for pod in self.set["pods"]}
        self.service_of = {pod["name"]: pod["service"] for pod in self.set["pods"]}
        self.limit = case.get("max_moves")
        self.traffic = [
            (row["pod_a"], row["pod_b"], Fraction(repr(row["daily_gb"])))
            for row in self.set["traffic"]
        ]

    def crossing(self, where):
        return sum((gb for a, b, gb in self.traffic if where[a] != where[b]), Fraction(0))

    def faults(self, where):
        found = []
        moved = [pod for pod, zone in where.items() if zone != self.home[pod]]
        for pod in moved:
            if where[pod] not in self.set["zones"]:
                found.append(f"{pod} goes to {where[pod]}, which is no zone")
            if not self.services[self.service_of[pod]].get("movable", True):
                found.append(f"{pod} must stay")
        if self.limit is not None and len(moved) > self.limit:
            found.append(f"{len(moved)} moves, {self.limit} allowed")
        return found + self.capacity_faults(where, moved) + self.spread_faults(where)

    def capacity_faults(self, where, moved):
        found = []
        for zone in {where[pod] for pod in moved}:
            used = sum(self.services[self.service_of[p]]["cpu_milli"] for p, z in where.items() if z == zone)
            if used > self.set["zone_cpu_milli_capacity"]:
                found.append(f"{zone} holds {used}m of {self.set['zone_cpu_milli_capacity']}m")
        return found

    def spread_faults(self, where):
        found = []
        for name, service in self.services.items():
            pods = [pod for pod in self.home if self.service_of[pod] == name]
            before = Counter(self.home[pod] for pod in pods)
            after = Counter(where[pod] for pod in pods)
            most = math.ceil(len(pods) / len(self.set["zones"]))
            for zone, count in after.items():
                if count > max(most, before[zone]):
                    found.append(f"{count} pods of {name} in {zone}, {most} allowed")
            if len(before) >= 2 and len(after) < 2:
                found.append(f"{name} ends in one zone")
        return found

    def best(self):
        """The least crossing of all placements without a fault; only for a handful of pods."""
        pods = sorted(self.home)
        choices = [
            self.set["zones"] if self.services[self.service_of[pod]].get("movable", True) else [self.home[pod]]
            for pod in pods
        ]
        least = self.crossing(self.home)
        for zones in itertools.product(*choices):
            where = dict(zip(pods, zones))
            crossing = self.crossing(where)
            if crossing < least and not self.faults(where):
                least = crossing
        return least


def judge(case):
    plan = Plan(case)
    where = dict(plan.home)
    unknown = sorted(set(case["moves"]) - set(where))
    where.update({pod: zone for pod, zone in case["moves"].items() if pod in where})
    now, after = plan.crossing(plan.home), plan.crossing(where)
    answer = {
        "now": float(now),
        "after": float(after),
        "usd_now": float(now * 30 / 50),
        "usd_after": float(after * 30 / 50),
        "faults": [f"{pod} is no pod" for pod in unknown] + plan.faults(where),
    }
    if case.get("brute"):
        answer["best"] = float(plan.best())
    return answer


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        cases = json.load(file)["cases"]
    json.dump([judge(case) for case in cases], sys.stdout)


main()
