"""start: banner, ready, degraded, signals, precedence of settings; check-config and explain."""

import json
import signal
import socket
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from cli import CONF, FIXTURES, KAFKA_EVENTS, SAMPLE_PLUGIN, Running, free_port, run, run_tests, wait_until

IDLE_BYTES = 30 * 1024 * 1024


def test_without_a_plugin_the_host_works():
    with Running() as host:
        assert "admin          off" in host.log()
        assert host.stop() == 0


def test_the_banner_names_every_address():
    admin, kafka = free_port(), free_port()
    with Running("--admin", "127.0.0.1", str(admin), "--admin-insecure-mode", "--embedded-kafka", str(kafka), "--label", "me") as host:
        for part in (f"http://127.0.0.1:{admin}", f"127.0.0.1:{kafka}", "not durable", '"me"', "insecure"):
            assert part in host.log(), f"no {part}:\n{host.log()}"
        assert host.stop() == 0


def test_as_json_every_line_is_an_object_with_fields():
    admin = free_port()
    with Running("--admin", "127.0.0.1", str(admin), "--admin-insecure-mode", "--embedded-kafka", "--log-format", "json",
                 "--plugin", SAMPLE_PLUGIN, wait_for='"ready"') as host:
        assert host.stop() == 0
        lines = [json.loads(line) for line in host.log().splitlines()]
        banner = next(line for line in lines if line["body"] == "banner")
        assert banner["attributes"]["admin_url"] == f"http://127.0.0.1:{admin}"
        assert banner["attributes"]["embedded_kafka_durable"] == "false"
        drained = next(line for line in lines if line["body"] == "drained")
        assert drained["attributes"]["plugin"] == "sample_c"


def test_sigterm_and_ctrl_c_end_it_cleanly():
    for number in (signal.SIGTERM, signal.SIGINT):
        with Running("--plugin", SAMPLE_PLUGIN) as host:
            host.signal(number)
            assert host.wait() == 0
            assert "drained sample_c" in host.log() and "stopped" in host.log()


def test_a_second_signal_ends_it_at_once():
    for number, status in ((signal.SIGTERM, 143), (signal.SIGINT, 130)):
        with Running("--plugin", str(FIXTURES / "stop_hangs.so"), "--drain-timeout", "30", wait_for="degraded: ") as host:
            host.signal(number)
            wait_until(lambda: "draining" in host.log(), 10, "the drain")
            began = time.monotonic()
            wait_until(lambda: host.signal(number) or host.process.poll() is not None, 10, "the end", 0.03)
            assert host.wait() == status, host.log()
            assert time.monotonic() - began < 2


def test_a_signal_to_process_and_group_counts_once():
    for _ in range(5):
        with Running("--plugin", SAMPLE_PLUGIN) as host:
            for _ in range(2):
                host.signal(signal.SIGTERM)
            assert host.wait() == 0, host.log()


def test_a_hang_up_does_not_end_it():
    with Running() as host:
        host.signal(signal.SIGHUP)  # reloads every plugin, and here there is none
        host.signal(signal.SIGHUP)
        time.sleep(0.2)  # one that was not blocked would have ended it by now
        assert host.process.poll() is None
        assert host.stop() == 0


def test_without_a_broker_it_starts_degraded_and_gets_ready_when_one_comes():
    admin, broker = free_port(), free_port()
    with Running("--plugin", KAFKA_EVENTS, "-o", f"kafka_events.bootstrap_servers=127.0.0.1:{broker}", "--admin", "127.0.0.1",
                 str(admin), "--admin-insecure-mode", "--log-level", "error", wait_for="degraded: ") as host:
        assert "keeps trying" in host.log()
        assert status_of(f"http://127.0.0.1:{admin}/status/ready") == 503
        assert status_of(f"http://127.0.0.1:{admin}/status/live") == 200
        with Running("--embedded-kafka", str(broker)):
            wait_until(lambda: "\nready" in host.log(), 30, "ready", on_failure=host.log)
            assert status_of(f"http://127.0.0.1:{admin}/status/ready") == 200
        assert host.stop() == 0


def status_of(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.status
    except urllib.error.HTTPError as problem:
        return problem.code


def test_idle_memory_with_the_plugin():
    with Running("--embedded-kafka", wait_for="embedded Kafka ") as broker:
        address = broker.log().split("embedded Kafka ")[1].split()[0]
        with Running("--plugin", KAFKA_EVENTS, "-o", f"kafka_events.bootstrap_servers={address}") as host:
            status = Path(f"/proc/{host.process.pid}/status").read_text()
            resident = int(status.split("VmRSS:")[1].split()[0]) * 1024
            print(f"        {resident / 1048576:.1f} MiB resident")
            sanitized = "libasan" in Path(f"/proc/{host.process.pid}/maps").read_text()
            assert sanitized or resident <= IDLE_BYTES, f"{resident} bytes"
            assert host.stop() == 0


def test_a_flag_beats_the_environment_and_that_the_arg_file():
    with tempfile.NamedTemporaryFile("w", suffix=".yml") as file:
        file.write(f"label: from-file\nwallet_id: w\nadmin: [127.0.0.1, {free_port()}]\nadmin-insecure-mode: true\n")
        file.flush()
        for arguments, env, label in (((), {}, "from-file"), ((), {"AGENT_LABEL": "from-environment"}, "from-environment"),
                                      (("--label", "from-flag"), {"AGENT_LABEL": "from-environment"}, "from-flag")):
            with Running("--arg-file", file.name, *arguments, env=env) as host:
                assert f'"{label}"' in host.log(), host.log()
                assert host.stop() == 0


def test_check_config_says_so_if_all_is_well():
    for name in ("demo.yaml", "minimal.yaml"):
        done = run("check-config", str(CONF / name), "--plugin", KAFKA_EVENTS)
        assert done.returncode == 0, done.stderr
        assert done.stdout == f"{CONF / name}: no problems\n"


def test_explain_starts_nothing_and_tells_the_kafka_topic():
    arguments = ("explain", "acapy::record::connections::active", "--tenant", "w1", "--payload", "{}",
                 "--plugin-config", str(CONF / "demo.yaml"), "--plugin", KAFKA_EVENTS)
    done = run(*arguments)
    assert done.returncode == 0, done.stderr
    assert "acapy-record-connections-active" in done.stdout
    assert json.loads(run(*arguments, "--format", "json").stdout)["routes"][0]["kafka_topic"] == "acapy-record-connections-active"


def test_a_failed_start_leaves_no_port_open():
    admin = free_port()
    done = run("--plugin", str(FIXTURES / "start_fails.so"), "--admin", "127.0.0.1", str(admin), "--admin-insecure-mode")
    assert done.returncode == 1, done.stderr
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", admin)) != 0


def test_help_version_and_completion_go_to_standard_output():
    assert run("--version").stdout.startswith("host_stub 1.")
    assert "Example:" in run("publish", "--help").stdout
    assert "complete -o filenames" in run("completion", "bash").stdout


if __name__ == "__main__":
    sys.exit(run_tests(globals()))
