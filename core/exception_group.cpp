#include <coweave/core/exception_group.hpp>

#include <coweave/core/errors.hpp>
#include <coweave/core/exception_text.hpp>

namespace coweave {

namespace {

std::string group_text(const std::string& message, const std::vector<std::exception_ptr>& exceptions) {
  if (exceptions.empty()) throw ValueError("an ExceptionGroup needs at least one exception");
  std::string text = message + " (" + std::to_string(exceptions.size()) +
                     (exceptions.size() == 1 ? " sub-exception)" : " sub-exceptions)");
  for (std::size_t index = 0; index < exceptions.size(); ++index)
    text += (index == 0 ? ": " : "; ") + describe_exception(exceptions[index]);
  return text;
}

}  // namespace

ExceptionGroup::ExceptionGroup(std::string message, std::vector<std::exception_ptr> exceptions)
    : std::runtime_error(group_text(message, exceptions)),
      contents_(std::make_shared<Contents>(Contents{std::move(message), std::move(exceptions)})) {}

ExceptionGroup::Halves ExceptionGroup::split(
    const std::function<bool(const std::exception_ptr&)>& matches) const {
  if (matches(std::make_exception_ptr(*this))) return {std::make_shared<ExceptionGroup>(*this), nullptr};
  std::vector<std::exception_ptr> matching;
  std::vector<std::exception_ptr> rest;
  for (const std::exception_ptr& member : exceptions()) {
    try {
      std::rethrow_exception(member);
    } catch (const ExceptionGroup& group) {
      const auto [inside, outside] = group.split(matches);
      if (inside) matching.push_back(std::make_exception_ptr(*inside));
      if (outside) rest.push_back(std::make_exception_ptr(*outside));
    } catch (...) {
      (matches(member) ? matching : rest).push_back(member);
    }
  }
  const auto group_of = [&](std::vector<std::exception_ptr>& part) {
    return part.empty() ? nullptr : std::make_shared<ExceptionGroup>(message(), std::move(part));
  };
  return {group_of(matching), group_of(rest)};
}

}  // namespace coweave
