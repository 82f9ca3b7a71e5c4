#pragma once

/// What was known to whoever asked for something to run that is no task: a function that has been asked for
/// and has not run yet, of which there may be very many, or another handle that is ready.
///
/// A table with open addressing. Its order shows nowhere: addresses of handles are looked up, and that is
/// all.

#include <coweave/core/handle.hpp>
#include <coweave/sim/causality/clock.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace coweave::sim {

/// Whether it is called, or run in a thread, for whoever asked for that and goes on beside it.
[[nodiscard]] constexpr bool is_function(HandleKind kind) noexcept {
  return kind == HandleKind::call || kind == HandleKind::done || kind == HandleKind::thread ||
         kind == HandleKind::returned;
}

/// Keeps its memory from run to run.
class AskedCalls {
 public:
  void begin_run() noexcept;

  /// What is known to `handle`, good until the next call; at first nothing.
  Clock& of(const detail::Handle& handle);
  /// Whether anything was; then that is swapped into `known`, and forgotten here.
  bool take(const detail::Handle& handle, Clock& known) noexcept;
  /// It will not run.
  void drop(const detail::Handle& handle) noexcept;

 private:
  /// Functions are told apart by who asked for them, and as which: one that is done leaves its address to
  /// the next. Of other handles the address is all that there is.
  struct Key {
    const detail::Handle* handle = nullptr;  ///< null: a function
    std::uint32_t owner = 0;
    std::uint32_t ordinal = 0;
    bool operator==(const Key&) const = default;
  };
  struct Entry {
    Key key;
    Clock known;
  };

  [[nodiscard]] static Key key_of(const detail::Handle& handle) noexcept;
  [[nodiscard]] std::size_t home_of(const Key& key) const noexcept;
  /// The slot that has it, or the free one where it would stand. There must be slots.
  [[nodiscard]] std::size_t slot_of(const Key& key) const noexcept;
  void grow();
  void free_slot(std::size_t slot) noexcept;

  std::vector<std::uint32_t>
      slots_;  // of `entries_`, from 1; 0: free. Always a power of 2, and half are free
  std::vector<Entry> entries_;
  std::vector<std::uint32_t> unused_;  // of `entries_`
};

}  // namespace coweave::sim
