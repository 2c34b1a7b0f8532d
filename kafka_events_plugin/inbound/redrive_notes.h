// What a redrive's own thread, the delivery thread and whoever asks for a report share.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "core/record.h"
#include "inbound/redrive.h"

namespace kafka_events {

/// All functions may be called from any thread.
class RedriveNotes {
 public:
  /// What became of one record.
  struct Reported {
    std::uint64_t number = 0;
    bool delivered = false;
    bool permanent = false;
    std::string reason;
  };

  explicit RedriveNotes(std::string worker);

  void add(std::span<const DeliveryReport> reports);
  /// Waits until something was reported, or the time is over.
  void wait(std::chrono::milliseconds time);
  [[nodiscard]] std::vector<Reported> take();

  void count(std::uint64_t RedriveReport::*which);
  void set_left(std::uint64_t left);
  /// The first problem is kept.
  void give_up(std::string problem);
  [[nodiscard]] bool given_up() const;
  void ended();
  [[nodiscard]] RedriveReport report() const;

 private:
  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable reported_;
  std::vector<Reported> reports_;
  RedriveReport report_;
};

}  // namespace kafka_events
