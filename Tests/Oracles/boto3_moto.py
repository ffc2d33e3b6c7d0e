"""Prints what boto3 reads of an EC2 server: regions, zones, instance types and spot prices, one a line.

usage: boto3_moto.py FILE      FILE holds: URL REGION
"""

import datetime
import decimal
import sys

import boto3

url, region = open(sys.argv[1], encoding="utf-8").read().split()
client = boto3.client("ec2", endpoint_url=url, region_name=region, aws_access_key_id="a", aws_secret_access_key="b")
for entry in client.describe_regions()["Regions"]:
    # moto tells those that an account has not opted into as well: they would refuse it.
    if entry["OptInStatus"] != "not-opted-in":
        print("region", entry["RegionName"])
for entry in client.describe_availability_zones()["AvailabilityZones"]:
    print("zone", entry["ZoneName"], entry["ZoneId"])
for page in client.get_paginator("describe_instance_types").paginate():
    for entry in page["InstanceTypes"]:
        print("type", entry["InstanceType"], entry["VCpuInfo"]["DefaultVCpus"], entry["MemoryInfo"]["SizeInMiB"])
start = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(hours=1)
seen = set()
for page in client.get_paginator("describe_spot_price_history").paginate(StartTime=start):
    for entry in page["SpotPriceHistory"]:
        price = decimal.Decimal(entry["SpotPrice"]).quantize(decimal.Decimal("0.000001"), decimal.ROUND_HALF_UP)
        line = (f"price {entry['InstanceType']} {entry['AvailabilityZone']} {entry['ProductDescription']} "
                f"{entry['Timestamp']:%Y-%m-%dT%H:%M:%SZ} {price}")
        if line not in seen:
            seen.add(line)
            print(line)
