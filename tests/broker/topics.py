"""Topics over HTTP and by `host_stub topics`, cross-checked in both directions with Kafka's own tool (TopicCommand)."""

import json
import os
import subprocess
import sys

from clients import unique
from host import HostStub, build_directory
from jars import class_path
from kafka import KafkaBroker
from processes import wait_until

HOST_STUB = str(build_directory() / "bin" / "host_stub")
NAME = unique("topics")


def kafka_topics(bootstrap: str, *arguments: str) -> str:
    """What Kafka's own kafka-topics prints."""
    run = subprocess.run(["java", "-Xmx128m", "-XX:TieredStopAtLevel=1", "-cp", class_path(), "org.apache.kafka.tools.TopicCommand",
                          "--bootstrap-server", bootstrap, *arguments], capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout


def kafka_describes(bootstrap: str, topic: str) -> dict:
    """The first line of --describe: Topic, PartitionCount, ReplicationFactor, Configs."""
    line = next(line for line in kafka_topics(bootstrap, "--describe", "--topic", topic).splitlines() if line.startswith("Topic:"))
    fields = dict(field.strip().split(": ", 1) for field in line.split("\t") if ": " in field)
    fields["Configs"] = dict(pair.split("=", 1) for pair in fields.get("Configs", "").split(",") if pair)
    return fields


def ask(host: HostStub, method: str, path: str, value=None) -> tuple[int, dict]:
    status, text = host.request(method, path, None if value is None else json.dumps(value).encode())
    return status, json.loads(text)


def one(answer: tuple[int, dict], status: int) -> dict:
    """The only topic of an answer."""
    assert answer[0] == status, answer
    [topic] = answer[1]["topics"]
    return topic


def names(host: HostStub) -> set[str]:
    return {topic["name"] for topic in host.get("/kafka/topics")["topics"]}


def cli(host: HostStub, *arguments: str, status: int = 0, stdin=subprocess.DEVNULL) -> tuple[str, str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AGENT_")} | {"NO_COLOR": ""}
    run = subprocess.run([HOST_STUB, "topics", *arguments, "--admin-url", f"http://127.0.0.1:{host.port}"], stdin=stdin,
                         capture_output=True, text=True, timeout=60, env=environment)
    assert run.returncode == status, f"topics {arguments}: {run.returncode}, not {status}\n{run.stdout}{run.stderr}"
    return run.stdout, run.stderr


def created_here_seen_there(host: HostStub, bootstrap: str) -> None:
    topic = f"{NAME}-a"
    wanted = {"name": topic, "partitions": 3, "replication_factor": 1, "config": {"retention.ms": 86400000, "cleanup.policy": "compact"}}
    assert one(ask(host, "POST", "/kafka/topics", wanted), 201)["result"] == "created"
    theirs = kafka_describes(bootstrap, topic)
    assert (theirs["PartitionCount"], theirs["ReplicationFactor"]) == ("3", "1"), theirs
    assert theirs["Configs"]["retention.ms"] == "86400000" and theirs["Configs"]["cleanup.policy"] == "compact", theirs
    again = one(ask(host, "POST", "/kafka/topics", wanted), 200)
    assert (again["result"], again["message"]) == ("existed", ""), again
    other = one(ask(host, "POST", "/kafka/topics", {"name": topic, "partitions": 5, "config": {"retention.ms": "1"}}), 200)
    assert other["result"] == "existed", other
    assert "partitions 3 (asked for: 5)" in other["message"] and "retention.ms 86400000 (asked for: 1)" in other["message"], other
    extended = one(ask(host, "POST", f"/kafka/topics/{topic}/partitions", {"total": 5}), 200)
    assert extended["result"] == "extended", extended
    assert kafka_describes(bootstrap, topic)["PartitionCount"] == "5"
    assert one(ask(host, "POST", f"/kafka/topics/{topic}/partitions", {"total": 5}), 200)["result"] == "unchanged"
    status, fewer = ask(host, "POST", f"/kafka/topics/{topic}/partitions", {"total": 2})
    assert status == 422 and fewer["code"] == "INVALID_PARTITIONS" and "takes none away" in fewer["detail"], fewer
    assert one(ask(host, "DELETE", f"/kafka/topics/{topic}"), 200)["result"] == "deleted"
    assert topic not in names(host) and topic not in kafka_topics(bootstrap, "--list").split()
    assert one(ask(host, "DELETE", f"/kafka/topics/{topic}"), 200)["result"] == "absent"


def created_there_seen_here(host: HostStub, bootstrap: str) -> None:
    topic = f"{NAME}-b"
    kafka_topics(bootstrap, "--create", "--topic", topic, "--partitions", "2", "--replication-factor", "1", "--config", "max.message.bytes=2000")
    wait_until(lambda: topic in names(host), 10, "the topic in the list")
    ours = host.get(f"/kafka/topics/{topic}")
    assert (ours["partitions"], ours["replication_factor"], len(ours["assignment"])) == (2, 1, 2), ours
    assert all(part["leader"] == 1 and part["in_sync"] == [1] for part in ours["assignment"]), ours
    own = {config["name"]: config["value"] for config in ours["config"] if config["source"] == "topic"}
    assert own == {"max.message.bytes": "2000"}, own
    kafka_topics(bootstrap, "--alter", "--topic", topic, "--partitions", "4")
    wait_until(lambda: host.get(f"/kafka/topics/{topic}")["partitions"] == 4, 10, "the further partitions")
    both = host.get(f"/kafka/topics?name={topic}")["topics"]
    assert [each["partitions"] for each in both] == [4], both
    kafka_topics(bootstrap, "--delete", "--topic", topic)
    wait_until(lambda: topic not in names(host), 10, "the end of the topic")
    status, gone = ask(host, "GET", f"/kafka/topics/{topic}")
    assert status == 404 and topic in gone["detail"], gone


def refusals(host: HostStub) -> None:
    status, replicas = ask(host, "POST", "/kafka/topics", {"name": f"{NAME}-r", "replication_factor": 3})
    assert status == 422 and replicas["code"] == "INVALID_REPLICATION_FACTOR" and "has 1 broker" in replicas["detail"], replicas
    status, config = ask(host, "POST", "/kafka/topics", {"name": f"{NAME}-r", "config": {"nonsense": "1"}})
    assert status == 422 and config["code"] == "INVALID_CONFIG" and "nonsense" in config["detail"], config
    status, name = ask(host, "POST", "/kafka/topics", [{"name": f"{NAME}-r"}, {"name": "not good"}])
    assert status == 400 and f"{NAME}-r" not in names(host), name
    status, mixed = ask(host, "POST", "/kafka/topics", [{"name": f"{NAME}-m"}, {"name": f"{NAME}-r", "partitions": 1, "replication_factor": 9}])
    assert status == 207 and {topic["result"] for topic in mixed["topics"]} == {"created", "failed"}, mixed
    status, missing = ask(host, "POST", f"/kafka/topics/{NAME}-none/partitions", {"total": 3})
    assert status == 404 and missing["code"] == "UNKNOWN_TOPIC_OR_PART", missing
    assert f"{NAME}-none" not in names(host), "a look created the topic"
    assert one(ask(host, "DELETE", f"/kafka/topics/{NAME}-m"), 200)["result"] == "deleted"


def verbs(host: HostStub, bootstrap: str) -> None:
    one_topic, two = f"{NAME}-c1", f"{NAME}-c2"
    out, _ = cli(host, "create", one_topic, two, "--partitions", "2", "--replication-factor", "1", "--config", "retention.ms=1000")
    assert out.splitlines() == [f"{one_topic}: created", f"{two}: created"], out
    assert kafka_describes(bootstrap, two)["Configs"]["retention.ms"] == "1000"
    out, _ = cli(host, "create", one_topic, "--format", "json")
    assert json.loads(out)["result"] == "existed", out
    out, _ = cli(host, "list")
    assert out.splitlines()[0].split()[:2] == ["NAME", "PARTITIONS"] and one_topic in out and "__" not in out, out
    listed = [json.loads(line) for line in cli(host, "list", "--internal", "--format", "json")[0].splitlines()]
    assert {topic["name"] for topic in listed} == names(host), listed
    out, _ = cli(host, "describe", one_topic)
    assert f"{one_topic}: 2 partitions, 1 replicas" in out and "retention.ms" in out, out
    out, error = cli(host, "describe", one_topic, f"{NAME}-none", "--format", "json", status=3)
    assert json.loads(out)["name"] == one_topic and f"{NAME}-none" in error, (out, error)
    cli(host, "describe", f"{NAME}-none", status=1)
    cli(host, "add-partitions", one_topic, "--total", "3")
    assert kafka_describes(bootstrap, one_topic)["PartitionCount"] == "3"
    cli(host, "add-partitions", one_topic, "--total", "1", status=1)
    out, _ = cli(host, "create", two, f"{NAME}-c3", "--replication-factor", "5", status=3)
    assert f"{two}: existed" in out and f"{NAME}-c3: failed" in out, out
    _, error = cli(host, "delete", one_topic, two, status=2)
    assert "--yes" in error and one_topic in names(host), error
    out, _ = cli(host, "delete", one_topic, two, "--yes")
    assert out.count(": deleted") == 2 and not {one_topic, two} & set(kafka_topics(bootstrap, "--list").split()), out
    assert "absent" in cli(host, "delete", one_topic, "--yes")[0]


def ensured(bootstrap: str) -> None:
    """`topics: ensure` creates what is missing, with topic_prefix, and leaves alone what is there."""
    prefix = f"{NAME}."
    kafka_topics(bootstrap, "--create", "--topic", f"{prefix}there", "--partitions", "2", "--replication-factor", "1")
    config = {"bootstrap_servers": bootstrap, "inbound": {"topics": []}, "topic_prefix": prefix,
              "topics": {"ensure": [{"name": "new", "partitions": 6, "replication_factor": 1, "config": {"retention.ms": 1000}},
                                    {"name": "there", "partitions": 3}]}}
    with HostStub(config) as host:
        wait_until(lambda: f"{prefix}new" in names(host), 20, "the topic that was to be ensured", on_failure=host.log)
    theirs = kafka_describes(bootstrap, f"{prefix}new")
    assert theirs["PartitionCount"] == "6" and theirs["Configs"]["retention.ms"] == "1000", theirs
    assert kafka_describes(bootstrap, f"{prefix}there")["PartitionCount"] == "2"


def broker_away(broker: KafkaBroker, host: HostStub) -> None:
    broker.freeze()
    try:
        status, late = ask(host, "GET", "/kafka/topics?timeout_ms=500")
        assert status == 504 and broker.bootstrap in late["detail"], (status, late)
    finally:
        broker.thaw()
    wait_until(lambda: ask(host, "GET", "/kafka/topics")[0] == 200, 20, "an answer after the pause")
    host.post("/kafka/stop")
    assert ask(host, "GET", "/kafka/topics")[0] == 409
    host.post("/kafka/start")
    wait_until(lambda: ask(host, "GET", "/kafka/topics")[0] == 200, 20, "an answer after the start")


with KafkaBroker() as kafka:
    with HostStub({"bootstrap_servers": kafka.bootstrap, "inbound": {"topics": []}}) as stub:
        created_here_seen_there(stub, kafka.bootstrap)
        created_there_seen_here(stub, kafka.bootstrap)
        refusals(stub)
        verbs(stub, kafka.bootstrap)
        broker_away(kafka, stub)
    if "--without-ensure" not in sys.argv:
        ensured(kafka.bootstrap)
print("topics: ours and Kafka's own tools agree")
