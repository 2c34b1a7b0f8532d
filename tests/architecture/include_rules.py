#!/usr/bin/env python3
"""Reads every #include of the tree and fails on an arrow that the architecture does not allow, and on a cycle.

The rules are docs/architecture.md's; they stand here once, as data.  `--self-test` proves that each rule can fail.
"""
import re
import sys
import tempfile
from pathlib import Path

# Folder of the module -> folders that it may include besides itself.
PLUGIN_ARROWS = {
    "core": set(),
    "config": {"core"},
    "host": {"core", "telemetry"},
    "codec": {"core", "config"},
    "registry": {"core", "config"},
    "requests": {"core", "config"},
    "outbound": {"core", "config", "codec"},
    "inbound": {"core", "config", "codec"},
    "kafka": {"core", "config"},
    "store": {"core"},
    "telemetry": {"core"},
    "admin": {"core", "outbound", "inbound", "codec"},
    "plugin": {"core", "config", "host", "codec", "outbound", "inbound", "kafka", "store", "telemetry",
               "admin", "registry", "requests"},
    "entry": {"plugin"},
}
HOST_ARROWS = {
    "core": set(),
    "log": {"core"},
    "bus": {"core"},
    "admin": {"core", "bus", "log"},
    "plugins": {"core", "bus", "log", "admin"},
    "embedded_kafka": {"core"},
    "cli": {"core", "log", "bus", "admin", "plugins", "embedded_kafka"},
    "main": {"cli"},
}
# Library -> (pattern of its includes, rooms of the module, rooms of the host).
LIBRARIES = {
    "plugin_api": (r"agent_plugin(_cpp)?/", {"host", "entry"}, set(HOST_ARROWS)),
    "librdkafka": (r"librdkafka/", {"kafka"}, {"embedded_kafka"}),
    "RocksDB": (r"rocksdb/", {"store"}, set()),
    "RapidJSON": (r"rapidjson/", {"config", "codec", "admin", "registry"}, {"admin", "cli", "plugins"}),
    "yaml-cpp": (r"yaml-cpp/", {"config"}, {"cli"}),
    "Avro C": (r"avro", {"codec"}, set()),
    "libcurl": (r"curl/", {"registry"}, set()),
    "RE2": (r"re2/", {"outbound", "inbound", "config", "requests", "plugin"}, {"bus", "cli", "admin"}),
    "libunwind": (r"libunwind", set(), {"plugins"}),
    "Boost.DLL": (r"boost/dll", set(), {"plugins"}),
    "Boost.Beast": (r"boost/(beast|asio)", set(), {"admin", "cli", "embedded_kafka"}),
    "CLI11": (r"CLI/", set(), {"cli"}),
    "spdlog": (r"spdlog/", set(), {"log"}),
}
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)
SOURCES = {".h", ".hpp", ".c", ".cpp"}


def room_of(path: Path, root: Path) -> str:
    """The folder below `root`, or the file's stem for files that lie in it (plugin.cpp, entry.cpp, main.cpp)."""
    relative = path.relative_to(root)
    return relative.parts[0] if len(relative.parts) > 1 else relative.stem


def check_tree(root: Path, arrows: dict, which: str) -> list[str]:
    problems, edges = [], {}
    for path in sorted(p for p in root.rglob("*") if p.suffix in SOURCES):
        room = room_of(path, root)
        if room not in arrows:
            problems.append(f"{path}: its folder is not in the table of rules; add it there on purpose")
            continue
        for _, target in INCLUDE.findall(path.read_text(encoding="utf-8")):
            for library, (pattern, plugin_rooms, host_rooms) in LIBRARIES.items():
                allowed = plugin_rooms if which == "plugin" else host_rooms
                if re.match(pattern, target) and room not in allowed:
                    problems.append(f"{path}: {room}/ must not include {library} ({target})")
            own = root / target
            if not own.exists():
                continue
            other = room_of(own, root)
            edges.setdefault(str(path.relative_to(root)), set()).add(target)
            if other != room and other not in arrows[room]:
                problems.append(f"{path}: {room}/ must not include {other}/ ({target})")
    return problems + find_cycles(edges)


def find_cycles(edges: dict) -> list[str]:
    """A cycle among files, each reported once."""
    state, problems = {}, []

    def visit(node: str, trail: list[str]) -> None:
        state[node] = "open"
        for target in sorted(edges.get(node, ())):
            if state.get(target) == "open":
                problems.append("include cycle: " + " -> ".join(trail[trail.index(target):] + [target]))
            elif target not in state:
                visit(target, trail + [target])
        state[node] = "done"

    for node in sorted(edges):
        if node not in state:
            visit(node, [node])
    return problems


def check_api(root: Path) -> list[str]:
    """The contract includes the C library and itself, nothing else."""
    problems = []
    for path in sorted(p for p in root.rglob("*") if p.suffix in SOURCES and "include" in p.parts):
        for kind, target in INCLUDE.findall(path.read_text(encoding="utf-8")):
            own = re.match(r"agent_plugin(_cpp)?/", target) is not None
            if kind == '"' and not own:
                problems.append(f"{path}: plugin_api includes nothing of ours ({target})")
            if "/include/agent_plugin/" in str(path) and kind == "<" and target not in ("stddef.h", "stdint.h"):
                problems.append(f"{path}: the C headers need stddef.h and stdint.h only ({target})")
    return problems


def check(root: Path) -> list[str]:
    return (check_api(root / "plugin_api") + check_tree(root / "kafka_events_plugin", PLUGIN_ARROWS, "plugin")
            + check_tree(root / "host_stub", HOST_ARROWS, "host"))


def self_test() -> list[str]:
    """Builds small trees that break one rule each; every one must be found."""
    cases = {
        "forbidden arrow": {"kafka_events_plugin/core/a.h": '#include "kafka/b.h"\n', "kafka_events_plugin/kafka/b.h": ""},
        "forbidden library": {"kafka_events_plugin/outbound/a.cpp": "#include <librdkafka/rdkafka.h>\n"},
        "contract in a pipeline": {"kafka_events_plugin/inbound/a.h": '#include "agent_plugin/event.h"\n'},
        "cycle": {"host_stub/bus/a.h": '#include "bus/b.h"\n', "host_stub/bus/b.h": '#include "bus/a.h"\n'},
        "unknown folder": {"host_stub/misc/a.h": ""},
        "contract includes ours": {"plugin_api/include/agent_plugin/a.h": '#include "core/result.h"\n'},
    }
    missed = []
    for name, files in cases.items():
        with tempfile.TemporaryDirectory() as folder:
            for file, text in files.items():
                path = Path(folder) / file
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
            if not check(Path(folder)):
                missed.append(f"self-test: the rule was not enforced: {name}")
    return missed


def main() -> int:
    root = Path(__file__).resolve().parents[2]
    problems = self_test() if "--self-test" in sys.argv else check(root)
    for problem in problems:
        print(problem)
    print(f"{len(problems)} problem(s)")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
