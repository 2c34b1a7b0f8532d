// Tried out on topics made from the subscriptions: "^acapy-inbound-.*$" is tried with "acapy-inbound-x".
#include "config/dead_letters.h"

#include <algorithm>
#include <re2/re2.h>
#include <string>

#include "config/templates.h"

namespace kafka_events::config {

namespace {

bool reads(const WorkerSettings& worker, const std::string& topic) {
  return std::ranges::any_of(worker.topics, [&](const std::string& each) {
    if (!each.starts_with('^')) return each == topic;
    const RE2 pattern(each, RE2::Quiet);
    return pattern.ok() && RE2::FullMatch(topic, pattern);
  });
}

// A topic that a pattern may well match: its letters, with "x" for what stands for any character.
std::string sample_topic(std::string_view subscription) {
  if (!subscription.starts_with('^')) return std::string(subscription);
  std::string topic;
  for (std::size_t i = 1; i < subscription.size(); ++i) {
    const char c = subscription[i];
    if (c == '\\' && i + 1 < subscription.size()) {
      topic += subscription[++i];
    } else if (c == '.') {
      topic += 'x';
    } else if (is_topic_character(c)) {
      topic += c;
    }
  }
  return topic;
}

}  // namespace

void check_dead_letters(const WorkerSettings& worker, std::string_view prefix, const Place& place, Report& report) {
  if (worker.on_failure != OnFailure::dead_letter) return;
  for (const std::string& subscription : worker.topics) {
    std::string topic = sample_topic(subscription);
    if (!reads(worker, topic)) continue;
    const std::string prefixed = topic;
    if (topic.starts_with(prefix)) topic.erase(0, prefix.size());
    std::string dead_letters = worker.dead_letter_topic;
    for (const std::string_view name : {"{topic}", "$topic"}) {
      if (const std::size_t at = dead_letters.find(name); at != std::string::npos) {
        dead_letters.replace(at, name.size(), topic);
      }
    }
    dead_letters.insert(0, prefix);
    if (!reads(worker, dead_letters)) continue;
    report.error(place, "the worker reads its own dead letters: those of " + quoted(prefixed) + " go to " +
                            quoted(dead_letters) + ", which it reads too; choose another dead_letter_topic");
    return;
  }
}

}  // namespace kafka_events::config
