#include "bench_kafka.h"

#include <array>
#include <chrono>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <memory>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"
#include "kafka_client.h"

namespace bench {
namespace {

constexpr const char* serve_argument = "--serve-mock-kafka";

}  // namespace

// One line in ("TOPIC PARTITIONS"), one line out; the end of stdin is the end.
void BenchKafka::serve_if_child(int argc, char** argv) {
  if (argc != 2 || std::strcmp(argv[1], serve_argument) != 0) return;
  const Client client = make_client(RD_KAFKA_PRODUCER, ClientProperties{{"log_level", "3"}});
  rd_kafka_mock_cluster_t* cluster = rd_kafka_mock_cluster_new(client.get(), 1);
  if (cluster == nullptr) give_up("librdkafka could not start a mock cluster");
  std::cout << rd_kafka_mock_cluster_bootstraps(cluster) << std::endl;
  std::string name;
  int partitions = 0;
  while (std::cin >> name >> partitions) {
    std::cout << rd_kafka_err2name(rd_kafka_mock_topic_create(cluster, name.c_str(), partitions, 1)) << std::endl;
  }
  std::_Exit(0);  // the cluster holds nothing that is worth an orderly end
}

BenchKafka::BenchKafka(std::string bootstrap) : bootstrap_(std::move(bootstrap)) {
  if (bootstrap_.empty()) start_child();
}

BenchKafka::~BenchKafka() {
  if (!is_mock()) return;
  close(to_child_);
  close(from_child_);
  waitpid(child_, nullptr, 0);
}

void BenchKafka::start_child() {
  std::array<int, 2> down{};
  std::array<int, 2> up{};
  // Its name, not the link: under a profiler that runs this program the link itself leads to the profiler.
  const std::string program = std::filesystem::read_symlink("/proc/self/exe");
  if (pipe(down.data()) != 0 || pipe(up.data()) != 0) give_up("no pipe for the mock cluster");
  child_ = fork();
  if (child_ < 0) give_up("no process for the mock cluster");
  if (child_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    dup2(down[0], STDIN_FILENO);
    dup2(up[1], STDOUT_FILENO);
    for (const int end : {down[0], down[1], up[0], up[1]}) close(end);
    execl(program.c_str(), "bench-mock-kafka", serve_argument, nullptr);
    _exit(127);
  }
  close(down[0]);
  close(up[1]);
  to_child_ = down[1];
  from_child_ = up[0];
  bootstrap_ = ask_child("");
}

std::string BenchKafka::ask_child(const std::string& line) {
  if (!line.empty() && write(to_child_, line.data(), line.size()) != static_cast<ssize_t>(line.size())) {
    give_up("the mock cluster has ended");
  }
  std::string answer;
  for (char character = 0; read(from_child_, &character, 1) == 1 && character != '\n';) answer.push_back(character);
  if (answer.empty()) give_up("the mock cluster did not answer");
  return answer;
}

void BenchKafka::hold_back() const {
  if (!is_mock() || kill(child_, SIGSTOP) != 0) give_up("only the mock cluster can be held back");
}

void BenchKafka::let_go() const { kill(child_, SIGCONT); }

std::string BenchKafka::create_topic(const std::string& name, int partitions) {
  const auto stamp = std::chrono::system_clock::now().time_since_epoch().count();
  std::string unique = name + "-" + std::to_string(stamp % 1'000'000'000);
  if (!is_mock()) {
    create_on_kafka(unique, partitions);
  } else if (const std::string answer = ask_child(unique + " " + std::to_string(partitions) + "\n");
             answer != "NO_ERROR") {
    give_up(answer);
  }
  return unique;
}

void BenchKafka::create_on_kafka(const std::string& name, int partitions) {
  constexpr int timeout_ms = 15'000;
  const Client client = make_client(RD_KAFKA_PRODUCER, {{"bootstrap.servers", bootstrap_}});
  const std::unique_ptr<rd_kafka_queue_t, void (*)(rd_kafka_queue_t*)> queue(rd_kafka_queue_new(client.get()),
                                                                             rd_kafka_queue_destroy);
  std::array<char, 512> error{};
  rd_kafka_NewTopic_t* topic = rd_kafka_NewTopic_new(name.c_str(), partitions, 1, error.data(), error.size());
  if (topic == nullptr) give_up(error.data());
  rd_kafka_CreateTopics(client.get(), &topic, 1, nullptr, queue.get());
  rd_kafka_event_t* event = rd_kafka_queue_poll(queue.get(), timeout_ms);
  rd_kafka_NewTopic_destroy(topic);
  if (event == nullptr) give_up("no answer from " + bootstrap_);
  if (rd_kafka_event_error(event) != RD_KAFKA_RESP_ERR_NO_ERROR) give_up(rd_kafka_event_error_string(event));
  std::size_t results = 0;
  const auto* created = rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), &results);
  if (results != 1 || rd_kafka_topic_result_error(created[0]) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    give_up("the topic could not be created");
  }
  rd_kafka_event_destroy(event);
}

}  // namespace bench
