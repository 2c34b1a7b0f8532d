"""Records that want an answer get one: the case of wasmCloud's Kafka provider, with the sample plugin echo as the handler."""

import time

from clients import consume, create_topic, kcat_produce, produce, unique
from host import HostStub
from shared_broker import connect

NAME = unique("echo")
QUESTIONS = f"acapy-inbound-{NAME}"
GIVEN = f"given-{NAME}"
FORBIDDEN = f"forbidden-{NAME}"
SILENT = f"silent-{NAME}"
BINARY_ID = bytes(range(240, 256))  # Spring's correlation ids are bytes


def question(value: str, key: bytes | None = b"wallet-1", **headers) -> dict:
    return {"value": value, "key": key, "headers": [(f"kafka_{name}", text) for name, text in headers.items()]}


def answers(address: str, topic: str, count: int) -> dict[bytes, tuple[bytes | None, bytes]]:
    """By payload: the correlation id and the key."""
    found = {}
    for record in consume(address, topic, count, 30):
        ids = [value for name, value in record.headers() or [] if name == "kafka_correlationId"]
        assert len(ids) <= 1, f"{record.value()}: {ids}"
        assert record.value() not in found, f"{record.value()} was answered twice"
        found[record.value()] = (ids[0] if ids else None, record.key())
    return found


def default_reply_topic(address: str) -> None:
    produce(address, QUESTIONS, [question("one", correlationId="c-1"), question("binary", correlationId=BINARY_ID),
                                 question("keyless", None, correlationId="c-3"),
                                 question("nobody asked"),
                                 question("refused", correlationId="c-4", replyTopic=FORBIDDEN),
                                 question("not a topic", correlationId="c-5", replyTopic="no topic!")])
    kcat_produce(address, QUESTIONS, "by kcat", "wallet-1", [("kafka_correlationId", "c-6")])
    got = answers(address, f"{QUESTIONS}.reply", 6)
    assert got == {b"one": (b"c-1", b"wallet-1"), b"binary": (BINARY_ID, b"wallet-1"), b"keyless": (b"c-3", None),
                   b"refused": (b"c-4", b"wallet-1"), b"not a topic": (b"c-5", b"wallet-1"),
                   b"by kcat": (b"c-6", b"wallet-1")}, got


def given_reply_topic(address: str) -> None:
    produce(address, QUESTIONS, [question("given", correlationId="g-1", replyTopic=GIVEN), question("no id", replyTopic=GIVEN)])
    got = answers(address, GIVEN, 2)
    assert got == {b"given": (b"g-1", b"wallet-1"), b"no id": (None, b"wallet-1")}, got


def worker_without_answers(address: str) -> None:
    """reply_to: "" means that its records want none, unless they name a topic themselves."""
    produce(address, SILENT, [question("silent", correlationId="s-1"), question("aloud", correlationId="s-2", replyTopic=GIVEN)])
    got = answers(address, GIVEN, 3)
    assert got[b"aloud"] == (b"s-2", b"wallet-1"), got


def tombstone_and_size(address: str) -> None:
    big = "x" * 500_000
    produce(address, QUESTIONS, [{"value": None, "key": b"wallet-1", "headers": [("kafka_correlationId", "t-1")]},
                                 question(big, correlationId="t-2")])
    got = answers(address, f"{QUESTIONS}.reply", 8)
    assert got[None] == (b"t-1", b"wallet-1") and got[big.encode()] == (b"t-2", b"wallet-1"), sorted(map(str, got))[:3]


with connect() as bootstrap:
    for name in (QUESTIONS, f"{QUESTIONS}.reply", GIVEN, FORBIDDEN, SILENT, f"{SILENT}.reply"):
        create_topic(bootstrap, name, 2)
    config = {"bootstrap_servers": bootstrap, "client_id": NAME, "inbound": {"topics": [QUESTIONS]},
              "workers": [{"name": "silent", "topics": [SILENT], "reply_to": "", "event_topic": "acapy::inbound::{topic}"}],
              "requests": {"allowed_reply_topics": f"given-.*|{QUESTIONS}.*"},
              "consumer-config": {"group_id": NAME, "auto_offset_reset": "earliest", "heartbeat_interval_ms": 500}}
    with HostStub(config, ("--plugin", "echo")) as stub:
        default_reply_topic(bootstrap)
        given_reply_topic(bootstrap)
        worker_without_answers(bootstrap)
        tombstone_and_size(bootstrap)
        deadline = time.monotonic() + 10
        while stub.metric("echo_answers_total", result="delivered") < 11 and time.monotonic() < deadline:
            time.sleep(0.02)
        assert stub.metric("echo_answers_total", result="delivered") == 11, stub.metric("echo_answers_total")
        assert not consume(bootstrap, FORBIDDEN, 0, 20), "an answer went where none is allowed to go"
        assert not consume(bootstrap, f"{SILENT}.reply", 0, 20), "an answer that nobody wanted"
print("11 records answered where they asked for it, 2 that asked for none were left alone")
