#pragma once

/// Waiting for several at once, as asyncio's `gather`.
///
///     auto [a, b] = co_await gather(fetch(1), task);                // a tuple, std::monostate for void
///     std::vector<int> all = co_await gather(std::move(fetches));   // of a vector of Coro, Task or Future
///     auto [c, d] = co_await gather(return_exceptions, one(), two());   // an Outcome for each
///
/// Coroutines become tasks, in argument order; a future that is given twice gives its result twice. The first
/// child to end with an exception, or cancelled, ends the gather with it; the others keep running. With
/// `return_exceptions` all are waited for. Cancelling a gather cancels every child, and the gather then ends
/// with CancelledError. Futures of another loop than the running one throw ValueError.

#include <coweave/core/ensure_future.hpp>
#include <coweave/core/outcome.hpp>
#include <coweave/core/task.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <memory>
#include <source_location>
#include <span>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace coweave {

struct ReturnExceptions {
  explicit ReturnExceptions() = default;
};
inline constexpr ReturnExceptions return_exceptions{};

/// `return_exceptions`, and where it is given.
struct ReturnExceptionsAt {
  ReturnExceptionsAt(ReturnExceptions, std::source_location place = std::source_location::current()) noexcept
      : at(place) {}
  std::source_location at;
};

namespace detail {

/// What every gather is, whatever its children return.
class GatherBase {
 public:
  GatherBase(const GatherBase&) = delete;
  GatherBase& operator=(const GatherBase&) = delete;

  /// Enlists the children. The outer future may be done when this returns.
  void start();

 protected:
  GatherBase(FutureBase& outer, std::size_t positions, bool return_exceptions);
  ~GatherBase() = default;
  /// Stops listening to the children. To be called by the derived class before it lets go of them.
  void detach() noexcept;

  /// Notes the child at the next position; the same future may come more than once. The derived class keeps
  /// it alive.
  void add(FutureBase& child);

  bool cancel_children(std::string_view message, std::source_location at);
  void describe_children(WaitDescription& wait) const;
  /// All children have ended: keep what they returned.
  virtual void collect() = 0;

 private:
  struct Child final : Handle {
    Child() noexcept : Handle(&ended, HandleKind::gather) {}
    static void ended(Handle& handle, Action action);
    void sign() noexcept;
    GatherBase* gather = nullptr;
    FutureBase* future = nullptr;
    DoneNode node;
  };

  [[nodiscard]] std::span<Child> children() const noexcept { return {children_.get(), positions_}; }
  void fail_cancelled(FutureBase& child);
  [[nodiscard]] bool enlisted(const FutureBase& future) const noexcept;
  void child_ended(FutureBase& child);

  FutureBase& outer_;
  std::unique_ptr<Child[]> children_;
  std::size_t positions_ = 0;   ///< children, counting one that comes twice as two
  std::size_t waited_for_ = 0;  ///< children, counting it as one
  std::size_t ended_ = 0;
  bool return_exceptions_;
  bool cancel_requested_ = false;
};

template <class T>
NotVoid<T> value_of(FutureBase& child) {
  if constexpr (std::is_void_v<T>) {
    child.get_result<T>(false);
    return {};
  } else {
    return child.get_result<T>(false);
  }
}

template <class T>
Outcome<T> outcome_of(FutureBase& child) {
  if (child.cancelled()) return Outcome<T>(std::make_exception_ptr(child.copy_cancelled_error()));
  if (auto exception = child.exception()) return Outcome<T>(std::move(exception));
  if constexpr (std::is_void_v<T>) {
    return Outcome<T>(std::in_place);
  } else {
    return Outcome<T>(std::in_place, child.get_result<T>(false));
  }
}

template <class Result>
class GatherState : public FutureState<Result>, protected GatherBase {
 public:
  bool cancel(std::string_view message = {}, std::source_location at = {}) override {
    this->observe_look();
    return !this->done() && cancel_children(message, at);
  }
  void describe_awaited(WaitDescription& wait) override { describe_children(wait); }
  using GatherBase::start;

 protected:
  GatherState(Loop& loop, std::size_t positions, bool return_exceptions)
      : FutureState<Result>(loop),
        GatherBase(static_cast<FutureBase&>(*this), positions, return_exceptions) {}
};

/// `Result` is made from the children by `Collect`, in argument order.
template <class Result, class Collect, class... Ts>
class TupleGather final : public GatherState<Result> {
 public:
  TupleGather(Loop& loop, bool return_exceptions, const Future<Ts>&... children)
      : GatherState<Result>(loop, sizeof...(Ts), return_exceptions),
        children_{Ref<FutureBase>(&children.state())...} {
    for (const auto& child : children_) this->add(*child);
  }
  ~TupleGather() override { this->detach(); }

 private:
  void collect() override { collect(std::index_sequence_for<Ts...>()); }
  template <std::size_t... Index>
  void collect(std::index_sequence<Index...>) {
    if constexpr (std::is_void_v<Result>) {
      (children_[Index]->template get_result<void>(false), ...);
      this->result_.set();
    } else {
      this->result_.set(Result(Collect::template of<Ts>(*children_[Index])...));
    }
  }

  std::array<Ref<FutureBase>, sizeof...(Ts)> children_;
};

template <class Result, class Collect, class T>
class RangeGather final : public GatherState<Result> {
 public:
  template <class Handle>
  RangeGather(Loop& loop, bool return_exceptions, const std::vector<Handle>& children)
      : GatherState<Result>(loop, children.size(), return_exceptions) {
    children_.reserve(children.size());
    for (const Handle& child : children) {
      children_.emplace_back(&child.state());
      this->add(*children_.back());
    }
  }
  ~RangeGather() override { this->detach(); }

 private:
  void collect() override {
    if constexpr (std::is_void_v<Result>) {
      for (auto& child : children_) child->template get_result<T>(false);
      this->result_.set();
    } else {
      Result results;
      results.reserve(children_.size());
      for (auto& child : children_) results.push_back(Collect::template of<T>(*child));
      this->result_.set(std::move(results));
    }
  }

  std::vector<Ref<FutureBase>> children_;
};

struct CollectValues {
  template <class T>
  static NotVoid<T> of(FutureBase& child) {
    return value_of<T>(child);
  }
};
struct CollectOutcomes {
  template <class T>
  static Outcome<T> of(FutureBase& child) {
    return outcome_of<T>(child);
  }
};

template <class Gather, class Result, class... Args>
Future<Result> start_gather(Args&&... args) {
  auto* gather = new Gather(Loop::current(), std::forward<Args>(args)...);
  Future<Result> outer{Ref<FutureBase>(gather)};
  gather->start();
  return outer;
}

/// What is not given to `gather`.
struct Absent {};
template <class Awaitable>
concept FutureLikeOrAbsent = FutureLike<Awaitable> || std::same_as<Awaitable, Absent>;
template <class... Awaitables>
inline constexpr std::size_t count_given = (0 + ... + (std::same_as<Awaitables, Absent> ? 0 : 1));

template <class... Awaitables>
auto gather_values(std::source_location at, Awaitables&&... awaitables) {
  using Result = std::conditional_t<(std::is_void_v<ValueOf<Awaitables>> && ...), void,
                                    std::tuple<NotVoid<ValueOf<Awaitables>>...>>;
  using Gather = TupleGather<Result, CollectValues, ValueOf<Awaitables>...>;
  // Braces order the evaluation: tasks are created in argument order.
  std::tuple children{ensure_future(std::forward<Awaitables>(awaitables), at)...};
  return std::apply([](auto&... child) { return start_gather<Gather, Result>(false, std::move(child)...); },
                    children);
}

/// `awaitables`, a tuple of references, begins with as many as there are indices.
template <std::size_t... Index, class Awaitables>
auto gather_first(std::source_location at, std::index_sequence<Index...>, Awaitables awaitables) {
  return gather_values(at, std::get<Index>(std::move(awaitables))...);
}

}  // namespace detail

/// Future<std::tuple<…>> of the values, std::monostate for void; Future<void> if all are void. (Behind a
/// parameter pack the place of the call, where the tasks are spawned, could have no default.)
template <class A, class B = detail::Absent, class C = detail::Absent, class D = detail::Absent,
          class E = detail::Absent, class F = detail::Absent, class G = detail::Absent,
          class H = detail::Absent>
  requires(detail::FutureLike<A> && detail::FutureLikeOrAbsent<B> && detail::FutureLikeOrAbsent<C> &&
           detail::FutureLikeOrAbsent<D> && detail::FutureLikeOrAbsent<E> && detail::FutureLikeOrAbsent<F> &&
           detail::FutureLikeOrAbsent<G> && detail::FutureLikeOrAbsent<H>)
auto gather(A&& a, B&& b = {}, C&& c = {}, D&& d = {}, E&& e = {}, F&& f = {}, G&& g = {}, H&& h = {},
            std::source_location at = std::source_location::current()) {
  constexpr std::size_t given = detail::count_given<A, B, C, D, E, F, G, H>;
  return detail::gather_first(
      at, std::make_index_sequence<given>(),
      std::forward_as_tuple(std::forward<A>(a), std::forward<B>(b), std::forward<C>(c), std::forward<D>(d),
                            std::forward<E>(e), std::forward<F>(f), std::forward<G>(g), std::forward<H>(h)));
}

/// The same of nine and more; their tasks have no place.
template <class... Awaitables>
  requires(sizeof...(Awaitables) > 8 && (detail::FutureLike<Awaitables> && ...))
auto gather(Awaitables&&... awaitables) {
  return detail::gather_values({}, std::forward<Awaitables>(awaitables)...);
}

/// Future<std::tuple<Outcome<…>…>>: waits for all, whatever happens to them.
template <class... Awaitables>
  requires(sizeof...(Awaitables) > 0 && (detail::FutureLike<Awaitables> && ...))
auto gather(ReturnExceptionsAt all, Awaitables&&... awaitables) {
  using Result = std::tuple<Outcome<detail::ValueOf<Awaitables>>...>;
  using Gather = detail::TupleGather<Result, detail::CollectOutcomes, detail::ValueOf<Awaitables>...>;
  std::tuple children{detail::ensure_future(std::forward<Awaitables>(awaitables), all.at)...};
  return std::apply(
      [](auto&... child) { return detail::start_gather<Gather, Result>(true, std::move(child)...); },
      children);
}

/// Future<std::vector<T>>, or Future<void> for void. Of no awaitables, done at once.
template <class Awaitable>
  requires detail::FutureLike<Awaitable>
auto gather(std::vector<Awaitable> awaitables, std::source_location at = std::source_location::current()) {
  using T = detail::ValueOf<Awaitable>;
  using Result = std::conditional_t<std::is_void_v<T>, void, std::vector<detail::NotVoid<T>>>;
  using Gather = detail::RangeGather<Result, detail::CollectValues, T>;
  return detail::start_gather<Gather, Result>(false, detail::ensure_futures(std::move(awaitables), at));
}

/// Future<std::vector<Outcome<T>>>: waits for all, whatever happens to them.
template <class Awaitable>
  requires detail::FutureLike<Awaitable>
auto gather(ReturnExceptions, std::vector<Awaitable> awaitables,
            std::source_location at = std::source_location::current()) {
  using T = detail::ValueOf<Awaitable>;
  using Result = std::vector<Outcome<T>>;
  using Gather = detail::RangeGather<Result, detail::CollectOutcomes, T>;
  return detail::start_gather<Gather, Result>(true, detail::ensure_futures(std::move(awaitables), at));
}

}  // namespace coweave
