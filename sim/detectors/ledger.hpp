#pragma once

/// The ledger: what tasks take and give back, in a run of a sweep.
///
/// It hears of every operation on the layer's own primitives. A lock that was acquired must have been
/// released when the run is over, a semaphore as often as it was acquired, and of each item that was got from
/// a queue `task_done` must have told that it is. What the program builds itself, on futures, it does not
/// know.

#include <coweave/sim/failure.hpp>
#include <coweave/sim/passing_observer.hpp>

#include <cstdint>
#include <optional>
#include <source_location>
#include <string>
#include <string_view>
#include <vector>

namespace coweave::sim {

class Ledger final : public PassingObserver {
 public:
  /// A run begins. Objects that `may_be_held` names do not count: by their kind ("Lock", "Semaphore",
  /// "Queue"), or by kind and name ("Queue 'results'"). What is observed is passed on to `next`, if that is
  /// not null.
  void begin_run(const std::vector<std::string>& may_be_held, Observer* next);

  /// The run is over: the failure that something is still held, if anything is; the first object of all.
  [[nodiscard]] std::optional<Failure> still_held() const;

  /// What is, by kind and name, whether it counts or not.
  struct Held {
    std::string title;
    bool is_meant;  ///< false of a queue for which `task_done` was never called: the program does not use it
  };
  [[nodiscard]] std::vector<Held> held() const;
  /// Whether anything that `name` means, as it stands in `may_be_held`, was taken or given back.
  [[nodiscard]] bool knows(std::string_view name) const noexcept;
  /// The semaphores, by kind and name, that somebody released who had not acquired: they are signals, and who
  /// acquires one does not have to give it back.
  [[nodiscard]] std::vector<std::string> signals() const;

  [[nodiscard]] Heard hears_itself() const noexcept override { return heard::operations; }
  void operation(Verb verb, const ObjectRef& object, std::source_location at) override;

 private:
  /// Who took something, and where.
  struct Hold {
    std::uint32_t task;
    std::string name;
    std::source_location at;
  };
  struct Account {
    std::uint32_t object;  ///< its number in the run
    const char* kind;      ///< as `ledger_kind` says
    std::string title;     ///< "Lock 'door'"
    bool told_done;        ///< of a queue: `task_done` was called
    bool is_signal;        ///< of a semaphore: released by somebody who had not acquired it
    std::uint64_t given_back;
    std::uint64_t taken;
    std::vector<Hold> holds;
  };

  Account& account_of(const ObjectRef& object, const char* kind);
  [[nodiscard]] static bool is_held(const Account& account) noexcept;
  [[nodiscard]] static bool is_called(const Account& account, std::string_view name) noexcept;

  std::vector<std::string> may_be_held_;
  std::vector<Account> accounts_;
};

/// What the ledger calls an object of `kind`: "Lock", "Semaphore", "Queue"; null: it keeps no account of it.
[[nodiscard]] const char* ledger_kind(std::string_view kind) noexcept;

}  // namespace coweave::sim
