"""In doctest, GoogleTest and Catch2 a failed exploration fails its test, with the whole report, also in JUnit's XML."""

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

REPORT = ("FAILED: fails: assertion, found by run 1 of policy portfolio with seed 1", "✗ main (0) FAILED",
          "at scenarios.hpp:12", "COWEAVE_TRACE_DIR=traces",
          "FAILED: small: assertion", "with unsigned int 10", "with 10 < 10")

failures: list[str] = []


def check(holds: bool, what: str) -> None:
    if not holds:
        failures.append(what)


def check_report(text: str, whose: str) -> None:
    for part in REPORT:
        check(part in text, f"{whose} lacks {part!r}")


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
    texts = [f"{failure.get('message') or ''}\n{failure.text or ''}"
             for failure in xml.parse(out).getroot().iter("failure")]
    check(len(texts) == 2, f"{name}'s JUnit has {len(texts)} failures")
    check_report("\n".join(texts), f"{name}'s JUnit")


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
