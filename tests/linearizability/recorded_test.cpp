#include <coweave/tests/linearizability/recorded.hpp>

#include <doctest/doctest.h>

using namespace coweave;

TEST_CASE("recorded histories: the verdict is the one that came with each") {
  const auto all = tests::recorded_histories(std::filesystem::path(COWEAVE_SOURCE_DIR) /
                                             "tests/linearizability/histories");
  REQUIRE(all.size() == 6);
  for (const tests::Recorded& recorded : all) {
    CAPTURE(recorded.name);
    const HistoryCheck checked = recorded.check({});
    CHECK(checked.decision == (recorded.linearizable ? Decision::holds : Decision::violated));
    CHECK(checked.violation.has_value() == !recorded.linearizable);
  }
}
