"""Builds and runs a project that uses coweave: installed and moved, or as a subdirectory."""

import argparse
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def run(*command: str, cwd: Path | None = None) -> None:
    print("$", shlex.join(command), flush=True)
    subprocess.run(command, cwd=cwd, check=True)


def install(arguments: argparse.Namespace) -> Path:
    """Installs and moves the result, because a package that knows where it was installed is no package."""
    installed, moved = arguments.work / "installed", arguments.work / "moved"
    for folder in (installed, moved, arguments.work / "build"):
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


def build_and_run(arguments: argparse.Namespace, project: str, *options: str) -> None:
    build = arguments.work / "build"
    run(arguments.cmake, "-S", str(HERE / project), "-B", str(build), "-G", arguments.generator,
        f"-DCMAKE_CXX_COMPILER={arguments.compiler}", *options, *arguments.options)
    run(arguments.cmake, "--build", str(build), "--parallel", "2")
    run(str(build / "consumer"))


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
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("way", choices=["find_package", "add_subdirectory"])
    for option in ("--cmake", "--generator", "--compiler"):
        parser.add_argument(option, required=True)
    for option in ("--source", "--build", "--work"):
        parser.add_argument(option, type=Path, required=True)
    parser.add_argument("--option", dest="options", action="append", default=[], help="of CMake")
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    os.environ.pop("DESTDIR", None)

    if arguments.way == "add_subdirectory":
        build_and_run(arguments, "add_subdirectory", f"-DCOWEAVE_SOURCE={arguments.source}")
        return 0
    prefix = install(arguments)
    build_and_run(arguments, "find_package", f"-DCMAKE_PREFIX_PATH={prefix}")
    if shutil.which("pkg-config"):
        use_pkg_config(arguments, prefix)
    return 0


if __name__ == "__main__":
    sys.exit(main())
