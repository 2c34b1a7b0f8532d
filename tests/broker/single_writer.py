"""single_writer: whoever opens the topic last is its only writer; what publishers are told is what readers of committed
records see, once each and in order per key, also when the other takes over in the middle of a stream."""

import json
import signal
import threading
import time

from confluent_kafka import Consumer, KafkaError, TopicPartition

from clients import create_topic, unique
from host import HostStub
from processes import wait_until
from shared_broker import connect

NAME = unique("single")
KAFKA_TOPIC = f"acapy-outbound-{NAME}"
TOPIC = f"acapy::outbound::{NAME}"
KEYS = 20
PARTITIONS = 3
TRANSACTION_MS = 3000


class Writer:
    """A host, and what became of its events by number."""

    def __init__(self, name: str, host: HostStub):
        self.name, self.host = name, host
        self.next = 0
        self.done: set[int] = set()
        self.failures: dict[int, str] = {}
        self.undeliverable = host.events(f"^{TOPIC}::undeliverable$")

    def publish(self, count: int) -> list[dict]:
        numbers = range(self.next, self.next + count)
        self.next += count
        events = [{"topic": TOPIC, "key": f"{self.name}{number % KEYS}", "payload": {"writer": self.name, "number": number}}
                  for number in numbers]
        results = self.host.publish(events)
        assert len(results) == count, (count, len(results))
        for number, result in zip(numbers, results):
            if result["outcome"] == "done":
                self.done.add(number)
            else:
                self.failures[number] = json.dumps(result)
        return results

    def publish_all(self, count: int) -> None:
        undelivered = [result for result in self.publish(count) if result["outcome"] != "done"]
        assert not undelivered, f"{self.name}: {len(undelivered)} of {count}: {undelivered[0]}\n{self.host.log()}"

    def status(self) -> dict:
        [writer] = self.host.get("/kafka/status")["single_writers"]
        return writer


def committed_records(bootstrap: str) -> dict[str, list[int]]:
    """By writer the numbers in the topic, in the order of each partition."""
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": unique("reader"), "enable.partition.eof": True,
                         "isolation.level": "read_committed", "auto.offset.reset": "earliest", "enable.auto.commit": False})
    records: dict[str, list[int]] = {}
    at_end: set[int] = set()
    consumer.assign([TopicPartition(KAFKA_TOPIC, partition, 0) for partition in range(PARTITIONS)])
    try:
        def read_to_the_end() -> bool:
            for message in consumer.consume(1000, 0.5):
                if message.error() is None:
                    value = json.loads(message.value())
                    records.setdefault(value["writer"], []).append(value["number"])
                elif message.error().code() == KafkaError._PARTITION_EOF:
                    at_end.add(message.partition())
            return len(at_end) == PARTITIONS
        wait_until(read_to_the_end, 30, "the end of the topic")
    finally:
        consumer.close()
    return records


def check(bootstrap: str, *writers: Writer) -> None:
    # A commit is answered when it is decided; the partitions learn it some milliseconds later.
    wait_until(lambda: all(writer.done <= set(committed_records(bootstrap).get(writer.name, [])) for writer in writers), 10,
               "all that was told to be delivered", 0.2)
    records = committed_records(bootstrap)
    for writer in writers:
        numbers = records.get(writer.name, [])
        assert len(numbers) == len(set(numbers)), f"{writer.name}: {len(numbers) - len(set(numbers))} records twice"
        assert set(numbers) == writer.done, (f"{writer.name}: told delivered but not there {sorted(writer.done - set(numbers))[:5]}, "
                                             f"there but not told {sorted(set(numbers) - writer.done)[:5]}")
        for key in range(KEYS):
            of_key = [number for number in numbers if number % KEYS == key]
            assert of_key == sorted(of_key), f"{writer.name}: order of key {key}: {of_key[:10]}"


def is_fenced(writer: Writer) -> None:
    """Its events are undeliverable, for that reason, and its status says so."""
    told = len(writer.undeliverable.all())
    assert {result["outcome"] for result in writer.publish(30)} == {"failed"}
    events = writer.undeliverable.wait_for(told + 30, 10, "undeliverable events")[told:]
    assert all(event.header("reason").startswith(f"another writer has taken over topic {KAFKA_TOPIC}") for event in events), events
    status = writer.status()
    assert status["state"] == "fenced" and KAFKA_TOPIC in status["trouble"] and status["waiting"] == 0, status


def takes_over_in_the_middle(loser: Writer, winner: Writer) -> None:
    def stream() -> None:
        while not loser.failures and loser.next < 200_000:
            loser.publish(500)

    known = len(loser.done)
    loser.failures.clear()
    thread = threading.Thread(target=stream)
    thread.start()
    try:
        wait_until(lambda: len(loser.done) > known + 1000, 30, "the stream of the first")
        take_back(winner)
        winner.publish_all(300)
    finally:
        thread.join()
    assert loser.failures, "the first went on as if nothing had happened"


def sleeper_does_not_take_it_back(sleeper: Writer, other: Writer) -> None:
    """One that was stopped for longer than its transactions may last, in the middle of one, finds the topic taken: it
    must not fence the other, although the broker's answer to it is the same as after a time-out."""
    sleeper.failures.clear()
    thread = threading.Thread(target=sleeper.publish, args=(30_000,))
    thread.start()
    try:
        wait_until(lambda: sleeper.status()["waiting"] > 5000, 30, "a long queue")
        sleeper.host.process.send_signal(signal.SIGSTOP)
        asleep = time.monotonic()
        take_back(other)
        other.publish_all(300)
        wait_until(lambda: time.monotonic() > asleep + 1.5 * TRANSACTION_MS / 1000, 60, "the end of its transaction's time")
        sleeper.host.process.send_signal(signal.SIGCONT)
    finally:
        sleeper.host.process.send_signal(signal.SIGCONT)
        thread.join()
    assert sleeper.failures, "it went on as if nothing had happened"
    other.publish_all(300)
    is_fenced(sleeper)


def take_back(writer: Writer) -> None:
    writer.host.post("/kafka/stop")
    writer.host.post("/kafka/start")


def config(bootstrap: str) -> dict:
    return {"bootstrap_servers": bootstrap, "inbound": {"topics": []},
            "producer-config": {"transaction_timeout_ms": TRANSACTION_MS},
            "outbound": [{"match": f"^{TOPIC}$", "topic": KAFKA_TOPIC, "key": "{tenant}", "single_writer": True}]}


with connect() as address:
    create_topic(address, KAFKA_TOPIC, PARTITIONS)
    with HostStub(config(address)) as first_host, HostStub(config(address)) as second_host:
        first, second = Writer("a", first_host), Writer("b", second_host)
        first.publish_all(2000)
        assert first.status()["state"] == "writing", first.status()
        check(address, first)
        second.publish_all(1)
        is_fenced(first)
        second.publish_all(500)
        check(address, first, second)
        take_back(first)  # at its start
        first.publish_all(200)
        is_fenced(second)
        # The second one is stopped and started again only when the first one is in the middle of its stream.
        takes_over_in_the_middle(first, second)
        is_fenced(first)
        check(address, first, second)
        take_back(first)
        first.publish_all(10)
        sleeper_does_not_take_it_back(first, second)
        check(address, first, second)
    # A host that ended in order leaves nothing behind that the next one would have to wait for.
    with HostStub(config(address)) as third_host:
        third = Writer("c", third_host)
        third.publish_all(100)
        check(address, first, second, third)
print("one writer at a time; what was told is what is there")
