#!/usr/bin/env python3
"""Compiles every public header alone, and the umbrellas, in every language version that they promise, without a warning.

usage: headers.py INCLUDE_DIR CPP_INCLUDE_DIR COMPILER…      (COMPILER: c:gcc, c++:g++ …)
"""
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Wconversion", "-Werror"]
C_STANDARDS = {"c": ["c99", "c11", "c17"], "c++": ["c++17", "c++20"]}
CPP_STANDARDS = {"c": [], "c++": ["c++17", "c++20"]}
# Macros are only checked where they are used.
USE = """
#include "agent_plugin/agent_plugin.h"
static const char magic[8] = AGENT_PLUGIN_MAGIC;
int use(const agent_host* host, const agent_event_bus* bus);
int use(const agent_host* host, const agent_event_bus* bus) {
  agent_error error = AGENT_ERROR_INIT;
  return AGENT_HAS_FIELD(host, get_extension) && AGENT_HAS_FIELD(bus, listeners) && error.code == 0 && magic[0] == 'A';
}
"""


def compile_text(compiler: str, language: str, standard: str, folders: list[str], text: str) -> str:
    """Empty if it compiles, else what the compiler says."""
    command = [compiler, f"-std={standard}", "-x", language, "-fsyntax-only", *WARNINGS,
               *(f"-I{folder}" for folder in folders), "-"]
    result = subprocess.run(command, input=text, capture_output=True, text=True, timeout=120, check=False)
    return "" if result.returncode == 0 else f"{' '.join(command)}\n{result.stderr}"


def main() -> int:
    include, cpp_include, compilers = sys.argv[1], sys.argv[2], [c.split(":", 1) for c in sys.argv[3:]]
    jobs = []
    for folder, suffix, standards in ((include, "*.h", C_STANDARDS), (cpp_include, "*.hpp", CPP_STANDARDS)):
        texts = [f'#include "{header.relative_to(folder)}"\n' for header in sorted(Path(folder).rglob(suffix))]
        if not texts:
            print(f"no headers in {folder}")
            return 1
        if folder == include:
            texts.append(USE)
        # Twice the same header: its guard works; ISO C wants a declaration in every translation unit.
        jobs += [(compiler, language, standard, [include, cpp_include], text + text * (text != USE) + "typedef int unit;\n")
                 for language, compiler in compilers for standard in standards[language] for text in texts]
    with ThreadPoolExecutor(2) as pool:
        failures = [failure for failure in pool.map(lambda job: compile_text(*job), jobs) if failure]
    broken = compile_text(compilers[0][1], compilers[0][0], C_STANDARDS[compilers[0][0]][0], [], "int x = ;\n")
    if not broken:
        failures.append("self-test: a broken header was not noticed")
    print("\n".join(failures))
    print(f"{len(jobs)} compilations, {len(failures)} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
