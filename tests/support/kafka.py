#!/usr/bin/env python3
"""A real single-node Apache Kafka (KRaft) for tests and development, on the loopback interface only."""

import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from cache import SupportError, cache_dir
from jars import class_path
from processes import die_with_parent, free_port, start_time, tail, wait_until

JVM_OPTIONS = ["-Xmx256m", "-XX:+UseSerialGC", "-Dorg.slf4j.simpleLogger.logFile=System.out",
               "-Dorg.slf4j.simpleLogger.showDateTime=true", "-Dorg.slf4j.simpleLogger.dateTimeFormat=HH:mm:ss.SSS"]
CLUSTER_ID = "a2Fma2EtZXZlbnRzLXRzdA"
START_SECONDS = 60
STOP_SECONDS = 20


@dataclass(frozen=True)
class Listener:
    """One more way in. What clients are told (advertised) may be another address: that of a proxy in between."""

    name: str
    address: str  # host:port
    advertised: str


class KafkaBroker:
    """One broker: start() waits until it answers; stop(), kill() and restart() keep port and data.

    As a context manager it starts on entry, and on exit stops and removes the data directory if it made that itself.
    Start it from a thread that lives as long as the broker shall (see die_with_parent).
    """

    def __init__(self, port: int | None = None, data: Path | None = None, partitions: int = 4,
                 properties: dict[str, str] | None = None, outlive_parent: bool = False,
                 listeners: tuple["Listener", ...] = ()):
        self._owned = data is None
        self.data = data or temporary_directory()
        self._fixed_port = port
        self.port = port or free_port()
        self._partitions = partitions
        self._properties = properties or {}
        self._outlive_parent = outlive_parent
        self._listeners = listeners
        self.process: subprocess.Popen | None = None

    @property
    def bootstrap(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        return self.data / "broker.log"

    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            self.close()
            raise

    def __exit__(self, *_):
        self.close()

    def start(self) -> "KafkaBroker":
        for attempt in (1, 2, 3):
            self.launch()
            try:
                wait_until(self._answers, START_SECONDS, "Kafka's first answer", 0.05)
                return self
            except (TimeoutError, SupportError) as error:
                self.kill()
                taken = "Address already in use" in tail(self.log, 400)
                if not taken or self._fixed_port or attempt == 3:
                    raise SupportError(f"Kafka did not start: {error}\n{tail(self.log)}") from error
                self.port = free_port()
        raise AssertionError("unreachable")

    def wait_for_brokers(self, count: int = 1) -> None:
        """Until this one answers and knows of so many."""
        wait_until(lambda: self._answers(count), START_SECONDS, f"an answer about {count} brokers", 0.05)

    def stop(self) -> None:
        """SIGTERM: Kafka hands over and flushes; SIGKILL if that takes too long."""
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
        self.process = None

    def kill(self) -> None:
        """SIGKILL, as a power cut would do it."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def restart(self) -> None:
        """Same port, same data."""
        self.stop()
        self._fixed_port = self.port
        self.start()

    def freeze(self) -> None:
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def close(self) -> None:
        if self._owned:
            self.kill()
            shutil.rmtree(self.data, ignore_errors=True)
        else:
            self.stop()

    def launch(self) -> None:
        """Starts the process and returns at once."""
        properties = self.data / "server.properties"
        self.data.mkdir(parents=True, exist_ok=True)
        properties.write_text(self._server_properties(free_port()))
        options = {} if self._outlive_parent else {"preexec_fn": die_with_parent()}
        with open(self.log, "w") as log:
            if not (self.data / "log" / "meta.properties").exists():
                self._java("kafka.tools.StorageTool", "format", "--config", str(properties), "--cluster-id", CLUSTER_ID,
                           stdout=log, **options).wait()
            self.process = self._java("kafka.Kafka", str(properties), stdout=log,
                                      start_new_session=self._outlive_parent, **options)

    def _java(self, *arguments: str, **options) -> subprocess.Popen:
        command = ["java", *JVM_OPTIONS, "-cp", class_path(), *arguments]
        try:
            return subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.STDOUT, cwd=self.data, **options)
        except FileNotFoundError:
            raise SupportError("Kafka needs Java 17: run `./dev install-deps` (package default-jdk-headless)") from None

    def _server_properties(self, controller_port: int) -> str:
        settings = {
            "process.roles": "broker,controller",
            "node.id": "1",
            "controller.quorum.voters": f"1@127.0.0.1:{controller_port}",
            **self._listener_properties(self._properties.get("controller.port", controller_port)),
            "log.dirs": str(self.data / "log"),
            "num.partitions": str(self._partitions),
            "auto.create.topics.enable": "true",
            "group.initial.rebalance.delay.ms": "0",
            # After a kill the old incarnation must be fenced before the new one is let in: 9 s by default.
            "broker.session.timeout.ms": "3000",
            "broker.heartbeat.interval.ms": "500",
            "offsets.topic.replication.factor": "1",
            "offsets.topic.num.partitions": "4",
            "transaction.state.log.replication.factor": "1",
            "transaction.state.log.min.isr": "1",
            "transaction.state.log.num.partitions": "4",
            **{name: value for name, value in self._properties.items() if name != "controller.port"},
        }
        return "".join(f"{name}={value}\n" for name, value in settings.items())

    def _listener_properties(self, controller_port: int | str) -> dict[str, str]:
        own = [Listener("PLAINTEXT", self.bootstrap, self.bootstrap), *self._listeners]
        addresses = [f"{listener.name}://{listener.address}" for listener in own]
        return {
            "listeners": ",".join([*addresses, f"CONTROLLER://127.0.0.1:{controller_port}"]),
            "advertised.listeners": ",".join(f"{listener.name}://{listener.advertised}" for listener in own),
            "listener.security.protocol.map": ",".join(f"{name}:PLAINTEXT" for name in
                                                       [*(listener.name for listener in own), "CONTROLLER"]),
            "inter.broker.listener.name": "PLAINTEXT",
            "controller.listener.names": "CONTROLLER",
        }

    def _answers(self, brokers: int = 1) -> bool:
        if self.process.poll() is not None:
            raise SupportError(f"the broker ended with status {self.process.returncode}")
        return broker_count("127.0.0.1", self.port) >= brokers


def temporary_directory() -> Path:
    """Named after its process, so that the next run can remove what a killed one had to leave."""
    parent = cache_dir() / "brokers"
    parent.mkdir(exist_ok=True)
    for directory in parent.iterdir():
        owner, started = directory.name.split("-")[:2]
        if start_time(int(owner)) != int(started):
            shutil.rmtree(directory, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=f"{os.getpid()}-{start_time(os.getpid())}-", dir=parent))


def broker_count(host: str, port: int) -> int:
    """Asks by a Metadata request (version 1, no topics) how many brokers are in service; 0 if nobody answers."""
    client = b"probe"
    body = struct.pack(">hhih", 3, 1, 1, len(client)) + client + struct.pack(">i", 0)
    try:
        with socket.create_connection((host, port), timeout=2) as connection:
            connection.sendall(struct.pack(">i", len(body)) + body)
            answer = connection.makefile("rb")
            size = struct.unpack(">i", answer.read(4))[0]
            return struct.unpack(">ii", answer.read(size)[:8])[1]
    except (OSError, struct.error):
        return 0


if __name__ == "__main__":
    from kafka_command import main
    sys.exit(main())
