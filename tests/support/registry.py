#!/usr/bin/env python3
"""A real schema registry (Apicurio, in memory, with Confluent's API) for tests, on the loopback interface only.

`registry.py` alone runs one until it is interrupted, and prints its URL.
"""

import json
import shutil
import signal
import subprocess
import sys
import tempfile
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

from cache import SupportError
from processes import die_with_parent, free_port, tail, wait_until
from registry_app import runner_jar

JVM_OPTIONS = ["-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Dquarkus.http.host=127.0.0.1", "-Dquarkus.log.level=WARN"]
START_SECONDS = 90
CONTENT_TYPE = "application/vnd.schemaregistry.v1+json"
# No proxy of the environment stands between a test and the loopback interface.
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class SchemaRegistry:
    """One registry: start() waits until it answers; stop() loses what was registered, start() keeps the port.

    Start it from a thread that lives as long as the registry shall (see die_with_parent).
    """

    def __init__(self):
        self._directory = Path(tempfile.mkdtemp(prefix="kafka_events-registry-"))
        self.port = free_port()
        self.process: subprocess.Popen | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/apis/ccompat/v7"

    def __enter__(self) -> "SchemaRegistry":
        try:
            return self.start()
        except BaseException:
            self.close()
            raise

    def __exit__(self, *_):
        self.close()

    def start(self) -> "SchemaRegistry":
        log = self._directory / "registry.log"
        command = ["java", *JVM_OPTIONS, f"-Dquarkus.http.port={self.port}", "-jar", str(runner_jar())]
        with open(log, "w") as output:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                                            cwd=self._directory, preexec_fn=die_with_parent())
        wait_until(self._answers, START_SECONDS, "the schema registry's first answer", 0.05, lambda: tail(log))
        return self

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()  # all that it has is in its memory
            self.process.wait()
            self.process = None

    def pause(self) -> None:
        """It takes connections, and answers nothing."""
        self.process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def close(self) -> None:
        self.stop()
        shutil.rmtree(self._directory, ignore_errors=True)

    # ---- what a test asks it itself ----

    def request(self, method: str, path: str, value=None, timeout: float = 30) -> tuple[int, dict | list]:
        body = None if value is None else json.dumps(value).encode()
        request = urllib.request.Request(self.url + path, body, {"Content-Type": CONTENT_TYPE}, method=method)
        try:
            with _opener.open(request, timeout=timeout) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read() or b"{}")

    def register(self, subject: str, schema: dict | str | list) -> int:
        """The id of the schema, which is made if it is not there."""
        status, answer = self.request("POST", f"/subjects/{urllib.parse.quote(subject, safe='')}/versions",
                                      {"schema": json.dumps(schema)})
        assert status == 200, f"{subject}: {status} {answer}"
        return answer["id"]

    def latest(self, subject: str) -> dict | None:
        """id, version and schema; None: there is no such subject."""
        status, answer = self.request("GET", f"/subjects/{urllib.parse.quote(subject, safe='')}/versions/latest")
        assert status in (200, 404), f"{subject}: {status} {answer}"
        return answer if status == 200 else None

    def set_compatibility(self, subject: str, level: str) -> None:
        status, answer = self.request("PUT", f"/config/{urllib.parse.quote(subject, safe='')}", {"compatibility": level})
        assert status == 200, f"{subject}: {status} {answer}"

    def _answers(self) -> bool:
        if self.process.poll() is not None:
            raise SupportError(f"the schema registry ended with status {self.process.returncode}\n"
                               f"{tail(self._directory / 'registry.log')}")
        try:
            return self.request("GET", "/subjects", timeout=2)[0] == 200
        except (OSError, ValueError):
            return False


if __name__ == "__main__":
    with SchemaRegistry() as running:
        print(running.url, flush=True)
        try:
            signal.pause()
        except KeyboardInterrupt:
            sys.exit(0)
