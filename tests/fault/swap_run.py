"""One swap case: Kafka, a host with kafka_events and swap_load under load in both directions, swaps, and the verdict."""

import contextlib
import json
import os
import subprocess
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from clients import committed, unique
from host import HostStub, build_directory
from kafka_cluster import KafkaCluster
from processes import die_with_parent, wait_until
from swap_footprint import Growth
from swap_measure import measure
from swap_verdict import SwapVerdict

KEYS = 48
PARTITIONS = 6
WARM_UP = 20
SETTLE_SECONDS = 30  # without any progress


@dataclass(frozen=True)
class Terms:
    swaps: int = 30
    out_rate: int = 20_000  # events a second
    in_rate: int = 10_000  # records a second
    full: bool = False
    probation_ms: int = 150
    pause: float = 0.0  # seconds between two swaps
    validator: str = ""  # "none": modules are not validated; "": by the validator that the host finds


class SwapRun:
    """`with SwapRun(name, terms) as run:` Kafka is up; run.start(), run.swap()…, run.finish()."""

    def __init__(self, name: str, terms: Terms, nodes: int = 1, cluster=None):
        self.name, self.terms, self._nodes = name, terms, nodes
        self.id = unique("swap")
        self.inbound, self.outbound, self.echoed = f"acapy-inbound-{self.id}", f"out-{self.id}", f"echo-{self.id}"
        self.overrides: dict = {}  # of the host's configuration, top level
        self.consumer: dict = {}  # of consumer-config
        self.load: dict = {}  # of SWAP_LOAD
        self.arguments: list[str] = []  # of the host
        self.wait_for = "ready"
        self.swaps: list[dict] = []  # reports
        self.notes: dict = {}
        self.problems: list[str] = []  # sentences, beside those of the ledger
        self.growth = Growth(WARM_UP if terms.swaps > 2 * WARM_UP else terms.swaps // 3)
        self.must_unmap = True  # each version that was replaced
        self.handled_twice_is_allowed = False  # by handlers of an exactly_once worker
        self.written: dict = {}  # by the writer of records, at the end
        self.last_report: dict = {}  # of the load, at the end
        self.began = time.monotonic()
        self._stack = contextlib.ExitStack()
        self.host: HostStub | None = None
        self._writer: subprocess.Popen | None = None
        self.cluster = cluster or KafkaCluster(nodes)

    def __enter__(self) -> "SwapRun":
        with contextlib.ExitStack() as stack:
            stack.enter_context(self.cluster)
            self.directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kafka_events-swap-")))
            for topic in (self.inbound, self.outbound, self.echoed, f"second-{self.id}"):
                self.cluster.create_topic(topic, PARTITIONS)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, failure, *_) -> None:
        if failure is not None and self.host:
            status = self.host.process.poll()
            end = "running" if status is None else f"ended with {status}"
            print(f"---- host_stub, {end} ----\n{self.host.log()}", flush=True)
        for process in (self._writer, self.host and self.host.process):
            if process and process.poll() is None:
                process.kill()
                process.wait()
        self._stack.close()

    # ---- setting up ----

    def config(self) -> dict:
        route = {"match": f"^load::{self.id}$", "topic": self.outbound}
        echo = {"match": f"^echo::{self.id}$", "topic": self.echoed}
        return {"bootstrap_servers": self.cluster.bootstrap, "request_timeout_ms": 5000,
                "consumer-config": {"group_id": self.id, "auto_offset_reset": "earliest", "session_timeout_ms": 10000,
                                    "heartbeat_interval_ms": 1000, "auto_commit_interval_ms": 500, **self.consumer},
                "inbound": {"topics": [self.inbound]},
                "workers": [{"name": "second", "topics": [f"second-{self.id}"], "event_topic": "second::in"}],
                "outbound": [route, echo, {"match": "^other::.*", "topic": "{topic:kafka}"}], **self.overrides}

    def start(self) -> None:
        """The host, then the load."""
        load = {"topic": f"load::{self.id}", "rate": self.terms.out_rate, "keys": KEYS, "echo_topic": f"echo::{self.id}",
                "pattern": f"^acapy::inbound::{self.id}$", "most": self.terms.out_rate * (3600 if self.terms.full else 300),
                **self.load}
        os.environ["SWAP_LOAD"] = " ".join(f"{name}={value}" for name, value in load.items())
        os.environ["SWAP_LOAD_TIMES"] = str(self.directory)
        validator = ("--validator", self.terms.validator) if self.terms.validator else ()
        arguments = ("--plugin", str(module("swap_load")), *validator, *self.arguments)
        self.host = HostStub(self.config(), arguments, wait_for=self.wait_for)
        self.host.start()
        wait_until(lambda: self.host.get("/kafka/status")["state"] == "running", 20, "the plugin runs", 0.02)
        if self.terms.in_rate:
            self._start_writer()
        if self.terms.out_rate:
            self.host.post("/load/start")
        wait_until(self._flows, 30, "events in both directions", 0.1)
        self.loaded = time.monotonic()

    def _start_writer(self) -> None:
        command = [str(build_directory() / "bin" / "swap_records"), "write", self.cluster.bootstrap, self.inbound,
                   f"rate={self.terms.in_rate}", f"keys={KEYS}"]
        self._writer = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        preexec_fn=die_with_parent())

    def _flows(self) -> bool:
        report = self.report()
        return ((not self.terms.in_rate or report["receiver"]["received"] > 0) and
                (not self.terms.out_rate or report["publisher"]["completed"] > 0))

    def report(self) -> dict:
        return self.host.get("/load/report")

    def wait_for_flow(self, timeout: float = 20) -> None:
        """Until some more has come through in both directions: what runs now works."""
        before = self.report()
        def more() -> bool:
            now = self.report()
            return ((not self.terms.in_rate or now["receiver"]["received"] > before["receiver"]["received"] + 100) and
                    (not self.terms.out_rate or now["publisher"]["completed"] > before["publisher"]["completed"] + 100))
        wait_until(more, timeout, "events in both directions", 0.05)

    def wait_quiet(self) -> None:
        """Until every event that was published is completed."""
        wait_until(lambda: self.report().get("outstanding", 0) == 0, 30, "all completions", 0.05)

    # ---- swapping ----

    def swap(self, path: Path | None = None, wait: str = "end", expect: str | None = "swapped", **body) -> dict:
        """Asks for one and returns its report; another outcome than `expect` is a problem of the run."""
        request = {**({"path": str(path)} if path else {}), "probation_ms": self.terms.probation_ms, **body}
        asked = time.monotonic()
        offset = time.monotonic() - time.time()
        while True:
            status, text = self.host.request("POST", f"/plugins/kafka_events/swap?wait={wait}", json.dumps(request).encode(),
                                             timeout=120)
            report = json.loads(text).get("swap")
            if status != 409 or report or "under way" not in text or time.monotonic() > asked + 10:
                break
            self.notes["asked_again"] = self.notes.get("asked_again", 0) + 1
            time.sleep(0.005)
        if not isinstance(report, dict) or "outcome" not in report:
            raise AssertionError(f"POST swap: {status} {text[:2000]}")
        report["asked"], report["answered"], report["offset"] = asked, time.monotonic(), offset
        after = [step["milliseconds"] for step in report["steps"] if step["name"] in ("probation", "destroy", "unload")]
        report["active_at"] = report["answered"] - sum(after) / 1e3
        self.swaps.append(report)
        if expect and report["outcome"] != expect:
            self.problems.append(f"swap {len(self.swaps)}: {report['outcome']}, not {expect}: {report.get('reason')}")
        return report

    def swap_to_and_fro(self, paths: list[Path], **body) -> None:
        """Terms.swaps times, each to the next of the paths."""
        for number in range(self.terms.swaps):
            self.swap(paths[number % len(paths)], **body)
            self.growth.add(self.host.process.pid, self.report()["memory"]["in_use"])
            if self.terms.pause:
                time.sleep(self.terms.pause)

    # ---- the end ----

    def stop_load(self) -> dict:
        """No more is published or written; returns what the writer wrote, by key."""
        self.host.post("/load/stop")
        written = {"last": [0] * KEYS, "failed": 0}
        if self._writer:
            output, _ = self._writer.communicate("", timeout=180)
            written = json.loads(output)
        return written

    def finish(self) -> dict:
        end = time.monotonic()
        written = self.written = self.stop_load()
        self._settle(written)
        self._check_committed(written)
        time.sleep(1)  # more must not come
        self.host.post("/load/times")
        report = self.last_report = self.report()
        self._stop_host()
        verdict = SwapVerdict(report, written, self.check_topic(self.outbound))
        measured = measure(self.directory, report, self.swaps, (self.loaded, end))
        return self._result(verdict, measured)

    def _stop_host(self) -> None:
        try:
            self.host.stop()
        except AssertionError as error:
            self.problems.append(str(error).splitlines()[0])

    def _settle(self, written: dict) -> None:
        """Until everything is handled and completed, or nothing moves any more: then the verdict names what is missing."""
        moved, seen = time.monotonic(), None
        while time.monotonic() < moved + SETTLE_SECONDS and not self._settled(written):
            report = self.report()
            now = (report["receiver"]["received"], report.get("outstanding"))
            if now != seen:
                moved, seen = time.monotonic(), now
            time.sleep(0.2)

    def _settled(self, written: dict) -> bool:
        report = self.report()
        ledger = report["receiver"]["ledger"]
        return report.get("outstanding", 0) == 0 and ledger["last"] == written["last"] and ledger["missing"] == 0

    def _check_committed(self, written: dict) -> None:
        """The group's offsets come to the end: nothing will be handled once more."""
        if not self.terms.in_rate or self.overrides.get("inbound", {}).get("qos") == "exactly_once":
            return
        wanted = sum(written["last"])
        offsets = lambda: committed(self.cluster.bootstrap, self.id, self.inbound, PARTITIONS)
        try:
            wait_until(lambda: offsets() >= wanted, 15, "commits", 0.5)
        except TimeoutError:
            found = offsets()
            self.problems.append(f"{found} of {wanted} offsets are committed")

    def check_topic(self, topic: str) -> dict:
        command = [str(build_directory() / "bin" / "swap_records"), "check", self.cluster.bootstrap, topic, f"keys={KEYS}"]
        return json.loads(subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True,
                                         timeout=300).stdout)

    def _result(self, verdict: SwapVerdict, measured: dict) -> dict:
        mapped = [swap for swap in self.swaps if swap["outcome"] == "swapped" and not swap.get("unmapped")]
        # A thread of librdkafka's that ran whenever the host looked (for 6 s) cannot be judged: a sign of a machine that is too
        # busy, and nothing that more than a few swaps may show.
        untold = [swap for swap in mapped if "running at every look" in swap["why_mapped"]]
        if untold:
            self.notes["could_not_tell"] = len(untold)
        certain = mapped if len(untold) > len(self.swaps) / 10 else [swap for swap in mapped if swap not in untold]
        if certain and self.must_unmap:
            self.problems.append(f"{len(certain)} versions stayed mapped, such as: {certain[0]['why_mapped']}")
        return {"case": self.name, **asdict(self.terms), "brokers": self._nodes, "swaps_done": len(self.swaps),
                **verdict.counts, **measured, "still_mapped": len(mapped),
                "growth": self.growth.result() if self.growth.samples else {},
                "seconds": round(time.monotonic() - self.began, 1), "notes": self.notes,
                "violations": verdict.violations(("in doubled",) if self.handled_twice_is_allowed else ()) + self.problems}


def module(name: str) -> Path:
    """A test module, or the real one."""
    folder = "agent-plugins" if name == "kafka_events" else "test-plugins"
    return build_directory() / "lib" / folder / f"{name}.so"
