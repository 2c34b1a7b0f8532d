"""Kafka and the way to it: directly, through the fault proxy, or out of a network namespace."""

import contextlib

from fault_proxy import FaultProxy
from kafka import Listener
from kafka_cluster import KafkaCluster
from network_namespace import NetworkNamespace
from processes import free_port


class Stage:
    """`with Stage(nodes, way) as stage:` brokers answer, and stage.bootstrap is what a host shall be told. The harness
    itself always takes the direct way, stage.cluster.bootstrap."""

    def __init__(self, nodes: int, way: str):
        self._nodes, self._way = nodes, way
        self._ports: dict[int, int] = {}  # where clients are told to go -> where the broker listens
        self._stack = contextlib.ExitStack()
        self.namespace: NetworkNamespace | None = None
        self.proxy: FaultProxy | None = None

    def __enter__(self) -> "Stage":
        with self._stack:  # undone if a later step fails
            if self._way == "namespace":
                self.namespace = self._stack.enter_context(NetworkNamespace())
            self.cluster = self._stack.enter_context(KafkaCluster(self._nodes, self._listeners))
            if self._way == "proxy":
                self.proxy = self._stack.enter_context(FaultProxy(self._ports))
            self._stack = self._stack.pop_all()
        return self

    def __exit__(self, *_) -> None:
        self._stack.close()

    @property
    def bootstrap(self) -> str:
        address = self.namespace.outer_address if self.namespace else "127.0.0.1"
        return ",".join(f"{address}:{port}" for port in self._ports) or self.cluster.bootstrap

    def _listeners(self, index: int) -> tuple[Listener, ...]:
        if index == 0:
            self._ports.clear()  # the cluster is made anew if one of its ports was taken meanwhile
        if self._way == "direct":
            return ()
        told = listening = free_port()
        if self._way == "proxy":
            listening = free_port()
        self._ports[told] = listening
        address = self.namespace.outer_address if self.namespace else "127.0.0.1"
        return (Listener("FAULT", f"{address}:{listening}", f"{address}:{told}"),)
