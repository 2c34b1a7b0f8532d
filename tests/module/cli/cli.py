"""host_stub as a child process: run to its end, or kept running while a test talks to it."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests" / "support"))

from processes import die_with_parent, free_port, wait_until  # noqa: E402

BUILD = Path(os.environ.get("KAFKA_EVENTS_BUILD") or ROOT / "build" / "release")
HOST_STUB = os.environ.get("HOST_STUB") or str(BUILD / "bin" / "host_stub")
KAFKA_EVENTS = os.environ.get("KAFKA_EVENTS_MODULE") or str(BUILD / "lib" / "agent-plugins" / "kafka_events.so")
SAMPLE_PLUGIN = os.environ.get("SAMPLE_PLUGIN") or str(BUILD / "lib" / "agent-plugins" / "sample_c.so")
FIXTURES = Path(os.environ.get("FIXTURES") or BUILD / "tests" / "module" / "fixtures" / "modules")
CONF = ROOT / "conf"
RUN_SECONDS = 30


def environment(extra: dict[str, str] | None = None) -> dict[str, str]:
    """This process's, without settings that would reach the program under test."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("AGENT_")}
    return plain | {"NO_COLOR": ""} | (extra or {})


def run(*arguments: str, input: bytes | None = None, env: dict[str, str] | None = None) -> subprocess.CompletedProcess:
    """Runs host_stub to its end; stdout and stderr as text."""
    done = subprocess.run([HOST_STUB, *arguments], input=input, capture_output=True, timeout=RUN_SECONDS,
                          env=environment(env), stdin=subprocess.DEVNULL if input is None else None)
    done.stdout, done.stderr = done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")
    return done


class Running:
    """`with Running("--admin-insecure-mode") as host:` waits for the line `ready`; killed at the end if it still runs."""

    def __init__(self, *arguments: str, verb: str = "start", wait_for: str | None = "ready",
                 env: dict[str, str] | None = None):
        self._log = tempfile.TemporaryFile()
        self._command = [HOST_STUB, verb, *arguments]
        self._env = environment(env)
        self._wait_for = wait_for
        self.process: subprocess.Popen | None = None

    def __enter__(self) -> "Running":
        self.process = subprocess.Popen(self._command, stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log,
                                        env=self._env, preexec_fn=die_with_parent())
        if self._wait_for is not None:
            wait_until(self._is_up, RUN_SECONDS, f"{self._wait_for!r} in the output", on_failure=self.log)
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def _is_up(self) -> bool:
        if self._wait_for in self.log():
            return True
        assert self.process.poll() is None, f"ended with {self.process.returncode}:\n{self.log()}"
        return False

    def log(self) -> str:
        return os.pread(self._log.fileno(), 1 << 20, 0).decode(errors="replace")

    def signal(self, number: int) -> None:
        self.process.send_signal(number)

    def wait(self, seconds: float = 20) -> int:
        return self.process.wait(seconds)

    def stop(self) -> int:
        self.signal(signal.SIGTERM)
        return self.wait()


def run_tests(functions: dict) -> int:
    """Calls every test_… function; prints what failed; the exit status."""
    failed = 0
    for name, function in list(functions.items()):
        if not name.startswith("test_"):
            continue
        began = time.monotonic()
        try:
            function()
            print(f"ok      {name} ({time.monotonic() - began:.2f} s)", flush=True)
        except Exception as problem:  # noqa: BLE001: every failure is told, and counted
            failed += 1
            print(f"FAILED  {name}: {type(problem).__name__}: {problem}", flush=True)
    return 1 if failed else 0
