#!/usr/bin/env python3
"""The ABI gate: today's headers and modules against every release that hosts and plugins out there were built from.

usage: gate.py RELEASED_DIR INCLUDE_DIR CC MODULE.so -- VERSION…

Allowed is one thing: members appended behind the last one of a released struct (and new structs, functions, constants).
Whatever cannot be found out is a failure: a baseline that is missing, empty or damaged, a tool that is not there.
"""
import hashlib
import sys
import tempfile
import xml.etree.ElementTree as xml
from pathlib import Path

from description import CONSTANTS, SYMBOLS, TYPES, Failure, describe, describe_module, run

FROZEN = {"agent_text", "agent_bytes", "agent_header"}  # passed in arrays: they never grow (abi.h, convention 3)
CHANGED = 4  # bits of abidiff's exit status; 1 and 2 are errors
INCOMPATIBLE = 8


def read_release(folder: Path) -> None:
    """Every file is there and is what it was when it was released."""
    sums = folder / "SHA256SUMS"
    if not sums.is_file():
        raise Failure(f"{sums} is missing")
    named = dict(reversed(line.split(maxsplit=1)) for line in sums.read_text().splitlines() if line.strip())
    for name in {TYPES, CONSTANTS, *named}:
        file = folder / name
        if not file.is_file():
            raise Failure(f"{file} is missing")
        if hashlib.sha256(file.read_bytes()).hexdigest() != named.get(name):
            raise Failure(f"{file} is not what {sums} has: a release is never edited")
    if not constants_of(folder) or not structs_of(parse(folder / TYPES)):
        raise Failure(f"{folder} describes nothing")


def parse(file: Path) -> xml.ElementTree:
    try:
        return xml.parse(file)
    except (OSError, xml.ParseError) as error:
        raise Failure(f"{file}: {error}") from error


def structs_of(tree: xml.ElementTree) -> dict[str, xml.Element]:
    return {element.get("name"): element for element in tree.iter("class-decl") if element.get("size-in-bits")}


def cut_appended_members(today: xml.ElementTree, released: xml.ElementTree) -> None:
    """The one suppression, exactly: what begins behind the end of a released struct is left away; abidiff judges the rest.

    abidiff's own `has_data_member_inserted_at = end` will not do: it lets a reordered or retyped member pass. A member
    in what was padding counts as a change: AGENT_HAS_FIELD would find it in the older struct as well.
    """
    structs = structs_of(today)
    for name, before in structs_of(released).items():
        now = structs.get(name)
        if now is None or name in FROZEN:
            continue
        end = int(before.get("size-in-bits"))
        appended = [member for member in now.findall("data-member") if int(member.get("layout-offset-in-bits")) >= end]
        for member in appended:
            now.remove(member)
        if appended:
            now.set("size-in-bits", str(end))


def abidiff(released: Path, today: Path, *options: str) -> list[str]:
    done = run("abidiff", "--no-default-suppression", "--harmless", "--redundant", *options, str(released), str(today),
               accept=(0, CHANGED, CHANGED | INCOMPATIBLE))
    return [] if done.returncode == 0 else [f"abidiff {released} against today's:\n{done.stdout}{done.stderr}"]


def constants_of(folder: Path) -> dict[str, str]:
    return dict(line.split(" ", 1) for line in (folder / CONSTANTS).read_text().splitlines())


def compare_constants(released: dict[str, str], today: dict[str, str]) -> list[str]:
    problems = []
    for name, value in released.items():
        now = today.get(name)
        grown = name == "AGENT_ABI_MINOR" and now is not None and int(now) >= int(value)
        if now != value and not grown:
            problems.append(f"{name} was {value} and is {now or 'gone'}")
    return problems


def compare_headers(release: Path, today: Path) -> list[str]:
    """All that is wrong with today's description (a folder) for whoever relies on that release."""
    read_release(release)
    before, now = constants_of(release), constants_of(today)
    problems = compare_constants(before, now)
    if before.get("AGENT_ABI_MINOR") == now.get("AGENT_ABI_MINOR"):  # the same version: nothing new either
        problems += [f"{name} is new" for name in now if name not in before]
        problems += abidiff(release / TYPES, today / TYPES)
        return [problem + f"\nAGENT_ABI_MINOR is still {now['AGENT_ABI_MINOR']}: a released version stays as it is; raise it "
                "(or, while it is in the making: tests/abi/released/make.sh --headers)" for problem in problems]
    tree = parse(today / TYPES)
    cut_appended_members(tree, parse(release / TYPES))
    with tempfile.TemporaryDirectory() as folder:
        cut = Path(folder) / TYPES
        tree.write(cut)
        return problems + abidiff(release / TYPES, cut, "--no-added-syms")


def compare_module(release: Path, module: Path) -> list[str]:
    """What a module exports neither shrinks nor grows. A release in the making has no module yet."""
    if not (release / SYMBOLS).is_file():
        return [] if not (release / "COMMIT").exists() else [f"{release / SYMBOLS} is missing"]
    with tempfile.TemporaryDirectory() as folder:
        today = Path(folder) / SYMBOLS
        describe_module(module, today)
        return abidiff(release / SYMBOLS, today)


def gate(released: Path, versions: list[str], include: Path, compiler: str, module: Path) -> list[str]:
    if not versions:
        return ["no release was named"]
    there = {folder.name for folder in released.iterdir() if folder.is_dir()} if released.is_dir() else set()
    problems = [f"{released}: {version} is there but not asked for" for version in sorted(there - set(versions))]
    with tempfile.TemporaryDirectory() as folder:
        today = Path(folder)
        describe(compiler, include, today)
        for version in versions:
            problems += compare_headers(released / version, today) + compare_module(released / version, module)
    return problems


def main() -> int:
    split = sys.argv.index("--")
    released, include, compiler, module = sys.argv[1:split]
    try:
        problems = gate(Path(released), sys.argv[split + 1:], Path(include).resolve(), compiler, Path(module))
    except (Failure, ValueError, OSError) as failure:
        problems = [str(failure)]
    print("\n".join(problems))
    print(f"{len(problems)} problem(s) against {', '.join(sys.argv[split + 1:])}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
