"""Holds docs/cpython-tests.md against the tests: cpython_tests.py <top of the tree>

Every test of CPython's has one row. A file that a row names must speak of the row's id, and an id in the name of a test
must be a row that names the file.
"""

import re
import sys
from collections import Counter
from pathlib import Path

PAGE = "docs/cpython-tests.md"
LISTED = 516  # tests of CPython 3.13's that are about what a coroutine layer does
ID = r"t(?:[A-Z]{2}\d{2,3}|F2-\d)"
ROW = re.compile(rf"^\| (?P<id>{ID}) \| \w+(?: \([^|]*\))? \| (?P<where>[^|]+) \|$", re.M)
FILE = re.compile(r"`(\w+_test\.cpp)`")
NAME = re.compile(r'TEST_CASE\(\s*((?:"(?:[^"\\]|\\.)*"\s*)+)')
SPOKEN = re.compile(rf"\b{ID}\b")


def named_ids(text: str) -> set[str]:
    """The ids in the names of a file's tests; a name may be split over lines."""
    return {found for name in NAME.findall(text) for found in SPOKEN.findall(re.sub(r'"\s*"', "", name))}


def main() -> int:
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    top = Path(sys.argv[1])
    rows = [(row["id"], row["where"]) for row in ROW.finditer((top / PAGE).read_text())]
    findings = [f"{each} has {count} rows" for each, count in Counter(each for each, _ in rows).items() if count > 1]
    if len(rows) != LISTED:
        findings.append(f"there are {len(rows)} rows, not {LISTED}")
    tests = {path.name: path.read_text() for path in (top / "tests" / "core").glob("*_test.cpp")}
    files = {each: set(FILE.findall(where)) for each, where in rows}
    for each, where in files.items():
        findings += [f"{each}: {name} does not speak of it" for name in sorted(where)
                     if each not in SPOKEN.findall(tests.get(name, ""))]
    for name, text in sorted(tests.items()):
        findings += [f"{each}: the row does not name {name}" for each in sorted(named_ids(text))
                     if name not in files.get(each, ())]
    for finding in findings:
        print(f"{PAGE}: {finding}")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
