"""Goes once around the circle of examples/ci, as its README.md tells it: a bug is found, its trace is committed, the fix
passes, and the bug brought back fails at once, where no search would find it."""

import argparse
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from installed import build, install, parse_arguments, run

TRACE = "traces/corpus/one-seat.json"

failures: list[str] = []


def check(holds: bool, what: str) -> None:
    if not holds:
        failures.append(what)


def check_told(text: str, *parts: str) -> None:
    told = " ".join(text.split())  # lines are wrapped
    for part in parts:
        check(part in told, f"this is not told: {part!r}, in\n{text}")


class Circle:
    def __init__(self, arguments: argparse.Namespace, prefix: Path) -> None:
        self.arguments = arguments
        self.prefix = prefix
        self.project = arguments.work / "project"
        shutil.rmtree(self.project, ignore_errors=True)
        shutil.copytree(arguments.source / "examples" / "ci", self.project)
        self.committed = (self.project / TRACE).read_bytes()
        self.git("init", "--quiet")
        self.commit("the box office")

    def git(self, *command: str) -> None:
        run("git", "-c", "user.name=a tester", "-c", "user.email=tester@example.org", *command, cwd=self.project)

    def commit(self, message: str) -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)

    def test(self, **environment: str) -> tuple[int, str]:
        """Builds and tests; how that ends, and what it prints."""
        folder = build(self.arguments, self.project, f"-DCMAKE_PREFIX_PATH={self.prefix}")
        ended = subprocess.run(["ctest", "--output-on-failure"], cwd=folder, text=True, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, env={**os.environ, **environment})
        return ended.returncode, ended.stdout

    def line_of(self, file: str, code: str) -> int:
        lines = (self.project / file).read_text(encoding="utf-8").splitlines()
        return next(number for number, line in enumerate(lines, 1) if code in line)


def main() -> int:
    arguments = parse_arguments(__doc__)
    if not shutil.which("git"):
        print("git is not here: install it")
        return 1
    circle = Circle(arguments, install(arguments))
    summary = arguments.work / "summary.md"
    summary.unlink(missing_ok=True)

    # The bug is new: nothing is known of it, and the search finds it.
    circle.git("rm", "--quiet", TRACE)
    circle.git("apply", "the-bug.patch")
    circle.commit("a bug")
    code, text = circle.test(COWEAVE_REPORT="github", GITHUB_STEP_SUMMARY=str(summary))
    check(code != 0, "the bug is not found")
    check_told(text, "FAILED: one seat: assertion, found by run", "added to the corpus")
    requirement = circle.line_of("tests/box_office_test.cpp", "COWEAVE_REQUIRE")
    payment = circle.line_of("box_office/box_office.hpp", "coweave::sleep(")
    errors = re.findall(r"^::error file=([^,]*),line=(\d+),title=([^:]*)::", text, re.MULTILINE)
    check(errors == [("tests/box_office_test.cpp", str(requirement), "one seat%3A assertion")], f"errors: {errors}")
    notices = re.findall(r"^::notice file=([^,]*),line=(\d+),.*cancellation was injected here into alice", text,
                         re.MULTILINE)
    check(notices == [("box_office/box_office.hpp", str(payment))], f"notices: {notices}")
    check_told(summary.read_text(encoding="utf-8"), "- **FAILED**: **one seat**", "<details>", "injected a cancellation")

    # Its trace is committed: it has the same bytes on every machine.
    found = (circle.project / TRACE).read_bytes()
    check(found == circle.committed, f"the trace that is found is not {TRACE} of the example")
    circle.commit("what was found")

    # The fix passes, also under the schedule that failed.
    circle.git("apply", "--reverse", "the-bug.patch")
    code, text = circle.test(COWEAVE_SUMMARY=str(summary))
    check(code == 0, f"the fix fails:\n{text}")
    check_told(summary.read_text(encoding="utf-8"), "- passed: **one seat**: 10,000 runs, 1 trace of the corpus")
    circle.commit("the fix")

    # The bug comes back, and the corpus fails at once. A single run in asyncio's own order would not see it.
    circle.git("apply", "the-bug.patch")
    code, text = circle.test(COWEAVE_RUNS="1", COWEAVE_POLICY="fifo", COWEAVE_CORPUS="none")
    check(code == 0, f"the search sees the bug in a single run, so that the corpus is not needed:\n{text}")
    code, text = circle.test(COWEAVE_RUNS="1", COWEAVE_POLICY="fifo")
    check(code != 0, "the bug came back, and nobody noticed")
    check_told(text, f"{TRACE} of the corpus was replayed", f"COWEAVE_REPLAY={circle.project / TRACE}")
    check((circle.project / TRACE).read_bytes() == found, "the corpus has changed")
    check(len(list((circle.project / "traces" / "corpus").iterdir())) == 1, "the corpus has grown")

    for failure in failures:
        print(failure)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
