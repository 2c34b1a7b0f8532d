// The Kafka of a benchmark: one that runs already, or a mock cluster in a child process, so that its threads are not
// among those of the measured process. (They share the machine's processors all the same.)
#pragma once

#include <string>
#include <sys/types.h>

namespace bench {

/// Ends the benchmark where something goes wrong.
class BenchKafka {
 public:
  /// Empty: starts a mock cluster.
  explicit BenchKafka(std::string bootstrap);
  ~BenchKafka();
  BenchKafka(const BenchKafka&) = delete;
  BenchKafka& operator=(const BenchKafka&) = delete;

  [[nodiscard]] const std::string& bootstrap() const { return bootstrap_; }
  [[nodiscard]] bool is_mock() const { return child_ > 0; }
  [[nodiscard]] const char* kind() const { return is_mock() ? "mock cluster, own process" : "Kafka"; }

  /// A new topic. Its name is `name` and something that makes it unique.
  std::string create_topic(const std::string& name, int partitions);

  /// Only the mock cluster: from now on it answers nothing, its connections stay; and again as before.
  void hold_back() const;
  void let_go() const;

  /// The child's part. Called first in main(): returns at once in any other process.
  static void serve_if_child(int argc, char** argv);

 private:
  void start_child();
  std::string ask_child(const std::string& line);
  void create_on_kafka(const std::string& name, int partitions);

  std::string bootstrap_;
  pid_t child_ = 0;
  int to_child_ = -1;
  int from_child_ = -1;
};

}  // namespace bench
