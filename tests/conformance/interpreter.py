"""Runs programs of the conformance test on CPython's asyncio.

Reads a program a line from standard input (JSON, see program.hpp) and writes its log a line to standard output: a JSON
list of strings. The first line that it writes names the version. interpreter.cpp is the same in C++, and every line of
the two logs must be equal; read them side by side.
"""

import asyncio
import contextlib
import gc
import json
import os
import re
import sys
import warnings

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from virtual_loop import VirtualLoop  # noqa: E402

FOREVER = 1_000_000  # longer than any program takes: at this time nothing moves any more
INSTANCES_MAX = 48  # of all bodies together
NO_TIMEOUT = -9

CE = asyncio.CancelledError

# Messages of the library that both sides share. Of all others only the type is compared.
MESSAGES = {
    "Lock is not acquired.",
    "cannot wait on un-acquired lock",
    "cannot notify on un-acquired lock",
    "BoundedSemaphore released too many times",
    "task_done() called too many times",
    "Barrier aborted",
    "Abort or reset of barrier",
}
OURS = re.compile(r"e\d+$")


class Boom(Exception):
    """An error of the program's own."""


class Closed(BaseException):
    """The log is closed: whatever still runs is to end."""


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


MAKERS = {
    "lock": lambda run, n: asyncio.Lock(),
    "condition": lambda run, n: asyncio.Condition(run.objects[n] if n >= 0 else None),
    "semaphore": lambda run, n: asyncio.Semaphore(n),
    "bounded": lambda run, n: asyncio.BoundedSemaphore(n),
    "event": lambda run, n: asyncio.Event(),
    "barrier": lambda run, n: asyncio.Barrier(n),
    "queue": lambda run, n: asyncio.Queue(n),
    "lifo": lambda run, n: asyncio.LifoQueue(n),
    "priority": lambda run, n: StablePriorityQueue(n),
    "future": lambda run, n: run.loop.create_future(),
}


def show(error):
    if isinstance(error, CE):
        message = error.args[0] if error.args else None
        return f"CE({message})" if message else "CE"
    name = type(error).__name__
    if isinstance(error, BaseExceptionGroup):
        return f"{name}({error.message})[{', '.join(map(show, error.exceptions))}]"
    message = str(error)
    return f"{name}({message})" if message in MESSAGES or OURS.match(message) else name


def show_item(value):
    return show(value) if isinstance(value, BaseException) else value


def show_value(value):
    if isinstance(value, list):
        return f"[{', '.join(map(show_item, value))}]"
    return str(value)


def show_item_of_queue(item):
    return f"{item[0]}:{item[1]}"


def show_future(future):
    if not future.done():
        return "pending"
    if future.cancelled():
        return "cancelled"
    error = future.exception()
    return show(error) if error is not None else show_value(future.result())


class Actor:
    """Who acts: an instance of a body, or a callback."""

    __slots__ = ("name", "body")

    def __init__(self, name, body=None):
        self.name = name
        self.body = body


class Run:
    """One run of one program."""

    def __init__(self, program, loop):
        self.loop = loop
        self.bodies = program["bodies"]
        self.log = []
        self.closed = False
        self.objects = []
        self.kinds = [made["kind"] for made in program["objects"]]
        for made in program["objects"]:
            self.objects.append(MAKERS[made["kind"]](self, made["n"]))
        self.counts = [0] * len(self.bodies)  # instances of each body
        self.instances = 0
        self.tasks = {}  # body -> its latest task
        self.known = {}  # task -> name of the instance that it was made for
        self.outers = {}  # slot -> future of a gather or shield
        self.children = {}  # future of a gather -> its children, as far as they run
        self.waits = {}  # task -> what it awaits
        self.groups = {}
        self.timeouts = {}
        self.calls = {}
        self.callbacks = {}  # future -> done callbacks that were added and not removed
        self.self_awaited = set()
        self.uneven = set()  # barriers whose present round somebody left
        self.kept = []  # what must not be collected while the program runs

    # --- The log ---

    def write(self, line):
        if not self.closed:
            self.log.append(f"{int(self.loop.time())} {line}")

    def begin(self, actor, op):
        if self.closed:
            raise Closed
        self.log.append(f"{int(self.loop.time())} {actor.name} #{op['id']} {op['op']}")

    def end(self, actor, op, outcome):
        if self.closed:
            return
        line = f"{int(self.loop.time())} {actor.name} #{op['id']} = {outcome}"
        if actor.body is not None:
            count = asyncio.current_task().cancelling()
            if count:
                line += f" c{count}"
        self.log.append(line)

    def reported(self, loop, context):
        """The loop's exception handler. A simulation ends at the first report, and so does the log."""
        if self.closed:
            return
        error = context.get("exception")
        self.write(f"REPORT {show(error) if error is not None else context['message']}")
        self.closed = True
        loop.stop()

    # --- The run ---

    async def main(self):
        self.spawn(0)
        await asyncio.sleep(FOREVER)
        if self.report("settled"):
            for task in list(self.known):
                task.cancel("end")
            await asyncio.sleep(FOREVER)
            self.report("ended")
        self.closed = True

    def report(self, title):
        """Writes the state of everything; true if a task is pending."""
        self.write(title)
        pending = False
        for task, name in self.known.items():
            pending = pending or not task.done()
            count = task.cancelling()
            self.write(f"{name} {show_future(task)}" + (f" c{count}" if count else ""))
        for index in range(len(self.objects)):
            self.write(f"object {index} {self.state(index)}")
        return pending

    def state(self, index):
        kind, item = self.kinds[index], self.objects[index]
        if kind in ("lock", "condition"):
            return f"locked={item.locked()}"
        if kind in ("semaphore", "bounded"):
            return f"locked={item.locked()} value={item._value}"
        if kind == "event":
            return f"set={item.is_set()}"
        if kind == "barrier":
            return f"waiting={item.n_waiting} broken={item.broken}"
        if kind == "future":
            return show_future(item)
        return f"size={item.qsize()} empty={item.empty()} full={item.full()}"

    # --- Instances of bodies ---

    def instance(self, body, siblings=None):
        """A coroutine of the body, or None if there have been too many. `siblings`: children of a gather."""
        if self.instances == INSTANCES_MAX:
            return None
        self.instances += 1
        actor = Actor(f"b{body}.{self.counts[body]}", body)
        self.counts[body] += 1
        return self.run_instance(actor, siblings)

    async def run_instance(self, actor, siblings):
        task = asyncio.current_task()
        if task not in self.known:
            self.known[task] = actor.name
            self.tasks[actor.body] = task
        if siblings is not None:
            siblings.append(task)
        self.write(f"{actor.name} begin")
        try:
            flow = await self.block(actor, self.bodies[actor.body])
        except BaseException as error:
            self.write(f"{actor.name} raises {show(error)}")
            raise
        value = "None" if flow is None else flow
        self.write(f"{actor.name} returns {value}")
        return value

    def adopt(self, body, task):
        self.known[task] = f"b{body}.{self.counts[body] - 1}"
        self.tasks[body] = task

    def spawn(self, body):
        coroutine = self.instance(body)
        if coroutine is None:
            return None
        task = self.loop.create_task(coroutine)
        self.adopt(body, task)
        return task

    def resolve(self, ref):
        """The future that a reference means at this moment, or None."""
        kind, index = ref
        if kind == "task":
            return self.tasks.get(index)
        if kind == "future":
            return self.objects[index]
        return self.outers.get(index)

    def simple(self, ref):
        """The same, without the futures of gathers: those have another type."""
        future = self.resolve(ref)
        return None if future in self.children else future

    def closes_cycle(self, targets):
        """Whether the running task would wait for itself. To cancel such a task recurses without end in CPython."""
        me = asyncio.current_task()
        stack, seen = list(targets), set()
        while stack:
            future = stack.pop()
            if future is me:
                return True
            if future in seen:
                continue
            seen.add(future)
            stack.extend(self.children.get(future, ()))
            stack.extend(self.waits.get(future, ()))
        return False

    @contextlib.contextmanager
    def waiting_for(self, targets):
        me = asyncio.current_task()
        before = self.waits.get(me)
        self.waits[me] = targets
        try:
            yield
        finally:
            if before is None:
                del self.waits[me]
            else:
                self.waits[me] = before

    # --- Operations ---

    async def block(self, actor, ops):
        """Runs operations one after another. Not None: the value that a return gave."""
        for op in ops:
            run = SYNC.get(op["op"])
            if run:
                self.do(actor, op, run)
                continue
            flow = await AWAIT[op["op"]](self, actor, op)
            if flow is not None:
                return flow
        return None

    def do(self, actor, op, run):
        """An operation that does not wait. What it raises is noted, and goes no further."""
        if self.closed:
            raise Closed
        try:
            outcome = run(self, actor, op)
        except Exception as error:
            outcome = show(error)
        self.end(actor, op, f"{op['op']} {outcome}")

    def act(self, op, source):
        """What a callback does."""
        if self.closed:
            return
        actor = Actor(f"cb#{source['id']}")
        if op["op"] == "raise":
            self.end(actor, op, "raise")
            raise make_error(op)
        self.do(actor, op, SYNC[op["op"]])

    async def attempt(self, actor, op, awaitable):
        """Awaits and notes the outcome."""
        self.begin(actor, op)
        await self.outcome_of(actor, op, awaitable)

    async def outcome_of(self, actor, op, awaitable, show=show_value):
        try:
            value = await awaitable
        except BaseException as error:
            self.end(actor, op, show_error(error))
            raise
        self.end(actor, op, show(value))


show_error = show


# --- Operations that do not wait: (run, actor, op) -> what the log says ---


def call_log(run, actor, op):
    return ""


def spawn(run, actor, op):
    body = op["refs"][0][1]
    task = run.spawn(body)
    return "limit" if task is None else run.known[task]


def cancel(run, actor, op):
    future = run.resolve(op["refs"][0])
    if future is None:
        return "none"
    return future.cancel(f"m{op['id']}") if op["flag"] else future.cancel()


def uncancel(run, actor, op):
    if op["refs"]:
        task = run.resolve(op["refs"][0])
    else:
        task = asyncio.current_task()
    return "none" if task is None else task.uncancel()


def set_result(run, actor, op):
    run.resolve(op["refs"][0]).set_result(f"v{op['id']}")
    return "ok"


def make_error(op):
    message = f"e{op['id']}"
    if op["mode"] == 2:
        return TimeoutError()
    return (ValueError, Boom, None, CE)[op["mode"]](message)


def set_exception(run, actor, op):
    run.resolve(op["refs"][0]).set_exception(make_error(op))
    return "ok"


def result(run, actor, op):
    future = run.resolve(op["refs"][0])
    if future is None:
        return "none"
    try:
        return show_value(future.result())
    except CE as error:
        return show(error)


def exception(run, actor, op):
    future = run.resolve(op["refs"][0])
    if future is None:
        return "none"
    try:
        error = future.exception()
    except CE as error_of_future:
        return show(error_of_future)
    return "None" if error is None else show(error)


def add_callback(run, actor, op):
    future = run.resolve(op["refs"][0])
    if future is None:
        return "none"
    action = op["blocks"][0][0]

    def callback(done):
        run.act(action, op)

    run.callbacks.setdefault(future, []).append(callback)
    future.add_done_callback(callback)
    return "ok"


def remove_callback(run, actor, op):
    future = run.resolve(op["refs"][0])
    callbacks = run.callbacks.get(future)
    if not callbacks:
        return "none"
    return future.remove_done_callback(callbacks.pop())


def call_soon(run, actor, op):
    run.calls[op["on"]] = run.loop.call_soon(run.act, op["blocks"][0][0], op)
    return "ok"


def call_later(run, actor, op):
    run.calls[op["on"]] = run.loop.call_later(op["n"], run.act, op["blocks"][0][0], op)
    return "ok"


def cancel_call(run, actor, op):
    handle = run.calls.get(op["on"])
    if handle is None:
        return "none"
    handle.cancel()
    return handle.cancelled()


def release(run, actor, op):
    run.objects[op["on"]].release()
    return "ok"


def set_event(run, actor, op):
    run.objects[op["on"]].set()
    return "ok"


def clear_event(run, actor, op):
    run.objects[op["on"]].clear()
    return "ok"


def notify(run, actor, op):
    run.objects[op["on"]].notify(op["n"])
    return "ok"


def notify_all(run, actor, op):
    run.objects[op["on"]].notify_all()
    return "ok"


def put_nowait(run, actor, op):
    run.objects[op["on"]].put_nowait((op["n"], op["id"]))
    return "ok"


def get_nowait(run, actor, op):
    return show_item_of_queue(run.objects[op["on"]].get_nowait())


def task_done(run, actor, op):
    run.objects[op["on"]].task_done()
    return "ok"


def shutdown(run, actor, op):
    run.objects[op["on"]].shutdown(op["flag"])
    return "ok"


def reschedule(run, actor, op):
    timeout = run.timeouts.get(op["on"])
    if timeout is None:
        return "none"
    timeout.reschedule(None if op["n"] == NO_TIMEOUT else run.loop.time() + op["n"])
    return "ok"


def group_spawn(run, actor, op):
    group = run.groups.get(op["on"])
    if group is None:
        return "none"
    body = op["refs"][0][1]
    coroutine = run.instance(body)
    if coroutine is None:
        return "limit"
    task = group.create_task(coroutine)
    run.adopt(body, task)
    return run.known[task]


def state(run, actor, op):
    return run.state(op["on"])


SYNC = {
    "log": call_log,
    "spawn": spawn,
    "cancel": cancel,
    "uncancel": uncancel,
    "set_result": set_result,
    "set_exception": set_exception,
    "result": result,
    "exception": exception,
    "add_callback": add_callback,
    "remove_callback": remove_callback,
    "call_soon": call_soon,
    "call_later": call_later,
    "cancel_call": cancel_call,
    "release": release,
    "set": set_event,
    "clear": clear_event,
    "notify": notify,
    "notify_all": notify_all,
    "put_nowait": put_nowait,
    "get_nowait": get_nowait,
    "task_done": task_done,
    "shutdown": shutdown,
    "reschedule": reschedule,
    "group_spawn": group_spawn,
    "state": state,
}


# --- Operations that may wait, or that hold blocks: (run, actor, op) -> the value of a return, or None ---


async def tick(run, actor, op):
    await run.attempt(actor, op, asyncio.sleep(0))


async def sleep(run, actor, op):
    await run.attempt(actor, op, asyncio.sleep(op["n"]))


async def raise_error(run, actor, op):
    run.begin(actor, op)
    raise make_error(op)


async def return_value(run, actor, op):
    run.begin(actor, op)
    return f"v{op['id']}"


async def loop_block(run, actor, op):
    for _ in range(op["n"]):
        flow = await run.block(actor, op["blocks"][0])
        if flow is not None:
            return flow
    return None


async def try_block(run, actor, op):
    body, handler, last = op["blocks"]
    caught = ((), CE, Exception, (CE, Exception))[op["mode"]]
    try:
        try:
            flow = await run.block(actor, body)
        except caught as error:
            run.end(actor, op, f"caught {show(error)}")
            flow = await run.block(actor, handler)
            if flow is None and op["flag"]:
                raise
        return flow
    finally:
        if last:
            if run.closed:
                raise Closed
            run.end(actor, op, "finally")
            overriding = await run.block(actor, last)
            if overriding is not None:
                return overriding


async def call(run, actor, op):
    run.begin(actor, op)
    coroutine = run.instance(op["refs"][0][1])
    if coroutine is None:
        run.end(actor, op, "limit")
        return
    await run.outcome_of(actor, op, coroutine)


async def await_future(run, actor, op):
    run.begin(actor, op)
    future = run.resolve(op["refs"][0])
    if future is None:
        run.end(actor, op, "none")
        return
    if future in run.self_awaited:
        run.end(actor, op, "left out: awaited itself")
        return
    # To await oneself is an error, which asyncio tells.
    itself = future is asyncio.current_task()
    if itself:
        run.self_awaited.add(future)
    targets = [] if itself else [future]
    if run.closes_cycle(targets):
        run.end(actor, op, "left out: await cycle")
        return
    with run.waiting_for(targets):
        await run.outcome_of(actor, op, future)


async def acquire(run, actor, op):
    run.begin(actor, op)
    await run.outcome_of(actor, op, run.objects[op["on"]].acquire())


async def with_block(run, actor, op):
    item = run.objects[op["on"]]
    run.begin(actor, op)
    try:
        async with item:
            run.end(actor, op, "held")
            flow = await run.block(actor, op["blocks"][0])
    except BaseException as error:
        run.end(actor, op, show(error))
        raise
    run.end(actor, op, "released")
    return flow


async def wait_event(run, actor, op):
    await run.attempt(actor, op, run.objects[op["on"]].wait())


async def condition_wait_for(run, actor, op):
    event = run.objects[op["n"]]
    await run.attempt(actor, op, run.objects[op["on"]].wait_for(event.is_set))


async def barrier_wait(run, actor, op):
    barrier = run.objects[op["on"]]
    run.begin(actor, op)
    if barrier._state.value == "filling" and barrier.n_waiting == 0:
        run.uneven.discard(op["on"])
    try:
        index = await barrier.wait()
    except BaseException as error:
        if isinstance(error, CE):
            run.uneven.add(op["on"])
        run.end(actor, op, show(error))
        raise
    run.end(actor, op, "left out: index" if op["on"] in run.uneven else index)


async def reset_or_abort(run, actor, op):
    # Coroutines that never suspend; in coweave they are plain functions.
    if run.closed:
        raise Closed
    barrier = run.objects[op["on"]]
    await (barrier.reset() if op["op"] == "reset" else barrier.abort())
    run.end(actor, op, f"{op['op']} ok")


async def put(run, actor, op):
    await run.attempt(actor, op, run.objects[op["on"]].put((op["n"], op["id"])))


async def get(run, actor, op):
    run.begin(actor, op)
    await run.outcome_of(actor, op, run.objects[op["on"]].get(), show_item_of_queue)


async def join(run, actor, op):
    await run.attempt(actor, op, run.objects[op["on"]].join())


def children_of(run, op, siblings=None):
    """The futures and coroutines that the references mean, and their names."""
    children, names = [], []
    for ref in op["refs"]:
        child = run.instance(ref[1], siblings) if ref[0] == "body" else run.simple(ref)
        if child is not None:
            children.append(child)
            names.append(f"{ref[0]}{ref[1]}")
    return children, names


def futures_among(children):
    return [child for child in children if asyncio.isfuture(child)]


async def gather(run, actor, op):
    run.begin(actor, op)
    if run.closes_cycle([future for future in map(run.simple, op["refs"]) if future is not None]):
        run.end(actor, op, "left out: await cycle")
        return
    siblings = []
    children, _ = children_of(run, op, siblings)
    siblings.extend(futures_among(children))
    outer = asyncio.gather(*children, return_exceptions=op["flag"])
    run.children[outer] = siblings
    run.kept.append(outer)
    if op["on"] >= 0:
        run.outers[op["on"]] = outer
        run.end(actor, op, "kept")
        return
    with run.waiting_for([outer]):
        await run.outcome_of(actor, op, outer)


async def shield(run, actor, op):
    run.begin(actor, op)
    children, _ = children_of(run, op)
    if not children:
        run.end(actor, op, "none")
        return
    outer = asyncio.shield(children[0])
    run.kept.append(outer)
    if op["on"] >= 0:
        run.outers[op["on"]] = outer
        run.end(actor, op, "kept")
        return
    await run.outcome_of(actor, op, outer)


RETURN_WHEN = (asyncio.ALL_COMPLETED, asyncio.FIRST_COMPLETED, asyncio.FIRST_EXCEPTION)


async def wait(run, actor, op):
    run.begin(actor, op)
    children, names = children_of(run, op)
    timeout = None if op["n"] == NO_TIMEOUT else op["n"]

    async def waited():
        done, pending = await asyncio.wait(children, timeout=timeout, return_when=RETURN_WHEN[op["mode"]])
        named = {}
        for child, name in zip(children, names):
            named.setdefault(child, name)
        parts = [",".join(name for child, name in named.items() if child in part) for part in (done, pending)]
        return f"done {parts[0]} pending {parts[1]}"

    await run.outcome_of(actor, op, waited())


async def wait_for(run, actor, op):
    run.begin(actor, op)
    timeout = None if op["n"] == NO_TIMEOUT else op["n"]
    if op["n"] > 0 and asyncio.current_task()._must_cancel:
        run.end(actor, op, "left out: pending at entry")
        return
    known = run.simple(op["refs"][0]) if op["refs"][0][0] != "body" else None
    if known in run.self_awaited:
        run.end(actor, op, "left out: awaited itself")
        return
    if known is not None and run.closes_cycle([known]):
        run.end(actor, op, "left out: await cycle")
        return
    children, _ = children_of(run, op)
    if not children:
        run.end(actor, op, "none")
        return
    with run.waiting_for(futures_among(children)):
        await run.outcome_of(actor, op, asyncio.wait_for(children[0], timeout))


async def timeout_block(run, actor, op):
    run.begin(actor, op)
    if asyncio.current_task()._must_cancel:
        run.end(actor, op, "left out: pending at entry")
        return
    timeout = asyncio.timeout(None if op["n"] == NO_TIMEOUT else op["n"])
    try:
        async with timeout:
            run.timeouts[op["on"]] = timeout
            try:
                flow = await run.block(actor, op["blocks"][0])
            finally:
                if run.timeouts.get(op["on"]) is timeout:
                    del run.timeouts[op["on"]]
    except BaseException as error:
        run.end(actor, op, f"{show(error)} expired={timeout.expired()}")
        raise
    run.end(actor, op, f"left expired={timeout.expired()}")
    return flow


async def group_block(run, actor, op):
    run.begin(actor, op)
    group = TaskGroup()
    try:
        async with group:
            run.groups[op["on"]] = group
            try:
                flow = await run.block(actor, op["blocks"][0])
            finally:
                run.end(actor, op, "body")
    except BaseException as error:
        run.end(actor, op, show(error))
        raise
    else:
        run.end(actor, op, "left")
    finally:
        if run.groups.get(op["on"]) is group:
            del run.groups[op["on"]]
    return flow


async def as_completed(run, actor, op):
    run.begin(actor, op)
    children, _ = children_of(run, op)
    children = [child if asyncio.isfuture(child) else run.loop.create_task(child) for child in children]
    if sum(child.done() for child in set(children)) > 1:
        run.end(actor, op, "left out: several done")
        return
    timeout = None if op["n"] == NO_TIMEOUT else op["n"]
    for index, earliest in enumerate(asyncio.as_completed(children, timeout=timeout)):
        if index == op["mode"]:
            earliest.close()
            break
        try:
            await run.outcome_of(actor, op, earliest)
        except Exception:
            pass
    run.end(actor, op, "end")


AWAIT = {
    "tick": tick,
    "sleep": sleep,
    "raise": raise_error,
    "return": return_value,
    "loop": loop_block,
    "try": try_block,
    "call": call,
    "await": await_future,
    "acquire": acquire,
    "with": with_block,
    "wait_event": wait_event,
    "cond_wait": wait_event,
    "cond_wait_for": condition_wait_for,
    "barrier_wait": barrier_wait,
    "reset": reset_or_abort,
    "abort": reset_or_abort,
    "put": put,
    "get": get,
    "join": join,
    "gather": gather,
    "shield": shield,
    "wait": wait,
    "wait_for": wait_for,
    "timeout": timeout_block,
    "group": group_block,
    "as_completed": as_completed,
}


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
