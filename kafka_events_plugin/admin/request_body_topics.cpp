// The bodies of requests about topics.
#include <limits>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "admin/body_reader.h"

namespace kafka_events::admin {
namespace {

constexpr std::size_t most_topics = 1000;
constexpr std::int32_t most_partitions = 100'000;
constexpr std::int32_t most_replicas = 10'000;

std::optional<std::int32_t> small_number(Body& body, const char* name, std::int32_t highest) {
  const auto number = body.number(name, 1, highest);
  return number ? std::optional(static_cast<std::int32_t>(*number)) : std::nullopt;
}

/// Kafka has texts only; numbers and booleans become theirs.
std::string config_text(const rapidjson::Value& value) {
  if (value.IsString()) return {value.GetString(), value.GetStringLength()};
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
  value.Accept(writer);
  return {buffer.GetString(), buffer.GetSize()};
}

void take_config(Body& body, TopicSpec& topic) {
  const rapidjson::Value* config = body.find("config");
  if (config == nullptr) return;
  if (!config->IsObject()) return body.refuse("config", "must be an object of names and values");
  for (const auto& member : config->GetObject()) {
    const std::string name(member.name.GetString(), member.name.GetStringLength());
    if (!member.value.IsString() && !member.value.IsNumber() && !member.value.IsBool()) {
      return body.refuse("config." + name, "must be a text, a number or a boolean");
    }
    topic.config.emplace_back(name, config_text(member.value));
  }
}

Parsed<TopicSpec> parse_topic(const rapidjson::Value& value, std::string place) {
  Body body(value, {"name", "partitions", "replication_factor", "config"}, std::move(place));
  TopicSpec topic;
  if (body.find("name") == nullptr) body.refuse("name", "is missing");
  topic.name = body.text("name").value_or("");
  topic.partitions = small_number(body, "partitions", most_partitions);
  topic.replication_factor = small_number(body, "replication_factor", most_replicas);
  take_config(body, topic);
  if (body.problem()) return *body.problem();
  return topic;
}

}  // namespace

Parsed<std::vector<TopicSpec>> parse_topics(std::string_view text) {
  rapidjson::Document document;
  if (auto problem = parse_body(document, text)) return *std::move(problem);
  std::vector<TopicSpec> topics;
  if (!document.IsArray()) {
    auto topic = parse_topic(document, {});
    if (auto* problem = std::get_if<BodyProblem>(&topic)) return std::move(*problem);
    topics.push_back(std::get<TopicSpec>(std::move(topic)));
    return topics;
  }
  if (document.Empty() || document.Size() > most_topics) {
    return BodyProblem{"", "the array must have 1 to " + std::to_string(most_topics) + " topics"};
  }
  for (rapidjson::SizeType i = 0; i < document.Size(); ++i) {
    std::string place(1, '[');
    place.append(std::to_string(i)).append("].");
    auto topic = parse_topic(document[i], place);
    if (auto* problem = std::get_if<BodyProblem>(&topic)) return std::move(*problem);
    topics.push_back(std::get<TopicSpec>(std::move(topic)));
  }
  return topics;
}

Parsed<std::int32_t> parse_total(std::string_view text) {
  Body body(text, {"total"});
  if (body.find("total") == nullptr) body.refuse("total", "is missing: how many partitions there are to be");
  const auto total = small_number(body, "total", most_partitions);
  if (body.problem()) return *body.problem();
  return *total;
}

}  // namespace kafka_events::admin
