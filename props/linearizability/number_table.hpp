#pragma once

/// A table from 64-bit keys to 32-bit values, with open addressing. Nobody walks through it, so nothing
/// depends on how it hashes.

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace coweave::detail {

/// Mixes all bits of `value` into all bits (the finaliser of SplitMix64).
constexpr std::uint64_t mixed(std::uint64_t value) noexcept {
  value += 0x9e3779b97f4a7c15U;
  value = (value ^ (value >> 30U)) * 0xbf58476d1ce4e5b9U;
  value = (value ^ (value >> 27U)) * 0x94d049bb133111ebU;
  return value ^ (value >> 31U);
}

class NumberTable {
 public:
  /// The value of `key`, or null. Good until the next `insert`.
  [[nodiscard]] const std::uint32_t* find(std::uint64_t key) const noexcept {
    if (slots_.empty()) return nullptr;
    const Slot& slot = slots_[place_of(key)];
    return slot.used ? &slot.value : nullptr;
  }

  /// Adds a key that is not there.
  void insert(std::uint64_t key, std::uint32_t value) {
    if (4 * (count_ + 1) > 3 * slots_.size()) grow();
    slots_[place_of(key)] = {key, value, true};
    ++count_;
  }

 private:
  struct Slot {
    std::uint64_t key = 0;
    std::uint32_t value = 0;
    bool used = false;
  };

  [[nodiscard]] std::size_t place_of(std::uint64_t key) const noexcept {
    std::size_t place = mixed(key) & (slots_.size() - 1);
    while (slots_[place].used && slots_[place].key != key) place = (place + 1) & (slots_.size() - 1);
    return place;
  }

  void grow() {
    const std::vector<Slot> old =
        std::exchange(slots_, std::vector<Slot>(slots_.empty() ? 64 : 2 * slots_.size()));
    for (const Slot& slot : old) {
      if (slot.used) slots_[place_of(slot.key)] = slot;
    }
  }

  std::vector<Slot> slots_;  ///< a power of two of them
  std::size_t count_ = 0;
};

}  // namespace coweave::detail
