"""10,000 random records of 200 random schemas are the same after the way through host and Kafka, in both directions."""

import json
import sys

from avro_random_schemas import RandomSchemas
from avro_support import Confluent, config, publish, schema_id
from clients import consume, create_topic, produce, unique
from host import HostStub
from registry import SchemaRegistry
from shared_broker import connect

NAME = unique("random")
SCHEMAS, EACH = 200, 50
OUT, IN = f"{NAME}-out", {"plain": f"{NAME}-in", "avro": f"{NAME}-intagged"}
SEED = int(sys.argv[1]) if len(sys.argv) > 1 else 20_240_229


class Case:
    """One schema, its values, and their JSON; every other one has unions of any kind and Avro's own JSON encoding."""

    def __init__(self, number: int):
        self.number = number
        self.form = "avro" if number % 2 else "plain"
        self.random = RandomSchemas(SEED + number, wide=self.form == "avro")
        self.schema = self.random.schema()
        self.values = [self.random.value(self.schema) for _ in range(EACH)]
        self.subject = f"{NAME}-{number}"

    def json(self, value):
        return self.random.to_json(self.schema, value, self.form == "avro")

    def route(self) -> dict:
        return {"match": f"acapy::random::{self.number}$", "topic": OUT, "value_subject": self.subject, "avro_json": self.form,
                "status_events": False}

    def events(self) -> list[dict]:
        return [{"topic": f"acapy::random::{self.number}", "tenant": "t", "key": f"{self.number} {at}", "payload": json.dumps(self.json(value))}
                for at, value in enumerate(self.values)]


def find(key: bytes) -> tuple[Case, object]:
    number, at = map(int, key.split())
    return CASES[number], CASES[number].values[at]


def out(host: HostStub, confluent: Confluent) -> None:
    for case in CASES:  # the first of each schema waits until the registry has answered
        publish(host, case.events()[:1])
    publish(host, [event for case in CASES for event in case.events()[1:]])
    ids = set()
    for record in consume(BOOTSTRAP, OUT, SCHEMAS * EACH):
        case, value = find(record.key())
        ids.add(schema_id(record.value()))
        read = confluent.read(OUT, record.value())
        assert read == value, f"schema {json.dumps(case.schema)}\nwritten {value!r}\nread    {read!r}"
    assert len(ids) > SCHEMAS * 0.9, len(ids)  # two random schemas may be the same


def back(host: HostStub, confluent: Confluent) -> None:
    stream = host.events("^acapy::random$")
    for form, topic in IN.items():
        produce(BOOTSTRAP, topic, [{"key": f"{case.number} {at}", "value": WRITTEN[case.number][at]}
                                   for case in CASES if case.form == form for at in range(EACH)])
    for event in stream.wait_for(SCHEMAS * EACH, 90, "events of random records"):
        case, value = find(event.key)
        read = case.random.rounded(case.schema, json.loads(event.payload))
        assert read == case.json(value), f"schema {json.dumps(case.schema)}\nwritten {case.json(value)!r}\nread    {read!r}"


def write_all(confluent: Confluent) -> dict[int, list[bytes]]:
    """By confluent-kafka's serializer, which registers the schemas as it goes."""
    written = {}
    for case in CASES:
        writer = confluent.writer(case.schema, **{"subject.name.strategy": lambda *_, subject=case.subject: subject})
        written[case.number] = [writer(value, None) for value in case.values]
    return written


CASES = [Case(number) for number in range(SCHEMAS)]
with connect() as BOOTSTRAP, SchemaRegistry() as schemas:
    other_side = Confluent(schemas)
    WRITTEN = write_all(other_side)
    for name in (OUT, *IN.values()):
        create_topic(BOOTSTRAP, name, 2)
    settings = config(BOOTSTRAP, schemas, NAME, [case.route() for case in CASES],
                      {"topics": [IN["plain"]], "event_topic": "acapy::random"},
                      [{"name": "tagged", "topics": [IN["avro"]], "event_topic": "acapy::random", "avro_json": "avro"}])
    with HostStub(settings) as stub:
        out(stub, other_side)
        back(stub, other_side)
print(f"{SCHEMAS} random schemas, {SCHEMAS * EACH} records each way: all equal (seed {SEED})")
