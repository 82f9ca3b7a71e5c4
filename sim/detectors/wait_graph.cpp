#include <coweave/sim/detectors/wait_graph.hpp>

#include <coweave/core/task.hpp>
#include <coweave/sim/recording/recorder.hpp>
#include <coweave/sim/simulation.hpp>

#include <algorithm>
#include <map>
#include <set>
#include <string_view>

namespace coweave::sim {

namespace {

/// An await inside coweave's own coroutines says nothing to the reader.
bool inside_coweave(std::string_view file) {
  return file.find("coweave/core/") != std::string_view::npos ||
         file.find("coweave/props/") != std::string_view::npos;
}

struct Edge {
  std::uint32_t task;
  std::string name;
  std::string what;
  std::vector<std::uint32_t> blockers;  ///< tasks that would have to act first
  bool could_go;
};

std::string in_words(const WaitDescription& wait) {
  if (wait.object.kind) {
    std::string text = wait.object.kind;
    if (wait.object.name) text += std::string(" '") + wait.object.name + "'";
    return text;
  }
  if (wait.tasks.empty()) return wait.action;
  std::string text = wait.tasks.size() == 1 ? "task " : wait.action + std::string(" of tasks ");
  for (std::size_t index = 0; index < wait.tasks.size(); ++index)
    text += (index == 0 ? "'" : ", '") + wait.tasks[index]->name() + "'";
  return text;
}

/// The first cycle met when following the blockers from the tasks in order, as indices into `edges`.
std::vector<std::size_t> find_cycle(const std::vector<Edge>& edges) {
  std::map<std::uint32_t, std::size_t> index_of;
  for (std::size_t index = 0; index < edges.size(); ++index) index_of[edges[index].task] = index;
  enum class Mark : std::uint8_t { fresh, on_path, finished };
  std::vector<Mark> marks(edges.size(), Mark::fresh);
  struct Frame {
    std::size_t node;
    std::size_t next_blocker;
  };
  for (std::size_t start = 0; start < edges.size(); ++start) {
    std::vector<Frame> path;
    if (marks[start] == Mark::fresh) path.push_back({start, 0});
    if (!path.empty()) marks[start] = Mark::on_path;
    while (!path.empty()) {
      Frame& top = path.back();
      const std::vector<std::uint32_t>& blockers = edges[top.node].blockers;
      if (top.next_blocker == blockers.size()) {
        marks[top.node] = Mark::finished;
        path.pop_back();
        continue;
      }
      const auto blocker = index_of.find(blockers[top.next_blocker++]);
      if (blocker == index_of.end() || marks[blocker->second] == Mark::finished) continue;
      if (marks[blocker->second] == Mark::fresh) {
        marks[blocker->second] = Mark::on_path;
        path.push_back({blocker->second, 0});
        continue;
      }
      std::vector<std::size_t> cycle;
      for (const Frame& frame : path) {
        if (!cycle.empty() || frame.node == blocker->second) cycle.push_back(frame.node);
      }
      return cycle;
    }
  }
  return {};
}

std::string deadlock_message(const std::vector<Edge>& edges, const std::vector<std::size_t>& cycle,
                             std::string_view shape) {
  std::string text;
  if (!cycle.empty()) {
    for (std::size_t index = 0; index < cycle.size(); ++index) {
      const Edge& edge = edges[cycle[index]];
      const Edge& next = edges[cycle[(index + 1) % cycle.size()]];
      text += (index == 0 ? "'" : ", '") + edge.name + "' waits for " + edge.what;
      if (edge.what.find("'" + next.name + "'") == std::string::npos) text += " held by '" + next.name + "'";
    }
    return text;
  }
  for (const Edge& edge : edges) {
    if (shape == "lost_wakeup" && !edge.could_go) continue;
    text += (text.empty() ? "'" : ", '") + edge.name + "' waits for " + edge.what;
    if (edge.could_go) text += ", which is there: its wake-up got lost";
  }
  return text + (shape == "lost_wakeup" ? "" : "; nobody is left who could wake them");
}

Edge edge_of(const TaskBase& task) {
  Edge edge{task.serial(), task.name(), {}, {}, false};
  const detail::Waiter* waiter = task.waiting();
  if (!waiter) {
    edge.what = task.queued() ? "its turn to run" : "a foreign awaitable";
    return edge;
  }
  const WaitDescription described = waiter->describe();
  edge.what = in_words(described);
  if (described.holder != 0) edge.blockers.push_back(described.holder);
  for (const TaskBase* awaited : described.tasks) edge.blockers.push_back(awaited->serial());
  edge.could_go = described.could_go;
  return edge;
}

std::vector<Edge> edges_of(Simulation& simulation) {
  std::vector<Edge> edges;
  simulation.for_each_task([&](TaskBase& task) { edges.push_back(edge_of(task)); });
  return edges;
}

/// From `coroutine` on outwards, the first that is the program's own; null: none is.
const detail::PromiseBase* of_user(const detail::PromiseBase* coroutine) {
  while (coroutine && inside_coweave(coroutine->site.file_name())) coroutine = coroutine->parent;
  return coroutine;
}

}  // namespace

bool tasks_block_each_other(Simulation& simulation) { return !find_cycle(edges_of(simulation)).empty(); }

std::string what_is_waited_for(Simulation& simulation) {
  const std::vector<Edge> edges = edges_of(simulation);
  const std::vector<std::size_t> cycle = find_cycle(edges);
  std::set<std::string> waits;
  for (const std::size_t index : cycle) waits.insert(edges[index].what);
  if (cycle.empty()) {
    for (const Edge& edge : edges) waits.insert(edge.what);
  }
  std::string text = cycle.empty() ? "" : "circle";
  for (const std::string& wait : waits) text += "; " + wait;
  return text;
}

std::vector<traces::Site> user_stack(const TaskBase& task) {
  std::vector<traces::Site> stack;
  for (const std::source_location& at : task.await_stack()) {
    if (!inside_coweave(at.file_name())) stack.push_back(to_site(at));
  }
  return stack;
}

void user_sites(const TaskBase& task, std::vector<std::source_location>& sites) {
  sites.clear();
  for (const detail::PromiseBase* own = of_user(task.leaf); own; own = of_user(own->parent))
    sites.push_back(own->site);
}

std::source_location user_site(const TaskBase& task) {
  const detail::PromiseBase* own = of_user(task.leaf);
  return own ? own->site : std::source_location();
}

void describe_waits(Simulation& simulation, const std::function<std::string(std::uint32_t)>& identity,
                    const std::function<std::uint32_t(const ObjectRef&)>& number, traces::Verdict& verdict) {
  const std::vector<Edge> edges = edges_of(simulation);
  simulation.for_each_task([&](TaskBase& task) {
    traces::Wait wait;
    wait.task = identity(task.serial());
    wait.stack = user_stack(task);
    wait.what = edges[verdict.waits.size()].what;
    if (const detail::Waiter* waiter = task.waiting()) {
      const WaitDescription described = waiter->describe();
      if (described.object.kind) wait.object = number(described.object);
      if (described.tasks.size() == 1) wait.on_task = identity(described.tasks.front()->serial());
      if (described.holder != 0) wait.held_by.push_back(identity(described.holder));
    }
    verdict.waits.push_back(std::move(wait));
  });
  if (verdict.kind == traces::VerdictKind::leaked_task) {
    verdict.message = std::to_string(edges.size()) + (edges.size() == 1 ? " task was" : " tasks were") +
                      " left when the root task ended:";
    for (const Edge& edge : edges) verdict.message += " '" + edge.name + "' (waits for " + edge.what + ")";
    return;
  }
  const std::vector<std::size_t> cycle = find_cycle(edges);
  for (const std::size_t index : cycle) verdict.cycle.push_back(identity(edges[index].task));
  const bool lost = std::any_of(edges.begin(), edges.end(), [](const Edge& edge) { return edge.could_go; });
  verdict.shape = !cycle.empty() ? "cycle" : lost ? "lost_wakeup" : "nobody_can_wake";
  verdict.message = deadlock_message(edges, cycle, verdict.shape);
}

}  // namespace coweave::sim
