"""Hosts with the republisher as their handler: what was handled, and how often, stands in its notes."""

import collections
import os
import threading
from pathlib import Path

from clients import producer
from host import HostStub, build_directory


class Notes:
    """A file to which the handlers of all members append the id of each event that they handle."""

    def __init__(self, directory: str):
        self.path = Path(directory) / "notes"
        self.path.touch()

    def counts(self) -> collections.Counter:
        """Event ids (topic:partition:offset) and how often each was handled."""
        text = self.path.read_text()
        return collections.Counter(text[: text.rfind("\n") + 1].split())

    def distinct(self) -> int:
        return len(self.counts())


def member(config: dict, pattern: str, notes: Notes | None = None, topic: str = "", mode: str = "now", **arguments) -> HostStub:
    """A host whose handler is the republisher; not started yet. The environment is read when it starts."""
    os.environ.update({"REPUBLISHER_PATTERN": pattern, "REPUBLISHER_TOPIC": topic, "REPUBLISHER_MODE": mode,
                       "REPUBLISHER_NOTES": str(notes.path) if notes else ""})
    plugin = build_directory() / "lib" / "test-plugins" / "republisher.so"
    return HostStub(config, ("--plugin", str(plugin)), **arguments)


class NumberedRecords:
    """Writes the numbers 0, 1, 2 … at about `rate` a second, in a thread, until `count` are written."""

    def __init__(self, bootstrap: str, topic: str, partitions: int, count: int, rate: int):
        self._client = producer(bootstrap)
        self._topic, self._partitions, self._count, self._rate = topic, partitions, count, rate
        self.written = 0
        self._thread = threading.Thread(target=self._write, daemon=True)
        self._thread.start()

    @property
    def running(self) -> bool:
        return self._thread.is_alive()

    def _write(self) -> None:
        pause = threading.Event()
        step = max(1, self._rate // 100)
        while self.written < self._count:
            for _ in range(min(step, self._count - self.written)):
                self._client.produce(self._topic, str(self.written), partition=self.written % self._partitions)
                self.written += 1
            self._client.poll(0)
            pause.wait(step / self._rate)

    def finish(self) -> None:
        self._thread.join(600)
        assert self._client.flush(60) == 0, "the test's own producer did not deliver"
