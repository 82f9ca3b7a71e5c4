# Programs over the libraries: tests, examples, benchmarks, the command line.

# coweave_program(<target> [LINK <library>] <file.cpp>…)
# What all of them have in common: everything of ours, or the library named and what it needs; our flags; and the folder
# itself as <coweave/<folder>/…>.
function(coweave_program target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "LINK" "")
  if(NOT arg_LINK)
    set(arg_LINK coweave::coweave)
  endif()
  add_executable(${target} ${arg_UNPARSED_ARGUMENTS})
  target_link_libraries(${target} PRIVATE ${arg_LINK})
  target_include_directories(${target} PRIVATE "${coweave_private_include_dir}")
  coweave_flags(${target})
endfunction()

# coweave_program_library(<target> SOURCES <file.cpp>… [DEPENDS <target>…])
# Code that several programs share, and that is not installed: a static library.
function(coweave_program_library target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;DEPENDS")
  add_library(${target} STATIC ${arg_SOURCES})
  target_link_libraries(${target} PUBLIC coweave::coweave ${arg_DEPENDS})
  target_include_directories(${target} PUBLIC "${coweave_private_include_dir}")
  coweave_flags(${target})
endfunction()

# coweave_test(<name> [LINK <library>] SOURCES <file.cpp>… [DEPENDS <target>…])
# One doctest binary, <name>_tests. Every test case of it is a case of ctest, "<name>/<test case>".
function(coweave_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "LINK" "SOURCES;DEPENDS")
  set(target coweave_${name}_tests)
  coweave_program(${target} LINK "${arg_LINK}" ${arg_SOURCES} $<TARGET_OBJECTS:coweave_tests_main>)
  set_target_properties(${target} PROPERTIES OUTPUT_NAME ${name}_tests)
  target_link_libraries(${target} PRIVATE doctest::doctest ${arg_DEPENDS})
  # What clang makes of coroutines when it optimises, the tests of the layer show; the others are built twice as fast.
  if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang" AND NOT name STREQUAL "core")
    target_compile_options(${target} PRIVATE -O0)
  endif()
  doctest_discover_tests(${target}
    TEST_PREFIX "${name}/"
    PROPERTIES
      TIMEOUT 900
      FAIL_REGULAR_EXPRESSION "test cases: +0 "  # the name did not select its own test
  )
endfunction()

# coweave_expect(<test> <target>
#   [ARGS <argument>…] [EXIT_CODE <n>] [PRINTS <text>…] [LACKS <text>…] [LABELS <label>…])
# A case of ctest that runs a program and checks its exit code (0 if not given) and what it prints: each text must
# (PRINTS) or must not (LACKS) stand in its output, as it is.
function(coweave_expect test target)
  cmake_parse_arguments(PARSE_ARGV 2 arg "" "EXIT_CODE" "ARGS;PRINTS;LACKS;LABELS")
  if(NOT DEFINED arg_EXIT_CODE)
    set(arg_EXIT_CODE 0)
  endif()
  set(checks "")
  foreach(text IN LISTS arg_PRINTS)
    list(APPEND checks "--prints=${text}")
  endforeach()
  foreach(text IN LISTS arg_LACKS)
    list(APPEND checks "--lacks=${text}")
  endforeach()
  add_test(NAME ${test} COMMAND
    Python3::Interpreter "${PROJECT_SOURCE_DIR}/cmake/expect.py" --exit-code=${arg_EXIT_CODE} ${checks}
    -- $<TARGET_FILE:${target}> ${arg_ARGS})
  set_tests_properties(${test} PROPERTIES TIMEOUT 900 LABELS "${arg_LABELS}")
endfunction()

# coweave_example(<name> [SOURCES <file.cpp>…] [DEPENDS <target>…] [and what coweave_expect takes])
# The program examples/<name>, of <name>.cpp if no sources are given, and a case of ctest that runs it.
function(coweave_example name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;DEPENDS")
  if(NOT arg_SOURCES)
    set(arg_SOURCES ${name}.cpp)
  endif()
  set(target coweave_example_${name})
  coweave_program(${target} ${arg_SOURCES})
  set_target_properties(${target} PROPERTIES OUTPUT_NAME ${name})
  target_link_libraries(${target} PRIVATE ${arg_DEPENDS})
  if(COWEAVE_BUILD_TESTS)
    coweave_expect(examples/${name} ${target} LABELS examples ${arg_UNPARSED_ARGUMENTS})
  endif()
endfunction()

# coweave_bench(<name> [SOURCES <file.cpp>…] [DEPENDS <target>…] [SMOKE <argument>…])
# The benchmark bench/<name>, of <name>.cpp if no sources are given; `./dev bench` runs it. With SMOKE the tests run
# it with these arguments, which should make it quick.
function(coweave_bench name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;DEPENDS;SMOKE")
  if(NOT arg_SOURCES)
    set(arg_SOURCES ${name}.cpp)
  endif()
  set(target coweave_bench_${name})
  coweave_program(${target} ${arg_SOURCES})
  set_target_properties(${target} PROPERTIES OUTPUT_NAME ${name})
  target_link_libraries(${target} PRIVATE benchmark::benchmark ${arg_DEPENDS})
  if(COWEAVE_BUILD_TESTS AND arg_SMOKE)
    coweave_expect(bench/${name} ${target} LABELS bench ARGS ${arg_SMOKE})
  endif()
endfunction()
