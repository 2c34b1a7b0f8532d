"""`kafka.py up|down|status`: the development broker, which goes on running until it is taken down."""

import argparse
import contextlib
import json
import os
import shutil
import signal
import sys
from pathlib import Path

from cache import SupportError, cache_dir, locked
from kafka import STOP_SECONDS, KafkaBroker, broker_count
from processes import free_port, port_is_free, start_time, wait_until

DEFAULT_PORT = 9092


def data_directory() -> Path:
    return cache_dir() / "dev-broker"


def state_file() -> Path:
    return data_directory() / "state.json"


def running() -> dict | None:
    """The state of the development broker if its process lives; its id could by now belong to another program."""
    try:
        state = json.loads(state_file().read_text())
    except (OSError, ValueError):
        return None
    return state if start_time(state["pid"]) == state["started"] else None


def up(port: int | None) -> int:
    with locked("dev-broker"):
        state = running()
        if state:
            print("already running", file=sys.stderr)
            if port not in (None, state["port"]):
                raise SupportError(f"it runs on port {state['port']}: `./dev kafka down` first, to have it on {port}")
        else:
            state = start(port)
    print(f"127.0.0.1:{state['port']}")
    return 0


def start(port: int | None) -> dict:
    if port is not None and not port_is_free(port):
        raise SupportError(f"port {port} is in use")
    chosen = port or (DEFAULT_PORT if port_is_free(DEFAULT_PORT) else free_port())
    if port is None and chosen != DEFAULT_PORT:
        print(f"port {DEFAULT_PORT} is in use, taking {chosen}", file=sys.stderr)
    print(f"starting Apache Kafka 4.1.0, data in {data_directory()}", file=sys.stderr)
    broker = KafkaBroker(port=chosen, data=data_directory(), outlive_parent=True)
    broker.start()
    state = {"pid": broker.process.pid, "started": start_time(broker.process.pid), "port": broker.port}
    state_file().write_text(json.dumps(state))
    return state


def down(wipe: bool) -> int:
    with locked("dev-broker"):
        state = running()
        if state:
            end(state)
        print("stopped" if state else "not running", file=sys.stderr)
        state_file().unlink(missing_ok=True)
        if wipe:
            shutil.rmtree(data_directory(), ignore_errors=True)
    return 0


def end(state: dict) -> None:
    gone = lambda: start_time(state["pid"]) != state["started"]
    with contextlib.suppress(ProcessLookupError):
        os.kill(state["pid"], signal.SIGTERM)
        try:
            wait_until(gone, STOP_SECONDS, "Kafka's end")
        except TimeoutError:
            os.kill(state["pid"], signal.SIGKILL)
            wait_until(gone, STOP_SECONDS, "Kafka's end after SIGKILL")


def status() -> int:
    state = running()
    if state is None:
        print("not running")
        return 1
    answers = broker_count("127.0.0.1", state["port"]) > 0
    print(f"127.0.0.1:{state['port']} {'running' if answers else 'does not answer'} (process {state['pid']})")
    return 0 if answers else 1


def main() -> int:
    parser = argparse.ArgumentParser(description="A real Apache Kafka for development. Its data stays until `down --wipe`.")
    parser.add_argument("verb", choices=["up", "down", "status"])
    parser.add_argument("--port", type=int, help=f"for up: port to listen on (default {DEFAULT_PORT}, or a free one)")
    parser.add_argument("--wipe", action="store_true", help="for down: remove topics and records as well")
    arguments = parser.parse_args()
    try:
        return {"up": lambda: up(arguments.port), "down": lambda: down(arguments.wipe), "status": status}[arguments.verb]()
    except SupportError as error:
        print(error, file=sys.stderr)
        return 1
