"""The outbox as an operator meets it: while Kafka is away events are kept and publishers told so, a full one says busy, a
second process is refused by the owner's name, and after kill -9 and a restart everything goes out once and in order."""

import json
import subprocess
import tempfile
from pathlib import Path

from clients import consume, create_topic, unique
from host import HostStub, build_directory
from processes import free_port, wait_until
from shared_broker import connect

PAYLOAD = "x" * 1000
KEPT = "kept in the outbox until Kafka takes it"


def config(bootstrap: str, path: Path, qos: str) -> dict:
    return {"bootstrap_servers": bootstrap, "inbound": {"topics": []},
            "outbound": [{"match": "^acapy::outbound::.*", "qos": qos}],
            "outbox": {"path": str(path), "mode": "always", "max_bytes": "1MiB"}}


def event(name: str, number: int) -> dict:
    return {"topic": f"acapy::outbound::{name}", "tenant": f"t{number % 3}", "payload": {"n": number, "p": PAYLOAD}}


def fill(host: HostStub, name: str) -> int:
    """Publishes until the outbox is full; returns how many events it took."""
    lines = b"".join(json.dumps(event(name, number)).encode() + b"\n" for number in range(2000))
    status, text = host.request("POST", "/events?wait=1", lines, "application/x-ndjson")
    assert status == 503, f"{status} {text[:300]}"  # a full outbox takes nothing more
    answer = json.loads(text)
    taken = answer["done"]
    assert 500 < taken < 1100 and answer["failed"] == 0, {key: answer[key] for key in answer if key != "results"}
    assert {result["detail"] for result in answer["results"][:taken]} == {KEPT}, answer["results"][0]
    outbox = host.get("/kafka/status")["outbox"]
    assert outbox["entries"] == taken and outbox["bytes"] <= outbox["max_bytes"] == 1 << 20, outbox
    assert host.metric("kafka_events_outbox_entries") == taken
    return taken


def second_owner_is_refused(host: HostStub, settings: dict) -> None:
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        json.dump({"kafka_events": settings}, file)
        file.flush()
        second = subprocess.run([str(build_directory() / "bin" / "host_stub"), "--plugin", "kafka_events", "--plugin-config",
                                 file.name], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30)
    assert second.returncode == 1, second
    assert f"{host.process.pid}" in second.stderr and str(settings["outbox"]["path"]) in second.stderr, second.stderr


def in_order_once(bootstrap: str, topic: str, count: int) -> None:
    last: dict[int, int] = {}
    for record in consume(bootstrap, topic, count):
        number = json.loads(record.value())["n"]
        assert last.get(number % 3, -1) < number, f"{number} after {last[number % 3]}"
        last[number % 3] = number
    assert max(last.values()) == count - 1


for qos in ("at_least_once", "exactly_once"):
    with connect() as kafka, tempfile.TemporaryDirectory() as directory:
        name = unique("outbox")
        create_topic(kafka, f"acapy-outbound-{name}")
        path = Path(directory) / "events"
        away = config(f"127.0.0.1:{free_port()}", path, qos)
        stub = HostStub(away, wait_for="live")
        stub.start()
        try:
            wait_until(lambda: stub.get("/kafka/status")["state"] == "running", 10, "the plugin runs without a broker")
            taken = fill(stub, name)
            second_owner_is_refused(stub, away)
        finally:
            stub.kill()  # -9
        with HostStub(config(kafka, path, qos)) as again:
            wait_until(lambda: again.get("/kafka/status")["outbox"]["entries"] == 0, 30, "the outbox is empty")
            again.publish_all([event(name, number) for number in range(taken, taken + 100)])
        in_order_once(kafka, f"acapy-outbound-{name}", taken + 100)
        print(f"{qos}: {taken} events survived, in order, once")
