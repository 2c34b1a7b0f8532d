"""/kafka/stop and /kafka/start while a producer keeps writing: records flow again within 1 s, none lost, none twice."""

import threading
import time

from clients import create_topic, producer, unique
from host import HostStub
from processes import wait_until
from shared_broker import connect

NAME = unique("stopstart")
KAFKA_TOPIC = f"acapy-inbound-{NAME}"
PARTITIONS = 4
CYCLES = 3
LIMIT_SECONDS = 1.0


class NumberedRecords:
    """Writes the numbers 0, 1, 2 … about 1,000 a second, in a thread, until finish()."""

    def __init__(self, bootstrap: str):
        self._client = producer(bootstrap)
        self._finish = threading.Event()
        self.written = 0
        self._thread = threading.Thread(target=self._write)
        self._thread.start()

    def _write(self) -> None:
        while not self._finish.wait(0.005):
            for _ in range(5):
                self._client.produce(KAFKA_TOPIC, str(self.written), partition=self.written % PARTITIONS)
                self.written += 1
            self._client.poll(0)

    def wait_for_more(self, count: int) -> None:
        goal = self.written + count
        wait_until(lambda: self.written >= goal, 20, f"{count} more records written")

    def finish(self) -> int:
        self._finish.set()
        self._thread.join()
        assert self._client.flush(20) == 0
        return self.written


def stop(host: HostStub, records: NumberedRecords, stream) -> None:
    assert host.post("/kafka/stop") == {"result": "Kafka plugin stopped"}
    records.wait_for_more(200)
    before = len(stream.all())
    records.wait_for_more(500)
    assert len(stream.all()) == before, "records still arrive after /kafka/stop"
    assert host.post("/kafka/stop") == {"result": "Kafka plugin stopped"}


def start(host: HostStub, stream) -> float:
    """Returns after how many seconds the first record arrived."""
    before = len(stream.all())
    asked = time.monotonic()
    assert host.post("/kafka/start") == {"result": "Kafka plugin started"}
    first = stream.wait_for(before + 1, 30, "records after /kafka/start")[before]
    assert host.post("/kafka/start") == {"result": "Kafka plugin started"}
    return first.arrived - asked


def undeliverable_while_stopped(host: HostStub) -> None:
    topic = f"acapy::outbound::{NAME}"
    stream = host.events(f"^{topic}::undeliverable$")
    host.post("/kafka/stop")
    [result] = host.publish([{"topic": topic, "tenant": "t", "payload": "nowhere to go"}])
    assert result["outcome"] != "done", result
    [status] = stream.wait_for(1, 10, "the status event")
    assert status.header("event-id") == result["id"] and status.header("reason"), status
    assert status.payload == b"nowhere to go", status
    host.post("/kafka/start")


def check(events: list, written: int) -> None:
    numbers = [int(event.payload) for event in events]
    assert len(set(numbers)) == written, f"{written - len(set(numbers))} of {written} records are lost"
    assert len(numbers) == written, f"{len(numbers) - written} records arrived twice"
    for partition in range(PARTITIONS):
        of_partition = [number for number in numbers if number % PARTITIONS == partition]
        assert of_partition == sorted(of_partition), f"partition {partition} is out of order"


with connect() as address:
    create_topic(address, KAFKA_TOPIC, PARTITIONS)
    config = {"bootstrap_servers": address, "inbound": {"topics": [f"^{KAFKA_TOPIC}$"]},
              "consumer-config": {"group_id": NAME, "auto_offset_reset": "earliest"}}
    with HostStub(config) as stub:
        arriving = stub.events(f"^acapy::inbound::{NAME}$")
        numbered = NumberedRecords(address)
        gaps = []
        try:
            arriving.wait_for(1, 20, "the first record")
            for _ in range(CYCLES):
                numbered.wait_for_more(500)
                stop(stub, numbered, arriving)
                gaps.append(start(stub, arriving))
        finally:
            total = numbered.finish()
        arriving.wait_for(total, 20, "all records")
        undeliverable_while_stopped(stub)
        check(arriving.all(), total)
print(f"{total} records, each once; seconds from /kafka/start to the first record:", ", ".join(f"{gap:.3f}" for gap in gaps))
assert max(gaps) <= LIMIT_SECONDS, f"slower than {LIMIT_SECONDS} s"
