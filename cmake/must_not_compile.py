"""Checks that a source compiles without a macro, does not with it, and that the compiler says why."""

import argparse
import os
import subprocess
import sys


def compile_source(command: list[str]) -> tuple[bool, str]:
    run = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                         env={**os.environ, "LC_ALL": "C"}, check=False)
    return run.returncode == 0, run.stdout.decode("utf-8", errors="replace")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--source", required=True)
    parser.add_argument("--macro", required=True)
    parser.add_argument("--message", required=True)
    parser.add_argument("compiler", nargs="+")
    arguments = parser.parse_args()

    plain = arguments.compiler + ["-fmessage-length=0", arguments.source]
    compiles, output = compile_source(plain)
    if not compiles:
        print(f"{output}\n{arguments.source} must compile without {arguments.macro}, and does not")
        return 1

    compiles, output = compile_source(plain + [f"-D{arguments.macro}"])
    if compiles:
        print(f"{arguments.source} must not compile with {arguments.macro}, and does")
        return 1
    if arguments.message not in output:
        print(f"{output}\n{arguments.source} with {arguments.macro}: the compiler must say: {arguments.message}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
