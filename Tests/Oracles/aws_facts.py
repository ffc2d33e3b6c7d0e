"""Reads AWS descriptions the slow and obvious way: for each file the rows, first of each id, and the repeated ones.

usage: aws_facts.py OPERATION=FILE...
"""
import json
import sys
from datetime import datetime


def milliseconds(text):
    if not text:
        return 0
    instant = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return int(instant.replace(microsecond=0).timestamp()) * 1000 + instant.microsecond // 1000


def tags(item):
    return ";".join(sorted("%s=%s" % (t["Key"], t["Value"]) for t in item.get("Tags") or []))


def instances(document):
    rows = []
    for reservation in document["Reservations"]:
        for i in reservation["Instances"]:
            group = [t["Value"] for t in i.get("Tags") or [] if t["Key"] == "aws:autoscaling:groupName"]
            disks = ["%s:%s" % (d["Ebs"]["VolumeId"], d["Ebs"]["DeleteOnTermination"])
                     for d in i.get("BlockDeviceMappings") or []]
            rows.append([i["InstanceId"], i["InstanceType"], i["State"]["Name"], milliseconds(i["LaunchTime"]),
                         i["Placement"]["AvailabilityZone"], i.get("InstanceLifecycle", "on-demand"),
                         i.get("SpotInstanceRequestId", ""), i.get("PublicIpAddress", ""), i.get("PrivateDnsName", ""),
                         tags(i), ",".join(disks), group[0] if group else ""])
    return rows


def volumes(document):
    return [[v["VolumeId"], v["VolumeType"], v["Size"], v.get("Iops", -1), v["State"], milliseconds(v["CreateTime"]),
             v["AvailabilityZone"], v["Encrypted"], v.get("SnapshotId", ""), tags(v),
             ",".join("%s:%s:%s" % (a["InstanceId"], a["State"], milliseconds(a["AttachTime"]))
                      for a in v["Attachments"])]
            for v in document["Volumes"]]


def snapshots(document):
    return [[s["SnapshotId"], s["VolumeId"], s["State"], milliseconds(s["StartTime"]), s["VolumeSize"], tags(s)]
            for s in document["Snapshots"]]


def addresses(document):
    return [[a["PublicIp"], a.get("AllocationId", ""), a.get("AssociationId", ""), a.get("InstanceId", ""), tags(a)]
            for a in document["Addresses"]]


def groups(document):
    return [[i["InstanceId"], g["AutoScalingGroupName"], i["LifecycleState"], i["ProtectedFromScaleIn"]]
            for g in document["AutoScalingGroups"] for i in g["Instances"]]


READERS = {"describe-instances": instances, "describe-volumes": volumes, "describe-snapshots": snapshots,
           "describe-addresses": addresses, "describe-auto-scaling-groups": groups}
answer = []
for argument in sys.argv[1:]:
    operation, path = argument.split("=", 1)
    with open(path) as file:
        rows = READERS[operation](json.load(file))
    first = {}
    for row in rows:
        first.setdefault(row[0], row)
    answer.append([list(first.values()), len(rows) - len(first)])
print(json.dumps(answer))
