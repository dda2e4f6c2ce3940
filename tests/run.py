#!/usr/bin/env python3
"""Runs suites of a Meson build folder and counts every subtest; the last line is 'N passed, N failed'.

usage: run.py BUILD SUITE...
"""
import json
import os
import re
import subprocess
import sys


# cmocka's word for a test that could not be run here is "not ok 1 # SKIP name".
FAILED = re.compile(r"^not ok\b(?! \d+ # SKIP\b)", re.M)


def count(entry):
    """Subtests of one test program that passed and failed; a program that broke off counts as failed."""
    out = entry.get("stdout") or ""
    passed = len(re.findall(r"^ok\b", out, re.M))
    failed = len(FAILED.findall(out))
    if entry["result"] not in ("OK", "EXPECTEDFAIL", "SKIP") and failed == 0:
        failed = 1
    if entry["result"] == "OK" and passed == 0:
        failed = 1
    return passed, failed


def faults(entry):
    """The lines that say what failed and why."""
    shown = False
    for line in (entry.get("stdout") or "").splitlines():
        shown = bool(FAILED.match(line)) or (shown and line.startswith("#"))
        if shown:
            yield line


def main():
    build, suites = sys.argv[1], sys.argv[2:]
    command = ["meson", "test", "-C", build, "--no-rebuild", "--print-errorlogs"]
    for suite in suites:
        command += ["--suite", suite]
    status = subprocess.run(command, stdin=subprocess.DEVNULL).returncode
    passed = failed = 0
    with open(os.path.join(build, "meson-logs", "testlog.json")) as log:
        for line in log:
            entry = json.loads(line)
            p, f = count(entry)
            passed += p
            failed += f
            if f:
                print(f"failed: {entry['name']} ({entry['result']}, {f} of {p + f})")
                print("\n".join(f"  {line}" for line in faults(entry)))
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or status or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
