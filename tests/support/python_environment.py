#!/usr/bin/env python3
"""Prints the path of a Python that has the packages of requirements.txt; makes its virtual environment on first use."""

import shutil
import subprocess
import sys
from pathlib import Path

from cache import SUPPORT, SupportError, cache_dir, digest, locked

REQUIREMENTS = SUPPORT / "requirements.txt"


def python_path() -> Path:
    base = Path(sys.executable).resolve()
    directory = cache_dir() / f"venv-{digest(REQUIREMENTS.read_text() + sys.version + str(base))}"
    complete = directory / "complete"
    if not complete.exists():
        with locked("venv"):
            if not complete.exists():
                create(base, directory)
                complete.touch()
    return directory / "bin" / "python"


def create(base: Path, directory: Path) -> None:
    shutil.rmtree(directory, ignore_errors=True)
    print("making the Python environment of the tests (once)", file=sys.stderr)
    run("Python's venv module is missing: run `./dev install-deps` (package python3-venv)",
        str(base), "-I", "-m", "venv", str(directory))
    run("pip could not fetch the packages of tests/support/requirements.txt. If this machine reaches its package index only "
        "through a mirror or a proxy, say so in pip's configuration, then try again.",
        str(directory / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
        "--only-binary=:all:", "-r", str(REQUIREMENTS))


def run(advice: str, *command: str) -> None:
    result = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if result.returncode != 0:
        details = (result.stdout + result.stderr).strip().splitlines()[-3:]
        raise SupportError(f"{advice}\n  " + "\n  ".join(details))


if __name__ == "__main__":
    try:
        print(python_path())
    except SupportError as error:
        sys.exit(str(error))
