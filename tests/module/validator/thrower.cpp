// What C cannot do wrong: an exception that leaves the module.
#include <stdexcept>

extern "C" void throw_something(void) { throw std::runtime_error("thrown on purpose"); }
