#pragma once

/// Sells the seats of one evening.

#include <coweave/core/coro.hpp>
#include <coweave/core/sleep.hpp>

#include <chrono>

namespace box_office {

class BoxOffice {
 public:
  explicit BoxOffice(int seats) : free_(seats) {}

  /// Whether there was a seat. It is held while the customer pays.
  coweave::Coro<bool> buy() {
    if (free_ == 0) co_return false;
    --free_;
    try {
      co_await pay();
    } catch (...) {
      ++free_;
      throw;
    }
    co_return true;
  }

 private:
  static coweave::Coro<void> pay() { co_await coweave::sleep(std::chrono::milliseconds(300)); }

  int free_;
};

}  // namespace box_office
