// What the codecs are compared with: the same records written and read by a direct user of RapidJSON.
//
// They do less than the codecs: no check of attributes, no search for a state in the payload, no duplicates found, no
// bound on nesting; what has been read is the document itself, out of which the fields are copied.
#pragma once

#include <rapidjson/stringbuffer.h>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/event.h"

namespace bench {

/// Whether the payload is known to be JSON before it becomes a part of the record.
enum class Payload { checked, as_it_is };

/// Writes records into a buffer that it keeps. The views that it returns are valid until the next call.
class JsonRecords {
 public:
  explicit JsonRecords(Payload payload) : payload_(payload) {}
  std::string_view envelope(const kafka_events::Event& event);
  std::string_view cloudevent(const kafka_events::Event& event, std::string_view source, std::string_view key);

 private:
  void require_json(std::string_view text) const;

  const Payload payload_;
  rapidjson::StringBuffer out_;
};

using HeaderTexts = std::vector<std::pair<std::string, std::string>>;

/// Into a rapidjson::Document; the members that are texts are copied out of it. Bytes of these.
std::size_t read_json_record(std::string_view value);

/// The attributes of a binary CloudEvent as headers, their values where they lie; `time` is replaced.
void list_headers(const kafka_events::Event& event, std::string_view source, std::string_view key, std::string& time,
                  std::vector<kafka_events::Header>& out);

/// Headers copied, and topic, tenant and content type out of these. Bytes of all.
std::size_t copy_headers(const std::vector<kafka_events::Header>& headers);

/// Is it JSON? Parsed into a rapidjson::Document.
bool parses(std::string_view text);

}  // namespace bench
