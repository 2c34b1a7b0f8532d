"""Named workers: what each reads, how it works, which of them run, and several processes that share a group."""

import contextlib
import json
import tempfile
import time
from pathlib import Path

from clients import create_topic, produce, unique
from host import HostStub
from members import Notes, NumberedRecords, member
from processes import wait_until
from shared_broker import connect

NAME = unique("w")
PREFIX = f"{NAME}-"
PARTITIONS = 4


def base(bootstrap: str, **more) -> dict:
    return {"bootstrap_servers": bootstrap, "topic_prefix": PREFIX, "inbound": {"topics": []},
            "consumer-config": {"group_id": NAME, "auto_offset_reset": "earliest", "heartbeat_interval_ms": 500,
                                "session_timeout_ms": 6000, "auto_commit_interval_ms": 100}, **more}


def three_workers(bootstrap: str) -> dict:
    return base(bootstrap, default_topics=["common"], workers=[
        {"name": "plain", "group": f"{NAME}-plain", "topics": ["orders"], "event_topic": "plain::{topic}"},
        {"name": "pattern", "regex_topic": "orders|audit.*", "event_topic": "pattern::{topic:event}"},
        {"name": "bare", "event_topic": "bare::{topic}", "codec": "json", "qos": "at_most_once",
         "retries": {"attempts": 1}, "on_failure": "skip"}])


def workers(host: HostStub) -> dict[str, dict]:
    return {worker["name"]: worker for worker in host.get("/kafka/status")["workers"]}


def topics_of(worker: dict) -> set[str]:
    return {each["topic"] for each in worker["assignment"]}


def threads(host: HostStub) -> set[str]:
    return {path.read_text().strip() for path in Path(f"/proc/{host.process.pid}/task").glob("*/comm")}


def write(bootstrap: str, topic: str, *values: str, partition: int = 0) -> None:
    produce(bootstrap, PREFIX + topic, [{"value": value, "partition": partition} for value in values])


def arrived(stream, since: int = 0) -> set[tuple[str, bytes]]:
    return {(event.topic, event.payload) for event in stream.all()[since:]}


def wait_for_assignments(host: HostStub, **expected: set[str]) -> None:
    wanted = {name: {PREFIX + topic for topic in topics} for name, topics in expected.items()}
    wait_until(lambda: {name: topics_of(worker) for name, worker in workers(host).items()} == wanted, 40,
               f"the assignments {wanted}", on_failure=lambda: json.dumps(workers(host)))


def topics_codecs_and_groups(bootstrap: str) -> None:
    with HostStub(three_workers(bootstrap)) as host:
        stream = host.events("^(plain|pattern|bare)::")
        wait_for_assignments(host, plain={"orders", "common"}, pattern={"orders"}, bare={"common"})
        assert {name: worker["group"] for name, worker in workers(host).items()} == {
            "plain": f"{NAME}-plain", "pattern": f"{NAME}-pattern", "bare": f"{NAME}-bare"}
        assert {"kfk-plain", "kfk-pattern", "kfk-bare"} <= threads(host), threads(host)
        write(bootstrap, "orders", "one")
        write(bootstrap, "common", '{"wallet_id": "t", "topic": "x", "payload": "two"}')
        create_topic(bootstrap, PREFIX + "audit-late", 1)
        write(bootstrap, "audit-late", "three")
        wait_until(lambda: len(stream.all()) >= 5, 20, "five events", on_failure=lambda: str(arrived(stream)))
        assert arrived(stream) == {
            ("plain::orders", b"one"), ("pattern::orders", b"one"),
            ("plain::common", b'{"wallet_id": "t", "topic": "x", "payload": "two"}'), ("bare::common", b'"two"'),
            ("pattern::audit::late", b"three")}, arrived(stream)
        # at_most_once and the codec are bare's alone: what it cannot decode is left behind, the others take it as it is.
        write(bootstrap, "common", "no envelope", '{"payload": 4}')
        wait_until(lambda: ("bare::common", b"4") in arrived(stream), 20, "the record after the one that cannot be decoded")
        assert ("plain::common", b"no envelope") in arrived(stream)
        assert workers(host)["bare"]["counts"]["skipped"] == 1, workers(host)["bare"]
        assert workers(host)["plain"]["counts"]["skipped"] == 0, workers(host)["plain"]


def only_those_named(bootstrap: str) -> None:
    with HostStub(three_workers(bootstrap), ("--worker", "plain", "-o", f"kafka_events.workers.plain.group={NAME}-other")) as host:
        stream = host.events("^(plain|pattern|bare)::")
        wait_for_assignments(host, plain={"orders", "common"})
        assert workers(host)["plain"]["group"] == f"{NAME}-other"
        assert not {"kfk-pattern", "kfk-bare"} & threads(host), threads(host)
        write(bootstrap, "orders", "five")
        wait_until(lambda: ("plain::orders", b"five") in arrived(stream), 20, "the event of the only worker")
        assert {topic for topic, _ in arrived(stream)} <= {"plain::orders", "plain::common"}, arrived(stream)
    # Their offsets are where they were: the other workers find what came meanwhile.
    with HostStub(three_workers(bootstrap), ("--worker", "pattern")) as host:
        stream = host.events("^pattern::")
        wait_until(lambda: ("pattern::orders", b"five") in arrived(stream), 30, "what came while it did not run")
        assert ("pattern::orders", b"one") not in arrived(stream)


def control_of_one(bootstrap: str) -> None:
    create_topic(bootstrap, PREFIX + "shared", 1)
    config = base(bootstrap, workers=[{"name": name, "topics": ["shared"], "event_topic": f"{name}::x"} for name in "ab"])
    with HostStub(config) as host:
        streams = {name: host.events(f"^{name}::x$") for name in "ab"}
        seen = lambda name, since=0: [event.payload.decode() for event in streams[name].all()[since:]]
        command = lambda name, verb, body=None: host.post(f"/kafka/consumers/{name}/{verb}", body)
        wait_for_assignments(host, a={"shared"}, b={"shared"})
        command("a", "pause")
        write(bootstrap, "shared", *"01234")
        streams["b"].wait_for(5, 20, "the records of the worker that is not paused")
        assert workers(host)["a"]["paused_by_operator"] and not workers(host)["b"]["paused_by_operator"]
        assert seen("a") == [], seen("a")
        command("a", "resume")
        streams["a"].wait_for(5, 20, "the records of the resumed worker")
        time.sleep(0.05)  # the times of the records are to differ
        moment = int(time.time() * 1000)
        write(bootstrap, "shared", *"56789")
        for stream in streams.values():
            stream.wait_for(10, 20, "all records")
        place = {"topic": PREFIX + "shared", "partition": 0}
        command("a", "seek", place | {"offset": 8})
        streams["a"].wait_for(12, 20, "from the offset on")
        command("b", "seek", place | {"timestamp": moment})
        streams["b"].wait_for(15, 20, "from the time on")
        assert seen("a", 10) == list("89"), seen("a")
        assert seen("b", 10) == list("56789"), seen("b")


def shared_by_two_processes(bootstrap: str) -> None:
    create_topic(bootstrap, PREFIX + "many", PARTITIONS)
    config = base(bootstrap, workers=[{"name": "shared", "topics": ["many"], "event_topic": "shared::{topic}"},
                                      {"name": "other", "topics": ["many"], "event_topic": "other::{topic}"}])
    share = lambda host: len(workers(host)["shared"]["assignment"])
    with tempfile.TemporaryDirectory() as directory, contextlib.ExitStack() as stack:
        notes = Notes(directory)
        hosts = [member(config, "^shared::many$", notes) for _ in range(2)]
        for host in hosts:
            host._arguments += ("--worker", "shared")
            stack.callback(host.kill)
            host.start()
        wait_until(lambda: [share(host) for host in hosts] == [PARTITIONS // 2] * 2, 40, "half of the partitions for each")
        records = NumberedRecords(bootstrap, PREFIX + "many", PARTITIONS, 2_000, 4_000)
        records.finish()
        wait_until(lambda: notes.distinct() >= 2_000, 30, "every record handled", on_failure=lambda: str(notes.distinct()))
        assert set(notes.counts().values()) == {1}, "records were handled twice although nothing failed"
        committed = lambda host: all(each["committed"] == each["high"] for each in workers(host)["shared"]["assignment"])
        wait_until(lambda: all(committed(host) for host in hosts), 10, "commits")
        hosts[0].kill()
        NumberedRecords(bootstrap, PREFIX + "many", PARTITIONS, 2_000, 4_000).finish()
        wait_until(lambda: notes.distinct() >= 4_000, 40, "every record handled after one was killed",
                   on_failure=lambda: str(notes.distinct()))
        assert set(notes.counts().values()) == {1}, "records were handled twice: all had been committed"
        assert share(hosts[1]) == PARTITIONS
        hosts[1].stop()


with connect() as address:
    for each in ("orders", "common"):
        create_topic(address, PREFIX + each, 1)
    topics_codecs_and_groups(address)
    only_those_named(address)
    control_of_one(address)
    shared_by_two_processes(address)
print("topics, codecs, groups, --worker, control of one worker, two processes in one group: all as they should be")
