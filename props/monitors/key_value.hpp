#pragma once

/// A value of a note that is kept, and tables by such values.

#include <coweave/core/note.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace coweave::detail {

class KeyValue {
 public:
  KeyValue() = default;
  explicit KeyValue(const NoteValue& value) { set(value); }

  void set(const NoteValue& value);
  [[nodiscard]] bool equals(const NoteValue& value) const noexcept;
  [[nodiscard]] NoteValue view() const noexcept;

 private:
  NoteValue::Kind kind_ = NoteValue::Kind::number;
  std::int64_t number_ = 0;
  double real_ = 0;
  std::string text_;
};

/// The same for the same value on every machine.
[[nodiscard]] std::uint64_t hash_of(const NoteValue& value) noexcept;

/// A state for each value that was asked for, in the order in which they were. Keeps its memory when it is
/// cleared.
template <class State>
class KeyTable {
 public:
  struct Entry {
    KeyValue key;
    State state;
    std::uint64_t hash = 0;
  };

  void clear() noexcept {
    for (std::size_t place = 0; place < count_; ++place) index_[slot_of_entry_[place]] = 0;
    count_ = 0;
  }

  /// Of a value that was not asked for since the table was cleared: a state after `reset()`. Good until the
  /// next call.
  State& at(const NoteValue& key) {
    if (2 * (count_ + 1) > index_.size()) [[unlikely]]
      grow();
    const std::uint64_t hash = hash_of(key);
    std::size_t slot = hash & (index_.size() - 1);
    for (; index_[slot] != 0; slot = (slot + 1) & (index_.size() - 1)) {
      Entry& entry = entries_[index_[slot] - 1];
      if (entry.hash == hash && entry.key.equals(key)) return entry.state;
    }
    if (count_ == entries_.size()) {
      entries_.emplace_back();
      slot_of_entry_.push_back(0);
    }
    slot_of_entry_[count_] = slot;
    Entry& entry = entries_[count_++];
    index_[slot] = static_cast<std::uint32_t>(count_);
    entry.key.set(key);
    entry.hash = hash;
    entry.state.reset();
    return entry.state;
  }

  [[nodiscard]] Entry* begin() noexcept { return entries_.data(); }
  [[nodiscard]] Entry* end() noexcept { return entries_.data() + count_; }

 private:
  void grow() {
    index_.assign(index_.empty() ? 16 : 2 * index_.size(), 0);
    for (std::size_t place = 0; place < count_; ++place) {
      std::size_t slot = entries_[place].hash & (index_.size() - 1);
      while (index_[slot] != 0) slot = (slot + 1) & (index_.size() - 1);
      index_[slot] = static_cast<std::uint32_t>(place + 1);
      slot_of_entry_[place] = slot;
    }
  }

  std::vector<Entry> entries_;              // the first `count_` are in use
  std::vector<std::size_t> slot_of_entry_;  // where each stands in `index_`
  std::vector<std::uint32_t> index_;        // open addressing: 0, or the number of an entry from 1
  std::size_t count_ = 0;
};

}  // namespace coweave::detail
