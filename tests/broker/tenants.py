"""Tenants against a real Kafka: quotas are kept and told, a flood leaves the others alone, 100,000 tenants cost little."""

import collections
import contextlib
import http.client
import json
import multiprocessing
import statistics
import time

from clients import consume, create_topic, unique
from host import HostStub
from processes import wait_until
from shared_broker import connect

NAME = unique("tenants")
KAFKA_TOPIC = f"records-{NAME}"
QUIET = [f"wallet-quiet-{number:02}" for number in range(20)]
NOISY = "wallet-noisy"
QUIET_ROUTE, NOISY_ROUTE = "outbound.0", "outbound.1"
TICK = 0.02  # every quiet tenant publishes one event a tick
RATE = 1 / TICK
FLOOD = 15_000  # events/s
# As over a connection with a longer way: so few records a request, one at a time, that the flood is more than goes through.
SLOW_WAY = {"producer-config": {"librdkafka": {"batch.num.messages": 5, "max.in.flight.requests.per.connection": 1}}}
PAIRS, SECONDS = 12, 1.0
MANY = 100_000


def settings(bootstrap: str, tenants: dict | None, topic: str = KAFKA_TOPIC) -> dict:
    config = {"bootstrap_servers": bootstrap, "inbound": {"topics": []},
              "outbound": [{"match": "^quiet::.*", "topic": topic}, {"match": "^noisy::.*", "topic": topic}]}
    return config if tenants is None else config | {"tenants": tenants}


def event(topic: str, tenant: str, payload: dict) -> dict:
    return {"topic": f"{topic}::{NAME}", "tenant": tenant, "payload": payload}


def body(events: list[dict]) -> bytes:
    return b"".join(json.dumps(each).encode() + b"\n" for each in events)


class Publisher:
    """Posts events over one connection that stays open, without waiting for what becomes of them."""

    def __init__(self, port: int):
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

    def post(self, lines: bytes) -> None:
        self._connection.request("POST", "/events", lines, {"Content-Type": "application/x-ndjson"})
        answer = self._connection.getresponse()
        answer.read()
        assert answer.status in (202, 503), answer.status  # 503: a queue is full, only part of them was taken


def flood(port: int, rate: float, stop) -> None:
    """A process of its own: so many events a second, whatever becomes of them."""
    publisher = Publisher(port)
    count = int(rate * TICK)
    # A template, so that the flood costs its receiver and not this machine.
    lines = body([event("noisy", NOISY, {"n": "NUMBER", "x": "x" * 900})]).decode().replace('"NUMBER"', "%d") * count
    number, due = 0, time.monotonic()
    while not stop.is_set():
        publisher.post((lines % tuple(range(number, number + count))).encode())
        number += count
        due += TICK
        if (left := due - time.monotonic()) > 0:
            stop.wait(left)


@contextlib.contextmanager
def flooded(host: HostStub, rate: float):
    """The noisy tenant publishes while the block runs."""
    stop = multiprocessing.Event()
    noisy = multiprocessing.Process(target=flood, args=(host.port, rate, stop), daemon=True)
    noisy.start()
    try:
        yield
    finally:
        stop.set()
        noisy.join(20)
        if noisy.is_alive():
            noisy.kill()
            noisy.join()


def publish_quietly(port: int, seconds: float, first: int) -> int:
    """One event of every quiet tenant a tick; says when in the payload. Returns the next number."""
    publisher = Publisher(port)
    number, due = first, time.monotonic()
    for _ in range(int(seconds / TICK)):
        publisher.post(body([event("quiet", tenant, {"n": number, "at": time.monotonic()}) for tenant in QUIET]))
        number += 1
        due += TICK
        if (left := due - time.monotonic()) > 0:
            time.sleep(left)
    return number


def p99(latencies: list[float]) -> float:
    return sorted(latencies)[len(latencies) * 99 // 100]


def window(host: HostStub, stream, first: int) -> tuple[float, float, int]:
    """Of the quiet tenants: milliseconds from publish to status event (99th percentile), the part refused, the next number."""
    before, refused_before = len(stream.all()), host.metric("kafka_events_produced_total", route=QUIET_ROUTE, result="busy")
    last = publish_quietly(host.port, SECONDS, first)
    count = (last - first) * len(QUIET)
    refused = lambda: host.metric("kafka_events_produced_total", route=QUIET_ROUTE, result="busy") - refused_before
    wait_until(lambda: len(stream.all()) - before + refused() >= count, 30, "status events of the quiet tenants", 0.05)
    arrived = stream.all()[before:]
    return p99([(each.arrived - json.loads(each.payload)["at"]) * 1000 for each in arrived]), refused() / count, last


def compare(host: HostStub, rate: float) -> list[tuple[float, float]]:
    """Without and with the noisy tenant, in turn."""
    stream = host.events(f"^quiet::{NAME}::sent_to_external_queue$")
    number, pairs, held_up = 0, [], []
    for _ in range(PAIRS + 1):
        wait_until(lambda: host.metric("kafka_events_tenants_active") == 0, 60, "the end of the flood before")
        calm, _, number = window(host, stream, number)
        with flooded(host, rate):
            wait_until(lambda: host.metric("kafka_events_produced_total", route=NOISY_ROUTE, result="delivered") > 0, 10,
                       "the noisy tenant's first events")
            crowded, refused, number = window(host, stream, number)
        pairs.append((calm, crowded))
        held_up.append(refused)
    assert statistics.median(held_up) == 0, f"quiet tenants were told to come back: {held_up}"
    assert host.metric("kafka_events_produced_total", result="failed") == 0
    return pairs[1:]  # the first pair warms up


def fairness(bootstrap: str, name: str, rate: float) -> None:
    with HostStub(settings(bootstrap, {"fair": True}) | SLOW_WAY) as host:
        pairs = compare(host, rate)
        delivered = host.metric("kafka_events_produced_total", route=NOISY_ROUTE, result="delivered")
        refused = host.metric("kafka_events_tenant_refused_total", limit="fair_share")
        assert_no_tenants(host)
    without, beside = (statistics.median(side) for side in zip(*pairs))
    print(f"{name}: p99 of the others {without:.1f} ms, beside it {beside:.1f} ms, {beside / without:.2f} times (medians of "
          f"{PAIRS} windows of {SECONDS:g} s); {delivered:.0f} of the flood delivered, {refused:.0f} told to come back", flush=True)
    assert beside <= 2 * without, [f"{calm:.1f} {crowded:.1f}" for calm, crowded in pairs]


def assert_no_tenants(host: HostStub) -> None:
    text = host.request("GET", "/metrics")[1] + host.request("GET", "/kafka/status")[1]
    assert "wallet-" not in text, "a tenant's id is told"


def quotas(bootstrap: str) -> None:
    limit, seconds, topic = 400, 4.0, f"limited-{NAME}"
    create_topic(bootstrap, topic)
    with HostStub(settings(bootstrap, {"max_events_per_second": limit, "burst_ms": 100, "fair": False}, topic)) as host:
        with flooded(host, 5 * limit):
            events_each = publish_quietly(host.port, seconds, 0)
        wait_until(lambda: host.metric("kafka_events_tenants_active") == 0, 10, "the last reports")
        delivered = int(host.metric("kafka_events_produced_total", result="delivered"))
        sent = collections.defaultdict(list)
        for record in consume(bootstrap, topic, delivered):
            sent[record.key().decode()].append(record.timestamp()[1] / 1000)
        told(host, limit)
        assert_no_tenants(host)
    steady = sorted(sent[NOISY])[limit // 2:]  # the burst is over by then
    rate = (len(steady) - 1) / (steady[-1] - steady[0])
    print(f"limit of {limit} events/s: {rate:.0f} came through of {5 * limit}; quiet ones at {RATE:.0f}/s each", flush=True)
    assert abs(rate - limit) <= limit / 10, rate
    assert {len(sent[tenant]) for tenant in QUIET} == {events_each}, "a quiet tenant was held up"


def told(host: HostStub, limit: int) -> None:
    """Each refusal is an answer and counts; the host's own publisher comes back until all are through, at the tenant's rate."""
    refused = host.metric("kafka_events_tenant_refused_total", limit="events_per_second")
    busy = host.metric("kafka_events_produced_total", result="busy")
    began = time.monotonic()
    results = host.publish([event("quiet", "wallet-burst", {"n": number}) for number in range(3 * limit)])
    took = time.monotonic() - began
    assert {result["outcome"] for result in results} == {"done"}, results[0]
    assert took >= 2.5, took
    why = [line for line in host.stderr if "tenants.max_events_per_second" in line]
    assert why and "wallet" not in why[0], why
    refused = host.metric("kafka_events_tenant_refused_total", limit="events_per_second") - refused
    assert refused > 0 and refused == host.metric("kafka_events_produced_total", result="busy") - busy


def in_flight(bootstrap: str) -> None:
    with HostStub(settings(bootstrap, {"max_in_flight": 5, "fair": False})) as host:
        results = host.publish([event("quiet", "wallet-burst", {"n": number}) for number in range(2000)])
        assert {result["outcome"] for result in results} == {"done"}, "what is refused comes back until it is taken"
        assert host.metric("kafka_events_tenant_refused_total", limit="in_flight") > 0
        assert any("tenants.max_in_flight" in line for line in host.stderr), host.log()
        assert host.metric("kafka_events_tenants_active") == 0


def order(records: list) -> None:
    last = collections.defaultdict(lambda: -1)
    for record in records:
        number = json.loads(record.value())["n"]
        assert number > last[record.key()], f"{record.key()}: {number} after {last[record.key()]}"
        last[record.key()] = number
    assert len(last) == len(QUIET) + 1


def kept_in_order(bootstrap: str) -> None:
    """What is let pass of a flood keeps its order, and so do the others."""
    topic = f"ordered-{NAME}"
    create_topic(bootstrap, topic)
    with HostStub(settings(bootstrap, {"fair_from": 100}, topic) | SLOW_WAY) as host:
        with flooded(host, FLOOD):
            publish_quietly(host.port, 2.0, 0)
        wait_until(lambda: host.metric("kafka_events_tenants_active") == 0, 20, "the last reports")
        assert host.metric("kafka_events_tenant_refused_total", limit="fair_share") > 0
        delivered = int(host.metric("kafka_events_produced_total", result="delivered"))
    order(consume(bootstrap, topic, delivered))
    print(f"order of each tenant kept over {delivered} records of a flood", flush=True)


def many_tenants(bootstrap: str) -> None:
    # So slow a limit that every tenant's bucket is still being filled, and its entry kept, when the last one comes.
    grown = {}
    events = [event("quiet", f"wallet-{number}", {"n": number, "x": "x" * 100}) for number in range(MANY)]
    for name, tenants in (("limits", {"max_bytes_per_second": 1}), ("none", None)):
        with HostStub(settings(bootstrap, tenants)) as host:
            before = host.resident_bytes()
            host.publish_all(events)
            grown[name] = host.resident_bytes() - before
            if tenants:
                assert host.metric("kafka_events_tenants") == MANY, host.metric("kafka_events_tenants")
    took = grown["limits"] - grown["none"]
    print(f"{MANY} tenants: {took / MANY:.0f} bytes of resident memory each", flush=True)
    assert took <= MANY * 128, f"{grown}"  # 64 are the table's bound; the allocator's own needs come on top


if __name__ == "__main__":
    with connect() as address:
        create_topic(address, KAFKA_TOPIC)
        quotas(address)
        in_flight(address)
        kept_in_order(address)
        many_tenants(address)
        for times in (100, FLOOD / RATE):
            fairness(address, f"one tenant at {times:.0f} times the others' rate", times * RATE)
