// What the module is just doing, written where the parent can read it when this process has crashed or hangs.
#pragma once

#include <string>
#include <string_view>

namespace plugin_validator {

/// Shared between parent and child: an anonymous file, inherited by its descriptor.
class StepBoard {
 public:
  /// For the parent. Without memory for it, steps are simply not known.
  [[nodiscard]] static StepBoard make() noexcept;
  /// For the child: all steps go to this board from now on.
  static void adopt(int descriptor) noexcept;

  StepBoard(StepBoard&& other) noexcept;
  StepBoard& operator=(StepBoard&&) = delete;
  ~StepBoard();

  [[nodiscard]] int descriptor() const noexcept { return descriptor_; }
  [[nodiscard]] std::string last_step() const;

 private:
  StepBoard() = default;
  int descriptor_ = -1;
  char* text_ = nullptr;
};

/// Says what comes next, such as "start() of instance 2".
void step(std::string_view what) noexcept;

}  // namespace plugin_validator
