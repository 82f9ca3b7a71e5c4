/// A history that is not linearizable is a failure as every other: found, shrunk, told, replayed.

#include <coweave/coweave.hpp>
#include <coweave/tests/approve.hpp>
#include <coweave/tests/folder.hpp>
#include <coweave/traces/write.hpp>

#include <doctest/doctest.h>

#include <filesystem>
#include <map>
#include <string>

using namespace coweave;
using namespace std::chrono_literals;

namespace {

using Store = models::Map<std::string, int>;

/// A write-through cache in front of a slow store. A `get` that misses puts what it loaded into the cache,
/// also if a `put` came while it loaded.
class Cache {
 public:
  explicit Cache(bool mended) : mended_(mended) {}

  Coro<std::optional<int>> get(std::string key) {
    if (const auto cached = cache_.find(key); cached != cache_.end()) co_return cached->second;
    const int puts = puts_;
    const auto loaded = co_await load(key);
    if (loaded && (!mended_ || puts == puts_)) cache_[key] = *loaded;
    co_return loaded;
  }
  Coro<void> put(std::string key, int value) {
    co_await sleep(0s);
    ++puts_;
    store_[key] = value;
    cache_[key] = value;
  }

 private:
  Coro<std::optional<int>> load(std::string key) {
    const auto found = store_.find(key);
    const std::optional<int> value = found == store_.end() ? std::nullopt : std::optional(found->second);
    co_await sleep(0s);
    co_return value;
  }

  std::map<std::string, int> store_{{"a", 1}};
  std::map<std::string, int> cache_;
  int puts_ = 0;
  bool mended_;
};

Coro<void> users(bool mended) {
  Cache cache(mended);
  History<Store> history(Store{.values = {{"a", 1}}}, "cache");
  auto get = [&]() -> Coro<void> {
    static_cast<void>(co_await history.call(Store::get("a"), cache.get("a")));
  };
  auto put = [&]() -> Coro<void> { co_await history.call(Store::put("a", 2), cache.put("a", 2)); };
  auto other = [&]() -> Coro<void> { co_await history.call(Store::put("b", 3), cache.put("b", 3)); };
  auto alice = create_task(get(), {.name = "alice"});
  auto bob = create_task(put(), {.name = "bob"});
  auto carol = create_task(other(), {.name = "carol"});
  co_await alice;
  co_await bob;
  co_await carol;
  co_await get();
  history.require_linearizable();
}

Coro<void> broken() { return users(false); }
Coro<void> mended() { return users(true); }

}  // namespace

TEST_CASE("failure: a history that is not linearizable is found, shrunk and told") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    const Exploration result = explore(broken, {.name = "cache", .seed = seed, .runs = 1'000});
    REQUIRE(result.finding);
    CHECK(result.finding->trace.verdict.kind == traces::VerdictKind::non_linearizable);
    CHECK(result.finding->minimal);
  }
  const Exploration result = explore(broken, {.name = "cache", .runs = 1'000});
  REQUIRE(result.finding);
  CHECK(tests::compare_with_approved("linearizability/approved/cache.txt",
                                     result.finding->trace.verdict.message + "\n") == "");
  CHECK(tests::compare_with_approved("linearizability/approved/cache.svg", result.finding->picture) == "");
  CHECK(result.report().find("FAILED: not linearizable at step") != std::string::npos);
}

TEST_CASE("failure: it replays to the same bytes") {
  const Exploration result = explore(broken, {.name = "cache", .runs = 1'000});
  REQUIRE(result.finding);
  for (const ReplayMode mode : {ReplayMode::strict, ReplayMode::tolerant}) {
    const Exploration again = replay(broken, result.finding->trace, mode);
    REQUIRE(again.finding);
    CHECK(traces::write_trace(again.finding->trace) == traces::write_trace(result.finding->trace));
    CHECK(again.finding->picture == result.finding->picture);
    CHECK(replay(mended, result.finding->trace, mode).passed());
  }
}

TEST_CASE("failure: the picture is written beside the trace") {
  const tests::Folder folder;
  const Exploration result = explore(broken, {.name = "cache", .runs = 1'000, .trace_dir = folder.path()});
  REQUIRE(result.finding);
  CHECK(result.finding->picture_path == folder / "cache.svg");
  CHECK(std::filesystem::file_size(folder / "cache.svg") == result.finding->picture.size());
  CHECK(result.report().find("Look at the calls:\n  " + result.finding->picture_path) != std::string::npos);
}

TEST_CASE("failure: the mended cache survives every schedule") {
  const Exploration result = explore(mended, {.name = "cache", .policy = "dfs", .runs = 1'000'000});
  CHECK_MESSAGE(result.passed(), result.report());
  CHECK(result.exhausted);
}
