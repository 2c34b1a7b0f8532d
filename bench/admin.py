#!/usr/bin/env python3
"""bench_admin [--bootstrap HOST:PORT] [--count REQUESTS] [--pairs N] [--only TEXT]: what the admin server answers on one
connection while events flow, and at rest; one JSON object a figure. Without a Kafka the host's embedded one."""

import argparse
import json
import os
import socket
import statistics
import sys
import time

from clients import create_topic, unique
from host import HostStub, build_directory
from processes import wait_until

PATHS = {"admin_plugins": "/plugins", "admin_kafka_status": "/kafka/status", "admin_metrics": "/metrics"}
RATE = 50_000  # events a second
SETTLE = 0.5  # seconds
TIMEOUT = 30


class Connection:
    """Asks again and again on one connection, with as little of its own as Python can do."""

    def __init__(self, host: HostStub):
        self._socket = socket.create_connection((host.address, host.port), timeout=TIMEOUT)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._answers = self._socket.makefile("rb")
        self._host = f"{host.address}:{host.port}"

    def times(self, path: str, count: int) -> list[float]:
        """Seconds of each request."""
        request = f"GET {path} HTTP/1.1\r\nHost: {self._host}\r\n\r\n".encode()
        return [self._time(request) for _ in range(count)]

    def _time(self, request: bytes) -> float:
        began = time.perf_counter()
        self._socket.sendall(request)
        status, size = self._answers.readline(), None
        while (line := self._answers.readline().strip()):
            name, _, value = line.partition(b":")
            size = int(value) if name.lower() == b"content-length" else size
        if b" 200 " not in status or size is None or len(self._answers.read(size)) != size:
            raise AssertionError(f"the admin server answered {status!r}")
        return time.perf_counter() - began

    def close(self) -> None:
        self._answers.close()
        self._socket.close()


class Load:
    """swap_load.so inside the host: publishes at a rate when it is told to."""

    def __init__(self, host: HostStub):
        self._host = host

    def start(self) -> None:
        self._host.post("/load/start")
        time.sleep(SETTLE)

    def stop(self) -> None:
        self._host.post("/load/stop")
        wait_until(lambda: self._host.get("/load/report")["outstanding"] == 0, TIMEOUT, "all completions", 0.05)
        time.sleep(SETTLE)

    def published(self) -> int:
        return self._host.get("/load/report")["publisher"]["completed"]


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench_admin")
    parser.add_argument("--bootstrap")
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--only", default="")
    parser.add_argument("--json", action="store_true")  # always
    return parser.parse_args()


def started_host(bootstrap: str | None) -> HostStub:
    name = unique("admin")
    topic = f"out-{name}"
    if bootstrap:
        create_topic(bootstrap, topic)
    config = {**({"bootstrap_servers": bootstrap} if bootstrap else {}), "inbound": {"topics": []},
              "outbound": [{"match": f"^load::{name}$", "topic": topic}]}
    os.environ["SWAP_LOAD"] = f"topic=load::{name} rate={RATE} keys=48 most={RATE * 1200}"
    module = build_directory() / "lib" / "test-plugins" / "swap_load.so"
    return HostStub(config, ("--plugin", str(module), *(() if bootstrap else ("--embedded-kafka",))))


def run(connection: Connection, options: argparse.Namespace) -> dict[str, list[float]]:
    """By figure: requests a second, and microseconds within which half and 99 of 100 are answered."""
    values = {}
    for name, path in PATHS.items():
        times = sorted(connection.times(path, options.count))
        values[name] = len(times) / sum(times)
        values[f"{name}_p50"] = times[len(times) // 2] * 1e6
        values[f"{name}_p99"] = times[len(times) * 99 // 100] * 1e6
    return values


def measured(host: HostStub, options: argparse.Namespace) -> tuple[list[dict], list[dict], float]:
    """Runs at rest, runs with events flowing, and events a second in these; the first pair is to warm up."""
    rest, flowing, rates = [], [], []
    load, connection = Load(host), Connection(host)
    for _ in range(options.pairs + 1):
        rest.append(run(connection, options))
        load.start()
        before, began = load.published(), time.monotonic()
        flowing.append(run(connection, options))
        rates.append((load.published() - before) / (time.monotonic() - began))
        load.stop()
    connection.close()
    return rest[1:], flowing[1:], statistics.median(rates[1:])


def figure(name: str, rest: list[dict], flowing: list[dict], conditions: dict) -> dict:
    references, ours = [values[name] for values in rest], [values[name] for values in flowing]
    times = name.endswith(("_p50", "_p99"))
    ratios = [reference / own if times else own / reference for reference, own in zip(references, ours)]
    numbers = {"ours": statistics.median(ours), "reference": statistics.median(references), "ratio": statistics.median(ratios),
               "ratio_min": min(ratios), "ratio_max": max(ratios)}
    return {"bench": name, "unit": "us" if times else "requests/s",
            **{field: float(f"{value:.6g}") for field, value in numbers.items()}, "conditions": conditions}


def main() -> int:
    options = arguments()
    with started_host(options.bootstrap) as host:
        rest, flowing, rate = measured(host, options)
    conditions = {"kafka": "Kafka" if options.bootstrap else "embedded in the host", "events_per_second": round(rate / 100) * 100,
                  "requests": options.count, "pairs": options.pairs, "reference": "the same host with no event flowing"}
    for name in rest[0]:
        if options.only in name:
            print(json.dumps(figure(name, rest, flowing, conditions)), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
