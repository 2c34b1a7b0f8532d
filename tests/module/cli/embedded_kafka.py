"""The embedded Kafka as another process sees it: kcat produces, lists and consumes."""

import subprocess
import sys

from cli import Running, free_port, run_tests


def kcat(address: str, *arguments: str, input: bytes = b"") -> str:
    done = subprocess.run(["kcat", "-b", address, *arguments], input=input, capture_output=True, timeout=30)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


def round_trip(address: str) -> None:
    lines = [f"line {number}" for number in range(100)]
    kcat(address, "-P", "-t", "from-kcat", input="\n".join(lines).encode())
    assert sorted(kcat(address, "-C", "-t", "from-kcat", "-o", "beginning", "-e", "-q").splitlines()) == sorted(lines)
    assert 'topic "from-kcat" with 4 partitions' in kcat(address, "-L")


def test_on_a_port_of_its_own_choice():
    with Running("--embedded-kafka") as host:
        round_trip(host.log().split("embedded Kafka ")[1].split()[0])
        assert host.stop() == 0


def test_on_a_port_that_was_asked_for():
    port = free_port()
    with Running("--embedded-kafka", str(port)) as host:
        assert f"127.0.0.1:{port}" in host.log()
        round_trip(f"127.0.0.1:{port}")
        assert host.stop() == 0


if __name__ == "__main__":
    sys.exit(run_tests(globals()))
