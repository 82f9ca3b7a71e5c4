# coweave_library(<folder>
#   [SOURCES <file.cpp>…]          relative to the folder
#   [HEADERS <file.hpp>…]          installed, and checked to be self-contained
#   [UMBRELLA <file.hpp>…]         headers that are included as <coweave/file.hpp>
#   [DEPENDS <target>…]            what the headers need
#   [PRIVATE_DEPENDS <target>…]    what the sources need and the linker too
#   [SOURCE_DEPENDS <target>…]     what the sources need and the linker does not: libraries of headers alone
# )
# Makes the static library coweave_<folder>, known as coweave::<folder> in the tree and once installed.
function(coweave_library folder)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;HEADERS;UMBRELLA;DEPENDS;PRIVATE_DEPENDS;SOURCE_DEPENDS")
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "coweave_library(${folder}): unknown argument ${arg_UNPARSED_ARGUMENTS}")
  endif()

  set(target coweave_${folder})
  if(NOT arg_SOURCES)  # a static library cannot be without sources
    set(arg_SOURCES "${CMAKE_CURRENT_BINARY_DIR}/headers_only.cpp")
    file(CONFIGURE OUTPUT "${arg_SOURCES}" CONTENT "// ${target} has headers only.\n")
  endif()
  list(TRANSFORM arg_HEADERS PREPEND "${coweave_include_dir}/coweave/${folder}/")
  foreach(header IN LISTS arg_UMBRELLA)  # a copy, because a link to a file would be installed as a link
    configure_file(${header} "${coweave_include_dir}/coweave/${header}" COPYONLY)
  endforeach()
  list(TRANSFORM arg_UMBRELLA PREPEND "${coweave_include_dir}/coweave/")

  add_library(${target} STATIC ${arg_SOURCES})
  add_library(coweave::${folder} ALIAS ${target})
  target_sources(${target} PUBLIC
    FILE_SET HEADERS BASE_DIRS "${coweave_include_dir}" FILES ${arg_HEADERS} ${arg_UMBRELLA})
  set_target_properties(${target} PROPERTIES
    EXPORT_NAME ${folder}
    VERIFY_INTERFACE_HEADER_SETS ${PROJECT_IS_TOP_LEVEL}
  )
  target_compile_features(${target} PUBLIC cxx_std_20)
  target_link_libraries(${target} PUBLIC ${arg_DEPENDS} PRIVATE ${arg_PRIVATE_DEPENDS})
  foreach(dependency IN LISTS arg_SOURCE_DEPENDS)
    target_link_libraries(${target} PRIVATE $<BUILD_INTERFACE:${dependency}>)
  endforeach()
  coweave_flags(${target})
endfunction()
