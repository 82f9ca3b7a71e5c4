#include <coweave/core/exception_group.hpp>

#include <coweave/core/errors.hpp>
#include <coweave/tests/core/log.hpp>

#include <doctest/doctest.h>

#include <exception>
#include <memory>
#include <string>
#include <vector>

using namespace coweave;
using namespace coweave::tests;

namespace {

template <class Exception>
std::exception_ptr pointer(Exception exception) {
  return std::make_exception_ptr(std::move(exception));
}

/// EG[V(a),EG[V(b),E(c)],E(d)]
ExceptionGroup nested() {
  const ExceptionGroup inner("inner", {pointer(ValueError("b")), pointer(std::out_of_range("c"))});
  return ExceptionGroup("outer", {pointer(ValueError("a")), pointer(inner), pointer(std::out_of_range("d"))});
}

std::string text(const std::shared_ptr<ExceptionGroup>& group) {
  return group ? group->message() + " " + show(pointer(*group)) : "None";
}

}  // namespace

TEST_CASE("exception group: it keeps message and exceptions, and tells both") {
  const ExceptionGroup group = nested();
  CHECK(group.message() == "outer");
  CHECK(group.exceptions().size() == 3);
  CHECK(
      std::string(group.what()) ==
      "outer (3 sub-exceptions): coweave::ValueError: a; coweave::ExceptionGroup: inner (2 sub-exceptions): "
      "coweave::ValueError: b; std::out_of_range: c; std::out_of_range: d");
}

TEST_CASE("exception group: of nothing is a ValueError") {
  CHECK_THROWS_WITH_AS(ExceptionGroup("empty", {}), "an ExceptionGroup needs at least one exception",
                       ValueError);
}

TEST_CASE("exception group: split by type keeps the shape of both halves") {
  const auto [values, rest] = nested().split<ValueError>();
  CHECK(text(values) == "outer EG[V(a),EG[V(b)]]");
  CHECK(text(rest) == "outer EG[EG[E(c)],E(d)]");
  CHECK(text(nested().subgroup<std::out_of_range>()) == "outer EG[EG[E(c)],E(d)]");
}

TEST_CASE("exception group: a half without exceptions is null") {
  const auto [none, all] = nested().split<RuntimeError>();
  CHECK(text(none) == "None");
  CHECK(text(all) == "outer EG[V(a),EG[V(b),E(c)],E(d)]");
  CHECK(nested().subgroup<RuntimeError>() == nullptr);
}

TEST_CASE("exception group: a group that matches goes as a whole") {
  const auto [all, none] = nested().split<std::exception>();
  CHECK(text(all) == "outer EG[V(a),EG[V(b),E(c)],E(d)]");
  CHECK(none == nullptr);
}

TEST_CASE("exception group: split by a predicate, which sees groups too") {
  const auto is_inner = [](const std::exception_ptr& exception) {
    try {
      std::rethrow_exception(exception);
    } catch (const ExceptionGroup& group) {
      return group.message() == "inner";
    } catch (const std::exception& error) {
      return std::string(error.what()) == "d";
    }
  };
  const auto [matching, rest] = nested().split(is_inner);
  CHECK(text(matching) == "outer EG[EG[V(b),E(c)],E(d)]");
  CHECK(text(rest) == "outer EG[V(a)]");
  CHECK(text(nested().subgroup(is_inner)) == "outer EG[EG[V(b),E(c)],E(d)]");
}

TEST_CASE("exception group: exceptions of no standard type are found by type") {
  const ExceptionGroup group("odd", {pointer(7), pointer(ValueError("a")), pointer(CancelledError("x"))});
  CHECK(group.subgroup<int>()->exceptions().size() == 1);
  CHECK(text(group.subgroup<CancelledError>()) == "odd EG[CE(x)]");
  CHECK(group.subgroup<long>() == nullptr);
}
