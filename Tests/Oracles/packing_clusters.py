"""Small random clusters with every kind of scheduling rule, many of them hostile to each other.

    packing_clusters.py SEED COUNT [plain] [from=NUMBER]    prints a list of {"request", "market", "now"}

`from` is the first one's number, 0 when not said; `plain` leaves out what a plan's value cannot be compared under: replacements.
"""
import json
import random
import sys

import packing_validator as rules

NOW = "2026-07-01T12:00:00Z"
MIB = 2**20
TYPES = {
    "m5.large": {"cpu": 1930, "memory": 7000 * MIB, "pods": 12, "arch": "amd64", "vcpu": 2, "mib": 8192},
    "m5.xlarge": {"cpu": 3920, "memory": 14500 * MIB, "pods": 20, "arch": "amd64", "vcpu": 4, "mib": 16384},
    "c5.xlarge": {"cpu": 3920, "memory": 6600 * MIB, "pods": 20, "arch": "amd64", "vcpu": 4, "mib": 8192},
    "r5.large": {"cpu": 1930, "memory": 14600 * MIB, "pods": 12, "arch": "amd64", "vcpu": 2, "mib": 16384},
    "m6g.large": {"cpu": 1930, "memory": 6900 * MIB, "pods": 12, "arch": "arm64", "vcpu": 2, "mib": 8192},
    "x9.huge": {"cpu": 3920, "memory": 14500 * MIB, "pods": 20, "arch": "amd64", "vcpu": 4, "mib": 16384},
}
MARKET = {
    "on_demand": {"m5.large": 0.096, "m5.xlarge": 0.192, "c5.xlarge": 0.17, "r5.large": 0.126, "m6g.large": 0.077, "x9.huge": 0},
    "spot": {
        kind: {f"us-east-1{zone}": round(value, 4) for zone, value in zip("abc", (value, value * 1.1, value * 0.95))}
        for kind, value in (("m5.large", 0.035), ("m5.xlarge", 0.07), ("c5.xlarge", 0.06))
    },
    "savings": {"r5.large": 55},
    "types": TYPES,
}


class Maker:
    def __init__(self, seed, plain):
        self.random = random.Random(seed)
        self.plain = plain
        self.serial = 0

    def chance(self, share):
        return self.random.random() < share

    def case(self):
        pick = self.random
        self.zones = [f"us-east-1{letter}" for letter in "abc"[:pick.choice([1, 2, 3, 3])]]
        self.features = {name for name in (
            "taints", "selectors", "apart", "company", "spread", "ports", "volumes", "budgets", "pins", "odd_nodes",
            "pending", "daemons", "gpu", "init", "terminating", "spot", "arm", "headroom", "fleet", "priceless",
        ) if self.chance(0.25)}
        self.pods, self.claims, self.volumes, self.budgets = [], [], [], []
        self.nodes = [self.node(number) for number in range(pick.choice([1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 7]))]
        for number in range(pick.choice([1, 2, 3, 3, 4])):
            self.app(number)
        if "daemons" in self.features or self.chance(0.5):
            self.daemons()
        state = {
            "nodes": self.nodes, "pods": self.pods, "pdbs": self.budgets, "pvcs": self.claims, "pvs": self.volumes,
            "namespaces": [
                {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": {"team": name, "kubernetes.io/metadata.name": name}}}
                for name in ("alpha", "beta", "kube-system")
            ],
            "storage_classes": [
                {"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": {"name": "wait"},
                 "provisioner": "ebs.csi.aws.com", "volumeBindingMode": "WaitForFirstConsumer",
                 "allowedTopologies": [{"matchLabelExpressions": [
                     {"key": "topology.kubernetes.io/zone", "values": self.zones[:1]}]}]},
                {"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": {"name": "now"},
                 "provisioner": "ebs.csi.aws.com", "volumeBindingMode": "Immediate"},
            ],
        }
        request = {"cluster_state": state, "requirements": {}, "constraints": self.constraints()}
        self.place(request)
        pick.shuffle(self.nodes)
        pick.shuffle(self.pods)
        return {"request": request, "market": MARKET, "now": NOW}

    def constraints(self):
        wish = {"region": "us-east-1"}
        if self.plain or self.chance(0.5):
            wish["allow_replacement"] = False
        if "headroom" in self.features:
            wish["headroom"] = self.random.choice([0.05, 0.1, 0.25])
        if "fleet" in self.features:
            kind = self.random.choice(["min_nodes_per_zone", "min_zones", "min_nodes", "max_spot_share", "max_moves", "max_nodes"])
            wish[kind] = {"max_spot_share": 0.5, "max_moves": 3, "max_nodes": 1}.get(kind, self.random.choice([1, 2]))
        if self.chance(0.05):
            wish["allow_local_storage"] = True
        return wish

    def node(self, number):
        pick = self.random
        kinds = ["m5.large", "m5.xlarge", "c5.xlarge", "r5.large"]
        if "arm" in self.features:
            kinds.append("m6g.large")
        if "priceless" in self.features:
            kinds.append("x9.huge")
        kind = pick.choice(kinds)
        spec = TYPES[kind]
        name = f"node-{number}"
        labels = {
            "kubernetes.io/hostname": name, "node.kubernetes.io/instance-type": kind, "kubernetes.io/os": "linux",
            "topology.kubernetes.io/zone": pick.choice(self.zones), "topology.kubernetes.io/region": "us-east-1",
            "kubernetes.io/arch": spec["arch"],
            "karpenter.sh/capacity-type": "spot" if "spot" in self.features and self.chance(0.5) else "on-demand",
        }
        if self.chance(0.7):
            labels["rack"] = pick.choice(["r1", "r2"])
        if self.chance(0.5):
            labels["tier"] = pick.choice(["gold", "lead"])
        if self.chance(0.3):
            labels["size"] = str(pick.choice([1, 5, 9]))
        allocatable = {"cpu": f"{spec['cpu']}m", "memory": f"{spec['memory'] // MIB}Mi", "pods": str(spec["pods"]), "ephemeral-storage": "20Gi"}
        if "gpu" in self.features and self.chance(0.5):
            allocatable["nvidia.com/gpu"] = str(pick.choice([1, 2]))
        if "volumes" in self.features:
            allocatable["attachable-volumes-aws-ebs"] = str(pick.choice([1, 2, 25]))
        node = {
            "apiVersion": "v1", "kind": "Node", "metadata": {"name": name, "labels": labels, "annotations": {}},
            "spec": {"providerID": f"aws:///us-east-1a/i-{number:017x}"},
            "status": {"allocatable": allocatable, "conditions": [{"type": "Ready", "status": "True"}]},
        }
        if "taints" in self.features and self.chance(0.4):
            node["spec"]["taints"] = [{
                "key": pick.choice(["dedicated", "flaky"]), "value": pick.choice(["a", "b", ""]),
                "effect": pick.choice(["NoSchedule", "NoExecute", "PreferNoSchedule"]),
            }]
        if "odd_nodes" in self.features and self.chance(0.4):
            oddity = pick.choice(["cordon", "unready", "terminating", "disabled", "peace", "control"])
            if oddity == "cordon":
                node["spec"]["unschedulable"] = True
            if oddity == "unready":
                node["status"]["conditions"][0]["status"] = pick.choice(["False", "Unknown"])
            if oddity == "terminating":
                node["metadata"]["deletionTimestamp"] = NOW
            if oddity == "disabled":
                node["metadata"]["annotations"]["cluster-autoscaler.kubernetes.io/scale-down-disabled"] = "true"
            if oddity == "peace":
                node["metadata"]["annotations"]["karpenter.sh/do-not-disrupt"] = "true"
            if oddity == "control":
                labels["node-role.kubernetes.io/control-plane"] = ""
        return node

    def app(self, number):
        pick = self.random
        app, namespace = f"app-{number}", pick.choice(["alpha", "beta"])
        spec = {"containers": [self.container()]}
        labels = {"app": app, "role": pick.choice(["web", "db"])}
        if "init" in self.features and self.chance(0.5):
            spec["initContainers"] = [self.container() for _ in range(pick.choice([1, 2]))]
            if self.chance(0.5):
                spec["initContainers"][0]["restartPolicy"] = "Always"
            if self.chance(0.3):
                spec["overhead"] = {"cpu": "50m"}
        if "gpu" in self.features and self.chance(0.3):
            spec["containers"][0]["resources"]["limits"] = {"nvidia.com/gpu": "1"}
        if "selectors" in self.features:
            self.select(spec)
        if "taints" in self.features and self.chance(0.5):
            spec["tolerations"] = [pick.choice([
                {"operator": "Exists"}, {"key": "dedicated", "operator": "Exists"},
                {"key": "dedicated", "operator": "Equal", "value": "a", "effect": "NoSchedule"},
                {"key": "flaky", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 60},
                {"key": "flaky", "operator": "Exists"},
            ])]
        self.relate(spec, labels, app)
        if "ports" in self.features and self.chance(0.5):
            port = {"containerPort": 80, "hostPort": pick.choice([80, 81]), "protocol": pick.choice(["TCP", "UDP"])}
            if self.chance(0.3):
                port["hostIP"] = pick.choice(["10.0.0.1", "10.0.0.2"])
            spec["containers"][0]["ports"] = [port]
        notes = {}
        if "pins" in self.features and self.chance(0.5):
            self.pin(spec, notes)
        owner = pick.choice(["ReplicaSet", "ReplicaSet", "StatefulSet", "Job"])
        for replica in range(pick.choice([1, 1, 2, 3, 3, 4])):
            own = json.loads(json.dumps(spec))
            if "volumes" in self.features and self.chance(0.5):
                self.volume(own, namespace, app)
            own_labels = {**labels, "pod-template-hash": pick.choice(["h1", "h1", "h2"])}
            pod = self.pod(f"{app}-{replica}", namespace, own_labels, own, None if "pins" in self.features and self.chance(0.1) else owner)
            pod["metadata"]["annotations"] = dict(notes)
            if "terminating" in self.features and self.chance(0.2):
                pod["metadata"]["deletionTimestamp"] = NOW
        if "budgets" in self.features:
            for _ in range(pick.choice([0, 1, 1, 2])):
                selector = pick.choice([{"matchLabels": {"app": app}}, {"matchLabels": {"role": "db"}}, {}])
                budget = {
                    "apiVersion": "policy/v1", "kind": "PodDisruptionBudget",
                    "metadata": {"name": f"budget-{len(self.budgets)}", "namespace": namespace},
                    "spec": {"selector": selector, "maxUnavailable": 1},
                }
                if self.chance(0.9):
                    budget["status"] = {"disruptionsAllowed": pick.choice([0, 1, 1, 2])}
                self.budgets.append(budget)

    def container(self):
        pick = self.random
        requests = {"cpu": f"{pick.choice([100, 250, 500, 900, 1500])}m", "memory": f"{pick.choice([128, 512, 1500, 3000])}Mi"}
        container = {"name": "main", "image": "x", "resources": {"requests": requests}}
        if self.chance(0.1):
            container["resources"] = {"limits": requests}
        if self.chance(0.05):
            container["resources"] = {}
        if self.chance(0.1):
            container["resources"].setdefault("requests", {})["ephemeral-storage"] = pick.choice(["1Gi", "9Gi"])
        return container

    def select(self, spec):
        pick = self.random
        kind = pick.randrange(6)
        if kind == 0:
            spec["nodeSelector"] = {"topology.kubernetes.io/zone": pick.choice(self.zones)}
        elif kind == 1:
            spec["nodeSelector"] = {"tier": "gold"}
        elif kind in (2, 3):
            expressions = [pick.choice([
                {"key": "rack", "operator": "In", "values": ["r1"]}, {"key": "rack", "operator": "NotIn", "values": ["r1"]},
                {"key": "tier", "operator": "Exists"}, {"key": "tier", "operator": "DoesNotExist"},
                {"key": "size", "operator": "Gt", "values": ["3"]}, {"key": "size", "operator": "Lt", "values": ["6"]},
            ]) for _ in range(pick.choice([1, 1, 2]))]
            terms = [{"matchExpressions": expressions}]
            if self.chance(0.3):
                terms.append({"matchFields": [{"key": "metadata.name", "operator": "In", "values": ["node-1"]}]})
            if self.chance(0.1):
                terms.append({})
            spec.setdefault("affinity", {})["nodeAffinity"] = {
                "requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": terms}
            }

    def relate(self, spec, labels, app):
        pick = self.random
        keys = ["kubernetes.io/hostname", "topology.kubernetes.io/zone", "rack"]

        def term():
            made = {
                "labelSelector": pick.choice([
                    {"matchLabels": {"app": app}}, {"matchLabels": {"app": app}}, {"matchLabels": {"role": "db"}},
                    {"matchExpressions": [{"key": "app", "operator": "In", "values": ["app-0", "app-1"]}]},
                    {"matchExpressions": [{"key": "role", "operator": "NotIn", "values": ["db"]}]},
                ]),
                "topologyKey": pick.choice(keys),
            }
            if self.chance(0.2):
                made["namespaces"] = ["alpha"]
            if self.chance(0.2):
                made["namespaceSelector"] = pick.choice([{}, {"matchLabels": {"team": "beta"}}])
            if self.chance(0.15):
                made["matchLabelKeys"] = ["pod-template-hash"]
            return made

        required = "requiredDuringSchedulingIgnoredDuringExecution"
        if "apart" in self.features and self.chance(0.6):
            spec.setdefault("affinity", {})["podAntiAffinity"] = {required: [term() for _ in range(pick.choice([1, 1, 2]))]}
        if "company" in self.features and self.chance(0.5):
            spec.setdefault("affinity", {})["podAffinity"] = {required: [term() for _ in range(pick.choice([1, 1, 2]))]}
        if "spread" in self.features and self.chance(0.6):
            spec["topologySpreadConstraints"] = []
            for _ in range(pick.choice([1, 1, 2])):
                constraint = {
                    "maxSkew": pick.choice([1, 1, 2]), "topologyKey": pick.choice(keys),
                    "whenUnsatisfiable": pick.choice(["DoNotSchedule", "DoNotSchedule", "DoNotSchedule", "ScheduleAnyway"]),
                    "labelSelector": pick.choice([{"matchLabels": {"app": app}}, {"matchLabels": {"app": app}}, {"matchLabels": {"role": "web"}}, {}]),
                }
                if self.chance(0.2) and constraint["whenUnsatisfiable"] == "DoNotSchedule":
                    constraint["minDomains"] = pick.choice([2, 3])
                if self.chance(0.2):
                    constraint["nodeAffinityPolicy"] = "Ignore"
                if self.chance(0.3):
                    constraint["nodeTaintsPolicy"] = "Honor"
                if self.chance(0.2):
                    constraint["matchLabelKeys"] = ["pod-template-hash"]
                spec["topologySpreadConstraints"].append(constraint)

    def pin(self, spec, notes):
        pick = self.random
        kind = pick.randrange(7)
        if kind == 0:
            notes["karpenter.sh/do-not-disrupt"] = pick.choice(["true", "1h", "24h", "false"])
        elif kind == 1:
            notes["cluster-autoscaler.kubernetes.io/safe-to-evict"] = pick.choice(["false", "true"])
        elif kind == 2:
            spec["volumes"] = [{"name": "scratch", "emptyDir": {}}]
        elif kind == 3:
            spec["volumes"] = [{"name": "scratch", "emptyDir": {"medium": "Memory"}}]
        elif kind == 4:
            spec["volumes"] = [{"name": "host", "hostPath": {"path": "/var"}}]
        elif kind == 5:
            spec["volumes"] = [{"name": "host", "hostPath": {"path": "/var"}}]
            notes["cluster-autoscaler.kubernetes.io/safe-to-evict-local-volumes"] = "host"

    def volume(self, spec, namespace, app):
        pick = self.random
        self.serial += 1
        name = f"claim-{self.serial}"
        spec.setdefault("volumes", []).append({"name": f"v{self.serial}", "persistentVolumeClaim": {"claimName": name}})
        kind = pick.randrange(8)
        if kind == 0:
            return
        claim = {
            "apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": name, "namespace": namespace},
            "spec": {"accessModes": ["ReadWriteOnce"], "storageClassName": pick.choice(["wait", "now"])}, "status": {"phase": "Pending"},
        }
        self.claims.append(claim)
        if kind == 1:
            return
        claim["spec"]["volumeName"] = f"pv-{self.serial}"
        claim["status"]["phase"] = "Bound"
        if kind == 2:
            return
        volume = {
            "apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": f"pv-{self.serial}", "labels": {}},
            "spec": {"accessModes": ["ReadWriteOnce"], "capacity": {"storage": "1Gi"},
                     "csi": {"driver": "ebs.csi.aws.com", "volumeHandle": f"vol-{self.serial:017x}"}},
            "status": {"phase": "Bound"},
        }
        zone = pick.choice(self.zones)
        if kind < 6:
            volume["spec"]["nodeAffinity"] = {"required": {"nodeSelectorTerms": [
                {"matchExpressions": [{"key": "topology.kubernetes.io/zone", "operator": "In", "values": [zone]}]}]}}
        else:
            volume["metadata"]["labels"]["topology.kubernetes.io/zone"] = zone
        self.volumes.append(volume)

    def pod(self, name, namespace, labels, spec, owner):
        pod = {
            "apiVersion": "v1", "kind": "Pod",
            "metadata": {"name": name, "namespace": namespace, "labels": labels, "annotations": {}},
            "spec": spec, "status": {"phase": "Running", "startTime": "2026-07-01T10:30:00Z"},
        }
        if owner:
            pod["metadata"]["ownerReferences"] = [
                {"apiVersion": "apps/v1", "kind": owner, "name": labels.get("app", name), "uid": labels.get("app", name), "controller": True}]
        if self.chance(0.1):
            spec["terminationGracePeriodSeconds"] = self.random.choice([0, 10, 600])
        if self.chance(0.05):
            spec["priority"] = self.random.choice([-10, 1000, 1000000])
        self.pods.append(pod)
        return pod

    def daemons(self):
        for node in self.nodes:
            name = node["metadata"]["name"]
            pod = self.pod(f"agent-{name}", "kube-system", {"app": "agent"}, {
                "nodeName": name, "tolerations": [{"operator": "Exists"}],
                "containers": [{"name": "main", "resources": {"requests": {"cpu": "50m", "memory": "64Mi"}}}],
                "affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [
                    {"matchFields": [{"key": "metadata.name", "operator": "In", "values": [name]}]}]}}},
            }, "DaemonSet")
            pod["spec"].pop("priority", None)
        if self.chance(0.2):
            node = self.random.choice(self.nodes)["metadata"]["name"]
            mirror = self.pod(f"static-{node}", "kube-system", {"app": "static"}, {
                "nodeName": node, "containers": [{"name": "main", "resources": {"requests": {"cpu": "100m"}}}]}, None)
            mirror["metadata"]["annotations"]["kubernetes.io/config.mirror"] = "x"

    def place(self, request):
        """Puts the pods on nodes, mostly as a scheduler would, sometimes against the rules."""
        cluster = rules.Cluster(request, MARKET, rules.instant(NOW))
        sources = {f"{p['metadata']['namespace']}/{p['metadata']['name']}": p for p in self.pods}
        for key in sorted(cluster.pods):
            pod = cluster.pods[key]
            if pod.node or pod.daemon or pod.mirror:
                continue
            names = sorted(cluster.nodes)
            self.random.shuffle(names)
            if "pending" in self.features and self.chance(0.15) and not pod.leaving:
                sources[key]["status"]["phase"] = "Pending"
                continue
            lawless = self.chance(0.03)
            for name in names:
                node = cluster.nodes[name]
                reason = cluster.resource_fault(pod, node) if lawless else cluster.fault(pod, name)
                # Nodes that are closed now were open once.
                if reason == "node closed" and not cluster.resource_fault(pod, node) and self.chance(0.5):
                    reason = cluster.apart_fault(pod, node)
                if reason is None:
                    cluster.put(pod, name)
                    sources[key]["spec"]["nodeName"] = name
                    break
            else:
                sources[key]["status"]["phase"] = "Pending"


def main():
    seed, count = int(sys.argv[1]), int(sys.argv[2])
    plain = "plain" in sys.argv[3:]
    first = next((int(word[5:]) for word in sys.argv[3:] if word.startswith("from=")), 0)
    print(json.dumps([Maker(seed * 1_000_003 + number, plain).case() for number in range(first, first + count)]))


if __name__ == "__main__":
    main()
