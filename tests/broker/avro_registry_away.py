"""A registry that hangs or is gone: what is known goes on, a record with a new schema waits and is not given up, a schema that
the registry does not have is a dead letter."""

import json

from avro_support import Confluent, config, letters, publish, worker
from clients import consume, create_topic, produce, unique
from fault_proxy import FaultProxy
from host import HostStub
from processes import free_port, wait_until
from registry import SchemaRegistry
from shared_broker import connect

NAME = unique("away")
IN, OUT = f"{NAME}-in", f"{NAME}-out"
SCHEMAS = [{"type": "record", "name": f"A{number}", "fields": [{"name": "x", "type": "int"}]} for number in range(4)]


def register_all(registry: SchemaRegistry) -> None:
    """In one order: a registry that has lost its memory gives the same ids again."""
    for subject, schema in [(f"{OUT}-value", SCHEMAS[0]), *((f"{IN}-value", schema) for schema in SCHEMAS)]:
        registry.register(subject, schema)


def known_ones_go_on(host: HostStub, stream, number: int) -> None:
    """Both ways, on another partition than the records that wait."""
    before = len(stream.all())
    publish(host, [{"topic": f"acapy::out::{NAME}", "tenant": "t", "payload": {"x": number}}])
    produce(BOOTSTRAP, IN, [{"value": KNOWN(number), "partition": 1}])
    wait_until(lambda: len(stream.all()) > before, 30, "an event while the registry is away", on_failure=lambda: str(worker(host)))
    [event] = stream.all()[before:]
    assert json.loads(event.payload) == {"x": number}, event


def one_waits(host: HostStub, stream, away, back, new, numbers: tuple[int, int]) -> None:
    away()
    dead = worker(host)["counts"]["dead_lettered"]
    produce(BOOTSTRAP, IN, [{"value": new(numbers[0]), "partition": 0}, {"value": KNOWN(numbers[1]), "partition": 0}])
    wait_until(lambda: "schema" in (worker(host).get("reason") or ""), 20, "a worker that says what it waits for",
               on_failure=lambda: str(worker(host)))
    for number in range(3):
        known_ones_go_on(host, stream, number)
    waiting = len(stream.all())
    back()
    events = stream.wait_for(waiting + 2, 30, "the record that waited, and the one behind it")[waiting:]
    assert [json.loads(event.payload)["x"] for event in events] == list(numbers), events
    assert worker(host)["counts"]["dead_lettered"] == dead, worker(host)


def an_unknown_id(host: HostStub, stream) -> None:
    before, dead = len(stream.all()), worker(host)["counts"]["dead_lettered"]
    produce(BOOTSTRAP, IN, [{"value": b"\x00\x00\x00\x7f\xff" + KNOWN(1)[5:], "partition": 0}, {"value": KNOWN(77), "partition": 0}])
    [event] = stream.wait_for(before + 1, 20, "the record behind it")[before:]
    assert json.loads(event.payload) == {"x": 77}, event
    wait_until(lambda: worker(host)["counts"]["dead_lettered"] == dead + 1, 10, "a dead letter", on_failure=lambda: str(worker(host)))
    [letter] = letters(host)
    assert "schema 32767" in letter["reason"] and "40403" in letter["reason"], letter


PORT = free_port()

with connect() as BOOTSTRAP, SchemaRegistry() as schemas, FaultProxy({PORT: schemas.port}) as line:
    for topic in (IN, OUT):
        create_topic(BOOTSTRAP, topic, 2)
    register_all(schemas)
    other_side = Confluent(schemas)
    by_schema = [{number: other_side.write(IN, schema, {"x": number}) for number in range(300)}.get for schema in SCHEMAS]
    KNOWN = by_schema[0]  # all written while the registry is there: the other side would wait for it
    settings = config(BOOTSTRAP, schemas, NAME, [{"match": f"acapy::out::{NAME}$", "topic": OUT}],
                      {"topics": [IN], "event_topic": f"acapy::in::{NAME}"}, timeout_ms=1000, refresh_ms=300,
                      url=schemas.url.replace(str(schemas.port), str(PORT)))
    with HostStub(settings) as stub:
        events = stub.events(f"^acapy::in::{NAME}$")
        known_ones_go_on(stub, events, 0)
        one_waits(stub, events, schemas.pause, schemas.resume, by_schema[1], (100, 101))

        def away() -> None:
            line.set(refuse=True)
            schemas.stop()

        def back() -> None:
            schemas.start()
            register_all(schemas)  # before anyone can ask it: "no such schema" would be its word, and a dead letter right
            line.set(refuse=False)

        one_waits(stub, events, away, back, by_schema[2], (200, 201))
        an_unknown_id(stub, events)
        known_ones_go_on(stub, events, 9)
        schemas.stop()
        swapped = stub.post("/plugins/kafka_events/swap?wait=active", {"probation_ms": 0})
        assert swapped.get("outcome") in (None, "swapped"), swapped
        known_ones_go_on(stub, events, 10)  # the new version knows what the old one knew
        told = [line for line in stub.stderr if "schema registry" in line]
        assert 2 <= len(told) <= 8, "\n".join(told)  # away and back, twice; not once for each attempt
    assert len(consume(BOOTSTRAP, OUT, 9)) == 9
print("the registry was away: what was known went on, what was new waited, what it does not have is a dead letter")
