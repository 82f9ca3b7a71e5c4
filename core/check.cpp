#include <coweave/core/check.hpp>

#include <cstdio>
#include <cstdlib>

namespace coweave::detail {

void check_failed(const char* condition, const char* expectation, std::source_location where) {
  std::fprintf(
      stderr,
      "coweave: internal check failed at %s:%u: %s\n"
      "  condition: %s\n"
      "  This is a defect in coweave, or memory of the program has been overwritten. Run the program under\n"
      "  AddressSanitizer first; if that is clean, please report it with the trace.\n",
      where.file_name(), static_cast<unsigned>(where.line()), expectation, condition);
  std::abort();
}

}  // namespace coweave::detail
