// Building WorkerSettings; what a named worker does not say, it takes from the inbound block.
#include "config/workers.h"

#include <algorithm>

#include "config/dead_letters.h"
#include "config/properties.h"
#include "config/routes.h"
#include "config/schemas.h"
#include "config/worker_selection.h"

namespace kafka_events::config {

namespace {

OnFailure on_failure_of(const Value& value) {
  if (value.text() == "stop") return OnFailure::stop;
  return value.text() == "skip" ? OnFailure::skip : OnFailure::dead_letter;
}

std::int64_t to_number(const Value& value) { return std::stoll(value.text()); }

// The value of a worker's option: its own, else that of inbound, else the default.
class WorkerValues {
 public:
  WorkerValues(const Values& own, const Values& inbound) : own_(own), inbound_(inbound) {}

  [[nodiscard]] Value get(std::string_view name) const {
    if (const Value* value = own_.find(name)) return *value;
    return inbound_.get(option(Block::inbound, name));
  }
  [[nodiscard]] Value retries(std::string_view name) const {
    const Values own = own_.child("retries");
    const Values& from = own.find(name) != nullptr ? own : inbound_.child("retries");
    return from.get(option(Block::retries, name));
  }

 private:
  const Values& own_;
  const Values& inbound_;
};

RetrySettings make_retries(const WorkerValues& values, Report& report) {
  RetrySettings retries;
  retries.attempts = static_cast<std::uint32_t>(to_number(values.retries("attempts")));
  const Value backoff = values.retries("backoff_ms");
  const Value longest = values.retries("max_backoff_ms");
  retries.backoff = std::chrono::milliseconds(to_number(backoff));
  retries.max_backoff = std::chrono::milliseconds(to_number(longest));
  if (retries.backoff > retries.max_backoff) {
    const bool at_backoff = backoff.written;
    report.error((at_backoff ? backoff : longest).place,
                 at_backoff ? "must be at most max_backoff_ms (" + longest.text() + "); it is " + backoff.text()
                            : "must be at least backoff_ms (" + backoff.text() + "); it is " + longest.text());
  }
  return retries;
}

// What all workers have in common.
WorkerSettings make_worker(const WorkerValues& values, const ClientValues& consumer,
                           const std::vector<Property>& properties, Report& report) {
  WorkerSettings worker;
  worker.retries = make_retries(values, report);
  worker.on_failure = on_failure_of(values.get("on_failure"));
  worker.dead_letter_topic = values.get("dead_letter_topic").text();
  worker.reply_to = values.get("reply_to").text();
  worker.max_in_flight = static_cast<std::uint32_t>(to_number(values.get("max_in_flight")));
  worker.slow_handler = std::chrono::milliseconds(to_number(values.get("slow_handler_ms")));
  worker.poll_timeout = std::chrono::milliseconds(to_number(consumer.get(Block::consumer, "consumer_timeout_ms")));
  const Value records = consumer.get(Block::consumer, "max_poll_records");
  if (!records.items.empty()) worker.max_poll_records = static_cast<std::uint32_t>(to_number(records));
  worker.auto_commit = consumer.get(Block::consumer, "enable_auto_commit").text() == "true";
  worker.properties = properties;
  return worker;
}

// What the table has only for one of the two kinds of blocks, or with another meaning.
void add_own(WorkerSettings& worker, const Values& own, Block block, const LoadInput& input, Report& report) {
  const auto get = [&](std::string_view name) { return own.get(option(block, name)); };
  const Value event_topic = get("event_topic");
  if (!event_topic.items.empty()) worker.event_topic = event_topic.text();
  worker.codec = codec_of(get("codec"));
  worker.schema = make_schema(own, block, input, report);
  worker.qos = qos_of(get("qos"));
  worker.place = own.place;
}

// Topics with the prefix; a pattern must see new topics soon, unless the user chose an interval.
void subscribe(WorkerSettings& worker, const std::vector<std::string>& topics, std::string_view prefix,
               const Values& consumer) {
  constexpr std::string_view refresh = "topic.metadata.refresh.interval.ms";
  for (const std::string& topic : topics) {
    std::string with_prefix = subscription(topic, prefix);
    if (std::ranges::find(worker.topics, with_prefix) == worker.topics.end()) {
      worker.topics.push_back(std::move(with_prefix));
    }
  }
  const bool pattern =
      std::ranges::any_of(worker.topics, [](const std::string& topic) { return topic.starts_with('^'); });
  const Property* interval = find_property(worker.properties, refresh);
  const bool chosen =
      consumer.find("metadata_max_age_ms") != nullptr || (interval != nullptr && !interval->place.file.empty());
  if (pattern && !chosen) {
    set_property(worker.properties,
                 {std::string(refresh), "1000", false, {"", 0, 0, "kafka_events.consumer-config.metadata_max_age_ms"}});
  }
}

WorkerSettings make_named(const Values& own, const Values& top, const ClientValues& consumer,
                          const std::vector<Property>& properties, const LoadInput& input, Report& report) {
  const Values inbound = top.child("inbound");
  WorkerSettings worker = make_worker({own, inbound}, consumer, properties, report);
  add_own(worker, own, Block::worker, input, report);
  if (const Value* name = own.find("name")) {
    worker.name = name->text();
  } else if (!report.is_refused(own.path + ".name")) {
    report.error(own.place_of("name"), "is missing; every worker has a name");
  }
  const Value* group = own.find("group");
  worker.group =
      group != nullptr ? group->text() : consumer.get(Block::consumer, "group_id").text() + "-" + worker.name;
  set_property(worker.properties, {"group.id", worker.group, group != nullptr && group->secret, own.place_of("group")});
  worker.partitions = partitions_of(own, Block::worker, report);
  std::vector<std::string> topics;
  if (const Value* listed = own.find("topics")) topics = listed->items;
  if (const Value* pattern = own.find("regex_topic")) {
    topics.push_back((pattern->text().starts_with('^') ? "" : "^") + pattern->text());
  }
  for (std::string& topic : default_topics_of(top, topics)) topics.push_back(std::move(topic));
  const bool refused = report.is_refused(own.path + ".topics") || report.is_refused(own.path + ".regex_topic");
  if (topics.empty() && !refused) report.error(own.place_of("topics"), "is missing; write topics or regex_topic");
  subscribe(worker, topics, top.get(option(Block::top, "topic_prefix")).text(), consumer.own());
  return worker;
}

void check_distinct(const std::vector<WorkerSettings>& workers, const Values& top, Report& report) {
  const auto found = top.children.find("workers");
  if (found == top.children.end()) return;
  const std::size_t first_named = workers.size() - found->second.size();
  for (std::size_t i = first_named; i < workers.size(); ++i) {
    const Values& own = found->second[i - first_named];
    if (workers[i].name == "inbound") {
      report.error(own.place_of("name"), "\"inbound\" is the name of the default worker; choose another");
    } else if (workers[i].name == "replies") {
      report.error(own.place_of("name"), "\"replies\" is the name of the worker that reads answers; choose another");
    }
    for (std::size_t j = 0; j < i; ++j) {
      if (workers[i].name.empty()) continue;
      if (workers[i].name == workers[j].name && j >= first_named) {
        report.error(own.place_of("name"), quoted(workers[i].name) + " is already the name of another worker");
      } else if (workers[i].group == workers[j].group) {
        report.error(own.place_of("group"), "is already the group of worker " + quoted(workers[j].name) +
                                                "; consumers of one group must subscribe to the same topics");
      }
    }
  }
}

}  // namespace

std::string subscription(std::string_view topic, std::string_view prefix) {
  if (!topic.starts_with('^')) return std::string(prefix) + std::string(topic);
  std::string pattern = "^";
  for (const char c : prefix) {
    // Of the characters of a topic only the dot means something in a pattern.
    if (c == '.') pattern += '\\';
    pattern += c;
  }
  std::string_view body = topic.substr(1);
  if (body.ends_with('$') && !body.ends_with("\\$")) body.remove_suffix(1);
  const bool alternatives = body.find('|') != std::string_view::npos;
  pattern += alternatives ? "(" + std::string(body) + ")" : std::string(body);
  return pattern + "$";
}

std::vector<WorkerSettings> make_workers(const Values& top, const ClientValues& consumer,
                                         const std::vector<Property>& properties, const LoadInput& input,
                                         Report& report) {
  std::vector<WorkerSettings> workers;
  const Values inbound = top.child("inbound");
  const std::string prefix = top.get(option(Block::top, "topic_prefix")).text();
  if (const Value topics = inbound.get(option(Block::inbound, "topics")); !topics.items.empty()) {
    WorkerSettings worker = make_worker({inbound, inbound}, consumer, properties, report);
    add_own(worker, inbound, Block::inbound, input, report);
    worker.name = "inbound";
    worker.group = consumer.get(Block::consumer, "group_id").text();
    subscribe(worker, topics.items, prefix, consumer.own());
    check_dead_letters(worker, prefix, inbound.place_of("dead_letter_topic"), report);
    workers.push_back(std::move(worker));
  }
  if (const auto found = top.children.find("workers"); found != top.children.end()) {
    for (const Values& own : found->second) {
      workers.push_back(make_named(own, top, consumer, properties, input, report));
      const Place place =
          own.find("dead_letter_topic") != nullptr ? own.place_of("dead_letter_topic") : own.place_of("topics");
      check_dead_letters(workers.back(), prefix, place, report);
    }
  }
  check_distinct(workers, top, report);
  warn_of_unread_default_topics(top, report);
  return workers;
}

}  // namespace kafka_events::config
