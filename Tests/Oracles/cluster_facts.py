"""Reads Kubernetes objects the slow and obvious way, for comparison.

usage: cluster_facts.py facts KIND=FILE...    one list of rows per file
       cluster_facts.py requests FILE         effective requests of the pods of a List
"""
import json
import math
import sys
from datetime import datetime, timezone
from fractions import Fraction

SUFFIXES = {"": 1, "n": Fraction(1, 10**9), "u": Fraction(1, 10**6), "m": Fraction(1, 1000), "k": 10**3, "M": 10**6,
            "G": 10**9, "T": 10**12, "P": 10**15, "E": 10**18, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40,
            "Pi": 2**50, "Ei": 2**60}


def quantity(value):
    text = str(value)
    end = len(text)
    while end and not (text[end - 1].isdigit() or text[end - 1] == "."):
        end -= 1
    number, suffix = text[:end], text[end:]
    if suffix in SUFFIXES:
        return Fraction(number) * SUFFIXES[suffix]
    raise ValueError(text)


def scaled(name, value):
    """Millicores for CPU, whole units for the rest, each rounded up."""
    amount = quantity(value) if not ("e" in str(value) or "E" in str(value)[:-1]) else Fraction(str(value))
    return math.ceil(amount * 1000) if name == "cpu" else math.ceil(amount)


def requests_of(container):
    resources = container.get("resources") or {}
    merged = dict(resources.get("limits") or {})
    merged.update(resources.get("requests") or {})
    return {name: scaled(name, value) for name, value in merged.items()}


def added(left, right):
    return {name: left.get(name, 0) + right.get(name, 0) for name in {*left, *right}}


def effective(spec):
    """Plays the start of the pod and notes the greediest moment."""
    moments, sidecars = [], {}
    for container in spec.get("initContainers") or []:
        now = added(sidecars, requests_of(container))
        moments.append(now)
        if container.get("restartPolicy") == "Always":
            sidecars = now
    running = sidecars
    for container in spec.get("containers") or []:
        running = added(running, requests_of(container))
    moments.append(running)
    total = {}
    for moment in moments:
        for name, value in moment.items():
            total[name] = max(total.get(name, 0), value)
    resources = spec.get("resources") or {}
    for name, value in (resources.get("limits") or {}).items():
        if (name in ("cpu", "memory") or name.startswith("hugepages-")) and name not in total:
            total[name] = scaled(name, value)
    for name, value in (resources.get("requests") or {}).items():
        if name in ("cpu", "memory") or name.startswith("hugepages-"):
            total[name] = scaled(name, value)
    for name, value in (spec.get("overhead") or {}).items():
        total[name] = total.get(name, 0) + scaled(name, value)
    extended = sorted([name, value] for name, value in total.items()
                      if name not in ("cpu", "memory", "ephemeral-storage") and value)
    return [total.get("cpu", 0), total.get("memory", 0), total.get("ephemeral-storage", 0), extended]


def milliseconds(text):
    if not text:
        return 0
    instant = datetime.fromisoformat(text.replace("Z", "+00:00"))
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=timezone.utc)
    seconds = int(instant.replace(microsecond=0).timestamp())
    return seconds * 1000 + instant.microsecond // 1000


def owner(meta):
    owners = meta.get("ownerReferences") or []
    controllers = [o for o in owners if o.get("controller")]
    chosen = controllers[0] if controllers else owners[0] if len(owners) == 1 else None
    return [chosen["kind"], chosen["name"]] if chosen else ["", ""]


def state_word(state):
    for kind in ("running", "terminated", "waiting"):
        if (state or {}).get(kind) is not None:
            inner = state[kind]
            return "%s:%s:%s" % (kind, inner.get("reason", ""), inner.get("exitCode", ""))
    return ""


def pod(item):
    meta, spec, status = item["metadata"], item.get("spec", {}), item.get("status", {})
    statuses = (status.get("initContainerStatuses") or []) + (status.get("containerStatuses") or [])
    containers = (spec.get("containers") or []) + (spec.get("initContainers") or [])
    annotations = meta.get("annotations") or {}
    controller = owner(meta)
    ports = sum(1 for c in containers for p in c.get("ports") or [] if p.get("hostPort"))
    if spec.get("hostNetwork"):
        ports = sum(1 for c in spec.get("containers") or [] for p in c.get("ports") or [])
    required = ((spec.get("affinity") or {}).get("nodeAffinity") or {}).get(
        "requiredDuringSchedulingIgnoredDuringExecution") or {}
    anti = ((spec.get("affinity") or {}).get("podAntiAffinity") or {}).get(
        "preferredDuringSchedulingIgnoredDuringExecution") or []
    return [
        meta.get("namespace", "default"), meta["name"], spec.get("nodeName", ""), status.get("phase", "Unknown"),
        *controller, spec.get("priority", 0), spec.get("priorityClassName", ""), status.get("qosClass", ""),
        *effective(spec)[:3], sum(s.get("restartCount", 0) for s in statuses),
        ";".join(s["name"] + "=" + state_word(s.get("state")) + "|" + state_word(s.get("lastState")) for s in statuses),
        ports, len(spec.get("tolerations") or []), len(spec.get("nodeSelector") or {}),
        ",".join(v["persistentVolumeClaim"]["claimName"] for v in spec.get("volumes") or []
                 if "persistentVolumeClaim" in v),
        sum(1 for v in spec.get("volumes") or [] if "emptyDir" in v),
        sum(1 for v in spec.get("volumes") or [] if "hostPath" in v),
        len(meta.get("labels") or {}),
        "kubernetes.io/config.mirror" in annotations or any(
            o["kind"] == "Node" for o in meta.get("ownerReferences") or []),
        controller[0] == "DaemonSet", len(required.get("nodeSelectorTerms") or []), len(anti),
        len(spec.get("topologySpreadConstraints") or []),
        any(c["type"] == "Ready" and c["status"] == "True" for c in status.get("conditions") or []),
        milliseconds(status.get("startTime")), spec.get("terminationGracePeriodSeconds", 30),
        milliseconds(meta.get("creationTimestamp")),
    ]


def node(item):
    meta, spec, status = item["metadata"], item.get("spec", {}), item.get("status", {})
    labels = meta.get("labels") or {}
    provider = spec.get("providerID", "").split("/")
    zone = labels.get("topology.kubernetes.io/zone") or labels.get("failure-domain.beta.kubernetes.io/zone") or ""
    allocatable = status.get("allocatable") or {}
    architecture = labels.get("kubernetes.io/arch") or (status.get("nodeInfo") or {}).get("architecture", "")
    return [
        meta["name"], provider[-1] if provider[-1].startswith("i-") else "",
        labels.get("node.kubernetes.io/instance-type") or labels.get("beta.kubernetes.io/instance-type") or "",
        zone, {"x86_64": "amd64", "aarch64": "arm64"}.get(architecture, architecture),
        any(c["type"] == "Ready" and c["status"] == "True" for c in status.get("conditions") or [])
        or not status.get("conditions"),
        bool(spec.get("unschedulable")), len(spec.get("taints") or []),
        scaled("cpu", allocatable.get("cpu", 0)), scaled("memory", allocatable.get("memory", 0)),
        scaled("pods", allocatable.get("pods", 0)), scaled("gpu", allocatable.get("nvidia.com/gpu", 0)),
        len(labels), (status.get("nodeInfo") or {}).get("kubeletVersion", ""),
        ",".join(a["address"] for a in status.get("addresses") or []),
        {"spot": "spot", "SPOT": "spot", "on-demand": "on-demand", "ON_DEMAND": "on-demand"}.get(
            labels.get("karpenter.sh/capacity-type") or labels.get("eks.amazonaws.com/capacityType"), "unknown"),
    ]


def workload(item, kind):
    meta, spec, status = item["metadata"], item.get("spec", {}), item.get("status", {})
    template = (spec.get("template") or {}).get("spec") or {}
    ready = status.get("numberReady") if kind == "DaemonSet" else status.get("readyReplicas", 0)
    return [kind, meta.get("namespace", "default"), meta["name"], -1 if kind == "DaemonSet" else spec.get("replicas", 1),
            len(template.get("containers") or []), len(((spec.get("selector") or {}).get("matchLabels")) or {}),
            len(spec.get("volumeClaimTemplates") or []), -1 if ready is None else ready, *owner(meta)]


def volume(item):
    spec = item["spec"]
    claim = spec.get("claimRef") or {}
    return [item["metadata"]["name"], item["status"]["phase"], claim.get("namespace", ""), claim.get("name", ""),
            scaled("storage", spec["capacity"]["storage"]), spec.get("storageClassName", ""),
            spec.get("persistentVolumeReclaimPolicy", "")]


def claim(item):
    spec = item["spec"]
    return [item["metadata"]["namespace"], item["metadata"]["name"], spec.get("volumeName", ""),
            item["status"]["phase"], spec.get("storageClassName", ""),
            scaled("storage", spec["resources"]["requests"]["storage"])]


def event(item):
    subject, series = item.get("involvedObject") or {}, item.get("series") or {}
    last = (series.get("lastObservedTime") or item.get("lastTimestamp") or item.get("eventTime")
            or item["metadata"].get("creationTimestamp"))
    return [item["metadata"].get("namespace", "default"), item["metadata"]["name"], item.get("reason", ""),
            item.get("type", ""), series.get("count") or item.get("count") or 1, subject.get("kind", ""),
            subject.get("name", ""), milliseconds(item.get("firstTimestamp") or item.get("eventTime")),
            milliseconds(last), (item.get("source") or {}).get("host") or item.get("reportingInstance") or ""]


def service(item):
    return [item["metadata"].get("namespace", "default"), item["metadata"]["name"],
            len(item.get("spec", {}).get("selector") or {})]


READERS = {"pods": pod, "nodes": node, "persistentvolumes": volume, "persistentvolumeclaims": claim, "events": event,
           "services": service, "deployments": lambda i: workload(i, "Deployment"),
           "daemonsets": lambda i: workload(i, "DaemonSet"), "replicasets": lambda i: workload(i, "ReplicaSet"),
           "statefulsets": lambda i: workload(i, "StatefulSet")}


def items_of(path):
    with open(path) as file:
        document = json.load(file)
    return document["items"] if "items" in document else [document]


def main():
    if sys.argv[1] == "requests":
        print(json.dumps([effective(item["spec"]) for item in items_of(sys.argv[2])]))
        return
    answer = []
    for argument in sys.argv[2:]:
        kind, path = argument.split("=", 1)
        answer.append([READERS[kind](item) for item in items_of(path)])
    print(json.dumps(answer))


main()
