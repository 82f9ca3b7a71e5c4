#include <coweave/tests/linearizability/recorded.hpp>

#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <regex>
#include <sstream>
#include <stdexcept>

namespace coweave::tests {

namespace {

/// Reads a file line by line and says where it is.
class Lines {
 public:
  explicit Lines(const std::filesystem::path& path) : name_(path.filename().string()), file_(path) {
    if (!file_) throw std::runtime_error(name_ + ": cannot be read");
  }
  bool next(std::string& line) {
    ++number_;
    return static_cast<bool>(std::getline(file_, line));
  }
  [[noreturn]] void refuse(const std::string& what) const {
    throw std::runtime_error(name_ + ":" + std::to_string(number_) + ": " + what);
  }

 private:
  std::string name_;
  std::ifstream file_;
  std::size_t number_ = 0;
};

/// Which call of each process is under way.
template <class M>
class Processes {
 public:
  explicit Processes(History<M>& history) : history_(history) {}
  void invoke(const std::string& process, typename M::Operation operation) {
    under_way_[process] = history_.invoke(std::move(operation), process);
  }
  std::size_t ended(const std::string& process, const Lines& lines) {
    const auto call = under_way_.find(process);
    if (call == under_way_.end()) lines.refuse("process " + process + " has called nothing");
    const std::size_t number = call->second;
    under_way_.erase(call);
    return number;
  }

 private:
  History<M>& history_;
  std::map<std::string, std::size_t> under_way_;
};

std::optional<int> number_or_nil(const std::string& text) {
  if (text == "nil") return std::nullopt;
  return std::stoi(text);
}

/// The operation of an `:invoke`: of ":cas" the value is "[expected new]".
EtcdRegister::Operation etcd_operation(const std::string& what, const std::string& value,
                                       const Lines& lines) {
  if (what == ":read") return EtcdRegister::read();
  if (what == ":write") return EtcdRegister::write(number_or_nil(value));
  std::smatch both;
  static const std::regex pair(R"(\[(\w+) (\w+)\])");
  if (what != ":cas" || !std::regex_match(value, both, pair))
    lines.refuse("no operation: " + what + " " + value);
  return EtcdRegister::compare_and_set(number_or_nil(both[1]), number_or_nil(both[2]));
}

void read_etcd(const std::filesystem::path& path, History<EtcdRegister>& history) {
  Lines lines(path);
  Processes<EtcdRegister> processes(history);
  static const std::regex shape(R"(INFO\s+jepsen\.util - (\d+)\s+(:\w+)\s+(:\w+)\s+(.*))");
  for (std::string line; lines.next(line);) {
    std::smatch part;
    if (!std::regex_match(line, part, shape)) continue;  // of what else is logged
    const std::string process = part[1];
    const std::string type = part[2];
    const std::string value = part[4];
    if (type == ":invoke") {
      processes.invoke(process, etcd_operation(part[3], value, lines));
      continue;
    }
    const std::size_t call = processes.ended(process, lines);
    if (value == ":timed-out") {
      history.cut_short(call);
    } else if (part[3] == ":read") {
      history.respond(call, number_or_nil(value));
    } else if (part[3] == ":write") {
      history.respond(call, Nothing{});
    } else {
      history.respond(call, type == ":ok");
    }
  }
}

void read_key_value(const std::filesystem::path& path, History<KeyValueStore>& history) {
  using Operation = KeyValueStore::Operation;
  Lines lines(path);
  Processes<KeyValueStore> processes(history);
  static const std::regex shape(
      R"re(\{:process (\d+), :type :(\w+), :f :(\w+), :key "([^"]*)", :value (nil|"([^"]*)")\})re");
  static const std::map<std::string, Operation::Kind> kinds{
      {"get", Operation::Kind::get}, {"put", Operation::Kind::put}, {"append", Operation::Kind::append}};
  for (std::string line; lines.next(line);) {
    std::smatch part;
    if (!std::regex_match(line, part, shape) || !kinds.contains(part[3])) lines.refuse("no call: " + line);
    const std::string process = part[1];
    const Operation::Kind kind = kinds.at(part[3]);
    if (part[2] == "invoke") {
      processes.invoke(process, {kind, part[4], part[6]});
      continue;
    }
    const std::size_t call = processes.ended(process, lines);
    if (kind == Operation::Kind::get) {
      history.respond(call, std::string(part[6]));
    } else {
      history.respond(call, Nothing{});
    }
  }
}

template <class M, class Read>
void read_history(Recorded& recorded, const std::filesystem::path& path, Read read) {
  auto history = std::make_shared<History<M>>(M(), recorded.name);
  read(path, *history);
  recorded.calls = history->calls().size();
  recorded.check = [history](const CheckOptions& options) { return history->check(options); };
}

}  // namespace

std::string to_string(const KeyValueStore::Operation& operation) {
  using Kind = KeyValueStore::Operation::Kind;
  const std::string key = detail::show(operation.key);
  if (operation.kind == Kind::get) return "get(" + key + ")";
  return (operation.kind == Kind::put ? "put(" : "append(") + key + ", " + detail::show(operation.value) +
         ")";
}

KeyValueStore::Response KeyValueStore::apply(const Operation& operation) {
  switch (operation.kind) {
    case Operation::Kind::get:
      return value;
    case Operation::Kind::put:
      value = operation.value;
      break;
    case Operation::Kind::append:
      value += operation.value;
      break;
  }
  return Nothing{};
}

std::vector<Recorded> recorded_histories(const std::filesystem::path& folder) {
  std::vector<Recorded> all;
  Lines verdicts(folder / "verdicts.tsv");
  for (std::string line; verdicts.next(line);) {
    const std::size_t tab = line.find('\t');
    Recorded recorded;
    recorded.name = line.substr(0, tab);
    const std::string verdict = tab == std::string::npos ? "" : line.substr(tab + 1);
    if (verdict != "linearizable" && verdict != "not linearizable") verdicts.refuse("no verdict: " + line);
    recorded.linearizable = verdict == "linearizable";
    if (recorded.name.starts_with("etcd_")) {
      read_history<EtcdRegister>(recorded, folder / recorded.name, read_etcd);
    } else {
      read_history<KeyValueStore>(recorded, folder / recorded.name, read_key_value);
    }
    all.push_back(std::move(recorded));
  }
  return all;
}

}  // namespace coweave::tests
