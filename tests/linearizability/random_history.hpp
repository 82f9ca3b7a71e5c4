#pragma once

/// Random histories, about half of them right.

#include <coweave/props/linearizability/history.hpp>
#include <coweave/sim/random.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace coweave::tests {

/// What may befall the object and its calls.
enum class Trouble : std::uint8_t {
  none,
  loses,  ///< now and then the object forgets all
  cuts,   ///< calls are cut short, before or after they took effect
};

/// A random history of up to `calls_max` calls by three processes: responses are those of the model in some
/// order that fits, or now and then others, so that about half are right. `make` gives the operation of a
/// call.
template <SequentialModel M, class Make>
void fill(History<M>& history, sim::Random& random, std::uint32_t calls_max, Make make,
          const std::vector<typename M::Response>& others, Trouble trouble) {
  struct UnderWay {
    std::size_t call;
    typename M::Operation operation;
    std::optional<typename M::Response> response;
  };
  M model = history.model();
  std::vector<std::optional<UnderWay>> processes(3);
  std::uint32_t calls = 0;
  for (std::uint32_t turn = 0; turn < 400; ++turn) {
    const std::uint32_t process = random.below(3);
    auto& under_way = processes[process];
    if (!under_way) {
      if (calls == calls_max) continue;
      typename M::Operation operation = make(calls++);
      under_way = UnderWay{history.invoke(operation, std::to_string(process)), operation, std::nullopt};
    } else if (trouble == Trouble::cuts && random.one_in(8)) {
      history.cut_short(under_way->call);
      under_way.reset();
    } else if (!under_way->response) {
      M after = model;
      under_way->response = detail::apply(after, under_way->operation, nullptr).response;
      if (under_way->response) model = std::move(after);
      if (trouble == Trouble::loses && random.one_in(12)) model = history.model();  // forgets all
    } else {
      if (!others.empty() && random.one_in(14))
        under_way->response = others[random.below(static_cast<std::uint32_t>(others.size()))];
      history.respond(under_way->call, *under_way->response);
      under_way.reset();
    }
  }
}

}  // namespace coweave::tests
