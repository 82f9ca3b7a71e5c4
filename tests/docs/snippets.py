"""Makes sources of the C++ in README.md and docs/, so that what people copy compiles.

Usage: snippets.py <page.md> <output.cpp>

A fenced block "cpp" holds declarations, or a whole file if it includes something. A block "cpp body" holds the inside of
a coroutine. What a block needs besides and would bore a reader stands before it in a comment:

    <!-- given
    Coro<int> fetch(int key);
    -->

Blocks of a page are in namespaces of their own, and what is given stays given until the end of the page.
"""

import re
import sys
from pathlib import Path


def blocks(text: str):
    """(kind, first line, content) of what is given and of every block."""
    pattern = re.compile(r"^<!-- given\n(?P<given>.*?)^-->$|^```cpp(?P<info>[^\n]*)\n(?P<code>.*?)^```$", re.M | re.S)
    for match in pattern.finditer(text):
        line = text.count("\n", 0, match.start()) + 2
        if match["given"] is not None:
            yield "given", line, match["given"]
        elif match["info"].strip() in ("", "body"):
            yield match["info"].strip() or "file", line, match["code"]
        else:
            sys.exit(f"line {line - 1}: a block of C++ is ```cpp or ```cpp body, not ```cpp{match['info']}")


def main() -> int:
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    page, output = Path(sys.argv[1]), Path(sys.argv[2])
    includes: list[str] = []
    body: list[str] = []
    for number, (kind, line, code) in enumerate(blocks(page.read_text())):
        for include in re.findall(r"^#include .*$", code, re.M):
            includes.append(include)
        code = re.sub(r"^#include .*\n", "\n", code, flags=re.M)
        name = f"block_{number}"
        if kind == "given":
            body += [f'#line {line} "{page.name}"', code]
            continue
        if kind == "body":
            inside = f"Coro<void> snippet() {{\n#line {line} \"{page.name}\"\n{code}\nco_return;\n}}"
        else:
            # A file's main would be found twice.
            inside = f'#line {line} "{page.name}"\n' + re.sub(r"^int main\(", "[[maybe_unused]] static int main_of_snippet(", code, flags=re.M)
        body += [f"namespace {name} {{", inside, f"}}  // namespace {name}"]
    output.parent.mkdir(parents=True, exist_ok=True)
    text = "\n".join([
        f"// Made from {page.name} by snippets.py.", *dict.fromkeys(includes), "#include <coweave/coweave.hpp>",
        "using namespace coweave;", "using namespace std::chrono_literals;", *body, ""
    ])
    if not output.exists() or output.read_text() != text:
        output.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
