#include <coweave/props/catch2.hpp>

#include <iostream>

namespace coweave::detail {

std::string told_apart(const std::string& report) {
  std::cerr << '\n' << report << std::flush;
  return report.substr(0, report.find('\n')) + "\nThe whole report is on standard error.";
}

}  // namespace coweave::detail
