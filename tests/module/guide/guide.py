#!/usr/bin/env python3
"""Follows a guide: writes its files, runs its commands in one shell, and wants the answers that it promises.

usage: guide.py GUIDE.md BUILD_DIR

A line **name** before a fenced block makes it a file; every block `sh` is run; `# → text` at the end of a command says
what stands in the output of its block, and nothing may stay in memory. The port 3001 is replaced by a free one. Any command that fails ends it.
"""
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))

from processes import die_with_parent, free_port  # noqa: E402

SECONDS = 500
FENCE = re.compile(r"(?:^\*\*(?P<file>[\w.]+)\*\*\n\n)?^```(?P<language>\w+)\n(?P<text>.*?)^```$", re.S | re.M)
MARK = "@@ block "


def script_of(text: str, folder: Path, port: int) -> tuple[str, list[list[str]]]:
    """Writes the files; returns the shell script and what each of its blocks is to show."""
    script, expected = ["set -euo pipefail -o monitor", "trap 'kill $(jobs -p) 2> /dev/null || true' EXIT"], []
    for block in FENCE.finditer(text):
        if block["file"]:
            (folder / block["file"]).write_text(block["text"])
        elif block["language"] == "sh":
            commands = block["text"].replace("3001", str(port))
            script += [f"echo '{MARK}{len(expected)}'", commands]
            expected.append(re.findall(r"# → (.*)$", commands, re.M))
    return "\n".join(script) + "\n", expected


def follow(guide: Path, build: str, folder: Path) -> list[str]:
    port = free_port()
    script, expected = script_of(guide.read_text(), folder, port)
    assert sum(map(len, expected)) > 3, f"{guide} promises nothing"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AGENT_")}
    environment |= {"BUILD": build, "NO_COLOR": "1", "AGENT_ADMIN_URL": f"http://127.0.0.1:{port}"}
    done = subprocess.run(["bash", "-c", script], cwd=folder, env=environment, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=SECONDS,
                          preexec_fn=die_with_parent())
    print(done.stdout, flush=True)
    outputs = re.split(rf"^{MARK}\d+$", done.stdout, flags=re.M)[1:]
    problems = [f"block {number}: no {text!r} in its output" for number, texts in enumerate(expected) for text in texts
                if number >= len(outputs) or text not in outputs[number]]
    if "stays in memory" in done.stdout:
        problems.append("a version that was replaced stays in memory")
    if done.returncode != 0:
        problems.append(f"a command of block {len(outputs) - 1} ended with status {done.returncode}")
        problems += [f"{log.name}:\n{log.read_text()}" for log in folder.glob("*.log")]
    return problems


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="guide-") as folder:
        problems = follow(Path(sys.argv[1]).resolve(), sys.argv[2], Path(folder))
    print("\n".join(problems))
    print(f"{len(problems)} problem(s)")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
