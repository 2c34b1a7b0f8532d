"""One case on the stage: Kafka, a host whose events leave for it, publishers, and in the end the verdict."""

import contextlib
import re
import tempfile
import threading
import time
from array import array
from dataclasses import asdict, dataclass

import log_reader
from clients import unique
from host import HostStub
from ledger import Ledger, Verdict, violations
from processes import resident_bytes, wait_until
from publisher import Publisher
from stage import Stage
from status_reader import StatusReader

KEYS = [f"k{number:02}" for number in range(24)]
WAITING_KEYS = [f"w{number:02}" for number in range(4)]
WAITING_SHARE = 20  # one event of so many is published with ?wait=1
PARTITIONS = 6
SETTLE_SECONDS = 120


@dataclass(frozen=True)
class Terms:
    """What one run is about."""

    qos: str = "at_least_once"
    outbox: str = "off"
    count: int = 20_000
    rate: float = 2_000.0  # events a second
    full: bool = False  # more faults, not only more events

    @property
    def owed_when_taken(self) -> bool:
        return self.outbox == "always" or self.qos == "exactly_once"


class Run:
    """`with Run("name", terms, nodes, way) as run:` all is up; run.publish() begins, run.finish() ends and judges."""

    def __init__(self, name: str, terms: Terms, nodes: int = 1, way: str = "direct"):
        self.name, self.terms, self._nodes = name, terms, nodes
        self.stage = Stage(nodes, way)
        self.topic = unique("ledger")
        self.ledger = Ledger(owed_when_taken=terms.owed_when_taken)
        self.faults = 0
        self.notes: dict[str, float | int | str] = {}
        self.overrides: dict = {}  # of the host's configuration, top level
        self.config_outbox: dict = {}  # the same, of its outbox
        self.outbox_path: str | None = None
        self.peak_resident = 0
        self.watched_from = 0.0  # not 0: judge() notes when later records were appended, in seconds since 1970
        self.appended = array("d")
        self._stack = contextlib.ExitStack()
        self._hosts: list[HostStub] = []
        self._publishers: list[Publisher] = []
        self._reader: StatusReader | None = None
        self._sampling = threading.Event()
        self.began = time.monotonic()

    # ---- setting up ----

    def __enter__(self) -> "Run":
        self._stack.enter_context(self.stage)
        self.cluster, self.proxy, self.namespace = self.stage.cluster, self.stage.proxy, self.stage.namespace
        self.stage.cluster.create_topic(self.topic, PARTITIONS)
        return self

    def __exit__(self, failure, *_) -> None:
        for publisher in self._publishers:
            publisher.stop()
        self._sampling.set()
        for host in self._hosts:
            status = host.process.poll() if host.process else None
            if failure is not None:
                end = "running" if status is None else f"ended with {status}"
                print(f"---- host_stub, {end} ----\n{host.log()}", flush=True)
            host.kill()
        self._stack.close()

    def make_outbox(self) -> str:
        if self.outbox_path is None:
            directory = self._stack.enter_context(tempfile.TemporaryDirectory(prefix="kafka_events-fault-"))
            self.outbox_path = f"{directory}/outbox"
        return self.outbox_path

    def config(self) -> dict:
        route = {"match": f"^ledger::{self.topic}$", "topic": self.topic, "qos": self.terms.qos}
        config = {"bootstrap_servers": self.stage.bootstrap, "request_timeout_ms": 5000, "inbound": {"topics": []},
                  "outbound": [route]}
        if self.terms.qos == "at_most_once" and self._nodes > 1:
            # With acks=1 a leader that goes takes along what only it had, whatever it said before: docs/guarantees.md.
            config["producer-config"] = {"acks": "all"}
        if self.terms.outbox != "off":
            config["outbox"] = {"path": self.make_outbox(), "mode": self.terms.outbox, "max_bytes": "256MiB",
                                **self.config_outbox}
        return {**config, **self.overrides}

    def start_host(self) -> None:
        place = {"address": self.namespace.address, "prefix": self.namespace.prefix} if self.namespace else {}
        self.host = self.add_host(self.config(), **place)
        wait_until(lambda: self.host.get("/kafka/status")["state"] == "running", 20, "the plugin runs", 0.02)
        self._reader = StatusReader(self.host.address, self.host.port, f"ledger::{self.topic}", self.ledger)
        threading.Thread(target=self._sample, name="sampler", daemon=True).start()

    def add_host(self, config: dict, arguments: tuple[str, ...] = (), **place) -> HostStub:
        """Started, and killed with the run at the latest."""
        host = HostStub(config, arguments, wait_for="live", **place)
        self._hosts.append(host)
        return host.start()

    def restart_host(self) -> None:
        """After its end: same configuration, same port, same outbox."""
        self._reader.close()
        self.host.start()
        with contextlib.suppress(OSError):  # it may have been killed again at once
            self._reader = StatusReader(self.host.address, self.host.port, f"ledger::{self.topic}", self.ledger)

    # ---- while it runs ----

    def publish(self, count: int | None = None, rate: float | None = None, waiting: bool = True) -> None:
        """Begins; unless told otherwise, a part of the events is published by somebody who waits for the results."""
        count, rate = count or self.terms.count, rate or self.terms.rate
        waited_for = count // WAITING_SHARE if waiting else 0
        self._publishers = [self._publisher(KEYS, count - waited_for, rate, 100, False).start()]
        if waiting:
            self._publishers.append(self._publisher(WAITING_KEYS, waited_for, rate / WAITING_SHARE, 20, True).start())

    def _publisher(self, keys: list[str], count: int, rate: float, batch: int, wait: bool) -> Publisher:
        return Publisher(self.ledger, f"ledger::{self.topic}", self.host.port, keys, count, rate, self.host.address,
                         batch=batch, wait=wait)

    def share(self) -> float:
        """Of the events whose turn is over."""
        return self._publishers[0].share

    @property
    def publishing(self) -> bool:
        return self._publishers[0].running

    def stop_publishing(self) -> None:
        """Before the last event; what the host did not take is given up."""
        for publisher in self._publishers:
            publisher.stop()
        self.wait_published()

    def wait_share(self, share: float, timeout: float = 300) -> None:
        wait_until(lambda: self.host_is_well() and (self.share() >= share or not self.publishing), timeout,
                   f"{share:.0%} of the events published", 0.02)

    def host_is_well(self) -> bool:
        """True, or it fails: a host that ends by itself ends the case."""
        status = self.host.process.poll()
        assert status is None, f"the host ended by itself with status {status}"
        return True

    def strikes(self, ci: int, full: int):
        """Yields that many times, spread over the publishing."""
        times = full if self.terms.full else ci
        for strike in range(times):
            self.wait_share(0.15 + 0.7 * strike / times)
            self.faults += 1
            yield strike

    def wait_published(self, timeout: float = 600) -> None:
        """No further fault will come: the publishers end when their count is reached."""
        for publisher in self._publishers:
            publisher.release()
        for publisher in self._publishers:
            wait_until(lambda: not publisher.running or not self.host_is_well(), timeout, "the last event published", 0.02)
            publisher.join(1)

    def settle(self, timeout: float = SETTLE_SECONDS) -> None:
        """Until every event that was taken has its status event, if the host lived; else until the log grows no more."""
        if self.ledger.host_lived:
            with contextlib.suppress(TimeoutError):  # the verdict will name those that are missing
                wait_until(lambda: self.host_is_well() and self.ledger.settled() + self.ledger.missed >= self.ledger.taken(),
                           timeout, "status", 0.1)
        else:
            self._wait_for_quiet_log(timeout)

    def _wait_for_quiet_log(self, timeout: float) -> None:
        last, since = -1, time.monotonic()
        deadline = since + timeout
        while time.monotonic() < deadline and time.monotonic() - since < 4.0:
            now = self.log_size()
            if now != last:
                last, since = now, time.monotonic()
            time.sleep(0.25)

    def log_size(self) -> int:
        partitions = list(range(PARTITIONS))
        isolation = log_reader.IsolationLevel.READ_UNCOMMITTED
        return sum(log_reader.ends(self.cluster.admin(), self.topic, partitions, isolation).values())

    def _sample(self) -> None:
        while not self._sampling.wait(0.25):
            with contextlib.suppress(OSError, RuntimeError, ValueError, AttributeError):
                self.peak_resident = max(self.peak_resident, resident_bytes(self.host.process.pid))

    # ---- the end ----

    def stop_host(self) -> dict[str, int]:
        """SIGTERM; returns what the summary says: delivered, undelivered, kept."""
        self.host.stop()
        wait_until(lambda: summary(self.host.stderr), 5, "the host's summary")
        return summary(self.host.stderr)

    def finish(self) -> dict:
        self.wait_published()
        self.settle()
        drained = self.stop_host()
        self._reader.close()
        self._sampling.set()
        return self.judge(drained)

    def judge(self, drained: dict[str, int]) -> dict:
        verdict = Verdict(self.ledger)
        for record in log_reader.read(self.cluster.bootstrap, self.topic):
            verdict.read(record)
            if self.watched_from and record.appended >= self.watched_from:
                self.appended.append(record.appended)
        return self.result(verdict.close(), drained)

    def result(self, verdict: Verdict, drained: dict[str, int]) -> dict:
        """As it is shown and kept."""
        if drained.get("kept"):
            self.notes["kept"] = drained["kept"]
        if self.ledger.busy:
            self.notes["busy_because"] = self.ledger.why_busy
        return {"case": self.name, **asdict(self.terms), "brokers": self._nodes, "faults": self.faults,
                "published": self.ledger.published(), "taken": self.ledger.taken(), "records": verdict.records,
                **{name: finding.count for name, finding in verdict.findings.items()},
                "busy": self.ledger.busy, "missed": self.ledger.missed, "resident_mb": round(self.peak_resident / 1e6),
                "seconds": round(time.monotonic() - self.began, 1), "notes": self.notes,
                "violations": violations(verdict, self.terms.qos)}


def summary(stderr: list[str]) -> dict[str, int]:
    """Of the last line `drained kafka_events: 5 delivered, 0 undelivered, 0 kept`."""
    for line in reversed(stderr):
        found = re.search(r"drained kafka_events: ([\d,]+) delivered, ([\d,]+) undelivered, ([\d,]+) kept", line)
        if found:
            return dict(zip(("delivered", "undelivered", "kept"), (int(text.replace(",", "")) for text in found.groups())))
    return {}
