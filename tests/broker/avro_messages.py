"""The message definitions of schema/: each sample goes out, is read by confluent-kafka, comes back as the same JSON, and is
reported with its name, topic, partition and offset."""

import json

from confluent_kafka.serialization import MessageField

from avro_support import Confluent, config, publish
from cache import ROOT
from clients import consume, create_topic, unique
from host import HostStub
from registry import SchemaRegistry
from shared_broker import connect

NAME = unique("messages")
SCHEMA = ROOT / "schema"
SAMPLES = {path.stem: json.loads(path.read_text()) for path in sorted((SCHEMA / "samples").glob("*.json"))
           if path.stem != "key" and (SCHEMA / f"{path.stem}.avsc").exists()}
KEY = {"id": "actor-1"}


def topic(name: str) -> str:
    return f"{NAME}-{name}"


def route(name: str) -> dict:
    return {"match": f"acapy::{NAME}::{name}$", "topic": topic(name), "auto_register": True,
            "value_schema": str(SCHEMA / f"{name}.avsc"), "key_schema": str(SCHEMA / "key.avsc")}


assert len(SAMPLES) >= 6, list(SAMPLES)
with connect() as BOOTSTRAP, SchemaRegistry() as schemas:
    for each in SAMPLES:
        create_topic(BOOTSTRAP, topic(each), 2)
    settings = config(BOOTSTRAP, schemas, NAME, [route(name) for name in SAMPLES],
                      {"topics": [topic(name) for name in SAMPLES], "event_topic": f"acapy::{NAME}::back::{{topic}}",
                       "key_schema": str(SCHEMA / "key.avsc")})
    with HostStub(settings) as stub:
        other_side = Confluent(schemas)
        reports = stub.events(f"^acapy::{NAME}::[^:]+::sent_to_external_queue$")
        back = stub.events(f"^acapy::{NAME}::back::")
        results = publish(stub, [{"topic": f"acapy::{NAME}::{name}", "tenant": "t", "key": json.dumps(KEY), "payload": sample}
                                 for name, sample in SAMPLES.items()])
        by_id = {report.header("event-id"): report for report in reports.wait_for(len(SAMPLES), 30, "delivery reports")}
        for name, result in zip(SAMPLES, results):
            [record] = consume(BOOTSTRAP, topic(name), 1)
            schema = json.loads((SCHEMA / f"{name}.avsc").read_text())
            report = by_id[result["id"]]
            assert report.header("message-name") == f"{schema['namespace']}.{schema['name']}", report
            assert report.header("kafka-topic") == topic(name), report
            where = int(report.header("kafka-partition")), int(report.header("kafka-offset"))
            assert where == (record.partition(), record.offset()), (report, where)
            assert other_side.read(topic(name), record.key(), field=MessageField.KEY) == KEY
            value = other_side.read(topic(name), record.value())
            assert value["name"] == SAMPLES[name]["name"] and set(value) >= set(SAMPLES[name]), (name, value)
        for event in back.wait_for(len(SAMPLES), 30, "events of what was sent"):
            name = event.topic.rpartition("-")[2]
            sample = SAMPLES[name]
            read = json.loads(event.payload)
            assert {key: read[key] for key in sample} == sample, f"{name}\nsample {sample}\nread   {read}"
            assert json.loads(event.key) == KEY, event
print(f"{len(SAMPLES)} kinds of messages go out, are reported by name, read by confluent-kafka, and come back as they were")
