#include <coweave/sim/policies/pct.hpp>

#include <coweave/sim/entry.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace coweave::sim {

namespace {

// Three bands, lowest first: who spins too long (from the top of the band down), what change points give, and
// what actors begin with.
constexpr std::uint64_t band_of_change_points = std::uint64_t{1} << 32U;
constexpr std::uint64_t band_of_beginners = std::uint64_t{1} << 63U;

}  // namespace

Pct::Pct(std::uint64_t seed, std::uint32_t depth)
    : depth_(depth), name_("pct:" + std::to_string(depth)), random_(seed) {}

bool Pct::begin_run(std::uint64_t run) {
  random_.begin_run(run);
  learning_ = run <= learning_runs;
  patience_.begin_run();
  std::fill(priorities_.begin(), priorities_.end(), 0);
  lowest_ = band_of_change_points;
  choices_ = 0;
  change_points_.clear();
  for (std::uint32_t change = 1; change < depth_ && choices_max_ > 0; ++change)
    change_points_.push_back(1 + random_.below(choices_max_));
  return true;
}

std::uint64_t& Pct::priority(std::uint32_t actor) {
  std::uint64_t& priority = entry(priorities_, actor);
  if (priority == 0) priority = band_of_beginners | random_.next();
  return priority;
}

std::uint32_t Pct::highest(const ChoicePoint& point) {
  std::uint32_t best = 0;
  for (std::uint32_t option = 1; option < point.options; ++option) {
    if (priority(point.candidates[option].actor) > priority(point.candidates[best].actor)) best = option;
  }
  return best;
}

std::uint32_t Pct::pick(const ChoicePoint& point) {
  if (point.kind != ChoiceKind::next) return random_.pick_other(point);
  ++choices_;
  std::uint32_t best = highest(point);
  for (std::size_t change = 0; change < change_points_.size(); ++change) {
    if (change_points_[change] != choices_) continue;
    priority(point.candidates[best].actor) = band_of_change_points + change + 1;
    best = highest(point);
  }
  if (patience_.exhausted_by(point.candidates[best].actor)) {
    priority(point.candidates[best].actor) = --lowest_;
    best = highest(point);
  }
  return best;
}

std::string Pct::assurance(std::uint64_t runs, std::uint64_t actors, std::uint64_t choices) const {
  if (actors == 0 || choices == 0) return {};
  const double chance =
      1 / (static_cast<double>(actors) * std::pow(static_cast<double>(choices), depth_ - 1));
  const double found = -std::expm1(static_cast<double>(runs) * std::log1p(-chance));
  std::array<char, 16> percent{};
  std::snprintf(percent.data(), percent.size(), "%.2g", std::min(99.0, 100 * found));
  return "a bug of depth " + std::to_string(depth_) + " is found in so many runs with a chance of at least " +
         percent.data() + " %";
}

void Pct::end_run(std::span<const Choice>) {
  if (learning_) choices_max_ = std::max(choices_max_, choices_);
}

}  // namespace coweave::sim
