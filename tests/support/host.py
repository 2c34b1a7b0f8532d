"""host_stub as a test sees it: a process with an admin server, started on a free port and always ended."""

import http.client
import json
import os
import re
import signal
import subprocess
import tempfile
import threading
import time
import urllib.parse
from pathlib import Path

from cache import ROOT
from event_stream import EventStream
from processes import die_with_parent, free_port, resident_bytes, wait_until

STOP_SECONDS = 20
CHUNK_BYTES = 2 * 1024 * 1024  # a quarter of the admin server's limit for one body


def build_directory() -> Path:
    return Path(os.environ.get("KAFKA_EVENTS_BUILD") or ROOT / "build" / "release")


class HostStub:
    """`with HostStub(config) as host:` starts it and waits for `ready`; the end of the block wants exit status 0.

    config is what stands below `kafka_events:`; it is written as JSON, which is YAML as well.
    """

    def __init__(self, config: dict, arguments: tuple[str, ...] = (), wait_for: str = "ready",
                 address: str = "127.0.0.1", prefix: tuple[str, ...] = ()):
        self._directory = tempfile.TemporaryDirectory(prefix="kafka_events-")
        self._config = Path(self._directory.name) / "config.yaml"
        self.configure(config)
        self._arguments = arguments
        self._wait_for = wait_for
        self._prefix = prefix  # a command that runs another one elsewhere, such as in a network namespace
        self._streams: list[EventStream] = []
        self.address = address  # of the admin server
        self.port = free_port()
        self.process: subprocess.Popen | None = None
        self.stderr: list[str] = []
        self.ready_after: float | None = None  # seconds from exec to the line `ready`

    def __enter__(self) -> "HostStub":
        try:
            return self.start()
        except BaseException:
            self.kill()
            raise

    def __exit__(self, failure, *_):
        if failure is None:
            self.stop()
        else:
            print("---- stderr of host_stub ----\n" + self.log(), flush=True)
            self.kill()
        self._directory.cleanup()

    def start(self) -> "HostStub":
        self.ready_after = None
        command = [*self._prefix, str(build_directory() / "bin" / "host_stub"), "start", "--plugin", "kafka_events",
                   "--plugin-config", str(self._config), "--admin", self.address, str(self.port),
                   "--admin-insecure-mode", *self._arguments]
        began = time.monotonic()
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.PIPE, preexec_fn=die_with_parent())
        threading.Thread(target=self._read_stderr, args=(began,), daemon=True).start()
        wait_until(self._started, 30, f"host_stub {self._wait_for}", 0.002, self.log)
        return self

    def configure(self, config: dict) -> None:
        """Into the file, which a host that runs reads when it is told to."""
        self._config.write_text(json.dumps({"kafka_events": config}, ensure_ascii=False, indent=1))

    def stop(self) -> None:
        """SIGTERM; anything but a clean drain and exit status 0 is a failure."""
        for stream in self._streams:
            stream.close()
        self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"host_stub does not end on SIGTERM\n{self.log()}") from None
        assert status == 0, f"host_stub ended with status {status}\n{self.log()}"

    def kill(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def log(self) -> str:
        return "\n".join(self.stderr[-60:])

    def resident_bytes(self) -> int:
        return resident_bytes(self.process.pid)

    # ---- admin server ----

    def request(self, method: str, path: str, body: bytes | None = None, content_type: str = "application/json",
                timeout: float = 60) -> tuple[int, str]:
        connection = http.client.HTTPConnection(self.address, self.port, timeout=timeout)
        try:
            connection.request(method, path, body, {"Content-Type": content_type} if body is not None else {})
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def get(self, path: str):
        status, text = self.request("GET", path)
        assert status == 200, f"GET {path}: {status} {text}\n{self.log()}"
        return json.loads(text)

    def post(self, path: str, value=None, expect: int = 200):
        status, text = self.request("POST", path, b"" if value is None else json.dumps(value).encode())
        assert status == expect, f"POST {path}: {status} {text}\n{self.log()}"
        return json.loads(text)

    def ready_status(self) -> int:
        return self.request("GET", "/status/ready")[0]

    def metric(self, name: str, **labels: str) -> float:
        """Sum over the series of that name which carry at least these labels."""
        total = 0.0
        for line in self.request("GET", "/metrics")[1].splitlines():
            series = re.fullmatch(rf"{re.escape(name)}(?:\{{(.*)\}})? (\S+)", line)
            if series and all(f'{key}="{value}"' in (series[1] or "") for key, value in labels.items()):
                total += float(series[2])
        return total

    def publish(self, events: list[dict], wait: bool = True) -> list[dict]:
        """Sends the events as NDJSON, in several requests if there are many; returns the results if wait is set."""
        results = []
        for lines in chunks(events):
            wait_until(lambda: self._publish_some(lines, wait, results), 60, "POST /events while the host is busy", 0.1)
        return results

    def _publish_some(self, lines: list[bytes], wait: bool, results: list[dict]) -> bool:
        """Takes from `lines` what the host accepted; a host under pressure answers 503 and says how many those are."""
        status, text = self.request("POST", "/events" + ("?wait=1" if wait else ""), b"".join(lines), "application/x-ndjson", 120)
        assert status in (200 if wait else 202, 503), f"POST /events: {status} {text[:500]}\n{self.log()}"
        answer = json.loads(text)
        results += answer.get("results", [])[:answer["accepted"]]
        del lines[:answer["accepted"]]
        return not lines

    def publish_all(self, events: list[dict]) -> list[dict]:
        """As publish(), and every event must have been delivered."""
        results = self.publish(events)
        assert len(results) == len(events), f"{len(events)} events, {len(results)} results"
        undelivered = [result for result in results if result["outcome"] != "done"]
        assert not undelivered, f"{len(undelivered)} of {len(events)} not delivered, the first: {undelivered[0]}"
        return results

    def events(self, pattern: str) -> EventStream:
        """Subscribes to events; returns when the subscription is active."""
        stream = EventStream(self.address, self.port, "/events?pattern=" + urllib.parse.quote(pattern, safe=""))
        self._streams.append(stream)
        return stream

    def _started(self) -> bool:
        if self.process.poll() is not None:
            raise AssertionError(f"host_stub ended with status {self.process.returncode}\n{self.log()}")
        if self._wait_for == "ready":
            return self.ready_after is not None
        try:
            return self.request("GET", "/status/live", timeout=2)[0] == 200
        except OSError:
            return False

    def _read_stderr(self, began: float) -> None:
        for line in self.process.stderr:
            if self.ready_after is None and line.strip() == b"ready":
                self.ready_after = time.monotonic() - began
            self.stderr.append(line.decode(errors="replace").rstrip("\n"))


def chunks(events: list[dict]):
    lines, size = [], 0
    for event in events:
        line = json.dumps(event, ensure_ascii=False).encode() + b"\n"
        if size + len(line) > CHUNK_BYTES:
            yield lines
            lines, size = [], 0
        lines.append(line)
        size += len(line)
    if lines:
        yield lines
