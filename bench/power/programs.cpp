#include <coweave/bench/power/programs.hpp>

#include <coweave/bench/power/historic/historic.hpp>
#include <coweave/bench/power/kernels.hpp>

#include <utility>

namespace coweave::bench {

namespace {

struct Kernel {
  std::string name;
  sim::Scenario scenario;
  Published published;
};

std::vector<Kernel> kernels() {
  constexpr std::nullopt_t none = std::nullopt;
  // What was published: SURW, URW, PCT with depth 3, POS, random walk. (SafeStack: 1,000,000 runs.)
  return {
      {"account", [] { return account(); }, {6, 3, 4, 4, 18}},
      {"carter", [] { return carter(); }, {none, none, 5, 2, 1}},
      {"deadlock", [] { return deadlock(); }, {2, 3, 13, 4, 3}},
      {"lazy", [] { return lazy(); }, {2, 4, 5, 5, 21}},
      {"reorder_3", [] { return reorder(2, 1); }, {7, 24, 185, 86, none}},
      {"reorder_4", [] { return reorder(3, 1); }, {7, 22, 554, 533, none}},
      {"reorder_5", [] { return reorder(4, 1); }, {10, 27, 647, 2169, none}},
      {"reorder_10", [] { return reorder(9, 1); }, {17, 74, 3225, none, none}},
      {"reorder_20", [] { return reorder(10, 10); }, {6, 10, 3005, none, none}},
      {"reorder_50", [] { return reorder(40, 10); }, {13, 75, 3304, none, none}},
      {"reorder_100", [] { return reorder(99, 1); }, {194, 3785, none, none, none}},
      {"stack", [] { return stack(); }, {5, 986, 3, 2, 176}},
      {"token_ring", [] { return token_ring(); }, {8, 9, 8, 9, 13}},
      {"twostage", [] { return two_stage(1, 1); }, {8, 9, 13, 15, 464}},
      {"twostage_20", [] { return two_stage(10, 10); }, {6, 24, 159, 156, none}},
      {"twostage_50", [] { return two_stage(40, 10); }, {20, 93, 1676, 1637, none}},
      {"twostage_100", [] { return two_stage(99, 1); }, {454, 2992, 7466, 6674, none}},
      {"wronglock_3", [] { return wrong_lock(3); }, {9, 5, 58, 11, 36}},
      {"wronglock", [] { return wrong_lock(7); }, {7, 4, 51, 10, 36}},
      {"stringbuffer", [] { return string_buffer(); }, {8, 834, 281, 23, 2243}},
      {"safestack", [] { return safe_stack(); }, {368921, none, none, none, none}},
  };
}

}  // namespace

std::vector<Program> programs() {
  std::vector<Program> all;
  const Options at_accesses{.steps_max = 10'000, .scheduling_points = SchedulingPoints::accesses};
  for (Kernel& kernel : kernels()) {
    all.push_back(
        {"kernels", std::move(kernel.name), std::move(kernel.scenario), at_accesses, kernel.published});
  }
  for (HistoricBug& bug : historic_bugs())
    all.push_back({"historic", bug.id, std::move(bug.buggy), bug.options()});
  return all;
}

}  // namespace coweave::bench
