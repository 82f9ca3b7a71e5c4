#include <coweave/examples/example.hpp>

#include <array>

namespace examples {

std::span<const Example* const> all() {
  static constexpr std::array<const Example*, 5> list{&bank, &connection_pool, &wait_for, &philosophers,
                                                      &lost_wakeup};
  return list;
}

coweave::Options options(const Example& example) {
  coweave::Options options;
  options.name = example.name;
  options.runs = example.runs;
  return options;
}

}  // namespace examples
