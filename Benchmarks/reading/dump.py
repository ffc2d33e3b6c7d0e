#!/usr/bin/env python3
"""Makes a big `kubectl get pods -o json` out of real ones. usage: dump.py POD_FILES... --out FILE [--mebibytes N | --pods N] [--compact] [--full]

Each pod is repeated under other names and uids. --full puts back what the recorded dumps were stripped of: managed
fields, environment, probes, mounts. --compact writes no white space, as HTTP clients do.
"""
import argparse
import copy
import json


def heavier(pod):
    pod = copy.deepcopy(pod)
    leaf = {"f:name": {}, "f:value": {}, ".": {}}
    pod["metadata"]["managedFields"] = [{
        "apiVersion": "v1", "fieldsType": "FieldsV1", "manager": "kube-controller-manager", "operation": "Update",
        "time": "2026-01-02T20:02:20Z",
        "fieldsV1": {"f:metadata": {"f:labels": {".": {}, "f:app": {}}}, "f:spec": {"f:containers": {
            'k:{"name":"%s"}' % c["name"]: {"f:image": {}, "f:env": {'k:{"name":"V%d"}' % i: leaf for i in range(8)}}
            for c in pod["spec"]["containers"]}}}}]
    for container in pod["spec"]["containers"]:
        container["env"] = [{"name": "V%d" % i, "value": "some value %d" % i} for i in range(8)]
        container["volumeMounts"] = [{"mountPath": "/var/run/secrets/kubernetes.io/serviceaccount",
                                      "name": "kube-api-access", "readOnly": True}]
        container["livenessProbe"] = {"failureThreshold": 3, "periodSeconds": 10, "timeoutSeconds": 1,
                                      "httpGet": {"path": "/healthz", "port": 8080, "scheme": "HTTP"}}
    return pod


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("files", nargs="+")
    parser.add_argument("--out", required=True)
    parser.add_argument("--mebibytes", type=int, default=0)
    parser.add_argument("--pods", type=int, default=0)
    parser.add_argument("--compact", action="store_true")
    parser.add_argument("--full", action="store_true")
    options = parser.parse_args()
    pods = []
    for name in options.files:
        with open(name) as file:
            document = json.load(file)
        pods += document.get("items", [document])
    if options.full:
        pods = [heavier(pod) for pod in pods]
    size = count = 0
    with open(options.out, "w") as out:
        out.write('{"apiVersion":"v1","items":[')
        while (options.pods and count < options.pods) or (options.mebibytes and size < options.mebibytes << 20):
            pod = copy.deepcopy(pods[count % len(pods)])
            pod["metadata"]["name"] += "-%06d" % count
            pod["metadata"]["uid"] = "%08x-0000-0000-0000-%012x" % (count, count)
            separators = (",", ":") if options.compact else None
            text = json.dumps(pod, indent=None if options.compact else 4, separators=separators)
            out.write(("," if count else "") + text)
            size += len(text)
            count += 1
        out.write('],"kind":"List","metadata":{"resourceVersion":""}}')


main()
