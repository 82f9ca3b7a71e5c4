"""One run of one program: its objects, its tasks and its log. run.hpp is the same in C++."""

import asyncio
import contextlib
import contextvars

from ordered import StablePriorityQueue
from show import Closed, make_error, show, show_future, show_value

FOREVER = 1_000_000  # longer than any program takes: at this time nothing moves any more
INSTANCES_MAX = 48  # of all bodies together
VARIABLES = [contextvars.ContextVar("var0"), contextvars.ContextVar("var1")]

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


class Actor:
    """Who acts: an instance of a body, or a callback."""

    __slots__ = ("name", "body")

    def __init__(self, name, body=None):
        self.name = name
        self.body = body


class Run:
    """One run of one program."""

    # Name -> what does it; filled by interpreter.py.
    sync_operations = {}
    await_operations = {}

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
        self.tokens = {}  # of the latest set of each variable
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
            unretrieved = " never retrieved" if task._log_traceback else ""  # until show_future looks
            self.write(f"{name} {show_future(task)}" + (f" c{count}" if count else "") + unretrieved)
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
            unretrieved = " never retrieved" if item._log_traceback else ""
            return show_future(item) + unretrieved
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

    def spawn(self, body, mode=0):
        """mode 1: in the context of the running task; 2: eager."""
        coroutine = self.instance(body)
        if coroutine is None:
            return None
        creator = asyncio.current_task()
        if mode == 2:
            task = asyncio.Task(coroutine, loop=self.loop, eager_start=True)
        elif mode == 1 and creator is not None and self.loop.get_task_factory() is None:
            task = self.loop.create_task(coroutine, context=creator.get_context())
        else:
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
            run = self.sync_operations.get(op["op"])
            if run:
                self.do(actor, op, run)
                continue
            flow = await self.await_operations[op["op"]](self, actor, op)
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
        self.do(actor, op, self.sync_operations[op["op"]])

    async def attempt(self, actor, op, awaitable):
        """Awaits and notes the outcome."""
        self.begin(actor, op)
        await self.outcome_of(actor, op, awaitable)

    async def outcome_of(self, actor, op, awaitable, show_outcome=show_value):
        try:
            value = await awaitable
        except BaseException as error:
            self.end(actor, op, show(error))
            raise
        self.end(actor, op, show_outcome(value))
