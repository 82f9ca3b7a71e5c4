#include <coweave/sim/detectors/of_injection.hpp>

#include <coweave/core/errors.hpp>
#include <coweave/core/exception_group.hpp>
#include <coweave/core/fault.hpp>

#include <algorithm>
#include <exception>
#include <new>
#include <string_view>

namespace coweave::sim {

using traces::SweepKind;

namespace {

bool is_injected(SweepKind sweep, const std::exception_ptr& exception) {
  try {
    std::rethrow_exception(exception);
  } catch (const ExceptionGroup& group) {
    const auto& members = group.exceptions();
    return std::all_of(members.begin(), members.end(),
                       [&](const std::exception_ptr& member) { return is_injected(sweep, member); });
  } catch (const CancelledError&) {
    return sweep == SweepKind::cancellation;
  } catch (const TimeoutError&) {
    return sweep == SweepKind::timeouts;
  } catch (const std::bad_alloc&) {
    return sweep == SweepKind::allocations;
  } catch (...) {
    return sweep == SweepKind::exceptions && is_injected_fault(exception);
  }
}

}  // namespace

bool is_injected_fault(const std::exception_ptr& exception) {
  try {
    std::rethrow_exception(exception);
  } catch (const InjectedFault&) {
    return true;
  } catch (const std::exception& error) {
    return std::string_view(error.what()).starts_with("injected fault: ");
  } catch (...) {
    return false;
  }
}

bool is_of_injection(SweepKind sweep, const FutureBase& done) {
  if (done.cancelled()) return sweep == SweepKind::cancellation;
  return done.peek_exception() && is_injected(sweep, done.peek_exception());
}

}  // namespace coweave::sim
