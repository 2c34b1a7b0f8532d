#!/usr/bin/env python3
"""The program around the checks: its options, its exit status, its output, files that are no plugins.

usage: program.py VALIDATOR FOLDER-OF-BROKEN-MODULES
"""
import json
import os
import pty
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

VALIDATOR, FOLDER = sys.argv[1], Path(sys.argv[2])


def run(*arguments, environment=None):
    return subprocess.run([VALIDATOR, *map(str, arguments)], capture_output=True, text=True, timeout=60,
                          env={**os.environ, **(environment or {})})


def outcomes(done):
    return {check["name"]: check["outcome"] for check in json.loads(done.stdout)["checks"]}


def on_terminal(arguments, environment):
    """What the program writes when its output is a terminal."""
    try:
        child, descriptor = pty.fork()
    except OSError as error:  # a bare chroot has no /dev/pts
        raise unittest.SkipTest(f"no terminal can be made here: {error}") from error
    if child == 0:
        os.execve(VALIDATOR, [VALIDATOR, *map(str, arguments)], environment)
    written = b""
    while True:
        try:
            piece = os.read(descriptor, 65536)
        except OSError:  # the other side was closed
            piece = b""
        if not piece:
            break
        written += piece
    os.waitpid(child, 0)
    os.close(descriptor)
    return written.decode()


class Program(unittest.TestCase):
    def test_json_has_the_fields_that_hosts_read(self):
        report = json.loads(run("--json", "--quick", FOLDER / "sound.so").stdout)
        self.assertEqual(set(report), {"path", "name", "version", "abi", "verdict", "milliseconds", "checks"})
        self.assertEqual((report["name"], report["version"], report["verdict"]), ("broken", "1.2.3-test+1", "passed"))
        self.assertRegex(report["abi"], r"^1\.\d+$")
        for check in report["checks"]:
            self.assertEqual(set(check), {"name", "rule", "outcome", "detail", "milliseconds"})

    def test_quick_runs_the_quick_checks_and_survives_a_crash(self):
        listed = json.loads(run("--list", "--json").stdout)
        quick = [check["name"] for check in listed if check["quick"]]
        self.assertEqual(list(outcomes(run("--json", "--quick", FOLDER / "sound.so"))), quick)
        crashed = run("--json", "--quick", FOLDER / "unknown_id_crashes.so")
        self.assertEqual(crashed.returncode, 1)
        self.assertEqual(outcomes(crashed)["extension-ids"], "crashed")
        self.assertEqual(outcomes(crashed)["unmapped"], "passed")  # the checks after it ran all the same

    def test_quick_survives_a_hang(self):
        hung = run("--json", "--quick", "--time-limit", "0.5", FOLDER / "create_hangs.so")
        self.assertEqual(hung.returncode, 1)
        self.assertEqual(outcomes(hung)["create-and-destroy"], "timed_out")
        self.assertEqual(outcomes(hung)["extension-ids"], "skipped")

    def test_a_crash_is_told_with_its_signal_and_where(self):
        done = run("--json", "--check", "create-and-destroy", FOLDER / "create_crashes_later.so")
        detail = json.loads(done.stdout)["checks"][0]["detail"]
        self.assertIn("SIGABRT", detail)
        self.assertIn("create() of instance 50", detail)

    def test_one_check_is_run_alone(self):
        done = run("--json", "--check", "lifecycle", "--check", "loads", FOLDER / "sound.so")
        self.assertEqual(outcomes(done), {"loads": "passed", "lifecycle": "passed"})

    def test_in_process_gives_the_same_outcomes(self):
        apart = outcomes(run("--json", FOLDER / "sound.so"))
        together = outcomes(run("--json", "--in-process", FOLDER / "sound.so"))
        self.assertEqual(apart, together)

    def test_files_that_are_no_plugins_are_refused(self):
        with tempfile.TemporaryDirectory() as folder:
            text, empty, cut = (Path(folder) / name for name in ("text.so", "empty.so", "cut.so"))
            text.write_text("a text\n" * 100)
            empty.write_bytes(b"")
            whole = (FOLDER / "sound.so").read_bytes()
            for content in (whole[:200], whole[:2000], whole[: len(whole) // 4]):
                cut.write_bytes(content)
                done = run("--json", cut)
                self.assertEqual((done.returncode, outcomes(done)["elf-shared-object"]), (1, "failed"), len(content))
            for file in (text, empty, VALIDATOR, "/dev/null"):
                done = run("--json", file)
                self.assertEqual(done.returncode, 1, file)
                self.assertIn(outcomes(done)["elf-shared-object"] + outcomes(done).get("loads", ""),
                              ("failedskipped", "passedfailed"), file)

    def test_a_configuration_file_is_used(self):
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "long.yaml"
            file.write_text("broken:\n" + "  key: value\n" * 10)
            done = run("--json", "--config", file, "--check", "lifecycle", FOLDER / "config_forgets.so")
            check = json.loads(done.stdout)["checks"][0]
            self.assertEqual(check["outcome"], "failed")
            self.assertIn("too long", check["detail"])

    def test_wrong_usage_is_2(self):
        for arguments in ([], ["--no-such-option", "x"], ["/no/such/file.so"], [FOLDER / "sound.so", "more"],
                          ["--check", "no-such-check", FOLDER / "sound.so"], ["--time-limit", "x", FOLDER / "sound.so"],
                          ["--config", "/no/such/file.yaml", FOLDER / "sound.so"]):
            done = run(*arguments)
            self.assertEqual(done.returncode, 2, arguments)
            self.assertTrue(done.stderr.startswith("plugin_validator: "), done.stderr)

    def test_help_and_list(self):
        self.assertEqual(run("--help").returncode, 0)
        self.assertIn("--json", run("--help").stdout)
        self.assertIn("exports-one-symbol", run("--list").stdout)

    def test_colours_only_on_a_terminal_and_never_with_no_color(self):
        arguments = ["--quick", FOLDER / "sound.so"]
        plain = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
        self.assertNotIn("\x1b", run(*arguments).stdout)
        self.assertIn("\x1b[32m", on_terminal(arguments, plain))
        self.assertNotIn("\x1b[32m", on_terminal(arguments, {**plain, "NO_COLOR": "1"}))


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0]])
