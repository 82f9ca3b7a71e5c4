#include <coweave/tests/conformance/versions.hpp>

#include <algorithm>

namespace coweave::conformance {

std::span<const VersionRule> version_rules() {
  static const std::vector<VersionRule> rules{
      {{Op::shutdown}, {}, 13, "Queue.shutdown is new in 3.13"},
      {{Op::uncancel, Op::timeout},
       {},
       13,
       "uncancel() to zero takes back a request that has not been delivered (rule C8)"},
      {{Op::group, Op::group_spawn},
       {},
       13,
       "TaskGroup takes its own request back after the wait (rule TG6)"},
      {{Op::cond_wait, Op::cond_wait_for, Op::barrier_wait},
       {},
       13,
       "a cancelled Condition.wait passes its notification on and keeps the message (rules CO4, CO5)"},
      {{Op::acquire, Op::with},
       {Kind::semaphore, Kind::bounded},
       13,
       "a semaphore wakes as many waiters as it has permits (rule SE5)"},
      {{Op::wait_for}, {}, 13, "wait_for is a timeout around an await (rules WF2 to WF6; for uncancel, C8)"},
      {{Op::each_completed}, {}, 13, "as_completed can be iterated asynchronously since 3.13"},
      {{Op::eager}, {}, 12, "eager tasks are new in 3.12"},
      {{Op::gather}, {}, 12, "a gather of futures that are done is done at once (rule G2)"},
  };
  return rules;
}

const VersionRule* left_out(const Program& program, const Version& version) {
  for (const VersionRule& rule : version_rules()) {
    if (version >= Version{3, rule.since, 0}) continue;
    bool applies = false;
    for (const Block& body : program.bodies) {
      for_each_operation(body, [&](const Operation& operation) {
        applies =
            applies ||
            (std::ranges::find(rule.operations, operation.op) != rule.operations.end() &&
             (rule.kinds.empty() ||
              std::ranges::find(rule.kinds, program.objects[static_cast<std::size_t>(operation.on)].kind) !=
                  rule.kinds.end()));
      });
    }
    if (applies) return &rule;
  }
  return nullptr;
}

}  // namespace coweave::conformance
