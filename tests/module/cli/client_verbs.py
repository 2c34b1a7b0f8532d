"""publish, watch, status and plugins against a running host with the C sample plugin."""

import json
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from cli import HOST_STUB, SAMPLE_PLUGIN, Running, environment, free_port, run, run_tests, wait_until

KEY = "the key"


class Host(Running):
    def __init__(self, *arguments: str):
        self.port = free_port()
        self.env = {"AGENT_ADMIN_URL": f"http://127.0.0.1:{self.port}", "AGENT_ADMIN_API_KEY": KEY}
        super().__init__("--plugin", SAMPLE_PLUGIN, "--admin", "127.0.0.1", str(self.port), "--admin-api-key", KEY,
                         *arguments)

    def run(self, *arguments: str, input: bytes | None = None):
        done = run(*arguments, input=input, env=self.env)
        assert done.returncode == 0, f"{arguments}: {done.returncode}\n{done.stderr}"
        return done

    def watch(self, *arguments: str) -> subprocess.Popen:
        """Returns when the subscription is there."""
        before = self.subscriptions()
        watcher = subprocess.Popen([HOST_STUB, "watch", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   env=environment(self.env))
        wait_until(lambda: self.subscriptions() > before, 10, "a subscription of watch")
        return watcher

    def bus(self) -> dict:
        return json.loads(self.run("status", "--format", "json").stdout)["bus"]

    def subscriptions(self) -> int:
        return self.bus()["subscriptions"]


def events_file(folder: str, count: int) -> str:
    file = Path(folder) / "events.jsonl"
    file.write_text("".join(json.dumps({"topic": "sample_c::ask", "payload": {"n": n}}) + "\n" for n in range(count)))
    return str(file)


def test_status_and_plugins_for_people_and_programs():
    with Host("--label", "agent one") as host:
        assert "label: agent one" in host.run("status").stdout
        status = json.loads(host.run("status", "--format", "json").stdout)
        assert status["label"] == "agent one" and status["ready"] is True
        table = host.run("plugins").stdout.splitlines()
        assert table[0].split()[:3] == ["NAME", "VERSION", "STATE"]
        assert table[1].split()[:3] == ["sample_c", "1.0.0", "active"]
        assert json.loads(host.run("plugins", "--format", "json").stdout)["plugins"][0]["name"] == "sample_c"
        assert host.stop() == 0


def test_a_wrong_key_is_told():
    with Host() as host:
        done = run("status", env=host.env | {"AGENT_ADMIN_API_KEY": "wrong"})
        assert done.returncode == 2 and "Unauthorized" in done.stderr, done.stderr


def test_watch_sees_what_publish_sends():
    with Host() as host:
        watcher = host.watch("sample_c::(ask|answer)$", "--count", "2", "--format", "json")
        host.run("publish", "sample_c::ask", '{"ä": 1}', "--tenant", "w1", "--key", "k", "--header", "a=b",
                 "--header", "a=c")
        out, _ = watcher.communicate(timeout=10)
        events = {event["topic"]: event for event in map(json.loads, out.decode().splitlines())}
        ask = events["sample_c::ask"]
        assert (ask["payload"], ask["tenant"], ask["key"]) == ('{"ä": 1}', "w1", "k"), ask
        assert [header["value"] for header in ask["headers"]] == ["b", "c"], ask
        assert events["sample_c::answer"]["payload"] == '{"ä": 1}'
        assert watcher.returncode == 0


def test_watch_ends_at_ctrl_c():
    with Host() as host:
        watcher = host.watch("nothing$")
        watcher.send_signal(signal.SIGINT)
        assert watcher.wait(10) == 0


def test_a_wrong_pattern_is_told():
    with Host() as host:
        done = run("watch", "(", env=host.env)
        assert done.returncode == 2 and "(" in done.stderr, f"{done.returncode} {done.stderr}"


def test_publish_waits_for_results():
    with Host() as host:
        done = host.run("publish", "sample_c::ask", "x", "--wait")
        assert "1 done, 0 failed" in done.stderr and done.stdout == ""
        done = host.run("publish", "nobody::listens", "x", "--wait", "--format", "json")
        result, summary = map(json.loads, done.stdout.splitlines())
        assert result["handlers"] == 0 and summary["published"] == 1


def test_payloads_from_file_and_standard_input():
    with Host() as host, tempfile.TemporaryDirectory() as folder:
        payload = b"\xff\x00 bytes"
        (Path(folder) / "payload").write_bytes(payload)
        watcher = host.watch("p::", "--count", "2", "--format", "json")
        host.run("publish", "p::file", f"@{folder}/payload")
        host.run("publish", "p::input", "-", input=payload)
        out, _ = watcher.communicate(timeout=10)
        assert [json.loads(line)["payload_base64"] for line in out.splitlines()] == ["/wAgYnl0ZXM="] * 2


def test_lines_from_a_file_and_from_standard_input():
    with Host() as host, tempfile.TemporaryDirectory() as folder:
        file = events_file(folder, 2345)
        assert "published 2,345 events" in host.run("publish", "--lines", file).stderr
        done = host.run("publish", "--lines", "-", "--wait", "--format", "json", input=Path(file).read_bytes())
        lines = done.stdout.splitlines()
        assert len(lines) == 2346
        assert [json.loads(line)["line"] for line in lines[:-1]] == list(range(1, 2346))
        assert json.loads(lines[-1])["done"] == 2345


def test_a_rate_is_kept():
    with Host() as host, tempfile.TemporaryDirectory() as folder:
        began = time.monotonic()
        host.run("publish", "--lines", events_file(folder, 300), "--rate", "300")
        assert 0.7 < time.monotonic() - began < 5


def test_ctrl_c_tells_how_many_went():
    with Host() as host, tempfile.TemporaryDirectory() as folder:
        publisher = subprocess.Popen([HOST_STUB, "publish", "--lines", events_file(folder, 10_000), "--rate", "500"],
                                     stderr=subprocess.PIPE, env=environment(host.env))
        wait_until(lambda: host.bus()["published"] > 0, 10, "the first event")
        publisher.send_signal(signal.SIGINT)
        _, errors = publisher.communicate(timeout=10)
        published = host.bus()["published"] // 2  # each with its answer
        assert publisher.returncode == 130, errors
        assert f"published {published:,} events" in errors.decode(), f"{published}: {errors}"


def test_shutdown_by_http_is_a_clean_end():
    import http.client
    with Host() as host:
        connection = http.client.HTTPConnection("127.0.0.1", host.port, timeout=10)
        connection.request("POST", "/shutdown", headers={"X-API-Key": KEY})
        assert connection.getresponse().status in (200, 202)
        assert host.wait() == 0
        assert "drained sample_c: 0 delivered, 0 undelivered, 0 kept" in host.log()


if __name__ == "__main__":
    sys.exit(run_tests(globals()))
