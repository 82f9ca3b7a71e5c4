"""Runs programs of the conformance test on CPython's asyncio.

Reads a program a line from standard input (JSON, see program.hpp) and writes its log a line to standard output: a JSON
list of strings. The first line that it writes names the version. interpreter.cpp is the same in C++, and every line of
the two logs must be equal.
"""

import asyncio
import gc
import json
import os
import sys
import warnings

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from await_operations import AWAIT  # noqa: E402
from run import Run  # noqa: E402
from sync_operations import SYNC  # noqa: E402
from virtual_loop import VirtualLoop  # noqa: E402

Run.sync_operations = SYNC
Run.await_operations = AWAIT


def run_program(program):
    loop = VirtualLoop()
    asyncio.events.set_event_loop(loop)
    run = Run(program, loop)
    loop.set_exception_handler(run.reported)
    main = loop.create_task(run.main())
    main.add_done_callback(lambda done: loop.stop())
    loop.run_forever()
    if main.done() and not main.cancelled() and main.exception():
        raise main.exception()
    # What is left must not be collected while it is pending: let it end, with the log closed.
    log, run.closed = run.log, True
    loop.set_exception_handler(lambda loop, context: None)
    for _ in range(10):  # one that wants back the lock of a condition cannot be stopped, and is abandoned
        left = asyncio.all_tasks(loop)
        if not left:
            break
        for task in left:
            task.cancel()
        loop.call_soon(loop.stop)
        loop.run_forever()
    loop.close()
    return log


def main():
    gc.disable()
    sys.unraisablehook = lambda unraisable: None  # of coroutines that were abandoned
    warnings.simplefilter("ignore")  # coroutines that a closed log left without an await
    print(".".join(map(str, sys.version_info[:3])), flush=True)
    for number, line in enumerate(sys.stdin, 1):
        sys.stdout.write(json.dumps(run_program(json.loads(line)), separators=(",", ":")) + "\n")
        sys.stdout.flush()
        if number % 64 == 0:
            gc.collect()


if __name__ == "__main__":
    main()
