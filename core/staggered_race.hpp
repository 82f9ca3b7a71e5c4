#pragma once

/// Trying alternatives one after another, each with a head start, as asyncio's `staggered_race` (the heart of
/// "happy eyeballs").
///
///     std::vector<std::function<Coro<Socket>()>> ways = …;
///     auto [winner, index, exceptions] = co_await staggered_race(std::move(ways), 250ms);
///
/// The first starts at once, and the next whenever the last one started has failed or `delay` has passed. The
/// first to succeed wins, and the others are cancelled.

#include <coweave/core/delay.hpp>
#include <coweave/core/ensure_future.hpp>
#include <coweave/core/errors.hpp>
#include <coweave/core/event.hpp>
#include <coweave/core/task.hpp>
#include <coweave/core/wait.hpp>
#include <coweave/core/wait_for.hpp>

#include <cstddef>
#include <deque>
#include <exception>
#include <memory>
#include <optional>
#include <source_location>
#include <type_traits>
#include <utility>
#include <vector>

namespace coweave {

/// What `staggered_race` gives.
template <class T>
struct StaggeredRace {
  std::optional<detail::NotVoid<T>> winner;    ///< its result; nothing if nobody won
  std::optional<std::size_t> index;            ///< its place; nothing if nobody won
  std::vector<std::exception_ptr> exceptions;  ///< of those that were started; null for the winner
};

namespace detail {

/// What the runners of a race share. They may outlive the race by the steps that their cancellation takes.
template <class Function>
struct Race {
  using T = typename std::invoke_result_t<Function&>::value_type;

  Race(std::vector<Function> functions_in, Delay delay_in)
      : functions(std::move(functions_in)), delay(delay_in) {}

  std::vector<Function> functions;
  Delay delay;
  std::vector<Task<void>> runners;
  std::deque<Event> failed;  ///< whether each of those that were started has
  StaggeredRace<T> outcome;

  void win(std::size_t place) {
    if (outcome.index)
      throw RuntimeError(
          "staggered_race: a coroutine that was cancelled gave a result; let CancelledError pass");
    outcome.index = place;
    for (std::size_t other = 0; other < runners.size(); ++other) {
      if (other != place) runners[other].state().cancel();
    }
  }
};

/// CPython's `run_one_coro`.
template <class Function>
Coro<void> run_racer(std::shared_ptr<Race<Function>> race, std::size_t place, std::source_location at) {
  using T = typename Race<Function>::T;
  if (place > 0) {
    try {
      co_await wait_for(race->failed[place - 1].wait(), race->delay);
    } catch (const TimeoutError&) {
    }
  }
  if (place == race->functions.size()) co_return;
  race->failed.emplace_back();
  race->runners.push_back(create_task(run_racer(race, place + 1, at), {}, at));
  race->outcome.exceptions.emplace_back();
  std::optional<NotVoid<T>> result;
  try {
    if constexpr (std::is_void_v<T>) {
      co_await race->functions[place]();
      result.emplace();
    } else {
      result.emplace(co_await race->functions[place]());
    }
  } catch (...) {
    race->outcome.exceptions[place] = std::current_exception();
    race->failed[place].set({});
  }
  if (!result) co_return;
  race->win(place);
  race->outcome.winner = std::move(result);
}

/// Waits for a growing number of runners. CPython's `staggered_race`.
template <class Function>
Coro<void> run_race(std::shared_ptr<Race<Function>> race, std::source_location at) {
  race->runners.push_back(create_task(run_racer(race, 0, at), {}, at));
  std::exception_ptr error;
  try {
    for (std::size_t ended = 0; ended != race->runners.size();) {
      const auto waited = co_await wait(race->runners);
      ended = waited.done.size();
      for (const Task<void>& runner : waited.done) {
        if (!runner.cancelled()) runner.result();
      }
    }
  } catch (...) {
    error = std::current_exception();
  }
  for (const Task<void>& runner : race->runners) runner.state().cancel();
  if (error) std::rethrow_exception(error);
}

}  // namespace detail

/// `co_await staggered_race(functions, delay)`: each function returns a Coro<T> when it is called, which is
/// at its start. Without a delay the next starts only when the last has failed. Suspends until all that were
/// started have ended: those that lost are cancelled, and their CancelledError stands among the exceptions.
/// If all fail there is no winner, and nothing is thrown. A coroutine that loses must let CancelledError
/// pass: one that gives a result although it was cancelled makes this throw RuntimeError. Cancelled, it
/// cancels all and throws CancelledError without waiting for them; destroyed while suspended, it leaves them
/// alone.
template <class Function>
Coro<StaggeredRace<typename std::invoke_result_t<Function&>::value_type>> staggered_race(
    std::vector<Function> functions, Delay delay, std::source_location at = std::source_location::current()) {
  const auto race = std::make_shared<detail::Race<Function>>(std::move(functions), delay);
  co_await detail::run_race(race, at);
  co_return std::move(race->outcome);
}

}  // namespace coweave
