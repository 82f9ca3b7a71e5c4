#include <coweave/tests/monitors/programs.hpp>

#include <deque>
#include <utility>

using namespace std::chrono_literals;

namespace coweave::tests {

namespace {

Coro<void> opens(Event& is_open) {
  co_await sleep(0s);
  note("open", 7);
  is_open.set();
}

Coro<void> uses(Event& is_open, Made made) {
  co_await sleep(0s);
  if (made == Made::right) {
    co_await is_open.wait();
  } else {
    co_await sleep(0s);
  }
  note("use", 7);
}

Coro<void> withdraw(int& balance, int amount, Made made) {
  if (balance < amount) co_return;
  if (made == Made::wrong) co_await sleep(0s);  // asks the bank
  balance -= amount;
  note("balance", balance);
}

Coro<void> serve(Event& stop, bool& stopped) {
  co_await stop.wait();
  stopped = true;
  note("stopped");
}

Coro<void> serve_mailbox(Queue<int>& mailbox) {
  for (;;) {
    const int request = co_await mailbox.get();
    if (request == 0) co_return;
    co_await sleep(1ms);
    note("response", request);
  }
}

Coro<void> ask(Queue<int>& mailbox, int request, Made made) {
  co_await sleep(0s);
  note("request", request);
  if (made == Made::right) {
    co_await mailbox.put(request);
  } else if (!mailbox.full()) {
    mailbox.put_nowait(request);
  }
}

Coro<void> migrate(Lock& lock) {
  const auto guard = co_await lock.scoped();
  note("begin");
  co_await sleep(0s);
  note("end");
}

Coro<void> writes(Lock& lock, int row, Made made) {
  if (made == Made::wrong) {
    co_await sleep(0s);
    note("write", row);
    co_return;
  }
  const auto guard = co_await lock.scoped();
  note("write", row);
}

Coro<void> inside() {
  note("enter");
  co_await sleep(0s);
  note("leave");
}

Coro<void> enters(Lock& lock, Made made) {
  if (made == Made::right) co_await lock.acquire();
  co_await inside();
  if (made == Made::right) lock.release();
}

Coro<void> works(Queue<int>& items) {
  while (!items.empty()) {
    const int item = items.get_nowait();
    note("in", item);
    co_await sleep(0s);
    note("out", item);
  }
}

/// A lock that whoever comes first gets.
class Barging {
 public:
  Coro<void> acquire() {
    note("ask");
    while (held_) co_await free_.wait();
    held_ = true;
    free_.clear();
    note("get");
  }
  void release() {
    held_ = false;
    free_.set();
  }

 private:
  bool held_ = false;
  Event free_;
};

Coro<void> holds(Barging& barging, int times) {
  for (int time = 0; time < times; ++time) {
    co_await barging.acquire();
    co_await sleep(0s);
    barging.release();
    co_await sleep(0s);
  }
}

Coro<void> holds_in_line(Lock& lock, int times) {
  for (int time = 0; time < times; ++time) {
    note("ask");
    co_await lock.acquire();
    note("get");
    co_await sleep(0s);
    lock.release();
    co_await sleep(0s);
  }
}

Coro<void> sends(Semaphore& slots, Queue<int>& wire, Made made) {
  for (int packet = 1; packet <= 4; ++packet) {
    if (made == Made::right) co_await slots.acquire();
    note("sent", packet);
    co_await wire.put(packet);
  }
}

Coro<void> acknowledges(Semaphore& slots, Queue<int>& wire, Made made) {
  for (int count = 1; count <= 4; ++count) {
    const int packet = co_await wire.get();
    co_await sleep(0s);
    note("acknowledged", packet);
    if (made == Made::right) slots.release();
  }
}

}  // namespace

Coro<void> connection(Made made) {
  Event is_open("is open");
  const auto opener = create_task(opens(is_open), {.name = "opener"});
  const auto user = create_task(uses(is_open, made), {.name = "user"});
  co_await opener;
  co_await user;
}

Coro<void> account(Made made) {
  int balance = 100;
  const auto first = create_task(withdraw(balance, 70, made), {.name = "ann"});
  const auto second = create_task(withdraw(balance, 80, made), {.name = "ben"});
  co_await first;
  co_await second;
}

Coro<void> shutdown(Made made) {
  Event stop("stop");
  bool stopped = false;
  const auto server = create_task(serve(stop, stopped), {.name = "server"});
  co_await sleep(0s);
  if (made == Made::right) {
    stop.set();
    co_await server;
  } else {
    server.cancel();
    try {
      co_await server;
    } catch (const CancelledError&) {
      note("server went away");
    }
  }
}

Coro<void> requests(Made made) {
  Queue<int> mailbox(1, "mailbox");
  const auto server = create_task(serve_mailbox(mailbox), {.name = "server"});
  const auto ann = create_task(ask(mailbox, 1, made), {.name = "ann"});
  const auto ben = create_task(ask(mailbox, 2, made), {.name = "ben"});
  co_await ann;
  co_await ben;
  co_await mailbox.put(0);
  co_await server;
}

Coro<void> migration(Made made) {
  Lock lock("table");
  const auto migrator = create_task(migrate(lock), {.name = "migrator"});
  const auto writer = create_task(writes(lock, 3, made), {.name = "writer"});
  co_await migrator;
  co_await writer;
}

Coro<void> critical(Made made) {
  Lock lock("critical");
  const auto ann = create_task(enters(lock, made), {.name = "ann"});
  const auto ben = create_task(enters(lock, made), {.name = "ben"});
  co_await ann;
  co_await ben;
}

Coro<void> pipeline(Made made) {
  Queue<int> items;
  for (int item = 1; item <= 4; ++item) items.put_nowait(item);
  const auto first = create_task(works(items), {.name = "worker"});
  if (made == Made::wrong) {
    const auto second = create_task(works(items), {.name = "helper"});
    co_await second;
  }
  co_await first;
}

Coro<void> barging(Made made) {
  Barging barging;
  Lock lock("line");
  const auto ann =
      create_task(made == Made::right ? holds_in_line(lock, 4) : holds(barging, 4), {.name = "ann"});
  const auto ben =
      create_task(made == Made::right ? holds_in_line(lock, 1) : holds(barging, 1), {.name = "ben"});
  co_await ann;
  co_await ben;
}

Coro<void> window(Made made) {
  Semaphore slots(2, "slots");
  Queue<int> wire;
  const auto sender = create_task(sends(slots, wire, made), {.name = "sender"});
  const auto receiver = create_task(acknowledges(slots, wire, made), {.name = "receiver"});
  co_await sender;
  co_await receiver;
}

namespace {

Coro<void> answers(int request, int pauses) {
  note("request", request);
  for (int count = 0; count < pauses; ++count) co_await sleep(0s);
  note("response", request);
}

Coro<void> dines(Semaphore& free, int guest, Made made) {
  note("request", guest);
  try {
    co_await wait_for(free.acquire(), 2ms);
  } catch (const TimeoutError&) {
    if (made == Made::right) note("gave up", guest);
    co_return;
  }
  note("response", guest);
  co_await sleep(3ms);
  free.release();
}

Coro<void> stays(Lock& door, int& inside, Made made) {
  if (made == Made::right) co_await door.acquire();
  ++inside;
  co_await sleep(0s);
  --inside;
  if (made == Made::right) door.release();
}

Coro<void> takes(int& stock, Made made) {
  if (stock == 0) co_return;
  if (made == Made::wrong) co_await sleep(0s);  // asks who wants it
  --stock;
}

Coro<void> opens_shop(bool& open, Made made) {
  co_await sleep(made == Made::right ? 5ms : 6ms);
  open = true;
}

}  // namespace

Coro<void> rounds(Made made) {
  const auto ann = create_task(answers(1, made == Made::right ? 1 : 8), {.name = "ann"});
  const auto ben = create_task(answers(2, 1), {.name = "ben"});
  co_await ann;
  co_await ben;
}

Coro<void> tables(Made made) {
  Semaphore free(1, "tables");
  const auto ann = create_task(dines(free, 1, made), {.name = "ann"});
  const auto ben = create_task(dines(free, 2, made), {.name = "ben"});
  co_await ann;
  co_await ben;
}

Coro<void> room(Made made) {
  Lock door("door");
  int inside = 0;
  const auto alone = monitors::always("one inside at most", [&] { return inside <= 1; });
  const auto ann = create_task(stays(door, inside, made), {.name = "ann"});
  const auto ben = create_task(stays(door, inside, made), {.name = "ben"});
  co_await ann;
  co_await ben;
}

Coro<void> store(Made made) {
  int stock = 1;
  const auto sold_twice = monitors::never("less than nothing in stock", [&] { return stock < 0; });
  const auto ann = create_task(takes(stock, made), {.name = "ann"});
  const auto ben = create_task(takes(stock, made), {.name = "ben"});
  co_await ann;
  co_await ben;
}

Coro<void> opening(Made made) {
  bool open = false;
  const auto in_time = monitors::eventually("the shop is open", [&] { return open; }, 5ms);
  const auto keeper = create_task(opens_shop(open, made), {.name = "keeper"});
  co_await keeper;
}

}  // namespace coweave::tests
