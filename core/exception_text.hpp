#pragma once

/// Exceptions in words.

#include <exception>
#include <string>

namespace coweave {

/// The type and the message of an exception: "std::runtime_error: connection lost". A type that does not
/// derive from std::exception gives its name alone, a null pointer gives "no exception".
[[nodiscard]] std::string describe_exception(const std::exception_ptr& exception);

}  // namespace coweave
