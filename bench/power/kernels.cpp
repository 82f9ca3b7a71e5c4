#include <coweave/bench/power/kernels.hpp>

#include <coweave/core/lock.hpp>
#include <coweave/core/shared.hpp>
#include <coweave/core/spawn.hpp>
#include <coweave/props/require.hpp>

#include <array>
#include <vector>

namespace coweave::bench {

namespace {

Coro<void> all_of(std::vector<Task<>>& tasks) {
  for (Task<>& task : tasks) co_await task;
}

struct Account {
  Lock lock{"account"};
  Shared<int> balance{1, "balance"};
  Shared<bool> deposited{false, "deposited"};
  Shared<bool> withdrawn{false, "withdrawn"};
};

Coro<void> deposit(Account& account) {
  co_await account.lock.acquire();
  const int balance = co_await account.balance.read();
  co_await account.balance.write(balance + 2);
  co_await account.deposited.write(true);
  account.lock.release();
}

Coro<void> withdraw(Account& account) {
  co_await account.lock.acquire();
  const int balance = co_await account.balance.read();
  co_await account.balance.write(balance - 4);
  co_await account.withdrawn.write(true);
  account.lock.release();
}

Coro<void> check_account(Account& account) {
  co_await account.lock.acquire();
  bool both = co_await account.deposited.read();
  if (both) both = co_await account.withdrawn.read();
  if (both) {
    const int balance = co_await account.balance.read();
    COWEAVE_REQUIRE(balance == (1 - 2) - 4);
  }
  account.lock.release();
}

Coro<void> add(Lock& lock, Shared<int>& sum, int amount) {
  co_await lock.acquire();
  const int before = co_await sum.read();
  co_await sum.write(before + amount);
  lock.release();
}

Coro<void> check_sum(Lock& lock, Shared<int>& sum) {
  co_await lock.acquire();
  const int value = co_await sum.read();
  COWEAVE_REQUIRE(value < 3);
  lock.release();
}

Coro<void> count_under(Lock& first, Lock& second, Shared<int>& counter) {
  co_await first.acquire();
  co_await second.acquire();
  const int before = co_await counter.read();
  co_await counter.write(before + 1);
  second.release();
  first.release();
}

/// A member of a group: the first that comes takes `room`, the last that leaves gives it back.
Coro<void> visit(Lock& door, Lock& room, Shared<int>& inside) {
  co_await door.acquire();
  const int before = co_await inside.read();
  co_await inside.write(before + 1);
  const int now = co_await inside.read();
  if (now == 1) co_await room.acquire();
  door.release();
  co_await door.acquire();
  const int leaving = co_await inside.read();
  co_await inside.write(leaving - 1);
  const int left = co_await inside.read();
  if (left == 0) room.release();
  door.release();
}

constexpr int stack_rounds = 10;

Coro<void> push_all(Lock& lock, Shared<int>& top, Shared<bool>& flag) {
  for (int round = 0; round < stack_rounds; ++round) {
    co_await lock.acquire();
    const int before = co_await top.read();
    COWEAVE_REQUIRE(before < stack_rounds);
    co_await top.write(before + 1);
    co_await flag.write(true);
    lock.release();
  }
}

Coro<void> pop_all(Lock& lock, Shared<int>& top, Shared<bool>& flag) {
  for (int round = 0; round < stack_rounds; ++round) {
    co_await lock.acquire();
    const bool filled = co_await flag.read();
    if (filled) {
      const int before = co_await top.read();
      COWEAVE_REQUIRE(before > 0);
      co_await top.write(before - 1);
    }
    lock.release();
  }
}

struct Ring {
  Lock lock{"ring"};
  Shared<int> x1{1, "x1"};
  Shared<int> x2{2, "x2"};
  Shared<int> x3{1, "x3"};
  Shared<bool> f1{false, "f1"};
  Shared<bool> f2{false, "f2"};
  Shared<bool> f3{false, "f3"};
};

Coro<void> copy_token(Ring& ring, Shared<int>& from, Shared<int>& to, Shared<bool>& flag, int more) {
  co_await ring.lock.acquire();
  const int value = co_await from.read();
  co_await to.write((value + more) % 4);
  co_await flag.write(true);
  ring.lock.release();
}

Coro<void> check_ring(Ring& ring) {
  co_await ring.lock.acquire();
  bool all = co_await ring.f1.read();
  if (all) all = co_await ring.f2.read();
  if (all) all = co_await ring.f3.read();
  if (all) {
    const int x1 = co_await ring.x1.read();
    const int x2 = co_await ring.x2.read();
    const int x3 = co_await ring.x3.read();
    COWEAVE_REQUIRE(x1 == x2);
    COWEAVE_REQUIRE(x2 == x3);
  }
  ring.lock.release();
}

struct Stages {
  Lock first{"first"};
  Lock second{"second"};
  Shared<int> data1{0, "data1"};
  Shared<int> data2{0, "data2"};
};

Coro<void> write_stages(Stages& stages) {
  co_await stages.first.acquire();
  co_await stages.data1.write(1);
  stages.first.release();
  co_await stages.second.acquire();
  const int value = co_await stages.data1.read();
  co_await stages.data2.write(value + 1);
  stages.second.release();
}

Coro<void> read_stages(Stages& stages) {
  co_await stages.first.acquire();
  const int seen = co_await stages.data1.read();
  if (seen == 0) {
    stages.first.release();
    co_return;
  }
  const int value1 = co_await stages.data1.read();
  stages.first.release();
  co_await stages.second.acquire();
  const int value2 = co_await stages.data2.read();
  stages.second.release();
  COWEAVE_REQUIRE(value2 == value1 + 1);
}

Coro<void> set_both(Shared<int>& a, Shared<int>& b) {
  co_await a.write(1);
  co_await b.write(-1);
}

/// Reads as a condition with short circuits does: (a == 0 and b == 0) or (a == 1 and b == -1).
Coro<void> check_both(Shared<int>& a, Shared<int>& b) {
  const int first_a = co_await a.read();
  if (first_a == 0) {
    const int first_b = co_await b.read();
    if (first_b == 0) co_return;
  }
  const int second_a = co_await a.read();
  COWEAVE_REQUIRE(second_a == 1);
  const int second_b = co_await b.read();
  COWEAVE_REQUIRE(second_b == -1);
}

Coro<void> add_and_check(Lock& lock, Shared<int>& value) {
  co_await lock.acquire();
  const int before = co_await value.read();
  const int again = co_await value.read();
  co_await value.write(again + 1);
  const int after = co_await value.read();
  COWEAVE_REQUIRE(after == before + 1);
  lock.release();
}

Coro<void> add_under(Lock& lock, Shared<int>& value) {
  co_await lock.acquire();
  const int before = co_await value.read();
  co_await value.write(before + 1);
  lock.release();
}

struct Buffer {
  Lock lock{"buffer"};
  Lock other_lock{"other"};
  Shared<int> count{3, "count"};
};

Coro<void> change_count(Buffer& buffer, int by) {
  co_await buffer.lock.acquire();
  const int before = co_await buffer.count.read();
  co_await buffer.count.write(before + by);
  buffer.lock.release();
}

Coro<void> erase_and_append(Buffer& buffer) {
  co_await change_count(buffer, -3);
  co_await change_count(buffer, +3);
}

Coro<void> append_from(Buffer& buffer) {
  co_await buffer.other_lock.acquire();
  co_await buffer.lock.acquire();
  const int length = co_await buffer.count.read();
  buffer.lock.release();
  co_await buffer.lock.acquire();
  const int count = co_await buffer.count.read();
  COWEAVE_REQUIRE(length <= count);
  buffer.lock.release();
  buffer.other_lock.release();
}

struct Node {
  Shared<int> value{0, "value"};
  Shared<int> next{-1, "next"};
};

struct SafeStack {
  std::array<Node, 3> nodes;
  Shared<int> head{0, "head"};
  Shared<int> count{3, "size"};
};

int decrement(int& value) { return value--; }
int increment(int& value) { return value++; }

Coro<int> pop(SafeStack& stack) {
  for (;;) {
    const int count = co_await stack.count.read();
    if (count <= 1) co_return -1;
    const int head = co_await stack.head.read();
    Node& node = stack.nodes[static_cast<std::size_t>(head)];
    const int next = co_await node.next.exchange(-1);
    if (next < 0) continue;
    const bool taken = co_await stack.head.compare_exchange(head, next);
    if (taken) {
      co_await stack.count.update(decrement);
      co_return head;
    }
    co_await node.next.exchange(next);
  }
}

Coro<void> push(SafeStack& stack, int index) {
  Node& node = stack.nodes[static_cast<std::size_t>(index)];
  int head = co_await stack.head.read();
  for (;;) {
    co_await node.next.write(head);
    const bool put = co_await stack.head.compare_exchange(head, index);
    if (put) break;
    head = co_await stack.head.read();
  }
  co_await stack.count.update(increment);
}

Coro<void> use_stack(SafeStack& stack, int id) {
  for (int round = 0; round < 2; ++round) {
    int index = -1;
    while (index < 0) index = co_await pop(stack);
    Node& node = stack.nodes[static_cast<std::size_t>(index)];
    co_await node.value.write(id);
    const int value = co_await node.value.read();
    COWEAVE_REQUIRE(value == id);
    co_await push(stack, index);
  }
}

}  // namespace

Coro<void> account() {
  Account account;
  std::vector<Task<>> tasks;
  tasks.push_back(co_await spawn(check_account(account), {.name = "check"}));
  tasks.push_back(co_await spawn(deposit(account), {.name = "deposit"}));
  tasks.push_back(co_await spawn(withdraw(account), {.name = "withdraw"}));
  co_await all_of(tasks);
}

Coro<void> lazy() {
  Lock lock("lock");
  Shared<int> sum(0, "sum");
  std::vector<Task<>> tasks;
  tasks.push_back(co_await spawn(add(lock, sum, 1), {.name = "one"}));
  tasks.push_back(co_await spawn(add(lock, sum, 2), {.name = "two"}));
  tasks.push_back(co_await spawn(check_sum(lock, sum), {.name = "check"}));
  co_await all_of(tasks);
}

Coro<void> deadlock() {
  Lock a("a");
  Lock b("b");
  Shared<int> counter(0, "counter");
  std::vector<Task<>> tasks;
  tasks.push_back(co_await spawn(count_under(a, b, counter), {.name = "a then b"}));
  tasks.push_back(co_await spawn(count_under(b, a, counter), {.name = "b then a"}));
  co_await all_of(tasks);
}

Coro<void> carter() {
  Lock door("door");
  Lock room("room");
  Shared<int> inside_a(0, "a");
  Shared<int> inside_b(0, "b");
  std::vector<Task<>> tasks;
  tasks.push_back(co_await spawn(visit(door, room, inside_a), {.name = "a"}));
  tasks.push_back(co_await spawn(visit(door, room, inside_b), {.name = "b"}));
  co_await all_of(tasks);
}

Coro<void> stack() {
  Lock lock("lock");
  Shared<int> top(0, "top");
  Shared<bool> flag(false, "flag");
  std::vector<Task<>> tasks;
  tasks.push_back(co_await spawn(push_all(lock, top, flag), {.name = "push"}));
  tasks.push_back(co_await spawn(pop_all(lock, top, flag), {.name = "pop"}));
  co_await all_of(tasks);
}

Coro<void> token_ring() {
  Ring ring;
  std::vector<Task<>> tasks;
  tasks.push_back(co_await spawn(copy_token(ring, ring.x3, ring.x1, ring.f1, 1), {.name = "first"}));
  tasks.push_back(co_await spawn(copy_token(ring, ring.x1, ring.x2, ring.f2, 0), {.name = "second"}));
  tasks.push_back(co_await spawn(copy_token(ring, ring.x2, ring.x3, ring.f3, 0), {.name = "third"}));
  tasks.push_back(co_await spawn(check_ring(ring), {.name = "check"}));
  co_await all_of(tasks);
}

Coro<void> two_stage(int writers, int readers) {
  Stages stages;
  std::vector<Task<>> tasks;
  for (int writer = 0; writer < writers; ++writer)
    tasks.push_back(co_await spawn(write_stages(stages), {.name = "writer"}));
  for (int reader = 0; reader < readers; ++reader)
    tasks.push_back(co_await spawn(read_stages(stages), {.name = "reader"}));
  co_await all_of(tasks);
}

Coro<void> reorder(int setters, int checkers) {
  Shared<int> a(0, "a");
  Shared<int> b(0, "b");
  std::vector<Task<>> tasks;
  for (int setter = 0; setter < setters; ++setter)
    tasks.push_back(co_await spawn(set_both(a, b), {.name = "setter"}));
  for (int checker = 0; checker < checkers; ++checker)
    tasks.push_back(co_await spawn(check_both(a, b), {.name = "checker"}));
  co_await all_of(tasks);
}

Coro<void> wrong_lock(int others) {
  Lock right("right");
  Lock wrong("wrong");
  Shared<int> value(0, "value");
  std::vector<Task<>> tasks;
  tasks.push_back(co_await spawn(add_and_check(right, value), {.name = "check"}));
  for (int other = 0; other < others; ++other)
    tasks.push_back(co_await spawn(add_under(wrong, value), {.name = "other"}));
  co_await all_of(tasks);
}

Coro<void> string_buffer() {
  Buffer buffer;
  std::vector<Task<>> tasks;
  tasks.push_back(co_await spawn(erase_and_append(buffer), {.name = "erase and append"}));
  tasks.push_back(co_await spawn(append_from(buffer), {.name = "append from"}));
  co_await all_of(tasks);
}

Coro<void> safe_stack() {
  SafeStack stack;
  std::vector<Task<>> tasks;
  co_await stack.nodes[0].next.write(1);
  co_await stack.nodes[1].next.write(2);
  for (int id = 0; id < 3; ++id) tasks.push_back(co_await spawn(use_stack(stack, id), {.name = "user"}));
  co_await all_of(tasks);
}

}  // namespace coweave::bench
