#pragma once

/// What a `Shared` variable has seen in a run, of each task and of all.
///
/// Between an access and the next of the same task others may write, and any number of them; to look at all
/// of them would cost too much. Most often they form a chain, each ordered after the one before, or have a
/// lock in common, and then the last stands for them all. Where they do not, each task's last one is looked
/// at. Whether a write is ordered after an access of another task must be asked when it happens: it is asked
/// once, unless the chain breaks.

#include <coweave/props/races/access.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace coweave::detail {

class Variable {
 public:
  /// What it has seen of a task: the piece that the task is at, and what others did in between.
  struct Local {
    std::uint32_t task = 0;
    bool has_read = false;  ///< plainly, ever
    bool is_told = false;   ///< a compare_exchange has failed since `last`: it is known to have changed
    bool is_watched = false;
    std::uint32_t watch = 0;           ///< where in `watched_`
    SharedAccess wrote = {};           ///< its last write or update
    SharedAccess last = {};            ///< its last plain access, with which a piece begins or goes on
    SharedAccess base_read = {};       ///< the last read in the piece of what it had not written itself
    SharedAccess base_write = {};      ///< the last plain write in the piece
    SharedAccess loose = {};           ///< a write of another since `last`, not ordered after it
    SharedAccess loose_deciding = {};  ///< the same, and it decides
    SharedAccess seen_by = {};         ///< a read of another that found `base_write`, and was written over
    SharedAccess updated_by = {};      ///< an update of another that found `base_write`

    void end_piece() noexcept {
      last.place = base_read.place = 0;
      begin_piece();
    }
    void begin_piece() noexcept {
      is_told = false;
      base_read.place = base_write.place = loose.place = loose_deciding.place = 0;
      seen_by.place = updated_by.place = 0;
    }
  };

  /// Of a new run.
  void begin(bool silent) noexcept;

  [[nodiscard]] bool silent() const noexcept { return silent_; }
  [[nodiscard]] Local& local(std::uint32_t task);

  /// A write by another task than that of `now`, later than place `since`, that `now` is not ordered after;
  /// null: there is none. With `by_locks` a lock that is held at both is an order too.
  [[nodiscard]] const SharedAccess* loose_write(std::uint32_t since, const SharedAccess& now, bool by_locks,
                                                const Knowledge& known, const HeldLocks& held) const;

  /// Since the last write or update, the last one of each task.
  [[nodiscard]] const std::vector<SharedAccess>& reads() const noexcept { return reads_; }
  /// The last plain write.
  [[nodiscard]] const SharedAccess& base() const noexcept { return base_; }
  /// The last access that decides.
  [[nodiscard]] const SharedAccess& deciding() const noexcept { return deciding_; }

  /// Takes `access` down: what it means for all tasks, and for the piece of its own.
  void add(SharedAccess& access, Local& local, const Knowledge& known, HeldLocks& held);

  /// Calls `visit(access)` for all that are remembered, where each may stand more than once.
  template <class Visit>
  void for_each_access(Visit visit) {
    for (SharedAccess* access : {&written_, &base_, &deciding_, &unguarded_}) visit(*access);
    for (SharedAccess& read : reads_) visit(read);
    for (Local& local : locals_) {
      for (SharedAccess* access : {&local.wrote, &local.last, &local.base_read, &local.base_write,
                                   &local.loose, &local.loose_deciding, &local.seen_by, &local.updated_by})
        visit(*access);
    }
  }
  /// Writes were made without `lock`, or it does not count.
  void forget_guard(std::uint32_t lock, HeldLocks& held);

  HeldLocks::Counts locks;  ///< held at accesses, if the run is recorded

 private:
  void found_base(const SharedAccess& access);
  void add_read(const SharedAccess& access);
  void add_write(const SharedAccess& access, const Knowledge& known, HeldLocks& held);
  void ask_watched(const SharedAccess& write, bool chained, const Knowledge& known);
  void watch(Local& local);
  void unwatch(std::size_t index);
  void go_on(const SharedAccess& access, Local& local);

  bool silent_ = false;
  std::vector<std::uint32_t> slots_;  // of `locals_` by task, from 1
  std::vector<Local> locals_;
  SharedAccess written_;
  SharedAccess base_;
  SharedAccess deciding_;
  std::vector<SharedAccess> reads_;
  std::uint32_t unchained_ = 0;  // each write after this place is ordered after the one before it
  // Each write after place `unguarded_.place` was made with the locks `guards_`.
  HeldLocks::Set guards_ = 0;
  SharedAccess unguarded_;
  std::uint32_t unguarded_unchained_ = 0;  // as `unchained_` was then
  std::vector<std::uint32_t> watched_;  // slots of those to whom it matters what is ordered after their last
  std::size_t asked_ = 0;               // that many of them were asked about the last write
};

}  // namespace coweave::detail
