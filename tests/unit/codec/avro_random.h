// Random schemas, and random JSON values that fit them. Private to the avro tests.
#pragma once

#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace avro_test {

class RandomSchema {
 public:
  /// tagged: values in Avro's JSON encoding; else plain, as the codec writes it.
  RandomSchema(std::uint64_t seed, bool tagged);
  [[nodiscard]] const std::string& schema() const { return text_; }
  std::string value();

 private:
  struct Node;
  using NodePointer = std::shared_ptr<Node>;

  std::uint32_t below(std::uint32_t bound) { return static_cast<std::uint32_t>(random_() % bound); }
  NodePointer make(int depth, const std::string& space, bool in_union);
  NodePointer make_named(int depth, const std::string& space, std::uint32_t which);
  NodePointer make_record(int depth, const std::string& space);
  NodePointer make_union(int depth, const std::string& space);
  std::string value_of(const Node& node, int depth);
  std::string record_value(const Node& node, int depth);
  std::string union_value(const Node& node, int depth);
  std::string integer(bool is_long);
  std::string real(bool is_double);
  std::string string(std::uint32_t highest);
  std::string fresh_name(const std::string& space, std::string& text);

  std::mt19937_64 random_;
  bool tagged_;
  int named_ = 0;
  std::vector<Node*> open_records_;
  std::vector<NodePointer> known_;
  NodePointer root_;
  std::string text_;
};

}  // namespace avro_test
