"""The same on asyncio: prints a line "name<TAB>nanoseconds for one operation" for each workload. Each is the median of
five; the collector is off, as it is for nobody in production."""

import asyncio
import gc
import statistics
import time

GATHER_WIDTH = 1000
QUEUE_ROOM = 64
SLEEPERS = 1000


async def nothing():
    pass


async def call(count):
    for _ in range(count):
        await nothing()


async def spawn_and_join(count):
    for _ in range(count):
        await asyncio.create_task(nothing())


async def two(body, count):
    first = asyncio.create_task(body(count // 2))
    second = asyncio.create_task(body(count // 2))
    await first
    await second


async def switch_tasks(count):
    async def body(count):
        for _ in range(count):
            await asyncio.sleep(0)

    await two(body, count)


async def lock_uncontended(count):
    lock = asyncio.Lock()
    for _ in range(count):
        await lock.acquire()
        lock.release()


async def lock_hand_over(count):
    lock = asyncio.Lock()

    async def body(count):
        for _ in range(count):
            await lock.acquire()
            await asyncio.sleep(0)
            lock.release()

    await two(body, count)


async def queue(count):
    items = asyncio.Queue(QUEUE_ROOM)

    async def produce():
        for item in range(count):
            await items.put(item)

    producer = asyncio.create_task(produce())
    for _ in range(count):
        await items.get()
    await producer


async def timer(count):
    async def sleeper(count):
        for _ in range(count):
            await asyncio.sleep(1e-6)

    await asyncio.gather(*[sleeper(count // SLEEPERS) for _ in range(SLEEPERS)])


async def gather(count):
    for _ in range(count // GATHER_WIDTH):
        await asyncio.gather(*[nothing() for _ in range(GATHER_WIDTH)])


WORKLOADS = {
    "call": call,
    "spawn and join": spawn_and_join,
    "switch": switch_tasks,
    "lock, uncontended": lock_uncontended,
    "lock, hand-over": lock_hand_over,
    "queue, put and get": queue,
    "timer, one of 1,000": timer,
    "gather of 1,000, a child": gather,
}


def measure(workload, count):
    start = time.process_time_ns()
    asyncio.run(workload(count))
    return (time.process_time_ns() - start) / count


gc.disable()
for name, workload in WORKLOADS.items():
    print(f"{name}\t{statistics.median(measure(workload, 20_000) for _ in range(5)):.1f}", flush=True)
