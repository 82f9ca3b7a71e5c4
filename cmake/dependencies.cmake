# All dependencies come from the system. GLOBAL makes them visible to a project that adds coweave as a
# subdirectory and links it. What only tests, tools or benchmarks need is looked for when those are built.

set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED GLOBAL)
find_package(fmt REQUIRED CONFIG GLOBAL)
find_package(nlohmann_json 3.11 REQUIRED CONFIG GLOBAL)

# rapidcheck has no version file, and its target has no namespace.
find_package(rapidcheck REQUIRED CONFIG GLOBAL)
if(NOT TARGET rapidcheck::rapidcheck)
  add_library(rapidcheck::rapidcheck ALIAS rapidcheck)
endif()

if(COWEAVE_BUILD_TESTS)
  find_package(doctest 2.4.9 REQUIRED CONFIG)  # before 2.4.9 an assertion is a lambda: no co_await in it
  include(doctest)                             # doctest_discover_tests
  find_package(Python3 3.10 REQUIRED COMPONENTS Interpreter)
endif()
if(COWEAVE_BUILD_TOOLS OR COWEAVE_BUILD_TESTS OR COWEAVE_BUILD_BENCH)
  find_package(CLI11 REQUIRED CONFIG)
endif()
if(COWEAVE_BUILD_BENCH)
  find_package(benchmark REQUIRED CONFIG)
  find_path(COWEAVE_ASIO_INCLUDE_DIR asio.hpp REQUIRED)  # standalone Asio, to compare with; it has no package file
endif()
