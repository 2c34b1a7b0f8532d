// One line a second, and the number of those left out.
#include "outbound/log_limiter.h"

#include <doctest/doctest.h>

#include "fakes.h"

using namespace kafka_events;

TEST_CASE("within a second one line is written, the next one says how many were left out") {
  test::FakeLog log;
  LogLimiter limiter(log, "outbound");
  const std::chrono::steady_clock::time_point start{std::chrono::hours(1)};
  const std::vector<LogField> fields = {{"a", "b"}};
  limiter.write(LogLevel::warning, "m", fields, start);
  limiter.write(LogLevel::warning, "m", fields, start + std::chrono::milliseconds(1));
  limiter.write(LogLevel::warning, "m", fields, start + std::chrono::milliseconds(999));
  limiter.write(LogLevel::warning, "m", fields, start + std::chrono::milliseconds(1000));
  limiter.write(LogLevel::warning, "m", fields, start + std::chrono::milliseconds(2000));
  CHECK(log.lines == std::vector<std::string>{"m a=b", "m a=b left_out=2", "m a=b"});
}
