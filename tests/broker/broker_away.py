"""No broker at the start: the host runs degraded, and both directions come to life when the broker does."""

import time

from clients import consume, create_topic, produce, unique
from host import HostStub
from kafka import KafkaBroker
from processes import wait_until

NAME = unique("away")
COUNT = 200
LIMIT_SECONDS = 15


def config(broker: KafkaBroker) -> dict:
    return {"bootstrap_servers": broker.bootstrap, "inbound": {"topics": [f"^acapy-inbound-{NAME}.*"]},
            "consumer-config": {"group_id": NAME, "auto_offset_reset": "earliest"}}


def degraded(host: HostStub) -> None:
    wait_until(lambda: host.get("/kafka/status")["state"] == "running", 10, "the plugin runs without a broker")
    assert host.ready_status() == 503
    assert host.request("GET", "/status/live")[0] == 200
    host.get("/kafka/status")


def outbound(broker: KafkaBroker, status_events) -> None:
    status_events.wait_for(COUNT, LIMIT_SECONDS, "deliveries of the events that were published without a broker")
    records = consume(broker.bootstrap, f"acapy-outbound-{NAME}", COUNT)
    assert [int(record.value()) for record in records] == list(range(COUNT)), "lost, twice, or out of order"


def inbound(broker: KafkaBroker, arriving) -> None:
    create_topic(broker.bootstrap, f"acapy-inbound-{NAME}")
    produce(broker.bootstrap, f"acapy-inbound-{NAME}", [{"key": "k", "value": str(number)} for number in range(COUNT)])
    events = arriving.wait_for(COUNT, LIMIT_SECONDS, "records as events")
    assert [int(event.payload) for event in events] == list(range(COUNT)), "lost, twice, or out of order"


kafka = KafkaBroker()
try:
    with HostStub(config(kafka), wait_for="live") as stub:
        degraded(stub)
        statuses = stub.events(f"^acapy::outbound::{NAME}::sent_to_external_queue$")
        inbound_events = stub.events(f"^acapy::inbound::{NAME}$")
        stub.publish([{"topic": f"acapy::outbound::{NAME}", "tenant": "t", "payload": number} for number in range(COUNT)],
                     wait=False)
        degraded(stub)
        kafka.start()
        came = time.monotonic()
        outbound(kafka, statuses)
        delivered = time.monotonic() - came
        inbound(kafka, inbound_events)
        wait_until(lambda: stub.ready_status() == 200, LIMIT_SECONDS, "/status/ready")
        print(f"after the broker came: events delivered {delivered:.2f} s, records in {time.monotonic() - came:.2f} s")
finally:
    kafka.close()
