// A plugin that loads its host: publishes numbered events and handles numbered inbound ones, and reports what came of them.
//
// Environment: SWAP_LOAD, words NAME=VALUE with blanks between them (see options()). Routes: POST /load/start, POST /load/stop,
// GET /load/report, POST /load/times (writes the times into the directory of SWAP_LOAD_TIMES).
#include <cstdlib>
#include <malloc.h>
#include <memory>
#include <mutex>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>

#include "agent_plugin_cpp/agent_plugin.hpp"

#include "load_publisher.h"
#include "load_receiver.h"

namespace {

using namespace swap_load;

struct Options {
  PublishPlan publish;
  ReceivePlan receive;
};

void set(Options& options, const std::string& name, const std::string& value) {
  const auto number = [&value] { return static_cast<std::uint32_t>(std::stoul(value)); };
  if (name == "topic") options.publish.topic = value;
  if (name == "rate") options.publish.rate = std::stod(value);
  if (name == "keys") options.publish.keys = options.receive.keys = number();
  if (name == "threads") options.publish.threads = number();
  if (name == "size") options.publish.size = number();
  if (name == "most") options.publish.most = number();
  if (name == "pattern") options.receive.pattern = value;
  if (name == "answer") options.receive.answer = value;
  if (name == "delay_ms") options.receive.delay_ms = number();
  if (name == "echo_topic") options.receive.echo_topic = value;
  if (name == "fail_every") options.receive.fail_every = number();
  if (name == "fail_times") options.receive.fail_times = number();
}

Options read_options() {
  Options options;
  const char* text = std::getenv("SWAP_LOAD");
  std::istringstream words(text == nullptr ? "" : text);
  for (std::string word; words >> word;) {
    const std::size_t equals = word.find('=');
    if (equals != std::string::npos) set(options, word.substr(0, equals), word.substr(equals + 1));
  }
  return options;
}

/// Octets that the process has from malloc at the moment.
std::string memory_json() {
  const struct mallinfo2 info = mallinfo2();
  return "{\"in_use\":" + std::to_string(info.uordblks + info.hblkhd) + ",\"arena\":" + std::to_string(info.arena) +
         "}";
}

constexpr std::chrono::seconds completions_deadline{10};

class SwapLoad final : public agent::Plugin {
 public:
  explicit SwapLoad(const agent_host* host)
      : Plugin(host), options_(read_options()), receiver_(host, options_.receive) {
    const auto* bus = static_cast<const agent_event_bus*>(host->get_extension(host, AGENT_EXT_EVENT_BUS));
    if (bus == nullptr) throw std::runtime_error("the host has no event bus");
    if (!options_.publish.topic.empty()) {
      publisher_ = std::make_unique<LoadPublisher>(host, bus, options_.publish);
    }
  }

  agent::Status start() override {
    agent::Status status = receiver_.start();
    if (status.is_ok()) status = add("POST", "/load/start", start_, [this] { return begin(); });
    if (status.is_ok()) status = add("POST", "/load/stop", stop_, [this] { return end(); });
    if (status.is_ok()) status = add("GET", "/load/report", report_, [this] { return report(); });
    if (status.is_ok()) status = add("POST", "/load/times", times_, [this] { return write_times(); });
    return status;
  }

  agent::Status stop() override {
    for (agent::Route* route : {&start_, &stop_, &report_, &times_}) route->reset();
    if (publisher_) publisher_->stop();
    receiver_.stop();
    const auto deadline = std::chrono::steady_clock::now() + completions_deadline;
    while (outstanding() != 0) {
      if (std::chrono::steady_clock::now() > deadline) return {AGENT_E_TIMEOUT, "completions did not come"};
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return agent::ok();
  }

 private:
  [[nodiscard]] std::uint64_t outstanding() const {
    return receiver_.outstanding() + (publisher_ ? publisher_->outstanding() : 0);
  }

  template <class Answer>
  agent::Status add(std::string_view method, std::string_view path, agent::Route& route, Answer answer) {
    const agent::Routes routes = agent::Routes::of(host());
    if (!routes) return agent::ok();  // nobody can ask then
    return routes.add(
        {method, path, "Of the load of the swap tests", {}, {}, {}},
        [answer](const agent::Request&, const agent::Exchange& exchange) { exchange.json(200, answer()); }, route);
  }

  std::string begin() {
    const std::lock_guard lock(mutex_);
    if (publisher_) publisher_->start();
    return report();
  }
  std::string end() {
    const std::lock_guard lock(mutex_);
    if (publisher_) publisher_->stop();
    return report();
  }
  std::string report() const {
    std::string out = "{\"memory\":" + memory_json();
    if (publisher_) {
      out.append(",\"publisher\":").append(publisher_->json());
      out.append(",\"outstanding\":").append(std::to_string(publisher_->outstanding()));
    }
    return out.append(",\"receiver\":").append(receiver_.json()).append("}");
  }
  std::string write_times() const {
    const char* directory = std::getenv("SWAP_LOAD_TIMES");
    const bool written =
        directory != nullptr && receiver_.write_times(directory) && (!publisher_ || publisher_->write_times(directory));
    return written ? "{\"written\":true}" : "{\"written\":false}";
  }

  const Options options_;
  std::mutex mutex_;  // of the routes that change something
  std::unique_ptr<LoadPublisher> publisher_;
  LoadReceiver receiver_;
  agent::Route start_, stop_, report_, times_;
};

}  // namespace

extern "C" AGENT_EXPORT const agent_plugin_module* agent_plugin_entry(void) {
  static constexpr agent_plugin_module block =
      agent::module<SwapLoad>("swap_load", "1.0.0", "test", "Loads its host, for the tests of the swap");
  return &block;
}
