#!/usr/bin/env python3
"""A TCP proxy that misbehaves on command: latency, bandwidth, reset, blackhole, swallowed answers, refusal.

As a program it takes `PORT:TARGET_PORT …` and one JSON object a line on standard input: {"latency": 0.2} sets,
{"reset": true} acts. FaultProxy starts it as a process of its own, so that neither the interpreter lock of the test nor its
load slow it down.
"""

import asyncio
import contextlib
import json
import socket
import struct
import subprocess
import sys
from dataclasses import dataclass

from processes import die_with_parent

CHUNK = 256 * 1024
MAX_HELD_BYTES = 8 * 1024 * 1024  # on their way in one direction of one connection


@dataclass
class Weather:
    """What holds now, for every connection. Requests: from the client to the server."""

    latency: float = 0.0  # seconds, each way
    bandwidth: float = 0.0  # bytes a second for each connection and direction; 0: no bound
    blackhole_requests: bool = False  # nothing passes, nothing is lost: as on a cut line, it arrives when that is mended
    blackhole_responses: bool = False
    swallow_responses: bool = False  # read and thrown away; such a connection ends when this does
    refuse: bool = False  # new connections are reset at once


def close_by_reset(end: socket.socket) -> None:
    """From now on closing it sends RST instead of FIN."""
    with contextlib.suppress(OSError):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


class Connection:
    def __init__(self, proxy: "Proxy", client: socket.socket, server: socket.socket):
        self._proxy = proxy
        self._sockets = (client, server)
        self._abrupt = False
        self.tainted = False  # an answer is missing: the stream no longer means anything

    def reset(self) -> None:
        self._abrupt = True
        for each in self._sockets:
            close_by_reset(each)
        self._tasks.cancel()

    async def run(self) -> None:
        client, server = self._sockets
        self._tasks = asyncio.gather(self._pump(client, server, False), self._pump(server, client, True))
        try:
            await self._tasks
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            client.close()
            server.close()

    async def _pump(self, source: socket.socket, sink: socket.socket, responses: bool) -> None:
        """Reads on while what was read waits for its time, so that latency does not bound the throughput."""
        held: asyncio.Queue = asyncio.Queue(MAX_HELD_BYTES // CHUNK)
        writer = asyncio.create_task(self._write(held, sink, responses))
        try:
            loop = asyncio.get_running_loop()
            while data := await loop.sock_recv(source, CHUNK):
                await held.put((loop.time() + self._proxy.weather.latency, data))
            await held.put((0.0, b""))
            await writer
        finally:
            writer.cancel()
            for each in self._sockets if not self._abrupt else ():
                with contextlib.suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)

    async def _write(self, held: asyncio.Queue, sink: socket.socket, responses: bool) -> None:
        loop = asyncio.get_running_loop()
        weather = self._proxy.weather
        while True:
            due, data = await held.get()
            if not data:
                return
            await asyncio.sleep(max(0.0, due - loop.time()))
            while weather.blackhole_responses if responses else weather.blackhole_requests:
                await self._proxy.changed()
            if responses and (weather.swallow_responses or self.tainted):
                self.tainted = True
                continue
            await loop.sock_sendall(sink, data)
            if weather.bandwidth:
                await asyncio.sleep(len(data) / weather.bandwidth)


class Proxy:
    def __init__(self) -> None:
        self.weather = Weather()
        self._connections: set[Connection] = set()
        self._waiting: list[asyncio.Future] = []

    async def changed(self) -> None:
        future = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        await future

    def command(self, values: dict) -> None:
        if values.pop("reset", False):
            for connection in list(self._connections):
                connection.reset()
        swallowed = self.weather.swallow_responses
        for name, value in values.items():
            if not hasattr(self.weather, name):
                raise ValueError(f"unknown: {name}")
            setattr(self.weather, name, value)
        if swallowed and not self.weather.swallow_responses:
            for connection in [each for each in self._connections if each.tainted]:
                connection.reset()
        for future in self._waiting:
            if not future.done():
                future.set_result(None)
        self._waiting.clear()

    async def serve(self, port: int, host: str, target: int) -> None:
        loop = asyncio.get_running_loop()
        listener = socket.create_server(("127.0.0.1", port), backlog=128)
        listener.setblocking(False)
        while True:
            client, _ = await loop.sock_accept(listener)
            self._tasks.add(task := asyncio.create_task(self._connect(client, host, target)))
            task.add_done_callback(self._tasks.discard)

    async def _connect(self, client: socket.socket, host: str, target: int) -> None:
        loop = asyncio.get_running_loop()
        server = socket.socket()
        server.setblocking(False)
        try:
            if self.weather.refuse:
                raise ConnectionRefusedError
            await loop.sock_connect(server, (host, target))
        except OSError:
            close_by_reset(client)
            client.close()
            server.close()
            return
        for each in (client, server):
            each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection = Connection(self, client, server)
        self._connections.add(connection)
        try:
            await connection.run()
        finally:
            self._connections.discard(connection)

    async def main(self, routes: list[str]) -> None:
        self._tasks: set[asyncio.Task] = set()
        for route in routes:
            port, target = route.split(":")
            self._tasks.add(asyncio.create_task(self.serve(int(port), "127.0.0.1", int(target))))
        commands = asyncio.StreamReader()
        await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(commands), sys.stdin)
        print("{}", flush=True)
        while line := await commands.readline():
            self.command(json.loads(line))
            print(json.dumps({"connections": len(self._connections)}), flush=True)


class FaultProxy:
    """`with FaultProxy({port: target_port}) as proxy:`; each call returns when it is in force."""

    def __init__(self, routes: dict[int, int]):
        self._routes = routes
        self._process: subprocess.Popen | None = None

    def __enter__(self) -> "FaultProxy":
        command = [sys.executable, __file__, *(f"{port}:{target}" for port, target in self._routes.items())]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                         preexec_fn=die_with_parent())
        assert self._process.stdout.readline(), "the fault proxy did not start"
        return self

    def __exit__(self, *_) -> None:
        self._process.stdin.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()

    def set(self, **weather) -> None:
        """Names and values of Weather; the others stay as they are."""
        self._process.stdin.write(json.dumps(weather) + "\n")
        self._process.stdin.flush()
        assert self._process.stdout.readline(), "the fault proxy ended"

    def reset(self) -> None:
        """Every connection ends with a TCP reset, what was on its way is lost."""
        self.set(reset=True)

    def partition(self, on: bool) -> None:
        self.set(blackhole_requests=on, blackhole_responses=on)


if __name__ == "__main__":
    asyncio.run(Proxy().main(sys.argv[1:]))
