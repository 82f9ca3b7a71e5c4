# Installation: libraries, headers, the CMake package, coweave.pc, the schema of traces and the command line.

include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

set(coweave_package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/coweave")

install(TARGETS coweave_core coweave_traces coweave_sim coweave_props coweave_coweave
  EXPORT coweave_targets
  ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}"
  FILE_SET HEADERS DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}"
)
install(EXPORT coweave_targets
  NAMESPACE coweave::
  FILE coweave-targets.cmake
  DESTINATION "${coweave_package_dir}"
)
configure_package_config_file(
  "${PROJECT_SOURCE_DIR}/cmake/coweave-config.cmake.in" "${PROJECT_BINARY_DIR}/coweave-config.cmake"
  INSTALL_DESTINATION "${coweave_package_dir}"
  PATH_VARS CMAKE_INSTALL_INCLUDEDIR
)
write_basic_package_version_file("${PROJECT_BINARY_DIR}/coweave-config-version.cmake"
  COMPATIBILITY SameMajorVersion)
install(FILES
  "${PROJECT_BINARY_DIR}/coweave-config.cmake"
  "${PROJECT_BINARY_DIR}/coweave-config-version.cmake"
  cmake/coweave-discover.cmake
  cmake/coweave-label-tests.cmake
  DESTINATION "${coweave_package_dir}")

# The prefix in coweave.pc is relative to the file itself, so the installed tree can be moved.
cmake_path(RELATIVE_PATH CMAKE_INSTALL_PREFIX
  BASE_DIRECTORY "${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig" OUTPUT_VARIABLE coweave_pc_prefix)
configure_file(cmake/coweave.pc.in "${PROJECT_BINARY_DIR}/coweave.pc" @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/coweave.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")

install(DIRECTORY traces/schema DESTINATION "${CMAKE_INSTALL_DATADIR}/coweave")
install(FILES LICENSE DESTINATION "${CMAKE_INSTALL_DOCDIR}")
if(TARGET coweave_tool)
  install(TARGETS coweave_tool RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
endif()
