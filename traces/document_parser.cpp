#include <coweave/traces/document_parser.hpp>

#include <coweave/traces/invalid.hpp>
#include <coweave/traces/limits.hpp>
#include <coweave/traces/printable.hpp>
#include <coweave/traces/utf8.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>

namespace coweave::traces {

namespace {

using Sax = nlohmann::json_sax<nlohmann::json>;

/// "line 3, column 14" of the byte at `offset`.
std::string line_and_column(std::string_view bytes, std::size_t offset) {
  const std::string_view before = bytes.substr(0, std::min(offset, bytes.size()));
  const auto lines = std::count(before.begin(), before.end(), '\n');
  const std::size_t newline = before.rfind('\n');
  const std::size_t column = newline == std::string_view::npos ? before.size() + 1 : before.size() - newline;
  return fmt::format("line {}, column {}", lines + 1, column);
}

/// What nlohmann says, without its own numbering and place: "[json.…] parse error at line 1, column 2: …".
std::string reason(std::string_view what) {
  std::size_t start = what.find("] ");
  start = start == std::string_view::npos ? 0 : start + 2;
  if (what.substr(start).starts_with("parse error at ")) {
    const std::size_t colon = what.find(": ", start);
    if (colon != std::string_view::npos) start = colon + 2;
  }
  constexpr std::size_t shown_max = 200;
  return printable(beginning(what.substr(start), shown_max)) + (what.size() - start > shown_max ? "…" : "");
}

class Parser final : public Sax {
 public:
  Parser(std::string_view bytes, const DocumentHandler& handler) : bytes_(bytes), handler_(handler) {}

  bool null() override { return scalar({}); }
  bool boolean(bool boolean) override {
    Value value;
    value.kind = Value::Kind::boolean;
    value.boolean = boolean;
    return scalar(std::move(value));
  }
  bool number_integer(number_integer_t number) override {
    Value value;  // nlohmann gives "-0" here
    value.kind = number < 0 ? Value::Kind::negative : Value::Kind::natural;
    return scalar(std::move(value));
  }
  bool number_unsigned(number_unsigned_t number) override {
    Value value;
    value.kind = Value::Kind::natural;
    value.natural = number;
    return scalar(std::move(value));
  }
  bool number_float(number_float_t, const string_t&) override {
    Value value;
    value.kind = Value::Kind::fraction;
    return scalar(std::move(value));
  }
  bool string(string_t& text) override {
    Value value;
    value.kind = Value::Kind::text;
    value.text = std::move(text);
    return scalar(std::move(value));
  }
  bool binary(binary_t&) override { return scalar({}); }

  bool start_object(std::size_t) override {
    if (level_ == Level::outside) {
      level_ = Level::document;
      return true;
    }
    return open(Value::Kind::object);
  }
  bool end_object() override {
    if (open_.empty()) {
      level_ = Level::outside;
      return true;
    }
    return close();
  }
  bool start_array(std::size_t) override {
    if (level_ == Level::document && open_.empty() && list_expected_) {
      level_ = Level::list;
      place_.index = 0;
      return true;
    }
    return open(Value::Kind::list);
  }
  bool end_array() override {
    if (open_.empty()) {
      level_ = Level::document;
      return true;
    }
    return close();
  }

  bool key(string_t& key) override {
    if (open_.empty()) {
      if (!keys_.insert(key).second)
        throw Invalid(pointer("", key), "this key stands here twice; remove one");
      place_ = {key, std::nullopt};
      list_expected_ = handler_.key(key);
      return true;
    }
    Value& object = *open_.back();
    if (object.find(key)) throw Invalid(pointer(here(), key), "this key stands here twice; remove one");
    if (object.members.size() == keys_max)
      throw Invalid(here(), fmt::format("more than {} keys; no object of a trace has so many", keys_max));
    object.members.emplace_back(std::move(key), Value{});
    return true;
  }

  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::json::exception& error) override {
    throw Invalid(line_and_column(bytes_, position == 0 ? 0 : position - 1),
                  "this is not JSON: " + reason(error.what()) +
                      "; if the file was cut off or edited by hand, record the trace again");
  }

 private:
  enum class Level : std::uint8_t { outside, document, list };

  /// Pointer to the innermost open value.
  [[nodiscard]] std::string here() const {
    std::string result = place_.pointer();
    for (std::size_t depth = 0; depth + 1 < open_.size(); ++depth) {
      const Value& value = *open_[depth];
      result = value.kind == Value::Kind::list ? pointer(result, value.items.size() - 1)
                                               : pointer(result, value.members.back().first);
    }
    return result;
  }

  Value& add(Value value) {
    if (level_ == Level::outside) {
      throw Invalid("document", fmt::format("a trace is a JSON object, and this is {}; is it the right file?",
                                            describe(value.kind)));
    }
    if (level_ == Level::document && open_.empty() && list_expected_)
      throw Invalid(place_.pointer(), fmt::format("expected a list, found {}", describe(value.kind)));
    if (open_.empty()) {
      if (place_.index && *place_.index == entries_max)
        throw Invalid(pointer("", place_.key), fmt::format("more than {} entries", entries_max));
      values_ = 1;
      record_ = std::move(value);
      return record_;
    }
    if (++values_ > values_per_record_max)
      throw Invalid(place_.pointer(),
                    fmt::format("more than {} values in one record", values_per_record_max));
    Value& parent = *open_.back();
    if (parent.kind == Value::Kind::list) return parent.items.emplace_back(std::move(value));
    return parent.members.back().second = std::move(value);
  }

  bool scalar(Value value) {
    add(std::move(value));
    if (open_.empty()) deliver();
    return true;
  }

  bool open(Value::Kind kind) {
    Value value;
    value.kind = kind;
    Value& added = add(std::move(value));
    open_.push_back(&added);
    const std::size_t depth = open_.size() + (level_ == Level::list ? 2 : 1);
    if (depth > depth_max) throw Invalid(here(), fmt::format("nested deeper than {} levels", depth_max));
    return true;
  }

  bool close() {
    open_.pop_back();
    if (open_.empty()) deliver();
    return true;
  }

  void deliver() {
    handler_.record(place_, record_);
    if (place_.index) ++*place_.index;
  }

  std::string_view bytes_;
  const DocumentHandler& handler_;
  Level level_ = Level::outside;
  std::set<std::string> keys_;  ///< of the document
  RecordPlace place_;           ///< of the record that is being read
  bool list_expected_ = false;  ///< the value of the present key of the document is a list of records
  Value record_;
  std::vector<Value*> open_;  ///< lists and objects that have begun and not ended, outermost first
  std::size_t values_ = 0;    ///< of the record
};

}  // namespace

std::string RecordPlace::pointer() const {
  const std::string list = traces::pointer("", key);
  return index ? traces::pointer(list, *index) : list;
}

std::string_view describe(Value::Kind kind) noexcept {
  switch (kind) {
    case Value::Kind::null:
      return "null";
    case Value::Kind::boolean:
      return "true or false";
    case Value::Kind::natural:
      return "a whole number";
    case Value::Kind::negative:
      return "a negative number";
    case Value::Kind::fraction:
      return "a number with a fraction, an exponent or too many digits";
    case Value::Kind::text:
      return "a text";
    case Value::Kind::list:
      return "a list";
    case Value::Kind::object:
      return "an object";
  }
  return "something";
}

void parse_document(std::string_view bytes, const DocumentHandler& handler) {
  Parser parser(bytes, handler);
  static_cast<void>(nlohmann::json::sax_parse(bytes.begin(), bytes.end(), &parser));
}

}  // namespace coweave::traces
