#include "kafka_client.h"

#include <array>

#include "harness.h"

namespace bench {

rd_kafka_conf_t* make_conf(const ClientProperties& properties) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  std::array<char, 512> error{};
  for (const auto& [name, value] : properties) {
    if (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), error.data(), error.size()) != RD_KAFKA_CONF_OK) {
      give_up(error.data());
    }
  }
  return conf;
}

Client make_client(rd_kafka_type_t type, rd_kafka_conf_t* conf) {
  std::array<char, 512> error{};
  Client client(rd_kafka_new(type, conf, error.data(), error.size()));
  if (client == nullptr) give_up(error.data());
  return client;
}

Client make_client(rd_kafka_type_t type, const ClientProperties& properties) {
  return make_client(type, make_conf(properties));
}

}  // namespace bench
