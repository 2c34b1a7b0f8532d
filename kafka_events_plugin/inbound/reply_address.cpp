#include "inbound/reply_address.h"

#include <algorithm>
#include <re2/re2.h>

#include "core/request_book.h"

namespace kafka_events {
namespace {

constexpr std::size_t max_topic_length = 249;  // org.apache.kafka.common.internals.Topic
constexpr std::string_view placeholder = "{topic}";

bool is_topic_character(char character) {
  return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') ||
         (character >= '0' && character <= '9') || character == '.' || character == '_' || character == '-';
}

bool is_kafka_topic(std::string_view name) {
  return !name.empty() && name.size() <= max_topic_length && name != "." && name != ".." &&
         std::all_of(name.begin(), name.end(), is_topic_character);
}

}  // namespace

ReplyAddress::ReplyAddress() = default;
ReplyAddress::ReplyAddress(ReplyAddress&&) noexcept = default;
ReplyAddress& ReplyAddress::operator=(ReplyAddress&&) noexcept = default;
ReplyAddress::~ReplyAddress() = default;

Result<ReplyAddress> ReplyAddress::create(std::string_view reply_to, std::string_view allowed,
                                          std::string_view topic_prefix) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  ReplyAddress address;
  address.allowed_ = std::make_unique<re2::RE2>(re2::StringPiece(allowed.data(), allowed.size()), options);
  if (!address.allowed_->ok()) {
    return Error(ErrorCode::invalid, "requests.allowed_reply_topics: " + address.allowed_->error());
  }
  address.reply_to_ = reply_to;
  address.prefix_ = topic_prefix;
  return address;
}

/// Is it what the template makes of some topic? Who reads such a topic reads answers, and an answer wants none: two agents
/// with the same pattern would go on answering each other.
bool ReplyAddress::is_reply_topic(std::string_view topic) const {
  const std::size_t at = reply_to_.find(placeholder);
  if (at == std::string::npos) return topic == reply_to_;
  const std::string_view before = std::string_view(reply_to_).substr(0, at);
  const std::string_view after = std::string_view(reply_to_).substr(at + placeholder.size());
  const std::size_t fixed = before.size() + after.size();
  return fixed > 0 && topic.size() > fixed && topic.starts_with(before) && topic.ends_with(after);
}

std::string_view ReplyAddress::event_topic(std::string_view kafka_topic, std::string_view wanted) {
  if (allowed_ == nullptr) return {};
  text_ = reply_event_prefix;
  if (is_kafka_topic(wanted) && re2::RE2::FullMatch(re2::StringPiece(wanted.data(), wanted.size()), *allowed_)) {
    return text_.append(wanted);
  }
  if (reply_to_.empty()) return {};
  if (kafka_topic.starts_with(prefix_)) kafka_topic.remove_prefix(prefix_.size());
  if (is_reply_topic(kafka_topic)) return {};
  std::string name = reply_to_;
  for (std::size_t at = name.find(placeholder); at != std::string::npos;
       at = name.find(placeholder, at + kafka_topic.size())) {
    name.replace(at, placeholder.size(), kafka_topic);
  }
  name.insert(0, prefix_);
  if (!is_kafka_topic(name)) return {};
  return text_.append(name);
}

}  // namespace kafka_events
