#!/usr/bin/env python3
"""Shows that the gate can fail: today's headers with one mistake each, and releases that are damaged.

usage: gate_self_test.py RELEASED_DIR INCLUDE_DIR CC MODULE.so VERSION
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from description import CONSTANTS, TYPES, Failure
from gate import gate

LOG_END = r"(size_t field_count\);)"
GROWN_LOG = r"\1\n  int32_t (*flush)(const agent_host* host);"

# name: (header, pattern, replacement), one or several; each of them breaks somebody who was built with the release.
BREAKING = {
    "a member removed at the end": ("event.h", r"void \(\*release\)\(const agent_event\* event\);", ""),
    "members reordered": ("event.h", r"(  agent_text topic;.*?\n)(  agent_text tenant;.*?\n)", r"\2\1"),
    "members of different size reordered": ("event.h", r"(  agent_text tenant;.*?\n)(.*?)(  int64_t timestamp_us;.*?\n)", r"\3\2\1"),
    "a member inserted in the middle": ("status.h", r"(uint32_t line;)", r"\1 uint64_t offset;"),
    "a member in the padding": ("ext/event_bus.h", r"(uint32_t failed;.*?\n)  uint32_t reserved;", r"\1"),
    "a member of another size": ("status.h", r"message\[1024\]", "message[2048]"),
    "a member of another sign": ("status.h", r"uint32_t line;", "int32_t line;"),
    "a member of another type": ("event.h", r"uint64_t publisher", "int64_t publisher"),
    "a member of another name": ("event.h", r"agent_text tenant", "agent_text wallet"),
    "a pointer to what is not const": ("event.h", r"const agent_header\* headers", "agent_header* headers"),
    "a parameter of another type": ("ext/event_bus.h", r"(agent_event\* event, )uint32_t more", r"\1int32_t more"),
    "a parameter more": ("ext/log.h", r"\(\*level\)\(const agent_host\* host\)", "(*level)(const agent_host* host, int32_t x)"),
    "another return type": ("ext/log.h", r"int32_t \(\*level\)", "int64_t (*level)"),
    "a struct removed": ("ext/health.h", r"typedef struct agent_health \{.*?\} agent_health;", ""),
    "a frozen struct that grows": ("abi.h", r"(agent_bytes value;)", r"\1 uint64_t extra;"),
    "a status of another value": ("status.h", r"AGENT_E_BUSY = -4", "AGENT_E_BUSY = -14"),
    "a constant inserted before others": ("ext/log.h", r"AGENT_LOG_DEBUG = 1", "AGENT_LOG_FINE = 1, AGENT_LOG_DEBUG = 5"),
    "a constant removed": ("status.h", r"AGENT_E_EXISTS = -6,", ""),
    "an extension of another id": ("ext/log.h", r'(AGENT_EXT_LOG "agent\.log)/1', r"\1/2"),
    "another magic": ("plugin.h", r"'A', 'G', 'N', 'T'", "'A', 'G', 'N', 'D'"),
    "another name of the entry": ("entry.h", r'"agent_plugin_entry"', '"agent_entry"'),
    "a symbol of another type": ("entry.h", r"(const agent_plugin_module\* agent_plugin_entry\()void\)", r"\1int)"),
    "a major number more": ("abi.h", r"AGENT_ABI_MAJOR 1u", "AGENT_ABI_MAJOR 2u"),
    "a minor number less": ("abi.h", r"AGENT_ABI_MINOR \d+u", "AGENT_ABI_MINOR 0u"),
    "appended, and another type": [("ext/log.h", LOG_END, GROWN_LOG), ("ext/log.h", r"int32_t \(\*level\)", "int64_t (*level)")],
    "appended, and another order": [("status.h", r"(char key_path\[256\];)", r"\1 int32_t more;"),
                                    ("status.h", r"(  uint32_t line;\n)(  uint32_t column;\n)", r"\2\1")],
}
ALLOWED = {
    "nothing": [],
    "a member appended": ("ext/log.h", LOG_END, GROWN_LOG),
    "two members appended": ("event.h", r"(void \(\*release\)\(const agent_event\* event\);)", r"\1 uint64_t a; agent_text b;"),
    "a new constant": ("status.h", r"AGENT_E_INTERNAL = -10", "AGENT_E_INTERNAL = -10, AGENT_E_MORE = -11"),
    "a new extension": ("ext/health.h", r"\nAGENT_EXTERN_C_END", '\n#define AGENT_EXT_MORE "agent.more/1"\n'
                        "typedef struct agent_more {\n  uint32_t size;\n  void (*more)(void);\n} agent_more;\nAGENT_EXTERN_C_END"),
}


class Bench:
    """Copies of headers and releases, changed and judged."""

    def __init__(self, arguments: list[str]):
        self.released, self.include, self.compiler, self.module, self.version = arguments
        self.missed: list[str] = []

    def judge(self, name: str, good: bool, released: Path, include: Path, module: str = "") -> None:
        try:
            problems = gate(released, [self.version], include, self.compiler, Path(module or self.module))
        except Failure as failure:
            problems = [str(failure)]
        verdict = "passed" if not problems else "refused: " + problems[0].splitlines()[0]
        print(f"{'ok    ' if good == (not problems) else 'WRONG '} {name}: {verdict}", flush=True)
        if good != (not problems):
            self.missed.append(name)

    def headers(self, name: str, changes, good: bool) -> None:
        with tempfile.TemporaryDirectory() as folder:
            include = Path(folder) / "include"
            shutil.copytree(self.include, include)
            for header, pattern, replacement in [changes] if isinstance(changes, tuple) else changes:
                file = include / "agent_plugin" / header
                text, count = re.subn(pattern, replacement, file.read_text(), count=1, flags=re.S)
                assert count == 1, f"{name}: nothing in {header} is like {pattern}"
                file.write_text(text)
            self.judge(name, good, self.releases(folder), include)

    def releases(self, folder: str) -> Path:
        """Only the release to be judged against."""
        copy = Path(folder) / "released"
        shutil.copytree(Path(self.released) / self.version, copy / self.version)
        return copy

    def release(self, name: str, damage) -> None:
        with tempfile.TemporaryDirectory() as folder:
            copy = self.releases(folder)
            damage(copy / self.version)
            self.judge(name, False, copy, Path(self.include))

    def damaged_releases(self) -> None:
        self.release("no release", shutil.rmtree)
        self.release("a release that nobody asked for", lambda folder: shutil.copytree(folder, folder.parent / "9.9"))
        for file in sorted(path.name for path in (Path(self.released) / self.version).iterdir() if path.name != "README.md"):
            self.release(f"no {file}", lambda folder, file=file: (folder / file).unlink())
            self.release(f"an empty {file}", lambda folder, file=file: (folder / file).write_text(""))
        self.release("types cut short", lambda folder: (folder / TYPES).write_text((folder / TYPES).read_text()[:-200]))
        for file, text in ((TYPES, "<abi-corpus version='2.1'/>\n"), (TYPES, "<abi-corpus>"), (CONSTANTS, "")):
            def forge(folder: Path, file=file, text=text) -> None:
                (folder / file).write_text(text)
                subprocess.run("sha256sum $(ls | grep -v SHA256SUMS) > SHA256SUMS", shell=True, cwd=folder, check=True)
            self.release(f"{file} forged as {text!r}", forge)

    def modules(self) -> None:
        source = "const void* agent_plugin_entry(void); const void* agent_plugin_entry(void) { return 0; }\n"
        with tempfile.TemporaryDirectory() as folder:
            for name, text, good in (("the entry alone", source, True), ("no entry", "typedef int unit;\n", False),
                                     ("one symbol more", source + "int more(void); int more(void) { return 0; }\n", False),
                                     ("a symbol of another name", source.replace("plugin_entry", "entry"), False)):
                module = Path(folder) / "module.so"
                subprocess.run([self.compiler, "-x", "c", "-shared", "-fPIC", "-o", str(module), "-"], input=text, text=True,
                               timeout=60, check=True)
                self.judge(f"module: {name}", good, self.releases(tempfile.mkdtemp(dir=folder)), Path(self.include), str(module))

    def missing_tools(self) -> None:
        """A machine that has a compiler, and not these."""
        path = os.environ["PATH"]
        for tool in ("abidw", "abidiff"):
            with tempfile.TemporaryDirectory() as folder:
                for other in {"abidw", "abidiff", "as", "ld"} - {tool}:
                    os.symlink(shutil.which(other, path=path), Path(folder) / other)
                os.environ["PATH"] = folder
                self.judge(f"no {tool}", False, Path(self.released), Path(self.include))
                os.environ["PATH"] = path


def main() -> int:
    bench = Bench(sys.argv[1:])
    bench.compiler = shutil.which(bench.compiler) or bench.compiler
    for name, changes in ALLOWED.items():
        bench.headers(name, changes, good=True)
    for name, changes in BREAKING.items():
        bench.headers(name, changes, good=False)
    bench.damaged_releases()
    bench.modules()
    bench.missing_tools()
    print(f"{len(bench.missed)} wrong")
    return 1 if bench.missed else 0


if __name__ == "__main__":
    sys.exit(main())
