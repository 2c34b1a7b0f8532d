// Server-sent events in pieces of any size.
#include "cli/sse_reader.h"

#include <doctest/doctest.h>
#include <utility>
#include <vector>

using namespace host_stub::cli;
using Events = std::vector<std::pair<std::string, std::string>>;

namespace {

Events read(std::string_view stream, std::size_t piece) {
  Events events;
  SseReader reader([&](std::string_view event, std::string_view data) { events.emplace_back(event, data); });
  for (std::size_t begin = 0; begin < stream.size(); begin += piece) reader.feed(stream.substr(begin, piece));
  return events;
}

}  // namespace

TEST_CASE("events are found whatever the pieces") {
  constexpr std::string_view stream =
      ": comment\n\ndata: {\"a\":1}\n\nevent: lagged\r\ndata:3\r\n\r\ndata: x\ndata: y\n\ndata: unfinished\n";
  const Events expected{{"message", "{\"a\":1}"}, {"lagged", "3"}, {"message", "x\ny"}};
  for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, stream.size()})
    CHECK(read(stream, piece) == expected);
}
