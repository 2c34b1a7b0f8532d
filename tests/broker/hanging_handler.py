"""Handlers that hang: those that never complete and those that never return are noticed, and the member is kept."""

from clients import create_topic, produce, unique
from host import HostStub, build_directory
from processes import wait_until
from shared_broker import connect

NAME = unique("hang")
KAFKA_TOPIC = f"acapy-inbound-{NAME}"
TOPIC = f"acapy::inbound::{NAME}"
MAX_POLL_MS = 6000
BLOCK_SECONDS = 14
MAX_IN_FLIGHT = 5
TENANT = "tenant-that-no-log-may-show"


def worker(host: HostStub) -> dict:
    return host.get("/kafka/status")["workers"][0]


def later(count: int) -> list[dict]:
    return [{"key": TENANT, "value": f"secret {number}", "partition": 0, "headers": [("misbehave", b"later")]}
            for number in range(count)]


def never_completed(address: str, host: HostStub, stream) -> None:
    produce(address, KAFKA_TOPIC, [{"value": "good", "partition": 0}, *later(1), {"value": "good", "partition": 0}])
    stream.wait_for(3, 20, "the records around the one that hangs")
    wait_until(lambda: worker(host)["warning"], 20, "a warning")
    shown = worker(host)
    oldest = shown["oldest_in_flight"]
    assert (oldest["topic"], oldest["partition"], oldest["offset"]) == (KAFKA_TOPIC, 0, 1), oldest
    assert f"{KAFKA_TOPIC}:0:1" in shown["warning"], shown
    assert host.metric("kafka_events_oldest_in_flight_seconds", worker="inbound") >= 1
    assert host.ready_status() == 200, "one handler that hangs does not make the agent unready"
    wait_until(lambda: any("does not complete" in line and TOPIC in line and f"{KAFKA_TOPIC}:0:1" in line
                           for line in host.stderr), 5, "the line of the log")


def at_the_bound(address: str, host: HostStub, stream) -> None:
    produce(address, KAFKA_TOPIC, later(MAX_IN_FLIGHT))
    wait_until(lambda: host.ready_status() == 503, 20, "an agent that is not ready")
    reason = host.get("/kafka/status")["reason"]
    assert "max_in_flight" in reason and "inbound" in reason, reason
    assert host.post("/misbehaving/complete")["completed"] >= MAX_IN_FLIGHT
    wait_until(lambda: host.post("/misbehaving/complete") and worker(host)["counts"]["done"] == 3 + MAX_IN_FLIGHT, 20, "all done")
    wait_until(lambda: host.ready_status() == 200 and not worker(host)["warning"], 20, "an agent that is ready")


def never_returned(address: str, host: HostStub, stream) -> None:
    before = worker(host)
    offset = sum(partition["high"] for partition in before["assignment"] if partition["partition"] == 0)
    arrived = len(stream.all())
    produce(address, KAFKA_TOPIC, [
        {"key": TENANT, "value": "secret", "partition": 0, "headers": [("misbehave", f"block {BLOCK_SECONDS * 1000}".encode())]},
        {"value": "after", "partition": 0}])
    wait_until(lambda: (worker(host)["blocked_seconds"] or 0) > 2, 20, "the blocked thread in the status")
    assert any("blocks the worker's thread" in line and TOPIC in line and f"{KAFKA_TOPIC}:0:{offset}" in line
               for line in host.stderr), host.log()
    assert host.metric("kafka_events_oldest_in_flight_seconds", worker="inbound") >= 2
    wait_until(lambda: host.ready_status() == 503, 10, "a worker that stands still is not ready")
    stream.wait_for(arrived + 2, BLOCK_SECONDS + 15, "the record after the one that blocked")
    wait_until(lambda: host.ready_status() == 200, 20, "an agent that is ready")
    after = worker(host)
    assert after["member_id"] == before["member_id"], "another member: it was evicted"
    assert after["counts"]["rebalances"] == before["counts"]["rebalances"], "a rebalance: the member was evicted"
    assert not any("MAX_POLL" in line or "maximum poll" in line for line in host.stderr), host.log()
    assert len(stream.all()) == arrived + 2, "records came twice"


with connect() as bootstrap:
    create_topic(bootstrap, KAFKA_TOPIC, 2)
    config = {"bootstrap_servers": bootstrap,
              "inbound": {"topics": [KAFKA_TOPIC], "max_in_flight": MAX_IN_FLIGHT, "slow_handler_ms": 2000},
              "consumer-config": {"group_id": NAME, "auto_offset_reset": "earliest", "max_poll_interval_ms": MAX_POLL_MS,
                                  "session_timeout_ms": 6000, "heartbeat_interval_ms": 1000}}
    plugin = str(build_directory() / "lib" / "test-plugins" / "misbehaving.so")
    with HostStub(config, ("--plugin", plugin)) as stub:
        events = stub.events(f"^{TOPIC}$")
        never_completed(bootstrap, stub, events)
        at_the_bound(bootstrap, stub, events)
        never_returned(bootstrap, stub, events)
        assert not any(TENANT in line or "secret" in line for line in stub.stderr), "a log shows what an event holds"
print(f"handlers that hang are noticed; blocked for {BLOCK_SECONDS} s with a poll interval of {MAX_POLL_MS} ms, and not evicted")
