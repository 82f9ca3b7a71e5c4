#include <coweave/props/coverage/expected_names.hpp>

namespace coweave::detail {

std::string variable_called(const std::string& name) { return "Shared '" + name + "'"; }

std::string in_words(const std::vector<ExpectedName>& names) {
  std::string text;
  for (const ExpectedName& expected : names) {
    if (!expected.seen) text += "never seen: " + expected.name + ", which " + expected.option + " names\n";
  }
  return text;
}

}  // namespace coweave::detail
