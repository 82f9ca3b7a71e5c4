#include <coweave/sim/causality/sections.hpp>

#include <coweave/sim/entry.hpp>

#include <algorithm>
#include <iterator>

namespace coweave::sim {

void Sections::begin_run() noexcept {
  for (OfActor& own : by_actor_) own.count = 0;
}

void Sections::add(Moment began, const Clock& end) {
  auto own = std::find_if(by_actor_.begin(), by_actor_.end(),
                          [&](const OfActor& one) { return one.actor == began.actor; });
  if (own == by_actor_.end()) {
    by_actor_.push_back({began.actor});
    own = std::prev(by_actor_.end());
  }
  Section& section = entry(own->all, own->count++);
  section.began = began.number;
  section.end = end;
}

void Sections::join_ends_of_all(Clock& known) const {
  for (const OfActor& own : by_actor_) {
    const auto end = own.all.begin() + static_cast<std::ptrdiff_t>(own.count);
    const auto unknown =
        std::upper_bound(own.all.begin(), end, entry_of(known, own.actor),
                         [](std::uint32_t number, const Section& section) { return number < section.began; });
    if (unknown != own.all.begin()) join(known, std::prev(unknown)->end);
  }
}

void Held::begin_run() noexcept {
  holders_.begin_run();
  acquired_ = {};
  was_found_ = false;
  forget(left_);
  told_.begin_run();
}

void Held::acquired(Moment now, Clock& known, std::int64_t free) {
  holders_.acquired(now.actor, free);
  if (!holders_.is_signal()) told_.join_ends(known);
  if (!holders_.is_held_alone_by(now.actor)) return;
  acquired_ = now;
  known_then_ = known;
  was_found_ = false;
}

bool Held::released(Moment now, const Clock& known, std::int64_t free) {
  const bool kept_others_out = holders_.is_held_alone_by(now.actor);
  const bool is_own = holders_.released(now.actor, free);
  // Taking it ends a moment. Whoever knows a later one has been told in the section, or else knows its end.
  const bool has_told = was_found_ || now.number != acquired_.number + 1;
  if (kept_others_out && acquired_.actor == now.actor && has_told) told_.add(acquired_, known);
  return is_own;
}

void Held::found(Clock& known) {
  if (holders_.is_signal()) return;
  if (holders_.all().empty()) return told_.join_ends(known);
  if (!holders_.is_held_alone_by(acquired_.actor)) return;
  join(known, known_then_);
  was_found_ = true;
}

}  // namespace coweave::sim
