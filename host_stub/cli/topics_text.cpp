#include "cli/topics_text.h"

#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>
#include <vector>

#include "cli/tables.h"

namespace host_stub::cli {
namespace {

using Value = rapidjson::Value;
using Rows = std::vector<std::vector<std::string>>;

std::string written(const Value& value) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
  value.Accept(writer);
  return {buffer.GetString(), buffer.GetSize()};
}

/// A control character from outside must not steer the terminal.
std::string visible(const Value& text) {
  std::string shown(text.GetString(), text.GetStringLength());
  for (char& character : shown) {
    if (static_cast<unsigned char>(character) < 0x20) character = ' ';
  }
  return shown.empty() ? "-" : shown;
}

std::string cell(const Value& object, const char* name) {
  const auto member = object.FindMember(name);
  if (member == object.MemberEnd() || member->value.IsNull()) return "-";
  if (member->value.IsString()) return visible(member->value);
  if (!member->value.IsArray()) return written(member->value);
  std::string list;
  for (const Value& item : member->value.GetArray()) list.append(list.empty() ? "" : ",").append(written(item));
  return list.empty() ? "-" : list;
}

/// Null: there is no such list.
const Value* list_in(const Value& object, const char* name) {
  if (!object.IsObject()) return nullptr;
  const auto member = object.FindMember(name);
  return member == object.MemberEnd() || !member->value.IsArray() ? nullptr : &member->value;
}

bool is(const Value& object, const char* name) {
  const auto member = object.FindMember(name);
  return member != object.MemberEnd() && member->value.IsBool() && member->value.GetBool();
}

rapidjson::Document parsed(std::string_view body) {
  rapidjson::Document document;
  document.Parse<rapidjson::kParseIterativeFlag>(body.data(), body.size());
  return document;
}

std::string settings_of(const Value& topic) {
  Rows rows{{"CONFIG", "VALUE", "FROM"}};
  if (const Value* config = list_in(topic, "config")) {
    for (const Value& each : config->GetArray()) {
      if (!each.IsObject() || cell(each, "source") == "default") continue;
      rows.push_back({cell(each, "name"), cell(each, "value"), cell(each, "source")});
    }
  }
  return rows.size() == 1 ? "its configuration is the default\n" : format_table(rows);
}

}  // namespace

TopicsShown show_topics(std::string_view body, bool internal, bool as_json) {
  const rapidjson::Document document = parsed(body);
  const Value* topics = list_in(document, "topics");
  TopicsShown shown;
  if (topics == nullptr) return shown;
  Rows rows{{"NAME", "PARTITIONS", "REPLICAS", "WITHOUT LEADER", "UNDER-REPLICATED"}};
  for (const Value& topic : topics->GetArray()) {
    if (!topic.IsObject() || (!internal && is(topic, "internal"))) continue;
    ++shown.good;
    if (as_json) shown.text.append(written(topic)).append("\n");
    rows.push_back({cell(topic, "name"), cell(topic, "partitions"), cell(topic, "replication_factor"),
                    cell(topic, "without_leader"), cell(topic, "under_replicated")});
  }
  if (!as_json) shown.text = rows.size() == 1 ? "there are no topics\n" : format_table(rows);
  return shown;
}

TopicsShown show_topic(std::string_view body, bool as_json) {
  const rapidjson::Document topic = parsed(body);
  TopicsShown shown;
  if (!topic.IsObject()) return shown;
  shown.good = 1;
  if (as_json) {
    shown.text = written(topic) + "\n";
    return shown;
  }
  Rows rows{{"PARTITION", "LEADER", "REPLICAS", "IN SYNC"}};
  if (const Value* assignment = list_in(topic, "assignment")) {
    for (const Value& each : assignment->GetArray()) {
      if (!each.IsObject()) continue;
      const std::string leader = cell(each, "leader");
      rows.push_back(
          {cell(each, "partition"), leader == "-1" ? "none" : leader, cell(each, "replicas"), cell(each, "in_sync")});
    }
  }
  shown.text.append(cell(topic, "name")).append(": ").append(cell(topic, "partitions")).append(" partitions, ");
  shown.text.append(cell(topic, "replication_factor")).append(" replicas\n");
  shown.text.append(format_table(rows)).append(settings_of(topic));
  return shown;
}

TopicsShown show_outcomes(std::string_view body, bool as_json) {
  const rapidjson::Document document = parsed(body);
  const Value* topics = list_in(document, "topics");
  TopicsShown shown;
  if (topics == nullptr) return shown;
  for (const Value& topic : topics->GetArray()) {
    if (!topic.IsObject()) continue;
    const std::string result = cell(topic, "result");
    ++(result == "failed" ? shown.failed : shown.good);
    const std::string message = cell(topic, "message");
    if (as_json) {
      shown.text.append(written(topic)).append("\n");
    } else {
      shown.text.append(cell(topic, "name")).append(": ").append(result);
      shown.text.append(message == "-" ? "" : ": " + message).append("\n");
    }
  }
  return shown;
}

}  // namespace host_stub::cli
