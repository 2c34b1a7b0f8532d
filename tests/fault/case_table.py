"""The cases by name. A module of cases registers its functions with @case; each gets a Run whose Kafka is up."""

from collections.abc import Callable
from dataclasses import dataclass

from run import Run


class Skip(Exception):
    """Cannot be done here; says why."""


@dataclass(frozen=True)
class Case:
    name: str
    body: Callable[[Run], dict]
    nodes: int
    way: str  # direct | proxy | namespace: how the host reaches Kafka
    pairs: tuple[tuple[str, str], ...]  # (qos, outbox.mode) of the full table
    summary: str


CASES: dict[str, Case] = {}
LEAST = (("at_least_once", "off"), ("at_least_once", "when_needed"), ("at_least_once", "always"))
EXACTLY = (("exactly_once", "always"),)
MOST = (("at_most_once", "off"),)
EVERY = (*LEAST, *EXACTLY, *MOST)
WITH_OUTBOX = (("at_least_once", "when_needed"), ("at_least_once", "always"), *EXACTLY)


def case(nodes: int = 1, way: str = "direct", pairs: tuple[tuple[str, str], ...] = EVERY):
    def register(body: Callable[[Run], dict]) -> Callable[[Run], dict]:
        CASES[body.__name__] = Case(body.__name__, body, nodes, way, pairs, (body.__doc__ or "").split("\n")[0])
        return body

    return register
