// The option that came with the second version. The first one refuses it by name.
#include <array>

#include "config/options.h"

namespace kafka_events::config {

std::span<const Option> further_options() {
  static constexpr std::array<Option, 1> table{{{.block = Block::top,
                                                 .name = "motto",
                                                 .type = Type::text,
                                                 .fallback = "onward",
                                                 .effect = "shown by /kafka/config",
                                                 .description = "A text of the operator's choice."}}};
  return table;
}

}  // namespace kafka_events::config
