#include <coweave/sim/detectors/ledger.hpp>

#include <coweave/core/task.hpp>
#include <coweave/sim/detectors/wait_graph.hpp>

#include <algorithm>
#include <utility>

namespace coweave::sim {

const char* ledger_kind(std::string_view kind) noexcept {
  if (kind == "Lock" || kind == "Condition.lock") return "Lock";
  if (kind == "Semaphore" || kind == "BoundedSemaphore") return "Semaphore";
  if (kind == "Queue" || kind == "LifoQueue" || kind == "PriorityQueue") return "Queue";
  return nullptr;
}

void Ledger::begin_run(const std::vector<std::string>& may_be_held, Observer* next) {
  pass_on_to(next);
  may_be_held_ = may_be_held;
  accounts_.clear();
}

Ledger::Account& Ledger::account_of(const ObjectRef& object, const char* kind) {
  const std::uint32_t number = Loop::current().number_of(object);
  const auto known = std::find_if(accounts_.begin(), accounts_.end(),
                                  [&](const Account& account) { return account.object == number; });
  if (known != accounts_.end()) return *known;
  std::string title = object.kind;
  if (object.name) title += std::string(" '") + object.name + "'";
  return accounts_.emplace_back(Account{number, kind, std::move(title), false, false, 0, 0, {}});
}

void Ledger::operation(Verb verb, const ObjectRef& object, std::source_location at) {
  PassingObserver::operation(verb, object, at);
  const bool takes = verb == Verb::acquire || verb == Verb::get;
  const bool gives_back = verb == Verb::release || verb == Verb::task_done;
  if (!object.kind || (!takes && !gives_back)) return;
  const char* const kind = ledger_kind(object.kind);
  if (!kind) return;
  Account& account = account_of(object, kind);
  const TaskBase* const task = Loop::current().current_task();
  const std::uint32_t serial = task ? task->serial() : 0;
  if (takes) {
    ++account.taken;
    account.holds.push_back(
        {serial, task ? task->name() : std::string(), task ? user_site(*task) : std::source_location()});
    return;
  }
  ++account.given_back;
  account.told_done = account.told_done || verb == Verb::task_done;
  auto hold = std::find_if(account.holds.begin(), account.holds.end(),
                           [&](const Hold& each) { return each.task == serial; });
  if (hold == account.holds.end()) {
    account.is_signal = account.is_signal || std::string_view(kind) == "Semaphore";
    hold = account.holds.begin();
  }
  if (hold != account.holds.end()) account.holds.erase(hold);
}

bool Ledger::is_held(const Account& account) noexcept {
  return account.taken > account.given_back && !account.holds.empty() && !account.is_signal;
}

bool Ledger::is_called(const Account& account, std::string_view name) noexcept {
  return name == account.kind || name == account.title;
}

bool Ledger::knows(std::string_view name) const noexcept {
  return std::any_of(accounts_.begin(), accounts_.end(),
                     [&](const Account& account) { return is_called(account, name); });
}

std::vector<std::string> Ledger::signals() const {
  std::vector<std::string> titles;
  for (const Account& account : accounts_) {
    if (account.is_signal) titles.push_back(account.title);
  }
  return titles;
}

std::vector<Ledger::Held> Ledger::held() const {
  std::vector<Held> held;
  for (const Account& account : accounts_) {
    if (is_held(account))
      held.push_back({account.title, std::string_view(account.kind) != "Queue" || account.told_done});
  }
  return held;
}

std::optional<Failure> Ledger::still_held() const {
  for (const Account& account : accounts_) {
    const bool may_be = std::any_of(may_be_held_.begin(), may_be_held_.end(),
                                    [&](const std::string& name) { return is_called(account, name); });
    if (may_be || !is_held(account)) continue;
    const Hold& hold = account.holds.front();
    const std::string who = hold.task == 0 ? "somebody" : "'" + hold.name + "'";
    Failure failure;
    failure.kind = traces::VerdictKind::still_held;
    failure.message = std::string_view(account.kind) == "Queue"
                          ? who + " got an item from " + account.title + " and never called task_done()"
                          : who + " acquired " + account.title + " and never released it";
    failure.task = hold.task;
    failure.at = hold.at;
    return failure;
  }
  return std::nullopt;
}

}  // namespace coweave::sim
