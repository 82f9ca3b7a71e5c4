"""Tests check_structure.py on small trees: a clean one passes, and each rule can fail."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from check_structure import check_tree

SCRIPT = Path(__file__).with_name("check_structure.py")

CLEAN = {
    "core/CMakeLists.txt": "coweave_library(core SOURCES event_loop.cpp lock.cpp HEADERS lock.hpp observer.hpp)",
    "core/lock.hpp": "#include <coweave/core/observer.hpp>\n\n#include <vector>\n",
    "core/lock.cpp": """#include <coweave/core/lock.hpp>

#include <random>  // std::mt19937 in a comment is no use of it

/* nor is
   std::unordered_map here */
const char* name = "std::unordered_set \\" // in a string";
const char* page = R"js(a = "system_clock"; // '
 random_device )js";
int million = 1'000'000;
""",
    "core/event_loop.cpp": "#include <chrono>\nauto now() { return std::chrono::steady_clock::now(); }\n",
    "core/observer.hpp": "",
    "traces/CMakeLists.txt": "coweave_library(traces SOURCES json.cpp HEADERS trace.hpp)",
    "traces/trace.hpp": "#include <coweave/core/observer.hpp>\n",
    "traces/json.cpp": "#include <coweave/traces/trace.hpp>\n\n#include <fmt/format.h>\n#include <nlohmann/json.hpp>\n",
    "sim/CMakeLists.txt": "coweave_library(sim HEADERS simulation.hpp)",
    "sim/simulation.hpp": "#include <coweave/core/lock.hpp>\n#include <coweave/traces/trace.hpp>\n",
    "props/CMakeLists.txt": "coweave_library(props HEADERS explore.hpp UMBRELLA coweave.hpp)",
    "props/coweave.hpp": "#include <coweave/core/lock.hpp>\n#include <coweave/props/explore.hpp>\n",
    "props/explore.hpp": "#include <coweave/sim/simulation.hpp>\n\n#include <rapidcheck.h>\n",
    "examples/CMakeLists.txt": "coweave_example(demo EXIT_CODE 1)",
    "examples/demo.cpp": "#include <coweave/coweave.hpp>\n\n#include <iostream>\n#include <unordered_map>\n",
    "examples/example.hpp": "",
    "tests/CMakeLists.txt": "coweave_test(core SOURCES core/lock_test.cpp)",
    "tests/core/lock_test.cpp": """#include <coweave/core/lock.hpp>
#include <coweave/examples/example.hpp>
#include <coweave/tests/approved.hpp>

TEST_CASE("lock: waiters acquire in arrival order, whoever (or whatever) they are") {}
""",
    "tests/approved.hpp": "",
}

# What is written into the clean tree -> the one finding that it must give.
BAD = [
    ("core/lock.cpp", "#include <coweave/sim/simulation.hpp>", "core/lock.cpp:1: arrow: core may not include"),
    ("core/lock.cpp", "\n#  include <coweave/traces/trace.hpp>", "core/lock.cpp:2: arrow:"),
    ("core/lock.hpp", "#include <coweave/coweave.hpp>", "core/lock.hpp:1: arrow:"),
    ("traces/json.cpp", "#include <coweave/core/lock.hpp>", "traces/json.cpp:1: arrow:"),
    ("traces/json.cpp", "#include <coweave/sim/simulation.hpp>", "traces/json.cpp:1: arrow:"),
    ("sim/simulation.hpp", "#include <coweave/props/explore.hpp>", "sim/simulation.hpp:1: arrow:"),
    ("sim/simulation.hpp", "#include <coweave/coweave.hpp>", "sim/simulation.hpp:1: arrow:"),
    ("props/explore.hpp", "#include <coweave/tests/approved.hpp>", "props/explore.hpp:1: arrow:"),
    ("examples/demo.cpp", "#include <coweave/tests/approved.hpp>", "examples/demo.cpp:1: arrow:"),
    ("sim/simulation.hpp", "#include <coweave/examples/example.hpp>", "sim/simulation.hpp:1: arrow:"),
    ("core/lock.cpp", '#include "lock.hpp"', "core/lock.cpp:1: quotes:"),
    ("tests/core/lock_test.cpp", '#include "coweave/core/lock.hpp"', "tests/core/lock_test.cpp:1: quotes:"),
    ("core/lock.hpp", "// a lock\n#include <iostream>", "core/lock.hpp:2: heavy:"),
    ("traces/trace.hpp", "#include <nlohmann/json.hpp>", "traces/trace.hpp:1: heavy:"),
    ("sim/simulation.hpp", "#include <fmt/core.h>", "sim/simulation.hpp:1: heavy:"),
    ("props/explore.hpp", "#include <regex>", "props/explore.hpp:1: heavy:"),
    ("tests/approved.hpp", "#include <random>", "tests/approved.hpp:1: heavy:"),
    ("core/lock.cpp", "std::random_device device;", "core/lock.cpp:1: nondeterminism: random_device"),
    ("sim/simulation.hpp", "std::mt19937 engine;", "sim/simulation.hpp:1: nondeterminism: mt19937"),
    ("sim/simulation.hpp", "std::mt19937_64 engine;", "sim/simulation.hpp:1: nondeterminism: mt19937_64"),
    ("props/explore.hpp", "std::uniform_int_distribution<int> d;", "props/explore.hpp:1: nondeterminism:"),
    ("traces/json.cpp", "/*\n*/ std::unordered_map<int, int> m;", "traces/json.cpp:2: nondeterminism:"),
    ("core/lock.cpp", "auto s = R\"(\n)\"; std::unordered_set<int> u;", "core/lock.cpp:2: nondeterminism:"),
    ("core/lock.cpp", "using clock = std::chrono::system_clock;", "core/lock.cpp:1: nondeterminism:"),
    ("core/lock.cpp", "int i = 1'0; using clock = std::chrono::steady_clock; char c = ' ';",
     "core/lock.cpp:1: nondeterminism: steady_clock"),
    ("core/event_loop.cpp", "std::chrono::system_clock::now();", "core/event_loop.cpp:1: nondeterminism:"),
    ("core/forgotten.cpp", "", "core/forgotten.cpp:1: unlisted:"),
    ("sim/forgotten.hpp", "", "sim/forgotten.hpp:1: unlisted:"),
    ("tests/sim/forgotten_test.cpp", "", "tests/sim/forgotten_test.cpp:1: unlisted:"),
    ("examples/forgotten.cpp", "", "examples/forgotten.cpp:1: unlisted:"),
    ("tests/core/lock_test.cpp", '\nTEST_CASE("lock: a; b") {}', "tests/core/lock_test.cpp:2: test name:"),
    ("tests/core/lock_test.cpp", 'TEST_CASE("lock: [a]") {}', "tests/core/lock_test.cpp:1: test name:"),
    ("tests/core/lock_test.cpp", 'TEST_CASE_FIXTURE(Fixture, "a \\"b\\"") {}', "tests/core/lock_test.cpp:1: test name:"),
]


def write(top: str, tree: dict[str, str]) -> None:
    for file, text in tree.items():
        path = Path(top, file)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def findings_in(tree: dict[str, str]) -> list[str]:
    with tempfile.TemporaryDirectory() as top:
        write(top, tree)
        return [str(finding) for finding in check_tree(Path(top))]


def exit_code_for(tree: dict[str, str]) -> int:
    with tempfile.TemporaryDirectory() as top:
        write(top, tree)
        return subprocess.run([sys.executable, "-B", str(SCRIPT), top], capture_output=True, check=False).returncode


class CheckStructureTest(unittest.TestCase):
    def test_a_clean_tree_passes(self) -> None:
        self.assertEqual(findings_in(CLEAN), [])

    def test_each_rule_can_fail(self) -> None:
        for file, text, expected in BAD:
            with self.subTest(file=file, text=text):
                findings = findings_in(CLEAN | {file: text})
                self.assertEqual(len(findings), 1, findings)
                self.assertTrue(findings[0].startswith(expected), findings[0])

    def test_the_exit_code_tells(self) -> None:
        self.assertEqual(exit_code_for(CLEAN), 0)
        self.assertEqual(exit_code_for(CLEAN | {BAD[0][0]: BAD[0][1]}), 1)
        self.assertEqual(exit_code_for({"readme": "not the top of a tree"}), 2)


if __name__ == "__main__":
    unittest.main()
