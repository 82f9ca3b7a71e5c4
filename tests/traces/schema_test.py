"""The schema of traces and their reader agree.

Usage: schema_test.py <the program coweave>. Every approved and recorded trace must be valid by both. Then each is
changed at every place in every way that a schema can speak about: what the schema refuses, the reader must refuse, and
what the reader alone refuses must be of a kind that no schema can express. And docs/trace-format.md must mention every
word of the schema. Exits with 1 if not.
"""

import copy
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Iterator

sys.path.insert(0, str(Path(__file__).resolve().parent))
from json_schema import Schema  # noqa: E402

TOP = Path(__file__).resolve().parents[2]
SCHEMA = TOP / "traces" / "schema" / "trace-v1.schema.json"
DOCUMENT = TOP / "docs" / "trace-format.md"

# What the reader says of documents that only it can refuse: references, order, uniqueness, numbers against numbers.
BEYOND_A_SCHEMA = re.compile("|".join((
    "no entry of (tasks|objects)",
    "without it$",
    "stands here twice",
    "steps never decrease",
    "time never runs backwards",
    "numbered from 1 in order",
    "the root is the first task",
    r"option \d+ of \d+",
    "no entry among the waits",
    "waits twice",
    r"2\^53 - 1; write it as a number",
    "is no whole number from 0 to",
    "is no seed",
)))

OTHER_VALUES: tuple[Any, ...] = (
    None, True, 0, 1, 2, -1, 1.5, 4294967295, 4294967296, 9007199254740991, 9007199254740992, 1e300, "", "0", "x", "?",
    "007", "~", "~!call#1", "0.1", "0.01", "0!Timer", "0!timer#", "a.cpp:0", "a.cpp:12", "/a.cpp:12", "a:b.cpp:3",
    "9007199254740991", "9007199254740992", "18446744073709551615", "99999999999999999999", "cycle", "deadlock",
    "operation", "next", "random:", "Next", [], {}, [[]], ["0"], {"id": 1},
)


def places(value: Any, path: tuple = ()) -> Iterator[tuple]:
    """Paths to all values inside `value`; of a long list, only to its first entry and its last."""
    if path:
        yield path
    if isinstance(value, dict):
        for key in value:
            yield from places(value[key], (*path, key))
    if isinstance(value, list):
        for index in sorted({*range(min(1, len(value))), *range(max(0, len(value) - 1), len(value))}):
            yield from places(value[index], (*path, index))


def undocumented(schema: Any, text: str) -> Iterator[str]:
    """The keys and enumerators of the schema that `text` does not mention."""
    if isinstance(schema, list):
        for entry in schema:
            yield from undocumented(entry, text)
    if isinstance(schema, dict):
        for word in (*schema.get("properties", ()), *schema.get("enum", ())):
            if f"`{word}`" not in text:
                yield word
        for value in schema.values():
            yield from undocumented(value, text)


def changed(document: Any, path: tuple, change) -> Any:
    result = copy.deepcopy(document)
    parent = result
    for key in path[:-1]:
        parent = parent[key]
    change(parent, path[-1])
    return result


def mutants(document: Any) -> Iterator[tuple[str, Any]]:
    """Documents that differ from `document` in one place, with a name each."""
    for path in places(document):
        place = "/" + "/".join(map(str, path))
        yield f"{place} removed", changed(document, path, lambda parent, key: parent.__delitem__(key))
        for value in OTHER_VALUES:
            yield (f"{place} = {json.dumps(value)}",
                   changed(document, path, lambda parent, key, value=value: parent.__setitem__(key, value)))
        if isinstance(path[-1], str):
            yield (f"{place} beside an unknown key",
                   changed(document, path, lambda parent, key: parent.__setitem__(key + "s_", 1)))


def read_all(coweave: str, documents: list[Any]) -> list[str]:
    """What the reader says of each document; empty if it is valid."""
    with tempfile.TemporaryDirectory() as folder:
        names = []
        for index, document in enumerate(documents):
            path = Path(folder, f"{index}.json")
            path.write_text(json.dumps(document), encoding="utf-8")
            names.append(path.name)
        said: list[str] = []
        for start in range(0, len(names), 500):
            batch = names[start:start + 500]
            run = subprocess.run([coweave, "validate", *batch], cwd=folder, capture_output=True, encoding="utf-8")
            if run.returncode not in (0, 1):
                sys.exit(f"coweave validate ended with {run.returncode}:\n{run.stderr}")
            errors = dict(re.findall(r"^coweave: (\d+\.json): (.*)$", run.stderr, re.MULTILINE))
            valid = set(re.findall(r"^(\d+\.json): valid", run.stdout, re.MULTILINE))
            for name in batch:
                if (name in valid) == (name in errors):
                    sys.exit(f"coweave validate says nothing, or two things, of {name}")
                said.append(errors.get(name, ""))
        return said


def main() -> int:
    coweave = os.path.abspath(sys.argv[1])
    schema = Schema(json.loads(SCHEMA.read_text(encoding="utf-8")))
    if words := list(undocumented(schema.root, DOCUMENT.read_text(encoding="utf-8"))):
        sys.exit(f"{DOCUMENT.relative_to(TOP)} does not mention: {', '.join(words)}")

    traces = sorted([*(TOP / "tests/traces/approved").glob("*.json"), *(TOP / "traces/corpus").glob("**/*.json")])
    originals = [json.loads(path.read_text(encoding="utf-8")) for path in traces]
    if not traces:
        sys.exit("there are no traces to begin with")
    findings = []
    for path, document, error in zip(traces, originals, read_all(coweave, originals)):
        if refusal := schema.refusal(document) or error:
            findings.append(f"{path.name} is not valid: {refusal}")

    names, documents = [], []
    for path, document in zip(traces, originals):
        if not path.is_relative_to(TOP / "tests") or len(json.dumps(document)) > 8_000:
            continue
        for name, mutant in mutants(document):
            names.append(f"{path.name}{name}")
            documents.append(mutant)
    refused_by_schema = refused_by_reader_alone = 0
    for name, document, error in zip(names, documents, read_all(coweave, documents)):
        if refusal := schema.refusal(document):
            refused_by_schema += 1
            if not error:
                findings.append(f"{name}: the schema refuses it and the reader does not: {refusal}")
        elif error:
            refused_by_reader_alone += 1
            if not BEYOND_A_SCHEMA.search(error):
                findings.append(f"{name}: the reader refuses it and the schema does not: {error}")
    for finding in findings[:50]:
        print(finding)
    print(f"{len(traces)} traces, {len(documents)} mutants: the schema refuses {refused_by_schema}, the reader alone "
          f"{refused_by_reader_alone}; {len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
