#include <coweave/props/coverage/census.hpp>

#include <algorithm>

namespace coweave::detail {

namespace {

/// That each choice of `schedule` is taken if all options are equally likely.
double chance_of(std::span<const sim::Choice> schedule) {
  double chance = 1;
  for (const sim::Choice& choice : schedule) chance /= choice.options();
  return chance;
}

/// Whether a uniform walk finds all options of each choice equally likely.
bool is_uniform(std::span<const sim::Choice> schedule) {
  return std::all_of(schedule.begin(), schedule.end(), [](const sim::Choice& choice) {
    return choice.kind() == sim::ChoiceKind::next || choice.kind() == sim::ChoiceKind::random;
  });
}

}  // namespace

RunRecord record_of(sim::Measure& policy, std::span<const sim::Choice> schedule, std::uint64_t steps) {
  RunRecord record{steps, policy.look(), 0, policy.gave_up(), 0};
  for (const sim::Choice& choice : schedule)
    record.choices += choice.kind() == sim::ChoiceKind::next ? 1U : 0U;
  if (policy.enumerates() || (record.look && policy.uniform() && is_uniform(schedule)))
    record.chance = chance_of(schedule);
  return record;
}

void Census::add(const RunRecord& run, const sim::Policy& policy) {
  if (run.gave_up) return;
  ++runs_;
  choices_max_ = std::max(choices_max_, run.choices);
  if (run.chance > 0) {
    ++chances_known_;
    chances_ += run.chance;
    inverse_chances_ += 1 / run.chance;
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
    if (chances_ > 0) coverage.schedules = static_cast<double>(runs_) / chances_;
  } else if (chances_known_ > 0 && chances_known_ == seen_.looked_at) {
    coverage.schedules = inverse_chances_ / static_cast<double>(chances_known_);
  }
  if (runs_ > 0) coverage.assurance = policy.assurance(runs_, actors_max_, choices_max_);
  return coverage;
}

}  // namespace coweave::detail
