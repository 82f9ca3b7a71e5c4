# Writes the file ${labelled}, which gives each test that the file ${tests} adds the labels ${labels} (with commas
# between them) besides those that it has there: for CTest, where a later list of labels replaces an earlier one.

string(REPLACE "," ";" labels "${labels}")
set(script "")

function(add_test)
endfunction()

function(set_tests_properties test)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "LABELS" "PROPERTIES")
  string(APPEND script "set_tests_properties([==[${test}]==] PROPERTIES LABELS [==[${arg_LABELS};${labels}]==])\n")
  set(script "${script}" PARENT_SCOPE)
endfunction()

include("${tests}")
string(REPLACE "[==[;" "[==[" script "${script}")  # of a test that had none
file(WRITE "${labelled}" "${script}")
