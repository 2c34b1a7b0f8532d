"""Consume, handle, publish in one transaction: numbered records come in, a handler publishes each again, hosts are killed
all the while. A read_committed consumer sees every number once: none lost, none twice."""

import collections
import contextlib
import random
import sys
import tempfile
import time

from clients import consume, create_topic, unique
from members import NumberedRecords, member
from processes import wait_until
from shared_broker import connect

COUNT = 20_000
RATE = 1_000
PARTITIONS = 4
MEMBERS = 2


def configuration(bootstrap: str, name: str, outbox: str) -> dict:
    return {"bootstrap_servers": bootstrap, "outbox": {"path": outbox},
            "inbound": {"topics": [f"acapy-inbound-{name}"], "qos": "exactly_once"},
            "outbound": [{"match": f"^acapy::outbound::{name}$", "topic": f"out-{name}", "qos": "exactly_once"}],
            "consumer-config": {"group_id": name, "auto_offset_reset": "earliest", "session_timeout_ms": 6000,
                                "heartbeat_interval_ms": 500}}


def run(bootstrap: str, mode: str, kills: int) -> None:
    name = unique(f"eos{mode}")
    create_topic(bootstrap, f"acapy-inbound-{name}", PARTITIONS)
    create_topic(bootstrap, f"out-{name}", PARTITIONS)
    choice = random.Random(11)
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as directory, contextlib.ExitStack() as stack:
        def join(instance: int):
            # Its outbox names the instance, so that the next process ends what a killed one left open.
            host = member(configuration(bootstrap, name, f"{directory}/{instance}"), f"^acapy::inbound::{name}$", None, f"acapy::outbound::{name}",
                          mode, wait_for="live").start()
            stack.callback(host.kill)
            return host

        members = [join(instance) for instance in range(MEMBERS)]
        records = NumberedRecords(bootstrap, f"acapy-inbound-{name}", PARTITIONS, COUNT, RATE)
        for _ in range(kills):
            time.sleep(choice.uniform(0.5, 1.5))  # the killer's own pace, nothing is waited for
            instance = choice.randrange(MEMBERS)
            members[instance].kill()
            members[instance] = join(instance)
        records.finish()
        wait_until(lambda: len(consume(bootstrap, f"out-{name}", 0)) >= COUNT, 120, "all numbers published", 1)
        for each in members:
            each.stop()
        seen = collections.Counter(int(message.value()) for message in consume(bootstrap, f"out-{name}", COUNT))
    lost = COUNT - len(seen.keys() & set(range(COUNT)))
    doubled = sum(seen.values()) - len(seen)
    print(f"{mode}: {COUNT} records, {kills} hosts killed, {time.monotonic() - began:.0f} s: {lost} lost, {doubled} doubled",
          flush=True)
    assert lost == 0 and doubled == 0, f"{lost} lost, {doubled} doubled"


with connect() as address:
    for each_mode in sys.argv[1:] or ("now", "wait", "thread"):
        run(address, each_mode, 10)
print("as read_committed sees it, every number came once")
