#pragma once

/// How the tests of the coroutine layer look at order: a scenario writes letters, and the test compares the
/// log.
///
///     CHECK(run_fifo([](Log& log) -> Coro<void> {
///       log("a");
///       co_await tick();
///       log("b");
///     }) == "a ; b");

#include <coweave/core/errors.hpp>
#include <coweave/core/exception_group.hpp>
#include <coweave/core/lock.hpp>
#include <coweave/core/sleep.hpp>
#include <coweave/core/task.hpp>
#include <coweave/sim/policy.hpp>
#include <coweave/sim/simulation.hpp>

#include <chrono>
#include <concepts>
#include <cstdint>
#include <exception>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace coweave::tests {

/// What happened, in order.
class Log {
 public:
  void operator()(std::string_view text) {
    if (!text_.empty()) text_ += " ; ";
    text_ += text;
  }
  /// "name 7", "locked True".
  void operator()(std::string_view text, std::integral auto value) {
    if constexpr (std::is_same_v<decltype(value), bool>) {
      (*this)(std::string(text) + (value ? "True" : "False"));
    } else {
      (*this)(std::string(text) + std::to_string(value));
    }
  }
  [[nodiscard]] const std::string& text() const noexcept { return text_; }

 private:
  std::string text_;
};

/// One iteration of the loop, as asyncio's `sleep(0)`.
[[nodiscard]] inline auto tick() { return sleep(std::chrono::seconds(0)); }

/// Virtual time in milliseconds.
[[nodiscard]] inline std::int64_t now_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(Loop::current().time()).count();
}

/// "@100": the time in milliseconds, to put behind a letter.
[[nodiscard]] inline std::string at_ms(std::string text) {
  return std::move(text) + " @" + std::to_string(now_ms());
}

/// The error under its asyncio name: "CE", "CE(why)", "V(text)", "EG[…]".
[[nodiscard]] inline std::string show(const std::exception_ptr& exception) {
  if (!exception) return "None";
  try {
    std::rethrow_exception(exception);
  } catch (const CancelledError& error) {
    return error.message().empty() ? "CE" : "CE(" + error.message() + ")";
  } catch (const ExceptionGroup& group) {
    std::string text = "EG[";
    for (const std::exception_ptr& member : group.exceptions()) {
      if (text.back() != '[') text += ",";
      text += show(member);
    }
    return text + "]";
  } catch (const ValueError& error) {
    return std::string("V(") + error.what() + ")";
  } catch (const TimeoutError&) {
    return "TE";
  } catch (const RuntimeError& error) {
    return std::string("RuntimeError(") + error.what() + ")";
  } catch (const InvalidStateError&) {
    return "ISE";
  } catch (const QueueEmpty&) {
    return "QueueEmpty";
  } catch (const QueueFull&) {
    return "QueueFull";
  } catch (const QueueShutDown&) {
    return "QueueShutDown";
  } catch (const std::exception& error) {
    return std::string("E(") + error.what() + ")";
  } catch (...) {
    return "?";
  }
}

/// The error that is being handled.
[[nodiscard]] inline std::string show() { return show(std::current_exception()); }

/// How the task ended: "CE", the error, or "ok".
template <class T>
[[nodiscard]] std::string end_of(const Task<T>& task) {
  if (!task.done()) return "pending";
  if (task.cancelled()) return "cancelled";
  const std::exception_ptr exception = task.exception();
  return exception ? show(exception) : "ok";
}

/// The name of a verdict in a log.
[[nodiscard]] inline std::string_view verdict_name(traces::VerdictKind kind) {
  switch (kind) {
    case traces::VerdictKind::deadlock:
      return "DEADLOCK";
    case traces::VerdictKind::leaked_task:
      return "LEAK";
    case traces::VerdictKind::never_awaited:
      return "NEVER AWAITED";
    case traces::VerdictKind::never_retrieved:
      return "NEVER RETRIEVED";
    case traces::VerdictKind::exception:
      return "EXCEPTION";
    default:
      return "FAILURE";
  }
}

[[nodiscard]] inline traces::Settings fifo_settings() {
  traces::Settings settings;
  settings.steps_max = 10'000'000;
  settings.time_max_ns = std::int64_t{1'000'000'000'000};
  settings.tasks_max = 1'000'000;
  return settings;
}

/// Runs `body(log)`, which gives the root coroutine, in asyncio's order with virtual time, and returns the
/// log. A run that fails adds its verdict at the end, and of an error its message: "a ; DEADLOCK", "a ;
/// EXCEPTION …".
template <class Body>
[[nodiscard]] std::string run_fifo(Body body) {
  Log log;
  sim::Simulation simulation(fifo_settings());
  sim::Fifo policy;
  policy.begin_run(1);
  const sim::Failure* failure = simulation.run([&] { return body(log); }, policy);
  if (failure) {
    std::string text(verdict_name(failure->kind));
    if (!failure->message.empty()) text += " " + failure->message;
    log(text);
  }
  return log.text();
}

}  // namespace coweave::tests
