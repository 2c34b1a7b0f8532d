// Steady publishing from several threads. An event that is answered "busy" is published again before the next one of its
// thread, so that the order of a key is what the numbers say.
#include "load_publisher.h"

#include <algorithm>
#include <chrono>
#include <pthread.h>

#include "agent_plugin_cpp/exchange.hpp"
#include "agent_plugin_cpp/text.hpp"

#include "numbered.h"

namespace swap_load {
namespace {

using namespace std::chrono_literals;

constexpr auto tick = 1ms;
constexpr auto busy_rest = 500us;
constexpr unsigned stream_shift = 56;
constexpr std::size_t most_intervals = 2'000'000;
constexpr std::int64_t interval_threshold_ns = 1'000'000;
constexpr std::uint8_t most_counted = 200;

}  // namespace

LoadPublisher::LoadPublisher(const agent_host* host, const agent_event_bus* bus, PublishPlan plan)
    : host_(host),
      bus_(bus),
      plan_(std::move(plan)),
      most_of_stream_(plan_.most / plan_.threads),
      completions_(most_intervals, interval_threshold_ns),
      streams_(plan_.threads) {
  for (std::uint32_t key = 0; key < plan_.keys; ++key) streams_[key % plan_.threads].keys.push_back(key);
  for (Stream& stream : streams_) stream.states = std::make_unique<std::atomic<std::uint8_t>[]>(most_of_stream_);
}

void LoadPublisher::start() {
  stop();
  ending_ = false;
  if (began_ns_ == 0) began_ns_ = now_ns();
  for (std::uint32_t number = 0; number < streams_.size(); ++number) {
    Stream& stream = streams_[number];
    if (stream.calls == nullptr) stream.calls = std::make_unique<CallTimes>(began_ns_);
    stream.thread = std::thread([this, number] { run(number); });
  }
}

void LoadPublisher::stop() {
  ending_ = true;
  for (Stream& stream : streams_) {
    if (stream.thread.joinable()) stream.thread.join();
  }
}

void LoadPublisher::run(std::uint32_t number) {
  pthread_setname_np(pthread_self(), "load-publisher");
  Stream& stream = streams_[number];
  const double rate = plan_.rate / plan_.threads;
  const std::size_t before = stream.count;
  const auto began = std::chrono::steady_clock::now();
  std::string payload;
  for (auto next = began; !ending_ && stream.count < most_of_stream_; next += tick) {
    std::this_thread::sleep_until(next);
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - began;
    const auto due = std::min(most_of_stream_, before + static_cast<std::size_t>(elapsed.count() * rate));
    while (stream.count < due && !ending_) {
      if (!publish(stream, number, payload)) return;
    }
  }
}

bool LoadPublisher::publish(Stream& stream, std::uint32_t number, std::string& payload) {
  const std::uint64_t index = stream.count;
  const std::uint32_t key = stream.keys[index % stream.keys.size()];
  write_numbered(payload, {key, index / stream.keys.size() + 1}, plan_.size);
  const std::string key_name = key_text(key);
  agent_event_draft draft{};
  draft.size = sizeof draft;
  draft.topic = agent::text(plan_.topic);
  draft.key = agent::bytes(key_name);
  draft.payload = agent::bytes(payload);
  const agent_event_completion completion{sizeof completion, 0, this, std::uint64_t{number} << stream_shift | index,
                                          &completed};
  published_.fetch_add(1);
  for (;;) {
    agent_error error = AGENT_ERROR_INIT;
    const std::int64_t begin = now_ns();
    const std::int32_t status = bus_->publish(host_, &draft, &completion, nullptr, &error);
    stream.calls->add(begin, now_ns());
    if (status == AGENT_OK) break;
    ++(status == AGENT_E_BUSY ? busy_ : refused_);
    if (ending_) {
      published_.fetch_sub(1);
      return false;
    }
    std::this_thread::sleep_for(busy_rest);
  }
  ++stream.count;
  return true;
}

void LoadPublisher::completed(void* context, std::uint64_t cookie, const agent_event_result* result) noexcept {
  try {
    static_cast<LoadPublisher*>(context)->on_completed(cookie, *result);
  } catch (...) {  // only the text of the first failure can do that
    return;
  }
}

void LoadPublisher::on_completed(std::uint64_t cookie, const agent_event_result& result) {
  if (result.outcome == AGENT_OUTCOME_BUSY) {
    told_busy_.fetch_add(1);
    return;
  }
  completions_.tick();
  completed_.fetch_add(1);
  if (result.handlers == 0) unheard_.fetch_add(1);
  if (result.outcome != AGENT_OUTCOME_DONE) {
    failed_.fetch_add(1);
    const std::lock_guard lock(mutex_);
    if (first_failure_.empty()) first_failure_ = agent::view(result.detail);
    return;
  }
  const std::uint64_t index = cookie & ((std::uint64_t{1} << stream_shift) - 1);
  std::atomic<std::uint8_t>& state = streams_[cookie >> stream_shift].states[index];
  if (state.load() < most_counted && state.fetch_add(1) == 1) twice_.fetch_add(1);
}

std::string LoadPublisher::json() const {
  std::string out = "{\"last\":[";
  for (std::uint32_t key = 0; key < plan_.keys; ++key) {
    const Stream& stream = streams_[key % plan_.threads];
    const std::uint64_t place = key / plan_.threads;
    const std::uint64_t count = stream.count;
    const std::uint64_t all = count / stream.keys.size();
    out.append(key == 0 ? "" : ",").append(std::to_string(all + (count % stream.keys.size() > place ? 1 : 0)));
  }
  out += "]";
  const auto field = [&out](const char* name, std::uint64_t value) {
    out.append(",\"").append(name).append("\":").append(std::to_string(value));
  };
  field("began_ns", static_cast<std::uint64_t>(began_ns_));
  field("published", published_);
  field("completed", completed_);
  field("busy", busy_);
  field("told_busy", told_busy_);
  field("refused", refused_);
  field("failed", failed_);
  field("unheard", unheard_);
  field("twice", twice_);
  const std::lock_guard lock(mutex_);
  out += ",\"first_failure\":";
  agent::Exchange::append_json(out, first_failure_);
  return out += "}";
}

bool LoadPublisher::write_times(const std::string& directory) const {
  bool written = completions_.log().write(directory + "/completions.long");
  for (std::size_t number = 0; number < streams_.size(); ++number) {
    const std::string name = directory + "/publish." + std::to_string(number);
    if (streams_[number].calls != nullptr) written = streams_[number].calls->write(name) && written;
  }
  return written;
}

}  // namespace swap_load
