/// A transfer that reads a balance, awaits, and writes it back: two of them lose an update.

#include <coweave/coweave.hpp>

#include <cstdio>

using namespace coweave;
using namespace std::chrono_literals;

namespace bank {

/// A data base in small: every access takes a round trip.
class Account {
 public:
  explicit Account(int balance) : balance_(balance) {}

  Coro<int> read() {
    co_await sleep(0s);
    note("reads", balance_);
    co_return balance_;
  }
  Coro<void> write(int balance) {
    co_await sleep(0s);
    note("writes", balance);
    balance_ = balance;
  }

 private:
  int balance_;
};

/// A bonus is looked at by somebody before it is paid.
Coro<void> approve() { co_await sleep(0s); }

Coro<void> deposit_unguarded(Account& account, int amount) {
  const int balance = co_await account.read();
  co_await account.write(balance + amount);
}

Coro<void> bonus_unguarded(Account& account, int amount) {
  co_await approve();
  co_await deposit_unguarded(account, amount);
}

Coro<void> buggy() {
  Account account(100);
  auto refund = create_task(deposit_unguarded(account, 20), {.name = "refund"});
  auto bonus = create_task(bonus_unguarded(account, 50), {.name = "bonus"});
  co_await refund;
  co_await bonus;
  const int balance = co_await account.read();
  COWEAVE_REQUIRE(balance == 170);
}

Coro<void> deposit_guarded(Account& account, Lock& lock, int amount) {
  const auto guard = co_await lock.scoped();
  co_await deposit_unguarded(account, amount);
}

Coro<void> bonus_guarded(Account& account, Lock& lock, int amount) {
  co_await approve();
  co_await deposit_guarded(account, lock, amount);
}

Coro<void> fixed() {
  Account account(100);
  Lock lock("account");
  auto refund = create_task(deposit_guarded(account, lock, 20), {.name = "refund"});
  auto bonus = create_task(bonus_guarded(account, lock, 50), {.name = "bonus"});
  co_await refund;
  co_await bonus;
  const int balance = co_await account.read();
  COWEAVE_REQUIRE(balance == 170);
}

}  // namespace bank

#ifndef COWEAVE_DEMO  // which explores all examples, and has a main of its own
int main() {
  const Exploration bug = explore(bank::buggy, {.name = "bank", .runs = 100});
  const Exploration fix = explore(bank::fixed, {.name = "bank, mended", .runs = 100'000});
  std::puts((bug.report() + "\n" + fix.report()).c_str());
  return !bug.passed() && fix.passed() ? 0 : 1;
}
#endif
