// swap_records write BOOTSTRAP TOPIC [NAME=VALUE…]: numbered records until standard input ends; prints what it wrote.
// swap_records check BOOTSTRAP TOPIC keys=N: reads the whole topic and prints the ledger. Both print one JSON object.
#include <atomic>
#include <cstdio>
#include <exception>
#include <string>
#include <thread>
#include <unistd.h>

#include "number_ledger.h"
#include "records_client.h"

namespace {

using namespace swap_load;

void set(WritePlan& plan, const std::string& name, const std::string& value) {
  const auto number = [&value] { return std::stoull(value); };
  if (name == "rate") plan.rate = std::stod(value);
  if (name == "keys") plan.keys = static_cast<std::uint32_t>(number());
  if (name == "size") plan.size = number();
  if (name == "most") plan.most = number();
  if (name == "lose") plan.lose = number();
  if (name == "twice") plan.twice = number();
  if (name == "late") plan.late = number();
}

void write_topic(const std::string& bootstrap, const std::string& topic, const WritePlan& plan) {
  std::atomic<bool> ending{false};
  std::thread watcher([&ending] {
    char octet = 0;
    while (read(STDIN_FILENO, &octet, 1) > 0) continue;
    ending = true;
  });
  watcher.detach();  // it may wait for its input when the plan is fulfilled
  const Written written = write_records(bootstrap, topic, plan, ending);
  std::string last;
  for (const std::uint64_t number : written.last) last.append(last.empty() ? "" : ",").append(std::to_string(number));
  std::printf("{\"last\":[%s],\"failed\":%llu,\"first_failure\":\"%s\"}\n", last.c_str(),
              static_cast<unsigned long long>(written.failed), written.first_failure.c_str());
  std::fflush(stdout);
  _exit(0);  // the watcher may still look at `ending`
}

void check_topic(const std::string& bootstrap, const std::string& topic, const WritePlan& plan) {
  NumberLedger ledger(plan.keys);
  read_records(bootstrap, topic, ledger);
  std::puts(ledger.json().c_str());
}

}  // namespace

int main(int argc, char** argv) {
  const std::string verb = argc > 3 ? argv[1] : "";
  if (verb != "write" && verb != "check") {
    std::fputs("usage: swap_records write|check BOOTSTRAP TOPIC [NAME=VALUE…]\n", stderr);
    return 2;
  }
  try {
    WritePlan plan;
    for (int i = 4; i < argc; ++i) {
      const std::string word = argv[i];
      const std::size_t equals = word.find('=');
      if (equals != std::string::npos) set(plan, word.substr(0, equals), word.substr(equals + 1));
    }
    (verb == "write" ? write_topic : check_topic)(argv[2], argv[3], plan);
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "swap_records: %s\n", problem.what());
    return 1;
  }
  return 0;
}
