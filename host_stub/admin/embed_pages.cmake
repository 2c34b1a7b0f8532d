# Writes a C++ file with the pages as byte arrays: cmake -DPAGES=folder -DOUTPUT=file -P embed_pages.cmake
set(text "// Made by embed_pages.cmake.\n#include \"admin/pages.h\"\n\nnamespace host_stub {\n")
foreach(name IN ITEMS admin api_doc)
  file(READ "${PAGES}/${name}.html" bytes HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," bytes "${bytes}")
  string(APPEND text "namespace {\nconstexpr char ${name}_bytes[] = {${bytes}};\n}\n"
    "std::string_view ${name}_page() noexcept { return {${name}_bytes, sizeof ${name}_bytes}; }\n")
endforeach()
string(APPEND text "}  // namespace host_stub\n")
file(WRITE "${OUTPUT}" "${text}")
