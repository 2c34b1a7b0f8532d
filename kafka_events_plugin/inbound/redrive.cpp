// One thread reads, paces and sends; the delivery thread only notes what was reported.
#include "inbound/redrive.h"

#include <algorithm>
#include <array>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "inbound/dead_letter_topics.h"
#include "inbound/redrive_notes.h"
#include "inbound/redrive_positions.h"

namespace kafka_events {
namespace {

using namespace std::chrono_literals;
using Clock = Redrive::Clock;

constexpr std::size_t max_in_flight = 1000;
constexpr std::uint64_t max_failures_in_a_row = 10;
constexpr std::chrono::milliseconds tick_time = 50ms;
constexpr std::chrono::seconds commit_interval = 1s;
constexpr std::chrono::seconds kafka_time = 10s;
/// A broker that is away must not hold up the end of the plugin for long.
constexpr std::chrono::seconds lookup_time = 4s;
constexpr std::chrono::seconds end_time = 30s;
constexpr std::chrono::seconds hurried_end_time = 1s;

}  // namespace

class Redrive::Body {
 public:
  Body(const config::WorkerSettings& worker, std::string_view prefix, std::unique_ptr<EventMaker> maker,
       RedriveRequest request, DeadLetterSource& source, RecordSink& sink)
      : worker_(worker),
        prefix_(prefix),
        request_(std::move(request)),
        source_(source),
        sink_(sink),
        maker_(std::move(maker)),
        notes_(worker.name) {}

  void run(const std::function<bool()>& stop, const std::function<void()>& tick);
  [[nodiscard]] RedriveNotes& notes() noexcept { return notes_; }

 private:
  enum class Step : std::uint8_t { go_on, over };

  Result<void> prepare();
  Step step(const std::function<bool()>& stop);
  Step read_one();
  Step take(const DeadLetterRead& read);
  Step redrive(const RedrivePositions::Place& place, const InboundRecord& record, const DeadLetterOrigin& origin);
  Step send(const OutboundRecord& record);
  [[nodiscard]] bool wanted(const InboundRecord& record, const DeadLetterOrigin& origin);
  void take_reports();
  void end(Clock::time_point deadline);
  Result<void> commit();

  const config::WorkerSettings& worker_;
  const std::string prefix_;
  const RedriveRequest request_;
  DeadLetterSource& source_;
  RecordSink& sink_;
  const std::unique_ptr<EventMaker> maker_;

  RedrivePositions positions_;
  std::unordered_map<std::uint64_t, RedrivePositions::Place> in_flight_;
  std::uint64_t sent_ = 0;
  std::uint64_t failures_in_a_row_ = 0;
  Clock::time_point next_send_{};
  Clock::time_point next_commit_{};
  bool stopped_ = false;

  RedriveNotes notes_;
};

void Redrive::Body::run(const std::function<bool()>& stop, const std::function<void()>& tick) {
  if (auto prepared = prepare(); !prepared) {
    notes_.give_up(prepared.error().message);
  } else {
    next_send_ = Clock::now();
    next_commit_ = next_send_ + commit_interval;
    while (step(stop) == Step::go_on) tick();
    const auto deadline = Clock::now() + (stopped_ ? hurried_end_time : end_time);
    while (!in_flight_.empty() && Clock::now() < deadline) {
      notes_.wait(tick_time);
      take_reports();
      tick();
    }
    end(Clock::now() + (stopped_ ? hurried_end_time : kafka_time));
  }
  notes_.ended();
}

Result<void> Redrive::Body::prepare() {
  const auto deadline = Clock::now() + lookup_time;
  auto topics = source_.topics(deadline);
  if (!topics) return topics.error();
  auto partitions = source_.partitions(dead_letter_topics(worker_, prefix_, topics.value()), deadline);
  if (!partitions) return partitions.error();
  const auto from = positions_.open(partitions.value());
  if (!from) return from.error();
  return from.value().empty() ? Result<void>() : source_.read(from.value(), deadline);
}

Redrive::Body::Step Redrive::Body::step(const std::function<bool()>& stop) {
  if (stop()) {
    stopped_ = true;
    notes_.give_up("the plugin was stopped");
  }
  take_reports();
  const auto now = Clock::now();
  if (now >= next_commit_) {
    next_commit_ = now + commit_interval;
    (void)commit();  // tried again in a second, and at the end
  }
  if (notes_.given_up()) return Step::over;
  if (sent_ >= request_.limit || positions_.all_read()) return Step::over;
  if (now < next_send_ || in_flight_.size() >= max_in_flight) {
    const auto wait = std::chrono::ceil<std::chrono::milliseconds>(next_send_ - now);
    notes_.wait(std::clamp(wait, 1ms, tick_time));
    return Step::go_on;
  }
  return read_one();
}

Redrive::Body::Step Redrive::Body::read_one() {
  const auto next = source_.next(Clock::now() + tick_time);
  if (!next) {
    notes_.give_up(next.error().message);
    return Step::over;
  }
  return next.value() ? take(*next.value()) : Step::go_on;
}

Redrive::Body::Step Redrive::Body::take(const DeadLetterRead& read) {
  const auto place = positions_.pass(read);
  if (!place) return Step::go_on;
  const auto origin = origin_of(read.record, worker_);
  if (!origin || !wanted(read.record, *origin)) {
    notes_.count(&RedriveReport::skipped);
    return Step::go_on;
  }
  return redrive(*place, read.record, *origin);
}

/// The tenant is found as for an event: in its header, in what the value says, or as the key.
bool Redrive::Body::wanted(const InboundRecord& record, const DeadLetterOrigin& origin) {
  if (!request_.tenant) return true;
  InboundRecord original = record;
  original.topic = origin.topic;
  const auto made = maker_->make(original);
  if (made.ok()) return made.value().draft.tenant == *request_.tenant;
  for (const Header& header : record.headers) {
    if (header.name == "agent-tenant") return header.value == *request_.tenant;
  }
  return record.key == *request_.tenant;
}

Redrive::Body::Step Redrive::Body::redrive(const RedrivePositions::Place& place, const InboundRecord& record,
                                           const DeadLetterOrigin& origin) {
  const auto topic = sink_.open_topic(origin.topic);
  if (!topic) {
    notes_.give_up(topic.error().within("topic " + origin.topic).message);
    return Step::over;
  }
  if (!positions_.plan(place)) {
    notes_.give_up(
        "the position of " + place.partition.topic + " [" + std::to_string(place.partition.partition) +
        "] cannot remember more single records: too many that were left out lie between them. Redrive without a "
        "tenant first, or move those that shall stay to another topic");
    return Step::over;
  }
  std::string redrives;
  const std::vector<Header> headers = redriven_headers(record.headers, origin.redrive_count, redrives);
  OutboundRecord out;
  out.topic = topic.value();
  if (origin.partition >= 0) out.partition = origin.partition;
  out.key = record.key;
  out.value = record.value;
  out.headers = headers;
  out.number = ++sent_;
  in_flight_.emplace(out.number, place);
  next_send_ = std::max(next_send_, Clock::now() - tick_time) + std::chrono::nanoseconds(1'000'000'000 / request_.rate);
  return send(out);
}

Redrive::Body::Step Redrive::Body::send(const OutboundRecord& record) {
  const auto deadline = Clock::now() + kafka_time;
  SendStatus status = sink_.send(record);
  while (status == SendStatus::full && Clock::now() < deadline) {
    notes_.wait(tick_time);
    status = sink_.send(record);
  }
  if (status == SendStatus::accepted) return Step::go_on;
  in_flight_.erase(record.number);
  notes_.count(&RedriveReport::failed);
  notes_.give_up("a dead letter was refused: " + sink_.explain(status, record));
  return Step::over;
}

void Redrive::Body::take_reports() {
  for (const RedriveNotes::Reported& each : notes_.take()) {
    const auto found = in_flight_.find(each.number);
    if (found == in_flight_.end()) continue;
    if (each.delivered) {
      positions_.settle(found->second);
      failures_in_a_row_ = 0;
      notes_.count(&RedriveReport::redriven);
    } else {
      notes_.count(&RedriveReport::failed);
      if (each.permanent || ++failures_in_a_row_ >= max_failures_in_a_row) {
        notes_.give_up("records could not be written to their topic: " + each.reason);
      }
    }
    in_flight_.erase(found);
  }
  notes_.set_left(positions_.left());
}

void Redrive::Body::end(Clock::time_point deadline) {
  take_reports();
  Result<void> committed = commit();
  while (!committed && Clock::now() < deadline) {
    std::this_thread::sleep_for(tick_time);
    committed = commit();
  }
  if (!committed) {
    notes_.give_up("what was redriven could not be remembered, and may be redriven once more: " +
                   committed.error().message);
  }
}

Result<void> Redrive::Body::commit() {
  const std::vector<DeadLetterPosition> positions = positions_.moved();
  if (positions.empty()) return {};
  auto committed = source_.commit(positions, Clock::now() + (stopped_ ? hurried_end_time : kafka_time));
  if (committed) positions_.committed();
  return committed;
}

Redrive::Redrive(const config::WorkerSettings& worker, std::string_view topic_prefix, std::unique_ptr<EventMaker> maker,
                 RedriveRequest request, DeadLetterSource& source, RecordSink& sink)
    : body_(std::make_unique<Body>(worker, topic_prefix, std::move(maker), std::move(request), source, sink)) {}
Redrive::~Redrive() = default;

void Redrive::run(const std::function<bool()>& stop, const std::function<void()>& tick) { body_->run(stop, tick); }
RedriveReport Redrive::report() const { return body_->notes().report(); }
void Redrive::on_deliveries(std::span<const DeliveryReport> reports) noexcept { body_->notes().add(reports); }

Result<std::unique_ptr<EventMaker>> maker_for_redrive(const config::WorkerSettings& worker,
                                                      std::string_view topic_prefix, const CodecParts& codecs) {
  InboundParts parts;
  parts.codecs = codecs;
  parts.loop_guard.max_hops = 0;  // none
  return EventMaker::create(worker, topic_prefix, parts);
}

}  // namespace kafka_events
