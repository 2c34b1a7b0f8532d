"""A key lands on the partition where the Java client puts it."""

import base64
import json
import random
import subprocess

from cache import SUPPORT
from clients import consume, create_topic, unique
from host import HostStub
from jars import class_path
from shared_broker import connect

NAME = unique("keys")
PARTITIONS = 13
ALPHABET = "abcXYZ019-_. äßéñžЖщ中文字かなकखعر🙂🎉"


def keys() -> list[str]:
    chosen = random.Random(4)
    texts = {"".join(chosen.choices(ALPHABET, k=length)) for length in range(1, 65) for _ in range(4)}
    return [*sorted(texts), "a", "null", "0", "x" * 4096, "did:sov:WgWxqztrNooG92RXvxSTWv", "\u0000", " ", ""]


def java_partitions(bootstrap: str, topic: str, texts: list[str]) -> list[int]:
    """What the real Java producer answers for each key; it runs from its source file on the broker's class path."""
    lines = "".join(base64.b64encode(text.encode()).decode() + "\n" for text in texts)
    command = ["java", "-Xmx128m", "-XX:TieredStopAtLevel=1", "-cp", class_path(), str(SUPPORT / "JavaPartitions.java")]
    run = subprocess.run([*command, bootstrap, topic], input=lines, capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stderr
    return [int(line) for line in run.stdout.split()]


def our_partitions(host: HostStub, bootstrap: str, texts: list[str]) -> list[int]:
    host.publish_all([{"topic": f"acapy::outbound::{NAME}", "key": text, "payload": {"number": number}}
                      for number, text in enumerate(texts)])
    records = {json.loads(record.value())["number"]: record
               for record in consume(bootstrap, f"acapy-outbound-{NAME}", len(texts))}
    for number, text in enumerate(texts):
        assert records[number].key() == text.encode(), (text, records[number].key())
    return [records[number].partition() for number in range(len(texts))]


with connect() as address:
    create_topic(address, f"acapy-outbound-{NAME}", PARTITIONS)
    create_topic(address, f"java-{NAME}", PARTITIONS)
    all_keys = keys()
    expected = java_partitions(address, f"java-{NAME}", all_keys)
    config = {"bootstrap_servers": address, "consumer-config": {"group_id": NAME},
              "inbound": {"topics": [f"^acapy-inbound-{NAME}.*"]}}
    with HostStub(config) as stub:
        ours = our_partitions(stub, address, all_keys)
different = [(key, java, our) for key, java, our in zip(all_keys, expected, ours) if java != our]
assert len(expected) == len(all_keys) and not different, f"{len(different)} of {len(all_keys)} differ: {different[:5]}"
print(f"{len(all_keys)} keys on {len(set(expected))} partitions, all as the Java client places them")
