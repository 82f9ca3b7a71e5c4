"""Checks the rules of the tree that no compiler checks.

Usage: check_structure.py <top of the tree>. Prints one line a finding, "file:line: what is wrong", and exits with 1
if there is any. The rules:

  arrow           an include goes against the direction of the folders
  quotes          an include in quotes: ours are all <coweave/folder/file.hpp>
  heavy           a header of ours includes a header that is slow to compile or that users need not have
  nondeterminism  code of the libraries uses a source of randomness, an unordered container or a clock
  unlisted        a source or header that no CMakeLists.txt names, so nobody compiles it
  test name       a name that CTest cannot select the test case by
"""

import re
import sys
from pathlib import Path
from typing import Iterator, NamedTuple

LIBRARIES = ("core", "traces", "sim", "props")
PROGRAMS = ("tools", "tests", "examples", "bench")
UMBRELLA = "coweave.hpp"  # <coweave/coweave.hpp>, which is props/coweave.hpp

# Folder -> folders that it may include.
ARROWS = {
    "core": {"core"},
    "traces": {"traces"},
    "sim": {"sim", "core", "traces"},
    "props": {"props", "sim", "core", "traces"},
    "tools": {"tools", *LIBRARIES},
    "examples": {"examples", *LIBRARIES},
    "bench": {"bench", "examples", *LIBRARIES},
    "tests": {"tests", "examples", "bench", "tools", *LIBRARIES},
}

# Single headers that a folder may include besides: the vocabulary of events, for traces.
ARROWS_TO_FILES = {
    "traces": {"core/observer.hpp"},
}

HEAVY = re.compile(r"^(iostream|regex|random|nlohmann/.*|fmt/.*)$")

NONDETERMINISM = re.compile(
    r"\b(random_device|mt19937(_64)?|default_random_engine|uniform_(int|real)_distribution|unordered_(multi)?(map|set)"
    r"|system_clock|high_resolution_clock|steady_clock)\b")
# What stands there after all, and where: the production loop and the deadline of an exploration need a real clock.
NONDETERMINISM_ALLOWED = {
    "steady_clock": re.compile(r"^(core/event_loop|props/deadline)\.(hpp|cpp)$"),
}

# doctest_discover_tests gives these characters another meaning.
TEST_CASE = re.compile(r"\bTEST_CASE(?:_FIXTURE|_TEMPLATE)?\s*\((?:[^\"()]*,)?\s*\"((?:[^\"\\]|\\.)*)\"")
TEST_NAME_REFUSED = re.compile(r"[;\[\]\\\"]")

# Comments and literals, so that the rules see code only. An include is kept whole, whichever quotes it uses.
TOKEN = re.compile(
    r"""(?P<include>^[ \t]*\#[ \t]*include[ \t]*(?P<file><[^>\n]*>|"[^"\n]*"))
      | (?P<comment>//(?:\\\n|[^\n])*|/\*.*?\*/)
      | (?P<raw>\bu?8?[LU]?R"(?P<delimiter>[^\s()\\]{0,16})\(.*?\)(?P=delimiter)")
      | (?P<string>"(?:[^"\\\n]|\\.)*")
      | (?P<number>\b\d(?:'?[\w.])*)
      | (?P<char>'(?:[^'\\\n]|\\.)+')""",
    re.VERBOSE | re.MULTILINE | re.DOTALL)


class Finding(NamedTuple):
    file: str
    line: int
    rule: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.rule}: {self.message}"


def blank(text: str) -> str:
    """`text` without its letters, but with its lines."""
    return "\n" * text.count("\n") or " "


def line_of(text: str, offset: int) -> int:
    return text.count("\n", 0, offset) + 1


def code_and_includes(text: str) -> tuple[str, list[tuple[int, str]]]:
    """The code without comments, literals and includes; and the includes, with their lines."""
    includes = []

    def replace(match: re.Match) -> str:
        if match["include"]:
            includes.append((line_of(text, match.end()), match["file"]))
            return " "
        return match[0] if match["number"] else blank(match[0])

    return TOKEN.sub(replace, text), includes


def check_include(file: str, folder: str, included: str) -> Iterator[tuple[str, str]]:
    """Rule and message for each rule that the include of `included` in `file` breaks."""
    name = included[1:-1]
    if included.startswith('"'):
        yield "quotes", f'#include "{name}": ours are included as <coweave/folder/file.hpp>'
    if file.endswith(".hpp") and HEAVY.match(name):
        yield "heavy", f"<{name}> in a header; include it in the source"
    if not name.startswith("coweave/"):
        return
    path = name.removeprefix("coweave/")
    target = "props" if path == UMBRELLA else path.split("/")[0]
    if target not in ARROWS[folder] and path not in ARROWS_TO_FILES.get(folder, set()):
        yield "arrow", f"{folder} may not include <{name}>; it may include {', '.join(sorted(ARROWS[folder]))}"


def check_file(file: str, text: str) -> Iterator[Finding]:
    folder = file.split("/")[0]
    code, includes = code_and_includes(text)
    for line, included in includes:
        for rule, message in check_include(file, folder, included):
            yield Finding(file, line, rule, message)
    if folder in LIBRARIES:
        for match in NONDETERMINISM.finditer(code):
            allowed = NONDETERMINISM_ALLOWED.get(match[0])
            if not (allowed and allowed.match(file)):
                yield Finding(file, line_of(code, match.start()), "nondeterminism",
                              f"{match[0]}: runs must not depend on it")
    if folder == "tests":
        for match in TEST_CASE.finditer(text):
            if refused := TEST_NAME_REFUSED.search(match[1]):
                yield Finding(file, line_of(text, match.start(1)), "test name", f"CTest cannot pass on {refused[0]}")


def listed(top: Path, path: Path) -> bool:
    """Whether the CMakeLists.txt beside `path`, or one further up, names it."""
    for folder in path.parents:
        lists = folder / "CMakeLists.txt"
        if lists.is_file():
            words = set(re.findall(r"[^\s()\"]+", re.sub(r"#.*", "", lists.read_text(encoding="utf-8"))))
            if path.relative_to(folder).as_posix() in words:
                return True
            # coweave_example(demo) means demo.cpp
            programs = {f"{name}.cpp" for name in re.findall(r"coweave_(?:example|bench)\(\s*(\w+)", lists.read_text(
                encoding="utf-8"))}
            if folder == path.parent and path.name in programs:
                return True
        if folder == top:
            return False
    return False


def must_be_listed(file: str) -> bool:
    """Headers of programs need no list, and consumers and fixtures are projects of their own."""
    if file.startswith(("tests/consumer/", "tests/structure/")):
        return False
    return file.endswith(".cpp") or file.split("/")[0] in LIBRARIES


def check_tree(top: Path) -> Iterator[Finding]:
    for folder in (*LIBRARIES, *PROGRAMS):
        for path in sorted((top / folder).rglob("*")):
            if path.suffix not in (".hpp", ".cpp") or not path.is_file():
                continue
            file = path.relative_to(top).as_posix()
            yield from check_file(file, path.read_text(encoding="utf-8"))
            if must_be_listed(file) and not listed(top, path):
                yield Finding(file, 1, "unlisted", "no CMakeLists.txt names it")


def main() -> int:
    if len(sys.argv) != 2:
        print(f"usage: {sys.argv[0]} <top of the tree>", file=sys.stderr)
        return 2
    top = Path(sys.argv[1]).resolve()
    missing = [folder for folder in LIBRARIES if not (top / folder).is_dir()]
    if missing:
        print(f"{top} is not the top of the tree: it has no {', '.join(missing)}", file=sys.stderr)
        return 2
    findings = list(check_tree(top))
    for finding in findings:
        print(finding)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
