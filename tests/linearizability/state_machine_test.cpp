/// Parallel state-machine tests find the race of each broken system, and none in those that are right: in a
/// few thousand schedules here, and the test 100000_schedules runs those that survive with COWEAVE_RUNS.

#include <coweave/props/linearizability/state_machine.hpp>

#include <coweave/coweave.hpp>
#include <coweave/tests/folder.hpp>
#include <coweave/tests/linearizability/systems.hpp>
#include <coweave/tests/page.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <set>
#include <string>
#include <vector>

using namespace coweave;

namespace {

constexpr std::uint64_t seeds = 20;

template <bool mended>
struct CacheTest {
  using Model = models::Map<int, int>;
  using System = tests::Cache<mended>;
  using Operation = Model::Operation;

  static rc::Gen<Operation> command(const Model&) {
    const auto key = rc::gen::inRange(0, 2);
    return rc::gen::oneOf(rc::gen::map(key, Model::get), rc::gen::map(key, Model::erase),
                          rc::gen::apply(Model::put, key, rc::gen::inRange(0, 4)));
  }
  static Coro<Model::Response> run(System& cache, Operation operation) {
    switch (operation.kind) {
      case Operation::Kind::get:
        co_return co_await cache.get(operation.key);
      case Operation::Kind::put:
        co_await cache.put(operation.key, operation.value);
        co_return Nothing{};
      case Operation::Kind::erase:
        break;
    }
    co_return co_await cache.erase(operation.key);
  }
};

/// The same with many keys and values.
struct LargeCacheTest : CacheTest<false> {
  static rc::Gen<Operation> command(const Model&) {
    const auto key = rc::gen::inRange(3, 9);
    return rc::gen::oneOf(rc::gen::map(key, Model::get), rc::gen::map(key, Model::erase),
                          rc::gen::apply(Model::put, key, rc::gen::inRange(0, 1'000)));
  }
};

template <bool mended>
struct RegistryTest {
  using Model = tests::Registry;
  using System = tests::RegistryServer<mended>;
  using Operation = Model::Operation;

  static rc::Gen<Operation> command(const Model&) {
    const auto kind = rc::gen::element(Operation::Kind::reg, Operation::Kind::reg, Operation::Kind::unreg,
                                       Operation::Kind::whereis, Operation::Kind::kill);
    const auto make = [](Operation::Kind what, int name, std::size_t process) {
      return Operation{what, name, process};
    };
    return rc::gen::apply(make, kind, rc::gen::inRange(0, 2),
                          rc::gen::inRange<std::size_t>(0, Model::processes));
  }
  /// Who is dead cannot die.
  static bool allowed(const Model& model, const Operation& operation) {
    return operation.kind != Operation::Kind::kill || !model.dead[operation.process];
  }
  static Coro<Model::Response> run(System& server, Operation operation) { return server.call(operation); }
};

template <class Queue, class M, std::size_t maxsize>
struct QueueTest {
  using Model = M;
  using System = Queue;
  using Operation = typename Model::Operation;
  using Kind = typename Operation::Kind;

  static Model model() { return Model{.maxsize = maxsize}; }
  static System system() { return System(maxsize); }
  static rc::Gen<Operation> command(const Model&) {
    return rc::gen::apply([](Kind kind, int item) { return Operation{kind, item}; },
                          rc::gen::element(Kind::put, Kind::put, Kind::put_nowait, Kind::get, Kind::get,
                                           Kind::get_nowait, Kind::qsize, Kind::shutdown),
                          rc::gen::inRange(0, 5));
  }
  static Coro<typename Model::Response> run(System& queue, Operation operation) {
    switch (operation.kind) {
      case Kind::put:
        co_await queue.put(operation.item);
        break;
      case Kind::put_nowait:
        queue.put_nowait(operation.item);
        break;
      case Kind::get:
        co_return co_await queue.get();
      case Kind::get_nowait:
        co_return queue.get_nowait();
      case Kind::qsize:
        co_return queue.qsize();
      case Kind::shutdown:
        queue.shutdown();
        break;
    }
    co_return Nothing{};
  }
};

/// A queue whose `get` looks for an item, gives way, and takes what is there then.
class HastyQueue {
 public:
  explicit HastyQueue(std::size_t maxsize) : queue_(maxsize) {}
  [[nodiscard]] auto put(int item) { return queue_.put(item); }
  void put_nowait(int item) { queue_.put_nowait(item); }
  Coro<int> get() {
    if (queue_.empty()) {
      const int item = co_await queue_.get();
      co_await sleep(Duration::zero());
      co_return item;
    }
    const int item = queue_.get_nowait();
    co_await sleep(Duration::zero());
    queue_.put_nowait(item);
    co_return queue_.get_nowait();
  }
  int get_nowait() { return queue_.get_nowait(); }
  [[nodiscard]] std::size_t qsize() const { return queue_.qsize(); }
  void shutdown() { queue_.shutdown(); }

 private:
  Queue<int> queue_;
};

template <class S, std::int64_t permits, std::int64_t bound>
struct SemaphoreTest {
  using Model = models::Semaphore;
  using System = S;
  using Operation = Model::Operation;

  static Model model() { return {.permits = permits, .bound = bound}; }
  static System system() { return System(permits); }
  static rc::Gen<Operation> command(const Model&) {
    return rc::gen::element(Model::acquire(), Model::acquire(), Model::release(), Model::release(),
                            Model::value());
  }
  static Coro<Model::Response> run(System& semaphore, Operation operation) {
    switch (operation.kind) {
      case Operation::Kind::acquire:
        co_await semaphore.acquire();
        break;
      case Operation::Kind::release:
        semaphore.release();
        break;
      case Operation::Kind::value:
        co_return semaphore.value();
    }
    co_return Nothing{};
  }
};

struct RegisterTest {
  using Model = models::Register<int>;
  struct System {};

  static rc::Gen<Model::Operation> command(const Model&) {
    return rc::gen::oneOf(rc::gen::just(Model::read()), rc::gen::map(rc::gen::inRange(0, 3), Model::write));
  }
};
struct NothingAllowed : RegisterTest {
  static bool allowed(const Model&, const Model::Operation&) { return false; }
  static Coro<Model::Response> run(System&, Model::Operation) { co_return Nothing{}; }
};
struct NothingAnswered : RegisterTest {
  static Coro<Model::Response> run(System&, Model::Operation) {
    co_await sleep(Duration::zero());
    throw TimeoutError();
  }
};
struct NothingOffered : NothingAllowed {
  static bool allowed(const Model&, const Model::Operation&) { return true; }
  static rc::Gen<Model::Operation> command(const Model&) {
    return rc::gen::map(rc::gen::elementOf(std::vector<int>{}), Model::write);
  }
};

/// Takes out what is there, and so has nothing to take out at first.
struct OfferedLater {
  using Model = models::Set<int>;
  using System = std::set<int>;

  static rc::Gen<Model::Operation> command(const Model& model) {
    const std::vector<int> there(model.values.begin(), model.values.end());
    return rc::gen::oneOf(rc::gen::map(rc::gen::inRange(0, 3), Model::add),
                          rc::gen::map(rc::gen::elementOf(there), Model::remove));
  }
  static Coro<Model::Response> run(System& set, Model::Operation operation) {
    if (operation.kind == Model::Operation::Kind::add) co_return set.insert(operation.value).second;
    co_return set.erase(operation.value) > 0;
  }
};

/// The race is found from every seed, as what it is, and shrunk.
template <class Test>
void find(const char* name, std::size_t calls_max) {
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    CAPTURE(seed);
    const Exploration result = state_machine<Test>(name, {.seed = seed, .runs = 10'000});
    REQUIRE(result.finding);
    CHECK(result.finding->trace.verdict.kind == traces::VerdictKind::non_linearizable);
    CHECK(result.finding->minimal);
    const std::string& commands = result.finding->trace.generated.front().arguments.front().value;
    CHECK_MESSAGE(std::count(commands.begin(), commands.end(), '(') <= static_cast<std::ptrdiff_t>(calls_max),
                  commands);
  }
}

template <class Test>
void survive(const char* name) {
  for (const SchedulingPoints points : {SchedulingPoints::suspensions, SchedulingPoints::awaits}) {
    const Exploration result =
        state_machine<Test>(name, {.runs = 4'000, .cases = 200, .scheduling_points = points});
    CHECK_MESSAGE(result.passed(), result.report());
  }
}

constexpr std::int64_t unbounded = std::numeric_limits<std::int64_t>::max();

}  // namespace

TEST_CASE("state machine: the race of a cache is found from any of 20 seeds") {
  find<CacheTest<false>>("cache", 4);
}
TEST_CASE("state machine: the page shows what its test finds") {
  const std::string report = state_machine<CacheTest<false>>("cache", {.runs = 10'000}).report();
  const std::size_t line = report.find('\n', report.find("deviation"));
  CHECK(tests::compare_with_page("docs/linearizability.md", "state machine", report.substr(0, line + 1)) ==
        "");
}

TEST_CASE("state machine: what commands are made of is shrunk, and stays the same where it has to") {
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    CAPTURE(seed);
    const Exploration result = state_machine<LargeCacheTest>("cache", {.seed = seed, .runs = 10'000});
    REQUIRE(result.finding);
    const std::string& commands = result.finding->trace.generated.front().arguments.front().value;
    CHECK_MESSAGE(commands.find_first_of("256789") == std::string::npos, commands);
    CHECK_MESSAGE(commands.starts_with("put(3, 0), then ["), commands);
  }
}

TEST_CASE("state machine: the mended cache survives") { survive<CacheTest<true>>("cache"); }

TEST_CASE("state machine: the race of a registry is found from any of 20 seeds") {
  find<RegistryTest<false>>("registry", 3);
}
TEST_CASE("state machine: the mended registry survives") { survive<RegistryTest<true>>("registry"); }

TEST_CASE("state machine: the race of a hasty queue is found from any of 20 seeds") {
  find<QueueTest<HastyQueue, models::Queue<int>, 0>>("hasty queue", 5);
}
TEST_CASE("state machine: every queue of the layer survives") {
  survive<QueueTest<Queue<int>, models::Queue<int>, 0>>("Queue");
  survive<QueueTest<Queue<int>, models::BoundedQueue<int>, 2>>("Queue with a bound");
  survive<QueueTest<LifoQueue<int>, models::Stack<int>, 0>>("LifoQueue");
  survive<QueueTest<LifoQueue<int>, models::Stack<int>, 1>>("LifoQueue with a bound");
  survive<QueueTest<PriorityQueue<int>, models::PriorityQueue<int>, 0>>("PriorityQueue");
  survive<QueueTest<PriorityQueue<int>, models::PriorityQueue<int>, 2>>("PriorityQueue with a bound");
}
TEST_CASE("state machine: every semaphore of the layer survives") {
  survive<SemaphoreTest<Semaphore, 0, unbounded>>("Semaphore without permits");
  survive<SemaphoreTest<Semaphore, 2, unbounded>>("Semaphore");
  survive<SemaphoreTest<BoundedSemaphore, 1, 1>>("BoundedSemaphore");
  survive<SemaphoreTest<BoundedSemaphore, 2, 2>>("BoundedSemaphore with two permits");
}

TEST_CASE("state machine: no program is generated that breaks a precondition or may wait for ever") {
  using Test = QueueTest<Queue<int>, models::Queue<int>, 0>;
  std::size_t parallel = 0;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    const auto shrinkable = rc::gen::arbitrary<CommandProgram<Test>>()(rc::Random(seed), 60);
    CHECK(detail::is_good(shrinkable.value()));
    parallel += shrinkable.value().parallel.size() > 1 ? 1U : 0U;
    auto shrinks = shrinkable.shrinks();
    while (auto shrink = shrinks.next()) CHECK(detail::is_good(shrink->value()));
  }
  CHECK(parallel > 200);
  using Jobs = models::Queue<int>;
  CHECK_FALSE(detail::is_good(CommandProgram<Test>{{Jobs::get()}, {}}));
  CHECK_FALSE(detail::is_good(CommandProgram<Test>{{}, {{Jobs::get(), Jobs::get()}, {Jobs::put(1)}}}));
  CHECK(detail::is_good(CommandProgram<Test>{{}, {{Jobs::get()}, {Jobs::put(1)}}}));
  using Kill = tests::Registry::Operation;
  const Kill kill{Kill::Kind::kill, 0, 1};
  CHECK_FALSE(detail::is_good(CommandProgram<RegistryTest<true>>{{}, {{kill}, {kill}}}));
}

TEST_CASE("state machine: what is right by another model is found to be wrong") {
  CHECK_FALSE(state_machine<QueueTest<LifoQueue<int>, models::Queue<int>, 0>>("no queue").passed());
  CHECK_FALSE(state_machine<QueueTest<PriorityQueue<int>, models::Stack<int>, 0>>("no stack").passed());
  CHECK_FALSE(state_machine<SemaphoreTest<Semaphore, 2, 2>>("not bounded").passed());
}

TEST_CASE("state machine: a failure shows its commands, and replays") {
  const tests::Folder folder;
  const Options options{.runs = 10'000, .trace_dir = folder.path()};
  const Exploration result = state_machine<CacheTest<false>>("cache", options);
  REQUIRE(result.finding);
  const traces::Argument& shown = result.finding->trace.generated.front().arguments.front();
  CHECK(shown.type == "commands");
  CHECK(shown.value.find("] at once") != std::string::npos);
  CHECK(std::filesystem::exists(folder / "cache.svg"));
  const Exploration again = state_machine<CacheTest<false>>("cache", {.replay = result.finding->trace_path});
  REQUIRE(again.finding);
  CHECK(again.replayed);
  CHECK(again.finding->trace.verdict.message == result.finding->trace.verdict.message);
  const Options tolerant{.replay = result.finding->trace_path, .replay_mode = ReplayMode::tolerant};
  CHECK(state_machine<CacheTest<true>>("cache", tolerant).passed());
}

TEST_CASE("state machine: a test that tests nothing says so") {
  for (const Exploration& none : {state_machine<NothingAllowed>("none", {.runs = 100}),
                                  state_machine<NothingOffered>("none", {.runs = 100})}) {
    CHECK(none.passed());
    CHECK(none.warnings().find("never: 'commands at once'") != std::string::npos);
  }
  const Exploration silent = state_machine<NothingAnswered>("silent", {.runs = 100});
  CHECK(silent.warnings().find("never: 'a command that does not throw'") != std::string::npos);
  CHECK_FALSE(state_machine<NothingAllowed>("none", {.runs = 100, .require_marks = true}).passed());
}

TEST_CASE("state machine: what cannot be generated in a state is not offered there") {
  const Exploration result = state_machine<OfferedLater>("set", {.runs = 200});
  CHECK_MESSAGE(result.passed(), result.report());
  CHECK(result.warnings() == "");
}
