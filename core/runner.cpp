#include <coweave/core/runner.hpp>

#include <coweave/core/errors.hpp>

#include <cstdio>
#include <exception>

namespace coweave {

EventLoop& Runner::get_loop() {
  if (closed_) throw RuntimeError("Runner is closed");
  if (!loop_) {
    loop_ = options_.loop_factory ? options_.loop_factory() : std::make_unique<EventLoop>();
    if (!loop_) throw ValueError("the loop factory of a Runner gave no loop");
    if (options_.debug) loop_->set_debug(true);
    context_ = copy_context();
  }
  return *loop_;
}

EventLoop& Runner::loop_for_run(detail::CoroBase& main) {
  try {
    if (Loop::running()) throw RuntimeError("Runner.run() cannot be called from a running event loop");
    return get_loop();
  } catch (...) {
    main.close();
    throw;
  }
}

Runner::~Runner() {
  try {
    close();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "coweave: a Runner that is destroyed could not be closed: %s\n", error.what());
  }
}

void Runner::close() {
  if (std::exchange(closed_, true) || !loop_) return;
  context_.reset();
  if (loop_->is_closed()) return;
  try {
    loop_->shut_down();
  } catch (...) {
    if (!loop_->is_running()) loop_->close();
    throw;
  }
  loop_->close();
}

}  // namespace coweave
