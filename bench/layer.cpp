/// What the coroutine layer costs in production, beside standalone Asio's coroutines and Python's asyncio, in
/// one run. Takes Google Benchmark's options; prints a table with the ratios at its end.

#include <coweave/bench/layer.hpp>

#include <coweave/core/runner.hpp>
#include <coweave/core/sleep.hpp>

#include <benchmark/benchmark.h>

#include <cstdio>
#include <malloc.h>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace {

constexpr std::uint64_t batch = 100'000;

void run(benchmark::State& state, bench::Run workload) {
  while (state.KeepRunningBatch(batch)) workload(batch);
}

/// Keeps the median of each benchmark.
class Medians final : public benchmark::ConsoleReporter {
 public:
  void ReportRuns(const std::vector<Run>& runs) override {
    ConsoleReporter::ReportRuns(runs);
    for (const Run& run : runs) {
      const bool single = run.repetitions <= 1;
      if (single || run.aggregate_name == "median")
        median_ns_[run.run_name.function_name] = run.GetAdjustedCPUTime();
    }
  }
  /// 0: it did not run.
  [[nodiscard]] double of(const std::string& name) const {
    const auto found = median_ns_.find(name);
    return found == median_ns_.end() ? 0 : found->second;
  }

 private:
  std::map<std::string, double> median_ns_;
};

/// What the Python beside this program prints; empty if there is no Python.
std::map<std::string, double> measure_asyncio() {
  std::map<std::string, double> result;
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe(
      popen("python3 '" COWEAVE_SOURCE_DIR "/bench/layer_asyncio.py'", "r"), &pclose);
  char line[256];
  while (pipe && std::fgets(line, sizeof line, pipe.get())) {
    const std::string text = line;
    const std::size_t tab = text.find('\t');
    if (tab != std::string::npos) result[text.substr(0, tab)] = std::stod(text.substr(tab + 1));
  }
  return result;
}

std::string column(double value, double of_coweave) {
  char text[64];
  if (value <= 0) return "           -        ";
  std::snprintf(text, sizeof text, "%10.1f  %6.1fx", value, of_coweave > 0 ? value / of_coweave : 0);
  return text;
}

void print_table(const Medians& medians) {
  const std::map<std::string, double> asyncio = measure_asyncio();
  std::printf(
      "\nns of CPU time an operation (median), and how many times as long as here\n\n%-26s %8s %19s %19s\n",
      "", "coweave", "Asio", "asyncio");
  for (const bench::Workload& workload : bench::workloads) {
    const std::string name = workload.name;
    const double ours = medians.of(name + "/coweave");
    if (ours <= 0) continue;
    const auto python = asyncio.find(name);
    std::printf("%-26s %8.1f %s %s\n", name.c_str(), ours, column(medians.of(name + "/asio"), ours).c_str(),
                column(python == asyncio.end() ? 0 : python->second, ours).c_str());
  }
}

std::size_t heap_bytes() { return mallinfo2().uordblks + mallinfo2().hblkhd; }

/// A million tasks that sleep: what each takes, and how much of that is its coroutine's frame.
void print_memory() {
  using namespace coweave;
  using namespace std::chrono_literals;
  constexpr std::size_t count = 1'000'000;
  struct Sizes {
    std::size_t frames = 0;
    std::size_t all = 0;
  };
  auto sleeper = []() -> Coro<void> { co_await sleep(1h); };
  auto measure = [&]() -> Coro<Sizes> {
    Sizes sizes;
    std::vector<Coro<void>> coroutines;
    coroutines.reserve(count);
    const std::size_t before = heap_bytes();
    for (std::size_t index = 0; index < count; ++index) coroutines.push_back(sleeper());
    sizes.frames = heap_bytes() - before;
    for (Coro<void>& coroutine : coroutines) static_cast<void>(create_task(std::move(coroutine)));
    co_await sleep(0s);
    co_await sleep(0s);
    sizes.all = heap_bytes() - before;
    co_return sizes;
  };
  const Sizes sizes = coweave::run(measure());
  std::printf("\na sleeping task of a million: %zu bytes, of which its coroutine's frame %zu\n",
              sizes.all / count, sizes.frames / count);
}

}  // namespace

int main(int argc, char** argv) {
  for (const bench::Workload& workload : bench::workloads) {
    const std::string name = workload.name;
    benchmark::RegisterBenchmark((name + "/coweave").c_str(), run, workload.coweave);
    benchmark::RegisterBenchmark((name + "/asio").c_str(), run, workload.asio);
  }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  Medians medians;
  benchmark::RunSpecifiedBenchmarks(&medians);
  print_table(medians);
  print_memory();
  return 0;
}
