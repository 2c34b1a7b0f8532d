"""Whatever is wrong with the input: a clear message, the right exit status, and nothing half-started."""

import os
import socket
import sys
import tempfile
from pathlib import Path

from cli import CONF, FIXTURES, KAFKA_EVENTS, Running, free_port, run, run_tests


def expect(status: int, *parts: str, arguments: tuple[str, ...], input: bytes | None = None, env=None) -> str:
    done = run(*arguments, input=input, env=env)
    assert done.returncode == status, f"{arguments}: status {done.returncode}, not {status}:\n{done.stderr}"
    for part in parts:
        assert part in done.stderr, f"{arguments}: no {part!r} in:\n{done.stderr}"
    assert "ready" not in done.stderr.split(), f"{arguments}: it got ready:\n{done.stderr}"
    return done.stderr


def with_file(text: bytes, use):
    with tempfile.NamedTemporaryFile(suffix=".yaml") as file:
        file.write(text)
        file.flush()
        use(file.name)


def test_unknown_plugin_is_named_with_the_places_searched():
    expect(2, "no plugin kafka_event", "kafka_event.so", arguments=("--plugin", "kafka_event"))


def test_what_is_no_plugin_is_refused():
    expect(2, "/etc/passwd is not an ELF", arguments=("--plugin", "/etc/passwd"))
    expect(2, "no file /nonexistent.so", arguments=("--plugin", "/nonexistent.so"))
    expect(2, "agent_plugin_entry", arguments=("--plugin", str(FIXTURES / "not_a_plugin.so")))


def test_another_abi_is_refused_with_both_versions():
    expect(2, "ABI", "2.1", "1.1", arguments=("--plugin", str(FIXTURES / "wrong_abi_major.so")))
    expect(2, "magic", arguments=("--plugin", str(FIXTURES / "wrong_magic.so")))
    expect(2, "32", "64", arguments=("--plugin", str(FIXTURES / "wrong_pointer_width.so")))


def test_a_plugin_that_cannot_start_ends_the_host():
    expect(1, "start", arguments=("--plugin", str(FIXTURES / "start_fails.so")))


def test_missing_and_unreadable_configuration():
    base = ("--plugin", KAFKA_EVENTS, "--plugin-config")
    expect(2, "cannot read /nonexistent.yaml: No such file or directory", arguments=(*base, "/nonexistent.yaml"))
    expect(2, "cannot read /tmp: Is a directory", arguments=(*base, "/tmp"))
    if os.geteuid() != 0:
        with tempfile.NamedTemporaryFile() as file:
            os.chmod(file.name, 0)
            expect(2, "Permission denied", arguments=(*base, file.name))


def test_a_configuration_that_is_too_large():
    with_file(b"#" * (1024 * 1024 + 1), lambda name: expect(
        2, "larger than 1048576 bytes", arguments=("--plugin", KAFKA_EVENTS, "--plugin-config", name)))


def test_all_problems_of_a_configuration_are_told_with_their_places():
    text = b"kafka_events:\n  client_ids: x\n  consumer-config:\n    auto_offset_reset: newest\n"

    def use(name):
        for arguments in (("--plugin", KAFKA_EVENTS, "--plugin-config", name),
                          ("check-config", name, "--plugin", KAFKA_EVENTS)):
            expect(2, f"{name}:2:3: kafka_events.client_ids: ",
                   f"{name}:4:24: kafka_events.consumer-config.auto_offset_reset: ", "latest", arguments=arguments)

    with_file(text, use)


def test_an_override_of_a_plugin_that_is_not_there():
    expect(2, "no plugin kafka is loaded", arguments=("--plugin", KAFKA_EVENTS, "-o", "kafka.client_id=x"))
    expect(2, "PLUGIN.KEY=VALUE", arguments=("-o", "nonsense"))
    expect(2, "client_idd", arguments=("--plugin", KAFKA_EVENTS, "-o", "kafka_events.client_idd=x"))


def test_port_in_use():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        expect(1, port, "in use", arguments=("--admin", "127.0.0.1", port, "--admin-insecure-mode"))
        expect(1, port, "in use", arguments=("--embedded-kafka", port))


def test_an_admin_server_without_key_or_insecure_mode():
    expect(2, "--admin-api-key KEY", "--admin-insecure-mode", arguments=("--admin", "127.0.0.1", "3001"))
    expect(2, "excludes", arguments=("--admin-api-key", "k", "--admin-insecure-mode"))
    expect(2, "is empty", arguments=("--admin", "127.0.0.1", "0", "--admin-api-key", ""))
    expect(2, arguments=("--admin", "no such host", "3001", "--admin-insecure-mode"))


def test_usage_mistakes():
    expect(2, "no such flag: --plugn (did you mean --plugin?)", arguments=("--plugn", "x"))
    expect(2, "no such verb: statsu (did you mean status?)", arguments=("statsu",))
    expect(2, "0 to 65535", arguments=("--admin", "127.0.0.1", "70000", "--admin-insecure-mode"))
    expect(2, "0 to 3600", arguments=("--drain-timeout", "soon"))
    expect(2, "cannot read /nonexistent.yml", arguments=("--arg-file", "/nonexistent.yml"))
    expect(2, "is not one of", "did you mean", arguments=("--log-level", "inof"))
    expect(2, "no such action: crate (did you mean create?)", arguments=("topics", "crate", "a"))
    expect(2, "is missing: how many partitions", arguments=("topics", "add-partitions", "a"))
    expect(2, "needs --yes", arguments=("topics", "delete", "a"))


def test_events_that_are_none():
    port = free_port()
    with Running("--admin", "127.0.0.1", str(port), "--admin-insecure-mode") as host:
        url = ("--admin-url", f"http://127.0.0.1:{port}")
        lines = b'{"topic": "a"}\n{"topic": \n'
        expect(2, "standard input:2: ", arguments=("publish", "--lines", "-", *url), input=lines)
        expect(2, "standard input:1: ", 'did you mean "topic"', arguments=("publish", "--lines", *url),
               input=b'{"topc": "a"}')
        expect(2, "1024", arguments=("publish", "x" * 1025, "payload", *url))
        expect(2, "TOPIC: is missing", arguments=("publish", "", "payload", *url))
        large = b"x" * (9 * 1024 * 1024)
        expect(2, "8388608", arguments=("publish", "a", "-", *url), input=large)
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "events.jsonl"
            file.write_bytes(lines)
            expect(2, f"{file}:2: ", "nothing was published", arguments=("publish", "--lines", str(file), *url))
        assert host.stop() == 0


def test_a_topic_that_kafka_cannot_have_is_told_at_once():
    port = free_port()
    with Running("--plugin", KAFKA_EVENTS, "--plugin-config", str(CONF / "demo.yaml"), "--embedded-kafka",
                 "--admin", "127.0.0.1", str(port), "--admin-insecure-mode") as host:
        done = run("publish", "acapy::webhook::no spaces", "{}", "--wait", "--admin-url", f"http://127.0.0.1:{port}")
        assert done.returncode == 3, f"{done.returncode}: {done.stderr}"
        assert "failed: acapy::webhook::no spaces" in done.stderr, done.stderr
        assert "not allowed" in host.log(), host.log()
        assert host.stop() == 0


def test_no_host_answers():
    url = ("--admin-url", "http://127.0.0.1:1")
    for arguments in (("status",), ("plugins",), ("watch", "a"), ("publish", "a", "b"), ("topics", "list")):
        expect(1, "no host answers at http://127.0.0.1:1", "start one with", arguments=(*arguments, *url))
    expect(2, "is not http://HOST:PORT", arguments=("status", "--admin-url", "127.0.0.1:3001"))


if __name__ == "__main__":
    sys.exit(run_tests(globals()))
