"""Faults between the host and Kafka: by a TCP proxy of our own, and by packet filter rules in a network namespace."""

import time

from case_table import case
from run import Run


@case(way="proxy")
def proxy_latency(run: Run) -> dict:
    """100 ms each way and 1 MB/s, on and off"""
    run.start_host()
    run.publish()
    for _ in run.strikes(ci=2, full=6):
        run.proxy.set(latency=0.1, bandwidth=1_000_000)
        time.sleep(3)
        run.proxy.set(latency=0, bandwidth=0)
    return run.finish()


@case(way="proxy")
def proxy_reset(run: Run) -> dict:
    """TCP reset of every connection, again and again, and refused connections for a second"""
    run.start_host()
    run.publish()
    for _ in run.strikes(ci=3, full=10):
        for _ in range(5):
            run.proxy.reset()
            time.sleep(0.2)
        run.proxy.set(refuse=True)
        run.proxy.reset()
        time.sleep(1)
        run.proxy.set(refuse=False)
    return run.finish()


@case(way="proxy")
def proxy_partition(run: Run) -> dict:
    """Nothing passes in either direction for 7 s, longer than the request timeout; then what was sent arrives"""
    run.start_host()
    run.publish()
    for _ in run.strikes(ci=1, full=4):
        run.proxy.partition(True)
        time.sleep(7)
        run.proxy.partition(False)
    return run.finish()


@case(way="proxy")
def responses_swallowed(run: Run) -> dict:
    """Requests reach the broker, answers are lost, then the connection: what was written looks as if it was not"""
    run.start_host()
    run.publish()
    for _ in run.strikes(ci=3, full=10):
        run.proxy.set(swallow_responses=True)
        time.sleep(1.5)
        run.proxy.set(swallow_responses=False)
    return run.finish()


@case(way="namespace")
def packet_loss(run: Run) -> dict:
    """20% of the packets dropped, in both directions"""
    run.start_host()
    run.publish()
    for _ in run.strikes(ci=2, full=6):
        run.namespace.filter(*both(run, "numgen random mod 100 < 20 drop"))
        time.sleep(3)
        run.namespace.filter()
    return run.finish()


@case(way="namespace")
def packets_dropped(run: Run) -> dict:
    """All packets dropped for 7 s, longer than the request timeout"""
    run.start_host()
    run.publish()
    for _ in run.strikes(ci=1, full=4):
        run.namespace.filter(*both(run, "drop"))
        time.sleep(7)
        run.namespace.filter()
    return run.finish()


@case(way="namespace")
def packets_rejected(run: Run) -> dict:
    """Every packet of the host answered with a TCP reset for 3 s"""
    run.start_host()
    run.publish()
    for _ in run.strikes(ci=2, full=6):
        run.namespace.filter(both(run, "reject with tcp reset")[0])
        time.sleep(3)
        run.namespace.filter()
    return run.finish()


def both(run: Run, action: str) -> tuple[str, str]:
    """For packets to Kafka and from Kafka; the admin server of the host stays reachable."""
    port = run.stage.bootstrap.split(",")[0].rpartition(":")[2]
    return f"tcp dport {port} {action}", f"tcp sport {port} {action}"
