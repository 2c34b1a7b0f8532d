"""Publishes numbered events through a host's admin server at a given rate, and enters into the ledger what it answered."""

import http.client
import json
import socket
import threading
import time

from ledger import Ledger, payload

BUSY_PAUSE = 0.05
RECONNECT_PAUSE = 0.02


class Publisher:
    """Goes round its keys. An event that the host did not take is sent again before any later one, so order is the host's
    to keep. With `wait` it asks for the result of each event. After a broken connection the fate of a batch is unknown: it
    is not sent again, because then the harness itself would double events.
    """

    def __init__(self, ledger: Ledger, topic: str, port: int, keys: list[str], count: int, rate: float,
                 address: str = "127.0.0.1", size: int = 200, batch: int = 100, wait: bool = False):
        self._ledger = ledger
        self._topic = topic
        self._host = (address, port)
        self._keys = keys
        self._count = count
        self._rate = rate
        self._size = size
        self._batch = batch
        self._wait = wait
        self._path = "/events?wait=1" if wait else "/events"
        self._connection: http.client.HTTPConnection | None = None
        self._stop = threading.Event()
        self._released = threading.Event()
        self.progress = 0  # events whose turn is over
        self.failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="publisher", daemon=True)
        ledger.open(keys)

    def start(self) -> "Publisher":
        self._thread.start()
        return self

    def release(self) -> None:
        """It ends when its count is reached; without this it goes on beyond, so that no fault strikes when all is over."""
        self._released.set()

    def stop(self) -> None:
        """After the batch that is on its way."""
        self._stop.set()

    def join(self, timeout: float) -> None:
        self._thread.join(timeout)
        if self.failure:
            raise self.failure
        assert not self._thread.is_alive(), f"the publisher stands at {self.progress} of {self._count} events"

    @property
    def share(self) -> float:
        return self.progress / max(1, self._count)

    @property
    def running(self) -> bool:
        return self._thread.is_alive()

    def _run(self) -> None:
        try:
            began = time.monotonic()
            while not self._stop.is_set() and (self.progress < self._count or not self._released.is_set()):
                self._publish(self._batch)
                # Not faster than the rate; what an outage of the host delayed is made up for, but in no burst.
                due = began + self.progress / self._rate
                now = time.monotonic()
                began = max(began, began + now - due - 1.0)
                self._stop.wait(max(0.0, due - now))
        except BaseException as failure:  # noqa: BLE001 - handed to join()
            self.failure = failure
        finally:
            if self._connection:
                self._connection.close()

    def _publish(self, count: int) -> None:
        accounts = self._ledger.accounts
        batch = []
        for index in range(self.progress, self.progress + count):
            key = self._keys[index % len(self._keys)]
            batch.append((key, accounts[key].publish()))
        lines = [f'{{"topic":"{self._topic}","key":"{key}","id":"{key}|{number}",'
                 f'"payload":"{payload(key, number, self._size)}"}}\n'.encode() for key, number in batch]
        while batch:
            taken, settled = self._post(lines, batch)
            for key, number in batch[:taken]:
                accounts[key].taken[number] = 1
            del batch[:settled], lines[:settled]
            if batch:
                self._ledger.busy += 1
                if self._stop.wait(BUSY_PAUSE):
                    return
        self.progress += count

    def _post(self, lines: list[bytes], batch: list[tuple[str, int]]) -> tuple[int, int]:
        """So many from the front were taken, and of so many there is nothing more to be done."""
        self._connect()
        if self._connection is None:
            return 0, 0
        try:
            self._connection.request("POST", self._path, b"".join(lines), {"Content-Type": "application/x-ndjson"})
            answer = self._connection.getresponse()
            status, text = answer.status, answer.read()
        except (OSError, http.client.HTTPException):
            self._connection.close()
            self._connection = None
            for key, number in batch:
                self._ledger.accounts[key].unknown[number] = 1
            return 0, len(batch)
        return self._answered(status, text, batch)

    def _answered(self, status: int, text: bytes, batch: list[tuple[str, int]]) -> tuple[int, int]:
        if status not in (200, 202, 503, 504):
            raise AssertionError(f"POST {self._path}: {status} {text[:300]!r}")
        answer = json.loads(text)
        if status >= 500:
            self._ledger.why_busy = answer.get("detail", "")
        accepted = answer.get("accepted", 0)
        for (key, number), result in zip(batch[:accepted], answer.get("results", [])):
            self._ledger.accounts[key].result[number] = {"done": 1, "failed": 2}.get(result["outcome"], 0)
        if status == 504:  # it goes on, and only the status events will tell
            for key, number in batch[accepted:]:
                self._ledger.accounts[key].unknown[number] = 1
            return accepted, len(batch)
        return accepted, accepted

    def _connect(self) -> None:
        """A host that does not listen was not asked: nothing is unknown about that."""
        if self._connection is not None and self._connection.sock is not None:
            return
        connection = http.client.HTTPConnection(*self._host, timeout=150)
        try:
            connection.connect()
            connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._connection = connection
        except OSError:
            self._connection = None
            self._stop.wait(RECONNECT_PAUSE)
