"""Which schema an event is written with: registered on demand or by hand, refused as incompatible, the latest one anew."""

import json
import tempfile
from pathlib import Path

from avro_support import Confluent, config, publish, refused, schema_id
from clients import consume, unique
from host import HostStub
from processes import wait_until
from registry import SchemaRegistry
from shared_broker import connect

NAME = unique("register")
FIRST = {"type": "record", "name": "A", "fields": [{"name": "x", "type": "int"}]}
SECOND = {"type": "record", "name": "A", "fields": [{"name": "x", "type": "int"}, {"name": "y", "type": "int", "default": 5}]}
INCOMPATIBLE = {"type": "record", "name": "A", "fields": [{"name": "x", "type": "int"}, {"name": "y", "type": "string"}]}
KEY = {"type": "record", "name": "K", "fields": [{"name": "k", "type": "string"}]}


def event(name: str, payload: dict) -> dict:
    return {"topic": f"acapy::{name}::{NAME}", "tenant": "t", "key": '{"k":"v"}', "payload": payload}


def topic(name: str) -> str:
    return f"{NAME}-{name}"


def on_demand(host: HostStub, confluent: Confluent) -> None:
    assert schemas.latest(topic("auto") + "-value") is None
    publish(host, [event("auto", {"x": 1})])
    [record] = consume(BOOTSTRAP, topic("auto"), 1)
    assert confluent.read(topic("auto"), record.value()) == {"x": 1}
    assert schema_id(record.value()) == schemas.latest(topic("auto") + "-value")["id"]
    assert schema_id(record.key()) == schemas.latest(topic("auto") + "-key")["id"]
    assert confluent.read(topic("auto"), record.key()) == {"k": "v"}


def undeliverable(host: HostStub, name: str):
    return host.events(f"^acapy::{name}::{NAME}::undeliverable$")


def by_hand(host: HostStub) -> None:
    subject = topic("hand") + "-value"
    refused(host, undeliverable(host, "hand"), event("hand", {"x": 1}), (subject, "404", "auto_register"))
    assert schemas.latest(subject) is None, "it was registered"
    number = schemas.register(subject, FIRST)
    publish(host, [event("hand", {"x": 1})])
    [record] = consume(BOOTSTRAP, topic("hand"), 1)
    assert schema_id(record.value()) == number


def incompatible(host: HostStub) -> None:
    subject = topic("clash") + "-value"
    schemas.register(subject, FIRST)
    schemas.set_compatibility(subject, "BACKWARD")
    refused(host, undeliverable(host, "clash"), event("clash", {"x": 1, "y": "text"}), (subject, "409", "/fields/1"))
    assert schemas.latest(subject)["version"] == 1


def the_latest(host: HostStub, confluent: Confluent) -> None:
    subject = topic("latest") + "-value"
    ids = [schemas.register(subject, FIRST)]
    publish(host, [event("latest", {"x": 1})])
    ids.append(schemas.register(subject, SECOND))
    sent = 1

    def new_one() -> bool:
        nonlocal sent
        publish(host, [event("latest", {"x": 2, "y": 3})])
        sent += 1
        return schema_id(max(consume(BOOTSTRAP, topic("latest"), sent), key=lambda each: each.offset()).value()) == ids[1]

    wait_until(new_one, 20, "a record with the newest schema", 0.2)
    records = sorted(consume(BOOTSTRAP, topic("latest"), sent), key=lambda each: each.offset())
    assert schema_id(records[0].value()) == ids[0]
    assert confluent.read(topic("latest"), records[-1].value()) == {"x": 2, "y": 3}


def route(name: str, **more) -> dict:
    return {"match": f"acapy::{name}::{NAME}$", "topic": topic(name), "partitions": [0], **more}


with connect() as BOOTSTRAP, SchemaRegistry() as schemas, tempfile.TemporaryDirectory(prefix="kafka_events-") as files:
    paths = {}
    for name, schema in {"first": FIRST, "incompatible": INCOMPATIBLE, "key": KEY}.items():
        paths[name] = str(Path(files) / f"{name}.avsc")
        Path(paths[name]).write_text(json.dumps(schema, indent=2) + "\n")
    settings = config(BOOTSTRAP, schemas, NAME, [
        route("auto", value_schema=paths["first"], key_schema=paths["key"], auto_register=True),
        route("hand", value_schema=paths["first"]),
        route("clash", value_schema=paths["incompatible"], auto_register=True),
        route("latest"),
    ], refresh_ms=500)
    with HostStub(settings) as stub:
        other_side = Confluent(schemas)
        on_demand(stub, other_side)
        by_hand(stub)
        incompatible(stub)
        the_latest(stub, other_side)
print("schemas are registered on demand or by hand, refused with the registry's words, and asked anew")
