"""The independent consumer: what a read_committed client sees of a topic, from its beginning to its end."""

import time
from collections.abc import Iterator
from typing import NamedTuple

from clients import unique
from confluent_kafka import Consumer, IsolationLevel, KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec

NO_LEADER_SECONDS = 60
OPEN_TRANSACTION_SECONDS = 90  # the broker itself ends one after transaction.timeout.ms


class Record(NamedTuple):
    key: bytes | None
    value: bytes | None
    partition: int
    offset: int
    appended: float = 0.0  # seconds since 1970, by the broker's clock


class OpenTransaction(AssertionError):
    """A read_committed client does not get to the end of the log, because somebody left a transaction open."""


def ends(admin: AdminClient, topic: str, partitions: list[int], isolation: IsolationLevel) -> dict[int, int]:
    """End offset of each partition; a cluster that has no leader for some of them at the moment is asked again."""
    deadline = time.monotonic() + NO_LEADER_SECONDS
    while True:
        asked = {TopicPartition(topic, number): OffsetSpec.latest() for number in partitions}
        answers = admin.list_offsets(asked, isolation_level=isolation, request_timeout=10)
        try:
            return {part.partition: answer.result(20).offset for part, answer in answers.items()}
        except KafkaException:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def wait_for_committed_end(bootstrap: str, topic: str) -> dict[int, int]:
    """End offset of each partition, once no transaction is open in any of them."""
    admin = AdminClient({"bootstrap.servers": bootstrap, "log_level": 0})
    partitions = list(admin.list_topics(topic, 20).topics[topic].partitions)
    deadline = time.monotonic() + OPEN_TRANSACTION_SECONDS
    while True:
        written = ends(admin, topic, partitions, IsolationLevel.READ_UNCOMMITTED)
        committed = ends(admin, topic, partitions, IsolationLevel.READ_COMMITTED)
        if written == committed:
            return committed
        if time.monotonic() > deadline:
            raise OpenTransaction(f"{topic}: committed up to {committed}, written up to {written}")
        time.sleep(0.2)


def read(bootstrap: str, topic: str) -> Iterator[Record]:
    """All records of a topic to which nobody writes any more."""
    wanted = wait_for_committed_end(bootstrap, topic)
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": unique("ledger"), "enable.auto.commit": False,
                         "isolation.level": "read_committed", "enable.partition.eof": True, "check.crcs": True,
                         "auto.offset.reset": "error", "fetch.message.max.bytes": 4_000_000, "log_level": 3})
    try:
        consumer.assign([TopicPartition(topic, partition, 0) for partition in wanted])
        at_end: set[int] = set()
        quiet_since = time.monotonic()
        while len(at_end) < len(wanted):
            messages = consumer.consume(10_000, 0.5)
            if messages:
                quiet_since = time.monotonic()
            assert time.monotonic() - quiet_since < 60, f"{topic}: nothing more comes, at the end are only {at_end}"
            for message in messages:
                error = message.error()
                if error is None:
                    yield Record(message.key(), message.value(), message.partition(), message.offset(),
                                 message.timestamp()[1] / 1000)
                elif error.code() != KafkaError._PARTITION_EOF:
                    raise KafkaException(error)
                elif message.offset() >= wanted[message.partition()]:
                    at_end.add(message.partition())
    finally:
        consumer.close()
