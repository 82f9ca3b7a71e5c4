#pragma once

/// The policies by name: "surw", "pct:3", "random:stay=90".
///
/// A name is a word, and what some of them take behind a colon: a number, or `key=number`.

#include <coweave/sim/policy.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace coweave::sim {

/// One kind of policy, for help and documents.
struct PolicyKind {
  std::string_view form;     ///< how it is written: "pct[:depth]"
  std::string_view summary;  ///< what it does, in a few words
};

/// All kinds, in the order in which they are listed.
[[nodiscard]] std::vector<PolicyKind> policy_kinds();

/// Whether the policy of that name varies nothing but times, cancellations and numbers: then the settings
/// should have a jitter, `jitter_by_default` if the program says nothing else.
[[nodiscard]] bool wants_jitter(std::string_view name) noexcept;
inline constexpr std::chrono::nanoseconds jitter_by_default = std::chrono::milliseconds(100);

/// The policy of that name, seeded. Throws std::invalid_argument that says what is wrong with the name,
/// where, and what there is instead.
[[nodiscard]] std::unique_ptr<Policy> make_policy(std::string_view name, std::uint64_t seed);

}  // namespace coweave::sim
