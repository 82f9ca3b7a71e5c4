#include <coweave/props/linearizability/frontier.hpp>

#include <algorithm>
#include <numeric>

namespace coweave::detail {

namespace {

std::uint32_t size_of(std::span<const Interval> calls) { return static_cast<std::uint32_t>(calls.size()); }

std::uint32_t processes_of(std::span<const Interval> calls) {
  std::uint32_t count = 0;
  for (const Interval& call : calls) count = std::max(count, call.process + 1);
  return count;
}

}  // namespace

RealTimeFrontier::RealTimeFrontier(std::span<const Interval> calls)
    : RealTimeFrontier(calls.size(), moments_of(calls)) {}

RealTimeFrontier::RealTimeFrontier(std::size_t calls, const std::vector<Moment>& moments)
    : begins_(calls), ends_(calls, unset), ring_(static_cast<std::uint32_t>(moments.size())) {
  for (std::uint32_t place = 0; place < moments.size(); ++place) {
    const Moment& moment = moments[place];
    entries_.push_back({moment.call, moment.is_end});
    (moment.is_end ? ends_ : begins_)[moment.call] = place;
  }
  entries_.push_back({unset, true});
}

ProgramFrontier::ProgramFrontier(std::span<const Interval> calls)
    : calls_(calls), places_(calls.size()), ring_(size_of(calls) + processes_of(calls)) {
  std::vector<std::uint32_t> order(calls.size());
  std::iota(order.begin(), order.end(), 0U);
  std::sort(order.begin(), order.end(), [&](std::uint32_t one, std::uint32_t other) {
    return std::pair(calls[one].process, calls[one].invoked) <
           std::pair(calls[other].process, calls[other].invoked);
  });
  std::uint32_t process = 0;
  for (const std::uint32_t call : order) {
    for (; process < calls[call].process; ++process) calls_at_.push_back(unset);
    places_[call] = static_cast<std::uint32_t>(calls_at_.size());
    calls_at_.push_back(call);
  }
  calls_at_.resize(size_of(calls) + processes_of(calls), unset);
  lifted_.reserve(calls.size());
}

void ProgramFrontier::lift_place(std::uint32_t place) noexcept {
  ring_.lift(place);
  lifted_.push_back(place);  // there is room for all
}

void ProgramFrontier::lift(std::uint32_t call) noexcept {
  lift_place(places_[call]);
  std::uint32_t place = ring_.before(places_[call]);
  while (place != ring_.end() && !is_boundary(place)) {
    const std::uint32_t before = ring_.before(place);
    if (calls_[calls_at_[place]].returned != unset) lift_place(place);
    place = before;
  }
}

void ProgramFrontier::put_back(std::uint32_t call) noexcept {
  for (bool own = false; !own; lifted_.pop_back()) {
    own = lifted_.back() == places_[call];
    ring_.put_back(lifted_.back());
  }
}

std::uint32_t ProgramFrontier::seek(std::uint32_t place) const noexcept {
  while (place != ring_.end() && is_boundary(place)) place = ring_.after(place);
  return place;
}

std::uint32_t ProgramFrontier::after(std::uint32_t place) const noexcept {
  const bool may_be_left_out = calls_[calls_at_[place]].optional;
  if (!may_be_left_out) {
    while (!is_boundary(place)) place = ring_.after(place);
  } else {
    place = ring_.after(place);
  }
  return seek(place);
}

Candidate ProgramFrontier::at(std::uint32_t place) const noexcept {
  if (place != ring_.end()) return {calls_at_[place], false};
  // Nothing of what comes next fits: told is the first call that is left.
  for (std::uint32_t left = first(); left != ring_.end(); left = after(left)) {
    if (!calls_[calls_at_[left]].optional) return {calls_at_[left], true};
  }
  return {unset, true};
}

}  // namespace coweave::detail
