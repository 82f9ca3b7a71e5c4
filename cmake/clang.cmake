# Toolchain file: clang of version 19 or later. Earlier ones compile coroutines wrongly (see docs/decisions).

find_program(coweave_clang NAMES clang++-19 clang++-20 clang++-21 clang++ REQUIRED)
execute_process(COMMAND "${coweave_clang}" -dumpversion
  OUTPUT_VARIABLE coweave_clang_version OUTPUT_STRIP_TRAILING_WHITESPACE)
if(coweave_clang_version VERSION_LESS 19)
  message(FATAL_ERROR "coweave needs clang 19 or later; ${coweave_clang} is ${coweave_clang_version}")
endif()
set(CMAKE_CXX_COMPILER "${coweave_clang}")
