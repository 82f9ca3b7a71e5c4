/// Does systematic search know what matters? Random programs say so.
///
/// Each program is run in every order that there is, by depth-first search. What it does must follow from its
/// fingerprint: two orders that are said to be the same must end alike. And the search by dependence must
/// come by everything that the program can do unless time decides something, and by no fingerprint twice. So
/// every way in which steps depend on each other through the layer has to be told to whoever observes. What
/// programs share besides, in their interpreter, stands for one object (`Run::use_memory`).

#include <coweave/sim/causality/fingerprinting.hpp>
#include <coweave/sim/search/bounded_search.hpp>
#include <coweave/sim/search/dpor.hpp>
#include <coweave/tests/conformance/generate.hpp>
#include <coweave/tests/conformance/interpreter.hpp>
#include <coweave/tests/conformance/listing.hpp>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <rapidcheck.h>

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace coweave;
using namespace coweave::conformance;

/// What every actor did and what became of everything, whatever stood between in the log.
std::string by_actor(const std::vector<std::string>& log) {
  std::map<std::string, std::string> lines;
  for (const std::string& line : log) {
    const std::size_t actor = line.find(' ') + 1;
    lines[line.substr(actor, line.find(' ', actor) - actor)] += line + "\n";
  }
  std::string all;
  for (const auto& [actor, text] : lines) all += text;
  return all;
}

/// Whether time decides anything in `program`: timers are not brought into other orders.
bool uses_time(const Program& program) {
  bool uses = false;
  for (const Block& body : program.bodies) {
    for_each_operation(body, [&](const Operation& operation) {
      switch (operation.op) {
        case Op::sleep:
        case Op::call_later:
        case Op::timeout:
        case Op::reschedule:
        case Op::wait_for:
          uses = true;
          break;
        case Op::wait:
        case Op::as_completed:
        case Op::each_completed:
          uses = uses || operation.n != no_timeout;
          break;
        default:
          break;
      }
    });
  }
  return uses;
}

struct Verdict {
  enum class Kind { right, too_many_orders, unlike, missed, twice };
  Kind kind = Kind::right;
  std::string evidence = {};
  std::size_t orders = 0;  ///< that the search by dependence tried
  std::size_t ends = 0;    ///< different things that the program may do
};

class Judge {
 public:
  explicit Judge(std::uint64_t orders_max) : orders_max_(orders_max) {}

  Verdict judge(const Program& program) {
    std::map<std::uint64_t, std::string> all;  // by fingerprint: what the program does
    sim::BoundedSearch everything;
    sim::Fingerprinting policy(everything);
    for (std::uint64_t run = 1; policy.begin_run(run); ++run) {
      if (run > orders_max_) return {Verdict::Kind::too_many_orders};
      const std::string does = by_actor(interpreter_.run(program, coverage_, policy));
      const auto known = all.emplace(policy.fingerprint(), does).first;
      if (known->second != does) return {Verdict::Kind::unlike, known->second + "\nbut\n\n" + does};
    }
    return by_dependence(program, all);
  }

 private:
  Verdict by_dependence(const Program& program, const std::map<std::uint64_t, std::string>& all) {
    std::set<std::uint64_t> seen;
    std::set<std::string> left;  // what the program may do and was not seen to
    for (const auto& [fingerprint, does] : all) left.insert(does);
    const std::size_t ends = left.size();
    sim::Dpor dpor;
    sim::Fingerprinting policy(dpor);
    for (std::uint64_t run = 1; policy.begin_run(run); ++run) {
      const std::string does = by_actor(interpreter_.run(program, coverage_, policy));
      if (policy.gave_up()) continue;
      if (!seen.insert(policy.fingerprint()).second) return {Verdict::Kind::twice, does};
      left.erase(does);
    }
    if (!left.empty() && !uses_time(program)) return {Verdict::Kind::missed, *left.begin()};
    return {Verdict::Kind::right, {}, seen.size(), ends};
  }

  std::uint64_t orders_max_;
  Interpreter interpreter_;
  Coverage coverage_;
};

const char* in_words(Verdict::Kind kind) {
  switch (kind) {
    case Verdict::Kind::unlike:
      return "two orders with the same fingerprint differ in what the program does";
    case Verdict::Kind::missed:
      return "the search by dependence did not come by this";
    case Verdict::Kind::twice:
      return "the search by dependence came by this order twice";
    case Verdict::Kind::right:
    case Verdict::Kind::too_many_orders:
      break;
  }
  return "";
}

bool is_wrong(const Verdict& verdict) {
  return verdict.kind != Verdict::Kind::right && verdict.kind != Verdict::Kind::too_many_orders;
}

/// The smallest program that is wrong in the same way, on a way that takes the first smaller one that is.
Program shrink(rc::Shrinkable<Program> wrong, Verdict::Kind kind, Judge& judge) {
  for (bool smaller = true; smaller;) {
    smaller = false;
    auto candidates = wrong.shrinks();
    while (auto candidate = candidates.next()) {
      if (judge.judge(candidate->value()).kind != kind) continue;
      wrong = std::move(*candidate);
      smaller = true;
      break;
    }
  }
  return wrong.value();
}

}  // namespace

int main(int argc, char** argv) {
  std::uint64_t count = 1'000;
  std::uint64_t seed = 1;
  std::uint64_t orders_max = 2'000;
  int size_max = 30;
  CLI::App app{
      "Compares systematic search by dependence with the search of every order, on random programs."};
  app.add_option("--programs", count, "how many")->capture_default_str();
  app.add_option("--seed", seed, "of the programs")->capture_default_str();
  app.add_option("--orders-max", orders_max, "programs with more are left out")->capture_default_str();
  app.add_option("--size-max", size_max, "1 to 100: bounds their length")->capture_default_str();
  CLI11_PARSE(app, argc, argv);

  const rc::Gen<Program> generator = programs();
  Judge judge(orders_max);
  std::uint64_t compared = 0;
  std::uint64_t orders = 0;
  std::uint64_t ends = 0;
  for (std::uint64_t index = 0; index < count; ++index) {
    const rc::Random random(rc::Random::Key{seed, index, 1, 0});
    const int size = 1 + static_cast<int>(index % static_cast<std::uint64_t>(size_max));
    const rc::Shrinkable<Program> program = generator(random, size);
    const Verdict verdict = judge.judge(program.value());
    if (is_wrong(verdict)) {
      const Program small = shrink(program, verdict.kind, judge);
      fmt::print("Program {} of seed {}: {}.\n\n{}\n{}", index, seed, in_words(verdict.kind), listing(small),
                 judge.judge(small).evidence);
      return 1;
    }
    if (verdict.kind == Verdict::Kind::too_many_orders) continue;
    ++compared;
    orders += verdict.orders;
    ends += verdict.ends;
  }
  fmt::print(
      "{} programs, {} of them with more than {} orders left out; they can do {} things, all of them found "
      "in "
      "{} different orders.\n",
      count, count - compared, orders_max, ends, orders);
  return compared > 0 ? 0 : 1;
}
