"""Operations that do not wait: (run, actor, op) -> what the log says. run_sync.cpp is the same in C++."""

import asyncio

from run import VARIABLES
from show import CE, NO_TIMEOUT, make_error, show, show_item_of_queue, show_value


def call_log(run, actor, op):
    return ""


def spawn(run, actor, op):
    body = op["refs"][0][1]
    task = run.spawn(body, op["mode"])
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


def eager(run, actor, op):
    run.loop.set_task_factory(asyncio.eager_task_factory if op["flag"] else None)
    return "ok"


def set_var(run, actor, op):
    run.tokens[op["on"]] = VARIABLES[op["on"]].set(f"v{op['id']}")
    return "ok"


def get_var(run, actor, op):
    return VARIABLES[op["on"]].get("unset")


def reset_var(run, actor, op):
    token = run.tokens.get(op["on"])
    if token is None:
        return "none"
    VARIABLES[op["on"]].reset(token)
    return "ok"


def set_result(run, actor, op):
    run.resolve(op["refs"][0]).set_result(f"v{op['id']}")
    return "ok"


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
    "eager": eager,
    "set_var": set_var,
    "get_var": get_var,
    "reset_var": reset_var,
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
