// Keeps a shared library in memory for the life of the process, although this module, which is linked to it, may go: threads
// of other modules may be inside it, and thread-specific data of theirs is freed by its functions.
#pragma once

namespace kafka_events {

/// The library that `function` lies in; nothing, if that is this module or the program itself. `name`: part of its file's
/// name, such as "librocksdb". Any thread, any number of times.
void keep_library_resident(const void* function, const char* name) noexcept;

}  // namespace kafka_events
