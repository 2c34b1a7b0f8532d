"""Three brokers that replicate to each other (KRaft, each broker and controller), on the loopback interface only."""

import contextlib

from confluent_kafka import Consumer, ElectionType, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from cache import SupportError
from kafka import KafkaBroker
from processes import free_port, tail, wait_until

SETTLE_SECONDS = 60


class KafkaCluster:
    """`with KafkaCluster() as cluster:` starts it; cluster.brokers are KafkaBroker, each killed and started by itself.

    With one node it is a single broker with the same manners. `listeners(index)` names further ways into a broker.
    """

    def __init__(self, nodes: int = 3, listeners=lambda index: (), properties: dict[str, str] | None = None):
        self._nodes = nodes
        self._listeners = listeners
        self._properties = properties or {}
        self.brokers: list[KafkaBroker] = []
        self._admin: AdminClient | None = None

    @property
    def bootstrap(self) -> str:
        return ",".join(broker.bootstrap for broker in self.brokers)

    @property
    def replication(self) -> int:
        return self._nodes

    def __enter__(self) -> "KafkaCluster":
        for attempt in (1, 2, 3):
            try:
                self._make()
                for broker in self.brokers:
                    broker.launch()
                for broker in self.brokers:
                    broker.wait_for_brokers(self._nodes)
                return self
            except (SupportError, TimeoutError) as error:
                logs = "\n".join(tail(broker.log, 400) for broker in self.brokers)
                self.close()
                if "Address already in use" not in logs or attempt == 3:
                    raise SupportError(f"the cluster did not start: {error}\n{logs[-4000:]}") from error
            except BaseException:
                self.close()
                raise
        raise AssertionError("unreachable")

    def __exit__(self, *_) -> None:
        self.close()

    def close(self) -> None:
        for broker in self.brokers:
            broker.close()
        self.brokers = []
        self._admin = None

    def admin(self) -> AdminClient:
        """One and the same: its answers are lost when it is."""
        if self._admin is None:
            self._admin = AdminClient({"bootstrap.servers": self.bootstrap, "log_level": 0})
        return self._admin

    def create_topic(self, topic: str, partitions: int) -> None:
        """Its records carry the time at which the broker appended them."""
        settings = {"message.timestamp.type": "LogAppendTime", "min.insync.replicas": "2" if self._nodes > 1 else "1"}
        new = NewTopic(topic, partitions, self._nodes, config=settings)
        self.admin().create_topics([new])[topic].result(30)
        wait_until(lambda: len(self.leaders(topic)) == partitions, 20, f"leaders of {topic}", 0.1)

    def leaders(self, topic: str) -> dict[int, int]:
        """Partition to the index of its leader, as far as there is one."""
        metadata = self.admin().list_topics(topic, 10).topics[topic]
        return {number: partition.leader - 1 for number, partition in metadata.partitions.items() if partition.leader > 0}

    def wait_in_sync(self, timeout: float = SETTLE_SECONDS) -> None:
        """Until every replica of every topic is in sync again."""
        wait_until(self._in_sync, timeout, "all replicas in sync", 0.1)

    def elect_preferred_leaders(self) -> None:
        """Leadership goes back to the first replica of each partition, while everything runs."""
        with contextlib.suppress(Exception):  # it counts as an error that some partition's leader was the preferred one
            self.admin().elect_leaders(ElectionType.PREFERRED, None).result(20)

    def coordinator_of_transactions(self) -> KafkaBroker:
        """The broker that leads the partition of __transaction_state in which most was written."""
        reader = Consumer({"bootstrap.servers": self.bootstrap, "group.id": "watermarks", "log_level": 0})
        try:
            partitions = reader.list_topics("__transaction_state", 10).topics["__transaction_state"].partitions
            written = {number: reader.get_watermark_offsets(TopicPartition("__transaction_state", number), 10)[1]
                       for number in partitions}
            busiest = max(written, key=written.get)
            return self.brokers[partitions[busiest].leader - 1]
        finally:
            reader.close()

    def _make(self) -> None:
        controllers = [free_port() for _ in range(self._nodes)]
        voters = ",".join(f"{number}@127.0.0.1:{port}" for number, port in enumerate(controllers, 1))
        replication, in_sync = str(self._nodes), "2" if self._nodes > 1 else "1"
        shared = {"controller.quorum.voters": voters, "default.replication.factor": replication,
                  "min.insync.replicas": in_sync, "offsets.topic.replication.factor": replication,
                  "transaction.state.log.replication.factor": replication, "transaction.state.log.min.isr": in_sync,
                  # A frozen follower leaves the ISR soon enough for a test that freezes it for some seconds.
                  "replica.lag.time.max.ms": "5000", **self._properties}
        for index, port in enumerate(controllers):
            own = {"node.id": str(index + 1), "controller.port": str(port)}
            self.brokers.append(KafkaBroker(port=free_port(), properties={**shared, **own},
                                            listeners=tuple(self._listeners(index))))

    def _in_sync(self) -> bool:
        metadata = self.admin().list_topics(timeout=10)
        return len(metadata.brokers) == self._nodes and all(
            len(partition.isrs) == self._nodes and partition.leader > 0
            for topic in metadata.topics.values() for partition in topic.partitions.values())
