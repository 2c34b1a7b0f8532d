"""The demo behind `./dev run`: its verdict on the sample events, and on events that cannot be delivered."""

import json
import re
import socket
import sys
import tempfile
from pathlib import Path

from cli import CONF, KAFKA_EVENTS, run, run_tests

SAMPLES = CONF / "sample-events.jsonl"
ECHO = str(Path(KAFKA_EVENTS).with_name("echo.so"))


def demo(events: str, *arguments: str):
    return run("demo", "--plugin-config", str(CONF / "demo.yaml"), "--events", events, "--plugin", KAFKA_EVENTS,
               "--admin", "127.0.0.1", "0", *arguments)


def test_every_sample_event_is_delivered_and_comes_back():
    count = sum(1 for line in SAMPLES.read_text().splitlines() if line.strip())
    done = demo(str(SAMPLES), "--once")
    assert done.returncode == 0, done.stderr
    assert f"{count} of {count} events were delivered once and came back once" in done.stdout, done.stdout
    assert "KAFKA TOPIC" in done.stdout


def test_questions_are_answered_through_kafka():
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as file:
        file.write('{"topic": "acapy::good", "payload": "x"}\n')
        file.flush()
        done = demo(file.name, "--plugin", ECHO, "--once")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 of 1 events were delivered once and came back once, unchanged" in done.stdout, done.stdout
    assert re.search(r"500 of 500 requests were answered once, through Kafka: p50 [0-9.]+ ms, p99 [0-9.]+ ms", done.stdout), done.stdout


def test_an_event_that_goes_astray_is_named():
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as file:
        for event in ({"topic": "acapy::good", "payload": "x"},
                      {"topic": "acapy::not allowed", "id": "bad-name", "payload": "x"},
                      {"topic": "other::topic", "id": "no-route", "payload": "x"}):
            file.write(json.dumps(event) + "\n")
        file.flush()
        done = demo(file.name)
    assert done.returncode == 1, done.stdout
    assert "1 of 3 events" in done.stdout, done.stdout
    for part in ("astray: bad-name", "astray: no-route"):
        assert part in done.stderr, done.stderr


def test_a_taken_admin_port_is_no_obstacle():
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            taken.bind(("127.0.0.1", 3001))
            taken.listen()
        except OSError:
            pass  # it is taken already
        with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as file:
            file.write('{"topic": "acapy::good", "payload": "x"}\n')
            file.flush()
            done = run("demo", "--plugin-config", str(CONF / "demo.yaml"), "--events", file.name, "--plugin", KAFKA_EVENTS,
                       "--once")
    assert done.returncode == 0, done.stderr
    assert "http://127.0.0.1:3001\n" not in done.stderr


def test_missing_files_are_told():
    assert "cannot read /nonexistent" in demo("/nonexistent").stderr
    done = run("demo", "--events", str(SAMPLES))
    assert done.returncode == 2 and "--plugin-config: FILE is missing" in done.stderr


if __name__ == "__main__":
    sys.exit(run_tests(globals()))
