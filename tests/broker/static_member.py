"""consumer-config.group_instance_id: a member that restarts within the session timeout disturbs nobody, and a second
process with the same id makes the first one fail, visibly."""

import contextlib
import tempfile
import time

from clients import create_topic, produce, unique
from host import HostStub
from members import Notes, member
from processes import wait_until
from shared_broker import connect

NAME = unique("static")
KAFKA_TOPIC = f"acapy-inbound-{NAME}"
PARTITIONS = 4
COUNT = 2_000


def config(bootstrap: str, instance: str) -> dict:
    return {"bootstrap_servers": bootstrap, "inbound": {"topics": [KAFKA_TOPIC]},
            "consumer-config": {"group_id": NAME, "auto_offset_reset": "earliest", "session_timeout_ms": 10000,
                                "heartbeat_interval_ms": 500, "group_instance_id": instance}}


def worker(host: HostStub) -> dict:
    return host.get("/kafka/status")["workers"][0]


def has_half(host: HostStub) -> bool:
    return worker(host)["state"] == "running" and len(worker(host)["assignment"]) == PARTITIONS // 2


def restart_disturbs_nobody(first: HostStub, second: HostStub, notes: Notes, bootstrap: str) -> None:
    before = worker(first)["counts"]["rebalances"]
    second.stop()
    produce(bootstrap, KAFKA_TOPIC, [{"value": str(number), "partition": number % PARTITIONS} for number in range(COUNT)])
    second.start()
    began = time.monotonic()
    wait_until(lambda: has_half(second), 10, "the partitions that the member had", 0.05)
    print(f"its partitions were back {time.monotonic() - began:.2f} s after the start")
    wait_until(lambda: notes.distinct() >= COUNT, 20, "all records handled")
    assert sum(notes.counts().values()) == COUNT, "records were handled twice"
    assert worker(first)["counts"]["rebalances"] == before, "the other member saw a rebalance"


def duplicate_is_told(first: HostStub, bootstrap: str) -> None:
    with HostStub(config(bootstrap, "b"), wait_for="live") as intruder:
        wait_until(lambda: worker(first)["state"] == "failed", 20, "the member whose id was taken fails", 0.1)
        reason = worker(first)["reason"]
        print(f"it says: {reason}")
        assert "group_instance_id" in reason, reason
        assert first.ready_status() == 503
        wait_until(lambda: worker(intruder)["state"] == "running", 20, "the new one takes over", 0.1)


with connect() as address, tempfile.TemporaryDirectory() as directory, contextlib.ExitStack() as stack:
    create_topic(address, KAFKA_TOPIC, PARTITIONS)
    handled = Notes(directory)
    members = [stack.enter_context(member(config(address, instance), f"^acapy::inbound::{NAME}$", handled))
               for instance in ("a", "b")]
    wait_until(lambda: all(has_half(each) for each in members), 30, "both members with half of the partitions", 0.1)
    restart_disturbs_nobody(*members, handled, address)
    duplicate_is_told(members[1], address)
print("a static member restarts unnoticed, a duplicate is told")
