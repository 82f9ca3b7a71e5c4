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

/// Locks are free when they are acquired, events are set when they are waited for, and there are permits when
/// they are taken, so that nobody waits.
std::vector<Word> random_history(std::uint64_t seed) {
  sim::Random random;
  random.reseed(seed, 3);
  std::array<char, 2> holders{};
  std::set<char> set;
  std::array<int, 2> permits{};
  std::vector<Word> words;
  const std::uint32_t tasks = 2 + random.below(3);
  const std::size_t length = 4 + random.below(14);
  while (words.size() < length) {
    const auto task = static_cast<char>('A' + random.below(tasks));
    const std::size_t lock = random.below(2);
    const auto event = static_cast<char>('0' + random.below(3));
    switch (random.below(8)) {
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
      case 3:
        if (random.below(2) == 0) {
          words.push_back({task, '+', static_cast<char>('0' + lock)});
          ++permits[lock];
        } else if (permits[lock] > 0) {
          words.push_back({task, '-', static_cast<char>('0' + lock)});
          --permits[lock];
        }
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
    if (std::string_view("[]!?+-").find(word.does) != std::string_view::npos) text += word.which;
  }
  return text;
}

/// The same with nothing that keeps others out.
std::vector<Word> without_locks(std::vector<Word> words) {
  for (Word& word : words) {
    if (word.does == '[' || word.does == ']') word = {word.task, '.'};
  }
  return words;
}

/// That the detector sees of pieces what one sees that keeps all: in how many histories it told something.
std::size_t compare_pieces(Guards guards) {
  std::size_t told = 0;
  std::size_t missed = 0;
  for (std::uint64_t seed = 1; seed <= 6'000; ++seed) {
    const std::vector<Word> words = random_history(seed);
    const std::vector<Word> plain_words = guards == Guards::pools ? without_locks(words) : words;
    CAPTURE(in_words(words));
    const ScriptRace race = run_script(words, {.atomicity = Severity::failure}, guards);
    const std::size_t until = race.what == "none" ? words.size() : race.word;
    for (std::size_t word = 0; word < until; ++word) {
      const Told plain = plainly_apart(std::span(plain_words).first(word + 1));
      CHECK(plain != Told::by_all);
      missed += plain == Told::by_some ? 1U : 0U;
    }
    if (until == words.size()) continue;
    CHECK(plainly_apart(std::span(plain_words).first(until + 1)) != Told::nothing);
    ++told;
  }
  CHECK(missed < 60);
  return told;
}

/// The same of order.
std::size_t compare_order(Guards guards) {
  std::size_t told = 0;
  for (std::uint64_t seed = 1; seed <= 6'000; ++seed) {
    const std::vector<Word> words = random_history(seed);
    const std::vector<Word> plain_words = guards == Guards::pools ? without_locks(words) : words;
    CAPTURE(in_words(words));
    const ScriptRace race = run_script(words, {.order = Severity::failure}, guards);
    std::size_t first = 0;
    while (first < words.size() && !plainly_unordered(std::span(plain_words).first(first + 1))) ++first;
    CHECK((race.what == "none" ? words.size() : race.word) == first);
    told += first < words.size() ? 1U : 0U;
  }
  return told;
}

}  // namespace

TEST_CASE("race detector: of pieces it tells what one tells that keeps all") {
  const std::size_t told = compare_pieces(Guards::locks);
  CHECK(told > 1'500);
  CHECK(told < 5'500);
}

TEST_CASE("race detector: of order it tells what one tells that keeps all") {
  const std::size_t told = compare_order(Guards::locks);
  CHECK(told > 1'500);
  CHECK(told < 5'900);
}

TEST_CASE("race detector: a semaphore of one permit is a lock") {
  CHECK(compare_pieces(Guards::semaphores) > 1'500);
  CHECK(compare_order(Guards::semaphores) > 1'500);
}

TEST_CASE("race detector: a semaphore of more permits keeps nobody out, and orders nothing") {
  CHECK(compare_pieces(Guards::pools) > 1'500);
  CHECK(compare_order(Guards::pools) > 1'500);
}
