// What the codecs take for one event, without Kafka (--bootstrap is accepted and not used), for payloads of 100 and 1024
// bytes of JSON:
//
//   codec_{envelope,cloudevents_structured}_encode_N              against RapidJSON: the payload checked by its reader
//                                                                 (UTF-8 too), the same document by its writer
//   codec_{envelope,cloudevents_structured}_encode_N_splice_only  the same without a check of the payload in the reference
//   codec_{envelope,cloudevents_structured}_decode_N              against a rapidjson::Document and its fields copied
//   codec_cloudevents_binary_{encode,decode}_N                    against the same headers listed and copied by hand,
//                                                                 unchecked: there is no document
//   codec_raw_{encode,decode}_N                                   against one copy of the payload: the codec makes none
//   codec_json_check_N                                            check_json() against a rapidjson::Document
//
// How the payload of a decoded event may be read differs: the codecs give its bytes, a rapidjson::Document a tree. Avro
// has bench_avro.cpp; bench_json.cpp has the check of JSON against RapidJSON's reader.

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "codec/codec_factory.h"
#include "codec/json_text.h"
#include "codec_references.h"
#include "harness.h"
#include "sample_event.h"

namespace {

using namespace bench;
using kafka_events::Bytes;
using kafka_events::Event;
using kafka_events::Header;
using kafka_events::config::CodecKind;

constexpr std::string_view source = "/agents/alice";
constexpr std::string_view key = "3fa85f64-5717-4562-b3fc-2c963f66afa6";

/// One codec, an event for it to write, and the record of that event for it to read.
class Subject {
 public:
  Subject(CodecKind kind, const Event& event) : event_(event) {
    auto made = kafka_events::make_codec(kind, {}, {.cloudevents_source = std::string(source)});
    if (!made.ok()) give_up(made.error().message);
    codec_ = std::move(made).value();
    record_.value = encode_into(kept_);
    record_.headers = kept_.headers;
    decode();
    if (received_.payload != event.payload) give_up("an event did not come back");
  }

  Bytes encode() { return encode_into(sent_); }

  void decode() {
    const auto decoded = codec_->decode(record_, received_);
    if (!decoded.ok()) give_up(decoded.error().message);
  }

  [[nodiscard]] Bytes value() const { return record_.value; }
  [[nodiscard]] const std::vector<Header>& headers() const { return kept_.headers; }

 private:
  Bytes encode_into(kafka_events::EncodeBuffers& buffers) {
    const auto encoded = codec_->encode(event_, {.kafka_topic = "events", .key = key}, buffers);
    if (!encoded.ok()) give_up(encoded.error().message);
    return encoded.value().value;
  }

  const Event event_;
  std::unique_ptr<kafka_events::Codec> codec_;
  kafka_events::EncodeBuffers sent_;
  kafka_events::EncodeBuffers kept_;  // what record_ points to
  kafka_events::InboundRecord record_;
  kafka_events::DecodedEvent received_;
};

class Measurement {
 public:
  Measurement(const Options& options, std::size_t payload_bytes)
      : options_(options),
        count_(options.count != 0 ? options.count : 500'000),
        payload_(json_payload(payload_bytes)),
        event_(sample_event(payload_)) {}

  void all() {
    raw();
    envelope();
    cloudevents_structured();
    cloudevents_binary();
    json_check();
  }

 private:
  void raw() {
    Subject codec(CodecKind::raw, event_);
    std::string copy;
    const auto copy_payload = [&] { copy.assign(event_.payload); };
    compare("raw_encode", "", "the payload copied once", copy_payload, [&] { codec.encode(); });
    compare("raw_decode", "", "the payload copied once", copy_payload, [&] { codec.decode(); });
  }

  void envelope() {
    Subject codec(CodecKind::envelope, event_);
    const auto write = [&](JsonRecords& records) { return records.envelope(event_); };
    documents("envelope", codec, write);
  }

  void cloudevents_structured() {
    Subject codec(CodecKind::cloudevents_structured, event_);
    const auto write = [&](JsonRecords& records) { return records.cloudevent(event_, source, key); };
    documents("cloudevents_structured", codec, write);
  }

  /// A codec whose records are JSON documents, against RapidJSON.
  template <class Write>
  void documents(const std::string& name, Subject& codec, Write write) {
    JsonRecords checked(Payload::checked);
    JsonRecords spliced(Payload::as_it_is);
    if (write(checked) != codec.value()) give_up("the reference writes another document");
    const auto encode = [&] { codec.encode(); };
    compare(
        name + "_encode", "", "RapidJSON: reader over the payload, writer", [&] { write(checked); }, encode);
    compare(
        name + "_encode", "_splice_only", "RapidJSON: writer, payload unchecked", [&] { write(spliced); }, encode);
    compare(
        name + "_decode", "", "rapidjson::Document, fields copied", [&] { read_json_record(codec.value()); },
        [&] { codec.decode(); });
  }

  void cloudevents_binary() {
    Subject codec(CodecKind::cloudevents, event_);
    std::vector<Header> headers;
    std::string time;
    list_headers(event_, source, key, time, headers);
    if (!same(headers, codec.headers())) give_up("the reference writes other headers");
    compare(
        "cloudevents_binary_encode", "", "the headers listed by hand, unchecked",
        [&] { list_headers(event_, source, key, time, headers); }, [&] { codec.encode(); });
    compare(
        "cloudevents_binary_decode", "", "the headers copied by hand, unchecked",
        [&] { copy_headers(codec.headers()); }, [&] { codec.decode(); });
  }

  void json_check() {
    const auto require = [](bool is_json) {
      if (!is_json) give_up("the payload is no JSON");
    };
    compare(
        "json_check", "", "rapidjson::Document, UTF-8 validated", [&] { require(parses(payload_)); },
        [&] { require(kafka_events::check_json(payload_).ok()); });
  }

  static bool same(const std::vector<Header>& left, const std::vector<Header>& right) {
    return std::equal(left.begin(), left.end(), right.begin(), right.end(), [](const Header& one, const Header& other) {
      return one.name == other.name && one.value == other.value;
    });
  }

  template <class Once>
  Run nanoseconds(Once once) const {
    return [this, once] {
      const double begin = now();
      for (std::size_t index = 0; index < count_; ++index) once();
      return (now() - begin) / static_cast<double>(count_) * 1e9;
    };
  }

  /// The figure is called codec_NAME_BYTES, with what follows.
  template <class Reference, class Ours>
  void compare(const std::string& name, std::string_view suffix, std::string_view reference_is, Reference reference,
               Ours ours) const {
    std::string whole = "codec_";
    whole.append(name).append("_").append(std::to_string(payload_.size())).append(suffix);
    if (!options_.wants(whole)) return;
    Figure figure{std::move(whole), "ns/event", Better::less, {}};
    figure.note("reference", reference_is);
    figure.note("payload_bytes", payload_.size());
    figure.note("events", count_);
    report(options_, figure,
           run_metered_pairs(options_.pairs, count_, figure, nanoseconds(reference), nanoseconds(ours)));
  }

  const Options& options_;
  const std::size_t count_;
  const std::string payload_;
  const Event event_;
};

}  // namespace

int main(int argc, char** argv) {
  const Options options = parse_options(argc, argv);
  for (const std::size_t payload_bytes : {100UL, 1024UL}) Measurement(options, payload_bytes).all();
  return 0;
}
