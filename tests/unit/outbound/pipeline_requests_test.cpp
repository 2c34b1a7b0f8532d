// Requests are known before they are sent and forgotten when they were not; single writers; schemas that are not known yet.
#include <doctest/doctest.h>

#include "fakes.h"
#include "outbound/pipeline.h"

using namespace kafka_events;
using namespace kafka_events::test;
using Journal = std::vector<std::string>;

namespace {

class FakeBook final : public RequestBook {
 public:
  explicit FakeBook(FakeSink& sink) : sink_(sink) {}
  Result<void> open(std::string_view id, const Event& request, std::chrono::milliseconds timeout) override {
    journal.push_back("open " + std::string(id) + " of " + std::string(request.topic) + " " +
                      std::to_string(timeout.count()) + " after " + std::to_string(sink_.records.size()));
    if (error) return *error;
    return {};
  }
  void cancel(std::string_view id) noexcept override { journal.push_back("cancel " + std::string(id)); }

  Journal journal;
  std::optional<Error> error;

 private:
  FakeSink& sink_;
};

class NoSchemaYet final : public SchemaRegistry {
 public:
  Result<SchemaPointer> by_id(std::uint32_t) override { return error; }
  Result<SchemaPointer> by_subject(const SubjectRequest&) override { return error; }
  Error error{ErrorCode::unavailable, "the schema is being asked for"};
};

struct Stand {
  FakeBus bus;
  FakeSink sink;
  FakeSink single;
  FakeLog log;
  FakeBook book{sink};
  NoSchemaYet registry;
  std::unique_ptr<OutboundPipeline> pipeline;

  explicit Stand(std::vector<config::RouteSettings> routes) {
    OutboundParts further;
    further.codecs.registry = &registry;
    further.requests = &book;
    further.single_writer = &single;
    auto created = OutboundPipeline::create(routes, "", bus, sink, log, further);
    REQUIRE(created.ok());
    pipeline = std::move(created).value();
    pipeline->open();
  }
};

config::RouteSettings asking() {
  config::RouteSettings settings = route("^ask::.*");
  settings.reply_to = "{topic:kafka}.reply";
  settings.reply_timeout = std::chrono::milliseconds(2500);
  settings.status_events = false;
  return settings;
}

}  // namespace

TEST_CASE("a request is known before its record is sent, by its event's id and for the route's time") {
  Stand stand({asking()});
  CHECK(stand.pipeline->on_event(stand.bus.make("ask::a")) == HandlerAnswer::later);
  CHECK(stand.book.journal == Journal{"open id of ask::a 2500 after 0"});
  CHECK(stand.sink.records.size() == 1);
}

TEST_CASE("headers of the event say the correlation id and how long the answer may take") {
  Stand stand({asking()});
  Event event = stand.bus.make("ask::a");
  std::vector<Header> headers = {{correlation_header, "c-1"}, {request_timeout_header, "70"}};
  event.headers = headers;
  CHECK(stand.pipeline->on_event(event) == HandlerAnswer::later);
  CHECK(stand.book.journal == Journal{"open c-1 of ask::a 70 after 0"});
  for (const char* wrong : {"", "0", "-1", "1.5", "12x", "99999999999"}) {
    headers[1].value = wrong;
    CHECK(stand.pipeline->on_event(event) == HandlerAnswer::failed);
  }
  CHECK(stand.book.journal.size() == 1);
  CHECK(stand.sink.records.size() == 1);
  CHECK(stand.log.lines.back().find("agent-request-timeout-ms") != std::string::npos);
}

TEST_CASE("an event of a route that wants no answer is no request") {
  Stand stand({asking(), route()});
  CHECK(stand.pipeline->on_event(stand.bus.make("acapy::outbound::message")) == HandlerAnswer::later);
  CHECK(stand.book.journal.empty());
}

TEST_CASE("a request that cannot be taken now is told to come back; one that waits already is refused") {
  Stand stand({asking()});
  stand.book.error = Error(ErrorCode::busy, "10000 requests wait");
  CHECK(stand.pipeline->on_event(stand.bus.make("ask::a")) == HandlerAnswer::busy);
  CHECK(stand.bus.journal.empty());  // the answer is all that every publisher gets
  CHECK(stand.log.lines.back().find("10000 requests wait") != std::string::npos);
  stand.book.error = Error(ErrorCode::exists, "it waits already");
  CHECK(stand.pipeline->on_event(stand.bus.make("ask::b")) == HandlerAnswer::failed);
  CHECK(stand.log.lines.back().find("it waits already") != std::string::npos);
  CHECK(stand.sink.records.empty());
  CHECK(stand.book.journal.size() == 2);  // nothing is cancelled that was never taken
  CHECK(stand.pipeline->statistics().routes[0].busy == 1);
  CHECK(stand.pipeline->statistics().routes[0].refused == 1);
}

TEST_CASE("nobody waits for the answer to a record that was not sent; one in the outbox still waits") {
  Stand stand({asking()});
  stand.sink.answers = {SendStatus::full, SendStatus::too_large, SendStatus::kept};
  CHECK(stand.pipeline->on_event(stand.bus.make("ask::a")) == HandlerAnswer::busy);
  CHECK(stand.book.journal.back() == "cancel id");
  CHECK(stand.pipeline->on_event(stand.bus.make("ask::a")) == HandlerAnswer::failed);
  CHECK(stand.book.journal.back() == "cancel id");
  CHECK(stand.pipeline->on_event(stand.bus.make("ask::a")) == HandlerAnswer::later);
  CHECK(stand.book.journal.back() == "open id of ask::a 2500 after 0");
}

TEST_CASE(
    "nor to one that was not delivered: its own headers say which, else the stored event's, else the event's id") {
  Stand stand({asking()});
  const Event event = stand.bus.make("ask::a");
  DeliveryReport report;
  report.event = event.handle;
  report.topic = "ask-a";
  report.reason = "timed out";
  const std::vector<Header> headers = {{"other", "x"}, {correlation_header, "c-7"}};
  FailedDelivery failed;
  failed.headers = headers;
  report.failed = &failed;
  stand.pipeline->on_deliveries({&report, 1});
  CHECK(stand.book.journal == Journal{"cancel c-7"});
  failed.headers = {};
  stand.pipeline->on_deliveries({&report, 1});
  CHECK(stand.book.journal.back() == "cancel id");
  Event stored = event;
  stored.headers = headers;
  report.event = nullptr;
  report.number = 1;
  report.source = &stored;
  report.failed = nullptr;
  stand.pipeline->on_deliveries({&report, 1});
  CHECK(stand.book.journal.back() == "cancel c-7");
  report.delivered = true;
  stand.pipeline->on_deliveries({&report, 1});
  CHECK(stand.book.journal.size() == 3);
}

TEST_CASE("routes with a single writer send to it, whatever else leads to the same guarantee") {
  config::RouteSettings single = route("^one::.*");
  single.single_writer = true;
  config::RouteSettings rendered = route("^each::.*");
  rendered.single_writer = true;
  rendered.topic = "of-{tenant}";
  config::RouteSettings plain = route("^many::.*");
  plain.topic = "of-{tenant}";
  Stand stand({single, rendered, plain});
  for (const char* topic : {"one::a", "many::a", "each::a", "many::b"}) {
    CHECK(stand.pipeline->on_event(stand.bus.make(topic)) == HandlerAnswer::later);
  }
  REQUIRE(stand.single.records.size() == 2);
  CHECK(stand.single.records[0].topic == "one-a");
  CHECK(stand.single.records[1].topic == "of-w1");
  CHECK(stand.sink.records.size() == 2);
  CHECK(stand.sink.topics == Journal{"of-w1"});
}

TEST_CASE(
    "an event whose schema is not known yet is told to come back; one that the registry refuses is undeliverable") {
  config::RouteSettings avro = route(".*");
  avro.codec = config::CodecKind::avro;
  Stand stand({avro});
  CHECK(stand.pipeline->on_event(stand.bus.make("a")) == HandlerAnswer::busy);
  CHECK(stand.bus.journal.empty());
  CHECK(stand.log.lines.back().find("the schema is being asked for") != std::string::npos);
  CHECK(stand.pipeline->statistics().routes[0].busy == 1);
  stand.registry.error = Error(ErrorCode::not_found, "no such subject");
  CHECK(stand.pipeline->on_event(stand.bus.make("a")) == HandlerAnswer::failed);
  CHECK(stand.bus.journal.back().find("a::undeliverable") != std::string::npos);
  CHECK(stand.pipeline->statistics().routes[0].refused == 1);
}
