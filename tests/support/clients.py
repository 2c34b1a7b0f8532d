"""Kafka clients that share no code with the plugin: confluent-kafka in this process, kcat as a program."""

import json
import subprocess
import time
import uuid

from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic


def unique(name: str) -> str:
    """A name that no other test and no earlier run has used; letters and digits only, so every topic rule can be undone."""
    return f"{name}{uuid.uuid4().hex[:8]}"


def create_topic(bootstrap: str, topic: str, partitions: int = 4) -> None:
    admin = AdminClient({"bootstrap.servers": bootstrap, "log_level": 5})
    admin.create_topics([NewTopic(topic, partitions, 1)])[topic].result(20)


def producer(bootstrap: str, **settings) -> Producer:
    return Producer({"bootstrap.servers": bootstrap, "partitioner": "murmur2_random", "acks": "all", "linger.ms": 5,
                     "enable.idempotence": True, "log_level": 3, **settings})


def produce(bootstrap: str, topic: str, records: list[dict], **settings) -> None:
    """Each record is the keyword arguments of Producer.produce; returns when the broker has all of them."""
    failures = []
    client = producer(bootstrap, **settings)
    for record in records:
        while True:
            try:
                client.produce(topic, **record, on_delivery=lambda error, _: error and failures.append(error))
                break
            except BufferError:
                client.poll(0.1)
        client.poll(0)
    left = client.flush(60)
    assert not failures and not left, f"{topic}: {left} records without an answer, failures {failures[:3]}"


def consume(bootstrap: str, topic: str, count: int, timeout: float = 60) -> list:
    """Reads the topic from its beginning until so many records are there, and then checks that it holds no more."""
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": unique("reader"), "enable.auto.commit": False,
                         "enable.partition.eof": True, "auto.offset.reset": "earliest"})
    try:
        partitions = list(consumer.list_topics(topic, 20).topics[topic].partitions)
        consumer.assign([TopicPartition(topic, partition, 0) for partition in partitions])
        records, at_end, deadline = [], set(), time.monotonic() + timeout
        while len(records) < count or len(at_end) < len(partitions):
            assert time.monotonic() < deadline, f"{topic}: {len(records)} of {count} records within {timeout:g} s"
            for message in consumer.consume(10000, 0.2):
                if message.error() is None:
                    records.append(message)
                    at_end.discard(message.partition())
                elif message.error().code() == KafkaError._PARTITION_EOF:
                    at_end.add(message.partition())
                else:
                    raise KafkaException(message.error())
        return records
    finally:
        consumer.close()


def committed(bootstrap: str, group: str, topic: str, partitions: int) -> int:
    """Sum of the offsets that the group has committed for the topic."""
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": group})
    try:
        offsets = consumer.committed([TopicPartition(topic, partition) for partition in range(partitions)], 20)
        return sum(max(0, position.offset) for position in offsets)
    finally:
        consumer.close()


def kcat_consume(bootstrap: str, topic: str) -> list[dict]:
    """All records of the topic: topic, partition, offset, key, payload, headers (a flat list of names and values)."""
    run = subprocess.run(["kcat", "-C", "-b", bootstrap, "-t", topic, "-o", "beginning", "-e", "-q", "-J"],
                         stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
    assert run.returncode == 0, run.stderr.decode()
    return [json.loads(line.decode(errors="replace")) for line in run.stdout.split(b"\n") if line]  # kcat copies any octet


def kcat_produce(bootstrap: str, topic: str, value: str, key: str, headers: list[tuple[str, str]]) -> None:
    options = [option for name, text in headers for option in ("-H", f"{name}={text}")]
    subprocess.run(["kcat", "-P", "-b", bootstrap, "-t", topic, "-k", key, *options], input=value.encode(), check=True,
                   timeout=60, capture_output=True)
