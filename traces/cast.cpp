#include <coweave/traces/cast.hpp>

#include <coweave/traces/identity.hpp>
#include <coweave/traces/printable.hpp>
#include <coweave/traces/text_width.hpp>

#include <fmt/format.h>

#include <array>
#include <utility>

namespace coweave::traces {

Cast::Cast(const Trace& trace, bool ascii) : trace_(trace), ascii_(ascii) {
  for (const Task& task : trace.tasks) {
    tasks_[task.id] = &task;
    ++bearers_[task.name];
  }
  for (const Object& object : trace.objects) {
    ++namesakes_[{object.kind, object.name}];
    if (!is_inner(object.id)) ++objects_[object.name];
  }
}

std::string Cast::name(std::string_view identity) const {
  const std::string_view owner = owner_of(identity);
  const Task* known = task(owner);
  std::string result;
  if (owner == "~") {
    result = "the loop";
  } else if (!known || known->name.empty()) {
    result = owner;
  } else {
    result = shown(known->name);
    if (bearers_.at(known->name) > 1) result += fmt::format(" {}", owner);
  }
  const std::string_view role = role_of(identity);
  return role.empty() ? result : fmt::format("{}'s {}", result, role_in_words(role));
}

std::string Cast::full_name(std::string_view identity) const {
  const std::string_view owner = owner_of(identity);
  const Task* known = task(owner);
  if (!known || known->name.empty()) return name(identity);
  const std::string result = fmt::format("{} ({})", shown(known->name), owner);
  const std::string_view role = role_of(identity);
  return role.empty() ? result : fmt::format("{} of {}", role_in_words(role), result);
}

std::string Cast::object(std::uint32_t id) const {
  if (id == 0 || id > trace_.objects.size()) return fmt::format("object #{}", id);
  const Object& object = trace_.objects[id - 1];
  const std::string kind = shown(object.kind);
  if (object.name.empty()) return fmt::format("{} #{}", kind, id);
  const bool is_alone = namesakes_.at({object.kind, object.name}) == 1;
  return fmt::format("{} '{}'{}", kind, shown(object.name), is_alone ? "" : fmt::format(" #{}", id));
}

std::string Cast::short_object(std::uint32_t id) const {
  if (id == 0 || id > trace_.objects.size()) return object(id);
  const Object& object = trace_.objects[id - 1];
  if (object.name.empty() || namesakes_.at({object.kind, object.name}) > 1) return this->object(id);
  const std::string name = with_hard_spaces(fmt::format("'{}'", shown(object.name)));
  const auto bearers = objects_.find(object.name);
  if (bearers != objects_.end() && bearers->second > 1) return this->object(id);
  if (is_inner(id)) return fmt::format("{} ({})", name, shown(object.kind.substr(object.kind.find('.') + 1)));
  return name;
}

bool Cast::is_inner(std::uint32_t id) const {
  return id != 0 && id <= trace_.objects.size() && trace_.objects[id - 1].kind.find('.') != std::string::npos;
}

std::string Cast::shown(std::string_view text) const {
  return ascii_ ? printable_ascii(text) : printable(text);
}

const Task* Cast::task(std::string_view identity) const {
  const auto found = tasks_.find(identity);
  return found == tasks_.end() ? nullptr : found->second;
}

std::string role_in_words(std::string_view role) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 4> words = {
      {{"call", "callback"},
       {"done", "done callback"},
       {"group", "task group"},
       {"returned", "thread result"}}};
  const std::size_t hash = role.find('#');
  std::string result(role.substr(0, hash));
  for (const auto& [kind, meaning] : words) {
    if (result == kind) {
      result = meaning;
      break;
    }
  }
  if (hash != std::string_view::npos) result += fmt::format(" {}", role.substr(hash));
  return result;
}

}  // namespace coweave::traces
