"""50,000 requests over Kafka, answered by two processes that share a group: one of them is killed meanwhile, and the asking
plugin is swapped for itself. None unanswered, none answered twice."""

import json
import subprocess
import time

from clients import create_topic, unique
from host import HostStub, build_directory
from processes import wait_until
from shared_broker import connect

NAME = unique("request")
QUESTIONS = f"acapy-inbound-{NAME}"
ANSWERS = f"answers-{NAME}"
TOPIC = f"ask::{NAME}"
COUNT = 50_000
PARTITIONS = 8
MAX_PENDING = 4_000


class Ledger:
    """What the asking host says of each request."""

    def __init__(self, host: HostStub):
        self._streams = {kind: host.events(f"^{TOPIC}::{kind}$") for kind in ("reply", "reply_timeout", "late_reply", "undeliverable")}

    def count(self, kind: str) -> int:
        return len(self._streams[kind].all())

    def ids(self, kind: str) -> list[str]:
        return [event.header("kafka_correlationId") for event in self._streams[kind].all()]

    def events(self, kind: str):
        return self._streams[kind].all()

    def wait_for(self, kind: str, count: int, timeout: float) -> None:
        self._streams[kind].wait_for(count, timeout, f"{TOPIC}::{kind}")

    def all_answered(self, wanted: set[str]) -> None:
        """Each of these was answered once, with what it asked, and nothing else became of it."""
        replies = self.events("reply")
        for event in replies:
            assert event.payload.decode() == payload(event.header("kafka_correlationId")), event
        ids = [event.header("kafka_correlationId") for event in replies]
        assert len(ids) == len(set(ids)), f"{len(ids) - len(set(ids))} were answered twice"
        assert set(ids) == wanted, f"{len(wanted - set(ids))} unanswered, {len(set(ids) - wanted)} never asked"
        others = {kind: self.count(kind) for kind in ("reply_timeout", "late_reply", "undeliverable")}
        assert not any(others.values()), others


def payload(identity: str) -> str:
    return json.dumps({"question": identity})


def requests_of(identities, **headers) -> list[dict]:
    return [{"topic": TOPIC, "tenant": f"wallet-{number % 50}", "payload": payload(identity),
             "headers": {"kafka_correlationId": identity, **headers}} for number, identity in enumerate(identities)]


def ask(host: HostStub, identities, **headers) -> None:
    """Returns when the host has taken them all: at its bound it answers busy."""
    left = list(identities)
    deadline = time.monotonic() + 60
    while left:
        assert time.monotonic() < deadline, f"{len(left)} requests were not taken"
        results = host.publish(requests_of(left, **headers))
        failed = [result for result in results if result["outcome"] == "failed"]
        assert not failed, failed[0]
        left = [identity for identity, result in zip(left, results, strict=True) if result["outcome"] == "busy"]


def figures(host: HostStub) -> dict:
    return host.get("/kafka/status")["requests"]


def swap(host: HostStub) -> float:
    """Another instance of the same module takes over; the seconds that it took."""
    began = time.monotonic()
    report = host.post("/plugins/kafka_events/swap?wait=active", {"probation_ms": 0})
    assert report.get("outcome") in (None, "swapped"), report
    return time.monotonic() - began


def load(asking: HostStub, first: HostStub, ledger: Ledger) -> set[str]:
    identities = [f"{NAME}-{number}" for number in range(COUNT)]
    began = time.monotonic()
    step = COUNT // 50
    killed = swapped = False
    for begin in range(0, COUNT, step):
        ask(asking, identities[begin:begin + step])
        if not killed and begin >= COUNT // 3:
            first.kill()
            killed = True
        if not swapped and begin >= COUNT * 2 // 3:
            before = figures(asking)  # percentiles are of one version each
            pause = swap(asking)
            swapped = True
    ledger.wait_for("reply", COUNT, 60)
    elapsed = time.monotonic() - began
    ledger.all_answered(set(identities))
    status = figures(asking)
    assert status["pending"] == 0 and status["answered"] == COUNT and status["timed_out"] == 0, status
    print(f"{COUNT} requests answered once, one answering process of two killed, the asking plugin swapped ({pause:.2f} s): {elapsed:.1f} s, "
          f"{status['unknown']} second answers passed over; until the swap p50 {before['p50_seconds'] * 1e3:.1f} ms, p99 {before['p99_seconds'] * 1e3:.1f} ms "
          f"(the killed process's partitions among them), after it p50 {status['p50_seconds'] * 1e3:.1f} ms, p99 {status['p99_seconds'] * 1e3:.1f} ms", flush=True)
    return set(identities)


def pause(host: HostStub, verb: str = "pause") -> None:
    host.post(f"/kafka/consumers/inbound/{verb}")


def pending_over_a_swap(asking: HostStub, answering: HostStub, ledger: Ledger, answered: set[str]) -> set[str]:
    """Asked of one version, answered to the next one."""
    pause(answering)
    for connections in (False, True):
        identities = [f"{NAME}-swap{int(connections)}-{number}" for number in range(200)]
        ask(asking, identities)
        wait_until(lambda: figures(asking)["pending"] == 200, 10, "200 requests that wait")
        asking.post("/plugins/kafka_events/swap?wait=active", {"probation_ms": 0, "close_connections": connections})
        assert figures(asking)["pending"] == 200, figures(asking)
        pause(answering, "resume")
        answered |= set(identities)
        ledger.wait_for("reply", len(answered), 30)
        ledger.all_answered(answered)
        pause(answering)
        wait_until(lambda: asking.get("/plugins")["plugins"][0]["state"] == "active", 20, "the end of the swap")
    pause(answering, "resume")
    return answered


def deadlines(asking: HostStub, answering: HostStub, ledger: Ledger) -> None:
    pause(answering)
    ask(asking, [f"{NAME}-late"], **{"agent-request-timeout-ms": "300"})
    ledger.wait_for("reply_timeout", 1, 10)
    pause(answering, "resume")
    ledger.wait_for("late_reply", 1, 20)
    assert ledger.ids("reply_timeout") == ledger.ids("late_reply") == [f"{NAME}-late"]
    assert ledger.events("late_reply")[0].payload.decode() == payload(f"{NAME}-late")


def verb(asking: HostStub, *arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run([build_directory() / "bin" / "host_stub", "request", "--admin-url", f"http://127.0.0.1:{asking.port}",
                           *arguments], capture_output=True, timeout=60, stdin=subprocess.DEVNULL)


def request_verb(asking: HostStub, answering: HostStub) -> None:
    done = verb(asking, TOPIC, "hello", "--tenant", "wallet-1", "--timeout", "20")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"hello", b""), done
    done = verb(asking, TOPIC, "hello", "--format", "json", "--header", "kafka_correlationId=mine")
    event = json.loads(done.stdout)
    assert event["topic"] == f"{TOPIC}::reply" and {"name": "kafka_correlationId", "value": "mine"} in event["headers"], event
    done = verb(asking, "no::route", "hello", "--timeout", "5")
    assert done.returncode == 1 and b"nobody takes" in done.stderr, done
    pause(answering)
    done = verb(asking, TOPIC, "hello", "--timeout", "1")
    assert done.returncode == 3 and b"no answer came within 1 s" in done.stderr and not done.stdout, done
    pause(answering, "resume")
    done = verb(asking, f"plain::{NAME}", "hello", "--timeout", "1")
    assert done.returncode == 3 and b"reply_to" in done.stderr, done


with connect() as bootstrap:
    create_topic(bootstrap, QUESTIONS, PARTITIONS)
    create_topic(bootstrap, ANSWERS, 2)
    create_topic(bootstrap, f"plain-{NAME}", 1)
    common = {"bootstrap_servers": bootstrap}
    asks = {**common, "client_id": f"{NAME}-asks", "inbound": {"topics": []}, "requests": {"max_pending": MAX_PENDING},
            "outbound": [{"match": f"^{TOPIC}$", "topic": QUESTIONS, "key": "{tenant}", "reply_to": ANSWERS,
                          "reply_timeout_ms": 60000}, {"match": "^plain::.*"}],
            "consumer-config": {"group_id": f"{NAME}-asks"}}
    replies = {**common, "client_id": f"{NAME}-answers", "inbound": {"topics": [QUESTIONS], "event_topic": "{topic:event}"},
               "consumer-config": {"group_id": f"{NAME}-answers", "auto_offset_reset": "earliest", "session_timeout_ms": 6000,
                                   "heartbeat_interval_ms": 500}}
    echo = ("--plugin", "echo")
    start = time.monotonic()
    with HostStub(asks, ("--validator", "none")) as asker, HostStub(replies, echo) as one, HostStub(replies, echo) as other:
        told = Ledger(asker)
        wait_until(lambda: all(each.get("/kafka/status")["workers"][0]["assignment"] for each in (one, other)), 30, "a shared group")
        everything = load(asker, one, told)
        pending_over_a_swap(asker, other, told, everything)
        deadlines(asker, other, told)
        request_verb(asker, other)
        one.start()  # so that its end is one in order
    assert time.monotonic() - start < 90, f"{time.monotonic() - start:.0f} s"
