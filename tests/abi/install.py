#!/usr/bin/env python3
"""Installs the contract into an empty prefix and builds a third party's plugin against it, by CMake and by pkg-config.

usage: install.py BUILD_DIR CC
"""
import os
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import exports  # noqa: E402


def run(*command: str, env: dict | None = None) -> str:
    print("+", " ".join(command), flush=True)
    result = subprocess.run(command, capture_output=True, text=True, timeout=120, env=env, check=False)
    if result.returncode != 0:
        sys.exit(result.stdout + result.stderr)
    return result.stdout


def main() -> int:
    build, compiler = sys.argv[1:3]
    with tempfile.TemporaryDirectory() as folder:
        prefix, work = Path(folder) / "prefix", Path(folder) / "work"
        run("cmake", "--install", build, "--component", "agent_plugin", "--prefix", str(prefix))
        run("cmake", "-S", str(HERE / "external"), "-B", str(work), f"-DCMAKE_PREFIX_PATH={prefix}",
            f"-DCMAKE_C_COMPILER={compiler}")
        run("cmake", "--build", str(work))

        pc = next(prefix.rglob("agent_plugin.pc"))
        env = os.environ | {"PKG_CONFIG_PATH": str(pc.parent)}
        flags = run("pkg-config", "--cflags", "agent_plugin", env=env).split()
        script = run("pkg-config", "--variable=versionscript", "agent_plugin", env=env).strip()
        module = str(work / "by_pkg_config.so")
        run(compiler, "-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-shared", "-fPIC", *flags,
            f"-Wl,--version-script={script}", str(HERE / "external" / "external.c"), "-o", module)
        problems = exports.check(str(work / "external.so")) + exports.check(module)
    print("\n".join(problems))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
