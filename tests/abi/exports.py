#!/usr/bin/env python3
"""Checks what a module shows to the dynamic linker: one symbol, and nothing that would keep it in memory.

usage: exports.py MODULE.so…      exports.py --self-test CC CXX
"""
import subprocess
import sys
import tempfile
from pathlib import Path

ENTRY = "agent_plugin_entry"
FORBIDDEN_FLAGS = {
    "TEXTREL": "its code is changed when it is loaded",
    "STATIC_TLS": "it may fail to load once the static TLS block is full",
    "NODELETE": "it stays mapped after dlclose",
}


def tool(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout


def check(module: str) -> list[str]:
    problems = []
    symbols = [line.split() for line in tool("nm", "-D", "--defined-only", module).splitlines()]
    names = [parts[-1].split("@")[0] for parts in symbols]
    if names != [ENTRY]:
        problems.append(f"{module}: exports {names or 'nothing'}; it must export {ENTRY} only")
    problems += [f"{module}: {parts[-1]} is GNU_UNIQUE" for parts in symbols if parts[-2] == "u"]
    if any(parts[-2] != "T" for parts in symbols if parts[-1] == ENTRY):
        problems.append(f"{module}: {ENTRY} is not a function")
    dynamic = tool("readelf", "-dW", module)
    problems += [f"{module}: {flag}: {why}" for flag, why in FORBIDDEN_FLAGS.items() if flag in dynamic]
    return problems


def self_test(cc: str, cxx: str) -> list[str]:
    """Each broken module must be found."""
    entry = f"extern const int* {ENTRY}(void); const int* {ENTRY}(void) {{ return 0; }}\n"
    unique = ("template <class T> struct S { static int value; };\ntemplate <class T> int S<T>::value = 1;\n"
              f'extern "C" int* {ENTRY}() {{ return &S<int>::value; }}\n')
    cases = {
        "two symbols": (cc, "c", entry + "int second(void);\nint second(void) { return 1; }\n", []),
        "no symbol": (cc, "c", "typedef int unit;\n", []),
        "an object": (cc, "c", f"int {ENTRY} = 1;\n", []),
        "GNU_UNIQUE": (cxx, "c++", unique, ["-fgnu-unique"]),
        "NODELETE": (cc, "c", entry, ["-Wl,-z,nodelete"]),
        "STATIC_TLS": (cc, "c", f"static __thread int tls __attribute__((tls_model(\"initial-exec\")));\n"
                       f"int* {ENTRY}(void); int* {ENTRY}(void) {{ return &tls; }}\n", []),
    }
    missed = []
    with tempfile.TemporaryDirectory() as folder:
        for name, (compiler, language, source, options) in cases.items():
            module = str(Path(folder) / "broken.so")
            subprocess.run([compiler, "-x", language, "-shared", "-fPIC", *options, "-o", module, "-"], input=source,
                           text=True, timeout=60, check=True)
            if not check(module):
                missed.append(f"self-test: not noticed: {name}")
        good = str(Path(folder) / "good.so")
        subprocess.run([cc, "-x", "c", "-shared", "-fPIC", "-o", good, "-"], input=entry, text=True, timeout=60, check=True)
        missed += check(good)
    return missed


def main() -> int:
    problems = self_test(*sys.argv[2:4]) if sys.argv[1] == "--self-test" else [p for m in sys.argv[1:] for p in check(m)]
    print("\n".join(problems))
    print(f"{len(problems)} problem(s)")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
