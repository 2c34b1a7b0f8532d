"""The harness sees what it is there to see: lost, doubled, reordered, corrupt, lies and the rest, each done on purpose.

First with a recorded set of records, then with a topic of a real Kafka and a status stream of a real host's making.
"""

import copy
from array import array

import log_reader
from clients import create_topic, producer, unique
from confluent_kafka import Producer
from ledger import NO_PLACE, Ledger, Verdict, parse, payload, place, violations
from log_reader import Record
from shared_broker import connect

KEYS = ["ka", "kb", "kc"]
PER_KEY = 50
PARTITION = {"ka": 0, "kb": 1, "kc": 0}


def faithful() -> tuple[Ledger, list[Record]]:
    """Every event taken, written once, in order, and reported sent from where it lies."""
    ledger = Ledger(owed_when_taken=True)
    ledger.open(KEYS)
    records, offsets = [], {0: 0, 1: 0}
    for number in range(1, PER_KEY + 1):
        for key in KEYS:
            account = ledger.accounts[key]
            assert account.publish() == number
            account.taken[number] = 1
            partition = PARTITION[key]
            ledger.on_sent(key, number, place(partition, offsets[partition]))
            records.append(Record(key.encode(), payload(key, number, 80).encode(), partition, offsets[partition]))
            offsets[partition] += 1
    return ledger, records


def judge(ledger: Ledger, records) -> Verdict:
    verdict = Verdict(ledger)
    for record in records:
        verdict.read(record)
    return verdict.close()


def index_of(records: list[Record], key: str, number: int) -> int:
    return next(index for index, record in enumerate(records) if parse(record.value) == (key, number))


def lose(_: Ledger, records: list[Record]) -> None:
    del records[index_of(records, "kb", 7)]


def lose_the_last(_: Ledger, records: list[Record]) -> None:
    del records[index_of(records, "kb", PER_KEY)]


def lose_without_status(ledger: Ledger, records: list[Record]) -> None:
    ledger.accounts["kb"].sent[7] = 0
    ledger.host_lived = False
    lose(ledger, records)


def double(_: Ledger, records: list[Record]) -> None:
    records.append(records[index_of(records, "ka", 3)]._replace(offset=1000))


def swap(_: Ledger, records: list[Record]) -> None:
    one, other = index_of(records, "kc", 10), index_of(records, "kc", 11)
    records[one], records[other] = records[other], records[one]


def flip_a_bit(_: Ledger, records: list[Record]) -> None:
    index = index_of(records, "kc", 4)
    value = bytearray(records[index].value)
    value[12] ^= 1
    records[index] = records[index]._replace(value=bytes(value))


def wrong_key(_: Ledger, records: list[Record]) -> None:
    index = index_of(records, "kc", 4)
    records[index] = records[index]._replace(key=b"ka")


def wrong_partition(_: Ledger, records: list[Record]) -> None:
    index = index_of(records, "ka", 9)
    records[index] = records[index]._replace(partition=1, offset=1000)


def invent(_: Ledger, records: list[Record]) -> None:
    records.append(Record(b"ka", payload("ka", PER_KEY + 1, 80).encode(), 0, 1000))


def invent_status(ledger: Ledger, _: list[Record]) -> None:
    ledger.on_sent("ka", PER_KEY + 1, place(0, 0))


def lie_about_the_place(ledger: Ledger, _: list[Record]) -> None:
    ledger.accounts["ka"].said[5] += 1


def say_nothing(ledger: Ledger, _: list[Record]) -> None:
    ledger.accounts["ka"].sent[5] = 0


def say_twice(ledger: Ledger, _: list[Record]) -> None:
    ledger.on_sent("ka", 5, ledger.accounts["ka"].said[5])


def say_both(ledger: Ledger, _: list[Record]) -> None:
    ledger.on_undeliverable("ka", 5)


def refuse(ledger: Ledger, records: list[Record]) -> None:
    """This is allowed: reported exactly so, and not in the log."""
    ledger.accounts["kb"].sent[7] = 0
    ledger.on_undeliverable("kb", 7)
    lose(ledger, records)


def refuse_what_is_there(ledger: Ledger, _: list[Record]) -> None:
    ledger.accounts["kb"].sent[7] = 0
    ledger.on_undeliverable("kb", 7)


def refuse_and_write_late(ledger: Ledger, records: list[Record]) -> None:
    ledger.accounts["kb"].sent[7] = 0
    ledger.on_undeliverable("kb", 7)
    records.append(records.pop(index_of(records, "kb", 7))._replace(offset=1000))


def not_taken(ledger: Ledger, records: list[Record]) -> None:
    ledger.accounts["kb"].taken[PER_KEY] = ledger.accounts["kb"].sent[PER_KEY] = 0
    lose_the_last(ledger, records)


# What is done, what is seen, and how often.
TAMPERINGS = [
    (lose, {"lost": 1, "lies": 1}), (lose_the_last, {"lost": 1, "lies": 1}), (lose_without_status, {"lost": 1}),
    (double, {"doubled": 1}), (swap, {"reordered": 1}), (flip_a_bit, {"corrupt": 1, "lost": 1, "lies": 1}),
    (wrong_key, {"corrupt": 1, "lost": 1, "lies": 1}), (wrong_partition, {"corrupt": 1, "lies": 1}),
    (invent, {"alien": 1}), (invent_status, {"alien": 1}), (lie_about_the_place, {"lies": 1}), (say_nothing, {"silent": 1}),
    (say_twice, {"two_fates": 1}), (say_both, {"two_fates": 1, "refused": 1, "maybe_written": 1}),
    (refuse, {"refused": 1}), (refuse_what_is_there, {"refused": 1, "maybe_written": 1}), (not_taken, {}),
    (refuse_and_write_late, {"refused": 1, "maybe_written": 1, "late": 1}),
]
FORGIVEN = {"at_least_once": {"doubled"}, "exactly_once": set(), "at_most_once": {"lost", "late"}}


def counts(verdict: Verdict) -> dict[str, int]:
    return {name: finding.count for name, finding in verdict.findings.items() if finding.count}


def recorded_set() -> None:
    ledger, records = faithful()
    assert counts(judge(ledger, records)) == {}, "a faithful set is found faulty"
    for tamper, expected in TAMPERINGS:
        tampered, changed = copy.deepcopy(ledger), list(records)
        tamper(tampered, changed)
        verdict = judge(tampered, changed)
        assert counts(verdict) == expected, (tamper.__name__, counts(verdict), expected)
        for qos, forgiven in FORGIVEN.items():
            serious = set(expected) - forgiven - {"refused", "maybe_written", "unknown"}
            assert len(violations(verdict, qos)) == len(serious), (tamper.__name__, qos, violations(verdict, qos))


def write(client: Producer, topic: str, key: str, value: bytes) -> None:
    client.produce(topic, value, key, partition=PARTITION[key])


def real_topic(bootstrap: str) -> None:
    """Written by another producer: one event left out, one twice, two swapped, one changed, and an aborted transaction."""
    topic = unique("ledger")
    create_topic(bootstrap, topic, 2)
    ledger, records = faithful()
    order = [parse(record.value) for record in records]
    order.remove(("kb", 7))
    order.append(("ka", 3))
    one, other = order.index(("kc", 10)), order.index(("kc", 11))
    order[one], order[other] = order[other], order[one]
    client = producer(bootstrap)
    for key, number in order:
        value = payload(key, number, 80).encode()
        write(client, topic, key, value.replace(b"|4|", b"|5|") if (key, number) == ("kc", 4) else value)
    assert client.flush(20) == 0
    aborted(bootstrap, topic)
    ledger.host_lived = False
    for account in ledger.accounts.values():  # no status event says a place: this is not the host's doing
        account.said = array("q", [NO_PLACE] * len(account.said))
    verdict = judge(ledger, log_reader.read(bootstrap, topic))
    assert verdict.records == len(order), (verdict.records, len(order))
    assert counts(verdict) == {"lost": 2, "doubled": 1, "reordered": 1, "corrupt": 1, "lies": 2}, counts(verdict)


def aborted(bootstrap: str, topic: str) -> None:
    """A read_committed client must not see it: else every retried transaction would count as doubled."""
    client = producer(bootstrap, **{"transactional.id": topic})
    client.init_transactions(30)
    client.begin_transaction()
    for number in range(1, 6):
        write(client, topic, "ka", payload("ka", number, 80).encode())
    client.flush(20)
    client.abort_transaction(30)


def open_transaction(bootstrap: str) -> None:
    """A transaction that nobody ends is no quiet log: the reader says so instead of counting less."""
    topic = unique("ledger")
    create_topic(bootstrap, topic, 2)
    client = producer(bootstrap, **{"transactional.id": topic})
    client.init_transactions(30)
    client.begin_transaction()
    write(client, topic, "ka", payload("ka", 1, 80).encode())
    client.flush(20)
    log_reader.OPEN_TRANSACTION_SECONDS = 2
    try:
        list(log_reader.read(bootstrap, topic))
        raise AssertionError("an open transaction was not noticed")
    except log_reader.OpenTransaction:
        client.abort_transaction(30)
    assert list(log_reader.read(bootstrap, topic)) == []


assert all(parse(value) is None for value in (None, b"", b"|", b"k|1|x|00000000", payload("k", 1, 80).encode()[:-1]))
recorded_set()
print(f"{len(TAMPERINGS)} tamperings with a recorded set, each seen as what it is")
with connect() as address:
    real_topic(address)
    open_transaction(address)
print("a real topic with one lost, one doubled, two swapped, one changed: each is counted, an aborted transaction is not")
