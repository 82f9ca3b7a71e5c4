/// The search decides what trying every order decides.

#include <coweave/props/linearizability/history.hpp>
#include <coweave/props/linearizability/models.hpp>
#include <coweave/sim/random.hpp>
#include <coweave/tests/linearizability/random_history.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <vector>

using namespace coweave;

namespace {

using Register = models::Register<int>;

constexpr CutShort all_ends[] = {CutShort::may_take_effect_later, CutShort::may_have_taken_effect,
                                 CutShort::has_no_effect};

/// Whether it is over at its end: nothing of it comes later.
template <SequentialModel M>
bool is_over(const Call<M>& call, CutShort cut_short) {
  return call.end == CallEnd::returned ||
         (call.end == CallEnd::cut_short && cut_short != CutShort::may_take_effect_later);
}

/// Whether `one` has to take effect before `other`.
template <SequentialModel M>
bool must_precede(const Call<M>& one, const Call<M>& other, const History<M>& history,
                  Consistency consistency, CutShort cut_short) {
  if (!is_over(one, cut_short)) return false;
  switch (consistency) {
    case Consistency::linearizable:
      return one.returned < other.invoked;
    case Consistency::sequential:
      return one.process == other.process && one.invoked < other.invoked;
    case Consistency::quiescent:
      break;
  }
  // A moment between them, just after an end, at which no call is under way.
  return std::any_of(history.calls().begin(), history.calls().end(), [&](const Call<M>& last) {
    const std::uint32_t moment = last.returned;
    return is_over(last, cut_short) && one.returned <= moment && moment < other.invoked &&
           std::none_of(
               history.calls().begin(), history.calls().end(),
               [&](const Call<M>& call) {
                 return call.invoked <= moment && (!is_over(call, cut_short) || call.returned > moment);
               });
  });
}

/// Every order of every choice of the calls that did not return.
template <SequentialModel M>
bool try_every_order(const History<M>& history, Consistency consistency, CutShort cut_short) {
  const auto& calls = history.calls();
  std::vector<std::size_t> order(calls.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const std::uint32_t choices = 1U << calls.size();
  do {
    bool in_order = true;
    for (std::size_t place = 0; place < order.size(); ++place) {
      for (std::size_t later = place + 1; later < order.size(); ++later)
        in_order = in_order &&
                   !must_precede(calls[order[later]], calls[order[place]], history, consistency, cut_short);
    }
    for (std::uint32_t left_out = 0; in_order && left_out < choices; ++left_out) {
      M model = history.model();
      bool fits = true;
      for (const std::size_t number : order) {
        const bool returned = calls[number].end == CallEnd::returned;
        const bool must_be_left_out =
            calls[number].end == CallEnd::cut_short && cut_short == CutShort::has_no_effect;
        if (((left_out >> number) & 1U) != 0) {
          fits = fits && !returned;
        } else {
          fits = fits && !must_be_left_out;
          const auto* response = returned ? &*calls[number].response : nullptr;
          fits = fits && detail::apply(model, calls[number].operation, response).allowed;
        }
      }
      if (fits) return true;
    }
  } while (std::next_permutation(order.begin(), order.end()));
  return false;
}

Register::Operation random_operation(sim::Random& random) {
  const auto value = static_cast<int>(random.below(3));
  switch (random.below(3)) {
    case 0:
      return Register::read();
    case 1:
      return Register::write(value);
    default:
      return Register::compare_and_set(static_cast<int>(random.below(3)), value);
  }
}

void compare(Consistency consistency, CutShort cut_short) {
  constexpr std::uint64_t trials = 1'000;
  std::uint64_t right = 0;
  for (std::uint64_t seed = 0; seed < trials; ++seed) {
    CAPTURE(seed);
    sim::Random random(seed);
    History<Register> history;
    const auto make = [&](std::uint32_t) { return random_operation(random); };
    tests::fill(history, random, 2 + random.below(5), make, {0, 1, 2, true, false}, tests::Trouble::cuts);
    for (std::size_t call = 0; call < history.calls().size(); ++call) {
      if (history.calls()[call].end == CallEnd::pending && random.one_in(2)) history.cut_short(call);
    }
    const bool expected = try_every_order(history, consistency, cut_short);
    CheckOptions options{
        .consistency = consistency, .cut_short = cut_short, .monitors = false, .explain = false};
    CHECK((history.check(options).decision == Decision::holds) == expected);
    options.memoisation = false;
    CHECK((history.check(options).decision == Decision::holds) == expected);
    right += expected ? 1U : 0U;
  }
  CHECK(right > trials / 5);
  CHECK(right < trials - trials / 10);
}

}  // namespace

TEST_CASE("search: linearizable is what has such an order among all") {
  for (const CutShort cut_short : all_ends) compare(Consistency::linearizable, cut_short);
}

TEST_CASE("search: sequentially consistent is what has such an order among all") {
  for (const CutShort cut_short : all_ends) compare(Consistency::sequential, cut_short);
}

TEST_CASE("search: quiescently consistent is what has such an order among all") {
  for (const CutShort cut_short : all_ends) compare(Consistency::quiescent, cut_short);
}
