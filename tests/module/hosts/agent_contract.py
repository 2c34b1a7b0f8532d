"""The plugin contract for ctypes: its structs member by member, as in plugin_api/include/agent_plugin/, and its hazards.

What a host in a language with a garbage collector has to mind:
- Whatever C holds a pointer to must stay referenced from here for as long: every CFUNCTYPE object, every struct.
- The module calls from threads of its own; ctypes takes the interpreter's lock for each call. An exception does not pass:
  every callback turns it into a status.
- What is borrowed ends with the call: texts, payloads and function pointers are copied before anything keeps them.
"""
import ctypes
import traceback
from ctypes import CFUNCTYPE, POINTER, Structure, c_char, c_char_p, c_int32, c_int64, c_size_t, c_uint32, c_uint64, c_void_p

OK, E_FAILED, E_INVALID, E_BUSY, E_NOT_FOUND = 0, -1, -2, -4, -5
HANDLER_DONE, HANDLER_FAILED, HANDLER_BUSY, HANDLER_LATER = range(4)
OUTCOME_DONE, OUTCOME_BUSY, OUTCOME_FAILED = range(3)
OUTCOME_OF = {HANDLER_DONE: OUTCOME_DONE, HANDLER_BUSY: OUTCOME_BUSY}  # and of anything else: failed
LOG_INFO = 2

# ---- The structs ----


class Bytes(Structure):  # agent_text and agent_bytes look the same
    _fields_ = [("data", c_void_p), ("size", c_size_t)]

    def copy(self) -> bytes | None:
        return None if self.data is None else ctypes.string_at(self.data, self.size)

    def text(self) -> str:
        return (self.copy() or b"").decode(errors="replace") if self.size else ""


class Header(Structure):
    _fields_ = [("name", Bytes), ("value", Bytes)]


class Error(Structure):
    _fields_ = [("size", c_uint32), ("code", c_int32), ("line", c_uint32), ("column", c_uint32), ("message", c_char * 1024),
                ("file", c_char * 256), ("key_path", c_char * 256)]


EventFunction = CFUNCTYPE(None, c_void_p)


class Event(Structure):
    _fields_ = [("size", c_uint32), ("header_count", c_uint32), ("topic", Bytes), ("tenant", Bytes), ("key", Bytes),
                ("id", Bytes), ("content_type", Bytes), ("payload", Bytes), ("headers", POINTER(Header)),
                ("timestamp_us", c_int64), ("publisher", c_uint64), ("retain", EventFunction), ("release", EventFunction)]


class Draft(Structure):
    _fields_ = [("size", c_uint32), ("header_count", c_uint32), ("topic", Bytes), ("tenant", Bytes), ("key", Bytes),
                ("id", Bytes), ("content_type", Bytes), ("payload", Bytes), ("headers", POINTER(Header)),
                ("timestamp_us", c_int64), ("payload_owner", c_void_p), ("payload_release", EventFunction)]


class Result(Structure):
    _fields_ = [("size", c_uint32), ("outcome", c_int32), ("handlers", c_uint32), ("busy", c_uint32), ("failed", c_uint32),
                ("reserved", c_uint32), ("detail", Bytes)]


class Completion(Structure):
    _fields_ = [("size", c_uint32), ("reserved", c_uint32), ("context", c_void_p), ("cookie", c_uint64),
                ("completed", CFUNCTYPE(None, c_void_p, c_uint64, POINTER(Result)))]


class Subscription(Structure):
    _fields_ = [("size", c_uint32), ("pattern_count", c_uint32), ("patterns", POINTER(Bytes)), ("name", Bytes),
                ("context", c_void_p), ("on_event", CFUNCTYPE(c_int32, c_void_p, c_void_p))]


HOST, EVENT = c_void_p, c_void_p  # pointers that are only passed on


class EventBus(Structure):
    _fields_ = [("size", c_uint32), ("reserved", c_uint32),
                ("publish", CFUNCTYPE(c_int32, HOST, POINTER(Draft), POINTER(Completion), POINTER(Result), POINTER(Error))),
                ("subscribe", CFUNCTYPE(c_int32, HOST, POINTER(Subscription), POINTER(c_uint64), POINTER(Error))),
                ("unsubscribe", CFUNCTYPE(c_int32, HOST, c_uint64)),
                ("defer", CFUNCTYPE(None, HOST, EVENT, c_uint32)),
                ("complete", CFUNCTYPE(None, HOST, EVENT, c_int32, Bytes)),
                ("complete_many", CFUNCTYPE(None, HOST, POINTER(EVENT), c_size_t, c_int32)),
                ("listeners", CFUNCTYPE(c_uint32, HOST, Bytes))]


class LogField(Structure):
    _fields_ = [("size", c_uint32), ("reserved", c_uint32), ("name", Bytes), ("value", Bytes)]


class Log(Structure):
    _fields_ = [("size", c_uint32), ("reserved", c_uint32), ("level", CFUNCTYPE(c_int32, HOST)),
                ("write", CFUNCTYPE(None, HOST, c_int32, Bytes, Bytes, POINTER(POINTER(LogField)), c_size_t))]


class Host(Structure):
    _fields_ = [("size", c_uint32), ("abi_major", c_uint32), ("abi_minor", c_uint32), ("reserved", c_uint32), ("name", Bytes),
                ("version", Bytes), ("label", Bytes), ("wallet_id", Bytes), ("instance", c_uint64), ("host_data", c_void_p),
                ("get_extension", CFUNCTYPE(c_void_p, HOST, c_char_p))]


class Problem(Structure):
    _fields_ = [("size", c_uint32), ("severity", c_int32), ("file", Bytes), ("line", c_uint32), ("column", c_uint32),
                ("key_path", Bytes), ("message", Bytes)]


class Config(Structure):
    _fields_ = [("size", c_uint32), ("override_count", c_uint32), ("file", Bytes), ("text", Bytes), ("overrides", c_void_p),
                ("context", c_void_p), ("problem", CFUNCTYPE(None, c_void_p, POINTER(Problem)))]


class Plugin(Structure):
    pass


PluginStep = CFUNCTYPE(c_int32, POINTER(Plugin), POINTER(Error))
Plugin._fields_ = [("size", c_uint32), ("reserved", c_uint32), ("plugin_data", c_void_p),
                   ("get_extension", CFUNCTYPE(c_void_p, POINTER(Plugin), c_char_p)),
                   ("configure", CFUNCTYPE(c_int32, POINTER(Plugin), POINTER(Config), POINTER(Error))), ("start", PluginStep),
                   ("drain", CFUNCTYPE(c_int32, POINTER(Plugin), c_uint32, c_void_p, POINTER(Error))), ("stop", PluginStep),
                   ("destroy", CFUNCTYPE(None, POINTER(Plugin)))]


class Module(Structure):
    _fields_ = [("size", c_uint32), ("pointer_bits", c_uint32), ("magic", c_char * 8), ("abi_major", c_uint32),
                ("abi_minor", c_uint32), ("name", Bytes), ("version", Bytes), ("build_id", Bytes), ("description", Bytes),
                ("runtime", Bytes), ("create", CFUNCTYPE(c_int32, POINTER(Host), POINTER(POINTER(Plugin)), POINTER(Error)))]


# ---- Bytes on their way to C ----


def lend(value: bytes | str | None, keep: list) -> Bytes:
    """A view of `value` that is valid while `keep` is. None stays NULL: no value is not an empty value."""
    if value is None:
        return Bytes(None, 0)
    data = value.encode() if isinstance(value, str) else value
    keep.append(ctypes.create_string_buffer(data, len(data) + 1))
    return Bytes(ctypes.addressof(keep[-1]), len(data))


def detached(function):
    """A function pointer of its own: what ctypes reads out of a struct is a view of that struct's memory. NULL: None."""
    address = ctypes.cast(function, c_void_p).value
    return type(function)(address) if address else None


def guarded(function_type, otherwise, function):
    """A C function: what goes wrong in Python becomes `otherwise`. Keep the result for as long as C may call it."""
    def call(*arguments):
        try:
            return function(*arguments)
        except Exception:  # noqa: BLE001 - nothing may leave a callback
            traceback.print_exc()
            return otherwise
    return function_type(call)


def fail(error, code: int, message: str) -> int:
    if error:
        error.contents.code, error.contents.message = code, message.encode()[:1023]
    return code
