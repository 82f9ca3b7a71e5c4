"""Parts of asyncio in an order that CPython leaves undefined and coweave defines; see docs/conformance.md."""

import asyncio


class OrderedSet(dict):
    """A set that is iterated in order of insertion."""

    def __init__(self, items=()):
        super().__init__(dict.fromkeys(items))

    def add(self, item):
        self[item] = None

    def discard(self, item):
        self.pop(item, None)


# What `wait` makes of its futures, before it adds its callbacks to them in the order of that set.
asyncio.tasks.set = OrderedSet


class TaskGroup(asyncio.TaskGroup):
    """Cancels its tasks in order of creation; CPython's order is that of a set of addresses.

    And it hears of a task that ended in its eager first step as of every other, as it does since 3.13.2 (gh-128588);
    one that is eager and ended the group in that step is cancelled, as in 3.15 (gh-155418).
    """

    def __init__(self):
        super().__init__()
        self._tasks = OrderedSet()

    def create_task(self, coro):
        if not self._loop.get_task_factory():
            return super().create_task(coro)
        if self._aborting or (self._exiting and not self._tasks):
            return super().create_task(coro)  # which refuses
        task = self._loop.create_task(coro)
        self._tasks.add(task)
        task.add_done_callback(self._on_task_done)
        if self._aborting and not task.done():
            task.cancel()
        return task


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
