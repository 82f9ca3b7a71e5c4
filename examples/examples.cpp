#include <coweave/examples/example.hpp>

#include <array>

namespace examples {

std::span<const Example> all() {
  using coweave::traces::VerdictKind;
  static constexpr std::array<Example, 5> list{{
      {"bank", "two deposits read the same balance, and the second write undoes the first", bank::buggy,
       bank::fixed, VerdictKind::assertion, 1, 100},
      {"connection-pool", "a cancelled request leaves its answer in the connection for the next user",
       connection_pool::buggy, connection_pool::fixed, VerdictKind::assertion, 1, 1'000},
      {"wait-for", "a cancellation in the same instant as the result is swallowed, and the worker goes on",
       wait_for::buggy, wait_for::fixed, VerdictKind::assertion, 1, 1'000},
      {"philosophers", "each holds the left fork and waits for the right one", philosophers::buggy,
       philosophers::fixed, VerdictKind::deadlock, 2, 10'000},
      {"lost-wakeup", "a cancelled getter takes its wake-up with it, and the next one sleeps beside an item",
       lost_wakeup::buggy, lost_wakeup::fixed, VerdictKind::deadlock, 1, 1'000},
  }};
  return list;
}

coweave::Options options(const Example& example) {
  coweave::Options options;
  options.name = example.name;
  options.runs = example.runs;
  return options;
}

}  // namespace examples
