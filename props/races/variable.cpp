#include <coweave/props/races/variable.hpp>

#include <coweave/sim/entry.hpp>

#include <algorithm>
#include <utility>

namespace coweave::detail {

using Kind = SharedAccess::Kind;

void Variable::begin(bool silent) noexcept {
  silent_ = silent;
  for (const Local& local : locals_) slots_[local.task] = 0;
  locals_.clear();
  written_ = base_ = deciding_ = unguarded_ = {};
  reads_.clear();
  watched_.clear();
  asked_ = 0;
  unchained_ = unguarded_unchained_ = 0;
  guards_ = 0;
  locks.clear();
}

Variable::Local& Variable::local(std::uint32_t task) {
  std::uint32_t& slot = sim::entry(slots_, task);
  if (slot == 0) {
    locals_.emplace_back().task = task;
    slot = static_cast<std::uint32_t>(locals_.size());
  }
  return locals_[slot - 1];
}

const SharedAccess* Variable::loose_write(std::uint32_t since, const SharedAccess& now, bool by_locks,
                                          const Knowledge& known, const HeldLocks& held) const {
  if (written_.place <= since) return nullptr;
  const auto is_known = [&](const SharedAccess& write) {
    return write.task() == now.task() || known.of(write);
  };
  const auto is_ordered = [&](const SharedAccess& write) {
    return is_known(write) || (by_locks && held.protects(write.locks, write.place, now.locks));
  };
  if (!is_ordered(written_)) return &written_;
  if (unchained_ <= since && is_known(written_)) return nullptr;
  if (by_locks && held.protects(guards_, written_.place, now.locks)) {
    if (unguarded_.place <= since) return nullptr;
    if (unguarded_unchained_ <= since && is_known(unguarded_)) return nullptr;
  }
  const SharedAccess* loose = nullptr;
  for (const Local& local : locals_) {
    const SharedAccess& write = local.wrote;
    if (write.place > since && (!loose || write.place > loose->place) && !is_ordered(write)) loose = &write;
  }
  return loose;
}

void Variable::add(SharedAccess& access, Local& local, const Knowledge& known, HeldLocks& held) {
  access.decides = access.kind == Kind::write || (access.kind == Kind::update && local.has_read);
  if (access.kind != Kind::write && base_ && base_.task() != access.task()) {
    access.after_base = known.of(base_);
    if (access.kind == Kind::update) found_base(access);
  }
  if (access.writes()) {
    add_write(access, known, held);
    local.wrote = access;
  } else {
    add_read(access);
  }
  go_on(access, local);
}

void Variable::forget_guard(std::uint32_t lock, HeldLocks& held) { guards_ = held.without(guards_, lock); }

/// An update found what another task wrote last.
void Variable::found_base(const SharedAccess& access) {
  Local& writer = locals_[slots_[base_.task()] - 1];
  if (!writer.base_write) return;
  if (!writer.updated_by || (writer.updated_by.after_base && !access.after_base)) writer.updated_by = access;
}

void Variable::add_read(const SharedAccess& access) {
  for (SharedAccess& read : reads_) {
    if (read.task() != access.task()) continue;
    read = access;
    return;
  }
  reads_.push_back(access);
}

void Variable::add_write(const SharedAccess& access, const Knowledge& known, HeldLocks& held) {
  const bool chained = !written_ || written_.task() == access.task() || known.of(written_);
  ask_watched(access, chained, known);
  if (base_) {
    Local& writer = locals_[slots_[base_.task()] - 1];
    for (const SharedAccess& read : reads_) {
      if (read.task() == base_.task() || !writer.base_write) continue;
      if (!writer.seen_by || (writer.seen_by.after_base && !read.after_base)) writer.seen_by = read;
    }
  }
  reads_.clear();
  if (const HeldLocks::Set guards = written_ ? held.common(guards_, access.locks) : access.locks;
      guards != 0 || !written_) {
    guards_ = guards;
  } else {
    guards_ = access.locks;
    unguarded_ = written_;
    unguarded_unchained_ = unchained_;
  }
  if (!chained) unchained_ = written_.place;
  written_ = access;
  if (access.kind == Kind::write) base_ = access;
  if (access.decides) deciding_ = access;
}

/// Those whose last access this one is not ordered after learn of it.
void Variable::ask_watched(const SharedAccess& write, bool chained, const Knowledge& known) {
  for (std::size_t index = chained ? asked_ : 0; index < watched_.size();) {
    Local& local = locals_[watched_[index]];
    if (local.last && local.task != write.task() && !known.of(local.last)) {
      if (!local.loose) local.loose = write;
      if (write.decides && !local.loose_deciding) local.loose_deciding = write;
    }
    if (local.last && !local.loose_deciding) {
      ++index;
    } else {
      unwatch(index);
    }
  }
  asked_ = watched_.size();
}

void Variable::watch(Local& local) {
  if (!local.is_watched) {
    local.is_watched = true;
    local.watch = static_cast<std::uint32_t>(watched_.size());
    watched_.push_back(static_cast<std::uint32_t>(&local - locals_.data()));
  } else if (local.watch < asked_) {
    Local& other = locals_[watched_[--asked_]];
    std::swap(watched_[local.watch], watched_[asked_]);
    std::swap(local.watch, other.watch);
  }
}

void Variable::unwatch(std::size_t index) {
  locals_[watched_[index]].is_watched = false;
  watched_[index] = watched_.back();
  watched_.pop_back();
  if (index < watched_.size()) locals_[watched_[index]].watch = static_cast<std::uint32_t>(index);
}

/// The piece of the task that made the access.
void Variable::go_on(const SharedAccess& access, Local& local) {
  if (access.compares) {
    if (access.kind == Kind::update) {
      local.end_piece();
    } else {
      local.is_told = static_cast<bool>(local.last);
    }
    return;
  }
  if (access.kind == Kind::update) return;
  if (!local.last || (local.is_told && access.kind == Kind::read)) local.begin_piece();
  local.is_told = false;
  if (access.kind == Kind::read) {
    local.has_read = true;
    if (!local.base_write || base_.task() != local.task) local.base_read = access;
  } else {
    local.base_write = access;
    local.seen_by.place = local.updated_by.place = 0;
  }
  local.last = access;
  local.loose.place = local.loose_deciding.place = 0;
  watch(local);
}

}  // namespace coweave::detail
