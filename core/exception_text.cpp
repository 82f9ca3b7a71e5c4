#include <coweave/core/exception_text.hpp>

#include <coweave/core/errors.hpp>

#include <cstdlib>
#include <cxxabi.h>
#include <memory>
#include <typeinfo>

namespace coweave {

namespace {

std::string type_name(const std::type_info& type) {
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> name(
      abi::__cxa_demangle(type.name(), nullptr, nullptr, &status), &std::free);
  return name ? name.get() : type.name();
}

std::string with_message(std::string name, const std::string& message) {
  return message.empty() ? name : std::move(name) + ": " + message;
}

}  // namespace

std::string describe_exception(const std::exception_ptr& exception) {
  if (!exception) return "no exception";
  try {
    std::rethrow_exception(exception);
  } catch (const CancelledError& error) {
    return with_message("coweave::CancelledError", error.message());
  } catch (const std::exception& error) {
    return with_message(type_name(typeid(error)), error.what());
  } catch (...) {
    const std::type_info* type = abi::__cxa_current_exception_type();
    return type ? type_name(*type) : "an unknown exception";
  }
}

}  // namespace coweave
