#!/usr/bin/env python3
"""One broker for all broker tests of a ctest run: `up` and `down` are its fixture, connect() is for the tests.

KAFKA_EVENTS_BROKER_STATE names the file through which they find it; run_broker_test.sh sets it, one per ctest process.
Without it (a test run by hand) each test starts a broker of its own.
"""

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
from pathlib import Path

from cache import SupportError
from kafka import START_SECONDS, STOP_SECONDS, KafkaBroker
from processes import start_time, tail, wait_until


@contextlib.contextmanager
def connect():
    """Yields the bootstrap address of the shared broker, or of one that lives as long as the with-block."""
    state = os.environ.get("KAFKA_EVENTS_BROKER_STATE")
    if state and Path(state).exists():
        yield json.loads(Path(state).read_text())["bootstrap"]
    else:
        with KafkaBroker() as broker:
            yield broker.bootstrap


def up(state: Path, owner: int) -> None:
    state.unlink(missing_ok=True)
    state.parent.mkdir(parents=True, exist_ok=True)
    log = state.with_suffix(".log")
    with open(log, "w") as output:
        server = subprocess.Popen([sys.executable, __file__, "serve", str(state), str(owner)], start_new_session=True,
                                  stdin=subprocess.DEVNULL, stdout=output, stderr=output)
    wait_until(lambda: state.exists() or server.poll() is not None, START_SECONDS + 120, "the shared broker",
               on_failure=lambda: tail(log))
    if not state.exists():
        raise SupportError(f"the shared broker did not start\n{tail(log)}")
    print(json.loads(state.read_text())["bootstrap"])


def down(state: Path) -> None:
    if not state.exists():
        return
    server = json.loads(state.read_text())
    gone = lambda: start_time(server["pid"]) != server["started"]
    if not gone():
        os.kill(server["pid"], signal.SIGTERM)
        wait_until(gone, STOP_SECONDS + 10, "the end of the shared broker")
    state.unlink(missing_ok=True)
    state.with_suffix(".log").unlink(missing_ok=True)


def serve(state: Path, owner: int) -> None:
    """Runs the broker until SIGTERM or until the owner (ctest) ends, however it ends."""
    asked_to_stop, wake = os.pipe()
    signal.signal(signal.SIGTERM, lambda *_: os.write(wake, b"."))
    try:
        owner_ended = os.pidfd_open(owner)
    except ProcessLookupError:
        return
    with KafkaBroker() as broker:
        draft = state.with_suffix(".draft")
        draft.write_text(json.dumps({"bootstrap": broker.bootstrap, "pid": os.getpid(),
                                     "started": start_time(os.getpid())}))
        draft.rename(state)
        select.select([asked_to_stop, owner_ended], [], [])
    state.unlink(missing_ok=True)


def main() -> int:
    verb = sys.argv[1]
    state = Path(os.environ["KAFKA_EVENTS_BROKER_STATE"] if len(sys.argv) < 3 else sys.argv[2])
    try:
        if verb == "up":
            up(state, int(os.environ["KAFKA_EVENTS_OWNER"]))
        elif verb == "down":
            down(state)
        else:
            serve(state, int(sys.argv[3]))
    except (SupportError, TimeoutError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
