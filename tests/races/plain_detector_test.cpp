/// The detector, which keeps little of what others do, sees in random histories with locks and events what
/// one sees that keeps everything.

#include <coweave/tests/races/plain_detector.hpp>

#include <coweave/sim/random.hpp>
#include <coweave/tests/races/script.hpp>

#include <doctest/doctest.h>

#include <array>
#include <set>
#include <string>
#include <vector>

using namespace coweave;
using namespace coweave::tests;

namespace {

/// Locks are free when they are acquired, events are set when they are waited for, so that nobody waits.
std::vector<Word> random_history(std::uint64_t seed) {
  sim::Random random;
  random.reseed(seed, 3);
  std::array<char, 2> holders{};
  std::set<char> set;
  std::vector<Word> words;
  const std::uint32_t tasks = 2 + random.below(3);
  const std::size_t length = 4 + random.below(14);
  while (words.size() < length) {
    const auto task = static_cast<char>('A' + random.below(tasks));
    const std::size_t lock = random.below(2);
    const auto event = static_cast<char>('0' + random.below(3));
    switch (random.below(6)) {
      case 0: {
        if (holders[lock] != 0 && holders[lock] != task) break;
        words.push_back({task, holders[lock] == task ? ']' : '[', static_cast<char>('0' + lock)});
        holders[lock] = holders[lock] == task ? char{0} : task;
        break;
      }
      case 1:
        words.push_back({task, '!', event});
        set.insert(event);
        break;
      case 2:
        if (set.contains(event)) words.push_back({task, '?', event});
        break;
      default:
        words.push_back({task, "rrwwu"[random.below(5)], '0'});
    }
  }
  return words;
}

std::string in_words(const std::vector<Word>& words) {
  std::string text;
  for (const Word& word : words) {
    text += (text.empty() ? "" : " ") + std::string{word.task, word.does};
    if (std::string_view("[]!?").find(word.does) != std::string_view::npos) text += word.which;
  }
  return text;
}

}  // namespace

TEST_CASE("race detector: of pieces it tells what one tells that keeps all") {
  std::size_t told = 0;
  std::size_t missed = 0;
  for (std::uint64_t seed = 1; seed <= 6'000; ++seed) {
    const std::vector<Word> words = random_history(seed);
    CAPTURE(in_words(words));
    const ScriptRace race = run_script(words, {.atomicity = Severity::failure});
    const std::size_t until = race.what == "none" ? words.size() : race.word;
    for (std::size_t word = 0; word < until; ++word) {
      const Told plain = plainly_apart(std::span(words).first(word + 1));
      CHECK(plain != Told::by_all);
      missed += plain == Told::by_some ? 1U : 0U;
    }
    if (until == words.size()) continue;
    CHECK(plainly_apart(std::span(words).first(until + 1)) != Told::nothing);
    ++told;
  }
  CHECK(told > 1'500);
  CHECK(told < 5'500);
  CHECK(missed < 60);
}

TEST_CASE("race detector: of order it tells what one tells that keeps all") {
  std::size_t told = 0;
  for (std::uint64_t seed = 1; seed <= 6'000; ++seed) {
    const std::vector<Word> words = random_history(seed);
    CAPTURE(in_words(words));
    const ScriptRace race = run_script(words, {.order = Severity::failure});
    std::size_t first = 0;
    while (first < words.size() && !plainly_unordered(std::span(words).first(first + 1))) ++first;
    CHECK((race.what == "none" ? words.size() : race.word) == first);
    told += first < words.size() ? 1U : 0U;
  }
  CHECK(told > 1'500);
  CHECK(told < 5'900);
}
