"""Runs a program and checks its exit code and what it prints. CTest alone cannot check both at once."""

import argparse
import subprocess
import sys


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--exit-code", type=int, default=0)
    parser.add_argument("--prints", action="append", default=[], metavar="TEXT")
    parser.add_argument("--lacks", action="append", default=[], metavar="TEXT")
    parser.add_argument("command", nargs="+")
    arguments = parser.parse_args()

    run = subprocess.run(arguments.command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT, check=False)
    output = run.stdout.decode("utf-8", errors="replace")
    problems = []
    if run.returncode != arguments.exit_code:
        problems.append(f"exit code {run.returncode}, expected {arguments.exit_code}")
    problems += [f"does not print: {text}" for text in arguments.prints if text not in output]
    problems += [f"must not print: {text}" for text in arguments.lacks if text in output]

    print(output, end="" if output.endswith("\n") else "\n")
    for problem in problems:
        print(f"expect: {problem}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
