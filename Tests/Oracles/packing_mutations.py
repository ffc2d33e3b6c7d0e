"""Spoils valid plans in every way that must be noticed: a test of the validator.

    packing_mutations.py CASES.json     prints {"kind": [spoilt, noticed]} and the accepted ones
"""
import copy
import json
import sys

import packing_validator as rules


def mutations(case):
    """Plans that are certainly wrong, with the kind of wrong."""
    plan = case["decision"]["metadata"]
    state = case["request"]["cluster_state"]
    nodes = [node["metadata"]["name"] for node in state["nodes"]]
    moves = plan["migrations"]

    def spoilt(kind, change):
        copied = {**case, "decision": copy.deepcopy(case["decision"])}
        change(copied["decision"], copied["decision"]["metadata"])
        return kind, copied

    if moves:
        if moves[-1]["from"] in plan["nodes_to_drain"]:
            yield spoilt("a move left out", lambda d, p: p["migrations"].pop())
        yield spoilt("a move made twice", lambda d, p: p["migrations"].append({**p["migrations"][-1], "order": len(moves) + 1}))
        yield spoilt("a move to nowhere", lambda d, p: p["migrations"][0].update(to="no-such-node"))
        yield spoilt("a move from the wrong node", lambda d, p: p["migrations"][0].update({"from": p["migrations"][0]["to"]}))
        yield spoilt("a pod nobody knows", lambda d, p: p["migrations"][0].update(pod="ghost"))
        yield spoilt("orders shuffled", lambda d, p: p["migrations"][0].update(order=99))
        yield spoilt("too long a grace", lambda d, p: p["migrations"][0].update(grace_period_seconds=100000))
        if plan["nodes_to_drain"]:
            yield spoilt("a move to a node that goes", lambda d, p: p["migrations"][0].update(to=p["nodes_to_drain"][0]))
            yield spoilt("no cordon", lambda d, p: [w.update(cordon=[]) for w in p["waves"]])
        yield spoilt("no confirmation", lambda d, p: [s.update(requires_confirmation=False) for s in d["execution_plan"]])
    if plan["nodes_to_drain"]:
        yield spoilt("a drained node not listed", lambda d, p: p["nodes_to_drain"].pop())
        yield spoilt("a node never ended", lambda d, p: [w.update(terminate=[]) for w in p["waves"]])
        yield spoilt("savings too high", lambda d, p: d.update(estimated_savings=d["estimated_savings"] + 1))
        yield spoilt("cost too low", lambda d, p: p["summary"].update(hourly_cost_after=p["summary"]["hourly_cost_after"] - 0.01))
    kept = [name for name in nodes if name not in plan["nodes_to_drain"]]
    for name in kept:
        def drain(d, p, name=name):
            p["nodes_to_drain"].append(name)
            if not p["waves"]:
                p["waves"].append({"wave": 1, "cordon": [], "uncordon": [], "terminate": []})
            p["waves"][0]["cordon"] = p["waves"][0]["cordon"] + [name]
            p["waves"][-1]["terminate"] = p["waves"][-1]["terminate"] + [name]
        yield spoilt("one node more", drain)
    for item in plan["unplaced_pending_pods"]:
        yield spoilt("a pending pod forgotten", lambda d, p: p["unplaced_pending_pods"].clear())
        break
    if plan["placements"]:
        yield spoilt("a placement forgotten", lambda d, p: p["placements"].pop())
    if plan["replacement"]:
        yield spoilt("a wrong price", lambda d, p: p["replacement"].update(hourly_price=0.0001))
        yield spoilt("a label from nowhere", lambda d, p: p["replacement"]["labels"].update(gift="yes"))
        yield spoilt("room from nowhere", lambda d, p: p["replacement"]["allocatable"].update(cpu=10**9))
    if moves:
        yield from unfit(case, spoilt, kept, moves)


def unfit(case, spoilt, kept, moves):
    """The first move sent to each node that its pod may never be on."""
    cluster = rules.Cluster(case["request"], case["market"], rules.instant(case["now"]))
    first = moves[0]
    pod = cluster.pods[f"{first['namespace']}/{first['pod']}"]
    for name in kept:
        node = cluster.nodes[name]
        if name != first["from"] and cluster.static_fault(pod, node):
            yield spoilt(f"rule broken: {cluster.static_fault(pod, node)}", lambda d, p, name=name: p["migrations"][0].update(to=name))
        if any(amount > node.allocatable.get(key, 0) for key, amount in pod.request.items() if key != "disks" and amount > 0):
            yield spoilt("larger than the node", lambda d, p, name=name: p["migrations"][0].update(to=name))
    for other in cluster.pods.values():
        if other.node in kept and other.node != first["to"] and (other.daemon or other.mirror or cluster.pin(other)):
            def add(d, p, other=other):
                p["migrations"].append({
                    "order": len(p["migrations"]) + 1, "wave": p["migrations"][-1]["wave"], "namespace": other.namespace,
                    "pod": other.name, "from": other.node, "to": first["to"], "grace_period_seconds": 0})
            yield spoilt("a pod that must stay is moved", add)


def main():
    with open(sys.argv[1]) as file:
        cases = json.load(file)
    counts, accepted = {}, []
    for number, case in enumerate(cases):
        for kind, spoilt in mutations(case):
            count = counts.setdefault(kind, [0, 0])
            count[0] += 1
            try:
                rules.validate(spoilt)
                accepted.append([number, kind])
            except (rules.Refused, KeyError):
                count[1] += 1
    print(json.dumps({"counts": counts, "accepted": accepted[:20]}))


if __name__ == "__main__":
    main()
