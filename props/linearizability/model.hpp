#pragma once

/// What a sequential model is: a small struct whose members are the state, and whose `apply` says what an
/// operation does to it.
///
///     struct Counter {
///       struct Operation { int add; };
///       using Response = Reply<int>;
///       int value = 0;
///       Response apply(const Operation& operation) { return value += operation.add; }
///       auto operator<=>(const Counter&) const = default;
///     };
///
/// `apply` has one of three shapes:
///   Response apply(operation)                  the only response that is right
///   std::optional<Response> apply(operation)   nothing: in this state the operation waits
///   bool apply(operation, const Response*)     whether this response is allowed; null: it is not known
/// With both of the last two, the last one decides, and the other gives one of the responses that are right.
/// If it waits or allows the response not, the state is dropped, so it may be anything then.
///
/// What a model may have besides:
///   auto key(operation) const                  operations with different keys do not touch each other
///   to_string(operation)                       a function, for pictures

#include <coweave/props/linearizability/reply.hpp>

#include <compare>
#include <concepts>
#include <optional>

namespace coweave {

namespace detail {

template <class M>
concept AnswersAlways = requires(M& model, const typename M::Operation& operation) {
  { model.apply(operation) } -> std::convertible_to<typename M::Response>;
};
template <class M>
concept AnswersOrWaits = requires(M& model, const typename M::Operation& operation) {
  { model.apply(operation) } -> std::same_as<std::optional<typename M::Response>>;
};
template <class M>
concept Judges =
    requires(M& model, const typename M::Operation& operation, const typename M::Response* response) {
      { model.apply(operation, response) } -> std::same_as<bool>;
    };

}  // namespace detail

template <class M>
concept SequentialModel =
    std::copyable<M> && std::equality_comparable<M> && std::copyable<typename M::Operation> &&
    detail::is_reply<typename M::Response>::value &&
    (detail::AnswersAlways<M> || detail::AnswersOrWaits<M> || detail::Judges<M>);

namespace detail {

template <class M>
concept PartitionedModel = requires(const M& model, const typename M::Operation& operation) {
  { model.key(operation) } -> std::totally_ordered;
};

/// What `apply` said: whether it can go here, and which response the model gives, if it gives one.
template <class Response>
struct Answer {
  bool allowed;
  std::optional<Response> response;
};

/// Applies `operation` to `model`. `observed` null: any response will do.
template <SequentialModel M>
Answer<typename M::Response> apply(M& model, const typename M::Operation& operation,
                                   const typename M::Response* observed) {
  if constexpr (Judges<M>) {
    std::optional<typename M::Response> response;
    if constexpr (AnswersAlways<M> || AnswersOrWaits<M>) response = M(model).apply(operation);
    return {model.apply(operation, observed), std::move(response)};
  } else {
    std::optional<typename M::Response> response = model.apply(operation);
    return {response && (!observed || *response == *observed), std::move(response)};
  }
}

}  // namespace detail
}  // namespace coweave
