// Runs one check in this process.
#pragma once

#include "check.h"
#include "options.h"
#include "runner.h"
#include "subject.h"

namespace plugin_validator {

[[nodiscard]] Subject make_subject(const Options& options);
[[nodiscard]] Result execute(const Check& check, Subject& subject);

/// Fills in what the module says of itself, if it is loaded, this check that passed shows that its block can be read, and
/// nothing is known yet.
void learn(const Check& passed, Subject& subject, ModuleInfo& info);

}  // namespace plugin_validator
