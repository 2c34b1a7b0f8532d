#!/usr/bin/env python3
"""A minimal host runs kafka_events: its event reaches Kafka, the status event says where, and everything ends in order.

usage: hosts_test.py SOURCE COMMAND…        (COMMAND is run with module, configuration, topic and payload)
"""
import re
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "cli"))

from cli import KAFKA_EVENTS, Running, free_port, run_tests  # noqa: E402

SOURCE, COMMAND = Path(sys.argv[1]), sys.argv[2:]
TOPIC, PAYLOAD = "acapy::outbound::hello", '{"hello": "Kafka"}'
CONFIG = """kafka_events:
  bootstrap_servers: 127.0.0.1:{port}
  outbound:
    - match: "^acapy::.*"
      topic: "{{topic:kafka}}"
  inbound:
    topics: []
"""


def run_host(config: str, topic: str = TOPIC) -> subprocess.CompletedProcess:
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        file.write(config)
        file.flush()
        done = subprocess.run([*COMMAND, KAFKA_EVENTS, file.name, topic, PAYLOAD], capture_output=True, text=True, timeout=60)
    print(done.stdout + done.stderr)
    return done


def test_an_event_reaches_kafka_and_its_status_event_says_where():
    port = free_port()
    with Running("--embedded-kafka", str(port)) as kafka:
        for _ in range(3):
            done = run_host(CONFIG.format(port=port))
            assert done.returncode == 0, done.returncode
            assert f"{TOPIC}::sent_to_external_queue" in done.stdout
            assert "kafka-topic=acapy-outbound-hello" in done.stdout
            assert re.search(r"kafka-partition=\d+ kafka-offset=\d+", done.stdout)
        read = subprocess.run(["kcat", "-b", f"127.0.0.1:{port}", "-C", "-t", "acapy-outbound-hello", "-o", "beginning", "-e", "-q"],
                              capture_output=True, text=True, timeout=30, check=True).stdout
        assert read.splitlines() == [PAYLOAD] * 3, read
        assert kafka.stop() == 0


def test_an_event_that_kafka_cannot_take_is_reported_with_the_reason():
    port = free_port()
    with Running("--embedded-kafka", str(port)) as kafka:
        done = run_host(CONFIG.format(port=port), "acapy::not allowed")
        assert "acapy::not allowed::undeliverable" in done.stdout and "reason=" in done.stdout
        assert kafka.stop() == 0


def test_a_wrong_configuration_is_refused_with_its_place():
    done = run_host("kafka_events:\n  client_ids: x\n")
    assert done.returncode not in (0, -6, -11), done.returncode
    assert ":2:3: " in done.stderr and "client_id" in done.stderr


def test_it_needs_nothing_but_the_contract():
    text = SOURCE.read_text()
    if SOURCE.suffix == ".c":
        assert len(text.splitlines()) < 300, "a minimal host has fewer than 300 lines"
        assert set(re.findall(r'#include "(.*?)"', text)) == {"agent_plugin/agent_plugin.h"}
    else:
        text += (SOURCE.parent / "agent_contract.py").read_text()
        imported = {name.split()[0] for name in re.findall(r"^(?:import|from) (\w+)", text, re.M)}
        imported -= {"agent_contract", *sys.stdlib_module_names}
        assert not imported, imported


def test_the_structs_in_python_are_those_of_the_headers():
    sys.path.insert(0, str(Path(__file__).resolve().parent))
    import agent_contract  # noqa: PLC0415
    names = {"Text": "Bytes", "EventDraft": "Draft", "EventResult": "Result", "EventCompletion": "Completion",
             "ConfigProblem": "Problem", "PluginModule": "Module"}
    layout = (Path(__file__).resolve().parents[2] / "abi" / "layout_1_0.c").read_text()
    compared = 0
    for struct, member, offset in re.findall(r"^AT\(agent_(\w+), (\w+), (\d+)\);", layout, re.M):
        camel = "".join(part.capitalize() for part in struct.split("_"))
        type_ = getattr(agent_contract, names.get(camel, camel), None)
        if type_ is not None:
            assert getattr(type_, member).offset == int(offset), (struct, member)
            compared += 1
    assert compared > 90, compared


if __name__ == "__main__":
    sys.exit(run_tests(globals()))
