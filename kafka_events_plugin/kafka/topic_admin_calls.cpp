// Requests out of plain values, and outcomes out of the brokers' answers.
#include "kafka/topic_admin_calls.h"

#include <algorithm>
#include <array>
#include <vector>

#include "kafka/topic_admin_views.h"
#include "kafka/topic_admin_words.h"

namespace kafka_events::topic_admin {
namespace {

using Clock = std::chrono::steady_clock;
using Kind = TopicOutcome::Kind;

constexpr std::chrono::seconds settling_time{5};

/// An array of librdkafka's request objects.
template <class T, auto Destroy>
class Requests {
 public:
  void add(T* request) {
    owners_.emplace_back(request);
    all_.push_back(request);
  }
  [[nodiscard]] T** data() { return all_.data(); }
  [[nodiscard]] std::size_t size() const { return all_.size(); }

 private:
  std::vector<std::unique_ptr<T, Deleter<Destroy>>> owners_;
  std::vector<T*> all_;
};
using NewTopics = Requests<rd_kafka_NewTopic_t, rd_kafka_NewTopic_destroy>;
using DeleteTopics = Requests<rd_kafka_DeleteTopic_t, rd_kafka_DeleteTopic_destroy>;
using NewPartitions = Requests<rd_kafka_NewPartitions_t, rd_kafka_NewPartitions_destroy>;

struct Answer {
  std::string_view name;
  rd_kafka_resp_err_t code;
  std::string_view said;
};

std::vector<Answer> answers_of(const rd_kafka_topic_result_t** results, std::size_t count) {
  std::vector<Answer> answers;
  for (std::size_t i = 0; i < count; ++i) {
    const char* said = rd_kafka_topic_result_error_string(results[i]);
    answers.push_back(
        {rd_kafka_topic_result_name(results[i]), rd_kafka_topic_result_error(results[i]), said == nullptr ? "" : said});
  }
  return answers;
}

TopicOutcome failed(const Answer& answer, std::string_view advice = {}) {
  return {std::string(answer.name), Kind::failed, rd_kafka_err2name(answer.code),
          in_words(answer.code, answer.said, advice)};
}

/// Looks until every one of `names` is as `settled` wants it. What is not by then comes by itself.
template <class Settled>
void wait_until_settled(TopicAdminClient& client, const std::vector<std::string>& names, Deadline deadline,
                        Settled settled) {
  const Deadline until = std::min(deadline, Clock::now() + settling_time);
  auto pause = std::chrono::milliseconds(10);
  while (!names.empty() && Clock::now() < until) {
    const auto found = client.metadata(until);
    if (!found) return;
    const bool all =
        std::ranges::all_of(names, [&](const std::string& name) { return settled(find_topic(*found.value(), name)); });
    if (all || !client.rest(pause)) return;
    pause = std::min(pause * 2, std::chrono::milliseconds(200));
  }
}

bool has_leaders(const rd_kafka_metadata_topic_t* topic) {
  if (topic == nullptr || topic->err != RD_KAFKA_RESP_ERR_NO_ERROR || topic->partition_cnt == 0) return false;
  return std::all_of(topic->partitions, topic->partitions + topic->partition_cnt,
                     [](const rd_kafka_metadata_partition_t& partition) { return partition.leader >= 0; });
}

void tell_differences(TopicAdminClient& client, std::span<const TopicSpec> topics, TopicOutcomes& outcomes,
                      Deadline deadline) {
  std::vector<std::string> names;
  for (const TopicOutcome& outcome : outcomes) {
    if (outcome.kind == Kind::existed) names.push_back(outcome.name);
  }
  if (names.empty()) return;
  const Result<TopicList> there = describe(client, names, deadline);
  for (TopicOutcome& outcome : outcomes) {
    if (outcome.kind != Kind::existed) continue;
    if (!there) {
      outcome.message = "it is there; whether as asked is not known: " + there.error().message;
      continue;
    }
    const auto wanted = std::ranges::find(topics, outcome.name, &TopicSpec::name);
    const auto found = std::ranges::find(there.value(), outcome.name, &TopicView::name);
    if (wanted == topics.end() || found == there.value().end()) continue;
    outcome.message = differences(*wanted, *found);
    if (!outcome.message.empty()) outcome.message.insert(0, "it is there, and was left as it is: ");
  }
}

Result<NewTopics> requests_for(std::span<const TopicSpec> topics) {
  NewTopics requests;
  std::array<char, 256> text{};
  for (const TopicSpec& topic : topics) {
    rd_kafka_NewTopic_t* request =
        rd_kafka_NewTopic_new(topic.name.c_str(), topic.partitions.value_or(-1), topic.replication_factor.value_or(-1),
                              text.data(), text.size());
    if (request == nullptr) return Error(ErrorCode::invalid, topic.name + ": " + text.data());
    requests.add(request);
    for (const auto& [name, value] : topic.config) {
      const auto code = rd_kafka_NewTopic_set_config(request, name.c_str(), value.c_str());
      if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return Error(ErrorCode::invalid, topic.name + ": config " + name);
    }
  }
  return requests;
}

std::string brokers_of(TopicAdminClient& client, Deadline deadline) {
  const auto found = client.metadata(deadline);
  if (!found) return {};
  const int count = found.value()->broker_cnt;
  return "the cluster has " + std::to_string(count) + (count == 1 ? " broker" : " brokers") +
         ", and each replica needs one of its own";
}

}  // namespace

Result<TopicOutcomes> create(TopicAdminClient& client, std::span<const TopicSpec> topics, Deadline deadline) {
  auto requests = requests_for(topics);
  if (!requests) return requests.error();
  if (Result<void> there = client.find_controller(deadline); !there) return there.error();
  const auto event = client.ask(RD_KAFKA_ADMIN_OP_CREATETOPICS, deadline, [&](auto* kafka, auto* options, auto* queue) {
    rd_kafka_CreateTopics(kafka, requests.value().data(), requests.value().size(), options, queue);
  });
  if (!event) return event.error();
  std::size_t count = 0;
  const auto* result = rd_kafka_event_CreateTopics_result(event.value().get());
  const auto** results = rd_kafka_CreateTopics_result_topics(result, &count);
  TopicOutcomes outcomes;
  std::vector<std::string> created;
  for (const Answer& answer : answers_of(results, count)) {
    if (answer.code == RD_KAFKA_RESP_ERR_NO_ERROR) {
      created.emplace_back(answer.name);
      outcomes.push_back({std::string(answer.name), Kind::created});
    } else if (answer.code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) {
      outcomes.push_back({std::string(answer.name), Kind::existed});
    } else {
      const bool replicas = answer.code == RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR;
      outcomes.push_back(failed(answer, replicas ? brokers_of(client, deadline) : std::string()));
    }
  }
  wait_until_settled(client, created, deadline, has_leaders);
  tell_differences(client, topics, outcomes, deadline);
  return outcomes;
}

Result<TopicOutcomes> remove(TopicAdminClient& client, std::span<const std::string> names, Deadline deadline) {
  if (Result<void> there = client.find_controller(deadline); !there) return there.error();
  DeleteTopics requests;
  for (const std::string& name : names) requests.add(rd_kafka_DeleteTopic_new(name.c_str()));
  const auto event = client.ask(RD_KAFKA_ADMIN_OP_DELETETOPICS, deadline, [&](auto* kafka, auto* options, auto* queue) {
    rd_kafka_DeleteTopics(kafka, requests.data(), requests.size(), options, queue);
  });
  if (!event) return event.error();
  std::size_t count = 0;
  const auto* result = rd_kafka_event_DeleteTopics_result(event.value().get());
  const auto** results = rd_kafka_DeleteTopics_result_topics(result, &count);
  TopicOutcomes outcomes;
  std::vector<std::string> deleted;
  for (const Answer& answer : answers_of(results, count)) {
    if (answer.code == RD_KAFKA_RESP_ERR_NO_ERROR) {
      deleted.emplace_back(answer.name);
      outcomes.push_back({std::string(answer.name), Kind::deleted});
    } else if (answer.code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) {
      outcomes.push_back(
          {std::string(answer.name), Kind::absent, {}, "there is no such topic, or this user may not see it"});
    } else {
      outcomes.push_back(failed(answer));
    }
  }
  wait_until_settled(client, deleted, deadline, [](const auto* topic) { return topic == nullptr; });
  return outcomes;
}

Result<TopicOutcomes> add_partitions(TopicAdminClient& client, const std::string& name, std::int32_t total,
                                     Deadline deadline) {
  const auto found = client.metadata(deadline);
  if (!found) return found.error();
  const rd_kafka_metadata_topic_t* there = find_topic(*found.value(), name);
  if (there == nullptr) {
    return TopicOutcomes{failed({name, RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, {}},
                                "there is no such topic, or this user may not see it")};
  }
  const std::int32_t before = there->partition_cnt;
  const std::string now = "it has " + std::to_string(before) + (before == 1 ? " partition" : " partitions");
  if (before == total) return TopicOutcomes{{name, Kind::unchanged, {}, now}};
  if (before > total) {
    return TopicOutcomes{failed({name, RD_KAFKA_RESP_ERR_INVALID_PARTITIONS, {}}, now + ", and Kafka takes none away")};
  }
  std::array<char, 256> text{};
  NewPartitions requests;
  rd_kafka_NewPartitions_t* request =
      rd_kafka_NewPartitions_new(name.c_str(), static_cast<std::size_t>(total), text.data(), text.size());
  if (request == nullptr) return Error(ErrorCode::invalid, name + ": " + text.data());
  requests.add(request);
  if (Result<void> controller = client.find_controller(deadline); !controller) return controller.error();
  const auto event =
      client.ask(RD_KAFKA_ADMIN_OP_CREATEPARTITIONS, deadline, [&](auto* kafka, auto* options, auto* queue) {
        rd_kafka_CreatePartitions(kafka, requests.data(), requests.size(), options, queue);
      });
  if (!event) return event.error();
  std::size_t count = 0;
  const auto* result = rd_kafka_event_CreatePartitions_result(event.value().get());
  const auto** results = rd_kafka_CreatePartitions_result_topics(result, &count);
  TopicOutcomes outcomes;
  for (const Answer& answer : answers_of(results, count)) {
    if (answer.code != RD_KAFKA_RESP_ERR_NO_ERROR) {
      outcomes.push_back(failed(answer, now));
      continue;
    }
    outcomes.push_back({name,
                        Kind::extended,
                        {},
                        "from " + std::to_string(before) + " to " + std::to_string(total) +
                            " partitions; keys may go to other partitions from now on"});
    wait_until_settled(client, {name}, deadline,
                       [&](const auto* topic) { return has_leaders(topic) && topic->partition_cnt >= total; });
  }
  return outcomes;
}

}  // namespace kafka_events::topic_admin
