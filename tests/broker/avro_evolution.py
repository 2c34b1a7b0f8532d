"""Schemas that change: fields added with a default, removed, renamed by alias, promoted; what is read equals what
confluent-kafka's deserializer makes of the same octets with the same reader's schema."""

import json
import tempfile
from pathlib import Path

from avro_support import Confluent, config, letters, publish, schema_id, worker
from clients import consume, create_topic, produce, unique
from host import HostStub
from processes import wait_until
from registry import SchemaRegistry
from shared_broker import connect

NAME = unique("evolve")
IN, OUT = f"{NAME}-in", f"{NAME}-out"


def record(*fields) -> dict:
    return {"type": "record", "name": "Ticket", "namespace": "org.example", "fields": list(fields)}


def field(name: str, schema, **more) -> dict:
    return {"name": name, "type": schema, **more}


PLACE = {"type": "record", "name": "Place", "fields": [field("city", "string"), field("floor", "int")]}
WRITERS = [
    record(field("id", "int"), field("name", "string"), field("gone", {"type": "map", "values": "bytes"}), field("score", "float"),
           field("count", "int"), field("blob", "string"), field("place", PLACE)),
    record(field("place", {**PLACE, "fields": [field("floor", "int"), field("more", "string"), field("city", "string")]}),
           field("title", "string"), field("id", "long"), field("score", "long"), field("count", "float"), field("blob", "bytes"),
           field("maybe", "int")),
]
VALUES = [
    {"id": -5, "name": "Zürich 🙂", "gone": {"x": b"\x00\xff"}, "score": 0.5, "count": 3, "blob": "as text", "place": {"city": "Bern", "floor": -1}},
    {"place": {"floor": 2, "more": "m", "city": "Basel"}, "title": "t", "id": 2**40, "score": 7, "count": 2.5, "blob": b"\x80\x00", "maybe": 9},
]
READER = record(
    field("id", "long"), field("title", "string", aliases=["name"]), field("score", "double"), field("count", "double"),
    field("blob", "bytes"),
    field("place", {**PLACE, "fields": [field("city", "string"), field("floor", "long"), field("country", "string", default="CH")]}),
    field("maybe", ["null", "long"], default=None), field("text", "string", default="none \"q\""), field("number", "int", default=42),
    field("list", {"type": "array", "items": "int"}, default=[1, 2]), field("map", {"type": "map", "values": "string"}, default={"a": "b"}),
    field("level", {"type": "enum", "name": "Level", "symbols": ["LOW", "HIGH"]}, default="LOW"),
    field("octets", "bytes", default="\u00ff"), field("nested", {"type": "record", "name": "Nested", "fields": [field("x", ["int", "null"])]},
                                                      default={"x": 7}))
NOT_FOR_THE_READER = record(*(field("id", "string") if each["name"] == "id" else each for each in WRITERS[1]["fields"]))


def as_json(value):
    if isinstance(value, dict):
        return {name: as_json(each) for name, each in value.items()}
    return value.decode("latin1") if isinstance(value, bytes) else value


def read_with_another_schema(host: HostStub, confluent: Confluent) -> None:
    stream = host.events(f"^acapy::in::{NAME}$")
    written = [confluent.write(IN, schema, value) for schema, value in zip(WRITERS, VALUES)]
    produce(BOOTSTRAP, IN, [{"value": value, "partition": 0} for value in written])
    wait_until(lambda: len(stream.all()) == len(written), 60, "events of older records", on_failure=lambda: f"{worker(host)} {letters(host)}")
    for octets, event in zip(written, stream.all()):
        expected = as_json(confluent.read(IN, octets, READER))
        assert json.loads(event.payload) == expected, f"expected {expected}\nis       {event.payload.decode()}"


def what_cannot_be_resolved(host: HostStub, confluent: Confluent) -> None:
    produce(BOOTSTRAP, IN, [{"value": confluent.write(IN, NOT_FOR_THE_READER, {**VALUES[1], "id": "s3cret"}), "partition": 0}])
    wait_until(lambda: worker(host)["counts"]["dead_lettered"] == 1, 20, "a dead letter", on_failure=lambda: str(worker(host)))
    [letter] = letters(host)
    assert letter["stage"] == "decode" and all(word in letter["reason"] for word in ("id", "string", "long")), letter
    assert "s3cret" not in letter["reason"], letter


def written_with_a_fixed_version(host: HostStub, confluent: Confluent, ids: list[int]) -> None:
    publish(host, [{"topic": f"acapy::old::{NAME}", "tenant": "t", "payload": as_json(VALUES[0])},
                   {"topic": f"acapy::new::{NAME}", "tenant": "t", "payload": as_json(VALUES[1])}])
    by_id = {schema_id(each.value()): each.value() for each in consume(BOOTSTRAP, OUT, 2)}
    assert set(by_id) == set(ids), (set(by_id), ids)
    for number, value in zip(ids, VALUES):
        assert confluent.read(OUT, by_id[number]) == value
        assert confluent.read(OUT, by_id[number], READER)["id"] == value["id"]


with connect() as BOOTSTRAP, SchemaRegistry() as schemas, tempfile.TemporaryDirectory(prefix="kafka_events-") as files:
    for topic in (IN, OUT):
        create_topic(BOOTSTRAP, topic, 1)
    registered = [schemas.register(f"{OUT}-value", schema) for schema in WRITERS]
    reader = Path(files) / "reader.avsc"
    reader.write_text(json.dumps(READER, indent=1))
    settings = config(BOOTSTRAP, schemas, NAME, [
        {"match": f"acapy::old::{NAME}$", "topic": OUT, "schema_version": 1},
        {"match": f"acapy::new::{NAME}$", "topic": OUT},
    ], {"topics": [IN], "event_topic": f"acapy::in::{NAME}", "value_schema": str(reader)})
    with HostStub(settings) as stub:
        other_side = Confluent(schemas)
        read_with_another_schema(stub, other_side)
        what_cannot_be_resolved(stub, other_side)
        written_with_a_fixed_version(stub, other_side, registered)
print("schemas that changed are read as confluent-kafka reads them")
