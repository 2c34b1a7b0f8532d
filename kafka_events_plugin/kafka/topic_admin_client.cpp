// Waiting in slices, so that tokens are renewed and a stop is seen while a broker takes its time.
#include "kafka/topic_admin_client.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <thread>

#include "kafka/client.h"
#include "kafka/properties.h"
#include "kafka/topic_admin_words.h"

namespace kafka_events {
namespace {

using Clock = std::chrono::steady_clock;
using AdminOptions = std::unique_ptr<rd_kafka_AdminOptions_t, Deleter<rd_kafka_AdminOptions_destroy>>;

constexpr int slice_ms = 100;
constexpr int longest_slice_ms = 2000;
constexpr int longest_wait_ms = 600'000;
constexpr std::chrono::seconds time_to_end{2};

/// Writing records is none of its business: it needs no producer id, whose ACL it may not have.
bool is_of_writing(std::string_view name) {
  constexpr std::array names{std::string_view("transactional.id"), std::string_view("transaction.timeout.ms"),
                             std::string_view("enable.idempotence"), std::string_view("enable.gapless.guarantee"),
                             std::string_view("statistics.interval.ms")};
  return std::ranges::find(names, name) != names.end();
}

}  // namespace

Result<std::unique_ptr<TopicAdminClient>> TopicAdminClient::create(const config::ProducerSettings& settings,
                                                                   std::string oauth_token_file, Log& log,
                                                                   const std::atomic<bool>& stopping) {
  std::vector<config::Property> properties = settings.properties;
  std::erase_if(properties, [](const config::Property& property) { return is_of_writing(property.name); });
  auto client = new_client(properties, RD_KAFKA_PRODUCER);
  if (!client) return client.error();
  return std::unique_ptr<TopicAdminClient>(
      new TopicAdminClient(client.value(), std::move(properties), std::move(oauth_token_file), log, stopping));
}

TopicAdminClient::TopicAdminClient(rd_kafka_t* client, std::vector<config::Property> properties,
                                   std::string oauth_token_file, Log& log, const std::atomic<bool>& stopping)
    : client_(client),
      queue_(rd_kafka_queue_get_main(client)),
      properties_(std::move(properties)),
      oauth_token_file_(std::move(oauth_token_file)),
      client_log_(log, "kafka.topics"),
      log_(log),
      stopping_(stopping) {}

TopicAdminClient::~TopicAdminClient() {
  queue_.reset();
  (void)destroy_client(client_, Clock::now() + time_to_end);
}

void TopicAdminClient::serve(int timeout_ms) {
  const EventOwner event(rd_kafka_queue_poll(queue_.get(), timeout_ms));
  if (event != nullptr) take(event.get());
}

void TopicAdminClient::take(rd_kafka_event_t* event) {
  if (serve_common_event(client_, event, oauth_token_file_, client_log_, log_)) return;
  if (rd_kafka_event_type(event) != RD_KAFKA_EVENT_ERROR) return;  // an answer that nobody waits for any more
  last_error_ = error_text(event, properties_);
  client_log_.add(LogLevel::warning, rd_kafka_err2name(rd_kafka_event_error(event)), last_error_);
}

bool TopicAdminClient::rest(std::chrono::milliseconds time) {
  const Clock::time_point until = Clock::now() + time;
  while (!stopping_.load() && Clock::now() < until) serve(remaining_ms(until, slice_ms));
  return !stopping_.load();
}

Error TopicAdminClient::failure(rd_kafka_resp_err_t code, std::string_view text) const {
  if (code == RD_KAFKA_RESP_ERR__TIMED_OUT || is_connection_error(code)) {
    std::string message = "Kafka (";
    message.append(property_value(properties_, "bootstrap.servers")).append(") did not answer in time");
    if (!last_error_.empty()) message.append(": ").append(last_error_);
    return {ErrorCode::timeout, std::move(message)};
  }
  const bool unsupported =
      code == RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE || code == RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION;
  return {unsupported ? ErrorCode::unsupported : ErrorCode::failed, in_words(code, text, {})};
}

Result<MetadataHandle> TopicAdminClient::metadata(Deadline deadline) {
  // The call itself serves no events: short at first, so that a token gets to the brokers early.
  for (int slice = slice_ms; !stopping_.load(); slice = std::min(slice * 2, longest_slice_ms)) {
    for (int event = 0; event < longest_slice_ms && rd_kafka_queue_length(queue_.get()) > 0; ++event) serve(0);
    const rd_kafka_metadata_t* answer = nullptr;
    const auto code = rd_kafka_metadata(client_, 1, nullptr, &answer, std::max(1, remaining_ms(deadline, slice)));
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
      last_error_.clear();
      return MetadataHandle(answer);
    }
    if (code != RD_KAFKA_RESP_ERR__TIMED_OUT && !is_connection_error(code)) return failure(code, {});
    if (Clock::now() >= deadline) return failure(code, {});
    if (code != RD_KAFKA_RESP_ERR__TIMED_OUT) (void)rest(std::chrono::milliseconds(slice_ms));
  }
  return stopped_meanwhile();
}

Result<void> TopicAdminClient::find_controller(Deadline deadline) {
  auto found = metadata(deadline);
  if (!found) return found.error();
  const std::span brokers(found.value()->brokers, static_cast<std::size_t>(found.value()->broker_cnt));
  const std::int32_t controller = rd_kafka_controllerid(client_, 0);
  if (std::ranges::any_of(brokers, [&](const auto& broker) { return broker.id == controller; })) return {};
  return Error(
      ErrorCode::unsupported,
      "this Kafka has no controller, which is who changes topics (the embedded one never has: it creates topics "
      "when they are used)");
}

Result<EventOwner> TopicAdminClient::ask(rd_kafka_admin_op_t operation, Deadline deadline, const Request& request) {
  const AdminOptions options(rd_kafka_AdminOptions_new(client_, operation));
  const int time_ms = std::max(1, remaining_ms(deadline, longest_wait_ms));
  rd_kafka_AdminOptions_set_request_timeout(options.get(), time_ms, nullptr, 0);
  if (operation != RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS) {
    rd_kafka_AdminOptions_set_operation_timeout(options.get(), time_ms, nullptr, 0);
  }
  void* const number = reinterpret_cast<void*>(++asked_);
  rd_kafka_AdminOptions_set_opaque(options.get(), number);
  request(client_, options.get(), queue_.get());
  // librdkafka itself ends the request a little after the deadline.
  const Clock::time_point patience = deadline + std::chrono::seconds(1);
  while (!stopping_.load()) {
    EventOwner event(rd_kafka_queue_poll(queue_.get(), slice_ms));
    if (event != nullptr && rd_kafka_event_opaque(event.get()) == number) {
      const auto code = rd_kafka_event_error(event.get());
      if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return failure(code, rd_kafka_event_error_string(event.get()));
      last_error_.clear();
      return event;
    }
    if (event != nullptr) take(event.get());
    if (Clock::now() >= patience) return failure(RD_KAFKA_RESP_ERR__TIMED_OUT, {});
  }
  return stopped_meanwhile();
}

}  // namespace kafka_events
