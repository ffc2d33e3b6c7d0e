"""Prints signatures of botocore, one JSON array: what our signer is compared with."""
import json
import sys

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

FORM = "application/x-www-form-urlencoded; charset=utf-8"
SHAPES = [
    ("POST", "/", "", "Action=DescribeSpotPriceHistory&Version=2016-11-15", [("Content-Type", FORM)], None),
    ("POST", "/", "", "Action=DescribeRegions&Version=2016-11-15", [("Content-Type", FORM)], "T+/=token"),
    ("GET", "/", "Action=DescribeRegions&Version=2016-11-15&x=a%2Fb%20c", "", [], None),
    ("GET", "/", "Version=2&Action=D&A-b=1&A=", "", [], None),
    ("GET", "/", "z=1&z=0&a", "", [], None),
    ("POST", "/a%20b/c/", "z=1&z=0", "{}", [("X-Amz-Target", "AWSPriceListService.GetProducts")], "T"),
    ("PUT", "//x/../y/./z", "", "body", [("X-Spaces", "  a   b  ")], None),
    ("GET", "/%C3%A9/~user", "key=%E2%82%AC&empty=", "", [], None),
    ("DELETE", "/path", "", "", [], "session"),
    ("POST", "/", "", "", [("Content-Type", FORM)], None),
]
STAMPS = ["20240115T120000Z", "19991231T235959Z", "20280229T000001Z"]

out = []
for number, (method, path, query, body, headers, token) in enumerate(SHAPES):
    stamp = STAMPS[number % len(STAMPS)]
    url = "http://h.example:1234" + path + ("?" + query if query else "")
    secret = "secret/%d+KEY" % number
    request = AWSRequest(method=method, url=url, data=body.encode(), headers=dict(headers))
    request.headers["X-Amz-Date"] = stamp
    if token:
        request.headers["X-Amz-Security-Token"] = token
    request.context["timestamp"] = stamp
    auth = SigV4Auth(Credentials("AKIDEXAMPLE", secret, token), "ec2", "eu-west-1")
    signature = auth.signature(auth.string_to_sign(request, auth.canonical_request(request)), request)
    out.append({"method": method, "url": url, "body": body, "headers": [list(h) for h in headers], "token": token,
                "secret": secret, "stamp": stamp, "signature": signature})
json.dump(out, sys.stdout)
