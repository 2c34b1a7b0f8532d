"""Poison records among good ones: none stops or slows the rest, each is handled or becomes a dead letter with its reason."""

import json
import time

from clients import consume, create_topic, produce, unique
from host import HostStub, build_directory
from kafka import KafkaBroker
from processes import wait_until

NAME = unique("poison")
KAFKA_TOPIC = f"acapy-inbound-{NAME}"
TOPIC = f"acapy::inbound::{NAME}"
DEAD_LETTERS = f"dlq-{KAFKA_TOPIC}"
PARTITIONS = 4
GOOD = 20_000
BIG = 10 * 1024 * 1024
BIG_ENOUGH = str(12 * 1024 * 1024)


def envelope(number: int, padding: str = "") -> bytes:
    return json.dumps({"wallet_id": "w", "payload": {"number": number, "padding": padding}}).encode()


DECODE, HANDLE = "decode", "handle"
# What dies, and where.
POISON = [
    ("not UTF-8", b'{"payload": "\xff\xfe"}', DECODE),
    ("not JSON", b"{not json", DECODE),
    ("cut off", b'{"payload": {"a": [1, 2', DECODE),
    ("empty", b"", DECODE),
    ("NUL octets", b"\0" * 100, DECODE),
    ("a nesting bomb", b'{"payload": ' + b"[" * 400_000 + b"]" * 400_000 + b"}", DECODE),
    ("a nesting bomb that is not closed", b'{"payload": ' + b'{"a":' * 100_000, DECODE),
    ("10 MB that cannot be decoded", b"\xff" * BIG, DECODE),
    ("10 MB that the host does not take", envelope(-1, "x" * BIG), HANDLE),
]
# What looks odd, and is handled.
ODD_HEADERS = [("null", None), ("binary", b"\xff\x00\xfe"), ("b", b"1"), ("b", b"2"), ("__connect.errors.topic", b"elsewhere")]
ODD = [
    {"key": "gone", "value": None},
    {"key": b"\xff\xfe", "value": envelope(-2)},
    {"value": envelope(-3), "headers": ODD_HEADERS},
]


def good(numbers) -> list[dict]:
    return [{"value": envelope(number), "partition": number % PARTITIONS} for number in numbers]


def good_numbers(events: list) -> list[int]:
    return [number for event in events if event.payload is not None and (number := json.loads(event.payload)["number"]) >= 0]


def check_order(numbers: list[int], first: int, count: int) -> None:
    assert sorted(numbers) == list(range(first, first + count)), f"{count - len(set(numbers))} lost, {len(numbers)} arrived"
    for partition in range(PARTITIONS):
        of_partition = [number for number in numbers if number % PARTITIONS == partition]
        assert of_partition == sorted(of_partition), f"partition {partition} is out of order"


def seconds_for(address: str, host: HostStub, records: list[dict], count: int) -> float:
    """Reads the records in one go: they are written while the worker is paused."""
    stream = host.events(f"^{TOPIC}$")
    host.post("/kafka/consumers/inbound/pause")
    for partition in range(PARTITIONS):
        produce(address, KAFKA_TOPIC, [record for record in records if record["partition"] == partition],
                **{"message.max.bytes": BIG_ENOUGH})
    began = time.monotonic()
    host.post("/kafka/consumers/inbound/resume")
    wait_until(lambda: len(good_numbers(stream.all())) >= count, 60, f"{count} good records",
               on_failure=lambda: f"{len(good_numbers(stream.all()))} came\n{host.log()}")
    took = time.monotonic() - began
    numbers = good_numbers(stream.all())
    check_order(numbers, min(numbers), count)
    stream.close()
    return took


def with_poison(records: list[dict]) -> list[dict]:
    """Every kind of poison and of oddity once in partition 0, and two records of a hundred that are not JSON."""
    mixed = []
    for place, record in enumerate(records):
        if place % 2000 == 500:
            mixed += [{"value": value, "partition": 0} for _, value, _ in POISON[place // 2000:place // 2000 + 1]]
        if place % 50 == 0:
            mixed.append({"value": b"{not json", "partition": 0})
        mixed.append(record)
    return mixed + [{**record, "partition": 0} for record in ODD]


def check_dead_letters(address: str, count: int) -> None:
    letters = consume(address, DEAD_LETTERS, count)
    assert len(letters) == count, f"{len(letters)} dead letters instead of {count}"
    for what, value, stage in POISON:
        found = [letter for letter in letters if (letter.value() or b"") == value]
        assert found, f"{what}: no dead letter"
        headers = dict(found[0].headers())
        assert headers["__connect.errors.topic"] == KAFKA_TOPIC.encode(), headers
        assert headers["__connect.errors.partition"] == b"0" and int(headers["__connect.errors.offset"]) >= 0, headers
        assert headers["__connect.errors.stage"].decode() == stage, (what, headers)
        assert headers["__connect.errors.exception.message"], (what, headers)
        assert headers["__connect.errors.connector.name"] == b"inbound", headers


def one_partition_retries(address: str, host: HostStub, first: int) -> None:
    """While a record of partition 1 is tried again and again, the others go on."""
    stream = host.events(f"^{TOPIC}$")
    before = host.get("/kafka/status")["workers"][0]["counts"]["dead_lettered"]
    produce(address, KAFKA_TOPIC, [{"value": envelope(-9), "partition": 1, "headers": [("misbehave", b"fail")]}])
    wait_until(lambda: host.get("/kafka/status")["workers"][0]["counts"]["retries"] >= 1, 20, "the first retry")
    numbers = [number for number in range(first, first + 4000)]
    produce(address, KAFKA_TOPIC, good(numbers))
    others = [number for number in numbers if number % PARTITIONS != 1]
    wait_until(lambda: set(others) <= set(good_numbers(stream.all())), 20, "the other partitions")
    counts = host.get("/kafka/status")["workers"][0]["counts"]
    assert counts["dead_lettered"] == before, "the retries were over before the others had come: this proves nothing"
    assert not [number for number in good_numbers(stream.all()) if number % PARTITIONS == 1], "a record overtook a retry"
    wait_until(lambda: len(good_numbers(stream.all())) == 4000, 40, "the partition after its retries")
    check_order(good_numbers(stream.all()), first, 4000)


with KafkaBroker(properties={"message.max.bytes": "16777216", "replica.fetch.max.bytes": "16777216"}) as broker:
    bootstrap = broker.bootstrap
    create_topic(bootstrap, KAFKA_TOPIC, PARTITIONS)
    settings = {"bootstrap_servers": bootstrap,
                "inbound": {"topics": [KAFKA_TOPIC], "codec": "envelope",
                            "retries": {"attempts": 4, "backoff_ms": 1500, "max_backoff_ms": 1500}},
                "consumer-config": {"group_id": NAME, "auto_offset_reset": "earliest"}}
    plugin = str(build_directory() / "lib" / "test-plugins" / "misbehaving.so")
    with HostStub(settings, ("--plugin", plugin)) as stub:
        wait_until(lambda: len(stub.get("/kafka/status")["workers"][0]["assignment"]) == PARTITIONS, 20, "the assignment")
        only_good = seconds_for(bootstrap, stub, good(range(GOOD)), GOOD)
        poisoned = with_poison(good(range(GOOD, 2 * GOOD)))
        among_poison = seconds_for(bootstrap, stub, poisoned, GOOD)
        dead = len(poisoned) - GOOD - len(ODD)
        wait_until(lambda: stub.get("/kafka/status")["workers"][0]["counts"]["dead_lettered"] == dead, 60, f"{dead} dead letters",
                   on_failure=lambda: str(stub.get("/kafka/status")["workers"][0]["counts"]) + stub.log())
        check_dead_letters(bootstrap, dead)
        one_partition_retries(bootstrap, stub, 2 * GOOD)
        wait_until(lambda: all(each["lag"] == 0 for each in stub.get("/kafka/status")["workers"][0]["assignment"]), 30, "no lag")
        assert not any("xxxx" in line for line in stub.stderr), "a log shows what a record holds"
print(f"{GOOD} good records: {only_good:.2f} s alone, {among_poison:.2f} s with {dead} poisonous ones between them")
assert among_poison <= 3 * only_good + 2, "poison slows the rest"
