// What the bus is compared with. Each hands `count` events to so many handlers, all of them on_event() of
// event_bus_load.h, and says how many seconds that took. An event is a record on the stack whose size, topic and payload
// are set: no copy of the payload, no id, no time, nothing that outlives the call.
#pragma once

#include <cstddef>

namespace bench {

/// The least that it can cost: each handler called through a pointer.
double call_directly(std::size_t handlers, std::size_t count);

/// boost::signals2::signal with its default mutex and combiner; no topics.
double emit_signal(std::size_t slots, std::size_t count);

/// StringDispatch, with the topic as a std::string that lies ready.
double dispatch_by_string(std::size_t listeners, std::size_t count);

}  // namespace bench
