#include <coweave/props/linearizability/check.hpp>

namespace coweave {

const char* property_of(Consistency consistency) noexcept {
  switch (consistency) {
    case Consistency::linearizable:
      return "linearizable";
    case Consistency::sequential:
      return "sequentially consistent";
    case Consistency::quiescent:
      return "quiescently consistent";
  }
  return "consistent";
}

namespace detail {

namespace {

Interval interval_of(const CallRecord& call, const CheckOptions& options) {
  Interval interval;
  interval.invoked = call.invoked;
  interval.process = call.process_number;
  interval.observed = interval.optional = false;
  switch (call.end) {
    case CallEnd::returned:
      interval.returned = call.returned;
      interval.observed = true;
      break;
    case CallEnd::cut_short:
      interval.optional = true;
      if (options.cut_short != CutShort::may_take_effect_later) interval.returned = call.returned;
      break;
    case CallEnd::pending:
      interval.optional = true;
      break;
  }
  return interval;
}

/// Stretches each call to the whole of the time between two moments at which no call was under way.
void stretch(std::vector<Interval>& intervals) {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  std::size_t first = 0;  // of the calls of this time; calls stand in the order in which they began
  const auto close = [&](std::size_t last) {
    for (; first < last; ++first) {
      intervals[first].invoked = begin;
      if (intervals[first].returned != unset) intervals[first].returned = end;
    }
  };
  for (std::size_t index = 0; index < intervals.size(); ++index) {
    if (index == first || intervals[index].invoked > end) {
      close(index);
      begin = intervals[index].invoked;
      end = begin;
    }
    end = std::max(end, intervals[index].returned);
  }
  close(intervals.size());
}

}  // namespace

PlannedCalls plan(const std::vector<const CallRecord*>& calls, const CheckOptions& options) {
  PlannedCalls planned;
  for (const CallRecord* call : calls) {
    planned.intervals.push_back(interval_of(*call, options));
    planned.absent.push_back(call->end == CallEnd::cut_short && options.cut_short == CutShort::has_no_effect);
  }
  if (options.consistency == Consistency::quiescent) stretch(planned.intervals);
  return planned;
}

}  // namespace detail
}  // namespace coweave
