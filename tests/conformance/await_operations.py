"""Operations that may wait, or that hold blocks: (run, actor, op) -> the value of a return, or None.

run_await.cpp, run_children.cpp and run_blocks.cpp are the same in C++.
"""

import asyncio

from ordered import TaskGroup
from run import VARIABLES
from show import CE, NO_TIMEOUT, Closed, make_error, show, show_item_of_queue


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
    if run.loop.get_task_factory() and len(op["refs"]) > 1 and any(ref[0] == "body" for ref in op["refs"]):
        run.end(actor, op, "left out: eager gather")
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
    if run.closes_cycle([outer]):  # an eager child waits for this task already
        run.end(actor, op, "left out: await cycle")
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


def to_complete(run, op):
    """What both forms of as_completed are given; None if the order would be that of a set of addresses."""
    children = []
    for ref in op["refs"]:
        child = run.instance(ref[1]) if ref[0] == "body" else run.simple(ref)
        if child is not None:
            children.append(child if asyncio.isfuture(child) else run.loop.create_task(child))
    return None if sum(child.done() for child in set(children)) > 1 else children


async def as_completed(run, actor, op):
    run.begin(actor, op)
    children = to_complete(run, op)
    if children is None:
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


async def each_completed(run, actor, op):
    run.begin(actor, op)
    children = to_complete(run, op)
    if children is None:
        run.end(actor, op, "left out: several done")
        return
    completions = asyncio.as_completed(children, timeout=None if op["n"] == NO_TIMEOUT else op["n"])

    async def next_child():
        future = await anext(completions, None)
        return "none left" if future is None else f"child {children.index(future)}"

    for _ in range(op["mode"]):
        none_left = not completions._todo_left
        try:
            await run.outcome_of(actor, op, next_child())
        except Exception:
            pass
        if none_left:
            break
    run.end(actor, op, "end")


async def to_thread(run, actor, op):
    run.begin(actor, op)
    variable = VARIABLES[op["on"]]

    def body():
        run.write(f"thread#{op['id']} sees {variable.get('unset')}")
        variable.set(f"t{op['id']}")
        if op["mode"] > 0:
            raise make_error({**op, "mode": op["mode"] - 1})
        return f"t{op['id']}"

    await run.outcome_of(actor, op, asyncio.to_thread(body))


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
    "each_completed": each_completed,
    "to_thread": to_thread,
}
