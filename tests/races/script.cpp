#include <coweave/tests/races/script.hpp>

#include <coweave/coweave.hpp>

#include <array>
#include <sstream>

namespace coweave::tests {

namespace {

struct Stage {
  Stage(std::size_t& present, Guards which) : word(present), guards(which) {}

  Shared<int> it{0, "it"};
  std::array<Lock, 4> locks;
  std::array<BoundedSemaphore, 4> semaphores;
  std::array<Semaphore, 4> pools{Semaphore(2), Semaphore(2), Semaphore(2), Semaphore(2)};
  std::array<Semaphore, 4> signals{Semaphore(0), Semaphore(0), Semaphore(0), Semaphore(0)};
  std::array<Event, 4> events;
  std::size_t& word;  ///< that is being done
  Guards guards;
};

Coro<void> acquire(Stage& stage, std::size_t which) {
  if (stage.guards == Guards::locks) co_await stage.locks.at(which).acquire();
  if (stage.guards == Guards::semaphores) co_await stage.semaphores.at(which).acquire();
  if (stage.guards == Guards::pools) co_await stage.pools.at(which).acquire();
}

void release(Stage& stage, std::size_t which) {
  if (stage.guards == Guards::locks) stage.locks.at(which).release();
  if (stage.guards == Guards::semaphores) stage.semaphores.at(which).release();
  if (stage.guards == Guards::pools) stage.pools.at(which).release();
}

Coro<void> act(Stage& stage, const Word& word) {
  const auto which = static_cast<std::size_t>(word.which - '0');
  switch (word.does) {
    case 'r':
      static_cast<void>(co_await stage.it.read());
      break;
    case 'w':
      co_await stage.it.write(1);
      break;
    case 'u':
      co_await stage.it.update([](int& value) { ++value; });
      break;
    case 'x':
      static_cast<void>(co_await stage.it.exchange(2));
      break;
    case 'c':
      static_cast<void>(co_await stage.it.compare_exchange(stage.it.unobserved(), 3));
      break;
    case 'f':
      static_cast<void>(co_await stage.it.compare_exchange(stage.it.unobserved() + 1, 3));
      break;
    case '[':
      co_await acquire(stage, which);
      break;
    case ']':
      release(stage, which);
      break;
    case '+':
      stage.signals.at(which).release();
      break;
    case '-':
      co_await stage.signals.at(which).acquire();
      break;
    case '!':
      stage.events.at(which).set();
      break;
    case '?':
      co_await stage.events.at(which).wait();
      break;
    default:
      COWEAVE_REQUIRE(word.does == 'r');
  }
}

Coro<void> play(Stage& stage, const std::vector<Word>& words, char task) {
  for (std::size_t turn = 0; turn < words.size(); ++turn) {
    if (words[turn].task != task) continue;
    const Duration now = Loop::current().time();
    co_await sleep(std::chrono::seconds(turn + 1) - now);
    stage.word = turn;
    co_await act(stage, words[turn]);
  }
}

}  // namespace

std::vector<Word> words_of(std::string_view script) {
  std::vector<Word> words;
  std::istringstream stream{std::string(script)};
  for (std::string word; stream >> word;)
    words.push_back({word[0], word.at(1), word.size() > 2 ? word[2] : '0'});
  return words;
}

ScriptRace run_script(const std::vector<Word>& words, const Races& races, Guards guards) {
  std::size_t reached = 0;
  const auto scenario = [&]() -> Coro<void> {
    Stage stage(reached, guards);
    std::vector<Task<void>> tasks;
    std::string names;
    for (const Word& word : words) {
      if (names.find(word.task) != std::string::npos) continue;
      names += word.task;
      tasks.push_back(create_task(play(stage, words, word.task), {.name = std::string(1, word.task)}));
    }
    for (Task<void>& task : tasks) co_await task;
  };
  Options options{.policy = "fifo", .runs = 1};
  options.races = races;
  const Exploration result = explore(scenario, options);
  ScriptRace race;
  if (!result.finding) return race;
  const std::string& message = result.finding->trace.verdict.message;
  race.message = message;
  race.word = reached;
  race.what = message.substr(0, message.find('\n'));
  constexpr std::string_view begin = "race for Shared 'it': ";
  if (race.what.starts_with(begin)) race.what.erase(0, begin.size());
  return race;
}

ScriptRace run_script(std::string_view script, const Races& races, Guards guards) {
  return run_script(words_of(script), races, guards);
}

}  // namespace coweave::tests
