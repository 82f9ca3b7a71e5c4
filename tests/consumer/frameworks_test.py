"""In doctest, GoogleTest and Catch2 a failed exploration fails its test; the whole report is told, also in JUnit's XML."""

import json
import subprocess
import sys
import xml.etree.ElementTree as xml
from pathlib import Path

from installed import build, install, parse_arguments

HERE = Path(__file__).resolve().parent

TESTS = {  # and the labels of each
    "doctest/passes": {"scenarios", "simulation", "nightly"},
    "doctest/fails": {"scenarios", "simulation", "nightly"},
    "googletest/Scenarios.passes": {"simulation"},
    "googletest/Scenarios.fails": {"simulation"},
    "catch2/passes": set(),
    "catch2/fails": set(),
}

# How each writes JUnit's XML to the file at the end.
OPTIONS = {
    "doctest": ("--reporters=junit", "--out="),
    "googletest": ("--gtest_output=xml:",),
    "catch2": ("--reporter", "junit", "--out", ""),
}

FIRST_LINES = ("FAILED: fails: assertion, found by run 1 of policy portfolio with seed 1",
               "FAILED: small: assertion, found by run")

# Unbroken: a table that a framework breaks into lines of its own is none.
REPORT = ("""
FAILED: fails: assertion, found by run 1 of policy portfolio with seed 1
No deviation from asyncio's own order, in 0 choices.

 step  time │ main                                                                │ where
            │ 0                                                                   │
────────────┼─────────────────────────────────────────────────────────────────────┼─────────────────
    1       │ ▸ start                                                             │
            │ ◦ sleep                                                             │ scenarios.hpp:11
    2   1 s │ ▸ timer                                                             │
    3       │ ▸ resume, woken by its timer                                        │
━━━━━━━━━━━━┿━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┿━━━━━━━━━━━━━━━━━
            │ ✗ main (0) FAILED: assertion: COWEAVE_REQUIRE(1 + 1 == 3), with 2   │ scenarios.hpp:12
            │   == 3                                                              │
━━━━━━━━━━━━┿━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┿━━━━━━━━━━━━━━━━━

FAILED: assertion at step 3, after 1 s of virtual time, in main (0)
  COWEAVE_REQUIRE(1 + 1 == 3), with 2 == 3
  at scenarios.hpp:12
""", "\n  COWEAVE_TRACE_DIR=traces",
          "\nFAILED: small: assertion", "\n  with unsigned int 10\n", "with 10 < 10")

failures: list[str] = []


def check(holds: bool, what: str) -> None:
    if not holds:
        failures.append(what)


def check_report(text: str, whose: str) -> None:
    for part in REPORT:
        check(part in text, f"{whose} lacks {part}")


def check_ctest(folder: Path) -> None:
    listed = json.loads(subprocess.run(["ctest", "--show-only=json-v1"], cwd=folder, check=True,
                                       stdout=subprocess.PIPE, text=True).stdout)
    found = {}
    for test in listed["tests"]:
        properties = {one["name"]: one["value"] for one in test.get("properties", [])}
        found[test["name"]] = set(properties.get("LABELS", []))
        if test["name"].startswith("googletest/"):
            check(properties.get("TIMEOUT") == 60, f"the TIMEOUT of {test['name']} is {properties.get('TIMEOUT')}")
    check(found == TESTS, f"CTest has {found}")

    run = subprocess.run(["ctest", "--output-junit", "junit.xml"], cwd=folder, stdout=subprocess.DEVNULL)
    check(run.returncode == 8, f"ctest ended with {run.returncode}")
    cases = {case.get("name"): case for case in xml.parse(folder / "junit.xml").getroot().iter("testcase")}
    for name in TESTS:
        check((cases[name].find("failure") is not None) == name.endswith("fails"), f"CTest's JUnit of {name} is wrong")
        if name.endswith("fails"):
            check_report(cases[name].findtext("system-out") or "", f"CTest's JUnit of {name}")


def check_framework(folder: Path, name: str) -> None:
    out = folder / f"{name}.xml"
    *options, last = OPTIONS[name]
    run = subprocess.run([str(folder / name), *options, f"{last}{out}"], stdout=subprocess.DEVNULL)
    check(run.returncode != 0, f"{name} ended with 0")
    root = xml.parse(out).getroot()
    texts = [f"{failure.get('message') or ''}\n{failure.text or ''}" for failure in root.iter("failure")]
    check(len(texts) == 2, f"{name}'s JUnit has {len(texts)} failures")
    for text, line in zip(texts, FIRST_LINES):
        check(line in text, f"a failure in {name}'s JUnit lacks {line}")
    texts += [error.text or "" for error in root.iter("system-err")]
    check_report("\n".join(texts), f"{name}'s JUnit")

    console = subprocess.run([str(folder / name)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8",
                             errors="replace")
    check_report(console.stdout, name)


def main() -> int:
    arguments = parse_arguments(__doc__)
    folder = build(arguments, HERE / "frameworks", f"-DCMAKE_PREFIX_PATH={install(arguments)}")
    check_ctest(folder)
    for name in OPTIONS:
        check_framework(folder, name)
    for failure in failures:
        print(failure)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
