#include <coweave/props/workers/order_message.hpp>

#include <coweave/sim/search/message.hpp>

#include <cstdint>

namespace coweave::detail {

std::string to_message(const sim::Order& order) {
  std::string message;
  put_list(message, order, [&message](const sim::OrderedStep& step) {
    put(message, step.actor);
    put_all(message, step.others);
    put_all(message, step.numbers);
    put(message, step.cancelled);
    put_all(message, step.late);
    put_all(message, step.operations);
    put_all(message, step.woken);
    put(message, step.preempts);
    put(message, step.is_out_of_order);
  });
  return message;
}

sim::Order order_of_message(const char* from) {
  sim::Order order;
  get_list(from, order, [&from](sim::OrderedStep& step) {
    step.actor = get<std::uint32_t>(from);
    get_all(from, step.others);
    get_all(from, step.numbers);
    step.cancelled = get<std::uint32_t>(from);
    get_all(from, step.late);
    get_all(from, step.operations);
    get_all(from, step.woken);
    step.preempts = get<bool>(from);
    step.is_out_of_order = get<bool>(from);
  });
  return order;
}

}  // namespace coweave::detail
