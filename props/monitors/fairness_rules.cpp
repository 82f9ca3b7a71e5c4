/// Rules that know who came when: fifo and bounded_wait.

#include <coweave/props/monitors/keyed_rule.hpp>

#include <algorithm>
#include <utility>

namespace coweave::detail {

using monitors::Occurrence;

namespace {

/// Somebody, or something, in a line.
struct Place {
  KeyValue who;
  Memo came = 0;
  Memo left = 0;
  std::int64_t passed_over = 0;
  std::vector<Memo> by;  ///< those that went before
};

/// Keeps the memory of those that have left; and what they were, if it is to be told.
struct Line {
  std::vector<Place> places;  // from `front` to `end` are those in line
  std::size_t front = 0;
  std::size_t end = 0;

  void reset() noexcept { front = end = 0; }

  [[nodiscard]] Place* begin_of() noexcept { return places.data() + front; }
  [[nodiscard]] Place* end_of() noexcept { return places.data() + end; }

  [[nodiscard]] Place* find(const NoteValue& who) {
    Place* const place =
        std::find_if(begin_of(), end_of(), [&](const Place& one) { return one.who.equals(who); });
    return place == end_of() ? nullptr : place;
  }

  /// Who has left last of those that are known still; null: nobody.
  [[nodiscard]] const Place* find_left(const NoteValue& who) const {
    for (std::size_t place = front; place-- > 0;) {
      if (places[place].who.equals(who)) return &places[place];
    }
    return nullptr;
  }

  void join(const NoteValue& who, Memo came) {
    if (came == 0 && front > 32 && 2 * front > end) {  // those who left are at the front
      std::rotate(places.data(), begin_of(), end_of());
      end -= std::exchange(front, 0);
    }
    if (end == places.size()) places.emplace_back();
    Place& place = places[end++];
    place.who.set(who);
    place.came = came;
    place.left = 0;
    place.passed_over = 0;
    place.by.clear();
  }

  void leave(Place* place, Memo left = 0) {
    place->left = left;
    std::rotate(begin_of(), place, place + 1);
    ++front;
  }
};

class Fair : public KeyedRule<Line> {
 public:
  using KeyedRule::KeyedRule;

 private:
  void take(Line& line, const Occurrence& now, unsigned roles) final {
    with_key(clause().who, now, [&](const NoteValue& who) { move(line, who, now, roles); });
  }
  virtual void move(Line& line, const NoteValue& who, const Occurrence& now, unsigned roles) = 0;
};

class Fifo final : public Fair {
 public:
  using Fair::Fair;

 private:
  void move(Line& line, const NoteValue& item, const Occurrence& now, unsigned roles) override {
    if (roles & first) line.join(item, run().remember(now));
    if (!(roles & second)) return;
    Place* const place = line.find(item);
    if (!place) return not_in_line(line, item, now);
    if (Place& front = *line.begin_of(); place != &front) {
      const Memo memos[] = {front.came, place->came};
      return broken(
          to_string(now) + ", though " + key_text(clause().who, front.who.view()) + " was put before it",
          memos, &now);
    }
    line.leave(place, run().remember(now));
  }

  void not_in_line(const Line& line, const NoteValue& item, const Occurrence& now) const {
    std::vector<Memo> memos;
    if (const Place* place = line.find_left(item)) memos = {place->came, place->left};
    broken(to_string(now) + ", which was not put, or got before", memos, &now);
  }
};

class BoundedWait final : public Fair {
 public:
  using Fair::Fair;

 private:
  void move(Line& line, const NoteValue& who, const Occurrence& now, unsigned roles) override {
    if (roles & second) grant(line, who, now);
    if ((roles & third) && !run().failed()) {
      if (Place* const place = line.find(who)) line.leave(place);
    }
    if (roles & first) line.join(who, run().remember(now));
  }

  void grant(Line& line, const NoteValue& who, const Occurrence& now) {
    Place* const granted = line.find(who);
    // Those who came later are not passed over.
    Place* const end = granted ? granted : line.end_of();
    for (Place* place = line.begin_of(); place != end; ++place) {
      if (++place->passed_over > clause().bound) {
        std::vector<Memo> memos{place->came};
        memos.insert(memos.end(), place->by.begin(), place->by.end());
        return broken(to_string(now) + ", and so " + key_text(clause().who, place->who.view()) +
                          " is passed over " +
                          (place->passed_over == 1 ? "once" : std::to_string(place->passed_over) + " times"),
                      memos, &now);
      }
      if (const Memo memo = run().remember(now)) place->by.push_back(memo);
    }
    if (granted) line.leave(granted);
  }
};

}  // namespace

std::unique_ptr<Rule> make_fairness_rule(const std::string& name, const Clause& clause, RunView& run) {
  if (clause.form == Form::fifo) return std::make_unique<Fifo>(name, clause, run);
  return std::make_unique<BoundedWait>(name, clause, run);
}

}  // namespace coweave::detail
