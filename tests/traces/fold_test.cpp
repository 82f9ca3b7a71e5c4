#include <coweave/traces/fold.hpp>

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

using namespace coweave::traces;

namespace {

/// A scene for each letter: the same letter says the same, a capital deviates from asyncio's order.
std::vector<Scene> scenes(std::string_view letters) {
  std::vector<Scene> result;
  for (const char letter : letters) {
    Scene scene;
    scene.step = result.size() + 1;
    scene.actor = "0.1";
    scene.is_step = true;
    scene.deviates = letter >= 'A' && letter <= 'Z';
    scene.lines = {{"0.1", letter == '!' ? Mark::failure : Mark::act, std::string(1, letter), {}}};
    result.push_back(std::move(scene));
  }
  return result;
}

/// "ab 3*cd e": count and times of each stretch, with the letters that it shows; "(4)" for four left out.
std::string told(const std::vector<Stretch>& stretches, std::string_view letters) {
  std::string text;
  std::size_t next = 0;
  for (const Stretch& stretch : stretches) {
    CHECK(stretch.first == next);
    next = stretch.end();
    if (!text.empty()) text += ' ';
    if (stretch.left_out) {
      text += "(" + std::to_string(stretch.count) + ")";
      continue;
    }
    if (stretch.times > 1) text += std::to_string(stretch.times) + (stretch.by_others ? "others*" : "*");
    text += letters.substr(stretch.first, stretch.count);
  }
  CHECK(next == letters.size());
  return text;
}

std::string fold(std::string_view letters) { return told(folded(scenes(letters)), letters); }

}  // namespace

TEST_CASE("fold: what repeats itself often enough makes one stretch") {
  CHECK(fold("") == "");
  CHECK(fold("abc") == "abc");
  CHECK(fold("xaaaaay") == "x 5*a y");
  CHECK(fold("xabababy") == "x 3*ab y");
  CHECK(fold("xabcabcabcd") == "x 3*abc d");
}

TEST_CASE("fold: what saves too little stays as it is") {
  CHECK(fold("xaaaay") == "xaaaay");
  CHECK(fold("ababcd") == "ababcd");
}

TEST_CASE("fold: the fold that covers most is taken") {
  CHECK(fold("aabaabaab") == "3*aab");
  CHECK(fold("aaaaaabab") == "6*a bab");
}

TEST_CASE("fold: neither a deviation nor a failure is folded") {
  CHECK(fold("aaaaaA") == "5*a A");
  CHECK(fold("AAAAAA") == "AAAAAA");
  CHECK(fold("!!!!!!") == "!!!!!!");
}

TEST_CASE("fold: the same by one task after another makes one stretch") {
  std::vector<Scene> all = scenes("aaaaaa");
  for (std::size_t index = 0; index < all.size(); ++index)
    all[index].actor = all[index].lines[0].owner = "0." + std::to_string(index);
  CHECK(told(folded(all), "aaaaaa") == "6others*a");
}

TEST_CASE("fold: of too many scenes the middle is left out, more at the beginning than at the end") {
  const std::string letters = "abcdefghijklmnopqrst";
  const std::vector<Stretch> stretches = folded(scenes(letters));
  CHECK(told(shortened(stretches, 10), letters) == "ab (10) mnopqrst");
  CHECK(told(shortened(stretches, 20), letters) == letters);
  CHECK(told(shortened(stretches, 0), letters) == letters);
}

TEST_CASE("fold: a folded stretch is left out whole or shown whole") {
  const std::string letters = "abcxxxxxxdefghijk";
  const std::vector<Stretch> stretches = folded(scenes(letters));
  CHECK(told(stretches, letters) == "abc 6*x defghijk");
  CHECK(told(shortened(stretches, 6), letters) == "a (11) ghijk");
  CHECK(told(shortened(stretches, 11), letters) == "ab (1) 6*x defghijk");
}
