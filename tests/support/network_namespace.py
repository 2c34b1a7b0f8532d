"""A network namespace joined to this one by a pair of virtual interfaces, and packet filter rules inside it (root only)."""

import contextlib
import ipaddress
import os
import shutil
import subprocess
import zlib

from processes import start_time


class NotPossible(Exception):
    """This machine or this user cannot do it; says what is missing."""


class NetworkNamespace:
    """`with NetworkNamespace() as inside:` a program started behind `inside.prefix` reaches only `inside.outer_address`."""

    def __init__(self) -> None:
        if os.geteuid() != 0:
            raise NotPossible("network namespaces need root")
        for tool in ("ip", "nft"):
            if shutil.which(tool) is None:
                raise NotPossible(f"network namespaces need the program {tool}: run `./dev install-deps`")
        self.name = f"kafka-events-{os.getpid()}-{start_time(os.getpid())}"
        self._outer, self._inner = f"ke{os.getpid()}a", f"ke{os.getpid()}b"
        # Four addresses of the range for benchmarks (RFC 2544), where no real network is.
        network = ipaddress.ip_network("198.18.0.0/15")
        base = network[4 * (zlib.crc32(self.name.encode()) % (network.num_addresses // 4))]
        self.outer_address, self.address = str(base + 1), str(base + 2)

    @property
    def prefix(self) -> tuple[str, ...]:
        return ("ip", "netns", "exec", self.name)

    def __enter__(self) -> "NetworkNamespace":
        remove_leftovers()
        try:
            self._run("ip", "netns", "add", self.name)
            self._run("ip", "link", "add", self._outer, "type", "veth", "peer", "name", self._inner, "netns", self.name)
            self._run("ip", "addr", "add", f"{self.outer_address}/30", "dev", self._outer)
            self._run("ip", "link", "set", self._outer, "up")
            self._run(*self.prefix, "ip", "addr", "add", f"{self.address}/30", "dev", self._inner)
            self._run(*self.prefix, "ip", "link", "set", self._inner, "up")
            self._run(*self.prefix, "ip", "link", "set", "lo", "up")
            self.filter()
        except subprocess.CalledProcessError as error:
            self.close()
            raise NotPossible(f"{' '.join(error.cmd)}: {error.stderr.strip()}") from error
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def close(self) -> None:
        """Its interfaces go with it."""
        with contextlib.suppress(OSError):
            subprocess.run(["ip", "netns", "delete", self.name], capture_output=True)

    def filter(self, outgoing: str = "", incoming: str = "") -> None:
        """Replaces the rules: each is nft's text for one rule, such as `tcp dport 9092 drop`."""
        lines = ["add table inet fault", "delete table inet fault", "add table inet fault"]
        for chain, hook, rule in (("out", "output", outgoing), ("in", "input", incoming)):
            lines.append(f"add chain inet fault {chain} {{ type filter hook {hook} priority 0 ; }}")
            if rule:
                lines.append(f"add rule inet fault {chain} {rule}")
        self._run(*self.prefix, "nft", "-f", "-", text="\n".join(lines) + "\n")

    @staticmethod
    def _run(*command: str, text: str = "") -> None:
        subprocess.run(command, input=text, capture_output=True, text=True, check=True)


def remove_leftovers() -> None:
    """Namespaces whose test was killed."""
    listed = subprocess.run(["ip", "netns", "list"], capture_output=True, text=True).stdout
    for line in listed.splitlines():
        name = line.split()[0] if line.split() else ""
        if name.startswith("kafka-events-"):
            owner, started = name.removeprefix("kafka-events-").split("-")
            if start_time(int(owner)) != int(started):
                subprocess.run(["ip", "netns", "delete", name], capture_output=True)
