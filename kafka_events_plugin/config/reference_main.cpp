// config_reference ROOT: writes the files that the table of options makes, below the project's root.
#include <fstream>
#include <iostream>
#include <string>

#include "config/reference.h"

namespace {

bool write(const std::string& path, const std::string& text) {
  std::ofstream output(path, std::ios::binary | std::ios::trunc);
  output << text;
  output.close();
  if (!output) std::cerr << "config_reference: cannot write " << path << "\n";
  return static_cast<bool>(output);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: config_reference ROOT   (writes ROOT/conf and ROOT/docs)\n";
    return 2;
  }
  using namespace kafka_events::config;
  const std::string root = argv[1];
  const bool ok = write(root + "/conf/kafka_events.schema.json", reference_schema()) &&
                  write(root + "/conf/kafka_events.yaml", reference_sample()) &&
                  write(root + "/docs/configuration.md", reference_documentation());
  return ok ? 0 : 1;
}
