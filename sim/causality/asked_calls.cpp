#include <coweave/sim/causality/asked_calls.hpp>

#include <algorithm>
#include <functional>
#include <utility>

namespace coweave::sim {

namespace {

constexpr std::size_t slots_min = 16;

}  // namespace

void AskedCalls::begin_run() noexcept {
  if (unused_.size() == entries_.size()) return;
  std::fill(slots_.begin(), slots_.end(), 0);
  unused_.clear();
  for (std::size_t place = entries_.size(); place > 0; --place)
    unused_.push_back(static_cast<std::uint32_t>(place - 1));
}

AskedCalls::Key AskedCalls::key_of(const detail::Handle& handle) noexcept {
  if (is_function(handle.kind()) && handle.ordinal() != 0) return {nullptr, handle.owner(), handle.ordinal()};
  return {&handle, 0, 0};
}

std::size_t AskedCalls::home_of(const Key& key) const noexcept {
  constexpr std::uint64_t odd = 0x9E3779B97F4A7C15;  // the golden ratio (Knuth, 6.4)
  std::uint64_t mixed = (std::uint64_t{key.owner} << 32U) + key.ordinal;
  mixed = (mixed + std::hash<const detail::Handle*>()(key.handle)) * odd;
  return static_cast<std::size_t>(mixed >> 32U) & (slots_.size() - 1);
}

std::size_t AskedCalls::slot_of(const Key& key) const noexcept {
  std::size_t slot = home_of(key);
  while (slots_[slot] != 0 && entries_[slots_[slot] - 1].key != key) slot = (slot + 1) & (slots_.size() - 1);
  return slot;
}

Clock& AskedCalls::of(const detail::Handle& handle) {
  const Key key = key_of(handle);
  if (!slots_.empty()) {
    if (const std::uint32_t place = slots_[slot_of(key)]; place != 0) return entries_[place - 1].known;
  }
  if (unused_.empty()) grow();
  const std::uint32_t place = unused_.back();
  unused_.pop_back();
  slots_[slot_of(key)] = place + 1;
  Entry& entry = entries_[place];
  entry.key = key;
  forget(entry.known);
  return entry.known;
}

/// Only when all entries are used: half as many as there are slots.
void AskedCalls::grow() {
  const std::size_t used = entries_.size();
  const std::size_t slots = std::max(slots_min, 2 * slots_.size());
  entries_.resize(slots / 2);
  unused_.reserve(entries_.size());
  for (std::size_t place = entries_.size(); place > used; --place)
    unused_.push_back(static_cast<std::uint32_t>(place - 1));
  slots_.assign(slots, 0);
  for (std::size_t place = 0; place < used; ++place)
    slots_[slot_of(entries_[place].key)] = static_cast<std::uint32_t>(place + 1);
}

bool AskedCalls::take(const detail::Handle& handle, Clock& known) noexcept {
  if (unused_.size() == entries_.size()) return false;
  const std::size_t slot = slot_of(key_of(handle));
  if (slots_[slot] == 0) return false;
  std::swap(known, entries_[slots_[slot] - 1].known);
  free_slot(slot);
  return true;
}

void AskedCalls::drop(const detail::Handle& handle) noexcept {
  if (unused_.size() == entries_.size()) return;
  if (const std::size_t slot = slot_of(key_of(handle)); slots_[slot] != 0) free_slot(slot);
}

/// Those that stand behind it, because others had their place, move up.
void AskedCalls::free_slot(std::size_t slot) noexcept {
  const std::size_t mask = slots_.size() - 1;
  unused_.push_back(slots_[slot] - 1);
  for (std::size_t next = (slot + 1) & mask; slots_[next] != 0; next = (next + 1) & mask) {
    const std::size_t home = home_of(entries_[slots_[next] - 1].key);
    if (((next - home) & mask) < ((next - slot) & mask)) continue;  // its own place is behind the free one
    slots_[slot] = slots_[next];
    slot = next;
  }
  slots_[slot] = 0;
}

}  // namespace coweave::sim
