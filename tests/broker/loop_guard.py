"""Records that go in circles come to an end: between two agents after max_hops, within one agent at once."""

import contextlib

from clients import consume, create_topic, produce, unique
from members import member
from processes import wait_until
from shared_broker import connect

NAME = unique("loop")
MAX_HOPS = 6


def config(bootstrap: str, agent: str, read: str, write: str, **guard) -> dict:
    return {"bootstrap_servers": bootstrap, "inbound": {"topics": [read], "event_topic": f"in::{agent}"},
            "outbound": [{"match": f"^out::{agent}$", "topic": write}], "loop_guard": {"max_hops": MAX_HOPS, **guard},
            "consumer-config": {"group_id": f"{NAME}{agent}", "auto_offset_reset": "earliest"}}


def agent(stack, bootstrap: str, name: str, read: str, write: str, mode: str = "now", **guard):
    """A host whose handler publishes what it gets as a fresh event: no header goes on by its hand."""
    host = member(config(bootstrap, name, read, write, **guard), f"^in::{name}$", None, f"out::{name}", mode)
    return stack.enter_context(host)


def statistics(host) -> dict:
    return host.get("/kafka/status")["workers"][0]


def hops(records: list) -> list[int]:
    return sorted(int(dict(record.headers() or []).get("agent-hops", b"0")) for record in records)


def lag(host) -> int:
    return sum((each["lag"] or 0) if each["lag"] is not None else 1 for each in statistics(host)["assignment"])


def two_agents(bootstrap: str) -> None:
    ping, pong = f"ping-{NAME}", f"pong-{NAME}"
    create_topic(bootstrap, ping, 1)
    create_topic(bootstrap, pong, 1)
    with contextlib.ExitStack() as stack:
        alice = agent(stack, bootstrap, "alice", ping, pong, origin="alice")
        bob = agent(stack, bootstrap, "bob", pong, ping, origin="bob")
        ends = [host.events("^kafka_events::loop_ended$") for host in (alice, bob)]
        produce(bootstrap, ping, [{"key": "k", "value": "round and round"}])
        wait_until(lambda: any(stream.all() for stream in ends), 30, "the end of the loop")
        # ping 0 (from outside), pong 1, ping 2, … until a record has come through MAX_HOPS agents
        assert hops(consume(bootstrap, ping, MAX_HOPS // 2 + 1)) == list(range(0, MAX_HOPS + 1, 2))
        last = consume(bootstrap, pong, MAX_HOPS // 2)
        assert hops(last) == list(range(1, MAX_HOPS, 2))
        assert {dict(record.headers())["agent-origin"] for record in last} == {b"alice"}
        [ended] = [event for stream in ends for event in stream.all()]
        assert ended.id.startswith(f"{ping}:0:"), ended
        assert any("goes in circles" in line and ended.id in line for line in alice.stderr), alice.log()
        wait_until(lambda: lag(alice) == 0 and lag(bob) == 0, 20, "the offset behind the record that ended")


def one_agent(bootstrap: str) -> None:
    """It reads what it writes."""
    own = f"own-{NAME}"
    create_topic(bootstrap, own, 1)
    with contextlib.ExitStack() as stack:
        host = agent(stack, bootstrap, "carol", own, own)
        seen = host.events("^in::carol$")
        produce(bootstrap, own, [{"key": "k", "value": "from outside"}])
        host.publish_all([{"topic": "out::carol", "tenant": "t", "payload": "own"}])
        # From outside, what its handler makes of it, and the one published here.
        wait_until(lambda: lag(host) == 0 and len(consume(bootstrap, own, 0)) == 3, 20, "all records read")
        assert [event.payload for event in seen.all()] == [b"from outside"], seen.all()
        assert hops(consume(bootstrap, own, 3)) == [0, 1, 1]


def own_ones_accepted(bootstrap: str) -> None:
    own = f"accepted-{NAME}"
    create_topic(bootstrap, own, 1)
    with contextlib.ExitStack() as stack:
        host = agent(stack, bootstrap, "dave", own, own, accept_own=True)
        ends = host.events("^kafka_events::loop_ended$")
        seen = host.events("^in::dave$")
        host.publish_all([{"topic": "out::dave", "tenant": "t", "payload": "own"}])
        ends.wait_for(1, 20, "the end of the loop")
        assert [int(event.header("agent-hops")) for event in seen.all()] == list(range(1, MAX_HOPS)), seen.all()


with connect() as address:
    two_agents(address)
    one_agent(address)
    own_ones_accepted(address)
print(f"a record ended after {MAX_HOPS} agents, an agent's own ones at once")
