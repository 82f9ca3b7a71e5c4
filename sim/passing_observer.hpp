#pragma once

/// An observer in front of another: whoever hears only a part of what is observed, or wants to look at it
/// first, derives from it and overrides that part.

#include <coweave/core/observer.hpp>

namespace coweave::sim {

class PassingObserver : public Observer {
 public:
  /// What it wants to hear itself, and what the next one does.
  [[nodiscard]] Heard hears() const noexcept final { return hears_itself() | (next_ ? next_->hears() : 0); }

  void task_created(const TaskBase& task) override {
    if (next_) next_->task_created(task);
  }
  void task_finished(const TaskBase& task) override {
    if (next_) next_->task_finished(task);
  }
  void eager_step_begins(const TaskBase& task) override {
    if (next_) next_->eager_step_begins(task);
  }
  void eager_step_ended(const TaskBase& task) override {
    if (next_) next_->eager_step_ended(task);
  }
  void wanted(const detail::Handle& handle) override {
    if (next_) next_->wanted(handle);
  }
  void unwanted(const detail::Handle& handle) override {
    if (next_) next_->unwanted(handle);
  }
  void woken(const detail::Handle& handle) override {
    if (next_) next_->woken(handle);
  }
  void operation(Verb verb, const ObjectRef& object, std::source_location at) override {
    if (next_) next_->operation(verb, object, at);
  }
  void cancel_requested(const TaskBase& task, std::source_location at) override {
    if (next_) next_->cancel_requested(task, at);
  }
  void looked_at(const FutureBase& future) override {
    if (next_) next_->looked_at(future);
  }
  void touched(Access access, const ObjectRef& object) override {
    if (next_) next_->touched(access, object);
  }
  void lined_up(const ObjectRef& object) override {
    if (next_) next_->lined_up(object);
  }
  void passed_over(const TaskBase& task) override {
    if (next_) next_->passed_over(task);
  }
  void forgotten(const detail::Handle& handle) override {
    if (next_) next_->forgotten(handle);
  }
  void noted(const Note& note) override {
    if (next_) next_->noted(note);
  }

 protected:
  PassingObserver() = default;
  ~PassingObserver() = default;
  PassingObserver(const PassingObserver&) = default;
  PassingObserver& operator=(const PassingObserver&) = default;

  [[nodiscard]] virtual Heard hears_itself() const noexcept = 0;

  /// What is observed from now on is passed on to `next`; null: to nobody.
  void pass_on_to(Observer* next) noexcept { next_ = next; }

 private:
  Observer* next_ = nullptr;
};

}  // namespace coweave::sim
