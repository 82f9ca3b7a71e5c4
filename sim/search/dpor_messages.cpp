#include <coweave/sim/search/dpor_messages.hpp>

#include <coweave/sim/search/message.hpp>

#include <cstddef>

namespace coweave::sim {

using detail::get;
using detail::get_all;
using detail::get_list;
using detail::put;
using detail::put_all;
using detail::put_list;

namespace {

void put_tried(std::string& message, const std::vector<DporTried>& list) {
  put_list(message, list, [&](const DporTried& tried) {
    put(message, tried.actor);
    put_all(message, tried.effects);
  });
}

void get_tried(const char*& from, std::vector<DporTried>& list) {
  get_list(from, list, [&](DporTried& tried) {
    tried.actor = get<std::uint64_t>(from);
    get_all(from, tried.effects);
  });
}

}  // namespace

std::string to_message(const DporTask& task) {
  std::string message;
  put_all(message, task.path);
  put_tried(message, task.asleep);
  return message;
}

DporTask dpor_task(std::string_view message) {
  const char* from = message.data();
  DporTask task;
  get_all(from, task.path);
  get_tried(from, task.asleep);
  return task;
}

std::string to_message(const DporLeft& left) {
  std::string message;
  put_all(message, left.effects);
  put_list(message, left.nodes, [&](const DporNode& node) {
    put(message, node.is_step);
    put(message, node.taken);
    put(message, node.options);
    put_all(message, node.effects);
    put_all(message, node.candidates);
    put_all(message, node.to_try);
    put_tried(message, node.tried);
    put_tried(message, node.asleep);
  });
  put_list(message, left.races, [&](const Race& race) {
    put(message, race.node);
    put(message, race.second);
    put_all(message, race.initials);
  });
  return message;
}

DporLeft dpor_left(std::string_view message) {
  const char* from = message.data();
  DporLeft left;
  get_all(from, left.effects);
  get_list(from, left.nodes, [&](DporNode& node) {
    node.is_step = get<bool>(from);
    node.taken = get<std::uint64_t>(from);
    node.options = get<std::uint32_t>(from);
    get_all(from, node.effects);
    get_all(from, node.candidates);
    get_all(from, node.to_try);
    get_tried(from, node.tried);
    get_tried(from, node.asleep);
  });
  get_list(from, left.races, [&](Race& race) {
    race.node = get<std::size_t>(from);
    race.second = get<std::uint64_t>(from);
    get_all(from, race.initials);
  });
  return left;
}

}  // namespace coweave::sim
