/// A consumer that adds coweave as a subdirectory.

#include <coweave/coweave.hpp>
#include <coweave/traces/trace.hpp>

#include <cstdio>
#include <source_location>
#include <string_view>

int main() {
  std::printf("coweave traces of version %d\n", coweave::traces::trace_version);

  const std::string_view file = std::source_location::current().file_name();
  if (file == "main.cpp") return 0;
  std::printf("places must be relative to the project, but this is %s\n", file.data());
  return 1;
}
