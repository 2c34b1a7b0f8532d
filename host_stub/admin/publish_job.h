// One POST /events on its way: every line is checked, then all are published in order, then, if asked for, their
// results are awaited.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "agent_plugin/ext/event_bus.h"

#include "admin/event_fields.h"
#include "admin/event_lines.h"
#include "admin/http_message.h"

namespace host_stub {

class EventBus;

class PublishJob : public std::enable_shared_from_this<PublishJob> {
 public:
  struct Request {
    std::string path;  // for the problem's instance
    std::string body;
    std::string content_type;
    bool wait = false;              // answer with the outcome of every event
    std::size_t max_payload_bytes;  // more: 413
    std::string id_prefix;          // of the ids that events without one get, so that results can name them
  };
  using Reply = std::function<void(HttpReply)>;

  PublishJob(EventBus& bus, Request request, Reply reply);

  /// Does a bounded piece of work. True: call it again, on one thread at a time. The answer comes by itself, perhaps
  /// later and from another thread.
  [[nodiscard]] bool step();

  /// What to answer when the time is up, but not all is done. [any thread]
  [[nodiscard]] HttpReply overdue() const;

  /// Answers 503: the worker is ending.
  void cut_off();

 private:
  struct Outcome {
    std::string id;
    std::string topic;
    std::string detail;
    std::uint32_t handlers = 0;
    std::int32_t outcome = AGENT_OUTCOME_DONE;
  };
  enum class Phase { checking, publishing, finished };

  void check(const EventLines::Line& line);
  void end_of_check();
  bool publish(const EventLines::Line& line);
  void refuse(int status, std::size_t line, std::string_view why);
  void end_of_publishing();
  void one_less();
  static void on_completed(void* context, std::uint64_t cookie, const agent_event_result* result);
  [[nodiscard]] std::string counts() const;
  [[nodiscard]] std::string results() const;
  void answer();

  EventBus& bus_;
  const Request request_;
  const Reply reply_;
  const bool line_by_line_;
  EventLines lines_;
  Phase phase_ = Phase::checking;

  std::size_t events_ = 0;
  std::size_t faults_ = 0;
  bool too_large_ = false;
  std::string fault_list_;  // JSON objects, separated by commas

  std::vector<agent_header> header_array_;
  int refused_status_ = 0;  // not 0: publishing stopped early
  std::string refused_why_;
  std::atomic<std::size_t> accepted_{0};
  std::atomic<std::size_t> done_{0};
  std::atomic<std::size_t> failed_{0};
  std::atomic<std::size_t> busy_{0};
  std::atomic<std::size_t> outstanding_{1};  // completions to come, and one for the publishing itself
  std::vector<Outcome> outcomes_;            // sized before publishing begins; each is written once, by its completion
  std::size_t offered_ = 0;                  // how many of them are in use
  std::shared_ptr<PublishJob> self_;         // while completions may come
};

}  // namespace host_stub
