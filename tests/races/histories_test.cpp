/// Which histories of accesses are told as not in one piece or as ordered by luck: one by one, and compared
/// with every order of the pieces.

#include <coweave/sim/random.hpp>
#include <coweave/tests/races/script.hpp>
#include <coweave/tests/races/serial.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <span>
#include <string>
#include <string_view>
#include <vector>

using namespace coweave;
using namespace coweave::tests;

namespace {

const Races by_order{.order = Severity::failure};

const std::string lost = "a task read and then wrote it, and another wrote it in between: a lost update";
const std::string lost_to_update =
    "a task read and then wrote it, and another updated it in between: a lost update";
const std::string read_twice = "a task read it twice, and another wrote it in between";
const std::string stolen = "a task wrote and then read it, and another wrote it in between";
const std::string half_written = "a task wrote it twice, and another read it in between";
const std::string none = "none";

struct Case {
  const char* script;
  std::string told;
};

std::size_t last_access(std::string_view script) {
  const std::vector<Word> words = words_of(script);
  std::size_t word = words.size();
  while (std::string_view("rwuxcf").find(words[--word].does) == std::string_view::npos) {
  }
  return word;
}

void check_all(const std::vector<Case>& cases, const Races& races = {.atomicity = Severity::failure}) {
  for (const Case& one : cases) {
    CAPTURE(std::string(one.script));
    const ScriptRace race = run_script(one.script, races);
    CHECK(race.what == one.told);
    if (race.what != none) CHECK(race.word == last_access(one.script));
  }
}

std::string in_words(const std::vector<Word>& words) {
  std::string text;
  for (const Word& word : words) text += (text.empty() ? "" : " ") + std::string{word.task, word.does};
  return text;
}

/// AVIO's own criterion: the last word, that of the same task before it, and one of another in between could
/// not have been at once if there were nothing else.
bool neighbours_are_apart(std::span<const Word> words) {
  const Word& last = words.back();
  std::size_t first = words.size() - 1;
  while (first-- > 0) {
    if (words[first].task == last.task && words[first].does != 'u') break;
  }
  for (std::size_t other = first + 1; first < words.size() && other + 1 < words.size(); ++other) {
    const std::vector<Word> three{words[first], words[other], last};
    if (words[other].task != last.task && !could_be_at_once(three)) return true;
  }
  return false;
}

/// Whether the task of the last word has updated it.
bool has_updated(std::span<const Word> words) {
  return std::any_of(words.begin(), words.end(),
                     [&](const Word& word) { return word.task == words.back().task && word.does == 'u'; });
}

/// A history, and what is told of it.
struct Trial {
  std::vector<Word> words;
  std::size_t told;   ///< the word with which something is told; their number: nothing is
  std::size_t apart;  ///< the first whose task cannot have made its piece at once

  [[nodiscard]] std::span<const Word> until_told() const {
    return std::span(words).first(std::min(told + 1, words.size()));
  }
};

Trial trial(std::uint64_t seed, std::string_view verbs, std::uint32_t length_max) {
  sim::Random random;
  random.reseed(seed, verbs.size());
  std::vector<Word> words;
  const std::uint32_t tasks = 2 + random.below(2);
  for (std::uint32_t count = 3 + random.below(length_max - 2); count > 0; --count) {
    const auto task = static_cast<char>('A' + random.below(tasks));
    words.push_back({task, verbs[random.below(static_cast<std::uint32_t>(verbs.size()))]});
  }
  const ScriptRace race = run_script(words, {.atomicity = Severity::failure});
  std::size_t apart = 0;
  while (apart < words.size() && could_be_at_once(std::span(words).first(apart + 1))) ++apart;
  return {words, race.what == none ? words.size() : race.word, apart};
}

}  // namespace

TEST_CASE("race histories: the four patterns, and the four others") {
  check_all({{"Ar Bw Aw", lost},
             {"Ar Bw Ar", read_twice},
             {"Aw Bw Ar", stolen},
             {"Aw Br Aw", half_written},
             {"Ar Br Ar", none},
             {"Ar Br Aw", none},
             {"Aw Br Ar", none},
             {"Aw Bw Aw", none}});
}

TEST_CASE("race histories: a failed compare_exchange neither begins nor ends a piece") {
  check_all({{"Ar Bw Af Aw", lost},
             {"Ar Bw Af Ar", none},  // it was told, and looks again
             {"Ar Bw Af Ar Aw", none},
             {"Ar Bw Af Ar Cw Aw", lost},
             {"Af Bw Aw", none},
             {"Af Bw Ar", none},
             {"Ar Af Bw Aw", lost}});
}

TEST_CASE("race histories: a compare_exchange that succeeds knows what it replaces, and ends a piece") {
  check_all({{"Ar Bw Ac", none},
             {"Ar Bw Ac Aw", none},
             {"Ac Bw Aw", none},
             {"Ar Bc Aw", lost_to_update},
             {"Aw Ac Br Aw", none},
             {"Ac Bf Aw Bc Af Bw Ac Aw", none}});  // a lock that spins
}

TEST_CASE("race histories: an update of its own does not hide what happens around it") {
  check_all({{"Ar Bu Au Aw", lost_to_update},
             {"Ar Au Bw Aw", lost},
             {"Ar Bw Bw Aw", lost},
             {"Ar Au Bw Ar", read_twice},
             {"Aw Au Br Aw", half_written}});
}

TEST_CASE("race histories: what an update finds is the present value, so it loses nothing") {
  check_all({{"Ar Bw Au", "a task read and then updated it, and another wrote it in between"},
             {"Aw Bw Au", "a task wrote and then updated it, and another wrote it in between"},
             {"Aw Br Au", "a task wrote and then updated it, and another read it in between"},
             {"Ar Bu Ar", "a task read it twice, and another updated it in between"},
             {"Aw Bu Ar", "a task wrote and then read it, and another updated it in between"},
             {"Aw Bu Aw", "a task wrote it twice, and another updated it in between"},
             {"Aw Bx Aw", "a task wrote it twice, and another updated it in between"},
             {"Ar Bu Au", none},
             {"Aw Bu Au", none},
             {"Au Bw Aw", none},
             {"Au Bu Au", none},
             {"Au Bw Ar", none},
             // Both look first, and then both take.
             {"Ar Br Au Bu", "a task read and then updated it, and another updated it in between"}});
}

TEST_CASE("race histories: the first and the last access need not be neighbours") {
  check_all({{"Aw Br Ar Aw", half_written},
             {"Aw Br Ar Ar Aw", half_written},
             {"Aw Br Bw Aw", half_written},
             {"Aw Bw Cr Aw", none},
             {"Ar Aw Bw Aw", lost},
             {"Ar Bw Cw Ar", read_twice}});
}

TEST_CASE("race histories: accesses that events order are none that come in between by luck") {
  check_all({{"Ar A!1 B?1 Bw B!2 A?2 Aw", none},
             {"Ar A!1 B?1 Bw Aw", lost},
             {"Ar Bw B!2 A?2 Aw", lost},  // it has not looked again
             {"Ar Bw B!2 A?2 Ar", none},  // it has
             {"Ar Bw B!2 A?2 Ar Aw", none},
             {"Aw A!1 B?1 Br B!2 A?2 Aw", none},
             {"Aw Br B!2 A?2 Aw", half_written},
             {"Aw A!1 B?1 Br Aw", half_written}});
}

TEST_CASE("race histories: a later access that is ordered hides none that is not") {
  check_all({{"Ar A!1 B?1 C?1 Bw Cw C!2 A?2 Aw", lost},
             {"Ar A!1 B?1 C?1 Bw Cw C!2 A?2 Ar", read_twice},
             {"Ar C?1 A!1 Bw Cw Aw", lost},
             {"Aw A!1 B?1 C?1 Br Cr C!2 A?2 Aw", half_written},
             {"Aw A!1 B?1 C?1 Br Cr B!2 A?2 Aw", half_written},
             {"Ar A!1 B?1 Bw B!2 C?2 Cw C!3 A?3 Aw", none},
             {"Ar A!1 B?1 Bw B!2 A?2 C?2 Ar Cw C!3 A?3 Aw", lost},
             {"Ar A!1 B?1 Bw B!2 Cw C!3 A?2 A?3 Aw", lost}});
}

TEST_CASE("race histories: a lock protects what is done while it is held, and orders nothing else") {
  check_all({{"A[1 Ar A]1 B[1 Bw B]1 A[1 Aw A]1", lost},
             {"A[1 Ar Aw A]1 B[1 Br Bw B]1 A[1 Ar Aw A]1", none},  // each looks again
             {"A[1 Aw A]1 B[1 Br B]1 A[1 Aw A]1", none},           // each is right by itself
             {"A[1 Ar Aw A]1 B[1 Bw B]1 A[1 Aw A]1", none},
             {"A[1 Aw A]1 B[1 Bw B]1 A[1 Ar A]1", none},
             {"Ar B[1 Bw B]1 A[1 Ar Aw A]1", none},  // looks again under the lock
             {"Ar A[2 A]2 B[2 B]2 Bw B[2 B]2 A[2 A]2 Aw", lost},
             {"Ar A[2 A]2 B[2 B]2 Bw B[2 B]2 A[2 A]2 Ar", read_twice},
             {"A[2 Ar A]2 Bw A[2 Ar A]2", read_twice},
             {"A[1 Aw A]1 B[2 Br B]2 A[1 Aw A]1", half_written},
             {"A[1 Ar A]1 B[1 Bu B]1 A[1 Au A]1", none}});
}

TEST_CASE("race histories: the order of accesses is that of events and of locks held at both") {
  const std::string read_after_write = "nothing orders a read after a write of another task";
  const std::string write_after_read = "nothing orders a write after a read of another task";
  const std::string write_after_write = "nothing orders a write after a write of another task";
  check_all({{"Aw Br", read_after_write},
             {"Ar Bw", write_after_read},
             {"Aw Bw", write_after_write},
             {"Au Bu", write_after_write},
             {"Ar Br", none},
             {"Aw A!1 B?1 Br", none},
             {"Aw A!1 B?1 Br B!2 C?2 Cw", none},
             {"A[1 Aw A]1 B[1 Br B]1", none},
             {"A[1 Aw A]1 B[2 Br B]2", read_after_write},
             {"Aw A[2 A]2 B[2 B]2 Br", read_after_write},  // who took it first did so by luck
             {"A[1 A[2 Aw A]2 A]1 B[2 Bw B]2 C[1 Cr C]1", read_after_write},
             {"Aw A!1 B?1 C?1 B[1 Bw B]1 C[1 Cw C]1 B[1 Bw B]1", none},
             // Whoever has the lock before the other is told goes first: that is no luck.
             {"A[1 A!1 B?1 Aw A]1 B[1 B]1 Br", none},
             {"A[1 A!1 B?1 B[1 Aw A]1 B]1 Br", none},
             {"A[1 B[1 Aw A]1 B]1 Br", read_after_write}},
            by_order);
  check_all({{"Aw A+1 B-1 Br", none},
             {"Aw A+1 B-1 Br B+1 C-1 Cw", none},            // a permit that is passed on
             {"A+1 B-1 Bw A+1 C-1 Cw", write_after_write},  // there were two
             {"Aw A+1 B+1 C-1 Cr", none},                   // not known whose permit it was
             {"A+1 Aw B-1 Br", read_after_write}},
            by_order);
}

TEST_CASE("race histories: three accesses are told if and only if they could not have been at once") {
  for (const char first : {'r', 'w', 'u'}) {
    for (const char other : {'r', 'w', 'u'}) {
      for (const char last : {'r', 'w', 'u'}) {
        const std::vector<Word> words{{'A', first}, {'B', other}, {'A', last}};
        CAPTURE(in_words(words));
        CHECK((run_script(words, {.atomicity = Severity::failure}).what == none) == could_be_at_once(words));
      }
    }
  }
}

TEST_CASE("race histories: reads and writes at random are told as soon as a piece cannot have been at once") {
  std::size_t told = 0;
  for (std::uint64_t seed = 1; seed <= 4'000; ++seed) {
    const Trial one = trial(seed, "rw", 8);
    CAPTURE(in_words(one.words));
    CHECK(one.told <= one.apart);
    if (one.told < one.apart) CHECK(neighbours_are_apart(one.until_told()));
    told += one.told < one.words.size() ? 1U : 0U;
  }
  CHECK(told > 1'500);
  CHECK(told < 3'500);
}

TEST_CASE(
    "race histories: with updates of others all of it is told, and nothing that could have been at once") {
  std::size_t told = 0;
  std::size_t untold = 0;
  for (std::uint64_t seed = 1; seed <= 4'000; ++seed) {
    const Trial one = trial(seed, "rwu", 6);
    CAPTURE(in_words(one.words));
    if (one.told < one.apart)
      CHECK((neighbours_are_apart(one.until_told()) || !is_serialisable(one.until_told())));
    if (one.told > one.apart) CHECK(has_updated(std::span(one.words).first(one.apart + 1)));
    told += one.told < one.words.size() ? 1U : 0U;
    untold += one.told > one.apart ? 1U : 0U;
  }
  CHECK(told > 1'000);
  CHECK(untold < 100);
}
