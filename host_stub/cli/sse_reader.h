// Server-sent events (HTML Standard, 9.2.6), piece by piece.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace host_stub::cli {

class SseReader {
 public:
  /// `event` is "message" unless the stream says otherwise; several data lines are joined by line ends.
  using OnEvent = std::function<void(std::string_view event, std::string_view data)>;
  explicit SseReader(OnEvent on_event) : on_event_(std::move(on_event)) {}

  void feed(std::string_view piece);

 private:
  void take_line(std::string_view line);

  OnEvent on_event_;
  std::string line_;
  std::string event_;
  std::string data_;
  bool has_data_ = false;
};

}  // namespace host_stub::cli
