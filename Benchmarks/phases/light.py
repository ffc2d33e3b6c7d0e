"""One caller over one kept-alive connection: latencies of decisions and health checks as JSON lines.

usage: light.py PORT KEY_FILE REQUESTS
"""
import http.client
import json
import os
import socket
import sys
import time

BODY = json.dumps({
    "cluster_id": "bench", "cluster_state": {}, "constraints": {},
    "requirements": {"cpu": 4, "memory_gb": 16, "node_count": 3, "workload_type": "stateless"},
}).encode()


class Caller:
    def __init__(self, port, key):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self.connection.connect()
        self.connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.headers = {"X-API-Key": key, "Content-Type": "application/json"}

    def ask(self, method, path, body=None):
        """Milliseconds from the first byte sent to the last byte read."""
        start = time.perf_counter()
        self.connection.request(method, path, body=body, headers=self.headers)
        reply = self.connection.getresponse()
        text = reply.read()
        took = (time.perf_counter() - start) * 1000
        if reply.status != 200:
            raise SystemExit(f"{method} {path} answered {reply.status}: {text[:300]!r}")
        return took

    def decide(self):
        return self.ask("POST", "/api/v1/ml/decision/spot-optimize", BODY)

    def health(self):
        return self.ask("GET", "/api/v1/ml/health")


def measure(name, ask, count, pause=0.0):
    times = []
    due = time.perf_counter()
    for _ in range(count):
        if pause:
            due += pause
            time.sleep(max(0.0, due - time.perf_counter()))
        times.append(ask())
    times.sort()
    rank = lambda share: times[min(len(times) - 1, int(len(times) * share))]
    print(json.dumps({
        "name": name, "load": os.getloadavg()[0], "requests": count, "p50_ms": round(rank(0.50), 2),
        "p99_ms": round(rank(0.99), 2), "max_ms": round(times[-1], 2), "per_second": round(1000 * count / sum(times)),
    }), flush=True)


def main():
    port, key_file, count = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    with open(key_file, encoding="utf-8") as file:
        caller = Caller(port, file.read().strip())
    for _ in range(50):  # statements are prepared, the market is read
        caller.decide()
    measure("light_health", caller.health, count)
    for _ in range(3):
        measure("light_decision_sequential", caller.decide, count)
    measure("light_decision_paced", caller.decide, count, pause=0.05)


main()
