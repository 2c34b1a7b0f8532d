# Writes OUTPUT, a header with the build id: a hash over the sources and what they are built with (no time, no path), so that
# equal builds have equal ids and two builds of one version can be told apart.
#   cmake -DROOT=… -DOUTPUT=… -DFLAGS=… -DVERSION=… -DRUNTIME=… -P build_id.cmake
cmake_minimum_required(VERSION 3.25)
file(GLOB_RECURSE sources RELATIVE ${ROOT} ${ROOT}/kafka_events_plugin/*.cpp ${ROOT}/kafka_events_plugin/*.h
  ${ROOT}/plugin_api/include/*.h ${ROOT}/plugin_api/cpp/include/*.hpp)
list(SORT sources)
set(content "${VERSION} ${RUNTIME} ${FLAGS}")
foreach(source IN LISTS sources)
  file(SHA256 ${ROOT}/${source} hash)
  string(APPEND content "\n${source} ${hash}")
endforeach()
string(SHA256 build_id "${content}")
string(SUBSTRING ${build_id} 0 16 build_id)
file(CONFIGURE OUTPUT ${OUTPUT} @ONLY CONTENT "// What this build is called. Written by cmake/build_id.cmake.
#pragma once
#define KAFKA_EVENTS_VERSION \"@VERSION@\"
#define KAFKA_EVENTS_BUILD_ID \"@build_id@\"
#define KAFKA_EVENTS_RUNTIME \"@RUNTIME@\"
")
