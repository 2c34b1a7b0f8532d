"""--worker: which workers a host runs, and what is said of those that do not exist. No broker is needed."""

import json
import os
import sys
import tempfile
import urllib.request
from pathlib import Path

from cli import CONF, KAFKA_EVENTS, Running, free_port, run, run_tests

TEXT = """kafka_events:
  bootstrap_servers: "127.0.0.1:9"
  workers:
    - {name: audit, topics: a}
    - {name: billing, topics: b, qos: at_least_once}
  run_workers: billing
"""


def check(*arguments: str, text: str = TEXT, env=None):
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        file.write(text)
        file.flush()
        return run("check-config", file.name, "--plugin", KAFKA_EVENTS, *arguments, env=env)


def running_workers(*arguments: str, env=None) -> list[dict]:
    with tempfile.TemporaryDirectory() as directory:
        file, port = Path(directory) / "agent.yaml", str(free_port())
        file.write_text(TEXT)
        with Running("--plugin", KAFKA_EVENTS, "--plugin-config", str(file), "--admin", "127.0.0.1", port,
                     "--admin-insecure-mode", *arguments, wait_for="degraded", env=env):
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/kafka/status", timeout=10) as answer:
                return json.load(answer)["workers"]


def names(workers: list[dict]) -> list[str]:
    return [worker["name"] for worker in workers]


def test_the_flag_beats_the_file():
    assert names(running_workers()) == ["billing"]
    assert names(running_workers("--worker", "audit", "--worker", "inbound")) == ["inbound", "audit"]
    assert names(running_workers("--worker", "audit,billing")) == ["audit", "billing"]
    assert names(running_workers(env={"AGENT_WORKER": "audit"})) == ["audit"]


def test_options_of_a_worker_by_its_name():
    [worker] = running_workers("--worker", "audit", "-o", "kafka_events.workers.audit.group=mine")
    assert worker["group"] == "mine", worker


def test_a_worker_that_does_not_exist_is_refused_with_those_that_do():
    for done in (check("--worker", "adit"), check(env={"AGENT_WORKER": "adit"})):
        assert done.returncode == 2, done.stderr
        assert '-o: kafka_events.run_workers: "adit" is the name of no worker (did you mean "audit"?); ' \
               "there are inbound, audit, billing" in done.stderr, done.stderr
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        file.write(TEXT)
        file.flush()
        done = run("start", "--plugin", KAFKA_EVENTS, "--plugin-config", file.name, "--worker", "audit", "--worker", "nobody")
    assert done.returncode == 2, done.stderr
    assert '"nobody" is the name of no worker; there are inbound, audit, billing' in done.stderr, done.stderr


def test_what_is_no_name_is_refused_before_anything_is_loaded():
    done = check("--worker", "a b")
    assert done.returncode == 2 and '--worker: "a b" is not the name of a worker' in done.stderr, done.stderr


def test_a_worker_that_is_wrong_is_told_although_it_does_not_run():
    done = check("--worker", "audit", text=TEXT.replace("at_least_once", "twice"))
    assert done.returncode == 2 and "kafka_events.workers.1.qos" in done.stderr, done.stderr
    assert check("--worker", "audit").returncode == 0


def test_the_flag_needs_the_plugin():
    done = run("start", "--worker", "audit")
    assert done.returncode == 2 and "no plugin kafka_events is loaded" in done.stderr, done.stderr


def test_the_samples_are_right():
    for sample in ("workers.yaml", "control-framework.yaml"):
        done = run("check-config", str(CONF / sample), "--plugin", KAFKA_EVENTS)
        assert done.returncode == 0 and "warning" not in done.stderr, done.stderr
    # From another directory too: files are found beside the configuration.
    here = os.getcwd()
    os.chdir("/")
    try:
        assert run("check-config", str(CONF / "control-framework.yaml"), "--plugin", KAFKA_EVENTS).returncode == 0
        done = run("check-config", str(CONF / "workers.yaml"), "--plugin", KAFKA_EVENTS, "--worker", "audit,index")
        assert done.returncode == 0, done.stderr
    finally:
        os.chdir(here)


if __name__ == "__main__":
    sys.exit(run_tests(globals()))
