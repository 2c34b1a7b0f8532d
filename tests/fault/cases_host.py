"""Faults of the host and its machine: killed at any instant, its outbox's disk full, Kafka away for long or at the end."""

import contextlib
import os
import random
import subprocess
import tempfile
import time
from pathlib import Path

from case_table import EVERY, WITH_OUTBOX, Skip, case
from processes import start_time, wait_until
from run import Run

KILL_SEED = 4
KAFKA_LATENCY = 0.05
OUTAGE_RATE = 5_000.0
OUTAGE_SECONDS = {False: 20, True: 600}  # by Terms.full
STEADY_SECONDS = 5
RESIDENT_BOUND_MB = 256
DRAIN_RATIO = 0.8
DISK_PREFIX = "kafka_events-disk-"
DISK_BYTES = 160 << 20
ROOM_BYTES = 3 << 20  # what the ballast leaves free


@case(way="proxy", pairs=EVERY)
def host_kill(run: Run) -> dict:
    """kill -9 of the host at random instants; it starts again on the same outbox while publishing goes on"""
    chance = random.Random(KILL_SEED)
    run.ledger.host_lived = False
    run.proxy.set(latency=KAFKA_LATENCY)  # so that at any instant many events are on their way
    run.start_host()
    run.publish()
    for _ in run.strikes(ci=6, full=60):
        time.sleep(chance.uniform(0.0, 0.4))
        run.host.kill()
        run.restart_host()
    return run.finish()


@case(pairs=WITH_OUTBOX)
def disk_full(run: Run) -> dict:
    """The file system of the outbox is full while Kafka is away: publishers are told busy, nothing is evicted"""
    with small_disk() as disk:
        run.outbox_path = str(disk / "outbox")
        # Few fit into memory, so that when_needed needs the disk as well.
        run.overrides["librdkafka"] = {"queue.buffering.max.messages": "1000"}
        run.start_host()
        run.publish()
        [broker] = run.cluster.brokers
        for _ in run.strikes(ci=1, full=3):
            ballast = fill(disk)
            broker.kill()
            before = run.ledger.busy
            with contextlib.suppress(TimeoutError):
                wait_until(lambda: run.ledger.busy >= before + 20 or not run.publishing, 120, "busy", 0.05)
            run.notes["busy_while_full"] = run.notes.get("busy_while_full", 0) + run.ledger.busy - before
            broker.start()
            time.sleep(3)
            ballast.unlink()
        result = run.finish()
        run.host.kill()
    if not run.notes["busy_while_full"]:
        result["violations"].append("the disk never was full: this case tested nothing")
    return result


@case(pairs=WITH_OUTBOX)
def outage(run: Run) -> dict:
    """Kafka away for ten minutes (in CI 20 s) at 5,000 events/s: memory within its bound, drained at 0.8 of that rate"""
    away = OUTAGE_SECONDS[run.terms.full]
    run.config_outbox = {"max_bytes": "8GiB"}
    run.start_host()
    run.publish(int(OUTAGE_RATE * (STEADY_SECONDS + away)), OUTAGE_RATE)
    run.wait_share(STEADY_SECONDS / (STEADY_SECONDS + away))
    run.faults += 1
    [broker] = run.cluster.brokers
    broker.kill()
    time.sleep(away)
    run.stop_publishing()
    run.watched_from = time.time()
    backlog = run.ledger.taken() - run.ledger.settled()
    broker.start()
    run.settle(600)
    result = run.finish()
    rate = backlog / max(0.001, max(run.appended) - min(run.appended))
    run.notes.update({"away_seconds": away, "backlog": backlog, "drained_per_second": round(rate),
                      "drained_of_steady": round(rate / OUTAGE_RATE, 2)})
    if rate < DRAIN_RATIO * OUTAGE_RATE:
        result["violations"].append(f"drained at {rate:.0f} events/s, after a steady rate of {OUTAGE_RATE:.0f}")
    if run.peak_resident > RESIDENT_BOUND_MB * 1e6:
        result["violations"].append(f"{run.peak_resident / 1e6:.0f} MB resident, over {RESIDENT_BOUND_MB}")
    return result


@case(pairs=EVERY)
def shutdown(run: Run) -> dict:
    """SIGTERM while Kafka is away: the summary says how many were kept or not delivered; the next start delivers the rest"""
    run.ledger.host_lived = False
    run.start_host()
    run.publish(waiting=False)
    [broker] = run.cluster.brokers
    run.wait_share(0.5)
    run.faults += 1
    broker.kill()
    run.wait_share(0.9)
    run.stop_publishing()
    time.sleep(1)
    outstanding = run.ledger.taken() - run.ledger.settled()
    told = run.stop_host()
    run.notes.update({"outstanding": outstanding, **{f"summary_{name}": value for name, value in told.items()}})
    broker.start()
    run.restart_host()
    result = run.finish()
    if told["kept"] + told["undelivered"] != outstanding:
        result["violations"].append(f"{outstanding} events were outstanding, the summary says {told}")
    if run.terms.outbox != "off" and told["undelivered"]:
        result["violations"].append(f"undelivered in spite of an outbox: {told}")
    return result


@contextlib.contextmanager
def small_disk():
    """A file system of its own, named after this process, so that the next run can remove what a killed one had to leave."""
    if os.geteuid() != 0:
        raise Skip("mounting a small file system needs root")
    remove_leftover_disks()
    with tempfile.TemporaryDirectory(prefix=f"{DISK_PREFIX}{os.getpid()}-{start_time(os.getpid())}-") as path:
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "kafka_events-fault", path],
                                 capture_output=True, text=True)
        if mounted.returncode != 0:
            raise Skip(f"mounting a small file system: {mounted.stderr.strip()}")
        try:
            yield Path(path)
        finally:
            subprocess.run(["umount", "--lazy", path], capture_output=True)


def remove_leftover_disks() -> None:
    for directory in Path(tempfile.gettempdir()).glob(f"{DISK_PREFIX}*"):
        owner, started = directory.name.removeprefix(DISK_PREFIX).split("-")[:2]
        if start_time(int(owner)) != int(started):
            subprocess.run(["umount", "--lazy", str(directory)], capture_output=True)
            with contextlib.suppress(OSError):
                directory.rmdir()


def fill(disk: Path) -> Path:
    """Leaves a little room, so that the outbox meets the end in the middle of its work."""
    ballast = disk / "ballast"
    with open(ballast, "wb") as file:
        space = os.statvfs(disk)
        with contextlib.suppress(OSError):
            file.write(bytes(max(0, space.f_bavail * space.f_frsize - ROOM_BYTES)))
    return ballast
