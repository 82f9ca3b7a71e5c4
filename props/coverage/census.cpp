#include <coweave/props/coverage/census.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

namespace coweave::detail {

namespace {

constexpr double log2_of_0 = -std::numeric_limits<double>::infinity();

/// In bits, if all options of each choice are equally likely.
double rarity_of(std::span<const sim::Choice> schedule) {
  double bits = 0;
  for (const sim::Choice& choice : schedule) bits += std::log2(choice.options());
  return bits;
}

/// The logarithm of the sum, of two logarithms.
double log2_of_sum(double one, double other) {
  const double larger = std::max(one, other);
  return larger == log2_of_0 ? larger
                             : larger + std::log2(std::exp2(one - larger) + std::exp2(other - larger));
}

double log10_of_log2(double bits) { return bits * std::log10(2.0); }

/// Whether a uniform walk finds all options of each choice equally likely.
bool is_uniform(std::span<const sim::Choice> schedule) {
  return std::all_of(schedule.begin(), schedule.end(), [](const sim::Choice& choice) {
    return choice.kind() == sim::ChoiceKind::next || choice.kind() == sim::ChoiceKind::random;
  });
}

}  // namespace

RunRecord record_of(sim::Measure& policy, std::span<const sim::Choice> schedule, std::uint64_t steps) {
  RunRecord record{steps, policy.look(), 0, 0, policy.gave_up(), policy.left_out(), {}};
  for (const sim::Choice& choice : schedule)
    record.choices += choice.kind() == sim::ChoiceKind::next ? 1U : 0U;
  record.other_choices = schedule.size() - record.choices;
  if (policy.enumerates() || (record.look && policy.uniform() && is_uniform(schedule)))
    record.rarity = rarity_of(schedule);
  return record;
}

Census::Census() : chances_(log2_of_0), inverse_chances_(log2_of_0) {}

void Census::add(const RunRecord& run, const sim::Policy& policy) {
  left_out_ = left_out_ || run.left_out;
  if (run.gave_up) return;
  ++runs_;
  if (run.choices <= learnt_max_) ++assured_;
  choices_max_ = std::max(choices_max_, run.choices);
  if (runs_ <= sim::Policy::learning_runs) learnt_max_ = choices_max_;
  has_other_choices_ = has_other_choices_ || run.other_choices != 0;
  if (run.rarity) {
    ++chances_known_;
    chances_ = log2_of_sum(chances_, -*run.rarity);
    inverse_chances_ = log2_of_sum(inverse_chances_, *run.rarity);
  }
  if (policy.sampled()) ++seen_.independent;
  if (!run.look) return;
  ++seen_.looked_at;
  seen_.switches += run.look->switches;
  actors_max_ = std::max(actors_max_, run.look->actors);
  const auto [order, is_new] = orders_.emplace(run.look->fingerprint, false);
  if (is_new) {
    ++seen_.distinct;
    ++seen_.seen_once;
  } else if (!order->second) {
    order->second = true;
    --seen_.seen_once;
  }
}

Coverage Census::coverage(const sim::Policy& policy) const {
  Coverage coverage = seen_;
  if (policy.enumerates()) {
    if (runs_ > 0 && !left_out_) coverage.schedules_log10 = log10_of_log2(std::log2(runs_) - chances_);
  } else if (chances_known_ > 0 && chances_known_ == seen_.looked_at) {
    coverage.schedules_log10 = log10_of_log2(inverse_chances_ - std::log2(chances_known_));
  }
  if (const std::optional<double> runs = policy.runs_in_all(); runs && !left_out_)
    coverage.runs_log10 = log10_of_log2(*runs);
  if (assured_ > 0 && choices_max_ == learnt_max_ && !has_other_choices_)
    coverage.assurance = policy.assurance(assured_, actors_max_, choices_max_);
  return coverage;
}

}  // namespace coweave::detail
