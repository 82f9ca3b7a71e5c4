"""Compares what README.md shows of a program with what the program prints.

Usage: output_test.py <README.md> <folder of the examples' programs>

    <!-- output: demo bank -->
    ```
    what `demo bank` prints
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
    if not OUTPUT.search(text):
        sys.exit(f"{page}: shows no output of any program")
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
