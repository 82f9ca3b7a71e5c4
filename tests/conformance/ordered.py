"""Parts of asyncio in an order that CPython leaves undefined and coweave defines; see docs/conformance.md."""

import asyncio


class OrderedSet(dict):
    """A set that is iterated in order of insertion."""

    def add(self, item):
        self[item] = None

    def discard(self, item):
        self.pop(item, None)


class TaskGroup(asyncio.TaskGroup):
    """Cancels its tasks in order of creation; CPython's order is that of a set of addresses."""

    def __init__(self):
        super().__init__()
        self._tasks = OrderedSet()


class StablePriorityQueue(asyncio.PriorityQueue):
    """Of equal priorities the first put comes first; CPython's heap leaves that open."""

    def _init(self, maxsize):
        super()._init(maxsize)
        self._puts = 0

    def _put(self, item):
        self._puts += 1
        super()._put((item[0], self._puts, item))

    def _get(self):
        return super()._get()[2]
