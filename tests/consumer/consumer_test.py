"""Builds and runs a project that uses coweave: installed and moved, or as a subdirectory."""

import argparse
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from installed import build, install, parse_arguments, run

HERE = Path(__file__).resolve().parent


def use_pkg_config(arguments: argparse.Namespace, prefix: Path) -> None:
    """Without CMake: what pkg-config says must be enough."""
    found = sorted(prefix.rglob("coweave.pc"))
    if len(found) != 1:
        sys.exit(f"expected one coweave.pc below {prefix}, found {found}")
    flags = subprocess.run(["pkg-config", "--cflags", "--libs", str(found[0])], check=True, text=True,
                           stdout=subprocess.PIPE).stdout
    source = HERE / "find_package" / "main.cpp"
    program = arguments.work / "consumer_of_pkg_config"
    run(arguments.compiler, f"-fmacro-prefix-map={source.parent}/=", str(source), "-o", str(program),
        *shlex.split(flags))
    run(str(program))


def main() -> int:
    arguments = parse_arguments(__doc__, "way")
    if arguments.way == "add_subdirectory":
        run(str(build(arguments, HERE / arguments.way, f"-DCOWEAVE_SOURCE={arguments.source}") / "consumer"))
        return 0
    prefix = install(arguments)
    run(str(build(arguments, HERE / "find_package", f"-DCMAKE_PREFIX_PATH={prefix}") / "consumer"))
    if shutil.which("pkg-config"):
        use_pkg_config(arguments, prefix)
    return 0


if __name__ == "__main__":
    sys.exit(main())
