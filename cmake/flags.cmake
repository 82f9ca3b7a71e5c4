# Flags of coweave's own targets. Nothing here is global: who adds coweave as a subdirectory keeps his flags.

set(coweave_gnu_like "$<COMPILE_LANG_AND_ID:CXX,GNU,Clang,AppleClang>")

set(coweave_warnings
  -Wall -Wextra -Wpedantic
  -Wshadow -Wconversion -Wsign-conversion -Wdouble-promotion
  -Wcast-align -Wcast-qual -Wold-style-cast
  -Woverloaded-virtual
  -Wformat=2 -Wimplicit-fallthrough -Wundef -Wunused
)
set(coweave_warnings_gnu -Wduplicated-branches -Wduplicated-cond -Wlogical-op)
set(coweave_warnings_clang -Wextra-semi -Wunreachable-code)

# What every target of ours is compiled with, privately.
function(coweave_flags target)
  set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF)
  target_compile_options(${target} PRIVATE
    "$<${coweave_gnu_like}:${coweave_warnings}>"
    "$<$<COMPILE_LANG_AND_ID:CXX,GNU>:${coweave_warnings_gnu}>"
    "$<$<COMPILE_LANG_AND_ID:CXX,Clang,AppleClang>:${coweave_warnings_clang}>"
  )
  if(COWEAVE_WERROR)
    target_compile_options(${target} PRIVATE "$<${coweave_gnu_like}:-Werror>")
  endif()
endfunction()

# std::source_location must name files relative to the project, or traces would differ between machines. The
# consumer's project is the top of the build. Headers of ours read <coweave/core/lock.hpp> from wherever they are
# included, and our sources likewise. Of several maps that fit, g++ takes the last: the general one stands first.
# A compiler cache with a base directory (ccache's base_dir) passes paths relative to the build: they are mapped too.
# (The package configuration file does the same for the installed library.)
function(coweave_relative_paths target)
  set(maps "")
  foreach(map IN ITEMS
      "${CMAKE_SOURCE_DIR}=" "${PROJECT_BINARY_DIR}/include="
      "${PROJECT_SOURCE_DIR}/core=coweave/core/" "${PROJECT_SOURCE_DIR}/traces=coweave/traces/"
      "${PROJECT_SOURCE_DIR}/sim=coweave/sim/" "${PROJECT_SOURCE_DIR}/props=coweave/props/")
    string(REGEX MATCH "^(.*)=(.*)$" map "${map}")
    set(folder "${CMAKE_MATCH_1}")
    set(name "${CMAKE_MATCH_2}")
    file(RELATIVE_PATH relative "${CMAKE_BINARY_DIR}" "${folder}")
    list(APPEND maps "${folder}/=${name}")
    string(REGEX REPLACE "/$" "" relative "${relative}")
    if(relative)
      list(APPEND maps "${relative}/=${name}")
    endif()
  endforeach()
  foreach(map IN LISTS maps)
    target_compile_options(${target} PUBLIC
      "$<BUILD_INTERFACE:$<${coweave_gnu_like}:-fmacro-prefix-map=${map}>>")
  endforeach()
endfunction()

# The only flags that reach consumers, and only if asked for: code with and without AddressSanitizer does not mix.
function(coweave_sanitizers target)
  if(COWEAVE_SANITIZE)
    list(JOIN COWEAVE_SANITIZE "," sanitizers)
    target_compile_options(${target} PUBLIC -fsanitize=${sanitizers} -fno-sanitize-recover=all -fno-omit-frame-pointer)
    target_link_options(${target} PUBLIC -fsanitize=${sanitizers})
  endif()
endfunction()
