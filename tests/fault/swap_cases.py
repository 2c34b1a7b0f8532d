"""The swap cases by name. Each gets a SwapRun whose Kafka is up, and returns its result."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from swap_run import SwapRun, module


@dataclass(frozen=True)
class Case:
    body: Callable[[SwapRun], dict]
    nodes: int
    full_swaps: int
    summary: str


CASES: dict[str, Case] = {}


def case(full_swaps: int, nodes: int = 1):
    def register(body: Callable[[SwapRun], dict]) -> Callable[[SwapRun], dict]:
        CASES[body.__name__] = Case(body, nodes, full_swaps, (body.__doc__ or "").split("\n")[0])
        return body

    return register


def pair():
    """The two versions, the next one first: the host begins with the other."""
    return [module("kafka_events_next"), module("kafka_events")]


@case(full_swaps=0)
def swap_none(run: SwapRun) -> dict:
    """The load alone: what the machine gives without a swap"""
    run.start()
    time.sleep(60 if run.terms.full else 10)
    return run.finish()


@case(full_swaps=500)
def swap_fast(run: SwapRun) -> dict:
    """Back and forth between two versions, the librdkafka handles change hands"""
    run.start()
    run.swap_to_and_fro(pair())
    expect_handles(run, "taken over")
    return run.finish()


@case(full_swaps=100)
def swap_long(run: SwapRun) -> dict:
    """The long way: everything is committed, flushed and closed, and the group is joined anew"""
    run.start()
    run.swap_to_and_fro(pair(), close_connections=True)
    expect_handles(run, "made anew")
    return run.finish()


@case(full_swaps=100)
def swap_static(run: SwapRun) -> dict:
    """The long way as a static member of the group: no rebalance"""
    run.consumer["group_instance_id"] = run.id
    run.start()
    run.swap_to_and_fro(pair(), close_connections=True)
    expect_handles(run, "made anew")
    return run.finish()


def expect_handles(run: SwapRun, wanted: str) -> None:
    others = [swap for swap in run.swaps if swap["outcome"] == "swapped" and swap["handles"] != wanted]
    if others:
        run.problems.append(f"{len(others)} swaps with handles {others[0]['handles']}, not {wanted}")
