# Lays the prefix <coweave/…> over the tree: links in the build directory, so that headers stand beside their
# sources and are included by the same name here and once installed. A second directory does it for the folders
# that are not installed, and only their own programs see that one.

set(coweave_include_dir "${PROJECT_BINARY_DIR}/include")
set(coweave_private_include_dir "${PROJECT_BINARY_DIR}/include_private")

function(coweave_lay directory folder)
  file(MAKE_DIRECTORY "${directory}/coweave")
  file(CREATE_LINK "${PROJECT_SOURCE_DIR}/${folder}" "${directory}/coweave/${folder}" SYMBOLIC)
endfunction()

foreach(folder IN ITEMS core traces sim props)
  coweave_lay("${coweave_include_dir}" ${folder})
endforeach()
foreach(folder IN ITEMS tools tests examples bench)
  coweave_lay("${coweave_private_include_dir}" ${folder})
endforeach()
