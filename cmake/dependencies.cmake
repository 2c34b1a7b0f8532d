# Every library comes from the distribution's packages; each gets one imported target here and is linked in one folder.

find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(rdkafka REQUIRED IMPORTED_TARGET rdkafka>=2.0.2)
pkg_check_modules(avro REQUIRED IMPORTED_TARGET avro-c>=1.11)
pkg_check_modules(curl REQUIRED IMPORTED_TARGET libcurl>=7.88)
pkg_check_modules(re2 REQUIRED IMPORTED_TARGET re2)
pkg_check_modules(rocksdb REQUIRED IMPORTED_TARGET rocksdb>=7.8)
find_package(yaml-cpp REQUIRED)
find_package(RapidJSON REQUIRED)
find_package(Boost 1.74 REQUIRED COMPONENTS filesystem)

add_library(kafka_events_rapidjson INTERFACE)
target_include_directories(kafka_events_rapidjson SYSTEM INTERFACE ${RAPIDJSON_INCLUDE_DIRS})

if(KAFKA_EVENTS_HOST)
  find_package(CLI11 REQUIRED)
  find_package(fmt REQUIRED)
  find_package(spdlog REQUIRED)
endif()

# ThreadSanitizer does not see threads that librdkafka starts with C11's thrd_create: see tests/tsan/c11_threads.c.
if(CMAKE_CXX_FLAGS MATCHES "-fsanitize=thread")
  add_library(c11_threads_for_tsan STATIC ${PROJECT_SOURCE_DIR}/tests/tsan/c11_threads.c)
  set_target_properties(c11_threads_for_tsan PROPERTIES C_STANDARD 11 C_EXTENSIONS ON)
  target_link_libraries(PkgConfig::rdkafka INTERFACE
    $<$<STREQUAL:$<TARGET_PROPERTY:TYPE>,EXECUTABLE>:$<LINK_LIBRARY:WHOLE_ARCHIVE,c11_threads_for_tsan>>)
endif()
