"""Pause, resume and seek over the admin routes: nothing lost, positions kept over rebalances and restarts."""

import time

from confluent_kafka import Consumer

from clients import create_topic, produce, unique
from host import HostStub
from processes import wait_until
from shared_broker import connect

NAME = unique("control")
KAFKA_TOPIC = f"acapy-inbound-{NAME}"
TOPIC = f"acapy::inbound::{NAME}"
PARTITIONS = 2


def command(host: HostStub, verb: str, body=None, expect: int = 200, worker: str = "inbound"):
    return host.post(f"/kafka/consumers/{worker}/{verb}", body, expect)


def write(address: str, partition: int, values: range) -> None:
    produce(address, KAFKA_TOPIC, [{"value": str(value), "partition": partition} for value in values])


def worker(host: HostStub) -> dict:
    return host.get("/kafka/status")["workers"][0]


def partition_of(host: HostStub, number: int) -> dict:
    [found] = [each for each in worker(host)["assignment"] if each["partition"] == number] or [{}]
    return found


def numbers(stream, since: int) -> list[int]:
    return [int(event.payload) for event in stream.all()[since:]]


def refusals(host: HostStub) -> None:
    assert "no worker" in command(host, "pause", expect=404, worker="nobody")["detail"]
    elsewhere = {"topic": KAFKA_TOPIC, "partition": 99}
    assert "not assigned" in command(host, "pause", elsewhere, expect=409)["detail"]
    assert command(host, "pause", {"topic": KAFKA_TOPIC}, expect=400)["field"] == "partition"
    assert command(host, "seek", {}, expect=400)["field"] == "offset"
    beyond = {"topic": KAFKA_TOPIC, "partition": 0, "offset": 10**9}
    assert "goes from 0 to" in command(host, "seek", beyond, expect=400)["detail"]


def pause_one(address: str, host: HostStub, stream) -> None:
    for _ in range(2):
        [paused] = command(host, "pause", {"topic": KAFKA_TOPIC, "partition": 0})["partitions"]
        assert paused["paused_by_operator"] and paused["paused"], paused
    before = len(stream.all())
    write(address, 0, range(100, 110))
    write(address, 1, range(200, 210))
    stream.wait_for(before + 10, 10, "records of the partition that is not paused")
    assert numbers(stream, before) == list(range(200, 210))
    for _ in range(2):
        command(host, "resume", {"topic": KAFKA_TOPIC, "partition": 0})
    stream.wait_for(before + 20, 10, "records of the resumed partition")
    assert numbers(stream, before)[10:] == list(range(100, 110))


def pause_survives_a_rebalance(address: str, host: HostStub, stream) -> None:
    # A member that is thrown out in between handles again what it had not committed: nothing of that kind is left.
    wait_until(lambda: all(each["committed"] == each["high"] for each in worker(host)["assignment"]), 10, "commits")
    command(host, "pause")
    other = Consumer({"bootstrap.servers": address, "group.id": NAME, "partition.assignment.strategy": "cooperative-sticky"})
    other.subscribe([KAFKA_TOPIC])
    try:
        wait_until(lambda: other.poll(0.1) or other.assignment(), 30, "partitions of the other member")
        wait_until(lambda: other.poll(0.1) or len(worker(host)["assignment"]) == 1, 30, "one partition left to the worker")
    finally:
        other.close()
    wait_until(lambda: len(worker(host)["assignment"]) == PARTITIONS, 30, "both partitions back")
    before = len(stream.all())
    write(address, 0, range(300, 305))
    write(address, 1, range(400, 405))
    wait_until(lambda: all(each["paused"] and each["high"] is not None for each in worker(host)["assignment"]), 10, "paused")
    assert worker(host)["paused_by_operator"]
    assert host.ready_status() == 200
    assert len(stream.all()) == before, "records arrive although the worker is paused"
    command(host, "resume")
    stream.wait_for(before + 10, 20, "records after the rebalance and the resume")
    assert sorted(numbers(stream, before)) == [*range(300, 305), *range(400, 405)]


def seek_to_a_time(address: str, host: HostStub, stream) -> None:
    write(address, 0, range(500, 505))
    time.sleep(0.05)  # the times of the records are to differ
    moment = int(time.time() * 1000)
    time.sleep(0.05)
    before = len(stream.all())
    write(address, 0, range(505, 510))
    wait_until(lambda: numbers(stream, 0)[-1] == 509, 10, "the last record")
    before = len(stream.all())
    command(host, "seek", {"topic": KAFKA_TOPIC, "partition": 0, "timestamp": moment})
    stream.wait_for(before + 5, 10, "records from that time on")
    assert numbers(stream, before) == list(range(505, 510)), numbers(stream, before)


def seek_ends(host: HostStub, stream) -> int:
    before = len(stream.all())
    high = partition_of(host, 0)["high"]
    command(host, "seek", {"topic": KAFKA_TOPIC, "partition": 0, "offset": "beginning"})
    stream.wait_for(before + high, 20, "everything once more")
    assert len(stream.all()) == before + high
    [there] = command(host, "seek", {"topic": KAFKA_TOPIC, "partition": 0, "offset": "end"})["partitions"]
    assert there["committed"] == high, there
    return high


with connect() as bootstrap:
    create_topic(bootstrap, KAFKA_TOPIC, PARTITIONS)
    config = {"bootstrap_servers": bootstrap, "inbound": {"topics": [KAFKA_TOPIC]},
              "consumer-config": {"group_id": NAME, "auto_offset_reset": "earliest", "heartbeat_interval_ms": 500, "auto_commit_interval_ms": 100,
                                  "partition_assignment_strategy": "cooperative-sticky"}}
    with HostStub(config) as stub:
        events = stub.events(f"^{TOPIC}$")
        write(bootstrap, 0, range(10))
        events.wait_for(10, 20, "the first records")
        wait_until(lambda: len(worker(stub)["assignment"]) == PARTITIONS, 20, "the assignment")
        refusals(stub)
        pause_one(bootstrap, stub, events)
        pause_survives_a_rebalance(bootstrap, stub, events)
        seek_to_a_time(bootstrap, stub, events)
        end = seek_ends(stub, events)
        # A seek back must survive a restart, also when nothing was read since.
        command(stub, "pause")
        command(stub, "seek", {"topic": KAFKA_TOPIC, "partition": 0, "offset": end - 3})
    with HostStub(config) as stub:
        events = stub.events(f"^{TOPIC}$")
        events.wait_for(3, 20, "what was sought back to before the restart")
        command(stub, "pause")
        assert numbers(events, 0) == [507, 508, 509], numbers(events, 0)
        stub.post("/kafka/stop")
        assert "stopped" in command(stub, "pause", expect=409)["detail"]
print("paused, resumed and sought; nothing lost")
