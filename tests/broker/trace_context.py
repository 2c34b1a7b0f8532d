"""W3C trace context goes through: passed in with every codec, continued on the way out, also by what a handler publishes."""

import contextlib
import re

from clients import consume, create_topic, produce, unique
from members import member
from shared_broker import connect

NAME = unique("trace")
TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = f"00-{TRACE}-b7ad6b7169203331-01"
BESIDE = {"tracestate": "vendor=x", "baggage": "user=1"}
CODECS = ("raw", "envelope", "cloudevents", "cloudevents-structured")
TRACE_PARENT = re.compile(rf"00-{TRACE}-([0-9a-f]{{16}})-01")


def headers_of(record) -> dict[str, str]:
    headers = record.headers() or []
    assert len(dict(headers)) == len(headers), headers
    return {name: value.decode() for name, value in headers}


def continued(headers: dict[str, str]) -> str:
    """The span id of our own."""
    found = TRACE_PARENT.fullmatch(headers["traceparent"])
    assert found and found[1] not in PARENT, headers
    return found[1]


def out(bootstrap: str, host) -> None:
    spans = set()
    for codec in CODECS:
        traced = {"topic": f"out::{codec}", "tenant": "t", "payload": {"a": 1}, "headers": {"traceparent": PARENT, **BESIDE}}
        wrong = {**traced, "headers": {"traceparent": PARENT.upper(), **BESIDE}}
        host.publish_all([traced, wrong, {**traced, "headers": {}}])
        first, second, third = (headers_of(record) for record in consume(bootstrap, f"{codec}-{NAME}", 3))
        spans.add(continued(first))
        assert first.items() >= BESIDE.items(), first
        assert "traceparent" not in second and "tracestate" not in second and second["baggage"] == BESIDE["baggage"], second
        assert "traceparent" not in third, third
    assert len(spans) == len(CODECS), spans


def through_a_handler(bootstrap: str, host) -> None:
    """The handler publishes a fresh event; it belongs to the record's trace all the same."""
    seen = host.events("^in::trace$")
    produce(bootstrap, f"in-{NAME}", [{"key": "k", "value": "v", "headers": {"traceparent": PARENT, **BESIDE}}])
    [event] = seen.wait_for(1, 20, "the record")
    assert event.header("traceparent") == PARENT and event.header("tracestate") == BESIDE["tracestate"], event.headers
    continued(headers_of(consume(bootstrap, f"answer-{NAME}", 1)[0]))


with connect() as address:
    for each in (f"in-{NAME}", f"answer-{NAME}", *(f"{codec}-{NAME}" for codec in CODECS)):
        create_topic(address, each, 1)
    configuration = {
        "bootstrap_servers": address, "inbound": {"topics": [f"in-{NAME}"], "event_topic": "in::trace"},
        "outbound": [{"match": f"^out::{codec}$", "topic": f"{codec}-{NAME}", "codec": codec} for codec in CODECS]
        + [{"match": "^out::again$", "topic": f"answer-{NAME}"}],
        "consumer-config": {"group_id": NAME, "auto_offset_reset": "earliest"}}
    with contextlib.ExitStack() as stack:
        stub = stack.enter_context(member(configuration, "^in::trace$", None, "out::again"))
        out(address, stub)
        through_a_handler(address, stub)
print(f"traces go on with {len(CODECS)} codecs, and through a handler")
