#pragma once

/// Why something is not a trace.

#include <string>

namespace coweave::traces {

struct ReadError {
  enum class Kind : unsigned char {
    file,      ///< the bytes could not be had
    document,  ///< the bytes are not a trace
  };
  Kind kind = Kind::document;
  /// Of a file: its path. Of text that is not JSON: "line 3, column 14". Otherwise a JSON pointer (RFC 6901)
  /// such as "/choices/3/taken"; "document": it as a whole. Printable, and cut off after 200 bytes.
  std::string place;
  std::string message;  ///< what is wrong, and what to do; printable UTF-8, one line
};

/// "/choices/3/taken: …".
[[nodiscard]] std::string to_string(const ReadError& error);

}  // namespace coweave::traces
