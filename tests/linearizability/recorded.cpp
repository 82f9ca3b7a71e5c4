#include <coweave/tests/linearizability/recorded.hpp>

#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

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

/// The operation of an `:invoke`: of ":cas" the value is "[expected" and "new]".
EtcdRegister::Operation etcd_operation(const std::vector<std::string>& words, const Lines& lines) {
  const std::string& what = words[5];
  if (what == ":read") return EtcdRegister::read();
  if (what == ":write") return EtcdRegister::write(number_or_nil(words[6]));
  if (what != ":cas" || words.size() != 8 || !words[6].starts_with('[') || !words[7].ends_with(']'))
    lines.refuse("no operation: " + what + " " + words[6]);
  return EtcdRegister::compare_and_set(number_or_nil(words[6].substr(1)),
                                       number_or_nil(words[7].substr(0, words[7].size() - 1)));
}

void read_etcd(const std::filesystem::path& path, History<EtcdRegister>& history) {
  Lines lines(path);
  Processes<EtcdRegister> processes(history);
  for (std::string line; lines.next(line);) {
    std::istringstream text(line);
    std::vector<std::string> words;  // "INFO jepsen.util - 0 :invoke :write 4"
    for (std::string word; text >> word;) words.push_back(word);
    if (words.size() < 7 || words[1] != "jepsen.util") continue;  // of what else is logged
    const std::string& process = words[3];
    if (words[4] == ":invoke") {
      processes.invoke(process, etcd_operation(words, lines));
      continue;
    }
    const std::size_t call = processes.ended(process, lines);
    if (words[6] == ":timed-out") {
      history.cut_short(call);
    } else if (words[5] == ":read") {
      history.respond(call, number_or_nil(words[6]));
    } else if (words[5] == ":write") {
      history.respond(call, Nothing{});
    } else {
      history.respond(call, words[4] == ":ok");
    }
  }
}

/// What stands behind `key` in a line such as {:process 0, :type :invoke, :f :get, :key "7", :value nil}: up
/// to the comma or the brace, or within quotes.
std::string field(const std::string& line, const std::string& key, const Lines& lines) {
  const std::size_t found = line.find(":" + key + " ");
  if (found == std::string::npos) lines.refuse("no :" + key);
  const std::size_t begin = found + key.size() + 2;
  if (line[begin] == '"') return line.substr(begin + 1, line.find('"', begin + 1) - begin - 1);
  return line.substr(begin, line.find_first_of(",}", begin) - begin);
}

void read_key_value(const std::filesystem::path& path, History<KeyValueStore>& history) {
  using Operation = KeyValueStore::Operation;
  Lines lines(path);
  Processes<KeyValueStore> processes(history);
  static const std::map<std::string, Operation::Kind> kinds{
      {":get", Operation::Kind::get}, {":put", Operation::Kind::put}, {":append", Operation::Kind::append}};
  for (std::string line; lines.next(line);) {
    const std::string process = field(line, "process", lines);
    const auto kind = kinds.find(field(line, "f", lines));
    if (kind == kinds.end()) lines.refuse("no operation: " + line);
    const std::string value = field(line, "value", lines);
    if (field(line, "type", lines) == ":invoke") {
      processes.invoke(process, {kind->second, field(line, "key", lines), value});
      continue;
    }
    const std::size_t call = processes.ended(process, lines);
    if (kind->second == Operation::Kind::get) {
      history.respond(call, value);
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
