// librdkafka by hand, as the references use it.
#pragma once

#include <librdkafka/rdkafka.h>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace bench {

struct ClientDeleter {
  void operator()(rd_kafka_t* client) const { rd_kafka_destroy(client); }
};
using Client = std::unique_ptr<rd_kafka_t, ClientDeleter>;

using ClientProperties = std::vector<std::pair<std::string, std::string>>;

/// A configuration, owned by the caller until a client takes it. Ends the benchmark if a property is wrong.
rd_kafka_conf_t* make_conf(const ClientProperties& properties);

/// Takes the configuration.
Client make_client(rd_kafka_type_t type, rd_kafka_conf_t* conf);
Client make_client(rd_kafka_type_t type, const ClientProperties& properties);

}  // namespace bench
