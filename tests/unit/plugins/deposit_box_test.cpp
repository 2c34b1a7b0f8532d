// Things that change hands: kept, given once, left over.
#include "plugins/deposit_box.h"

#include <atomic>
#include <doctest/doctest.h>
#include <thread>

#include "core/abi_text.h"

namespace host_stub {
namespace {

void keep(void*) {}

agent_deposit deposit_of(std::string_view kind, std::string_view name, void* thing) {
  return {sizeof(agent_deposit), 0, to_text(kind), to_text(name), thing, keep};
}

}  // namespace

TEST_CASE("a deposit is given once, by kind and name, whatever becomes of the texts meanwhile") {
  DepositBox box;
  int first = 0, second = 0;
  void* got = nullptr;
  {
    std::string kind = "client", name = "producer";
    CHECK(box.deposit(deposit_of(kind, name, &first), nullptr) == AGENT_OK);
    CHECK(box.deposit(deposit_of(kind, "consumer", &second), nullptr) == AGENT_OK);
    agent_error error = AGENT_ERROR_INIT;
    CHECK(box.deposit(deposit_of(kind, name, &second), &error) == AGENT_E_EXISTS);
    CHECK(std::string(error.message).find("producer") != std::string::npos);
    kind = name = "something else that is longer than before";
  }
  CHECK(box.withdraw("client", "other", &got) == AGENT_E_NOT_FOUND);
  CHECK(box.withdraw("other", "producer", &got) == AGENT_E_NOT_FOUND);
  CHECK(got == nullptr);
  CHECK(box.withdraw("client", "producer", &got) == AGENT_OK);
  CHECK(got == &first);
  CHECK(box.withdraw("client", "producer", &got) == AGENT_E_NOT_FOUND);
  CHECK(box.deposit(deposit_of("client", "producer", &first), nullptr) == AGENT_OK);  // again, after a failed start
  CHECK(box.take_all().size() == 2);
  CHECK(box.take_all().empty());
}

TEST_CASE("what is not whole is refused") {
  DepositBox box;
  int thing = 0;
  agent_deposit older = deposit_of("k", "n", &thing), no_release = older;
  older.size = sizeof(agent_deposit) - 8;
  no_release.release = nullptr;
  CHECK(box.deposit(older, nullptr) == AGENT_E_INVALID);
  CHECK(box.deposit(no_release, nullptr) == AGENT_E_INVALID);
  CHECK(box.deposit(deposit_of("k", "n", nullptr), nullptr) == AGENT_E_INVALID);
  CHECK(box.deposit(deposit_of("", "n", &thing), nullptr) == AGENT_E_INVALID);
  CHECK(box.deposit(deposit_of("k", "", &thing), nullptr) == AGENT_OK);
}

TEST_CASE("a closed box takes and gives nothing, and still tells what is left") {
  DepositBox box;
  int thing = 0;
  void* got = nullptr;
  CHECK(box.deposit(deposit_of("k", "n", &thing), nullptr) == AGENT_OK);
  box.close();
  CHECK(box.deposit(deposit_of("k", "m", &thing), nullptr) == AGENT_E_STATE);
  CHECK(box.withdraw("k", "n", &got) == AGENT_E_NOT_FOUND);
  const auto left = box.take_all();
  REQUIRE(left.size() == 1);
  CHECK(left[0].thing == &thing);
  CHECK((left[0].release == keep));
  CHECK(left[0].kind + left[0].name == "kn");
}

TEST_CASE("of many who withdraw the same thing, one gets it") {
  DepositBox box;
  int thing = 0;
  for (int round = 0; round < 200; ++round) {
    CHECK(box.deposit(deposit_of("k", "n", &thing), nullptr) == AGENT_OK);
    std::atomic<int> winners{0};
    const auto withdraw = [&] {
      void* got = nullptr;
      if (box.withdraw("k", "n", &got) == AGENT_OK) ++winners;
    };
    std::thread one(withdraw), other(withdraw);
    one.join();
    other.join();
    CHECK(winners == 1);
  }
}

}  // namespace host_stub
