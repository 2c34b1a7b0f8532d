// librdkafka's mock cluster on a client handle of its own. The only file of the host that includes librdkafka.
#include "embedded_kafka/embedded_kafka.h"

#include <array>
#include <chrono>
#include <future>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <pthread.h>
#include <thread>
#include <utility>

#include "agent_plugin/status.h"

#include "embedded_kafka/tcp_forwarder.h"

namespace host_stub {
namespace {

constexpr std::chrono::seconds stop_deadline{3};
constexpr std::chrono::milliseconds create_timeout{5000};
constexpr std::size_t error_bytes = 256;

struct ClientDeleter {
  void operator()(rd_kafka_t* client) const noexcept { rd_kafka_destroy(client); }
};
struct ClusterDeleter {
  void operator()(rd_kafka_mock_cluster_t* cluster) const noexcept { rd_kafka_mock_cluster_destroy(cluster); }
};

struct TopicDeleter {
  void operator()(rd_kafka_topic_t* topic) const noexcept { rd_kafka_topic_destroy(topic); }
};
using Client = std::unique_ptr<rd_kafka_t, ClientDeleter>;
using Topic = std::unique_ptr<rd_kafka_topic_t, TopicDeleter>;

struct Cluster {
  Client client;
  std::unique_ptr<rd_kafka_mock_cluster_t, ClusterDeleter> mock;  // ends before the client that serves it
};

/// A client of `bootstrap`, or, if that is empty, one that never connects.
Client make_client(const std::string& bootstrap, std::string& error) {
  std::array<char, error_bytes> text{};
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  // Warnings of clients that serve the broker itself would only puzzle.
  rd_kafka_conf_set_log_cb(conf, nullptr);
  rd_kafka_conf_set(conf, "bootstrap.servers", bootstrap.c_str(), text.data(), text.size());
  rd_kafka_t* client = rd_kafka_new(RD_KAFKA_PRODUCER, conf, text.data(), text.size());
  if (client == nullptr) {
    error = text.data();
    rd_kafka_conf_destroy(conf);
  }
  return Client(client);
}

/// librdkafka may wait for ever for its own threads; the process, which is about to end, then leaves them.
void destroy_within_deadline(std::unique_ptr<Cluster> cluster) {
  std::packaged_task<void()> task([cluster = std::move(cluster)]() mutable {
    ::pthread_setname_np(::pthread_self(), "kafka-stop");
    cluster.reset();
  });
  std::future<void> done = task.get_future();
  std::thread thread(std::move(task));
  if (done.wait_for(stop_deadline) == std::future_status::ready) {
    thread.join();
  } else {
    thread.detach();
  }
}

Result<std::uint16_t> port_of(const std::string& address) {
  const std::size_t colon = address.rfind(':');
  const std::string digits = colon == std::string::npos ? "" : address.substr(colon + 1);
  const long port = std::strtol(digits.c_str(), nullptr, 10);
  if (port < 1 || port > 65535) return Failure{AGENT_E_INTERNAL, "the embedded Kafka has no port: " + address};
  return static_cast<std::uint16_t>(port);
}

}  // namespace

struct EmbeddedKafka::Parts {
  std::unique_ptr<Cluster> cluster;
  std::unique_ptr<TcpForwarder> forwarder;
  std::string broker;
  std::string bootstrap;
};

Result<std::unique_ptr<EmbeddedKafka>> EmbeddedKafka::start(std::optional<std::uint16_t> port) {
  auto parts = std::make_unique<Parts>();
  parts->cluster = std::make_unique<Cluster>();
  std::string reason;
  parts->cluster->client = make_client("", reason);
  if (parts->cluster->client == nullptr) {
    return Failure{AGENT_E_FAILED, "the embedded Kafka cannot start: " + reason};
  }
  parts->cluster->mock.reset(rd_kafka_mock_cluster_new(parts->cluster->client.get(), 1));
  if (parts->cluster->mock == nullptr) {
    return Failure{AGENT_E_FAILED, "the embedded Kafka cannot start: no port or no thread was to be had"};
  }
  parts->broker = rd_kafka_mock_cluster_bootstraps(parts->cluster->mock.get());
  parts->bootstrap = parts->broker;
  if (port.has_value()) {
    const Result<std::uint16_t> target = port_of(parts->broker);
    if (!target.ok()) return target.error();
    auto forwarder = TcpForwarder::start(*port, target.value());
    if (!forwarder.ok()) return Failure{forwarder.error().status, "embedded Kafka: " + forwarder.error().message};
    parts->forwarder = std::move(forwarder).value();
    parts->bootstrap = "127.0.0.1:" + std::to_string(*port);
  }
  return std::unique_ptr<EmbeddedKafka>(new EmbeddedKafka(std::move(parts)));
}

EmbeddedKafka::EmbeddedKafka(std::unique_ptr<Parts> parts) noexcept : parts_(std::move(parts)) {}

EmbeddedKafka::~EmbeddedKafka() {
  parts_->forwarder.reset();
  destroy_within_deadline(std::move(parts_->cluster));
}

const std::string& EmbeddedKafka::bootstrap_servers() const noexcept { return parts_->bootstrap; }

const std::string& EmbeddedKafka::broker_address() const noexcept { return parts_->broker; }

Result<void> EmbeddedKafka::create_topics(const std::vector<std::string>& names) {
  // A mock broker makes the topics that a client asks it about. (rd_kafka_mock_topic_create() takes 0.3 s for each.)
  std::string reason;
  const Client client = make_client(parts_->broker, reason);
  if (client == nullptr) return Failure{AGENT_E_FAILED, "the embedded Kafka has no client: " + reason};
  std::vector<Topic> topics;
  for (const std::string& name : names) {
    topics.emplace_back(rd_kafka_topic_new(client.get(), name.c_str(), nullptr));
    if (topics.back() == nullptr) return Failure{AGENT_E_INVALID, "no topic can be named " + name};
  }
  const rd_kafka_metadata_t* metadata = nullptr;
  const rd_kafka_resp_err_t status =
      rd_kafka_metadata(client.get(), 0, nullptr, &metadata, static_cast<int>(create_timeout.count()));
  if (metadata != nullptr) rd_kafka_metadata_destroy(metadata);
  if (status == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
  const bool timed_out = status == RD_KAFKA_RESP_ERR__TIMED_OUT || status == RD_KAFKA_RESP_ERR__TRANSPORT;
  return Failure{timed_out ? AGENT_E_TIMEOUT : AGENT_E_FAILED,
                 std::string("the embedded Kafka made no topics: ") + rd_kafka_err2str(status)};
}

}  // namespace host_stub
