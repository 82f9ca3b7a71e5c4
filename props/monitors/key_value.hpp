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
  [[nodiscard]] bool equals(const NoteValue& value) const noexcept {
    const bool is_number = kind_ == NoteValue::Kind::number || kind_ == NoteValue::Kind::truth;
    return kind_ == value.kind() && (is_number ? number_ == value.number() : equals_in_full(value));
  }
  [[nodiscard]] NoteValue view() const noexcept;

 private:
  [[nodiscard]] bool equals_in_full(const NoteValue& value) const noexcept;

  NoteValue::Kind kind_ = NoteValue::Kind::number;
  std::int64_t number_ = 0;
  std::uint64_t whole_ = 0;
  double real_ = 0;
  std::string text_;
};

/// The same for the same value on every machine.
[[nodiscard]] std::uint64_t hash_of(const NoteValue& value) noexcept;

/// A state for each value that was asked for, in the order in which they were. Keeps its memory when it is
/// cleared. A few are looked through one by one; more are found by their hashes.
template <class State>
class KeyTable {
 public:
  struct Entry {
    KeyValue key;
    State state;
    std::uint64_t hash = 0;
  };

  void clear() noexcept {
    if (count_ > few) {
      for (std::size_t place = 0; place < count_; ++place) index_[slot_of_entry_[place]] = 0;
    }
    count_ = 0;
  }

  /// Of a value that was not asked for since the table was cleared: a state after `reset()`. Good until the
  /// next call.
  State& at(const NoteValue& key) {
    if (count_ > few) return among_many(key);
    for (std::size_t place = 0; place < count_; ++place) {
      if (entries_[place].key.equals(key)) return entries_[place].state;
    }
    if (count_ == few) {
      for (std::size_t place = 0; place < few; ++place)
        entries_[place].hash = hash_of(entries_[place].key.view());
      make_index();
      return among_many(key);
    }
    return add(key, 0);
  }

  [[nodiscard]] Entry* begin() noexcept { return entries_.data(); }
  [[nodiscard]] Entry* end() noexcept { return entries_.data() + count_; }

 private:
  static constexpr std::size_t few = 8;

  State& add(const NoteValue& key, std::uint64_t hash) {
    if (count_ == entries_.size()) {
      entries_.emplace_back();
      slot_of_entry_.push_back(0);
    }
    Entry& entry = entries_[count_++];
    entry.key.set(key);
    entry.hash = hash;
    entry.state.reset();
    return entry.state;
  }

  State& among_many(const NoteValue& key) {
    if (2 * (count_ + 1) > index_.size()) [[unlikely]]
      make_index();
    const std::uint64_t hash = hash_of(key);
    std::size_t slot = hash & (index_.size() - 1);
    for (; index_[slot] != 0; slot = (slot + 1) & (index_.size() - 1)) {
      Entry& entry = entries_[index_[slot] - 1];
      if (entry.hash == hash && entry.key.equals(key)) return entry.state;
    }
    State& state = add(key, hash);
    slot_of_entry_[count_ - 1] = slot;
    index_[slot] = static_cast<std::uint32_t>(count_);
    return state;
  }

  /// Of all that there are, with room for as many again. An index that is large enough is clear.
  void make_index() {
    std::size_t size = index_.empty() ? 4 * few : index_.size();
    while (2 * (count_ + 1) > size) size *= 2;
    if (size != index_.size()) index_.assign(size, 0);
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
