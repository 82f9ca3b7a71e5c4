#include <coweave/tests/conformance/coverage.hpp>

#include <fmt/format.h>

namespace coweave::conformance {

namespace {

struct Variant {
  std::size_t index;
  std::string name;
};

/// The variants that a generator makes of an operation.
std::vector<Variant> variants_of(Op op) {
  const OpInfo& its = info(op);
  std::vector<Variant> variants;
  if (op == Op::await) {
    for (std::size_t kind = 0; kind < 3; ++kind)
      variants.push_back({kind, fmt::format("await {}", ref_names[kind])});
  } else if (its.objects != 0) {
    for (std::size_t kind = 0; kind < kinds; ++kind) {
      if ((its.objects >> kind & 1U) != 0)
        variants.push_back({kind, fmt::format("{} {}", its.name, name_of(static_cast<Kind>(kind)))});
    }
  } else {
    variants.push_back({0, std::string(its.name)});
  }
  return variants;
}

}  // namespace

std::size_t variant_of(const Program& program, const Operation& operation) noexcept {
  if (operation.op == Op::await) return static_cast<std::size_t>(operation.refs[0].kind);
  if (info(operation.op).objects == 0) return 0;
  return static_cast<std::size_t>(program.objects[static_cast<std::size_t>(operation.on)].kind);
}

Coverage& Coverage::operator+=(const Coverage& other) noexcept {
  for (std::size_t op = 0; op < ops; ++op) {
    for (std::size_t variant = 0; variant < kinds; ++variant) {
      counts_[op][variant].ran += other.counts_[op][variant].ran;
      counts_[op][variant].cancelled += other.counts_[op][variant].cancelled;
    }
  }
  for (std::size_t index = 0; index < left_out_.size(); ++index) left_out_[index] += other.left_out_[index];
  return *this;
}

std::string Coverage::text() const {
  std::string text = fmt::format("{:<26}{:>12}{:>28}\n", "operation", "ran", "cancelled while it waited");
  for (std::size_t index = 0; index < ops; ++index) {
    const Op op = static_cast<Op>(index);
    for (const auto& [variant, name] : variants_of(op)) {
      const Count& count = counts_[index][variant];
      text += info(op).waits ? fmt::format("{:<26}{:>12}{:>28}\n", name, count.ran, count.cancelled)
                             : fmt::format("{:<26}{:>12}\n", name, count.ran);
    }
  }
  text += fmt::format("\n{:<26}{:>12}\n", "left out", "operations");
  for (std::size_t index = 0; index < left_out_.size(); ++index)
    text +=
        fmt::format("{:<26}{:>12}  {}\n", deviations[index].name, left_out_[index], deviations[index].reason);
  return text;
}

std::vector<std::string> Coverage::gaps() const {
  std::vector<std::string> gaps;
  for (std::size_t index = 0; index < ops; ++index) {
    const Op op = static_cast<Op>(index);
    for (const auto& [variant, name] : variants_of(op)) {
      const Count& count = counts_[index][variant];
      if (count.ran == 0) {
        gaps.push_back(name + " never ran");
      } else if (info(op).waits && op != Op::call && count.cancelled == 0) {
        gaps.push_back(name + " was never cancelled while it waited");
      }
    }
  }
  return gaps;
}

}  // namespace coweave::conformance
