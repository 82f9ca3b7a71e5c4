/// The shape of redis-py's incident of 2023: a request is cancelled after it was sent and before its answer
/// was read; the connection goes back to the pool, and the next user gets somebody else's answer.

#include <coweave/coweave.hpp>

#include <cstdio>
#include <memory>
#include <string>

using namespace coweave;
using namespace std::chrono_literals;

namespace connection_pool {

/// A connection to a server that answers requests in the order in which they were sent.
class Connection {
 public:
  void send(const std::string& key) {
    note("sends", "GET " + key);
    call_later(1ms, [answers = answers_, key] { answers->put_nowait("the value of " + key); });
  }
  Coro<std::string> read() {
    std::string answer = co_await answers_->get();
    note("reads", answer);
    co_return answer;
  }

 private:
  using Answers = Queue<std::string>;
  std::shared_ptr<Answers> answers_ = std::make_shared<Answers>(std::size_t{0}, "answers");
};

using Pool = Queue<std::shared_ptr<Connection>>;

/// Gives the connection back, whatever happens.
struct Loan {
  Pool& pool;
  std::shared_ptr<Connection> connection;
  ~Loan() {
    if (connection) pool.put_nowait(std::move(connection));
  }
};

Coro<std::string> get_unsafe(Pool& pool, std::string key) {
  std::shared_ptr<Connection> connection = co_await pool.get();
  const Loan loan{pool, std::move(connection)};
  loan.connection->send(key);
  co_return co_await loan.connection->read();
}

/// The fix: a connection with an unread answer is not given back; a new one takes its place.
Coro<std::string> get_safe(Pool& pool, std::string key) {
  std::shared_ptr<Connection> connection = co_await pool.get();
  Loan loan{pool, std::make_shared<Connection>()};
  connection->send(key);
  std::string answer = co_await connection->read();
  loan.connection = std::move(connection);
  co_return answer;
}

Coro<void> two_users(Coro<std::string> (*get)(Pool&, std::string)) {
  Pool pool(0, "pool");
  pool.put_nowait(std::make_shared<Connection>());
  auto alice = create_task(get(pool, "alice"), {.name = "alice"});
  sim::may_cancel(alice);
  try {
    const std::string answer = co_await alice;
    COWEAVE_REQUIRE(answer == "the value of alice");
  } catch (const CancelledError&) {
    note("alice went away");
  }
  auto bob = create_task(get(pool, "bob"), {.name = "bob"});
  const std::string answer = co_await bob;
  COWEAVE_REQUIRE(answer == "the value of bob");
}

Coro<void> buggy() { return two_users(get_unsafe); }
Coro<void> fixed() { return two_users(get_safe); }

}  // namespace connection_pool

#ifndef COWEAVE_DEMO  // which explores all examples, and has a main of its own
int main() {
  const Exploration bug = explore(connection_pool::buggy, {.name = "connection-pool", .runs = 1'000});
  const Exploration fix =
      explore(connection_pool::fixed, {.name = "connection-pool, mended", .runs = 100'000});
  std::puts((bug.report() + "\n" + fix.report()).c_str());
  return !bug.passed() && fix.passed() ? 0 : 1;
}
#endif
