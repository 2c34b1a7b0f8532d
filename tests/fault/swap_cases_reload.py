"""SIGHUP: the configuration is read anew and takes effect by the way of a swap; a bad one is refused."""

import signal
import time

from processes import wait_until
from swap_cases import case
from swap_run import SwapRun


def newest(run: SwapRun) -> dict:
    swaps = run.host.get("/plugins/kafka_events/swaps")
    swaps = swaps["swaps"] if isinstance(swaps, dict) else swaps
    return swaps[0] if swaps else {"id": 0, "outcome": "none"}


def hang_up(run: SwapRun, config: dict, expect: str) -> dict:
    before = newest(run)["id"]
    run.host.configure(config)
    run.host.process.send_signal(signal.SIGHUP)
    ended = lambda: newest(run)["id"] > before and newest(run)["outcome"] not in ("running", "probation")
    wait_until(ended, 40, "the end of a reload", 0.05)
    report = {**newest(run), "offset": time.monotonic() - time.time()}
    run.swaps.append(report)
    if report["outcome"] != expect:
        run.problems.append(f"reload: {report['outcome']}, not {expect}: {report['reason']}")
    return report


@case(full_swaps=100)
def reload(run: SwapRun) -> dict:
    """SIGHUP with a changed configuration takes effect, a bad one is refused; nothing is lost meanwhile"""
    run.arguments += ["--swap-probation", "0"]
    run.start()
    for number in range(max(4, run.terms.swaps // 5)):
        changed = run.config()
        changed["consumer-config"]["auto_commit_interval_ms"] = 300 + number
        changed["producer-config"] = {"linger_ms": 5 + number % 2}
        hang_up(run, changed, "swapped")
        run.wait_for_flow()
    refused = hang_up(run, {**run.config(), "outbound": [{"match": "(", "topic": "x"}]}, "refused")
    run.notes["refused"] = refused["reason"]
    if not refused["problems"]:
        run.problems.append("the refused reload names no problem of the configuration")
    run.wait_for_flow()
    hang_up(run, run.config(), "swapped")
    return run.finish()
