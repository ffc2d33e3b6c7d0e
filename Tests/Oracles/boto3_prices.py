"""Prints what boto3's paginator reads of the spot price history, one row a line, each once, sorted.

usage: boto3_prices.py FILE      FILE holds: URL REGION START END
"""

import sys

import boto3
from botocore.config import Config

url, region, start, end = open(sys.argv[1], encoding="utf-8").read().split()
client = boto3.client(
    "ec2",
    endpoint_url=url,
    region_name=region,
    aws_access_key_id="AKIDFAKEEXAMPLE00001",
    aws_secret_access_key="fakeSecretKeyForTestsOnly0000000000000001",
    config=Config(retries={"mode": "standard", "max_attempts": 10}),
)
rows = set()
for page in client.get_paginator("describe_spot_price_history").paginate(StartTime=start, EndTime=end):
    for row in page["SpotPriceHistory"]:
        rows.add(
            f"{region},{row['AvailabilityZone']},{row['InstanceType']},{row['ProductDescription']},{row['SpotPrice']},"
            f"{row['Timestamp']:%Y-%m-%dT%H:%M:%SZ}"
        )
print("\n".join(sorted(rows)))
