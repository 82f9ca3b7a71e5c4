#include <coweave/props/linearizability/reply.hpp>

#include <cstdlib>
#include <cxxabi.h>
#include <memory>
#include <string_view>

namespace coweave {

namespace {

const std::type_info* type_of(const std::exception_ptr& exception) {
  try {
    std::rethrow_exception(exception);
  } catch (...) {
    return abi::__cxa_current_exception_type();
  }
}

}  // namespace

Raised::Raised(const std::exception_ptr& exception) : type_(type_of(exception)) {}

std::string Raised::type() const {
  if (!type_) return "an unknown exception";
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> name(
      abi::__cxa_demangle(type_->name(), nullptr, nullptr, &status), &std::free);
  std::string text = name ? name.get() : type_->name();
  constexpr std::string_view ours = "coweave::";
  if (text.starts_with(ours)) text.erase(0, ours.size());
  return text;
}

}  // namespace coweave
