#pragma once

/// The order of the steps of a run as a message between processes.

#include <coweave/sim/causality/order.hpp>

#include <string>

namespace coweave::detail {

[[nodiscard]] std::string to_message(const sim::Order& order);
[[nodiscard]] sim::Order order_of_message(const char* from);

}  // namespace coweave::detail
