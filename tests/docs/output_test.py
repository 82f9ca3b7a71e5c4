"""Compares what README.md shows of a program with the program, and with what it prints.

Usage: output_test.py <README.md> <folder of the examples' programs>

    <!-- output: demo bank -->
    ```
    what `demo bank` prints
    ```

    <!-- quote: examples/bank.cpp -->
    ```c++
    paragraphs of that file, in order
    ```

The program runs in an empty folder, and where it tells how it was started, it was started as build/release/examples/demo.
With COWEAVE_APPROVE=1 the page is rewritten instead; read the difference before you commit it.
"""

import difflib
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

OUTPUT = re.compile(r"^<!-- output: (?P<command>[^\n]+) -->\n```\n(?P<text>.*?)^```$", re.M | re.S)


QUOTE = re.compile(r"^<!-- quote: (?P<file>[^\n]+) -->\n```c\+\+\n(?P<text>.*?)^```$", re.M | re.S)


def check_quotes(page: Path, text: str) -> None:
    """Ends the test unless every paragraph that is quoted stands in its file, after the one before it."""
    for quote in QUOTE.finditer(text):
        rest = (page.parent / quote["file"]).read_text()
        for paragraph in quote["text"].split("\n\n"):
            _, found, rest = rest.partition(paragraph.strip("\n") + "\n")
            if not found:
                sys.exit(f"{page} quotes what does not stand in {quote['file']}, or not in this order:\n{paragraph}")


def printed(command: str, programs: Path) -> str:
    name, *arguments = command.split()
    environment = {key: value for key, value in os.environ.items() if not key.startswith("COWEAVE_")}
    with tempfile.TemporaryDirectory() as folder:
        result = subprocess.run([programs / name, *arguments], cwd=folder, env=environment, capture_output=True,
                                text=True, check=False)
    if result.returncode != 0:
        sys.exit(f"`{command}` ended with {result.returncode}:\n{result.stderr}")
    return result.stdout.strip("\n").replace(str(programs / name), f"build/release/examples/{name}") + "\n"


def main() -> int:
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    page, programs = Path(sys.argv[1]), Path(sys.argv[2]).resolve()
    text = page.read_text()
    if not OUTPUT.search(text) or not QUOTE.search(text):
        sys.exit(f"{page}: shows no program, or no output of one")
    check_quotes(page, text)
    right = OUTPUT.sub(lambda match: match[0].replace(f"```\n{match['text']}", f"```\n{printed(match['command'], programs)}"),
                       text)
    if right == text:
        return 0
    if os.environ.get("COWEAVE_APPROVE") == "1":
        page.write_text(right)
        print(f"{page} was rewritten")
        return 0
    sys.stdout.writelines(difflib.unified_diff(text.splitlines(True), right.splitlines(True), str(page), "what is printed"))
    print("\nIf the new output is right: COWEAVE_APPROVE=1 ./dev quick -R docs/, and read the difference.")
    return 1


if __name__ == "__main__":
    sys.exit(main())
