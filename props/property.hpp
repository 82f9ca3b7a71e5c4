#pragma once

/// Properties: rapidcheck generates and shrinks the arguments, coweave explores and shrinks the schedule.
///
///     auto no_item_lost = [](std::vector<int> items, std::size_t maxsize) -> Coro<void> { … };
///     const Exploration result = property("queue: no item is lost", no_item_lost);
///
/// Inputs grow from case to case. A failing input is made smaller first, each candidate under the schedule
/// that failed and under fresh ones; then the schedule is shrunk. The report and the trace have both.

#include <coweave/props/explore.hpp>

#include <rapidcheck.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace coweave {

namespace detail {

/// A generated input and its way down rapidcheck's tree of shrinks.
class Input {
 public:
  virtual ~Input() = default;
  virtual void generate(std::uint64_t seed, std::uint32_t size) = 0;
  /// Looks at the `index`-th shrink of the present input. False: there are not so many.
  virtual bool look_at_shrink(std::uint32_t index) = 0;
  /// Makes what was looked at the present input.
  virtual void accept() = 0;
  /// The scenario with the present input, or with what is looked at.
  [[nodiscard]] virtual sim::Scenario scenario(bool looked_at) const = 0;
  [[nodiscard]] virtual std::vector<traces::Argument> arguments() const = 0;
};

/// `runs_of_a_case`: with so many runs each input is tried if the options do not say how many inputs there
/// are; none: there are 100.
Exploration run_property(Input& input, Options options, std::optional<std::uint64_t> runs_of_a_case);

template <class Function, class... Args>
class InputOf final : public Input {
  using Tuple = std::tuple<std::decay_t<Args>...>;

 public:
  explicit InputOf(Function function)
      : function_(std::move(function)), generator_(rc::gen::arbitrary<Tuple>()) {}

  void generate(std::uint64_t seed, std::uint32_t size) override {
    present_ = std::make_unique<rc::Shrinkable<Tuple>>(generator_(rc::Random(seed), static_cast<int>(size)));
    rewind();
  }

  bool look_at_shrink(std::uint32_t index) override {
    if (index < next_) rewind();
    for (; next_ <= index; ++next_) {
      auto shrink = shrinks_->next();
      if (!shrink) return false;
      looked_at_ = std::make_unique<rc::Shrinkable<Tuple>>(std::move(*shrink));
    }
    return true;
  }

  void accept() override {
    present_ = std::move(looked_at_);
    rewind();
  }

  [[nodiscard]] sim::Scenario scenario(bool looked_at) const override {
    auto arguments = std::make_shared<const Tuple>((looked_at ? looked_at_ : present_)->value());
    return [function = &function_, arguments = std::move(arguments)]() -> Coro<void> {
      return std::apply(*function, *arguments);
    };
  }

  [[nodiscard]] std::vector<traces::Argument> arguments() const override {
    const Tuple values = present_->value();
    std::vector<traces::Argument> shown;
    std::apply([&](const auto&... value) { (shown.push_back({rc_type(value), rc::toString(value)}), ...); },
               values);
    return shown;
  }

 private:
  template <class T>
  static std::string rc_type(const T&) {
    std::ostringstream text;
    rc::ShowType<T>::showType(text);
    return text.str();
  }

  void rewind() {
    shrinks_ = std::make_unique<rc::Seq<rc::Shrinkable<Tuple>>>(present_->shrinks());
    next_ = 0;
  }

  Function function_;
  rc::Gen<Tuple> generator_;
  std::unique_ptr<rc::Shrinkable<Tuple>> present_;
  std::unique_ptr<rc::Shrinkable<Tuple>> looked_at_;
  std::unique_ptr<rc::Seq<rc::Shrinkable<Tuple>>> shrinks_;
  std::uint32_t next_ = 0;  ///< index of the shrink that `shrinks_` gives next
};

template <class Function, class Class, class... Args>
std::unique_ptr<Input> make_input(Function function, Coro<void> (Class::*)(Args...) const) {
  return std::make_unique<InputOf<Function, Args...>>(std::move(function));
}
template <class... Args>
std::unique_ptr<Input> make_input(Coro<void> (*function)(Args...)) {
  return std::make_unique<InputOf<Coro<void> (*)(Args...), Args...>>(function);
}

}  // namespace detail

namespace detail {

/// See `run_property`.
template <class Function>
Exploration check_property(std::string name, Function function, Options options,
                           std::optional<std::uint64_t> runs_of_a_case) {
  options.name = std::move(name);
  if constexpr (std::is_pointer_v<Function>) {
    return run_property(*make_input(function), std::move(options), runs_of_a_case);
  } else {
    return run_property(*make_input(std::move(function), &Function::operator()), std::move(options),
                        runs_of_a_case);
  }
}

}  // namespace detail

/// Checks `function(args…) -> Coro<void>` for generated arguments: a function, or an object with one
/// operator() that is const. Every argument type needs `rc::Arbitrary`. The environment overrides `options`
/// as in `explore`; `options.name` is `name`.
template <class Function>
Exploration property(std::string name, Function function, Options options = {}) {
  return detail::check_property(std::move(name), std::move(function), std::move(options), std::nullopt);
}

}  // namespace coweave
