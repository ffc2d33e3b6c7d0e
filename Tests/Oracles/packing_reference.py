"""What the engine is measured against: the plain greedy, and for small clusters all there is.

    packing_reference.py CASES.json LIMIT     prints {"greedy": cost, "best": cost or null, "unplaced": keys} per case

Only plans that leave the same waiting pods without a place can be compared by cost.
Costs are hourly, of nodes with a known price. `best` looks at final states only, without asking whether an order of
steps leads there, so it can be below what any plan reaches; null when the search passed LIMIT tries.
"""
import itertools
import json
import sys

import packing_validator as rules


def removable(cluster, name):
    if cluster.node_stays(name) is not None:
        return False
    return cluster.nodes[name].price is not None or not any(pod.free for pod in cluster.pods_on(name))


def place_waiting(cluster):
    """Pods that wait come first, the most important before the others."""
    waiting = [pod for pod in cluster.pods.values() if pod.node is None and pod.free]
    progress = True
    while progress:
        progress = False
        for pod in sorted(waiting, key=lambda p: (-p.priority, p.key)):
            if pod.node is None:
                for name in sorted(cluster.nodes):
                    if cluster.fault(pod, name) is None:
                        cluster.put(pod, name)
                        progress = True
                        break
    for key in cluster.spreads:
        cluster.initial_skews[key] = max(cluster.initial_skews[key], cluster.skew(key))


def cost(cluster):
    return sum(node.price or 0 for node in cluster.nodes.values() if node.alive)


def limits_hold(cluster, moved):
    want = cluster.constraints
    gone = sum(not node.alive for node in cluster.nodes.values())
    if want.get("max_moves") is not None and moved > want["max_moves"]:
        return False
    if want.get("max_nodes") is not None and gone > want["max_nodes"]:
        return False
    return cluster.fleet_fault() is None


def greedy(cluster):
    """Nodes by price per pod to move; each goes if its pods find a place one by one, first fit. No pod moves twice."""
    place_waiting(cluster)
    def rank(name):
        pods = [pod for pod in cluster.pods_on(name) if pod.free]
        return (-(cluster.nodes[name].price or 0) / (1 + len(pods)), name)
    moved = 0
    for name in sorted(cluster.nodes, key=rank):
        if not removable(cluster, name):
            continue
        if any(pod.home != name for pod in cluster.pods_on(name) if pod.free):
            continue
        moved += drain(cluster, name, moved)
    return cost(cluster)


def drain(cluster, name, moved):
    node = cluster.nodes[name]
    node.cordoned = True
    done = []
    pods = sorted((pod for pod in cluster.pods_on(name) if pod.free), key=lambda p: (-p.request.get("cpu", 0), p.key))
    fine = True
    for pod in pods:
        cluster.take(pod)
        target = None
        for other in sorted(cluster.nodes):
            if cluster.fault(pod, other) is None:
                cluster.put(pod, other)
                if cluster.uneven(pod.counted_by) is None:
                    target = other
                    break
                cluster.take(pod)
        if target is None:
            cluster.put(pod, name)
            fine = False
            break
        done.append(pod)
    if fine:
        local = cluster.pods_on(name)
        for pod in local:
            cluster.take(pod)
        node.alive = False
        count = sum(1 for pod in done if pod.home != pod.node)
        if cluster.uneven(cluster.spreads) is None and cluster.lonely() is None and limits_hold(cluster, moved + count):
            return count
        node.alive = True
        for pod in local:
            cluster.put(pod, name)
    for pod in done:
        cluster.take(pod)
        cluster.put(pod, name)
    node.cordoned = False
    return 0


class TooLarge(Exception):
    pass


class Exhaustive:
    """Tries every set of nodes to keep, the cheapest first, with every assignment of pods."""

    def __init__(self, cluster, limit):
        self.cluster, self.limit, self.tries = cluster, limit, 0

    def best(self):
        cluster = self.cluster
        place_waiting(cluster)
        names = [name for name in sorted(cluster.nodes) if removable(cluster, name)]
        names = [name for name in names if not (cluster.nodes[name].price is None and any(p.free for p in cluster.pods_on(name)))]
        sets = []
        for count in range(len(names) + 1):
            for gone in itertools.combinations(names, count):
                sets.append((-sum(cluster.nodes[name].price or 0 for name in gone), len(gone), gone))
        start = {pod.key: pod.node for pod in cluster.pods.values() if pod.node}
        for _, _, gone in sorted(sets):
            if self.possible(gone, start):
                return sum(n.price or 0 for n in cluster.nodes.values() if n.name not in gone)
        return cost(cluster)

    def possible(self, gone, start):
        cluster = self.cluster
        want = cluster.constraints
        if want.get("max_nodes") is not None and len(gone) > want["max_nodes"]:
            return False
        homeless = [pod for pod in cluster.pods.values() if pod.node in gone and pod.free]
        shifting = [
            pod for pod in cluster.pods.values()
            if pod.node and pod.node not in gone and pod.free and (pod.home is None or cluster.pin(pod) is None)
        ]
        local = [pod for pod in cluster.pods.values() if pod.node in gone and not pod.free]
        # Those that may stay come first, so that whoever looks for a place sees them.
        pods = shifting + homeless
        pods.sort(key=lambda p: (p.node in gone, -p.request.get("cpu", 0), p.key))
        self.full = {node.name: dict(node.used) for node in cluster.nodes.values()}
        for pod in pods + local:
            cluster.take(pod)
        for name in gone:
            cluster.nodes[name].alive = False
        try:
            fits = cluster.fleet_fault() is None and self.assign(pods, 0, start, 0)
        finally:
            for pod in pods + local:
                if pod.node:
                    cluster.take(pod)
            for name in gone:
                cluster.nodes[name].alive = True
            for pod in pods + local:
                cluster.put(pod, start[pod.key])
        return fits

    def assign(self, pods, index, start, moved):
        cluster = self.cluster
        self.tries += 1
        if self.tries > self.limit:
            raise TooLarge
        if index == len(pods):
            return cluster.uneven(cluster.spreads) is None and cluster.lonely() is None and self.company(pods, start) \
                and self.evenness(pods, start) and self.peace(pods, start)
        pod = pods[index]
        names = sorted(cluster.nodes)
        if start[pod.key] in names:
            names.remove(start[pod.key])
            names.insert(0, start[pod.key])
        for name in names:
            node = cluster.nodes[name]
            if not node.alive:
                continue
            stays = start[pod.key] == name and pod.home is not None
            move = 0 if stays or pod.home is None else 1
            if cluster.constraints.get("max_moves") is not None and moved + move > cluster.constraints["max_moves"]:
                continue
            if not stays and (cluster.static_fault(pod, node) or cluster.apart_fault(pod, node) or cluster.port_fault(pod, node)):
                continue
            if cluster.resource_fault(pod, node) and not (stays and self.was_as_full(pod, node)):
                continue
            cluster.put(pod, name)
            if self.assign(pods, index + 1, start, moved + move):
                return True
            cluster.take(pod)
        return False

    def was_as_full(self, pod, node):
        """An overbooked node may keep what it had."""
        full = self.full[node.name]
        return all(node.used.get(name, 0) + amount <= full.get(name, 0) for name, amount in pod.request.items())

    def peace(self, pods, start):
        """Moved pods bear everybody who is where they are now, and the other way round."""
        for pod in pods:
            if pod.node == start[pod.key]:
                continue
            node = self.cluster.nodes[pod.node]
            self.cluster.take(pod)
            fault = self.cluster.apart_fault(pod, node) or self.cluster.port_fault(pod, node)
            self.cluster.put(pod, node.name)
            if fault:
                return False
        return True

    def company(self, pods, start):
        """Moved pods have the company they require."""
        return all(
            not pod.company or pod.node == start[pod.key] or self.cluster.in_company(pod, pod.node, True) for pod in pods
        )

    def evenness(self, pods, start):
        """Moved pods' own constraints hold where they are."""
        cluster = self.cluster
        for pod in pods:
            if pod.node == start[pod.key]:
                continue
            for key in pod.spread_keys:
                spread = cluster.spreads[key]
                if pod.node not in spread["nodes"]:
                    return False
                counts = cluster.spread_counts(key)
                domain = cluster.nodes[pod.node].labels[spread["label"]]
                if counts.get(domain, 0) - cluster.least(key, counts) > spread["max"]:
                    return False
        return True


def main():
    with open(sys.argv[1]) as file:
        cases = json.load(file)
    limit = int(sys.argv[2])
    answers = []
    for case in cases:
        now = rules.instant(case["now"])
        cluster = rules.Cluster(case["request"], case["market"], now)
        found = greedy(cluster)
        unplaced = sorted(pod.key for pod in cluster.pods.values() if pod.node is None and pod.free)
        try:
            best = Exhaustive(rules.Cluster(case["request"], case["market"], now), limit).best() if limit else None
        except TooLarge:
            best = None
        answers.append({"greedy": found, "best": best, "unplaced": unplaced})
    print(json.dumps(answers))


if __name__ == "__main__":
    main()
