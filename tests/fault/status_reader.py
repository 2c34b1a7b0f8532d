"""Status events of a host, read as fast as the host can send them, and entered into the ledger."""

import contextlib
import re
import socket
import threading
import urllib.parse
from collections.abc import Iterator

from ledger import NO_PLACE, Ledger, place

BLOCK = 1 << 18
FATE = re.compile(rb'::(sent_to_external_queue|undeliverable)".*?"event-id","value":"([^"|]+)\|(\d+)"'
                  rb'(?:.*?"kafka-partition","value":"(\d+)".*?"kafka-offset","value":"(\d+)")?')
LAGGED = re.compile(rb'"dropped":(\d+)')


def lines(connection: socket.socket) -> Iterator[bytes]:
    """Of a response to HTTP/1.0, which has no chunks."""
    rest = b""
    while block := connection.recv(BLOCK):
        *whole, rest = (rest + block).split(b"\n")
        yield from whole


class StatusReader:
    """Subscribed when the constructor returns; reads until the host ends or close() is called."""

    def __init__(self, address: str, port: int, topic: str, ledger: Ledger):
        self._ledger = ledger
        pattern = urllib.parse.quote(f"^{topic}::(sent_to_external_queue|undeliverable)$", safe="")
        self._socket = socket.create_connection((address, port), 30)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self._socket.sendall(f"GET /events?pattern={pattern} HTTP/1.0\r\nHost: {address}\r\n"
                             "Accept: text/event-stream\r\n\r\n".encode())
        self._lines = lines(self._socket)
        for line in self._lines:
            if line.startswith(b": connected"):
                break
        else:
            raise ConnectionError("the host ended the event stream before it began")
        self._socket.settimeout(None)
        self._thread = threading.Thread(target=self._read, name="status-reader", daemon=True)
        self._thread.start()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join(30)
        self._socket.close()

    def _read(self) -> None:
        lagged = False
        with contextlib.suppress(OSError):
            for line in self._lines:
                if line.startswith(b"event: lagged"):
                    lagged = True
                elif line.startswith(b"data:"):
                    if lagged:
                        self._ledger.missed += int(LAGGED.search(line)[1])
                        lagged = False
                    else:
                        self._enter(line)

    def _enter(self, line: bytes) -> None:
        fate = FATE.search(line)
        if fate is None:
            self._ledger.strangers += 1
            return
        key, number = fate[2].decode(), int(fate[3])
        if fate[1] == b"undeliverable":
            self._ledger.on_undeliverable(key, number)
        else:
            self._ledger.on_sent(key, number, place(int(fate[4]), int(fate[5])) if fate[4] else NO_PLACE)
