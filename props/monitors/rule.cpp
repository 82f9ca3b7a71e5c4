#include <coweave/props/monitors/rule.hpp>

#include <coweave/core/check.hpp>
#include <coweave/traces/printable.hpp>

namespace coweave::detail {

using monitors::Key;
using monitors::Occurrence;

std::optional<NoteValue> Rule::other_key_of(Key key, const Occurrence& now) const {
  const bool is_value = key.kind == Key::Kind::value;
  if (!is_value && now.kind == Occurrence::Kind::operation)
    return NoteValue(run_.simulation().number_of(now.object));
  const std::string what = is_value ? "value(" + std::to_string(key.index) + ")" : "object()";
  broken(to_string(now) + ", which has no " + what + " to tell it by", {}, &now);
  return std::nullopt;
}

std::string Rule::key_text(Key key, const NoteValue& value) const {
  if (key.kind == Key::Kind::task) return run_.name_of_task(static_cast<std::uint32_t>(value.number()));
  if (key.kind == Key::Kind::object) return "object " + std::to_string(value.number());
  return traces::printable(to_string(value));
}

std::unique_ptr<Rule> make_rule(const std::string& name, const Clause& clause, RunView& run) {
  switch (clause.form) {
    case Form::never:
    case Form::precedes:
    case Form::never_between:
    case Form::exclusive:
    case Form::count:
      return make_order_rule(name, clause, run);
    case Form::eventually:
    case Form::leads_to:
      return make_waiting_rule(name, clause, run);
    case Form::fifo:
    case Form::bounded_wait:
      return make_fairness_rule(name, clause, run);
    case Form::happens_before:
      return make_causal_rule(name, clause, run);
  }
  COWEAVE_INTERNAL_CHECK(false, "every form has a rule");
  return nullptr;
}

}  // namespace coweave::detail
