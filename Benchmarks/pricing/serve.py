"""A server that tells made spot prices as fast as this machine lets Python: pages are rendered before it listens.

usage: serve.py PAGES [--page FILE]     writes its port to standard output; with --page it writes one page to FILE and ends
"""
import argparse
import asyncio
import random
import time

HEAD = ('<?xml version="1.0" encoding="UTF-8"?>\n<DescribeSpotPriceHistoryResponse '
        'xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">\n    <requestId>5d1f1fbe-0000-4000-8000-000000000000</requestId>\n'
        '    <spotPriceHistorySet>\n')
# As EC2 indents it.
ITEM = ('        <item>\n            <instanceType>%s</instanceType>\n            <productDescription>%s</productDescription>\n'
        '            <spotPrice>%.6f</spotPrice>\n            <timestamp>%s.000Z</timestamp>\n'
        '            <availabilityZone>%s</availabilityZone>\n            <availabilityZoneId>%s</availabilityZoneId>\n'
        '        </item>\n')
PRODUCTS = ("Linux/UNIX", "Windows", "Red Hat Enterprise Linux", "SUSE Linux")


def pages(count):
    chance = random.Random(7)
    moment = time.time() - 60
    step = 29 * 86400 / (count * 1000)
    for number in range(count):
        rows = []
        for _ in range(1000):
            pool = chance.randrange(2000)
            moment -= chance.uniform(0, 2 * step)
            zone = "abcdf"[pool % 5]
            rows.append(ITEM % (f"m{pool // 20}.large", PRODUCTS[pool // 5 % 4], chance.uniform(0.01, 0.9),
                                time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(moment)), f"us-east-1{zone}",
                                f"use1-az{pool % 5 + 1}"))
        token = f"<nextToken>t{number + 1}</nextToken>" if number + 1 < count else "<nextToken/>"
        yield (HEAD + "".join(rows) + f"    </spotPriceHistorySet>\n    {token}\n</DescribeSpotPriceHistoryResponse>").encode()


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("pages", type=int)
    parser.add_argument("--page")
    options = parser.parse_args()
    made = list(pages(options.pages))
    if options.page:
        with open(options.page, "wb") as file:
            file.write(made[0])
        return
    answers = [b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: %d\r\n\r\n" % len(page) + page for page in made]

    async def serve(reader, writer):
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
                body = await reader.readexactly(length)
                token = body.split(b"NextToken=t")
                writer.write(answers[int(token[1].split(b"&")[0]) if len(token) > 1 else 0])
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    async with server:
        await server.serve_forever()


asyncio.run(main())
