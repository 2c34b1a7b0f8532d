"""Where downloaded and generated things live: outside the tree, shared by every clone of one user."""

import contextlib
import fcntl
import hashlib
import os
from pathlib import Path

SUPPORT = Path(__file__).resolve().parent
ROOT = SUPPORT.parent.parent


class SupportError(Exception):
    """A failure that a person can act on; programs print its text and exit 1."""


def cache_dir() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    directory = Path(base) / "kafka_events"
    directory.mkdir(parents=True, exist_ok=True)
    return directory


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


@contextlib.contextmanager
def locked(name: str):
    """One process at a time; the kernel gives the lock back when its holder dies."""
    with open(cache_dir() / f"{name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
