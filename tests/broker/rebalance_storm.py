"""Members join and leave, and are killed, every second or so while numbered records come in: at_least_once loses none,
and what it handles twice was in flight at a member that was killed; at_most_once handles none twice."""

import contextlib
import random
import sys
import tempfile
import time

from clients import create_topic, unique
from host import HostStub
from members import Notes, NumberedRecords, member
from processes import wait_until
from shared_broker import connect

COUNT = 24_000
RATE = 800  # a second: 30 s
PARTITIONS = 6
MEMBERS = 3


def storm(bootstrap: str, qos: str, kill: bool) -> tuple[int, int, int, bool]:
    """Returns how many records were lost, how many handled again, how many members were replaced, and whether the group
    ever went on without a member that was alive: what that one had not committed is handled again, as it has to be."""
    name = unique(f"storm{qos.replace('_', '')}{'kill' if kill else ''}")
    topic = f"acapy-inbound-{name}"
    create_topic(bootstrap, topic, PARTITIONS)
    config = {"bootstrap_servers": bootstrap, "inbound": {"topics": [topic], "qos": qos},
              "consumer-config": {"group_id": name, "auto_offset_reset": "earliest", "session_timeout_ms": 6000,
                                  "heartbeat_interval_ms": 500}}
    choice = random.Random(7)
    replaced = 0
    everybody = []
    with tempfile.TemporaryDirectory() as directory, contextlib.ExitStack() as stack:
        notes = Notes(directory)

        def join() -> HostStub:
            everybody.append(stack.enter_context(replaceable(config, name, notes)))
            return everybody[-1]

        members = [join() for _ in range(MEMBERS)]
        records = NumberedRecords(bootstrap, topic, PARTITIONS, COUNT, RATE)
        while records.running:
            time.sleep(choice.uniform(0.7, 1.3))  # the storm's own pace, nothing is waited for
            gone = members.pop(choice.randrange(len(members)))
            if kill:
                gone.kill()
            else:
                gone.stop()
            members.append(join())
            replaced += 1
        records.finish()
        if qos == "at_least_once":
            wait_until(lambda: notes.distinct() >= COUNT, 60, "all records handled", 0.5)
        settle(notes)
        for each in members:
            each.stop()
        counts = notes.counts()
        expelled = any("_ASSIGNMENT_LOST" in line for host in everybody for line in host.stderr)
        return COUNT - len(counts), sum(counts.values()) - len(counts), replaced, expelled


@contextlib.contextmanager
def replaceable(config: dict, name: str, notes: Notes):
    """A member that the storm may have ended before the block does."""
    host = member(config, f"^acapy::inbound::{name}$", notes, wait_for="live").start()
    try:
        yield host
    finally:
        host.kill()


def settle(notes: Notes) -> None:
    """Until nothing has been handled for a session timeout and a half."""
    before, since = notes.distinct(), time.monotonic()
    while time.monotonic() - since < 9:
        time.sleep(0.5)
        if (now := notes.distinct()) != before:
            before, since = now, time.monotonic()


with connect() as address:
    cases = {"leave": ("at_least_once", False), "kill": ("at_least_once", True), "once": ("at_most_once", True)}
    for case in sys.argv[1:] or cases:
        lost, doubled, replaced_members, expelled_members = storm(address, *cases[case])
        print(f"{case}: {COUNT} records, {replaced_members} members replaced: {lost} lost, {doubled} handled again"
              f"{', members were expelled' if expelled_members else ''}", flush=True)
        if case == "once":
            assert doubled == 0, f"at_most_once handled {doubled} records again"
            assert lost < COUNT / 10, f"at_most_once lost {lost}: more than what can have been in flight"
        else:
            assert lost == 0, f"at_least_once lost {lost}"
        if case == "leave" and not expelled_members:
            # Allowed (the last commit of a partition may be refused while the group rebalances), and far from what a kill costs.
            assert doubled < COUNT / 20, f"members that left in order caused {doubled} records to be handled again"
print("as the guarantees say")
