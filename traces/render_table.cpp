#include <coweave/traces/render_table.hpp>

#include <coweave/traces/cast.hpp>
#include <coweave/traces/fold.hpp>
#include <coweave/traces/grid.hpp>
#include <coweave/traces/site.hpp>
#include <coweave/traces/story.hpp>
#include <coweave/traces/text_width.hpp>
#include <coweave/traces/words.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace coweave::traces {

namespace {

class Table {
 public:
  Table(const Trace& trace, const RenderOptions& options)
      : trace_(trace), options_(options), cast_(trace, options.ascii), scenes_(tell(trace, cast_)) {}

  std::string render() {
    if (scenes_.empty())
      return in_width(
          "The trace has no events, only the choices that were made: replay it to see what happens.");
    find_common_folder();
    rows_from_scenes();
    choose_columns();
    place_rows();
    return (intro_.empty() ? "" : in_width(intro_) + "\n") + draw(grid_, options_) + legend();
  }

 private:
  struct Located {
    GridRow row;
    std::string owner;
    bool names_owner;  ///< the first row of its step, or of another owner than the row before
  };

  /// What all sites have in common stands once, in the title.
  void find_common_folder() {
    bool is_first = true;
    for (const Scene& scene : scenes_) {
      for (const Line& line : scene.lines) {
        if (!line.at.known()) continue;
        const std::string folder = line.at.file.substr(0, line.at.file.rfind('/') + 1);
        if (is_first) folder_ = folder;
        is_first = false;
        while (!folder.starts_with(folder_)) folder_.erase(folder_.rfind('/', folder_.size() - 2) + 1);
      }
    }
    if (!folder_.empty()) grid_.site_title = cast_.shown(folder_);
  }

  void rows_from_scenes() {
    const std::vector<Scene>& scenes = scenes_;
    std::vector<Stretch> stretches;
    if (options_.fold) {
      stretches = folded(scenes);
    } else {
      stretches.push_back({0, scenes.size(), 1, false});
    }
    for (const Stretch& stretch : shortened(stretches, options_.steps_max)) {
      if (!stretch.left_out) {
        for (std::size_t index = stretch.first; index < stretch.first + stretch.count; ++index)
          rows_from(scenes[index]);
      }
      if (stretch.left_out || stretch.times > 1) explain(stretch);
    }
  }

  void rows_from(const Scene& scene) {
    std::string step = scene.is_step ? fmt::format("{}{}", scene.deviates ? "*" : "", scene.step)
                                     : std::string(scene.deviates ? "*" : "");
    std::string time = scene.time_ns == time_shown_ns_ ? "" : time_in_words(scene.time_ns);
    time_shown_ns_ = scene.time_ns;
    std::string owner;
    for (const Line& line : scene.lines) {
      GridRow row;
      row.step = std::exchange(step, {});
      row.time = std::exchange(time, {});
      row.mark = line.mark;
      row.text = line.text;
      row.deviates = scene.deviates && line.mark == Mark::begin;
      if (line.at.known()) row.site = cast_.shown(to_string(line.at).substr(folder_.size()));
      if (line.mark == Mark::failure) {
        row.kind = GridRow::Kind::span;
        if (line.owner != "~") row.text = cast_.full_name(line.owner) + " " + row.text;
      }
      rows_.push_back({std::move(row), line.owner, line.owner != owner});
      owner = line.owner;
    }
  }

  /// What stands in place of scenes that are not shown.
  void explain(const Stretch& stretch) {
    const std::size_t first = stretch.left_out ? stretch.first : stretch.first + stretch.count;
    const std::uint64_t step_first = scenes_[first].step;
    const std::uint64_t step_last = scenes_[stretch.end() - 1].step;
    GridRow row;
    row.kind = GridRow::Kind::span;
    row.step = options_.ascii ? ":" : "⋮";
    if (stretch.left_out) {
      row.text = fmt::format("steps {} to {} are not shown", step_first, step_last);
    } else if (stretch.by_others) {
      std::vector<std::string> names;
      constexpr std::size_t names_max = 5;
      for (std::size_t index = first; index < std::min(stretch.end(), first + names_max); ++index)
        names.push_back(cast_.name(scenes_[index].actor));
      if (stretch.times - 1 > names_max) names.push_back(counted(stretch.times - 1 - names_max, "other"));
      row.text = fmt::format("the same, until step {}, by {}", step_last, enumerated(names));
    } else {
      row.text =
          fmt::format("the same {} more, until step {}", counted(stretch.times - 1, "time"), step_last);
    }
    rows_.push_back({std::move(row), "~", false});
  }

  /// The acting tasks, those first whose column matters most: what the verdict is about, then what the
  /// schedule deviates for, then who acts most.
  [[nodiscard]] std::vector<std::string> by_importance() const {
    std::map<std::string, std::size_t> weights;
    for (const Located& located : rows_) {
      if (located.row.kind != GridRow::Kind::cell) continue;
      constexpr std::size_t weight_of_deviation = 1'000'000;
      weights[located.owner] += located.row.deviates ? weight_of_deviation : 1;
    }
    const Verdict& verdict = trace_.verdict;
    constexpr std::size_t weight_of_verdict = std::size_t{1} << 40U;
    const auto concern = [&](const std::string& task) {
      if (weights.contains(task)) weights[task] |= weight_of_verdict;
    };
    concern(verdict.task);
    for (const std::string& task : verdict.cycle) concern(task);
    std::vector<std::string> result;
    for (const auto& entry : weights) result.push_back(entry.first);
    std::sort(result.begin(), result.end(), [&](const std::string& left, const std::string& right) {
      const std::size_t weight = weights.at(left);
      const std::size_t other = weights.at(right);
      return weight != other ? weight > other : left < right;
    });
    return result;
  }

  void choose_columns() {
    std::vector<GridRow> rows;
    for (const Located& located : rows_) rows.push_back(located.row);
    const std::size_t room = columns_that_fit(rows, options_);
    std::vector<std::string> acting = by_importance();
    const std::size_t count = acting.size();
    // So many tasks make a poor picture side by side, unless it is a cycle that is to be seen.
    constexpr std::size_t listed_min = 12;
    const bool shows_cycle = !trace_.verdict.cycle.empty() && trace_.verdict.cycle.size() + 2 <= room;
    if (count > room && (room < 4 || (count >= listed_min && !shows_cycle))) return make_list(count);
    if (count > room) {
      acting.resize(room - 2);  // the shared column is wide
      intro_ = fmt::format("{}, more than fit side by side: {} share the last column.",
                           counted(count, "actor"), count - acting.size());
    }
    if (std::find(acting.begin(), acting.end(), "~") != acting.end()) own_column("~");
    for (const Task& task : trace_.tasks) {
      if (std::find(acting.begin(), acting.end(), task.id) != acting.end()) own_column(task.id);
    }
    if (acting.empty()) own_column("0");  // the run failed before anybody acted
    if (count > room) grid_.columns.push_back({counted(count - acting.size(), "other"), ""});
  }

  void make_list(std::size_t count) {
    is_list_ = true;
    intro_ =
        fmt::format("{}, more than fit side by side: one column for all of them.", counted(count, "actor"));
    grid_.columns = {{"task", ""}, {"what it does", ""}};
  }

  void own_column(const std::string& identity) {
    columns_[identity] = grid_.columns.size();
    const Task* task = cast_.task(identity);
    const bool is_named = task && !task->name.empty();
    grid_.columns.push_back(
        {is_named ? cast_.shown(task->name) : cast_.name(identity), is_named ? identity : ""});
  }

  void place_rows() {
    for (Located& located : rows_) {
      GridRow& row = located.row;
      if (row.kind == GridRow::Kind::cell) {
        const auto own = columns_.find(located.owner);
        row.column = own != columns_.end() ? own->second : grid_.columns.size() - 1;
        if (own == columns_.end() && located.names_owner) {
          const std::string name = cast_.name(located.owner);
          if (is_list_) {
            row.lead = name;
          } else {
            row.text = name + ": " + row.text;
          }
        }
      }
      grid_.rows.push_back(std::move(row));
    }
  }

  [[nodiscard]] std::string in_width(std::string_view text) const {
    return paragraph(text, {options_.columns(), 0, 2, 6, options_.ellipsis()});
  }

  [[nodiscard]] std::string legend() const {
    const auto any = [this](bool Scene::* has) {
      return std::any_of(scenes_.begin(), scenes_.end(), [has](const Scene& scene) { return scene.*has; });
    };
    if (!any(&Scene::deviates)) return "";
    std::string text = trace_.settings.scheduling_points == SchedulingPoints::suspensions
                           ? "* here the schedule deviates from asyncio's own order"
                           : "* here a task was preempted, or another came first than arrived first";
    if (any(&Scene::tells_place)) text += "; (2nd of 3) is the place in line";
    return "\n" + in_width(text);
  }

  const Trace& trace_;
  const RenderOptions& options_;
  Cast cast_;
  std::vector<Scene> scenes_;
  std::vector<Located> rows_;
  std::map<std::string, std::size_t> columns_;
  Grid grid_;
  std::string folder_;
  std::string intro_;
  std::int64_t time_shown_ns_ = 0;
  bool is_list_ = false;
};

}  // namespace

std::string render_table(const Trace& trace, const RenderOptions& options) {
  return Table(trace, options).render();
}

}  // namespace coweave::traces
