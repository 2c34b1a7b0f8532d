"""Dead letters: listed, redriven by tenant, limit and rate, counted when they die again, never lost, never redriven twice."""

import time

from clients import consume, create_topic, produce, unique
from host import HostStub, build_directory
from kafka import KafkaBroker
from processes import wait_until

NAME = unique("letters")
KAFKA_TOPIC = f"acapy-inbound-{NAME}"
TOPIC = f"acapy::inbound::{NAME}"
DEAD_LETTERS = f"dlq-{KAFKA_TOPIC}"
FAIL, FAIL_ONCE = [("h", b"1"), ("misbehave", b"fail")], [("h", b"1"), ("misbehave", b"fail-once"), ("h", b"\xff")]
TENANTS = ("wallet-a", "wallet-b", "wallet-c")
PER_TENANT = 20
REDRIVE = "/kafka/dead-letters/redrive"


def counts(host: HostStub) -> dict:
    return host.get("/kafka/status")["workers"][0]["counts"]


def letters(host: HostStub, query: str = "") -> dict:
    return host.get("/kafka/dead-letters" + query)


def die(address: str, host: HostStub) -> None:
    """Tenants take turns; the key is the tenant, but for a tenth, where only the header says so."""
    records = []
    for number in range(PER_TENANT):
        for tenant in TENANTS:
            by_header = number % 10 == 0
            records.append({"key": "k" if by_header else tenant, "value": f"{tenant} {number}",
                            "headers": FAIL_ONCE + ([("agent-tenant", tenant.encode())] if by_header else [])})
    produce(address, KAFKA_TOPIC, records)
    wait_until(lambda: counts(host)["dead_lettered"] == len(records), 30, "dead letters", on_failure=lambda: str(counts(host)))


def listed(host: HostStub) -> None:
    answer = letters(host, "?limit=1000")
    total = PER_TENANT * len(TENANTS)
    assert sum(topic["open"] for topic in answer["topics"]) == total, answer["topics"]
    assert len(answer["dead_letters"]) == total and answer["redrive"] is None
    assert len(letters(host, "?limit=7")["dead_letters"]) == 7
    letter = answer["dead_letters"][0]
    assert letter["topic"] == DEAD_LETTERS and letter["original_topic"] == KAFKA_TOPIC, letter
    assert letter["stage"] == "handle" and letter["reason"] and not letter["redriven"], letter
    assert letter["redrive_count"] == 0 and letter["value_bytes"] >= len("wallet-a 0"), letter
    assert not any(tenant in str(answer) for tenant in TENANTS), "a list shows keys, values or tenants"


def redriven_by_tenant(host: HostStub, stream) -> None:
    before = len(stream.all())
    answer = host.post(REDRIVE, {"worker": "inbound", "tenant": "wallet-b", "rate": 10000})
    assert (answer["state"], answer["redriven"], answer["failed"]) == ("done", PER_TENANT, 0), answer
    assert answer["left"] == 2 * PER_TENANT, answer
    again = stream.wait_for(before + PER_TENANT, 20, "redriven records")[before:]
    assert {event.payload.decode().split()[0] for event in again} == {"wallet-b"}
    for event in again:
        names = [name for name, _ in event.headers]
        assert not any(name.startswith("__connect.errors.") for name in names), names
        assert [value for name, value in event.headers if name == "h"] == [b"1", b"\xff"], event.headers
        assert event.header("kafka_events-redrive-count") == "1", event.headers
    assert host.post(REDRIVE, {"tenant": "wallet-b"})["redriven"] == 0
    assert sum(letter["redriven"] for letter in letters(host, "?limit=1000")["dead_letters"]) == PER_TENANT


def limit_and_rate(host: HostStub, stream) -> None:
    began = time.monotonic()
    answer = host.post(REDRIVE, {"limit": 10, "rate": 5})
    took = time.monotonic() - began
    assert answer["redriven"] == 10 and took >= 9 / 5, (answer, took)
    # What was left out before is redriven now, and nothing of wallet-b.
    before = len(stream.all())
    answer = host.post(REDRIVE, {"rate": 10000})
    assert answer["redriven"] == 2 * PER_TENANT - 10 and answer["left"] == 0, answer
    stream.wait_for(before + answer["redriven"], 20, "the rest")
    redriven = [event.payload for event in stream.all() if event.header("kafka_events-redrive-count")]
    assert len(redriven) == len(set(redriven)) == len(TENANTS) * PER_TENANT, "some were redriven twice, or never"


def in_the_background(address: str, host: HostStub) -> None:
    """A redrive that takes longer than its request goes on; a stop of the plugin ends it, and what it did is remembered."""
    dead = counts(host)["dead_lettered"]
    produce(address, KAFKA_TOPIC, [{"key": "w", "value": str(number), "headers": FAIL_ONCE} for number in range(200)])
    wait_until(lambda: counts(host)["dead_lettered"] == dead + 200, 30, "200 more dead letters")
    answer = host.post(REDRIVE, {"rate": 10}, expect=202)
    assert answer["state"] == "running" and 0 < answer["redriven"] < 200, answer
    assert letters(host)["redrive"]["state"] == "running"
    assert "under way" in host.post(REDRIVE, expect=409)["detail"]
    host.post("/kafka/stop")
    host.post(REDRIVE, expect=409)
    host.post("/kafka/start")
    wait_until(lambda: host.ready_status() == 200, 20, "ready again")
    answer = host.post(REDRIVE, {"rate": 10000})
    assert answer["left"] == 0, answer
    wait_until(lambda: sum(each["lag"] or 0 for each in host.get("/kafka/status")["workers"][0]["assignment"]) == 0, 20, "no lag")
    records = [record.value() for record in consume(address, KAFKA_TOPIC, 1) if dict(record.headers()).get("kafka_events-redrive-count")]
    numbers = [value for value in records if value.isdigit()]
    assert len(numbers) == len(set(numbers)) == 200, f"{len(numbers)} redriven, {len(set(numbers))} different"


def dies_again(address: str, host: HostStub) -> None:
    dead = counts(host)["dead_lettered"]
    produce(address, KAFKA_TOPIC, [{"key": "w", "value": "hopeless", "headers": FAIL}])
    for redrives in range(3):
        wait_until(lambda: counts(host)["dead_lettered"] == dead + redrives + 1, 20, "its death")
        newest = max(letters(host)["dead_letters"], key=lambda letter: letter["redrive_count"])
        assert newest["redrive_count"] == redrives, newest
        assert host.post(REDRIVE)["redriven"] == 1
    wait_until(lambda: counts(host)["dead_lettered"] == dead + 4, 20, "its last death")


def refusals(host: HostStub) -> None:
    assert "no worker" in host.post(REDRIVE, {"worker": "nobody"}, expect=404)["detail"]
    assert host.post(REDRIVE, {"rate": 0}, expect=400)["field"] == "rate"
    assert host.request("GET", "/kafka/dead-letters?limit=x")[0] == 400
    assert host.request("GET", "/kafka/dead-letters?worker=nobody")[0] == 404


def without_a_topic_to_go_to(broker: KafkaBroker) -> None:
    """No topic for dead letters and nobody who makes one: the partition stops with a reason, and nothing is lost."""
    name = unique("nodlq")
    topic = f"acapy-inbound-{name}"
    create_topic(broker.bootstrap, topic, 1)
    config = {"bootstrap_servers": broker.bootstrap,
              "inbound": {"topics": [topic], "retries": {"attempts": 2, "backoff_ms": 100}},
              "consumer-config": {"group_id": name, "auto_offset_reset": "earliest"},
              "producer-config": {"librdkafka": {"topic.metadata.propagation.max.ms": "1000"}}}
    with HostStub(config, ("--plugin", PLUGIN)) as host:
        produce(broker.bootstrap, topic, [{"value": "1"}, {"value": "2", "headers": FAIL}, {"value": "3"}])
        wait_until(lambda: host.ready_status() == 503, 60, "a partition that has stopped")
        status = host.get("/kafka/status")
        reason = status["reason"]
        assert "dead letter" in reason and f"{topic}:0:1" in reason and "Unknown topic" in reason, reason
        [partition] = status["workers"][0]["assignment"]
        assert partition["watermark"] == 1, partition
        assert status["workers"][0]["counts"]["dead_letter_failures"] == 2, status["workers"][0]
        # Its topic is made, and the record taken up again where it stopped.
        create_topic(broker.bootstrap, f"dlq-{topic}", 1)
        host.post("/kafka/consumers/inbound/seek", {"topic": topic, "partition": 0, "offset": 1})
        wait_until(lambda: counts(host)["dead_lettered"] == 1, 60, "the dead letter", on_failure=lambda: host.log())
        wait_until(lambda: host.ready_status() == 200, 20, "ready again")
    assert [record.value() for record in consume(broker.bootstrap, f"dlq-{topic}", 1)] == [b"2"]


PLUGIN = str(build_directory() / "lib" / "test-plugins" / "misbehaving.so")
with KafkaBroker(properties={"auto.create.topics.enable": "false"}) as kafka:
    create_topic(kafka.bootstrap, KAFKA_TOPIC, 3)
    create_topic(kafka.bootstrap, DEAD_LETTERS, 2)
    settings = {"bootstrap_servers": kafka.bootstrap,
                "inbound": {"topics": [KAFKA_TOPIC], "retries": {"attempts": 1}},
                "consumer-config": {"group_id": NAME, "auto_offset_reset": "earliest"}}
    with HostStub(settings, ("--plugin", PLUGIN)) as stub:
        events = stub.events(f"^{TOPIC}$")
        refusals(stub)
        die(kafka.bootstrap, stub)
        listed(stub)
        redriven_by_tenant(stub, events)
        limit_and_rate(stub, events)
        in_the_background(kafka.bootstrap, stub)
        dies_again(kafka.bootstrap, stub)
        assert not any(tenant in line for line in stub.stderr for tenant in TENANTS), "a log shows a tenant"
    without_a_topic_to_go_to(kafka)
print("dead letters: listed, redriven once each, by tenant, limit and rate; none lost")
