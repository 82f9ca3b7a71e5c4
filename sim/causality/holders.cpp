#include <coweave/sim/causality/holders.hpp>

#include <algorithm>

namespace coweave::sim {

void Holders::begin_run() noexcept {
  all_.clear();
  permits_ = 1;
  is_signal_ = false;
}

/// A permit that is kept for a task that was woken is neither free nor held, so the most that were seen
/// count.
void Holders::count(std::int64_t free) noexcept {
  if (free < 0) return;
  for (const Holder& holder : all_) free += holder.permits;
  permits_ = std::max(permits_, free);
}

std::int64_t Holders::permits_of(std::uint32_t task) const noexcept {
  for (const Holder& holder : all_) {
    if (holder.task == task) return holder.permits;
  }
  return 0;
}

void Holders::acquired(std::uint32_t task, std::int64_t free) {
  if (is_signal_) return;
  const auto known =
      std::find_if(all_.begin(), all_.end(), [&](const Holder& holder) { return holder.task == task; });
  if (known == all_.end()) {
    all_.push_back({task, 1});
  } else {
    ++known->permits;
  }
  count(free);
}

bool Holders::released(std::uint32_t task, std::int64_t free) {
  const auto known =
      std::find_if(all_.begin(), all_.end(), [&](const Holder& holder) { return holder.task == task; });
  if (known == all_.end()) {
    all_.clear();
    is_signal_ = free >= 0;
    return false;
  }
  if (--known->permits == 0) all_.erase(known);
  count(free);
  return true;
}

}  // namespace coweave::sim
