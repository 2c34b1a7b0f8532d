# agent_plugin_module(NAME SOURCES file… [LINKS target…]): a module that a host agent can load and unload.
#
#   find_package(agent_plugin REQUIRED)
#   agent_plugin_module(echo SOURCES echo.c)                          # C: links agent_plugin::api
#   agent_plugin_module(echo SOURCES echo.cpp LINKS agent_plugin::cpp)
#
# The version script leaves one exported symbol. -fno-gnu-unique keeps inline statics of C++ from pinning the module in
# memory for ever. The file is NAME.so, in AGENT_PLUGIN_OUTPUT_DIRECTORY if that is set.

set(AGENT_PLUGIN_VERSION_SCRIPT ${CMAKE_CURRENT_LIST_DIR}/agent_plugin.map)

function(agent_plugin_module name)
  cmake_parse_arguments(PARSE_ARGV 1 MODULE "" "VERSION_SCRIPT" "SOURCES;LINKS")
  if(NOT MODULE_VERSION_SCRIPT)
    set(MODULE_VERSION_SCRIPT ${AGENT_PLUGIN_VERSION_SCRIPT})
  endif()
  add_library(${name} MODULE ${MODULE_SOURCES})
  target_link_libraries(${name} PRIVATE agent_plugin::api ${MODULE_LINKS})
  target_compile_options(${name} PRIVATE $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-fno-gnu-unique>)
  target_link_options(${name} PRIVATE -Wl,--version-script=${MODULE_VERSION_SCRIPT} -Wl,--no-undefined-version)
  if(NOT "${CMAKE_C_FLAGS} ${CMAKE_CXX_FLAGS}" MATCHES "-fsanitize=")  # whose runtime comes with the host program
    target_link_options(${name} PRIVATE -Wl,--no-undefined)
  endif()
  set_target_properties(${name} PROPERTIES
    PREFIX "" SUFFIX ".so" LINK_DEPENDS ${MODULE_VERSION_SCRIPT} POSITION_INDEPENDENT_CODE ON
    C_VISIBILITY_PRESET hidden CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
  if(AGENT_PLUGIN_OUTPUT_DIRECTORY)
    set_target_properties(${name} PROPERTIES LIBRARY_OUTPUT_DIRECTORY ${AGENT_PLUGIN_OUTPUT_DIRECTORY})
  endif()
endfunction()
