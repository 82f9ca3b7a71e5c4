"""asyncio's own event loop on virtual time.

Nothing of the loop's order is changed: `_run_once` is CPython's. Only the clock stands still while anything is ready
and then jumps to the next timer, and timers that are due at the same time run in the order in which they were made
(CPython leaves that order undefined; see docs/conformance.md).
"""

import asyncio
import concurrent.futures
import heapq
import itertools


class FifoTimer(asyncio.TimerHandle):
    """A timer with a serial number, which orders it among those of the same time."""

    __slots__ = ("serial",)

    def __lt__(self, other):
        if self._when != other._when:
            return self._when < other._when
        return self.serial < other.serial


class Clock:
    """Stands for the selector: instead of waiting for a time, it goes there."""

    def __init__(self):
        self.now = 0.0

    def select(self, timeout):
        if timeout is None:
            raise RuntimeError("nothing is ready and no timer is set: the interpreter always has one")
        self.now += timeout
        return ()

    def close(self):
        pass


class StepExecutor:
    """Stands for the pool of threads: a body runs in one piece, in an iteration of its own.

    A body whose future is cancelled before that never runs. With CPython's threads that depends on whether the
    cancellation, which takes an iteration, or the thread comes first.
    """

    def __init__(self, loop):
        self._loop = loop

    def submit(self, function):
        self.latest = concurrent.futures.Future()
        self._loop.call_soon(self._run, self.latest, function)
        return self.latest

    @staticmethod
    def _run(future, function):
        if future.seen_by_loop.cancelled():
            future.cancel()
        if not future.set_running_or_notify_cancel():
            return
        try:
            result = function()
        except BaseException as error:
            future.set_exception(error)
        else:
            future.set_result(result)

    def shutdown(self, wait=True):
        pass


class VirtualLoop(asyncio.BaseEventLoop):
    def __init__(self):
        super().__init__()
        self._default_executor = StepExecutor(self)
        self._selector = Clock()
        self._serials = itertools.count()

    def time(self):
        return self._selector.now

    def run_in_executor(self, executor, function, *args):
        future = super().run_in_executor(executor, function, *args)
        self._default_executor.latest.seen_by_loop = future
        return future

    def _process_events(self, event_list):
        pass

    def _write_to_self(self):
        pass

    def call_at(self, when, callback, *args, context=None):
        timer = FifoTimer(when, callback, args, self, context)
        timer.serial = next(self._serials)
        heapq.heappush(self._scheduled, timer)
        timer._scheduled = True
        return timer
