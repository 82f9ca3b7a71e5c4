"""asyncio's own event loop on virtual time.

Nothing of the loop's order is changed: `_run_once` is CPython's. Only the clock stands still while anything is ready
and then jumps to the next timer, and timers that are due at the same time run in the order in which they were made
(CPython leaves that order undefined; see docs/conformance.md).
"""

import asyncio
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


class VirtualLoop(asyncio.BaseEventLoop):
    def __init__(self):
        super().__init__()
        self._selector = Clock()
        self._serials = itertools.count()

    def time(self):
        return self._selector.now

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
