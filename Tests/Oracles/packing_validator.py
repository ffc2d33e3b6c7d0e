"""Checks consolidation plans: reads the cluster as it was sent and the answer, and refuses whatever breaks a rule.

Knows the scheduling rules of Kubernetes and what the answer promises, and shares no code or tables with the engine.

    packing_validator.py CASES.json      a list of {"request", "decision", "market", "now"}; prints one list of
                                         complaints per case

A market here is {"on_demand": {type: USD}, "spot": {type: {zone: USD}}, "savings": {type: percent},
"types": {name: {"cpu" (millicores), "memory" (bytes), "pods", "arch"}}}.
"""
import json
import sys
from decimal import Decimal, InvalidOperation
from fractions import Fraction

HOSTNAME = "kubernetes.io/hostname"
SUFFIXES = {
    "n": Fraction(1, 10**9), "u": Fraction(1, 10**6), "m": Fraction(1, 1000), "": Fraction(1), "k": Fraction(10**3),
    "M": Fraction(10**6), "G": Fraction(10**9), "T": Fraction(10**12), "P": Fraction(10**15), "E": Fraction(10**18),
    "Ki": Fraction(2**10), "Mi": Fraction(2**20), "Gi": Fraction(2**30), "Ti": Fraction(2**40),
    "Pi": Fraction(2**50), "Ei": Fraction(2**60),
}


def quantity(text):
    """A Kubernetes quantity as an exact number."""
    if isinstance(text, (int, float)):
        return Fraction(Decimal(str(text)))
    text = text.strip()
    number = text.rstrip("numkKMGTPEi")
    suffix = text[len(number):]
    try:
        if suffix in SUFFIXES:
            return Fraction(Decimal(number)) * SUFFIXES[suffix]
        return Fraction(Decimal(text))
    except InvalidOperation:
        raise ValueError(f"not a quantity: {text}")


def ceiling(number):
    return -((-number.numerator) // number.denominator)


def amounts(resources):
    """Whole numbers as the scheduler counts them: millicores for cpu, units for the rest."""
    return {name: ceiling(quantity(value) * (1000 if name == "cpu" else 1)) for name, value in (resources or {}).items()}


def plus(left, right):
    return {name: left.get(name, 0) + right.get(name, 0) for name in set(left) | set(right)}


def most(left, right):
    return {name: max(left.get(name, 0), right.get(name, 0)) for name in set(left) | set(right)}


def container_request(container):
    resources = container.get("resources") or {}
    request = dict(resources.get("limits") or {})
    request.update(resources.get("requests") or {})
    return amounts(request)


def pod_request(pod):
    spec = pod["spec"]
    running = {}
    for container in spec.get("containers") or []:
        running = plus(running, container_request(container))
    sidecars, peak = {}, {}
    for container in spec.get("initContainers") or []:
        need = plus(sidecars, container_request(container))
        if container.get("restartPolicy") == "Always":
            sidecars = need
        peak = most(peak, need)
    total = most(plus(running, sidecars), peak)
    own = (spec.get("resources") or {})
    for name, value in amounts(own.get("requests")).items():
        if name in ("cpu", "memory"):
            total[name] = value
    total = plus(total, amounts(spec.get("overhead")))
    total["pods"] = 1
    return total


# Labels and selectors

def selects(selector, labels):
    """A label selector; None selects nothing."""
    if selector is None:
        return False
    for key, value in (selector.get("matchLabels") or {}).items():
        if labels.get(key) != value:
            return False
    for rule in selector.get("matchExpressions") or []:
        key, operator, values = rule["key"], rule["operator"], rule.get("values") or []
        if operator == "In" and not (key in labels and labels[key] in values):
            return False
        if operator == "NotIn" and key in labels and labels[key] in values:
            return False
        if operator == "Exists" and key not in labels:
            return False
        if operator == "DoesNotExist" and key in labels:
            return False
    return True


def requirement_holds(rule, present, value):
    operator, values = rule["operator"], rule.get("values") or []
    if operator == "In":
        return present and value in values
    if operator == "NotIn":
        return not (present and value in values)
    if operator == "Exists":
        return present
    if operator == "DoesNotExist":
        return not present
    try:
        number, bound = int(value), int(values[0])
    except (TypeError, ValueError, IndexError):
        return False
    return number > bound if operator == "Gt" else number < bound


def term_holds(term, node):
    expressions, fields = term.get("matchExpressions") or [], term.get("matchFields") or []
    if not expressions and not fields:
        return False
    labels = node.labels
    return all(requirement_holds(rule, rule["key"] in labels, labels.get(rule["key"])) for rule in expressions) and all(
        rule["key"] == "metadata.name" and requirement_holds(rule, True, node.name) for rule in fields
    )


def tolerates(toleration, taint):
    if toleration.get("effect") and toleration["effect"] != taint["effect"]:
        return False
    if toleration.get("key") and toleration["key"] != taint["key"]:
        return False
    operator = toleration.get("operator") or "Equal"
    return operator == "Exists" or (toleration.get("value") or "") == (taint.get("value") or "")


def with_keys(selector, same, other, labels):
    """The selector with matchLabelKeys and mismatchLabelKeys written out."""
    if selector is None:
        return None
    extra = [{"key": key, "operator": "In", "values": [labels[key]]} for key in same or [] if key in labels]
    extra += [{"key": key, "operator": "NotIn", "values": [labels[key]]} for key in other or [] if key in labels]
    if not extra:
        return selector
    return {
        "matchLabels": selector.get("matchLabels") or {},
        "matchExpressions": (selector.get("matchExpressions") or []) + extra,
    }


class Node:
    def __init__(self, source, market):
        meta, spec, status = source["metadata"], source.get("spec") or {}, source.get("status") or {}
        self.name = meta["name"]
        self.labels = meta.get("labels") or {}
        self.annotations = meta.get("annotations") or {}
        self.taints = [taint for taint in spec.get("taints") or [] if taint["effect"] != "PreferNoSchedule"]
        self.cordoned_before = bool(spec.get("unschedulable"))
        ready = [c for c in status.get("conditions") or [] if c["type"] == "Ready"]
        self.ready = all(c["status"] == "True" for c in ready)
        self.terminating = "deletionTimestamp" in meta
        self.allocatable = amounts(status.get("allocatable"))
        self.zone = self.labels.get("topology.kubernetes.io/zone")
        self.type = self.labels.get("node.kubernetes.io/instance-type")
        self.spot = self.labels.get("karpenter.sh/capacity-type") == "spot"
        self.arch = self.labels.get("kubernetes.io/arch")
        self.volumes = self.allocatable.get("attachable-volumes-aws-ebs", 25)
        self.price = price(market, self.type, self.zone, self.spot)
        self.cordoned = False
        self.used = {}
        self.pods = set()
        self.alive = True

    @property
    def closed(self):
        return self.cordoned_before or not self.ready or self.terminating

    def reason_to_stay(self):
        if self.closed:
            return "closed"
        if self.annotations.get("cluster-autoscaler.kubernetes.io/scale-down-disabled") == "true":
            return "scale_down_disabled"
        if self.annotations.get("karpenter.sh/do-not-disrupt") == "true":
            return "node_do_not_disrupt"
        if "node-role.kubernetes.io/control-plane" in self.labels:
            return "control_plane"
        return None


def price(market, kind, zone, spot):
    if not spot:
        value = market["on_demand"].get(kind)
        return value if value else None
    value = (market.get("spot") or {}).get(kind, {}).get(zone)
    if value:
        return value
    percent = (market.get("savings") or {}).get(kind)
    full = market["on_demand"].get(kind)
    return full * (1 - percent / 100) if full and percent and percent > 0 else None


class Pod:
    def __init__(self, source, cluster):
        meta, spec = source["metadata"], source.get("spec") or {}
        self.source, self.spec = source, spec
        self.namespace, self.name = meta.get("namespace") or "default", meta["name"]
        self.key = f"{self.namespace}/{self.name}"
        self.labels = meta.get("labels") or {}
        self.annotations = meta.get("annotations") or {}
        owners = meta.get("ownerReferences") or []
        owner = [o for o in owners if o.get("controller")] or (owners if len(owners) == 1 else [])
        self.owner = owner[0]["kind"] if owner else None
        self.daemon = self.owner == "DaemonSet"
        self.mirror = "kubernetes.io/config.mirror" in self.annotations or any(o["kind"] == "Node" for o in owners)
        self.leaving = "deletionTimestamp" in meta
        self.request = pod_request(source)
        self.node = spec.get("nodeName") or None
        self.home = self.node
        self.tolerations = spec.get("tolerations") or []
        affinity = spec.get("affinity") or {}
        required = "requiredDuringSchedulingIgnoredDuringExecution"
        self.node_terms = ((affinity.get("nodeAffinity") or {}).get(required) or {}).get("nodeSelectorTerms")
        self.company = (affinity.get("podAffinity") or {}).get(required) or []
        self.apart = (affinity.get("podAntiAffinity") or {}).get(required) or []
        self.spread = [
            c for c in spec.get("topologySpreadConstraints") or [] if c.get("whenUnsatisfiable", "DoNotSchedule") == "DoNotSchedule"
        ]
        self.ports = [
            (port.get("protocol") or "TCP", port.get("hostIP") or "0.0.0.0", port["hostPort"])
            for container in spec.get("containers") or []
            for port in container.get("ports") or [] if port.get("hostPort")
        ]
        self.priority = spec.get("priority") or 0
        self.volume_terms, self.disks, self.volume_fault, self.stuck = [], 0, None, False
        self.budgets = []

    @property
    def free(self):
        return not (self.daemon or self.mirror or self.leaving)


class Cluster:
    def __init__(self, request, market, now):
        state = request["cluster_state"]
        self.market, self.now = market, now
        self.constraints = {**(request.get("requirements") or {}), **(request.get("constraints") or {})}
        self.nodes = {}
        for source in listed(state, "nodes"):
            if source["metadata"]["name"] not in self.nodes:
                self.nodes[source["metadata"]["name"]] = Node(source, market)
        self.pods = {}
        for source in listed(state, "pods"):
            if (source.get("status") or {}).get("phase") in ("Succeeded", "Failed"):
                continue
            pod = Pod(source, self)
            if pod.key not in self.pods and (pod.node is None or pod.node in self.nodes):
                self.pods[pod.key] = pod
        self.namespaces = {
            n["metadata"]["name"]: n["metadata"].get("labels") or {} for n in listed(state, "namespaces")
        }
        self.read_volumes(state)
        self.budgets = []
        for source in listed(state, "pdbs"):
            self.budgets.append(source)
        for pod in self.pods.values():
            pod.budgets = [
                index for index, budget in enumerate(self.budgets)
                if (budget["metadata"].get("namespace") or "default") == pod.namespace
                and selects(budget["spec"].get("selector"), pod.labels)
            ]
        self.headroom = Fraction(Decimal(str(self.constraints.get("headroom", 0))))
        for pod in self.pods.values():
            if pod.node:
                self.put(pod, pod.node)
        self.compile_terms()
        self.initial_skews = {key: self.skew(key) for key in self.spreads}
        self.company_before = {p.key for p in self.pods.values() if p.node and p.company and self.in_company(p, p.node, True)}
        self.zones_before = self.zone_counts()
        self.spot_before = self.spot_share()

    # Volumes

    def read_volumes(self, state):
        claims = {(c["metadata"].get("namespace") or "default", c["metadata"]["name"]): c for c in listed(state, "pvcs")}
        volumes = {v["metadata"]["name"]: v for v in listed(state, "pvs")}
        classes = {c["metadata"]["name"]: c for c in listed(state, "storage_classes")}
        users = {}
        for pod in self.pods.values():
            for volume in pod.spec.get("volumes") or []:
                if "persistentVolumeClaim" in volume:
                    users.setdefault((pod.namespace, volume["persistentVolumeClaim"]["claimName"]), set()).add(pod.key)
        for pod in self.pods.values():
            for volume in pod.spec.get("volumes") or []:
                if "persistentVolumeClaim" in volume:
                    key = (pod.namespace, volume["persistentVolumeClaim"]["claimName"])
                    self.read_claim(pod, key, claims, volumes, classes, users)
            if pod.disks:
                pod.request["disks"] = pod.disks

    def read_claim(self, pod, key, claims, volumes, classes, users):
        claim = claims.get(key)
        if claim is None:
            pod.disks += 1
            pod.volume_fault = "unknown claim"
            return
        name = claim["spec"].get("volumeName")
        if not name:
            pod.disks += 1
            kind = classes.get(claim["spec"].get("storageClassName"))
            if kind:
                if kind.get("volumeBindingMode", "Immediate") == "Immediate":
                    pod.stuck = True
                if kind.get("allowedTopologies"):
                    pod.volume_terms.append([
                        {"matchExpressions": [
                            {"key": rule["key"], "operator": "In", "values": rule["values"]}
                            for rule in term["matchLabelExpressions"]
                        ]} for term in kind["allowedTopologies"]
                    ])
            return
        volume = volumes.get(name)
        if volume is None:
            pod.disks += 1
            pod.volume_fault = "unknown volume"
            return
        terms = ((volume["spec"].get("nodeAffinity") or {}).get("required") or {}).get("nodeSelectorTerms")
        zone = (volume["metadata"].get("labels") or {}).get("topology.kubernetes.io/zone")
        if terms is not None:
            pod.volume_terms.append(terms)
        elif zone:
            pod.volume_terms.append(
                [{"matchExpressions": [{"key": "topology.kubernetes.io/zone", "operator": "In", "values": [zone]}]}]
            )
        if (volume["spec"].get("csi") or {}).get("driver") == "ebs.csi.aws.com" or "awsElasticBlockStore" in volume["spec"]:
            pod.disks += 1
        modes = volume["spec"].get("accessModes") or claim["spec"].get("accessModes") or []
        if not {"ReadWriteMany", "ReadOnlyMany"} & set(modes) and len(users[key]) > 1:
            pod.volume_fault = "shared"

    # Counting

    def put(self, pod, name):
        node = self.nodes[name]
        pod.node = name
        node.pods.add(pod.key)
        node.used = plus(node.used, pod.request)

    def take(self, pod):
        node = self.nodes[pod.node]
        node.pods.discard(pod.key)
        node.used = {name: value - pod.request.get(name, 0) for name, value in node.used.items()}
        pod.node = None

    def pods_on(self, name):
        return [self.pods[key] for key in self.nodes[name].pods]

    def zone_counts(self):
        counts = {}
        for node in self.nodes.values():
            if node.zone is not None:
                counts[node.zone] = counts.get(node.zone, 0) + (1 if node.alive else 0)
        return counts

    def spot_share(self):
        alive = [node for node in self.nodes.values() if node.alive]
        return Fraction(sum(node.spot for node in alive), len(alive)) if alive else Fraction(0)

    # Why a pod must stay

    def pin(self, pod):
        notes = pod.annotations
        if notes.get("karpenter.sh/do-not-evict") == "true" or self.wants_peace(pod):
            return "do_not_disrupt"
        if notes.get("cluster-autoscaler.kubernetes.io/safe-to-evict") == "false":
            return "safe_to_evict_false"
        if pod.daemon or pod.mirror:
            return None
        if pod.owner is None:
            return "pod_without_controller"
        if notes.get("cluster-autoscaler.kubernetes.io/safe-to-evict") != "true" and not self.constraints.get("allow_local_storage"):
            given = (notes.get("cluster-autoscaler.kubernetes.io/safe-to-evict-local-volumes") or "").split(",")
            for volume in pod.spec.get("volumes") or []:
                local = "hostPath" in volume or ("emptyDir" in volume and (volume["emptyDir"] or {}).get("medium") != "Memory")
                if local and volume["name"] not in given:
                    return "local_storage"
        if pod.volume_fault:
            return "volume"
        if len(pod.budgets) > 1:
            return "several_disruption_budgets"
        if pod.budgets and allowed(self.budgets[pod.budgets[0]]) <= 0:
            return "disruption_budget"
        return None

    def wants_peace(self, pod):
        wish = pod.annotations.get("karpenter.sh/do-not-disrupt")
        if wish in (None, "false", ""):
            return False
        if wish == "true":
            return True
        seconds = duration(wish)
        start = (pod.source.get("status") or {}).get("startTime") or pod.source["metadata"].get("creationTimestamp")
        if seconds is None or start is None:
            return True
        return self.now < instant(start) + seconds

    def node_stays(self, name):
        node = self.nodes[name]
        reason = node.reason_to_stay()
        if reason:
            return reason
        for pod in self.pods_on(name):
            if pod.leaving:
                if pod.owner == "StatefulSet":
                    return "stateful pod terminating"
                continue
            if pod.mirror:
                continue
            reason = self.pin(pod)
            if reason:
                return f"{reason} {pod.key}"
        return None

    # Scheduling rules

    def static_fault(self, pod, node):
        if node.closed or node.cordoned or not node.alive:
            return "node closed"
        if pod.stuck:
            return "volume cannot be bound"
        for key, value in (pod.spec.get("nodeSelector") or {}).items():
            if node.labels.get(key) != value:
                return "node selector"
        if pod.node_terms is not None and not any(term_holds(term, node) for term in pod.node_terms):
            return "node affinity"
        for taint in node.taints:
            if not any(
                tolerates(t, taint) and not (taint["effect"] == "NoExecute" and t.get("tolerationSeconds") is not None)
                for t in pod.tolerations
            ):
                return "taint"
        for terms in pod.volume_terms:
            if not any(term_holds(term, node) for term in terms):
                return "volume topology"
        home = self.nodes[pod.home] if pod.home else None
        if home is not None and home.arch and node.arch and home.arch != node.arch:
            return "processor family"
        return None

    def resource_fault(self, pod, node):
        for name, amount in pod.request.items():
            if amount <= 0:
                continue
            room = node.volumes if name == "disks" else node.allocatable.get(name, 0)
            if name in ("cpu", "memory"):
                room -= ceiling(room * self.headroom)
            if node.used.get(name, 0) + amount > room:
                return f"no room: {name}"
        return None

    def port_fault(self, pod, node):
        for key in node.pods:
            for protocol, address, port in self.pods[key].ports:
                for other in pod.ports:
                    if other[0] == protocol and other[2] == port and (other[1] == address or "0.0.0.0" in (other[1], address)):
                        return "host port"
        return None

    def term_meets(self, term, owner, pod):
        """Whether an affinity term of the owner means the pod."""
        namespaces, wanted = term.get("namespaces") or [], term.get("namespaceSelector")
        if not namespaces and wanted is None:
            if pod.namespace != owner.namespace:
                return False
        elif pod.namespace not in namespaces:
            labels = self.namespaces.get(pod.namespace, {"kubernetes.io/metadata.name": pod.namespace})
            if wanted is None or not selects(wanted, labels):
                return False
        selector = with_keys(
            term.get("labelSelector"), term.get("matchLabelKeys"), term.get("mismatchLabelKeys"), owner.labels
        )
        return selects(selector, pod.labels)

    def compile_terms(self):
        """Who is meant by whose terms, and which spread constraints there are."""
        everyone = list(self.pods.values())
        owners = [pod for pod in everyone if pod.apart]
        for pod in everyone:
            pod.enemies = [[] for _ in pod.apart]
            pod.friends = set()
            pod.hated = []
        for owner in owners:
            for index, term in enumerate(owner.apart):
                for pod in everyone:
                    if self.term_meets(term, owner, pod):
                        owner.enemies[index].append(pod.key)
                        pod.hated.append((owner.key, term["topologyKey"]))
        for owner in everyone:
            if owner.company:
                owner.friends = {
                    pod.key for pod in everyone if all(self.term_meets(term, owner, pod) for term in owner.company)
                }
        self.spreads = {}
        for owner in everyone:
            owner.spread_keys = []
            keys = [c["topologyKey"] for c in owner.spread]
            for constraint in owner.spread:
                key = self.add_spread(owner, constraint, keys)
                owner.spread_keys.append(key)
        for pod in everyone:
            pod.counted_by = [key for key, spread in self.spreads.items() if pod.key in spread["members"]]

    def add_spread(self, owner, constraint, keys):
        selector = with_keys(constraint.get("labelSelector"), constraint.get("matchLabelKeys"), [], owner.labels)
        affinity = constraint.get("nodeAffinityPolicy") or "Honor"
        taints = constraint.get("nodeTaintsPolicy") or "Ignore"
        counted = []
        for node in self.nodes.values():
            if any(key not in node.labels for key in keys):
                continue
            if affinity == "Honor":
                if any(node.labels.get(k) != v for k, v in (owner.spec.get("nodeSelector") or {}).items()):
                    continue
                if owner.node_terms is not None and not any(term_holds(term, node) for term in owner.node_terms):
                    continue
            cordon = {"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"}
            if taints == "Honor":
                marks = node.taints + ([cordon] if node.cordoned_before else [])
                if any(not any(tolerates(t, mark) for t in owner.tolerations) for mark in marks):
                    continue
            counted.append(node.name)
        drops = taints == "Honor" and not any(
            tolerates(t, {"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"}) for t in owner.tolerations
        )
        members = frozenset(
            pod.key for pod in self.pods.values() if pod.namespace == owner.namespace and selects(selector, pod.labels)
        )
        key = (
            constraint["topologyKey"], members, tuple(sorted(counted)), max(1, constraint.get("maxSkew", 1)),
            constraint.get("minDomains") or 1, drops,
        )
        if key not in self.spreads:
            label = constraint["topologyKey"]
            self.spreads[key] = {
                "label": label, "members": members, "nodes": set(counted), "max": key[3], "min": key[4], "drops": drops,
                "domains": {self.nodes[name].labels[label] for name in counted},
            }
        return key

    def spread_counts(self, key):
        """Pods by domain; a zone that lost its nodes still counts as an empty one, a host does not."""
        spread = self.spreads[key]
        label = spread["label"]
        counts = {}
        if label != HOSTNAME:
            counts = {domain: 0 for domain in spread["domains"]}
        for name in spread["nodes"]:
            node = self.nodes[name]
            if not node.alive or (spread["drops"] and node.cordoned):
                continue
            domain = node.labels[label]
            counts[domain] = counts.get(domain, 0) + len(node.pods & spread["members"])
        return counts

    def least(self, key, counts):
        return 0 if len(counts) < self.spreads[key]["min"] or not counts else min(counts.values())

    def skew(self, key):
        counts = self.spread_counts(key)
        return max(counts.values()) - self.least(key, counts) if counts else 0

    def spread_fault(self, pod, node):
        for key in pod.spread_keys:
            spread = self.spreads[key]
            if node.name not in spread["nodes"]:
                return "spread: node does not count"
            counts = self.spread_counts(key)
            own = 1 if pod.key in spread["members"] else 0
            if counts.get(node.labels[spread["label"]], 0) + own - self.least(key, counts) > spread["max"]:
                return "topology spread"
        return None

    def in_company(self, pod, name, stays=False):
        """All required company is in the node's domains; `stays` looks at a pod that is there already."""
        node = self.nodes[name]
        if any(term["topologyKey"] not in node.labels for term in pod.company):
            return False
        placed = [self.pods[key] for key in pod.friends if self.pods[key].node and self.nodes[self.pods[key].node].alive]
        if not stays:
            placed = [friend for friend in placed if friend.key != pod.key]
        met = True
        for term in pod.company:
            label = term["topologyKey"]
            met = met and any(
                self.nodes[friend.node].labels.get(label) == node.labels[label] for friend in placed
            )
        if met:
            return True
        anywhere = any(
            term["topologyKey"] in self.nodes[friend.node].labels for friend in placed for term in pod.company
        )
        return pod.key in pod.friends and not anywhere

    def apart_fault(self, pod, node):
        for term, enemies in zip(pod.apart, pod.enemies):
            label = term["topologyKey"]
            if label not in node.labels:
                continue
            for key in enemies:
                other = self.pods[key]
                if key != pod.key and other.node and self.nodes[other.node].alive:
                    if self.nodes[other.node].labels.get(label) == node.labels[label]:
                        return f"anti-affinity against {key}"
        for key, label in pod.hated:
            other = self.pods[key]
            if key != pod.key and other.node and self.nodes[other.node].alive and label in node.labels:
                if self.nodes[other.node].labels.get(label) == node.labels[label]:
                    return f"anti-affinity of {key}"
        return None

    def fault(self, pod, name):
        """Why the scheduler would not put the pod there now; None when it would."""
        node = self.nodes[name]
        reason = (
            self.static_fault(pod, node) or self.resource_fault(pod, node) or self.port_fault(pod, node)
            or self.apart_fault(pod, node)
        )
        if reason:
            return reason
        if pod.company and not self.in_company(pod, name):
            return "affinity"
        return self.spread_fault(pod, node)

    def uneven(self, keys):
        """Spread constraints that are worse than allowed and worse than they were."""
        for key in keys:
            if self.skew(key) > max(self.spreads[key]["max"], self.initial_skews[key]):
                return f"skew of {self.spreads[key]['label']}"
        return None

    def lonely(self):
        for key in self.company_before:
            pod = self.pods.get(key)
            if pod and pod.node and self.nodes[pod.node].alive and not self.in_company(pod, pod.node, True):
                return f"{key} lost the company it requires"
        return None

    def fleet_fault(self):
        want = self.constraints
        counts = self.zone_counts()
        floor = want.get("min_nodes_per_zone", 0)
        for zone, before in self.zones_before.items():
            if counts[zone] < min(before, floor):
                return f"min_nodes_per_zone in {zone}"
        zones = sum(1 for count in counts.values() if count)
        if want.get("min_zones") and zones < min(sum(1 for c in self.zones_before.values() if c), want["min_zones"]):
            return "min_zones"
        alive = sum(node.alive for node in self.nodes.values())
        if alive < min(self.count_before, want.get("min_nodes", 1)):
            return "min_nodes"
        share = want.get("max_spot_share")
        if share is not None and alive:
            now = self.spot_share()
            if now > Fraction(Decimal(str(share))) and now > self.spot_before:
                return "max_spot_share"
        return None

    @property
    def count_before(self):
        return len([node for node in self.nodes.values() if not getattr(node, "fresh", False)])


def listed(state, name):
    value = state.get(name) or []
    return value["items"] if isinstance(value, dict) else value


def allowed(budget):
    return (budget.get("status") or {}).get("disruptionsAllowed") or 0


def duration(text):
    units = {"h": 3600, "m": 60, "s": 1, "ms": 0.001}
    total, number, index = 0.0, "", 0
    while index < len(text):
        if text[index].isdigit() or text[index] == ".":
            number += text[index]
            index += 1
            continue
        unit = "ms" if text[index:index + 2] == "ms" else text[index]
        if unit not in units or not number:
            return None
        total += float(number) * units[unit]
        number = ""
        index += len(unit)
    return None if number else total


def instant(text):
    import datetime
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


# The plan

class Refused(Exception):
    pass


def check(condition, message):
    if not condition:
        raise Refused(message)


def add_replacement(cluster, replacement, market):
    """The new node as the plan describes it, after checking that it may look like that."""
    old = cluster.nodes.get(replacement["template_node"])
    check(old is not None, "replacement: unknown template")
    name = replacement["node"]
    check(name not in cluster.nodes, "replacement: name is taken")
    own = {HOSTNAME: name}
    capacity = {"karpenter.sh/capacity-type": replacement["capacity_type"]}
    for key, value in replacement["labels"].items():
        check(old.labels.get(key) == value or own.get(key) == value or capacity.get(key) == value, f"replacement: label {key}")
        check(key != "node.kubernetes.io/instance-type", "replacement: label of the old type")
    check(
        sorted((t["key"], t["effect"], t.get("value") or "") for t in replacement["taints"] if t["effect"] != "PreferNoSchedule")
        == sorted((t["key"], t["effect"], t.get("value") or "") for t in old.taints), "replacement: taints",
    )
    kind = market["types"].get(replacement["instance_type"])
    check(kind is not None, "replacement: unknown type")
    node = Node({"metadata": {"name": name, "labels": dict(replacement["labels"])}, "spec": {"taints": replacement["taints"]}}, market)
    node.fresh = True
    node.type, node.spot = replacement["instance_type"], replacement["capacity_type"] == "spot"
    node.price = price(market, node.type, node.zone, node.spot)
    check(node.price is not None, "replacement: price unknown")
    check(abs(node.price - replacement["hourly_price"]) < 1e-6, "replacement: price is wrong")
    check(kind["arch"] == old.arch or old.arch is None, "replacement: processor family")
    node.allocatable = {
        "cpu": kind["cpu"], "memory": kind["memory"], "pods": kind["pods"],
        "ephemeral-storage": old.allocatable.get("ephemeral-storage", 0),
    }
    for resource, amount in replacement["allocatable"].items():
        resource = "disks" if resource == "attachable-volumes" else resource
        check(amount <= (node.volumes if resource == "disks" else node.allocatable.get(resource, 0)), f"replacement: too much {resource}")
    cluster.nodes[name] = node
    seen = {}
    for pod in list(cluster.pods.values()):
        if pod.daemon:
            seen.setdefault((pod.namespace, [o["name"] for o in pod.source["metadata"]["ownerReferences"]][0]), []).append(pod)
    for number, (key, group) in enumerate(sorted(seen.items())):
        pod = max(group, key=lambda p: (p.request.get("cpu", 0), p.request.get("memory", 0)))
        if any(node.labels.get(k) != v for k, v in (pod.spec.get("nodeSelector") or {}).items()):
            continue
        if not all(any(tolerates(t, taint) for t in pod.tolerations) for taint in node.taints):
            continue
        node.used = plus(node.used, pod.request)
    cluster.compile_terms()
    for key in cluster.spreads:
        cluster.initial_skews.setdefault(key, cluster.skew(key))
    return node


def validate(case):
    """Raises Refused with the first thing that is wrong; returns the hourly cost after the plan."""
    request, decision, market = case["request"], case["decision"], case["market"]
    cluster = Cluster(request, market, instant(case["now"]))
    plan = decision["metadata"]
    drain = plan["nodes_to_drain"]
    check(len(set(drain)) == len(drain), "a node is drained twice")
    cost_before = sum(node.price or 0 for node in cluster.nodes.values())
    for name in drain:
        check(name in cluster.nodes, f"unknown node {name}")
        check(cluster.node_stays(name) is None, f"node {name} must stay: {cluster.node_stays(name)}")
        moving = [pod for pod in cluster.pods_on(name) if pod.free]
        check(cluster.nodes[name].price is not None or not moving, f"node {name} has no price and pods to move")
    replacement = plan["replacement"]
    if replacement:
        check(cluster.constraints.get("allow_replacement", True), "replacement: not allowed")
        node = add_replacement(cluster, replacement, market)
        replaced = [cluster.nodes[name] for name in replacement["replaces"]]
        check(all(name in drain for name in replacement["replaces"]), "replacement: a replaced node is not drained")
        check(node.price < sum(old.price for old in replaced), "replacement: dearer than what it replaces")
        if node.spot and not cluster.constraints.get("allow_spot_replacement"):
            check(all(old.spot for old in replaced), "replacement: spot for on-demand")
        if node.spot and any(old.spot for old in replaced):
            check(replacement["suitable_types"] >= 15, "replacement: spot for spot with too few types")
    for wave in plan["waves"][:1]:
        for name in wave["cordon"]:
            cluster.nodes[name].cordoned = True
    for item in plan["placements"]:
        pod = cluster.pods.get(f"{item['namespace']}/{item['pod']}")
        check(pod is not None and pod.node is None and pod.free, "placement of a pod that does not wait")
        check(item["to"] not in drain, f"{pod.key} is placed on a node that goes")
        reason = cluster.fault(pod, item["to"])
        check(reason is None, f"placement of {pod.key} on {item['to']}: {reason}")
        cluster.put(pod, item["to"])
    for key in plan["unplaced_pending_pods"]:
        pod = cluster.pods[key]
        for name in set(cluster.nodes) - set(drain):
            check(cluster.fault(pod, name) is not None, f"pending pod {key} would fit on {name}")
    waiting = [p for p in cluster.pods.values() if p.node is None and p.free]
    check(sorted(p.key for p in waiting) == sorted(plan["unplaced_pending_pods"]), "a pending pod was dropped")
    # Kubernetes places a waiting pod whatever that does to the spread of others: not the plan's doing.
    for key in cluster.spreads:
        cluster.initial_skews[key] = max(cluster.initial_skews[key], cluster.skew(key))
    walk(cluster, plan)
    check(cluster.lonely() is None, cluster.lonely())
    check(cluster.uneven(cluster.spreads) is None, cluster.uneven(cluster.spreads))
    check(cluster.fleet_fault() is None, cluster.fleet_fault())
    moves = plan["migrations"]
    if cluster.constraints.get("max_moves") is not None:
        check(len(moves) <= cluster.constraints["max_moves"], "max_moves")
    if cluster.constraints.get("max_nodes") is not None:
        check(len(drain) <= cluster.constraints["max_nodes"], "max_nodes")
    return money(cluster, decision, drain, cost_before)


def walk(cluster, plan):
    """Carries the plan out, one eviction after the other."""
    moved, gone = set(), []
    by_wave = {}
    for move in plan["migrations"]:
        by_wave.setdefault(move["wave"], []).append(move)
    check([m["order"] for m in plan["migrations"]] == list(range(1, len(plan["migrations"]) + 1)), "order of moves")
    check(sorted(by_wave) == [w["wave"] for w in plan["waves"] if w["wave"] in by_wave], "order of waves")
    for wave in plan["waves"]:
        for name in wave["cordon"]:
            check(cluster.nodes[name].reason_to_stay() is None, f"{name} is cordoned and must stay")
            cluster.nodes[name].cordoned = True
        for name in wave["uncordon"]:
            check(cluster.nodes[name].cordoned and name not in plan["nodes_to_drain"], f"{name} is uncordoned")
            cluster.nodes[name].cordoned = False
        left = [allowed(budget) for budget in cluster.budgets]
        for move in by_wave.get(wave["wave"], []):
            pod = cluster.pods.get(f"{move['namespace']}/{move['pod']}")
            check(pod is not None, f"unknown pod {move['pod']}")
            check(pod.free and pod.node == move["from"], f"{pod.key} is not on {move['from']}")
            check(pod.key not in moved, f"{pod.key} is moved twice")
            check(pod.home is not None, f"{pod.key} waits and cannot be evicted")
            check(cluster.pin(pod) is None, f"{pod.key} must not be moved: {cluster.pin(pod)}")
            for budget in pod.budgets:
                left[budget] -= 1
                check(left[budget] >= 0, f"{pod.key}: disruption budget is used up in wave {wave['wave']}")
            check(move["to"] in cluster.nodes and move["to"] not in plan["nodes_to_drain"], f"{pod.key} goes to {move['to']}")
            grace = pod.spec.get("terminationGracePeriodSeconds", 30)
            check(move["grace_period_seconds"] <= max(0, min(grace, cluster.constraints.get("max_grace_seconds", 90))), "grace")
            source = cluster.nodes[move["from"]]
            check(source.cordoned or move["from"] not in plan["nodes_to_drain"], f"{source.name} is drained without a cordon")
            cluster.take(pod)
            reason = cluster.fault(pod, move["to"])
            check(reason is None, f"move {move['order']} of {pod.key} to {move['to']}: {reason}")
            cluster.put(pod, move["to"])
            reason = cluster.uneven(pod.counted_by)
            check(reason is None, f"move {move['order']} of {pod.key}: {reason}")
            moved.add(pod.key)
        for name in wave["terminate"]:
            node = cluster.nodes[name]
            check(node.cordoned, f"{name} ends without a cordon")
            for pod in cluster.pods_on(name):
                check(not pod.free, f"{name} ends with {pod.key} on it")
            for pod in cluster.pods_on(name):
                cluster.take(pod)
            node.alive = False
            gone.append(name)
    for node in cluster.nodes.values():
        check(not node.cordoned or not node.alive, f"{node.name} is left cordoned")
    check(sorted(gone) == sorted(plan["nodes_to_drain"]), "nodes drained and nodes terminated differ")


def money(cluster, decision, drain, cost_before):
    plan = decision["metadata"]
    after = sum(node.price or 0 for node in cluster.nodes.values() if node.alive)
    summary = plan["summary"]
    check(abs(summary["hourly_cost_before"] - cost_before) < 1e-6, "hourly cost before")
    check(abs(summary["hourly_cost_after"] - after) < 1e-6, f"hourly cost after: {summary['hourly_cost_after']} is not {after}")
    check(abs(decision["estimated_savings"] - max(0, cost_before - after) * 730) < 0.011, "savings")
    check(after <= cost_before + 1e-9, "dearer than before")
    check(summary["nodes_drained"] == len(drain), "nodes drained")
    missing = {item["node"] for item in plan["missing_prices"]}
    check(missing == {n.name for n in cluster.nodes.values() if n.price is None and not hasattr(n, "fresh")}, "missing prices")
    bound = plan["bound"]
    check(bound["hourly_cost"] <= bound["hourly_cost_found"] + 1e-9, "bound above the plan")
    for step in decision["execution_plan"]:
        if step["action"] in ("evict_pods", "terminate_nodes"):
            check(step["requires_confirmation"] is True, f"{step['action']} needs confirmation")
    return after


def main():
    with open(sys.argv[1]) as file:
        cases = json.load(file)
    answers = []
    for case in cases:
        try:
            answers.append({"cost": validate(case), "refused": None})
        except Refused as reason:
            answers.append({"cost": None, "refused": str(reason)})
    print(json.dumps(answers))


if __name__ == "__main__":
    main()
