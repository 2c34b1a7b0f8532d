"""Child processes that end with their test, free ports, and waiting with a deadline."""

import ctypes
import os
import random
import signal
import socket
import time
from pathlib import Path

# Ephemeral ports begin at 32768: below it no outgoing connection can take the port of a server that is restarting.
PORT_RANGE = range(20000, 32768)
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


def die_with_parent():
    """For Popen's preexec_fn: the child is killed when the thread that started it ends, even if that was killed itself."""
    parent = os.getpid()

    def in_child():
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)

    return in_child


def port_is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port() -> int:
    for _ in range(200):
        port = random.SystemRandom().choice(PORT_RANGE)
        if port_is_free(port):
            return port
    raise RuntimeError(f"no free port in {PORT_RANGE}")


def wait_until(condition, timeout: float, what: str, interval: float = 0.01, on_failure=lambda: ""):
    """Polls until condition() is true and returns its value; TimeoutError names what was waited for."""
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() >= deadline:
            raise TimeoutError(f"{what}: not within {timeout:g} s {on_failure()}".rstrip())
        time.sleep(interval)


def start_time(pid: int) -> int | None:
    """The kernel's start tick of a living process: a process id alone may have been given to another one since."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] == "Z" else int(fields[19])


def resident_bytes(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError(f"process {pid} has no resident memory")


def tail(path: Path, lines: int = 40) -> str:
    try:
        return "\n".join(path.read_text(errors="replace").splitlines()[-lines:])
    except OSError:
        return f"(no {path.name})"
