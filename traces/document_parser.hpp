#pragma once

/// JSON -> the records of a document, one after another.
///
/// A document is an object whose values are records (a number, a text, an object) or lists of records. The
/// parser gives each record away as soon as it has ended, so that the memory it needs is that of one record,
/// and a document that goes wrong early costs little.

#include <coweave/traces/value.hpp>

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace coweave::traces {

/// Where in the document a record stands: `key`, or the `index`-th entry of the list at `key`.
struct RecordPlace {
  std::string key;
  std::optional<std::size_t> index;

  [[nodiscard]] std::string pointer() const;
};

/// What to do with the parts of a document. Both may throw Invalid.
struct DocumentHandler {
  /// The document has this key; says whether its value is a list of records. Refuses keys that it does not
  /// know.
  std::function<bool(const std::string& key)> key;
  std::function<void(const RecordPlace& place, const Value& record)> record;
};

/// Parses `bytes` and calls `handler`. Throws Invalid for what is not JSON, not UTF-8, not an object, nested
/// too deep, too large, or has a key twice.
void parse_document(std::string_view bytes, const DocumentHandler& handler);

}  // namespace coweave::traces
