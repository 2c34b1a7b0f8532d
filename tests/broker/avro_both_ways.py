"""Events and Avro records are the same thing both ways, against confluent-kafka's serializers: values, keys, tombstones,
logical types, delivery reports."""

import datetime
import decimal
import json

from confluent_kafka.serialization import MessageField

from avro_support import Confluent, config, letters, publish, refused, worker
from clients import consume, create_topic, produce, unique
from host import HostStub
from processes import wait_until
from registry import SchemaRegistry
from shared_broker import connect

NAME = unique("avro")
OUT, IN, DATED = f"{NAME}-out", f"{NAME}-in", f"{NAME}-dated"

TICKET = {
    "type": "record", "name": "Ticket", "namespace": "org.example", "fields": [
        {"name": "id", "type": "long"}, {"name": "title", "type": "string"}, {"name": "open", "type": "boolean"},
        {"name": "price", "type": "double"}, {"name": "weight", "type": "float"}, {"name": "blob", "type": "bytes"},
        {"name": "hash", "type": {"type": "fixed", "name": "Hash", "size": 4}},
        {"name": "level", "type": {"type": "enum", "name": "Level", "symbols": ["LOW", "HIGH"]}},
        {"name": "tags", "type": {"type": "array", "items": "string"}},
        {"name": "notes", "type": {"type": "map", "values": "int"}},
        {"name": "owner", "type": ["null", {"type": "record", "name": "Owner", "fields": [{"name": "name", "type": "string"}]}],
         "default": None},
        {"name": "seconds", "type": ["null", "long"], "default": None}]}
KEY = {"type": "record", "name": "TicketKey", "namespace": "org.example", "fields": [{"name": "id", "type": "long"}]}
DATES = {
    "type": "record", "name": "Dates", "fields": [
        {"name": "day", "type": {"type": "int", "logicalType": "date"}},
        {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}},
        {"name": "sum", "type": {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2}}]}

TICKETS = [
    {"id": 2**63 - 1, "title": "Zürich · 文字 · 🙂", "open": True, "price": 0.1, "weight": 0.5, "blob": bytes(range(256)),
     "hash": b"\x00\x7f\x80\xff", "level": "HIGH", "tags": ["a", "", "\"q\"\n"], "notes": {"": 0, "ä": -1},
     "owner": {"name": "joe"}, "seconds": -2**63},
    {"id": 0, "title": "", "open": False, "price": -1e308, "weight": -0.25, "blob": b"", "hash": b"abcd", "level": "LOW", "tags": [],
     "notes": {}, "owner": None, "seconds": None},
]


def as_json(ticket: dict) -> dict:
    """Octets travel as the code points of the same numbers, as in Avro's JSON encoding."""
    return {**ticket, "blob": ticket["blob"].decode("latin1"), "hash": ticket["hash"].decode("latin1")}


def events_are_read(host: HostStub, confluent: Confluent) -> None:
    events = [{"topic": f"acapy::ticket::{NAME}", "tenant": "t", "payload": as_json(ticket), "key": json.dumps({"id": ticket["id"]})}
              for ticket in TICKETS]
    stream = host.events(f"^acapy::ticket::{NAME}::sent_to_external_queue$")
    results = publish(host, events)
    records = sorted(consume(BOOTSTRAP, OUT, len(TICKETS)), key=lambda record: -confluent.read(OUT, record.value())["id"])
    for ticket, record in zip(TICKETS, records):
        assert confluent.read(OUT, record.value()) == ticket, (ticket, confluent.read(OUT, record.value()))
        assert confluent.read(OUT, record.key(), field=MessageField.KEY) == {"id": ticket["id"]}, record.key()
    reports = {report.header("event-id"): report for report in stream.wait_for(len(TICKETS), 10, "delivery reports")}
    for result, record in zip(results, records):
        report = reports[result["id"]]
        assert report.header("message-name") == "org.example.Ticket", report
        assert report.header("kafka-topic") == OUT, report
        assert (int(report.header("kafka-partition")), int(report.header("kafka-offset"))) == (record.partition(), record.offset())


def a_tombstone_goes_out(host: HostStub, confluent: Confluent) -> None:
    publish(host, [{"topic": f"acapy::ticket::{NAME}", "tenant": "t", "key": '{"id":77}', "payload": None}])
    record = next(each for each in consume(BOOTSTRAP, OUT, len(TICKETS) + 1) if each.value() is None)
    assert confluent.read(OUT, record.key(), field=MessageField.KEY) == {"id": 77}


def records_become_events(host: HostStub, confluent: Confluent) -> None:
    stream = host.events(f"^acapy::in::{NAME}$")
    key = lambda number: confluent.write(IN, KEY, {"id": number}, MessageField.KEY)
    produce(BOOTSTRAP, IN, [{"key": key(ticket["id"]), "value": confluent.write(IN, TICKET, ticket), "partition": 0}
                            for ticket in TICKETS] + [{"key": key(5), "value": None, "partition": 0}])
    *events, tombstone = stream.wait_for(len(TICKETS) + 1, 20, "events of Avro records")
    for ticket, event in zip(TICKETS, events):
        assert json.loads(event.payload) == as_json(ticket), event
        assert json.loads(event.key) == {"id": ticket["id"]}, event
    assert tombstone.payload is None and json.loads(tombstone.key) == {"id": 5}, tombstone


def what_does_not_fit(host: HostStub) -> None:
    stream = host.events(f"^acapy::ticket::{NAME}::undeliverable$")
    ticket = as_json(TICKETS[0])
    for change, words in [({"notes": {"x": 1, "y": "s3cret"}}, ("notes", "int", "string")),
                          ({"owner": {"name": 7}}, ("owner.name", "string", "number")), ({"level": "s3cret"}, ("level", "enum")),
                          ({"id": 2**63}, ("id", "long")), ({"tags": None}, ("tags", "array", "null"))]:
        event = {"topic": f"acapy::ticket::{NAME}", "tenant": "t", "key": '{"id":1}', "payload": {**ticket, **change}}
        reason = refused(host, stream, event, words)
        assert "s3cret" not in reason, reason
    assert "s3cret" not in host.log(), host.log()


def what_nobody_can_read(host: HostStub, confluent: Confluent) -> None:
    good = confluent.write(IN, TICKET, TICKETS[1])
    unknown = b"\x00\x00\x0f\x42\x3f" + good[5:]  # schema 999999
    bad = [b"", b"{}", b"\x00\x00", b"\x01" + good[1:], good[:-1], good + b"!", unknown]
    before = worker(host)["counts"]["dead_lettered"]
    produce(BOOTSTRAP, IN, [{"value": value, "partition": 1} for value in bad])
    wait_until(lambda: worker(host)["counts"]["dead_lettered"] == before + len(bad), 30, "dead letters",
               on_failure=lambda: str(worker(host)))
    reasons = [letter["reason"] for letter in letters(host)]
    assert any("999999" in reason and "40403" in reason for reason in reasons), reasons


def logical_types(host: HostStub, confluent: Confluent) -> None:
    moment = datetime.datetime(2024, 2, 29, 12, 30, 15, 250000, tzinfo=datetime.timezone.utc)
    value = {"day": datetime.date(2024, 2, 29), "at": moment, "sum": decimal.Decimal("-12.34")}
    text = {"day": "2024-02-29", "at": "2024-02-29T12:30:15.250Z", "sum": "-12.34"}
    stream = host.events(f"^acapy::dated::{NAME}$")
    produce(BOOTSTRAP, DATED, [{"value": confluent.write(DATED, DATES, value)}])
    [event] = stream.wait_for(1, 20, "an event with dates")
    assert json.loads(event.payload) == text, event
    publish(host, [{"topic": f"acapy::dates::{NAME}", "tenant": "t", "payload": text}])
    values = [confluent.read(DATED, record.value()) for record in consume(BOOTSTRAP, DATED, 2)]
    assert values == [value, value], values
    stream.wait_for(2, 20, "the event that came back")


with connect() as BOOTSTRAP, SchemaRegistry() as schemas:
    for topic in (OUT, IN, DATED):
        create_topic(BOOTSTRAP, topic, 1 if topic == DATED else 2)
    schemas.register(f"{OUT}-value", TICKET)
    schemas.register(f"{OUT}-key", KEY)
    schemas.register(f"{DATED}-value", DATES)
    settings = config(BOOTSTRAP, schemas, NAME, [
        {"match": f"acapy::ticket::{NAME}$", "topic": OUT, "key_from_registry": True},
        {"match": f"acapy::dates::{NAME}$", "topic": DATED, "logical_types": "readable"},
    ], {"topics": [IN], "event_topic": f"acapy::in::{NAME}", "key_from_registry": True},
        [{"name": "dated", "topics": [DATED], "event_topic": f"acapy::dated::{NAME}", "logical_types": "readable"}])
    with HostStub(settings) as stub:
        other_side = Confluent(schemas)
        events_are_read(stub, other_side)
        a_tombstone_goes_out(stub, other_side)
        records_become_events(stub, other_side)
        what_does_not_fit(stub)
        what_nobody_can_read(stub, other_side)
        logical_types(stub, other_side)
print("Avro values, keys, tombstones, logical types and delivery reports agree with confluent-kafka's, both ways")
