#include <coweave/tests/conformance/show.hpp>

#include <coweave/core/errors.hpp>
#include <coweave/core/exception_group.hpp>

#include <algorithm>
#include <array>

namespace coweave::conformance {

namespace {

/// Messages of the library that both sides share. Of all others only the type is compared.
constexpr std::array<std::string_view, 7> messages{
    "Lock is not acquired.",
    "cannot wait on un-acquired lock",
    "cannot notify on un-acquired lock",
    "BoundedSemaphore released too many times",
    "task_done() called too many times",
    "Barrier aborted",
    "Abort or reset of barrier",
};

/// "e12": what programs raise.
bool ours(std::string_view message) {
  return message.size() > 1 && message[0] == 'e' &&
         std::ranges::all_of(message.substr(1), [](char letter) { return letter >= '0' && letter <= '9'; });
}

std::string named(std::string name, std::string_view message) {
  if (ours(message) || std::ranges::find(messages, message) != messages.end())
    name.append("(").append(message).append(")");
  return name;
}

template <class Items, class Show>
std::string list(const Items& items, Show show_item) {
  std::string text = "[";
  for (const auto& item : items) {
    if (text.size() > 1) text += ", ";
    text += show_item(item);
  }
  return text + "]";
}

}  // namespace

FutureBase* base_of(const AnyHandle& handle) {
  return std::visit(
      [](const auto& future) -> FutureBase* {
        if constexpr (std::is_same_v<std::decay_t<decltype(future)>, std::monostate>) {
          return nullptr;
        } else {
          return &future.state();
        }
      },
      handle);
}

std::string show(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const CancelledError& cancelled) {
    return cancelled.message().empty() ? "CE" : "CE(" + cancelled.message() + ")";
  } catch (const ExceptionGroup& group) {
    const bool plain = std::ranges::all_of(group.exceptions(), [](const std::exception_ptr& member) {
      try {
        std::rethrow_exception(member);
      } catch (const std::exception&) {
        return true;
      } catch (...) {
        return false;
      }
    });
    return std::string(plain ? "ExceptionGroup(" : "BaseExceptionGroup(") + group.message() + ")" +
           list(group.exceptions(), [](const std::exception_ptr& member) { return show(member); });
  } catch (const Boom& boom) {
    return named("Boom", boom.what());
  } catch (const TimeoutError&) {
    return "TimeoutError";
  } catch (const BrokenBarrierError& broken) {
    return named("BrokenBarrierError", broken.what());
  } catch (const ValueError& value) {
    return named("ValueError", value.what());
  } catch (const RuntimeError& runtime) {
    return named("RuntimeError", runtime.what());
  } catch (const InvalidStateError&) {
    return "InvalidStateError";
  } catch (const QueueEmpty&) {
    return "QueueEmpty";
  } catch (const QueueFull&) {
    return "QueueFull";
  } catch (const QueueShutDown&) {
    return "QueueShutDown";
  } catch (const std::exception& other) {
    return std::string("unknown: ") + other.what();
  } catch (const Closed&) {
    return "Closed";
  } catch (...) {
    return "unknown";
  }
}

std::string show(std::string_view value) { return std::string(value); }
std::string show(const Values& values) {
  return list(values, [](const Value& value) { return value; });
}
std::string show(const Outcomes& outcomes) {
  return list(outcomes, [](Outcome<Value> outcome) {
    return outcome.ok() ? outcome.value() : show(outcome.exception());
  });
}
std::string show(const Item& item) { return std::to_string(item.priority) + ":" + std::to_string(item.id); }
std::string show(bool value) { return value ? "True" : "False"; }

std::string show_future(const AnyHandle& handle) {
  return std::visit(
      [](const auto& future) -> std::string {
        if constexpr (std::is_same_v<std::decay_t<decltype(future)>, std::monostate>) {
          return "none";
        } else {
          if (!future.done()) return "pending";
          if (future.cancelled()) return "cancelled";
          const std::exception_ptr error = future.exception();
          return error ? show(error) : show(future.result());
        }
      },
      handle);
}

std::exception_ptr make_error(int mode, int id) {
  const std::string message = "e" + std::to_string(id);
  switch (mode) {
    case 0:
      return std::make_exception_ptr(ValueError(message));
    case 1:
      return std::make_exception_ptr(Boom(message));
    case 2:
      return std::make_exception_ptr(TimeoutError());
    default:
      return std::make_exception_ptr(CancelledError(message));
  }
}

}  // namespace coweave::conformance
