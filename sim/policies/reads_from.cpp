#include <coweave/sim/policies/reads_from.hpp>

#include <coweave/sim/entry.hpp>
#include <coweave/sim/policies/patience.hpp>

#include <algorithm>

namespace coweave::sim {

bool ReadsFrom::begin_run(std::uint64_t run) {
  random_.begin_run(run);
  learning_ = run <= learning_runs;
  profile_.begin_run(run);
  sites_.begin_run(learning_);
  if (!settled_) objects_ = profile_.contested_objects();
  settled_ = !learning_;
  std::fill(pending_.begin(), pending_.end(), Pending{});
  done_.clear();
  enforced_ = 0;
  choices_ = 0;
  draw_constraints();
  return true;
}

/// One, and after each of them as likely as not another. What writes without reading counts as a reader too:
/// what it follows upon is an order as well.
void ReadsFrom::draw_constraints() {
  constraints_.clear();
  if (objects_.empty() || random_.one_in(8)) return;
  do {
    const std::uint32_t object = objects_[random_.below(static_cast<std::uint32_t>(objects_.size()))];
    const std::uint32_t sites = sites_.count(object);
    if (sites == 0) continue;
    const Sites::Number reader = 1 + random_.below(sites);
    Sites::Number writer = random_.below(sites + 1);
    if (writer != Sites::none && !sites_.writes(object, writer)) writer = Sites::none;
    constraints_.push_back({object, writer, reader, random_.one_in(2)});
  } while (random_.one_in(2));
}

ReadsFrom::Band ReadsFrom::Constraint::band_of(Sites::Number site, bool writes) const noexcept {
  const bool fulfils = last == writer;  // the read would find what the constraint speaks of
  if (wanted) {
    if (site == reader) return fulfils ? Band::take : Band::avoid;
    if (fulfils && writes) return Band::avoid;
    return site == writer && reader_waits ? Band::take : Band::neutral;
  }
  if (site == reader) return fulfils ? Band::avoid : Band::take;
  if (fulfils && writes) return Band::take;
  return site == writer ? Band::avoid : Band::neutral;
}

bool ReadsFrom::constrained(std::uint32_t object) const noexcept {
  return std::any_of(constraints_.begin(), constraints_.end(),
                     [&](const Constraint& constraint) { return constraint.object == object; });
}

void ReadsFrom::find_site(const Candidate& candidate, Pending& own) {
  own.fresh = false;
  if (learning_ || constrained(candidate.next.object)) own.site = sites_.use(candidate);
}

/// Finds the sites of what was announced anew, and which readers wait.
void ReadsFrom::prepare(const ChoicePoint& point) {
  for (Constraint& constraint : constraints_) constraint.reader_waits = false;
  for (std::uint32_t option = 0; option < point.options; ++option) {
    const Candidate& candidate = point.candidates[option];
    const std::uint32_t object = candidate.next.object;
    if (object == 0) continue;
    Pending& own = entry(pending_, candidate.actor);
    if (own.fresh) {
      sites_.meet(candidate.actor, *point.ready[option]);
      find_site(candidate, own);
    }
    for (Constraint& constraint : constraints_)
      constraint.reader_waits |= constraint.object == object && constraint.reader == own.site;
  }
}

ReadsFrom::Band ReadsFrom::band_of(const Candidate& candidate) const noexcept {
  if (candidate.next.object == 0) return Band::neutral;
  const Sites::Number site = pending_[candidate.actor].site;
  Band band = Band::neutral;
  for (const Constraint& constraint : constraints_) {
    if (constraint.object != candidate.next.object) continue;
    const Band asked = constraint.band_of(site, candidate.next.access != Access::read);
    if (asked == Band::avoid) return asked;
    if (asked == Band::take) band = asked;
  }
  return band;
}

/// As POS does: see there.
void ReadsFrom::draw_priorities_anew() {
  for (Pending& pending : pending_) pending.priority = 0;
  choices_ = 0;
}

std::uint32_t ReadsFrom::pick(const ChoicePoint& point) {
  if (point.kind != ChoiceKind::next) return random_.pick_other(point);
  if (++choices_ > Patience::steps_max) draw_priorities_anew();
  if (learning_ || !constraints_.empty()) prepare(point);
  std::uint32_t best = 0;
  std::uint64_t best_priority = 0;
  Band lowest = Band::take;
  Band highest = Band::avoid;
  for (std::uint32_t option = 0; option < point.options; ++option) {
    const Candidate& candidate = point.candidates[option];
    std::uint64_t& own = entry(pending_, candidate.actor).priority;
    const auto conflicts = [&](const Operation& done) { return conflict(done, candidate.next); };
    if (own == 0 || std::any_of(done_.begin(), done_.end(), conflicts)) own = random_.next() >> 2U | 1U;
    const Band band = constraints_.empty() ? Band::neutral : band_of(candidate);
    lowest = std::min(lowest, band);
    highest = std::max(highest, band);
    const std::uint64_t priority = static_cast<std::uint64_t>(band) << 62U | own;
    if (priority <= best_priority) continue;
    best_priority = priority;
    best = option;
  }
  done_.clear();
  enforced_ = lowest == highest ? 0 : enforced_ + 1;
  if (enforced_ >= Patience::steps_max) constraints_.clear();
  return best;
}

void ReadsFrom::stepped(const Step& step) {
  profile_.add(step);
  Pending& own = entry(pending_, step.taken.actor);
  const std::uint32_t object = step.taken.next.object;
  if (object != 0) {
    if (own.fresh) find_site(step.taken, own);  // it was the only one that could run
    for (std::size_t index = 0; index < constraints_.size();) {
      Constraint& constraint = constraints_[index];
      const bool fulfilled = constraint.wanted && constraint.object == object &&
                             constraint.reader == own.site && constraint.last == constraint.writer;
      if (fulfilled) {
        constraints_.erase(constraints_.begin() + static_cast<std::ptrdiff_t>(index));
        continue;
      }
      if (constraint.object == object && step.taken.next.access != Access::read) constraint.last = own.site;
      ++index;
    }
  }
  own = {};
  done_.insert(done_.end(), step.operations.begin(), step.operations.end());
}

}  // namespace coweave::sim
