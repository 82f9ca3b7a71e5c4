"""How values and exceptions are written in a log, and the errors that programs raise. show.hpp is the same in C++."""

import asyncio
import re

NO_TIMEOUT = -9  # a timeout of programs: none

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


def make_error(op):
    message = f"e{op['id']}"
    if op["mode"] == 2:
        return TimeoutError()
    return (ValueError, Boom, None, CE)[op["mode"]](message)
