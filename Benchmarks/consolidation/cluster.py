#!/usr/bin/env python3
"""A made-up cluster of any size with the usual constraints, as a bin-pack request.

    cluster.py NODES PODS [SEED]     prints one request as JSON

Deployments of 2 to 20 pods over three zones: some spread over zones, some with one pod per host, some tied to a zone,
some under disruption budgets, some with a pod that must not be disturbed; two DaemonSets; two thirds of the room is
used at most, as in a cluster that has shrunk.
"""
import json
import random
import sys

TYPES = {
    "m5.2xlarge": (7910, 28400), "m5.4xlarge": (15890, 57691), "c5.4xlarge": (15890, 27200), "r5.2xlarge": (7910, 59600),
}
ZONES = ["us-east-1a", "us-east-1b", "us-east-1c"]
SIZES = [(100, 256), (250, 512), (500, 1024), (1000, 2048), (2000, 4096), (4000, 12288)]


def node(number, pick):
    kind = pick.choice(sorted(TYPES))
    zone = ZONES[number % 3]
    cpu, memory = TYPES[kind]
    name = f"ip-10-{number // 65536}-{number // 256 % 256}-{number % 256}.ec2.internal"
    return {
        "apiVersion": "v1", "kind": "Node",
        "metadata": {"name": name, "labels": {
            "node.kubernetes.io/instance-type": kind, "topology.kubernetes.io/zone": zone,
            "topology.kubernetes.io/region": "us-east-1", "kubernetes.io/hostname": name, "kubernetes.io/arch": "amd64",
            "kubernetes.io/os": "linux", "karpenter.sh/capacity-type": "on-demand"}},
        "spec": {"providerID": f"aws:///{zone}/i-{number:017x}"},
        "status": {"allocatable": {"cpu": f"{cpu}m", "memory": f"{memory}Mi", "pods": "58"},
                   "conditions": [{"type": "Ready", "status": "True"}]},
    }, cpu, memory, zone


def main():
    nodes, pods, seed = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 1
    pick = random.Random(seed)
    made, free, hosts, items, budgets = [], [], [], [], []
    for number in range(nodes):
        item, cpu, memory, zone = node(number, pick)
        made.append(item)
        free.append([cpu - 100, memory - 256, zone])
        hosts.append(set())
        for daemon in ("aws-node", "kube-proxy"):
            items.append(pod(f"{daemon}-{number}", "kube-system", daemon, item["metadata"]["name"], 50, 128, "DaemonSet", {}))
    count, app = 0, 0
    while count < pods:
        size = pick.choice(SIZES[:4] if pick.random() < 0.8 else SIZES)
        replicas = min(pods - count, pick.choice([2, 3, 3, 5, 8, 20]))
        kind = pick.random()
        name, spec = f"app-{app}", {}
        zone = None
        if kind < 0.15:
            spec["topologySpreadConstraints"] = [{
                "maxSkew": 1, "topologyKey": "topology.kubernetes.io/zone", "whenUnsatisfiable": "DoNotSchedule",
                "labelSelector": {"matchLabels": {"app": name}}}]
        elif kind < 0.30:
            spec["affinity"] = {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [
                {"labelSelector": {"matchLabels": {"app": name}}, "topologyKey": "kubernetes.io/hostname"}]}}
        elif kind < 0.36:
            zone = pick.choice(ZONES)
            spec["nodeSelector"] = {"topology.kubernetes.io/zone": zone}
        for replica in range(replicas):
            for _ in range(50):
                host = pick.randrange(nodes)
                if kind < 0.15 and free[host][2] != ZONES[replica % 3]:
                    continue
                if 0.15 <= kind < 0.30 and app in hosts[host]:
                    continue
                if zone and free[host][2] != zone:
                    continue
                if free[host][0] * 3 > size[0] * 4 and free[host][1] * 3 > size[1] * 4:
                    break
            else:
                continue
            free[host][0] -= size[0]
            free[host][1] -= size[1]
            hosts[host].add(app)
            item = pod(f"{name}-{replica}", "default", name, made[host]["metadata"]["name"], *size, "ReplicaSet", spec)
            if kind > 0.99:
                item["metadata"]["annotations"] = {"karpenter.sh/do-not-disrupt": "true"}
            items.append(item)
            count += 1
        if pick.random() < 0.3:
            budgets.append({
                "apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": name, "namespace": "default"},
                "spec": {"maxUnavailable": 1, "selector": {"matchLabels": {"app": name}}}, "status": {"disruptionsAllowed": 1}})
        app += 1
        if app > 50 * pods:
            break
    print(json.dumps({
        "cluster_state": {"nodes": made, "pods": items, "pdbs": budgets}, "requirements": {},
        "constraints": {"region": "us-east-1"}}))


def pod(name, namespace, app, host, cpu, memory, owner, spec):
    return {
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": name, "namespace": namespace, "labels": {"app": app}, "ownerReferences": [
            {"apiVersion": "apps/v1", "kind": owner, "name": app, "controller": True}]},
        "spec": {**spec, "nodeName": host, "containers": [
            {"name": "main", "resources": {"requests": {"cpu": f"{cpu}m", "memory": f"{memory}Mi"}}}]},
        "status": {"phase": "Running"},
    }


if __name__ == "__main__":
    main()
