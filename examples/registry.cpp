/// Names for workers, as Erlang's process registry: a name stands for one worker. Whether a name is free is
/// looked up, and then the server is asked to register it: two that look at once both find it free.

#include <coweave/coweave.hpp>
#include <coweave/props/linearizability/state_machine.hpp>

#include <cstdio>
#include <map>
#include <optional>

using namespace coweave;
using namespace std::chrono_literals;

namespace registry {

class Names {
 public:
  explicit Names(bool mended) : mended_(mended) {}

  /// Throws ValueError if the name is taken.
  Coro<void> add(int name, int worker) {
    if (names_.contains(name)) throw ValueError("the name is taken");
    co_await sleep(0s);  // to the server
    if (mended_ && names_.contains(name)) throw ValueError("the name is taken");
    names_[name] = worker;
  }
  Coro<std::optional<int>> find(int name) {
    co_await sleep(0s);
    const auto found = names_.find(name);
    co_return found == names_.end() ? std::nullopt : std::optional(found->second);
  }

 private:
  std::map<int, int> names_;
  bool mended_;
};

/// What it should do, if calls came one by one.
struct Model {
  struct Operation {
    enum class Kind : std::uint8_t { add, find } kind;
    int name;
    int worker;

    friend std::string to_string(const Operation& operation) {
      const std::string called = std::to_string(operation.name);
      return operation.kind == Kind::find ? "find(" + called + ")"
                                          : "add(" + called + ", " + std::to_string(operation.worker) + ")";
    }
  };
  using Response = Reply<std::optional<int>>;

  std::map<int, int> names;

  Response apply(const Operation& operation) {
    const auto found = names.find(operation.name);
    if (operation.kind == Operation::Kind::find)
      return found == names.end() ? std::nullopt : std::optional(found->second);
    if (found != names.end()) return raised<ValueError>();
    names[operation.name] = operation.worker;
    return Nothing{};
  }
  auto operator<=>(const Model&) const = default;
};

template <bool mended>
struct Test {
  using Model = registry::Model;
  using System = Names;
  static System system() { return Names(mended); }
  static rc::Gen<Model::Operation> command(const Model&) {
    using Kind = Model::Operation::Kind;
    return rc::gen::apply(
        [](Kind kind, int name, int worker) { return Model::Operation{kind, name, worker}; },
        rc::gen::element(Kind::add, Kind::find), rc::gen::inRange(1, 3), rc::gen::inRange(1, 9));
  }
  static Coro<Model::Response> run(System& names, Model::Operation operation) {
    if (operation.kind == Model::Operation::Kind::find) co_return co_await names.find(operation.name);
    co_await names.add(operation.name, operation.worker);
    co_return Nothing{};
  }
};

}  // namespace registry

int main() {
  const Exploration bug = state_machine<registry::Test<false>>("registry", {.runs = 1'000});
  const Exploration fix =
      state_machine<registry::Test<true>>("registry, mended", {.runs = 100'000, .cases = 100});
  std::puts((bug.report() + "\n" + fix.report()).c_str());
  return !bug.passed() && fix.passed() ? 0 : 1;
}
