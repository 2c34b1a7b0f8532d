// Creating, ending and listening to a librdkafka client.
#include "kafka/client.h"

#include <algorithm>
#include <array>
#include <dlfcn.h>
#include <pthread.h>
#include <string_view>
#include <syslog.h>
#include <thread>

#include "kafka/oauth_token.h"
#include "kafka/properties.h"

namespace kafka_events {
namespace {

/// Up to this release SCRAM fails against brokers 4.x although the credentials are right.
constexpr int last_version_with_scram_defect = 0x020002ff;

bool ends_by(pthread_t thread, std::chrono::steady_clock::time_point deadline) {
  auto pause = std::chrono::microseconds(100);
  while (pthread_tryjoin_np(thread, nullptr) != 0) {
    if (std::chrono::steady_clock::now() >= deadline) return false;
    std::this_thread::sleep_for(pause);
    pause = std::min(pause * 2, std::chrono::microseconds(10'000));
  }
  return true;
}

void write_log_line(rd_kafka_event_t* event, RecentErrors& client_log, Log& log) {
  const char* facility = nullptr;
  const char* text = nullptr;
  int level = LOG_DEBUG;
  if (rd_kafka_event_log(event, &facility, &text, &level) != 0) return;
  const std::string_view name = facility == nullptr ? "" : facility;
  // Failures of connections come as ERROR events too, where they are kept and counted.
  if (level <= LOG_WARNING && name != "FAIL" && name != "ERROR") {
    client_log.add(LogLevel::warning, name, text);
  } else if (log.enabled(LogLevel::debug)) {
    log.write(LogLevel::debug, "kafka.librdkafka", text);
  }
}

}  // namespace

Result<void> keep_librdkafka_resident() {
  void* library = dlopen("librdkafka.so.1", RTLD_NOW | RTLD_NODELETE);
  if (library == nullptr) return Error(ErrorCode::internal, "librdkafka cannot be kept loaded");
  dlclose(library);
  return {};
}

Result<rd_kafka_t*> new_client(std::span<const config::Property> properties, rd_kafka_type_t type) {
  auto conf = make_conf(properties, type == RD_KAFKA_PRODUCER ? ConfKind::producer : ConfKind::consumer);
  if (!conf) return conf.error();
  std::array<char, 512> text{};
  rd_kafka_t* client = rd_kafka_new(type, conf.value().get(), text.data(), text.size());
  if (client == nullptr) {
    return Error(ErrorCode::invalid, "librdkafka does not accept the settings: " + std::string(text.data()));
  }
  conf.value().release();  // taken over only now
  rd_kafka_set_log_queue(client, nullptr);
  return client;
}

bool destroy_client(rd_kafka_t* client, std::chrono::steady_clock::time_point deadline) {
  // The thread's function is librdkafka's own: should it have to be let go, this module can be unmapped all the same.
  // Every calling convention that Linux has ignores the missing return value, which nobody reads.
  pthread_t thread{};
  auto* function = reinterpret_cast<void* (*)(void*)>(reinterpret_cast<void (*)()>(&rd_kafka_destroy));
  if (pthread_create(&thread, nullptr, function, client) != 0) return false;
  pthread_setname_np(thread, "kfk-destroy");
  if (ends_by(thread, deadline)) return true;
  pthread_detach(thread);
  return false;
}

int remaining_ms(std::chrono::steady_clock::time_point deadline, int limit) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, limit));
}

std::string error_text(rd_kafka_event_t* event, std::span<const config::Property> properties) {
  std::string text = rd_kafka_event_error_string(event);
  const bool scram = property_value(properties, "sasl.mechanism").starts_with("SCRAM") ||
                     property_value(properties, "sasl.mechanisms").starts_with("SCRAM");
  if (rd_kafka_event_error(event) == RD_KAFKA_RESP_ERR__AUTHENTICATION && scram &&
      rd_kafka_version() <= last_version_with_scram_defect) {
    text += std::string(" (librdkafka ") + rd_kafka_version_str() +
            " fails SCRAM against brokers 4.x even with the right credentials: use a newer librdkafka, another "
            "mechanism, or brokers up to 3.9)";
  }
  if (rd_kafka_event_error(event) == RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID) {
    text += " (another running process has the same group_instance_id: each needs its own)";
  }
  return text;
}

bool serve_common_event(rd_kafka_t* client, rd_kafka_event_t* event, const std::string& oauth_token_file,
                        RecentErrors& client_log, Log& log) {
  switch (rd_kafka_event_type(event)) {
    case RD_KAFKA_EVENT_LOG:
      write_log_line(event, client_log, log);
      return true;
    case RD_KAFKA_EVENT_OAUTHBEARER_TOKEN_REFRESH:
      refresh_oauth_token(client, oauth_token_file);
      return true;
    default:
      return false;
  }
}

bool is_connection_error(rd_kafka_resp_err_t code) noexcept {
  return code == RD_KAFKA_RESP_ERR__TRANSPORT || code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN ||
         code == RD_KAFKA_RESP_ERR__RESOLVE || code == RD_KAFKA_RESP_ERR__AUTHENTICATION ||
         code == RD_KAFKA_RESP_ERR__SSL || code == RD_KAFKA_RESP_ERR__TIMED_OUT;
}

}  // namespace kafka_events
