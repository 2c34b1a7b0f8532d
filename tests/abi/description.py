#!/usr/bin/env python3
"""What the headers promise, written down: agent_plugin.abi (abidw: every struct and function) and constants.txt (values).

usage: description.py INCLUDE_DIR OUTPUT_DIR [CC]      writes both files
       description.py --module MODULE.so FILE          writes what a module exports (abidw)

Neither knows where it was made: no path of this machine gets into the files.
"""
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

TYPES = "agent_plugin.abi"
CONSTANTS = "constants.txt"
SYMBOLS = "kafka_events.abi"
# What is no value: helpers of the preprocessor, initializers, and what is written down in a way of its own.
NO_VALUES = {"AGENT_EXPORT", "AGENT_EXTERN_C_BEGIN", "AGENT_EXTERN_C_END", "AGENT_ERROR_INIT", "AGENT_PLUGIN_MAGIC"}
ABIDW = ["--no-corpus-path", "--no-show-locs", "--no-comp-dir-path", "--no-elf-needed", "--no-parameter-names",
         "--type-id-style", "hash"]


class Failure(Exception):
    """What could not be found out; never to be taken for 'no difference'."""


def run(*command: str, accept: tuple[int, ...] = (0,)) -> subprocess.CompletedProcess:
    if shutil.which(command[0]) is None:
        raise Failure(f"{command[0]} is missing; Debian has abidw and abidiff in the package abigail-tools")
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    if done.returncode not in accept:
        raise Failure(f"{' '.join(command)}: status {done.returncode}\n{done.stdout}{done.stderr}")
    return done


def header_texts(include: Path) -> list[str]:
    """The published headers without their comments; drafts are not published."""
    files = sorted(file for file in (include / "agent_plugin").rglob("*.h") if "draft" not in file.parts)
    if not files:
        raise Failure(f"no headers in {include}/agent_plugin")
    return [re.sub(r"/\*.*?\*/", " ", file.read_text(), flags=re.S) for file in files]


def struct_names(include: Path) -> list[str]:
    pattern = re.compile(r"^(?:typedef )?struct (agent_\w+) \{", re.M)
    return sorted({name for text in header_texts(include) for name in pattern.findall(text)})


def constant_names(include: Path) -> list[str]:
    names = set()
    for text in header_texts(include):
        for body in re.findall(r"\benum\s*\w*\s*\{(.*?)\}", text, re.S):
            names.update(re.findall(r"\b(AGENT_\w+)\b\s*(?:=|,|$)", body))
        names.update(re.findall(r"^#define (AGENT_\w+)[ \t]+\S", text, re.M))
    return sorted(names - NO_VALUES)


def compile_c(compiler: str, include: Path, source: str, output: Path, *options: str) -> None:
    file = output.with_suffix(".c")
    file.write_text(source)
    run(compiler, "-std=c11", "-g", "-gdwarf-4", "-O0", f"-ffile-prefix-map={output.parent}=.",
        f"-ffile-prefix-map={include}=.", "-I", str(include), *options, str(file), "-o", str(output))


def describe_types(compiler: str, include: Path, work: Path) -> str:
    """abidw of a module with one function per struct: what no function uses, it would not describe."""
    lines = ['#include "agent_plugin/agent_plugin.h"', "const agent_plugin_module* agent_plugin_entry(void) { return 0; }"]
    for name in struct_names(include):
        lines.append(f"void use_{name}(const struct {name}* value);")
        lines.append(f"void use_{name}(const struct {name}* value) {{ (void)value; }}")
    compile_c(compiler, include, "\n".join(lines) + "\n", work / "types.so", "-shared", "-fPIC")
    return run("abidw", *ABIDW, str(work / "types.so")).stdout


def describe_constants(compiler: str, include: Path, work: Path) -> str:
    """One line `NAME value` each, as the compiler has it."""
    lines = ["#include <stdio.h>", '#include "agent_plugin/agent_plugin.h"',
             '#define SHOW(name, value) printf(_Generic((value), char*: "%s \\"%s\\"\\n", default: "%s %d\\n"), name, value)',
             "int main(void) {", "static const char magic[8] = AGENT_PLUGIN_MAGIC;"]
    lines += [f'SHOW("{name}", {name});' for name in constant_names(include)]
    lines += [r'printf("AGENT_PLUGIN_MAGIC \"%.8s\"\n", magic);', "return 0; }"]
    compile_c(compiler, include, "\n".join(lines) + "\n", work / "constants")
    return "".join(sorted(run(str(work / "constants")).stdout.splitlines(keepends=True)))


def describe(compiler: str, include: Path, output: Path) -> None:
    output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        (output / TYPES).write_text(describe_types(compiler, include, Path(folder)))
        (output / CONSTANTS).write_text(describe_constants(compiler, include, Path(folder)))


def describe_module(module: Path, output: Path) -> None:
    output.write_text(run("abidw", *ABIDW, str(module)).stdout)


def main() -> int:
    try:
        if sys.argv[1] == "--module":
            describe_module(Path(sys.argv[2]), Path(sys.argv[3]))
        else:
            describe(sys.argv[3] if len(sys.argv) > 3 else "cc", Path(sys.argv[1]).resolve(), Path(sys.argv[2]))
    except Failure as failure:
        print(failure)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
