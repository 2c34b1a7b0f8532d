"""Faults of Kafka itself: killed, frozen, restarted, its leaders and its transaction coordinator taken away."""

import time

from case_table import EXACTLY, case
from run import Run


@case(nodes=1)
def broker_kill(run: Run) -> dict:
    """SIGKILL of the only broker, which comes back after 2 s"""
    run.start_host()
    run.publish()
    [broker] = run.cluster.brokers
    for _ in run.strikes(ci=1, full=4):
        broker.kill()
        time.sleep(2)
        broker.start()
    return run.finish()


@case(nodes=3)
def leader_kill(run: Run) -> dict:
    """SIGKILL of one of three brokers while it leads, in turn"""
    run.start_host()
    run.publish()
    for _ in run.strikes(ci=1, full=4):
        victim = run.cluster.brokers[run.cluster.leaders(run.topic)[0]]
        victim.kill()
        time.sleep(6)
        victim.start()
        run.cluster.wait_in_sync()
    return run.finish()


@case(nodes=1)
def broker_stop(run: Run) -> dict:
    """SIGSTOP of the only broker for 6 s: longer than the request timeout, so answers come too late"""
    run.start_host()
    run.publish()
    [broker] = run.cluster.brokers
    for _ in run.strikes(ci=1, full=4):
        broker.freeze()
        time.sleep(6)
        broker.thaw()
    return run.finish()


@case(nodes=3)
def leader_stop(run: Run) -> dict:
    """SIGSTOP for 8 s of one of three brokers while it leads: others take over, then it wakes up as a former leader"""
    run.start_host()
    run.publish()
    for _ in run.strikes(ci=1, full=4):
        victim = run.cluster.brokers[run.cluster.leaders(run.topic)[0]]
        victim.freeze()
        time.sleep(8)
        victim.thaw()
        run.cluster.wait_in_sync()
    return run.finish()


@case(nodes=3)
def rolling_restart(run: Run) -> dict:
    """SIGTERM and start of all three brokers, one after the other"""
    run.start_host()
    run.publish()
    for _ in run.strikes(ci=1, full=2):
        for broker in run.cluster.brokers:
            broker.restart()
            run.cluster.wait_in_sync()
    return run.finish()


@case(nodes=3)
def leader_change(run: Run) -> dict:
    """Leaders move to other brokers by a controlled shutdown, and back by an election while all brokers run"""
    run.start_host()
    run.publish()
    for _ in run.strikes(ci=1, full=4):
        victim = run.cluster.brokers[run.cluster.leaders(run.topic)[0]]
        victim.restart()
        run.cluster.wait_in_sync()
        run.cluster.elect_preferred_leaders()
    return run.finish()


@case(nodes=3, pairs=EXACTLY)
def coordinator_kill(run: Run) -> dict:
    """SIGKILL of the broker that coordinates the host's transactions"""
    run.start_host()
    run.publish()
    for _ in run.strikes(ci=1, full=4):
        victim = run.cluster.coordinator_of_transactions()
        victim.kill()
        time.sleep(6)
        victim.start()
        run.cluster.wait_in_sync()
    return run.finish()
