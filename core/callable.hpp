#pragma once

/// What the entry points that take a callable demand of it.
///
/// g++ 12 destroys a closure temporary inside a `co_await` expression twice. A closure whose destructor does
/// nothing is safe, and so is one that has a name. So on that compiler a temporary closure with a destructor
/// is refused, at compile time.

#include <type_traits>

namespace coweave::detail {

#if defined(__GNUC__) && !defined(__clang__)
inline constexpr bool compiler_destroys_closures_twice = true;
#else
inline constexpr bool compiler_destroys_closures_twice = false;
#endif

/// `Function` as deduced for a forwarding reference: not a reference for a temporary.
template <class Function>
concept SafeCallable = !compiler_destroys_closures_twice || std::is_lvalue_reference_v<Function> ||
                       std::is_trivially_destructible_v<Function>;

}  // namespace coweave::detail

#define COWEAVE_REQUIRE_SAFE_CALLABLE(Function)                                                       \
  static_assert(::coweave::detail::SafeCallable<Function>,                                            \
                "coweave: g++ destroys this temporary closure twice, because it has captures with a " \
                "destructor and stands inside a co_await expression. Give it a name first: "          \
                "auto body = [...](...) { ... }; and pass body.")
