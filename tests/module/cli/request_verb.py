"""request against a running host without Kafka: whoever publishes the right event has answered."""

import json
import subprocess
import sys

from cli import HOST_STUB, environment, free_port, run, run_tests, wait_until
from client_verbs import KEY, Host

TOPIC = "sample_c::ask"


def ask(host: Host, *arguments: str) -> subprocess.Popen:
    """Returns when it listens for its answer."""
    before = host.subscriptions()
    asking = subprocess.Popen([HOST_STUB, "request", TOPIC, "hello", "--header", "kafka_correlationId=mine", *arguments],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(host.env))
    wait_until(lambda: host.subscriptions() > before, 10, "a subscription of request")
    return asking


def tell(host: Host, suffix: str, payload: str, *headers: str) -> None:
    host.run("publish", TOPIC + suffix, payload, *(part for header in headers for part in ("--header", header)))


def test_the_answer_is_printed_and_nothing_else():
    with Host() as host:
        asking = ask(host)
        tell(host, "::reply", "of somebody else", "kafka_correlationId=other")
        tell(host, "::reply", "no id")
        tell(host, "::reply", "the answer", "kafka_correlationId=mine")
        out, err = asking.communicate(timeout=20)
        assert (asking.returncode, out, err) == (0, b"the answer", b""), (asking.returncode, out, err)
        asking = ask(host, "--format", "json")
        tell(host, "::reply", "the answer", "kafka_correlationId=mine", "x=1")
        event = json.loads(asking.communicate(timeout=20)[0])
        assert event["payload"] == "the answer" and {"name": "x", "value": "1"} in event["headers"], event
        assert host.subscriptions() == 1, "a subscription of request was left behind"
        assert host.stop() == 0


def test_no_answer_is_told_by_status_3_and_no_delivery_by_1():
    with Host() as host:
        asking = ask(host)
        tell(host, "::reply_timeout", "", "kafka_correlationId=mine", "reason=the Kafka plugin is stopped")
        out, err = asking.communicate(timeout=20)
        assert asking.returncode == 3 and not out and b"the Kafka plugin is stopped" in err, err
        asking = ask(host, "--timeout", "1")
        out, err = asking.communicate(timeout=20)
        assert asking.returncode == 3 and not out and b"no answer came within 1 s" in err and b"reply_to" in err, err
        nobody = run("request", "nobody::listens", "hello", env=host.env)
        assert nobody.returncode == 1 and "nobody takes" in nobody.stderr, nobody.stderr
        assert host.stop() == 0


def test_what_is_wrong_is_told_at_once():
    assert run("request").returncode == 2
    assert run("request", "t", "--timeout", "0").returncode == 2
    assert run("request", "t", "--header", "nameless").returncode == 2
    assert run("request", "t", "@/nonexistent").returncode == 2
    away = run("request", "t", "x", "--admin-url", f"http://127.0.0.1:{free_port()}")
    assert away.returncode == 1 and away.stderr.startswith("host_stub: "), away.stderr
    with Host() as host:
        refused = run("request", TOPIC, "x", env=host.env | {"AGENT_ADMIN_API_KEY": KEY + "!"})
        assert refused.returncode == 2, refused.stderr
        assert host.stop() == 0


def test_ctrl_c_ends_it():
    with Host() as host:
        asking = ask(host, "--timeout", "60")
        asking.send_signal(2)
        asking.communicate(timeout=10)
        assert asking.returncode == 130, asking.returncode
        assert host.stop() == 0


if __name__ == "__main__":
    sys.exit(run_tests(globals()))
