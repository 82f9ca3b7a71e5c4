#include <coweave/traces/names.hpp>

#include <doctest/doctest.h>

#include <set>
#include <string_view>

using namespace coweave::traces;

namespace {

template <class Enum>
void check_names(std::span<const std::string_view> names,
                 std::optional<Enum> (*find)(std::string_view) noexcept) {
  std::set<std::string_view> seen;
  for (std::size_t index = 0; index < names.size(); ++index) {
    const std::string_view name = names[index];
    CAPTURE(name);
    const auto value = static_cast<Enum>(index);
    CHECK(to_string(value) == name);
    CHECK(find(name) == value);
    CHECK(seen.insert(name).second);
    CHECK(name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == std::string_view::npos);
  }
  for (const std::string_view bad : {"", "Passed", "passed ", "run\n", "?"}) CHECK(find(bad) == std::nullopt);
}

}  // namespace

TEST_CASE("names: every kind of verdict has one name and is found by it") {
  check_names<VerdictKind>(verdict_kind_names(), verdict_kind);
  CHECK(to_string(VerdictKind::passed) == "passed");
  CHECK(to_string(VerdictKind::never_retrieved) == "never_retrieved");
  CHECK(to_string(VerdictKind::task_bound) == "task_bound");
  CHECK(to_string(VerdictKind::non_linearizable) == "non_linearizable");
  CHECK(to_string(VerdictKind::invariant) == "invariant");
  CHECK(to_string(VerdictKind::crash) == "crash");
  CHECK(to_string(VerdictKind::still_held) == "still_held");
}

TEST_CASE("names: every kind of event has one name and is found by it") {
  check_names<EventKind>(event_kind_names(), event_kind);
  CHECK(to_string(EventKind::run) == "run");
  CHECK(to_string(EventKind::inject) == "inject");
  CHECK(to_string(EventKind::fail) == "fail");
}
