#include <coweave/traces/find_version.hpp>

#include <nlohmann/json.hpp>

#include <string>
#include <utility>

namespace coweave::traces {

namespace {

/// Looks at nothing but the "version" of the document.
class VersionFinder final : public nlohmann::json_sax<nlohmann::json> {
 public:
  std::optional<Value> version;

  bool null() override { return scalar(Value::Kind::null); }
  bool boolean(bool) override { return scalar(Value::Kind::boolean); }
  bool number_integer(number_integer_t) override { return scalar(Value::Kind::negative); }
  bool number_unsigned(number_unsigned_t number) override { return scalar(Value::Kind::natural, number); }
  bool number_float(number_float_t, const string_t&) override { return scalar(Value::Kind::fraction); }
  bool string(string_t&) override { return scalar(Value::Kind::text); }
  bool binary(binary_t&) override { return scalar(Value::Kind::null); }
  bool start_object(std::size_t) override { return begin(); }
  bool end_object() override { return end(); }
  bool start_array(std::size_t) override { return begin(); }
  bool end_array() override { return end(); }
  bool key(string_t& key) override {
    wanted_ = depth_ == 1 && key == "version";
    return true;
  }
  bool parse_error(std::size_t, const std::string&, const nlohmann::json::exception&) override {
    return false;
  }

 private:
  bool scalar(Value::Kind kind, std::uint64_t natural = 0) {
    if (!std::exchange(wanted_, false)) return true;
    version.emplace().kind = kind;
    version->natural = natural;
    return false;
  }
  bool begin() {
    ++depth_;
    return !std::exchange(wanted_, false);
  }
  bool end() {
    --depth_;
    return true;
  }

  std::size_t depth_ = 0;
  bool wanted_ = false;
};

}  // namespace

std::optional<Value> find_version(std::string_view bytes) {
  VersionFinder finder;
  static_cast<void>(nlohmann::json::sax_parse(bytes.begin(), bytes.end(), &finder));
  return finder.version;
}

}  // namespace coweave::traces
