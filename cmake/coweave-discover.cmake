# coweave_discover_tests(<target>
#   FRAMEWORK <doctest|GoogleTest|Catch2>
#   [PREFIX <text>]        before the name of each test
#   [CORPUS <folder>]      traces of failures that were found: replayed first, and new ones are added
#   [LABELS <label>…]      of each test, besides its own: doctest's test suites
#   [PROPERTIES <name> <value>…]  of each test, as set_tests_properties takes them; without LABELS
# )
# Each test of the program <target>, which is linked with coweave::coweave and the framework, becomes a test of CTest.
# The framework's package must have been found, and for doctest `include(doctest)` done.

include_guard(GLOBAL)

function(coweave_discover_tests target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "FRAMEWORK;PREFIX;CORPUS" "LABELS;PROPERTIES")
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "coweave_discover_tests(${target}): unknown argument ${arg_UNPARSED_ARGUMENTS}")
  endif()

  set(how TEST_PREFIX "${arg_PREFIX}" PROPERTIES ${arg_PROPERTIES})
  if(arg_FRAMEWORK STREQUAL "doctest")
    set(command doctest_discover_tests)
    list(APPEND how ADD_LABELS 1)
    set(package "find_package(doctest) and include(doctest)")
  elseif(arg_FRAMEWORK STREQUAL "GoogleTest")
    include(GoogleTest)
    set(command gtest_discover_tests)
    set(package "include(GoogleTest)")
  elseif(arg_FRAMEWORK STREQUAL "Catch2")
    set(command catch_discover_tests)
    set(package "find_package(Catch2) and include(Catch)")
  else()
    message(FATAL_ERROR "coweave_discover_tests(${target}): FRAMEWORK is doctest, GoogleTest or Catch2, not "
      "'${arg_FRAMEWORK}'")
  endif()
  if(NOT COMMAND ${command})
    message(FATAL_ERROR "coweave_discover_tests(${target}): there is no ${command}: first ${package}")
  endif()
  if(arg_LABELS)  # they are put on what the build has discovered
    set(CMAKE_GTEST_DISCOVER_TESTS_DISCOVERY_MODE POST_BUILD)
    set(CMAKE_CATCH_DISCOVER_TESTS_DISCOVERY_MODE POST_BUILD)
  endif()
  cmake_language(CALL ${command} ${target} ${how})

  if(arg_LABELS)
    get_property(files DIRECTORY PROPERTY TEST_INCLUDE_FILES)
    list(GET files -1 discovered)
    set(labelled "${CMAKE_CURRENT_BINARY_DIR}/${target}-labels.cmake")
    list(JOIN arg_LABELS "," labels)
    add_custom_command(TARGET ${target} POST_BUILD BYPRODUCTS "${labelled}"
      COMMAND "${CMAKE_COMMAND}" "-Dtests=${discovered}" "-Dlabels=${labels}" "-Dlabelled=${labelled}"
        -P "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/coweave-label-tests.cmake"
      VERBATIM)
    file(WRITE "${labelled}.in" "include([==[${labelled}]==] OPTIONAL)\n")  # there is none before the first build
    set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES "${labelled}.in")
  endif()

  if(arg_CORPUS)
    file(REAL_PATH "${arg_CORPUS}" corpus BASE_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}")
    set(source "${CMAKE_CURRENT_BINARY_DIR}/${target}-corpus.cpp")
    file(CONFIGURE OUTPUT "${source}" @ONLY CONTENT [==[
#include <coweave/props/ci/corpus.hpp>

static const bool coweave_corpus = (coweave::use_corpus(R"-(@corpus@)-"), true);
]==])
    target_sources(${target} PRIVATE "${source}")
  endif()
endfunction()
