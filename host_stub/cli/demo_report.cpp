#include "cli/demo_report.h"

#include <map>
#include <set>

#include "cli/progress.h"
#include "cli/tables.h"

namespace host_stub::cli {
namespace {

struct TopicRow {
  std::set<std::string> event_topics;
  std::uint64_t events = 0;
  std::uint64_t delivered = 0;
  std::uint64_t undeliverable = 0;
  std::uint64_t came_back = 0;
  std::map<std::int32_t, std::uint64_t> partitions;
};

void add(TopicRow& row, const LedgerEntry& entry) {
  row.event_topics.insert(entry.event_topic);
  ++row.events;
  row.delivered += entry.delivered;
  row.undeliverable += entry.undeliverable;
  row.came_back += entry.came_back;
  if (entry.partition >= 0) ++row.partitions[entry.partition];
}

std::string partitions_text(const TopicRow& row) {
  std::string text;
  for (const auto& [partition, count] : row.partitions) {
    if (!text.empty()) text += ' ';
    text.append(std::to_string(partition)).append(":").append(std::to_string(count));
  }
  return text.empty() ? "-" : text;
}

std::string event_topics_text(const TopicRow& row) {
  if (row.event_topics.empty()) return "";
  std::string text = *row.event_topics.begin();
  if (row.event_topics.size() > 1) text += " and " + std::to_string(row.event_topics.size() - 1) + " more";
  return text;
}

std::vector<std::string> cells(const std::string& name, const TopicRow& row, const std::string& event_topics,
                               const std::string& partitions) {
  return {name,
          event_topics,
          with_thousands(row.events),
          with_thousands(row.delivered),
          with_thousands(row.undeliverable),
          with_thousands(row.came_back),
          partitions};
}

}  // namespace

std::string demo_table(const std::vector<LedgerEntry>& entries) {
  std::map<std::string, TopicRow> topics;
  TopicRow sum;
  for (const LedgerEntry& entry : entries) {
    add(topics[entry.kafka_topic.empty() ? "(none)" : entry.kafka_topic], entry);
    add(sum, entry);
  }
  std::vector<std::vector<std::string>> rows{
      {"KAFKA TOPIC", "EVENT TOPIC", "EVENTS", "DELIVERED", "UNDELIVERABLE", "CAME BACK", "PARTITIONS"}};
  for (const auto& [name, row] : topics) rows.push_back(cells(name, row, event_topics_text(row), partitions_text(row)));
  rows.push_back(cells(std::to_string(topics.size()) + " topics", sum,
                       std::to_string(sum.event_topics.size()) + " event topics", ""));
  return format_table(rows);
}

std::vector<std::string> astray(const std::vector<LedgerEntry>& entries) {
  std::vector<std::string> lines;
  for (const LedgerEntry& entry : entries) {
    if (!is_well(entry)) lines.push_back(entry.id + " (" + entry.event_topic + "): " + what_is_wrong(entry));
  }
  return lines;
}

}  // namespace host_stub::cli
