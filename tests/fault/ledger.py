"""What was published, what is owed, and what became of it: numbered events per key, each with a checksum.

An event is owed from the moment its publisher was told so: with `outbox.mode: always` when POST /events had taken it, else
with its status event. What was reported undeliverable is refused: not lost, but it must have been reported exactly so.
"""

import zlib
from array import array
from dataclasses import dataclass, field

from log_reader import Record

EXAMPLES = 5
NO_PLACE = -1


def payload(key: str, number: int, size: int) -> str:
    """`key|number|filler|checksum`, of about so many octets."""
    text = f"{key}|{number}|".ljust(max(0, size - 9), "x")
    return f"{text}|{zlib.crc32(text.encode()):08x}"


def parse(value: bytes | None) -> tuple[str, int] | None:
    """Key and number; None if one octet of it is wrong."""
    text, _, checksum = (value or b"").rpartition(b"|")
    try:
        if zlib.crc32(text) != int(checksum, 16):
            return None
        key, number, _ = text.split(b"|", 2)
        return key.decode(), int(number)
    except ValueError:
        return None


def place(partition: int, offset: int) -> int:
    return partition << 48 | offset


class Account:
    """The events of one key, by number from 1. Each array is written by one thread only."""

    def __init__(self) -> None:
        self.published = 0  # so many were sent to the host
        self.taken = bytearray(1)  # by the publisher: the host answered that it has it
        self.unknown = bytearray(1)  # by the publisher: the connection broke before the answer
        self.result = bytearray(1)  # by the publisher that waits: 1 done, 2 failed
        self.sent = bytearray(1)  # by the reader of status events: how many said sent
        self.undeliverable = bytearray(1)  # by the same: how many said undeliverable
        self.said = array("q", [NO_PLACE])  # by the same: where the status event says that the record lies

    def publish(self) -> int:
        for column in (self.taken, self.unknown, self.result, self.sent, self.undeliverable):
            column.append(0)
        self.said.append(NO_PLACE)
        self.published += 1
        return self.published


@dataclass
class Ledger:
    """`owed_when_taken`: with outbox.mode always. `host_lived`: no host was killed, so every event has one status event."""

    owed_when_taken: bool = False
    host_lived: bool = True
    accounts: dict[str, Account] = field(default_factory=dict)
    busy: int = 0  # times that the host did not take an event, and was asked again
    why_busy: str = ""  # what it said the last time
    missed: int = 0  # status events that the host dropped because the harness read too slowly
    strangers: int = 0  # status events of events that were never published

    def open(self, keys: list[str]) -> None:
        for key in keys:
            self.accounts[key] = Account()

    def on_sent(self, key: str, number: int, where: int) -> None:
        account = self.accounts.get(key)
        if account is None or not 0 < number <= account.published:
            self.strangers += 1
            return
        account.sent[number] = min(255, account.sent[number] + 1)
        account.said[number] = where

    def on_undeliverable(self, key: str, number: int) -> None:
        account = self.accounts.get(key)
        if account is None or not 0 < number <= account.published:
            self.strangers += 1
            return
        account.undeliverable[number] = min(255, account.undeliverable[number] + 1)

    def published(self) -> int:
        return sum(account.published for account in self.accounts.values())

    def taken(self) -> int:
        return sum(account.taken.count(1) for account in self.accounts.values())

    def settled(self) -> int:
        """So many have a status event."""
        return sum(len(account.sent) - account.sent.count(0) + len(account.undeliverable) - account.undeliverable.count(0)
                   for account in self.accounts.values())


@dataclass
class Finding:
    """How often, and the first few as `key|number`."""

    count: int = 0
    examples: list[str] = field(default_factory=list)

    def add(self, what: str) -> None:
        self.count += 1
        if len(self.examples) < EXAMPLES:
            self.examples.append(what)


FINDINGS = {
    "lost": "owed, not reported undeliverable, and not in the log",
    "doubled": "more than once in the log",
    "reordered": "for the first time in the log after a later one of its key",
    "corrupt": "a record whose checksum, key or partition is wrong",
    "alien": "a record, or a status event, of an event that was never published",
    "lies": "reported sent, but not in the log, or not where the status event says",
    "silent": "taken by a host that lived to the end, and no status event",
    "two_fates": "more than one status event, while the host lived",
    "refused": "reported undeliverable",
    "maybe_written": "reported undeliverable, but in the log",
    "late": "reported undeliverable, but in the log after a later one of its key",
    "unknown": "published when the host was killed: it never answered",
}


class Verdict:
    """Compares the ledger with the log, record by record."""

    def __init__(self, ledger: Ledger):
        self._ledger = ledger
        self.records = 0
        self.findings = {name: Finding() for name in FINDINGS}
        self._seen = {key: bytearray(account.published + 1) for key, account in ledger.accounts.items()}
        self._confirmed = {key: bytearray(account.published + 1) for key, account in ledger.accounts.items()}
        self._last = dict.fromkeys(ledger.accounts, 0)
        self._partition: dict[str, int] = {}

    def __getitem__(self, name: str) -> int:
        return self.findings[name].count

    def read(self, record: Record, in_order: bool = True) -> None:
        """`in_order`: the records are those of one log, so order and place are judged as well."""
        self.records += 1
        parsed = parse(record.value)
        if parsed is None or record.key != parsed[0].encode():
            self.findings["corrupt"].add(f"partition {record.partition} offset {record.offset}")
            return
        key, number = parsed
        account = self._ledger.accounts.get(key)
        if account is None or not 0 < number <= account.published:
            self.findings["alien"].add(f"{key}|{number}")
            return
        if in_order and self._partition.setdefault(key, record.partition) != record.partition:
            self.findings["corrupt"].add(f"{key}|{number} in partition {record.partition}")
        seen = self._seen[key]
        if seen[number]:
            self.findings["doubled"].add(f"{key}|{number}")
        elif in_order and number < self._last[key]:
            kind = "late" if account.undeliverable[number] else "reordered"
            self.findings[kind].add(f"{key}|{number} after {self._last[key]}")
        self._last[key] = max(number, self._last[key])
        seen[number] = 1
        if account.said[number] in (NO_PLACE, place(record.partition, record.offset)):
            self._confirmed[key][number] = 1

    def close(self) -> "Verdict":
        """After the last record."""
        for key, account in self._ledger.accounts.items():
            for number in range(1, account.published + 1):
                self._judge(f"{key}|{number}", account, number, self._seen[key][number], self._confirmed[key][number])
        for _ in range(self._ledger.strangers):
            self.findings["alien"].add("a status event")
        silent = self.findings["silent"]
        silent.count = max(0, silent.count - self._ledger.missed)
        return self

    def _judge(self, name: str, account: Account, number: int, in_log: int, confirmed: int) -> None:
        sent, refused, taken = account.sent[number], account.undeliverable[number], account.taken[number]
        done = account.result[number] == 1
        owed = sent or done or (taken and self._ledger.owed_when_taken)
        if owed and not in_log and not refused:
            self.findings["lost"].add(name)
        if (sent and not confirmed) or (done and not in_log and not self._ledger.owed_when_taken):
            self.findings["lies"].add(name)
        if refused:
            self.findings["refused"].add(name)
            if in_log:
                self.findings["maybe_written"].add(name)
        if account.unknown[number]:
            self.findings["unknown"].add(name)
        if self._ledger.host_lived:
            if taken and not sent and not refused:
                self.findings["silent"].add(name)
            if sent + refused > 1:
                self.findings["two_fates"].add(name)


def violations(verdict: Verdict, qos: str) -> list[str]:
    """What a quality of service does not allow, as sentences; empty: it held."""
    forbidden = ["reordered", "corrupt", "alien", "lies", "silent", "two_fates"]
    if qos != "at_most_once":  # a request that it gave up may still be carried out behind a later one
        forbidden += ["lost", "late"]
    if qos != "at_least_once":
        forbidden.append("doubled")
    return [f"{verdict[name]} {name} ({FINDINGS[name]}), such as {', '.join(verdict.findings[name].examples)}"
            for name in forbidden if verdict[name]]
