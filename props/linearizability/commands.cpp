#include <coweave/props/linearizability/commands.hpp>

#include <ostream>

namespace coweave::detail {

namespace {

void write_list(std::ostream& stream, const std::vector<std::string>& parts) {
  for (std::size_t index = 0; index < parts.size(); ++index)
    stream << (index == 0 ? "" : ", ") << parts[index];
}

}  // namespace

std::ostream& write_program(std::ostream& stream, const std::vector<std::string>& prefix,
                            const std::vector<std::vector<std::string>>& parallel) {
  write_list(stream, prefix);
  if (!prefix.empty() && !parallel.empty()) stream << ", then ";
  for (std::size_t process = 0; process < parallel.size(); ++process) {
    stream << (process == 0 ? "[" : " and [");
    write_list(stream, parallel[process]);
    stream << "]";
  }
  if (parallel.size() > 1) stream << " at once";
  return stream;
}

void write_program_type(std::ostream& stream) { stream << "commands"; }

}  // namespace coweave::detail
