// CloudEvents over Kafka: which mode a record has, attributes as headers, events as JSON.
#include "codec/cloudevents_codec.h"

#include <algorithm>
#include <array>

#include "codec/base64.h"
#include "codec/cloudevents_attributes.h"
#include "codec/cloudevents_parser.h"
#include "codec/json_text.h"

namespace kafka_events {
namespace {

constexpr std::string_view content_type_name = "content-type";
constexpr std::string_view media_type = "application/cloudevents";
constexpr std::string_view structured_type = "application/cloudevents+json; charset=UTF-8";

/// Attributes that an event has of its own, whatever its headers say of an event that it was made from.
constexpr std::array<std::string_view, 8> own_attributes = {
    "specversion", "id", "source", "type", "time", "datacontenttype", tenant_attribute, partition_key_attribute};

bool equal_but_for_case(std::string_view text, std::string_view lower) {
  return std::equal(text.begin(), text.end(), lower.begin(), lower.end(), [](char one, char other) {
    return (one >= 'A' && one <= 'Z' ? static_cast<char>(one - 'A' + 'a') : one) == other;
  });
}

bool starts_but_for_case(std::string_view text, std::string_view lower) {
  return text.size() >= lower.size() && equal_but_for_case(text.substr(0, lower.size()), lower);
}

std::string header_name(std::string_view attribute) { return std::string(cloudevents_header_prefix).append(attribute); }

using Attribute = std::pair<std::string_view, std::string_view>;

class CloudEventsCodec final : public Codec {
 public:
  CloudEventsCodec(CloudEventsMode mode, std::string source) : mode_(mode), source_(std::move(source)) {}

  Result<Encoded> encode(const Event& event, const EncodeContext& context, EncodeBuffers& buffers) const override {
    buffers.headers.clear();
    buffers.text = to_rfc3339(event.timestamp_us);
    std::vector<Attribute> attributes;
    if (Result<void> listed = list(event, context, buffers.text, attributes); !listed.ok()) return listed.error();
    // Without data the record is a tombstone, which only the binary mode can say.
    if (mode_ == CloudEventsMode::binary || is_null(event.payload)) {
      write_headers(event, attributes, buffers);
      return Encoded{event.payload, !is_null(event.payload)};
    }
    write_json(event, attributes, buffers.value);
    buffers.headers.push_back({content_type_name, structured_type});
    return Encoded{buffers.value, false};
  }

  Result<void> decode(const InboundRecord& record, DecodedEvent& out) const override {
    out = DecodedEvent{};
    std::string_view type;
    for (const Header& header : record.headers) {
      if (equal_but_for_case(header.name, content_type_name)) type = header.value;
    }
    Result<void> read = starts_but_for_case(type, media_type) && !is_null(record.value)
                            ? read_structured(record, type, out)
                            : read_binary(record, type, out);
    return read.ok() ? read : read.error().within("CloudEvent");
  }

  [[nodiscard]] std::string_view content_type() const override {
    return mode_ == CloudEventsMode::structured ? structured_type : std::string_view();
  }
  [[nodiscard]] bool carries_identity() const override { return true; }
  [[nodiscard]] bool reads_headers() const override { return true; }
  [[nodiscard]] bool owns_header(std::string_view name) const override {
    return name.starts_with(cloudevents_header_prefix) || equal_but_for_case(name, content_type_name);
  }

 private:
  // ---- Out ----

  Result<void> list(const Event& event, const EncodeContext& context, std::string_view time,
                    std::vector<Attribute>& out) const {
    out = {{"specversion", cloudevents_version}, {"id", event.id}, {"source", source_}, {"type", event.topic}};
    if (!time.empty()) out.emplace_back("time", time);
    if (!event.tenant.empty()) out.emplace_back(tenant_attribute, event.tenant);
    // The attribute is optional, and a key that is no text cannot be one.
    if (!context.key.empty() && is_attribute_text(context.key)) {
      out.emplace_back(partition_key_attribute, context.key);
    }
    if (!event.content_type.empty()) out.emplace_back("datacontenttype", event.content_type);
    const auto own_end = static_cast<std::ptrdiff_t>(out.size());
    for (const Header& header : event.headers) {
      if (!header.name.starts_with(cloudevents_header_prefix) || is_null(header.value)) continue;
      const std::string_view name = header.name.substr(cloudevents_header_prefix.size());
      if (std::ranges::find(own_attributes, name) != own_attributes.end()) continue;
      if (std::any_of(out.begin() + own_end, out.end(), [&](const Attribute& each) { return each.first == name; })) {
        return Error(ErrorCode::invalid, "the event has two headers " + shown_attribute(header.name));
      }
      out.emplace_back(name, header.value);
    }
    for (const auto& [name, value] : out) {
      if (Result<void> checked = check_attribute(name, value); !checked.ok()) return checked;
    }
    return {};
  }

  static void write_headers(const Event& event, const std::vector<Attribute>& attributes, EncodeBuffers& buffers) {
    // The names of extensions lie in the event with their prefix; those of the others are known here.
    constexpr std::array<std::string_view, 7> names = {"ce_specversion", "ce_id",          "ce_source",      "ce_type",
                                                       "ce_time",        "ce_agenttenant", "ce_partitionkey"};
    for (const auto& [name, value] : attributes) {
      const auto known = std::ranges::find(
          names, name, [](std::string_view each) { return each.substr(cloudevents_header_prefix.size()); });
      if (known != names.end()) {
        buffers.headers.push_back({*known, value});
      } else if (name == "datacontenttype") {
        if (!is_null(event.payload)) buffers.headers.push_back({content_type_name, value});
      } else {
        const char* const begin = name.data() - cloudevents_header_prefix.size();
        buffers.headers.push_back({{begin, name.size() + cloudevents_header_prefix.size()}, value});
      }
    }
  }

  static void write_json(const Event& event, const std::vector<Attribute>& attributes, std::string& out) {
    out.assign(1, '{');
    for (const auto& [name, value] : attributes) {
      append_json_string(out, name);
      out.push_back(':');
      append_json_string(out, value);
      out.push_back(',');
    }
    // What is said to be JSON is spliced in if it is; text stays text; anything else must come out byte for byte.
    const bool json = is_json_type(event.content_type);
    if (json && check_json(event.payload).ok()) {
      out.append(R"("data":)").append(event.payload);
    } else if (!json && !first_invalid_utf8(event.payload)) {
      out.append(R"("data":)");
      append_json_string(out, event.payload);
    } else {
      out.append(R"("data_base64":")");
      append_base64(out, event.payload);
      out.push_back('"');
    }
    out.push_back('}');
  }

  // ---- In ----

  static Result<void> read_structured(const InboundRecord& record, std::string_view type, DecodedEvent& out) {
    std::string_view format = type.substr(media_type.size());
    format = format.substr(0, format.find_first_of("; "));
    if (starts_but_for_case(format, "-batch")) {
      return Error(ErrorCode::invalid, "batches are not supported over Kafka: send each event as a record of its own");
    }
    if (!equal_but_for_case(format, "+json")) {
      return Error(ErrorCode::invalid, "its event format is not JSON (content-type application/cloudevents+json)");
    }
    if (Result<void> parsed = parse_cloudevent(record.value, out); !parsed.ok()) return parsed;
    take_identity(out);
    return {};
  }

  static Result<void> read_binary(const InboundRecord& record, std::string_view type, DecodedEvent& out) {
    RequiredAttributes required;
    std::vector<std::string_view> names;
    for (const Header& header : record.headers) {
      if (!header.name.starts_with(cloudevents_header_prefix) || is_null(header.value)) continue;
      const std::string_view name = header.name.substr(cloudevents_header_prefix.size());
      if (std::ranges::find(names, name) != names.end()) {
        return Error(ErrorCode::invalid, "attribute " + shown_attribute(name) + " occurs twice");
      }
      if (names.size() == max_attributes) return Error(ErrorCode::invalid, "it has more than 256 attributes");
      names.push_back(name);
      if (Result<void> checked = check_attribute(name, header.value); !checked.ok()) return checked;
      required.see(name);
      if (name == "datacontenttype") {  // not the binding's way, but some write it
        if (type.empty()) type = header.value;
        continue;
      }
      out.headers.emplace_back(header.name, header.value);
    }
    if (names.empty() && is_null(record.value)) return {};  // a tombstone that is nobody's event
    if (names.empty()) {
      return Error(ErrorCode::invalid,
                   "it is none: there are neither headers ce_* nor a content-type application/cloudevents+json");
    }
    if (Result<void> complete = required.complete(); !complete.ok()) return complete;
    if (!is_attribute_text(type)) return Error(ErrorCode::invalid, "its content-type is not UTF-8 text");
    take_identity(out);
    out.content_type = type;
    out.payload = record.value;
    return {};
  }

  static void take_identity(DecodedEvent& out) {
    for (const auto& [name, value] : out.headers) {
      if (name == "ce_type") out.topic = value;
      if (name == header_name(tenant_attribute)) out.tenant = value;
    }
  }

  static constexpr std::size_t max_attributes = 256;  // each is compared with those before

  const CloudEventsMode mode_;
  const std::string source_;
};

}  // namespace

std::unique_ptr<Codec> make_cloudevents_codec(CloudEventsMode mode, std::string source) {
  return std::make_unique<CloudEventsCodec>(mode, std::move(source));
}

}  // namespace kafka_events
