"""CloudEvents both ways, in both modes, against the `cloudevents` package: it reads what the host writes, the host reads what
it writes, and what comes in is published again without doubled attributes."""

import json
from datetime import datetime, timezone

from cloudevents.core.bindings.kafka import KafkaMessage, from_binary, from_structured, to_binary, to_structured
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

from clients import consume, create_topic, produce, unique
from host import HostStub
from shared_broker import connect

NAME = unique("ce")
FORMAT = JSONFormat()
OUT = {"binary": f"binary-{NAME}", "structured": f"structured-{NAME}"}
IN = f"in-{NAME}"
AGAIN = f"again-{NAME}"
TYPE = f"com.example.{NAME}"
SOURCE = "/agents/alice"


def config(bootstrap: str) -> dict:
    routes = [{"match": f"^{mode}::{NAME}$", "topic": topic, "codec": codec}
              for (mode, topic), codec in zip(OUT.items(), ("cloudevents", "cloudevents-structured"))]
    routes.append({"match": f"^{AGAIN}$", "topic": AGAIN, "codec": "cloudevents"})
    return {"bootstrap_servers": bootstrap, "cloudevents": {"source": SOURCE}, "outbound": routes,
            "inbound": {"topics": [IN], "codec": "cloudevents"},
            "consumer-config": {"group_id": NAME, "auto_offset_reset": "earliest"}}


def message_of(record) -> KafkaMessage:
    return KafkaMessage(dict(record.headers() or []), record.key(), record.value())


# ---- Out ----

EVENTS = [
    {"tenant": "wallet-1", "payload": {"n": 1, "text": "línea \"q\"", "list": [None, True]}},
    {"tenant": "Zürich ✓", "key": "k 1", "payload": {"n": 2}, "headers": {"ce_subject": "s-2", "ce_region": "eu", "other": "x"}},
    {"tenant": "wallet-3", "payload": [1, 2, 3]},
]


def out(bootstrap: str, host: HostStub) -> None:
    for mode, topic in OUT.items():
        results = host.publish_all([{"topic": f"{mode}::{NAME}", **event} for event in EVENTS])
        records = consume(bootstrap, topic, len(EVENTS))
        read = from_binary if mode == "binary" else from_structured
        events = {event.get_id(): event for event in (read(message_of(record), FORMAT) for record in records)}
        for sent, result in zip(EVENTS, results):
            event = events[result["id"]]
            assert event.get_type() == f"{mode}::{NAME}" and event.get_source() == SOURCE, event.get_attributes()
            assert event.get_specversion() == "1.0" and event.get_data() == sent["payload"], event.get_data()
            age = datetime.now(timezone.utc) - event.get_time()
            assert 0 <= age.total_seconds() < 60, event.get_time()
            assert event.get_extension("agenttenant") == sent["tenant"], event.get_attributes()
            assert event.get_extension("partitionkey") == sent.get("key", sent["tenant"]), event.get_attributes()
            wanted = sent.get("headers", {})
            assert event.get_subject() == wanted.get("ce_subject"), event.get_attributes()
            assert event.get_extension("region") == wanted.get("ce_region"), event.get_attributes()
        [with_header] = [record for record in records if record.key() == b"k 1"]
        assert ("other", b"x") in with_header.headers(), with_header.headers()
        if mode == "structured":
            assert ("content-type", b"application/cloudevents+json; charset=UTF-8") in with_header.headers()
            assert not [name for name, _ in with_header.headers() if name.startswith("ce_")], with_header.headers()
    host.publish_all([{"topic": f"structured::{NAME}", "tenant": "w", "payload": None}])
    [gone] = [record for record in consume(bootstrap, OUT["structured"], len(EVENTS) + 1) if record.value() is None]
    assert dict(gone.headers())["ce_type"] == f"structured::{NAME}".encode(), gone.headers()


# ---- In ----

def sample(number: int, data, **attributes) -> CloudEvent:
    return CloudEvent({"id": f"e-{number}", "source": "/shop", "type": TYPE, "specversion": "1.0", "subject": f"s-{number}",
                       "time": datetime(2026, 1, 2, 3, 4, 5, 600000, timezone.utc), "agenttenant": "wallet-9",
                       "partitionkey": "k", **attributes}, data)


SAMPLES = [
    (to_binary, sample(1, {"a": "ü"}, datacontenttype="application/json"), b'{"a": "\\u00fc"}'),
    (to_structured, sample(2, {"a": "ü"}, datacontenttype="application/json"), b'{"a": "\\u00fc"}'),
    (to_binary, sample(3, b"\xff\x00", datacontenttype="application/octet-stream", count=5), b"\xff\x00"),
    (to_structured, sample(4, b"\xff\x00", datacontenttype="application/octet-stream", count=5), b"\xff\x00"),
    (to_structured, sample(5, "text ✓", datacontenttype="text/plain"), "text ✓".encode()),
    (to_structured, sample(6, {"no": "type"}), b'{"no": "type"}'),
]

WRONG = [  # what the record is, and a part of what the dead letter says
    ({"value": "x"}, "it is none"),
    ({"value": "x", "headers": {"ce_specversion": "1.0", "ce_id": "1", "ce_type": "t"}}, '"source" is missing'),
    ({"value": "[]", "headers": {"content-type": "application/cloudevents-batch+json"}}, "batches"),
    ({"value": '{"specversion":"1.0","id":"1","id":"1"}', "headers": {"content-type": "application/cloudevents+json"}},
     '"id" occurs twice'),
    ({"value": '{"specversion":"0.3"}', "headers": {"content-type": "application/cloudevents+json"}}, "not 1.0"),
]


def come_in(bootstrap: str, host: HostStub) -> list:
    stream = host.events(f"^{TYPE}$")
    messages = [write(event, FORMAT) for write, event, _ in SAMPLES]
    produce(bootstrap, IN, [{"key": message.key, "value": message.value, "headers": message.headers} for message in messages])
    arrived = stream.wait_for(len(SAMPLES), 20, "CloudEvents")
    for event, (_, sent, payload) in zip(arrived, SAMPLES):
        assert event.payload == payload or json.loads(event.payload) == json.loads(payload), (event.payload, payload)
        assert event.tenant == "wallet-9" and event.key == b"k", event
        attributes = [(name, value.decode()) for name, value in event.headers if name.startswith("ce_")]
        expected = {f"ce_{name}": str(value) for name, value in sent.get_attributes().items()
                    if name not in ("time", "datacontenttype")}
        assert dict(attributes) | expected == dict(attributes), (attributes, expected)
        assert len(dict(attributes)) == len(attributes), attributes
        assert datetime.fromisoformat(event.header("ce_time").replace("Z", "+00:00")) == sent.get_time(), attributes
    return arrived


def published_again(bootstrap: str, host: HostStub, arrived: list) -> None:
    """With all headers copied, as a handler does that does not know what they mean."""
    event = arrived[0]
    headers = [{"name": name, "value": value.decode()} for name, value in event.headers]
    [result] = host.publish_all([{"topic": AGAIN, "tenant": "wallet-9", "payload": event.payload.decode(), "headers": headers}])
    [record] = consume(bootstrap, AGAIN, 1)
    names = [name for name, _ in record.headers()]
    assert len(set(names)) == len(names), names
    again = from_binary(message_of(record), FORMAT)
    assert again.get_id() == result["id"] and again.get_source() == SOURCE and again.get_type() == AGAIN, again.get_attributes()
    assert again.get_subject() == "s-1" and again.get_data() == {"a": "ü"}, again.get_attributes()


def wrong_ones(bootstrap: str, host: HostStub) -> None:
    produce(bootstrap, IN, [record for record, _ in WRONG])
    letters = consume(bootstrap, f"dlq-{IN}", len(WRONG))
    reasons = [dict(letter.headers())["__connect.errors.exception.message"].decode() for letter in letters]
    for _, reason in WRONG:
        assert [text for text in reasons if reason in text], (reason, reasons)


with connect() as address:
    for each in (IN, AGAIN, *OUT.values(), f"dlq-{IN}"):
        create_topic(address, each, 1)
    with HostStub(config(address)) as stub:
        out(address, stub)
        published_again(address, stub, come_in(address, stub))
        wrong_ones(address, stub)
print(f"{2 * len(EVENTS)} events out, {len(SAMPLES)} in: the package and the host agree; {len(WRONG)} wrong ones are dead letters")
