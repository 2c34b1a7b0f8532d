"""Faults while records come in: members of the group join and leave every second, or are killed."""

import contextlib
import random
import threading
import time

import log_reader
from case_table import case
from clients import committed, producer
from event_stream import EventStream
from host import HostStub
from ledger import Verdict, parse, payload
from processes import wait_until
from run import KEYS, PARTITIONS, Run

MEMBERS = 3
QUIET_SECONDS = 2.0
SETTLE_SECONDS = 120


class Records:
    """Writes numbered records to the topic from which the hosts read; each that the broker acknowledged is owed."""

    def __init__(self, run: Run, topic: str):
        self._run, self._topic = run, topic
        self._client = producer(run.cluster.bootstrap)
        self.written = 0
        run.ledger.open(KEYS)
        self._thread = threading.Thread(target=self._write, name="records", daemon=True)
        self._thread.start()

    @property
    def running(self) -> bool:
        return self._thread.is_alive()

    def finish(self) -> None:
        self._thread.join(600)
        assert self._client.flush(60) == 0, "the harness's own producer did not deliver"

    def _write(self) -> None:
        began = time.monotonic()
        for index in range(self._run.terms.count):
            key = KEYS[index % len(KEYS)]
            number = self._run.ledger.accounts[key].publish()
            self._client.produce(self._topic, payload(key, number, 200), key, on_delivery=self._acknowledged)
            self.written += 1
            if index % 100 == 99:
                self._client.poll(0)
                time.sleep(max(0.0, began + self.written / self._run.terms.rate - time.monotonic()))

    def _acknowledged(self, error, message) -> None:
        assert error is None, error
        key, number = parse(message.value())
        self._run.ledger.accounts[key].taken[number] = 1


class Member:
    """A host whose plugin joins and leaves the group, while the host itself and its handlers live."""

    def __init__(self, host: HostStub, event_topic: str):
        self.host = host
        self.joined = True
        self._stream = EventStream("127.0.0.1", self.host.port, f"/events?pattern=%5E{event_topic}%24")

    def toggle(self) -> None:
        self.host.post("/kafka/stop" if self.joined else "/kafka/start")
        self.joined = not self.joined

    def handled(self) -> list[bytes]:
        return [event.payload for event in self._stream.all()]

    def close(self) -> None:
        self._stream.close()
        self.host.stop()


def storm_config(run: Run, topic: str) -> dict:
    return {"bootstrap_servers": run.cluster.bootstrap,
            "consumer-config": {"group_id": topic, "auto_offset_reset": "earliest", "session_timeout_ms": 6000,
                                "heartbeat_interval_ms": 500, "auto_commit_interval_ms": 200},
            "inbound": {"topics": [topic], "qos": run.terms.qos}}


@case(pairs=(("at_least_once", "off"), ("at_most_once", "off")))
def rebalance_storm(run: Run) -> dict:
    """Members join and leave the consumer group every second while numbered records come in"""
    topic = f"storm-{run.topic}"
    run.cluster.create_topic(topic, PARTITIONS)
    run.ledger.owed_when_taken, run.ledger.host_lived = True, False
    chance = random.Random(4)
    config = {**storm_config(run, topic), "outbound": []}
    members = [Member(run.add_host(config), topic.replace("-", "::")) for _ in range(MEMBERS)]
    records = Records(run, topic)
    while records.running:
        time.sleep(1)
        joined = [member for member in members if member.joined]
        chance.choice(members if len(joined) > 1 else [each for each in members if not each.joined]).toggle()
        run.faults += 1
    records.finish()
    for member in members:
        if not member.joined:
            member.toggle()
    wait_until_committed(run, topic)
    seen = [member.handled() for member in members]
    for member in members:
        member.close()
    return judge_handled(run, seen)


def wait_until_committed(run: Run, topic: str) -> None:
    """Until the group, which is named like the topic, is through with every record, or the verdict shall say what is missing.

    A killed member is missed after its session timeout, its transaction ends with the transaction's.
    """
    with contextlib.suppress(TimeoutError):
        wait_until(lambda: committed(run.cluster.bootstrap, topic, topic, PARTITIONS) >= run.ledger.taken(),
                   SETTLE_SECONDS, "the group's offsets", 0.5)
    time.sleep(QUIET_SECONDS)  # more must not come


def judge_handled(run: Run, seen: list[list[bytes]]) -> dict:
    """Streams of several hosts have no common order; in each of them what it sees for the first time ascends for a key."""
    verdict = Verdict(run.ledger)
    for values in seen:
        last = dict.fromkeys(KEYS, 0)
        seen_here: set[tuple[str, int]] = set()
        for offset, value in enumerate(values):
            parsed = parse(value)
            key = parsed[0].encode() if parsed else None
            verdict.read(log_reader.Record(key, value, 0, offset), in_order=False)
            if parsed and parsed not in seen_here:
                if parsed[1] < last[parsed[0]]:
                    verdict.findings["reordered"].add(f"{parsed[0]}|{parsed[1]} after {last[parsed[0]]}")
                last[parsed[0]] = max(parsed[1], last[parsed[0]])
                seen_here.add(parsed)
    return run.result(verdict.close(), {})


@case(pairs=(("at_least_once", "always"), ("exactly_once", "always")))
def bridge_storm(run: Run) -> dict:
    """Hosts that carry records from one topic to another by a handler join and leave every second, and are killed"""
    source = f"storm-{run.topic}"
    run.cluster.create_topic(source, PARTITIONS)
    run.ledger.owed_when_taken, run.ledger.host_lived = True, False
    chance = random.Random(4)
    hosts = []
    for index in range(MEMBERS):
        config = {**storm_config(run, source), "inbound": {"topics": []},
                  "workers": [{"name": "carrier", "group": source, "topics": [source], "event_topic": "echo::in",
                               "qos": run.terms.qos}],
                  "outbound": [{"match": "^echo::out$", "topic": run.topic, "qos": run.terms.qos}],
                  "outbox": {"path": f"{run.make_outbox()}-{index}", "mode": run.terms.outbox}}
        hosts.append(run.add_host(config, ("--plugin", "sample_cpp")))  # it echoes in as out
    records = Records(run, source)
    while records.running:
        time.sleep(1)
        host = chance.choice(hosts)
        if chance.random() < 0.5:
            host.kill()
        else:
            host.stop()
        host.start()
        run.faults += 1
    records.finish()
    wait_until_committed(run, source)
    for host in hosts:
        host.stop()
    return run.judge({})
