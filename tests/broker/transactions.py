"""Transactions of the plugin's producer on a broker of their own: what read_committed consumers see, fencing, recovery of the
position after kill -9, and a coordinator that is killed, frozen or away while a transaction is committed."""

import os
import random
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from clients import unique
from confluent_kafka import Consumer, KafkaError, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic
from kafka import KafkaBroker

DRIVER = Path(os.environ.get("KAFKA_EVENTS_BUILD", "build/release")) / "bin" / "transaction_driver"
PARTITIONS = 2
SHORT_TIMEOUT_MS = 4000
KILLS = int(os.environ.get("KAFKA_EVENTS_KILLS", "6"))


class Transactions:
    """One producer, in a process of its own that can be killed."""

    def __init__(self, bootstrap: str, transactional_id: str, timeout_ms: int = 60000):
        self.process = subprocess.Popen([DRIVER, bootstrap, transactional_id, str(timeout_ms)], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)

    def __call__(self, line: str) -> str:
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.kill()

    def expect(self, line: str, state: str) -> None:
        answer = self(line)
        assert answer.split(" ")[0] == state, f"{line}: {answer!r}, expected {state}, exit status {self.process.poll()}"

    def prepared(self) -> "Transactions":
        end = time.monotonic() + 60
        while (answer := self("prepare 5000")).split(" ")[0] in ("again", "renew"):
            assert time.monotonic() < end, answer
        assert answer == "done", answer
        return self

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


def new_topic(bootstrap: str, **settings) -> str:
    name = unique("txn")
    admin = AdminClient({"bootstrap.servers": bootstrap, "log_level": 3})
    admin.create_topics([NewTopic(name, PARTITIONS, 1, config=settings)])[name].result(20)
    return name


def committed_numbers(bootstrap: str, topic: str) -> list[int]:
    """What a read_committed consumer sees up to the end of what is stable."""
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": unique("reader"), "enable.auto.commit": False,
                         "isolation.level": "read_committed", "enable.partition.eof": True, "log_level": 3})
    consumer.assign([TopicPartition(topic, partition, 0) for partition in range(PARTITIONS)])
    numbers, ended, end = [], set(), time.monotonic() + 60
    while len(ended) < PARTITIONS:
        assert time.monotonic() < end, f"no end of {topic} within a minute"
        for message in consumer.consume(1000, 0.2):
            if message.error() is None:
                numbers.append(int(message.value()))
            elif message.error().code() == KafkaError._PARTITION_EOF:
                ended.add(message.partition())
    consumer.close()
    return numbers


def check_commit_and_abort(bootstrap: str) -> None:
    topic, group = new_topic(bootstrap), unique("group")
    with Transactions(bootstrap, unique("id")) as producer:
        producer.prepared()
        producer.expect(f"position {group} 15000", "-1")
        for first, end in ((0, "commit"), (100, "abort"), (200, "commit")):
            producer.expect("begin", "done")
            producer.expect(f"send {topic} {first} 100", "sent")
            producer.expect(f"commit {group} {topic} {first + 100} 10000" if end == "commit" else "abort 10000", "done")
        assert sorted(committed_numbers(bootstrap, topic)) == [*range(100), *range(200, 300)]
        producer.expect("begin", "done")
        producer.expect(f"send {topic} 300 100", "sent")
        producer.expect("abort 10000", "done")
        assert sum(map(int, producer("reports").split())) == 400, "a record of an aborted transaction has no report"
        producer.expect(f"position {group} 15000", "300")


def check_record_for_ever_too_large(bootstrap: str) -> None:
    """It fails its transaction, as permanent; without it the others go through, at the second attempt at the latest."""
    topic = new_topic(bootstrap, **{"max.message.bytes": "2000"})
    with Transactions(bootstrap, unique("id")) as producer:
        producer.prepared().expect("begin", "done")
        producer.expect(f"send {topic} 0 1 5000", "sent")
        producer.expect("commit-plain 10000", "abort")
        producer.expect("abort 10000", "done")
        assert producer("reports") == "0 0 1"
        for attempt in (1, 2):  # librdkafka may need the first one to see that its sequence numbers have a gap now
            producer.expect("begin", "done")
            producer.expect(f"send {topic} 1 5", "sent")
            if producer("commit-plain 10000") == "done":
                break
            producer.expect("abort 10000", "done")
    assert sorted(committed_numbers(bootstrap, topic)) == [1, 2, 3, 4, 5]


def check_offset_for_a_topic_made_in_the_same_transaction(bootstrap: str) -> None:
    topic, transactional_id = unique("made"), unique("id")
    with Transactions(bootstrap, transactional_id) as producer:
        producer.prepared().expect("begin", "done")
        producer.expect(f"send {topic} 0 10", "sent")
        producer.expect(f"commit {transactional_id} {topic} 10 20000", "done")
    with Transactions(bootstrap, transactional_id) as producer:
        producer.prepared().expect(f"position {transactional_id} 15000", "10")


def check_fencing(bootstrap: str) -> None:
    topic, transactional_id = new_topic(bootstrap), unique("id")
    with Transactions(bootstrap, transactional_id) as older, Transactions(bootstrap, transactional_id) as newer:
        older.prepared().expect("begin", "done")
        older.expect(f"send {topic} 0 10", "sent")
        newer.prepared()
        older.expect("commit-plain 10000", "fenced")
        older.expect("begin", "renew")
        newer.expect("begin", "done")
        newer.expect(f"send {topic} 10 10", "sent")
        newer.expect("commit-plain 10000", "done")
    assert sorted(committed_numbers(bootstrap, topic)) == list(range(10, 20))


def check_transaction_that_its_coordinator_gave_up(bootstrap: str) -> None:
    """That is not fencing: the same producer goes on."""
    topic, group = new_topic(bootstrap), unique("group")
    with Transactions(bootstrap, unique("id"), SHORT_TIMEOUT_MS) as producer:
        for end in (f"commit {group} {topic} 10 10000", "abort 10000"):
            producer.prepared().expect("begin", "done")
            producer.expect(f"send {topic} 0 10", "sent")
            time.sleep(SHORT_TIMEOUT_MS / 1000 + 2)  # the time-out itself is what is tested
            producer.expect(end, "renew")
        producer.prepared().expect(f"position {group} 15000", "-1")
    assert committed_numbers(bootstrap, topic) == []


class Relay:
    """Sends numbers in transactions of BATCH, each with the position after it, as the outbox does: follows every answer until
    the group's position says that they are committed."""

    BATCH = 200

    def __init__(self, bootstrap: str, topic: str, group: str):
        self.bootstrap, self.topic, self.group = bootstrap, topic, group
        self.position = 0
        self.answers: list[str] = []
        self.committing = threading.Event()
        self.producer = self._new_producer()

    def _new_producer(self) -> Transactions:
        return Transactions(self.bootstrap, self.group, SHORT_TIMEOUT_MS).prepared()

    def _ask(self, line: str) -> str:
        """The answer that is no `again`; empty if the producer's process ended."""
        while True:
            self.answers.append(self.producer(line).split(" ")[0])
            if self.answers[-1] != "again":
                return self.answers[-1]
            assert time.monotonic() < self._end, self.answers[-20:]

    def one_batch(self) -> None:
        first, target = self.position, self.position + self.BATCH
        self._end = time.monotonic() + 120
        while self.position < target:
            state = self._ask("begin")
            if state == "done":
                self.producer(f"send {self.topic} {first} {self.BATCH}")
                self.committing.set()
                state = self._ask(f"commit {self.group} {self.topic} {target} 1000")
                if state == "done":
                    self.position = target
                elif state == "abort":
                    state = self._ask("abort 1000")
            if state in ("renew", ""):
                self._look_up(first, target, state)
            assert state in ("done", "renew", ""), self.answers[-20:]

    def _look_up(self, first: int, target: int, state: str) -> None:
        if state == "":
            self.producer.kill()
            self.producer = self._new_producer()
        known = max(0, int(self.producer.prepared()(f"position {self.group} 20000")))
        assert known in (first, target), f"position {known}, neither {first} nor {target}"
        self.position = known


def check_faults_around_a_commit(broker: KafkaBroker) -> None:
    """Exactly once, whatever happens to the coordinator or the producer at any instant of a commit."""
    topic, group = new_topic(broker.bootstrap), unique("id")
    chance = random.Random(os.environ.get("KAFKA_EVENTS_SEED", "4"))

    def kill_broker():
        time.sleep(chance.uniform(0, 0.04))
        broker.kill()
        broker.start()

    def freeze_broker():
        time.sleep(chance.uniform(0, 0.03))
        broker.freeze()
        time.sleep(chance.choice((1, SHORT_TIMEOUT_MS / 1000 + 1)))
        broker.thaw()

    def broker_away():
        broker.kill()
        time.sleep(SHORT_TIMEOUT_MS / 1000 + 2)
        broker.start()

    def kill_producer():
        time.sleep(chance.uniform(0, 0.04))
        relay.producer.process.kill()

    relay = Relay(broker.bootstrap, topic, group)
    with ThreadPoolExecutor(1) as thread:
        for fault in [kill_broker, kill_producer] * (KILLS // 2) + [freeze_broker] * 2 + [broker_away]:
            relay.committing.clear()
            batch = thread.submit(relay.one_batch)
            assert relay.committing.wait(30)
            fault()  # here, since the broker ends with the thread that starts it
            batch.result(150)
            print(f"{fault.__name__}: {' '.join(relay.answers)}", flush=True)
            relay.answers.clear()
    relay.producer.kill()
    position = relay.position
    numbers = committed_numbers(broker.bootstrap, topic)
    lost, doubled = set(range(position)) - set(numbers), len(numbers) - len(set(numbers))
    assert not lost and not doubled, f"{len(lost)} lost, {doubled} doubled of {position}"


def main() -> int:
    with KafkaBroker(properties={"transaction.abort.timed.out.transaction.cleanup.interval.ms": "500"}) as broker:
        broker._fixed_port = broker.port
        check_commit_and_abort(broker.bootstrap)
        check_record_for_ever_too_large(broker.bootstrap)
        check_offset_for_a_topic_made_in_the_same_transaction(broker.bootstrap)
        check_fencing(broker.bootstrap)
        check_transaction_that_its_coordinator_gave_up(broker.bootstrap)
        check_faults_around_a_commit(broker)
    print("ok")
    return 0


if __name__ == "__main__":
    sys.exit(main())
