"""The faults do what they claim: without the protection in question the same cases lose and double events."""

import cases_host
import cases_network
from run import Run, Terms

COUNT = 6_000


def doubles_without_idempotence() -> int:
    with Run("responses_swallowed", Terms(count=COUNT), way="proxy") as run:
        run.overrides["producer-config"] = {"enable_idempotence": False}
        return cases_network.responses_swallowed(run)["doubled"]


def loses_without_outbox() -> int:
    """Judged as if the host had promised to keep what it takes."""
    with Run("host_kill", Terms(count=COUNT), way="proxy") as run:
        run.ledger.owed_when_taken = True
        return cases_host.host_kill(run)["lost"]


doubled, lost = doubles_without_idempotence(), loses_without_outbox()
print(f"answers swallowed, no idempotence: {doubled} doubled; host killed, no outbox: {lost} lost")
assert doubled > 0, "swallowed answers double nothing even without idempotence: the fault is none"
assert lost > 0, "killing the host loses nothing even without an outbox: the fault is none"
