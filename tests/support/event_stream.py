"""Reads `GET /events?pattern=…` (server-sent events) in a thread of its own."""

import base64
import contextlib
import http.client
import json
import socket
import threading
import time
from dataclasses import dataclass, field


@dataclass
class Event:
    topic: str
    tenant: str
    key: bytes | None
    id: str
    headers: list[tuple[str, bytes | None]] = field(default_factory=list)
    payload: bytes | None = None  # None: a tombstone
    arrived: float = 0.0  # time.monotonic()

    def header(self, name: str) -> str | None:
        """The last one of that name, as text."""
        values = [value for key, value in self.headers if key == name and value is not None]
        return values[-1].decode() if values else None


def decode(text: bytes) -> Event:
    value = json.loads(text)
    headers = [(header["name"], octets(header, "value")) for header in value["headers"]]
    return Event(value["topic"], value["tenant"], octets(value, "key"), value["id"], headers,
                 octets(value, "payload"), time.monotonic())


def octets(value: dict, name: str) -> bytes | None:
    """Text travels under its name; what is not UTF-8, under the name with `_base64`."""
    if f"{name}_base64" in value:
        return base64.b64decode(value[f"{name}_base64"])
    return None if value.get(name) is None else value[name].encode()


class EventStream:
    def __init__(self, host: str, port: int, path: str):
        self._arrived: list[Event] = []
        self._changed = threading.Condition()
        self._failure: Exception | None = None
        self._closing = False
        self._connection = http.client.HTTPConnection(host, port, timeout=30)
        self._connection.request("GET", path, headers={"Accept": "text/event-stream"})
        self._socket = self._connection.sock  # http.client forgets it when the answer has no length
        self._answer = self._connection.getresponse()
        if self._answer.status != 200:
            raise AssertionError(f"GET {path}: {self._answer.status} {self._answer.read().decode()}")
        self._skip_to_connected(path)
        self._socket.settimeout(None)
        threading.Thread(target=self._read, daemon=True).start()

    def all(self) -> list[Event]:
        """What has arrived. A stream that has failed, or that lost events because this reader was too slow, proves nothing."""
        with self._changed:
            if self._failure:
                raise AssertionError(f"{len(self._arrived)} events arrived, then: {self._failure}")
            return list(self._arrived)

    def wait_for(self, count: int, timeout: float, what: str = "events") -> list[Event]:
        """Waits until at least so many have arrived; returns all that have."""
        deadline = time.monotonic() + timeout
        with self._changed:
            while len(self._arrived) < count:
                left = deadline - time.monotonic()
                if left <= 0 or self._failure:
                    raise AssertionError(f"{what}: {len(self._arrived)} of {count} within {timeout:g} s {self._failure or ''}")
                self._changed.wait(left)
            return list(self._arrived)

    def close(self) -> None:
        self._closing = True
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def _skip_to_connected(self, path: str) -> None:
        while True:
            line = self._answer.readline()
            if line.startswith(b": connected"):
                return
            if not line:
                raise AssertionError(f"GET {path} ended before the subscription was active")

    def _read(self) -> None:
        try:
            for line in iter(self._answer.readline, b""):
                if line.startswith(b"event: lagged"):
                    raise OverflowError("the host dropped events, because this reader was too slow")
                if line.startswith(b"data:"):
                    event = decode(line[5:])
                    with self._changed:
                        self._arrived.append(event)
                        self._changed.notify_all()
            if not self._closing:
                self._failure = ConnectionError("the host closed the stream")
        except Exception as failure:  # noqa: BLE001 - handed to the waiting test
            self._failure = failure
        with self._changed:
            self._changed.notify_all()
