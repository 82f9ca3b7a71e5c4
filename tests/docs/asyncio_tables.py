"""Holds docs/asyncio-tables.md against the tests: asyncio_tables.py <top of the tree>

Each row names tests of tests/core that are there by that name, or gives a reason, which ends with a full stop.
"""

import re
import sys
from pathlib import Path

from cpython_tests import NAME

PAGE = "docs/asyncio-tables.md"
ROWS = 62  # of both tables
ROW = re.compile(r"^\| (?P<subject>[^|]+) \| [^|]+ \| (?P<where>[^|]+) \|$", re.M)
TEST = re.compile(r"`(\w[\w ]*: [^`]+)`")


def main() -> int:
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    top = Path(sys.argv[1])
    rows = [(row["subject"], row["where"]) for row in ROW.finditer((top / PAGE).read_text())
            if not row["where"].startswith("test")]  # the headings
    tests = {re.sub(r'"\s*"', "", name).strip().strip('"') for path in (top / "tests" / "core").glob("*_test.cpp")
             for name in NAME.findall(path.read_text())}
    findings = [] if len(rows) == ROWS else [f"there are {len(rows)} rows, not {ROWS}"]
    for subject, where in rows:
        named = TEST.findall(where)
        findings += [f"{subject}: there is no test '{name}'" for name in named if name not in tests]
        if not named and not where.endswith("."):
            findings.append(f"{subject}: it names no test and gives no reason")
    for finding in findings:
        print(f"{PAGE}: {finding}")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
