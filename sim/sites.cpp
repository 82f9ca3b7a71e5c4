#include <coweave/sim/sites.hpp>

#include <coweave/core/task.hpp>
#include <coweave/sim/entry.hpp>

#include <algorithm>
#include <cstring>

namespace coweave::sim {

namespace {

bool same_place(const std::source_location& one, const std::source_location& other) noexcept {
  return one.line() == other.line() && one.column() == other.column() &&
         std::strcmp(one.file_name(), other.file_name()) == 0;
}

}  // namespace

void Sites::begin_run(bool learning) {
  learning_ = learning;
  for (Used& used : used_) {
    used.spawned_at = nowhere;
    used.objects.clear();
  }
}

/// Places are few: a search from the start is short.
std::uint32_t Sites::number_of(const std::source_location& place) {
  const auto found = std::find_if(places_.begin(), places_.end(), [&](const std::source_location& known) {
    return same_place(known, place);
  });
  if (found != places_.end()) return static_cast<std::uint32_t>(found - places_.begin()) + 1;
  if (!learning_) return nowhere;
  places_.push_back(place);
  return static_cast<std::uint32_t>(places_.size());
}

void Sites::meet(std::uint32_t actor, const detail::Handle& handle) {
  Used& used = entry(used_, actor);
  if (used.spawned_at != nowhere || handle.kind() != HandleKind::task) return;
  used.spawned_at = number_of(static_cast<const TaskBase&>(handle).spawned_at());
}

std::uint32_t Sites::next_ordinal(std::vector<Uses>& uses, std::uint32_t object) {
  const auto found =
      std::find_if(uses.begin(), uses.end(), [&](const Uses& known) { return known.object == object; });
  if (found != uses.end()) return std::min(++found->count, ordinal_max);
  uses.push_back({object, 0});
  return 0;
}

Sites::Number Sites::use(const Candidate& candidate) {
  const std::uint32_t object = candidate.next.object;
  Used& used = entry(used_, candidate.actor);
  const Site site{used.spawned_at, next_ordinal(used.objects, object), candidate.next.access != Access::read};
  std::vector<Site>& known = entry(sites_, object);
  const auto found = std::find(known.begin(), known.end(), site);
  if (found != known.end()) return static_cast<Number>(found - known.begin()) + 1;
  if (!learning_) return unknown;
  known.push_back(site);
  return static_cast<Number>(known.size());
}

}  // namespace coweave::sim
