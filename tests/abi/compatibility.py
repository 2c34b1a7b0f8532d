#!/usr/bin/env python3
"""Released and present parts work together: old modules in today's host, today's modules in old hosts.

usage: compatibility.py RELEASED_DIR BUILD_DIR VERSION old-host|old-modules

Each pair runs for real: an embedded Kafka, an event out to it and back in, the same for the sample, drain, unload, exit 0.
"""
import ctypes
import hashlib
import lzma
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "support"))

from host import HostStub  # noqa: E402
from processes import free_port, wait_until  # noqa: E402

HOST = Path("bin") / "host_stub"
MODULES = Path("lib") / "agent-plugins"
CONFIG = {
    "bootstrap_servers": None,
    "outbound": [{"match": "^acapy::.*", "topic": "{topic:kafka}", "status_events": True}],
    "inbound": {"topics": []},
    "workers": [{"name": "returned", "group": "returned", "topics": ["^acapy-.*"], "event_topic": "returned::{topic}"}],
    "consumer-config": {"auto_offset_reset": "earliest", "metadata_max_age_ms": 700, "session_timeout_ms": 6000,
                        "heartbeat_interval_ms": 500},
}


def unpack(release: Path, name: str, to: Path) -> None:
    """Fails if the fixture is missing or is not what was released."""
    packed = (release / f"{name}.xz").read_bytes()
    sums = dict(reversed(line.split()) for line in (release / "SHA256SUMS").read_text().splitlines())
    assert hashlib.sha256(packed).hexdigest() == sums[f"{name}.xz"], f"{release / name}.xz is not what was released"
    to.parent.mkdir(parents=True, exist_ok=True)
    to.write_bytes(lzma.decompress(packed))
    to.chmod(0o755)


def lay_out(folder: Path, release: Path, build: Path, what: str) -> None:
    """An installation of both: the host of one, the modules of the other."""
    for name in ("kafka_events.so", "sample_c.so"):
        if what == "old-modules":
            unpack(release, name, folder / MODULES / name)
        else:
            (folder / MODULES).mkdir(parents=True, exist_ok=True)
            shutil.copy(build / MODULES / name, folder / MODULES / name)
    if what == "old-host":
        unpack(release, "host_stub", folder / HOST)
    else:
        (folder / HOST).parent.mkdir(parents=True)
        shutil.copy(build / HOST, folder / HOST)


def abi_of_host(host: Path) -> str:
    """host_stub 1.0.0 (plugin ABI 1.0)"""
    text = subprocess.run([host, "--version"], capture_output=True, text=True, timeout=30, check=True).stdout
    return re.search(r"plugin ABI ([\d.]+)", text)[1]


def abi_of_module(module: Path) -> str:
    """Out of the block that it returns: abi_major and abi_minor lie at 16 and 20 for ever."""
    entry = ctypes.CDLL(str(module)).agent_plugin_entry
    entry.restype = ctypes.c_void_p
    return "{}.{}".format(*(ctypes.c_uint32 * 2).from_address(entry() + 16))


def abi_of_headers() -> str:
    text = (ROOT / "plugin_api/include/agent_plugin/abi.h").read_text()
    return ".".join(re.search(rf"#define AGENT_ABI_{part} (\d+)u", text)[1] for part in ("MAJOR", "MINOR"))


def works_together(what: str) -> None:
    kafka = free_port()
    config = CONFIG | {"bootstrap_servers": f"127.0.0.1:{kafka}"}
    if what == "old-host":  # today's module: it passes over what it wrote itself, unless it is asked not to
        config["loop_guard"] = {"accept_own": True}
    with HostStub(config, ("--plugin", "sample_c", "--embedded-kafka", str(kafka))) as host:
        status = host.events("acapy::.*::sent_to_external_queue$")
        returned = host.events("returned::.*")
        answers = host.events("sample_c::answer$")
        host.publish_all([{"topic": "acapy::record::connections", "payload": f"event {n}", "tenant": "w"} for n in range(10)])
        for report in status.wait_for(10, 20, "status events"):
            assert int(report.header("kafka-partition")) >= 0 and int(report.header("kafka-offset")) >= 0, report
        arrived = {event.payload for event in returned.wait_for(10, 40, "events that come back")}
        assert arrived == {f"event {n}".encode() for n in range(10)}, arrived

        host.publish([{"topic": "sample_c::ask", "payload": "question"}])
        assert answers.wait_for(1, 10, "the sample's answer")[0].payload == b"question"
        assert host.get("/sample_c/count") == {"count": 1}
        assert host.metric("kafka_events_produced_total", result="delivered") == 10
        process, lines = host.process, host.stderr
    assert process.returncode == 0
    wait_until(lambda: any("stopped" in line for line in lines), 5, "the last line", on_failure=host.log)
    for name in ("kafka_events", "sample_c"):
        assert any(f"drained {name}" in line for line in lines), host.log()
    assert not any("stays in memory" in line for line in lines), host.log()


def main() -> int:
    released, build, version, what = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], sys.argv[4]
    expected = {"old-host": (version, abi_of_headers()), "old-modules": (abi_of_headers(), version)}[what]
    with tempfile.TemporaryDirectory(prefix="kafka_events-") as name:
        folder = Path(name)
        lay_out(folder, released / version, build, what)
        found = abi_of_host(folder / HOST), abi_of_module(folder / MODULES / "kafka_events.so")
        assert found == expected, f"host and module have the ABI {found}, not {expected}"
        os.environ["KAFKA_EVENTS_BUILD"] = name
        works_together(what)
        print(f"a module of ABI {found[1]} works in a host of ABI {found[0]}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
