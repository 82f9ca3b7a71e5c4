# coweave_must_not_compile(<name> <source> <macro> <message>)
# A case of ctest: <source> compiles as it is, and with <macro> defined it does not, because of <message>, which
# stands in what the compiler says. Compiled both ways, the test cannot rot: an unrelated error fails the first.
function(coweave_must_not_compile name source macro message)
  cmake_path(ABSOLUTE_PATH source)
  string(TOUPPER "${CMAKE_BUILD_TYPE}" type)
  separate_arguments(flags NATIVE_COMMAND "${CMAKE_CXX_FLAGS} ${CMAKE_CXX_FLAGS_${type}}")
  add_test(NAME must_not_compile/${name} COMMAND
    Python3::Interpreter "${PROJECT_SOURCE_DIR}/cmake/must_not_compile.py"
    --macro=${macro} "--message=${message}" "--source=${source}"
    -- "${CMAKE_CXX_COMPILER}" ${flags} -std=c++20 -fsyntax-only
    "-I$<JOIN:$<TARGET_PROPERTY:coweave_coweave,INTERFACE_INCLUDE_DIRECTORIES>,;-I>"
    COMMAND_EXPAND_LISTS)
  set_tests_properties(must_not_compile/${name} PROPERTIES TIMEOUT 300 LABELS must_not_compile)
endfunction()
