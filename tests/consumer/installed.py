"""coweave as its users have it: installed and moved, and projects that are built with it."""

import argparse
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path


def run(*command: str, cwd: Path | None = None) -> None:
    print("$", shlex.join(command), flush=True)
    subprocess.run(command, cwd=cwd, check=True)


def parse_arguments(description: str, *positional: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=description)
    for name in positional:
        parser.add_argument(name)
    for option in ("--cmake", "--generator", "--compiler"):
        parser.add_argument(option, required=True)
    for option in ("--source", "--build", "--work"):
        parser.add_argument(option, type=Path, required=True)
    parser.add_argument("--option", dest="options", action="append", default=[], help="of CMake")
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    for variable in [name for name in os.environ if name == "DESTDIR" or name.startswith(("COWEAVE_", "GITHUB_"))]:
        del os.environ[variable]
    return arguments


def install(arguments: argparse.Namespace) -> Path:
    """Installs and moves the result, because a package that knows where it was installed is no package."""
    installed, moved = arguments.work / "installed", arguments.work / "moved"
    for folder in (installed, moved):
        shutil.rmtree(folder, ignore_errors=True)
    run(arguments.cmake, "--install", str(arguments.build), "--prefix", str(installed))
    installed.rename(moved)

    for path in moved.rglob("*"):
        if path.is_symlink():
            sys.exit(f"{path} is a link, which leads out of the package")
        if path.suffix in (".cmake", ".pc", ".hpp") and str(arguments.source) in path.read_text(encoding="utf-8"):
            sys.exit(f"{path} names the source tree")
    if not (moved / "share" / "coweave" / "schema" / "trace-v1.schema.json").is_file():
        sys.exit("the schema of traces is not installed")
    run(str(moved / "bin" / "coweave"), "validate", str(arguments.source / "tests/traces/approved/lost_update.json"))
    return moved


def build(arguments: argparse.Namespace, project: Path, *options: str) -> Path:
    """Where it was built, anew."""
    folder = arguments.work / "build"
    shutil.rmtree(folder, ignore_errors=True)
    run(arguments.cmake, "-S", str(project), "-B", str(folder), "-G", arguments.generator,
        f"-DCMAKE_CXX_COMPILER={arguments.compiler}", *options, *arguments.options)
    run(arguments.cmake, "--build", str(folder), "--parallel", "2")
    return folder
