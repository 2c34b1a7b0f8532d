#!/usr/bin/env python3
"""The smallest host that can run kafka_events, in Python: ctypes and the standard library.

usage: minimal_host.py kafka_events.so agent.yaml TOPIC PAYLOAD

It loads the module, configures and starts it, publishes one event, waits for the event that says where in Kafka it lies,
and ends in order. Read main() first, then agent_contract.py, which says what to mind when C calls Python.
docs/host-author-guide.md walks through it and says what else a host should do.
"""
import ctypes
import itertools
import re
import sys
import threading
import time
from ctypes import CFUNCTYPE, POINTER, byref, c_int32, c_void_p

from agent_contract import (E_BUSY, E_FAILED, E_INVALID, E_NOT_FOUND, HANDLER_DONE, HANDLER_LATER, LOG_INFO, OK, OUTCOME_BUSY,
                            OUTCOME_DONE, OUTCOME_FAILED, OUTCOME_OF, Config, Draft, Error, Event, EventBus, EventFunction,
                            Header, Host, Log, Module, Plugin, Result, Bytes, detached, fail, guarded, lend)

# ---- Events and the bus: agent.event_bus/1 ----


class LiveEvent:
    """One event: the struct that C sees, what it points to, and who still needs it. Bus.lock guards the counts."""

    def __init__(self, bus: "Bus", draft: Draft, completion, publisher: int):
        self.keep: list = []
        self.face = face = Event(ctypes.sizeof(Event), draft.header_count)
        for name in ("topic", "tenant", "key", "id", "content_type"):
            setattr(face, name, lend(getattr(draft, name).copy(), self.keep))
        # With payload_release the payload stays where it is; release() gives it back.
        self.payload_release = detached(draft.payload_release)
        self.payload_owner = draft.payload_owner
        face.payload = Bytes(draft.payload.data, draft.payload.size) if self.payload_release else \
            lend(draft.payload.copy(), self.keep)
        self.headers = (Header * draft.header_count)(*(
            Header(lend(draft.headers[i].name.copy(), self.keep), lend(draft.headers[i].value.copy(), self.keep))
            for i in range(draft.header_count)))
        face.headers = self.headers
        if face.id.size == 0:
            face.id = lend(f"event-{next(bus.numbers)}", self.keep)
        face.timestamp_us = draft.timestamp_us or time.time_ns() // 1000
        face.publisher = publisher
        face.retain, face.release = bus.c_retain, bus.c_release
        self.address = ctypes.addressof(face)
        self.references = self.pending = 1  # publish()'s own, until it has called every handler
        self.result = Result(ctypes.sizeof(Result))
        asked = completion.contents if completion else None  # the struct is borrowed: keep what is in it
        self.completion = (detached(asked.completed), asked.context, asked.cookie) if asked else None


class Subscriber:
    def __init__(self, patterns: list[str], on_event):
        self.patterns = [re.compile(pattern) for pattern in patterns]
        self.on_event = on_event  # called with the event's address
        self.callers: list[int] = []  # threads that are in it

    def matches(self, topic: str) -> bool:
        return any(pattern.match(topic) for pattern in self.patterns)


class Bus:
    def __init__(self):
        self.lock = threading.Condition()  # never held while a handler or a completion runs
        self.numbers, self.tokens = itertools.count(1), itertools.count(1)
        self.alive: dict[int, LiveEvent] = {}  # by address: what keeps an event from being collected
        self.subscribers: dict[int, Subscriber] = {}
        self.c_retain = guarded(EventFunction, None, lambda event: self.refer(event, 1))
        self.c_release = guarded(EventFunction, None, self.release)
        functions = {"publish": (E_FAILED, self._publish), "subscribe": (E_FAILED, self._subscribe),
                     "unsubscribe": (E_FAILED, lambda _, token: self.unsubscribe(token)),
                     "defer": (None, lambda _, event, more: self.refer(event, more, more)),
                     "complete": (None, lambda _, event, outcome, detail: self.finish(event, outcome)),
                     "complete_many": (None, self._complete_many), "listeners": (0, lambda _, topic: self.listeners(topic.text()))}
        types = dict(EventBus._fields_)
        self.functions = {name: guarded(types[name], *how) for name, how in functions.items()}
        self.table = EventBus(ctypes.sizeof(EventBus), **self.functions)

    def refer(self, address: int, references: int, pending: int = 0) -> None:
        with self.lock:
            self.alive[address].references += references
            self.alive[address].pending += pending

    def release(self, address: int) -> None:
        with self.lock:
            event = self.alive[address]
            event.references -= 1
            if event.references > 0:
                return
            del self.alive[address]
        if event.payload_release:
            event.payload_release(event.payload_owner)

    def finish(self, address: int, outcome: int) -> None:
        """One handling is over: the last one tells whoever asked. The reference that went with it is given back."""
        with self.lock:
            event = self.alive[address]
            event.result.busy += outcome == OUTCOME_BUSY
            event.result.failed += outcome == OUTCOME_FAILED
            event.result.outcome = max(event.result.outcome, outcome)
            event.pending -= 1
            last = event.pending == 0
        if last and event.completion:
            completed, context, cookie = event.completion
            completed(context, cookie, byref(event.result))
        self.release(address)

    def publish(self, draft: Draft, completion=None, publisher: int = 0) -> Result:
        """Calls the handlers on this thread. publisher 0 is the host itself."""
        event = LiveEvent(self, draft, completion, publisher)
        topic = draft.topic.text()
        with self.lock:
            self.alive[event.address] = event
            wanted = [one for one in self.subscribers.values() if one.matches(topic)]
        for subscriber in wanted:
            self._offer(event, subscriber)
        with self.lock:
            known = Result.from_buffer_copy(event.result)
        self.finish(event.address, OUTCOME_DONE)
        return known

    def _offer(self, event: LiveEvent, subscriber: Subscriber) -> None:
        with self.lock:
            if subscriber not in self.subscribers.values():
                return  # it went meanwhile
            subscriber.callers.append(threading.get_ident())
            event.result.handlers += 1
            event.pending += 1  # one handling and one reference: the handler's own if it answers LATER
            event.references += 1
        answer = subscriber.on_event(event.address)
        if answer != HANDLER_LATER:
            self.finish(event.address, OUTCOME_OF.get(answer, OUTCOME_FAILED))
        with self.lock:
            subscriber.callers.remove(threading.get_ident())
            self.lock.notify_all()

    def subscribe(self, patterns: list[str], on_event) -> int:
        subscriber = Subscriber(patterns, on_event)
        with self.lock:
            token = next(self.tokens)
            self.subscribers[token] = subscriber
        return token

    def unsubscribe(self, token: int) -> int:
        """Returns when no call of the handler runs but those that this thread is in itself."""
        with self.lock:
            subscriber = self.subscribers.pop(token, None)
            if subscriber is None:
                return E_NOT_FOUND
            self.lock.wait_for(lambda: all(caller == threading.get_ident() for caller in subscriber.callers))
        return OK

    def listeners(self, topic: str) -> int:
        with self.lock:
            return sum(one.matches(topic) for one in self.subscribers.values())

    # The same as C calls them.

    def _publish(self, host, draft, completion, result, error) -> int:
        draft = draft.contents
        if not 0 < draft.topic.size <= 1024:
            if draft.payload_release:
                draft.payload_release(draft.payload_owner)
            return fail(error, E_INVALID, "a topic has 1 to 1024 bytes")
        known = self.publish(draft, completion, Host.from_address(host).instance)
        if result and result.contents.size >= ctypes.sizeof(Result):
            result[0] = known
        return E_BUSY if known.busy else OK

    def _subscribe(self, host, wanted, token, error) -> int:
        wanted = wanted.contents
        on_event, context = detached(wanted.on_event), wanted.context  # the struct is borrowed: keep what is in it
        try:
            patterns = [wanted.patterns[i].text() for i in range(wanted.pattern_count)]
            token[0] = self.subscribe(patterns, lambda event: on_event(context, event))
        except re.error as problem:
            return fail(error, E_INVALID, f"{problem.pattern}: {problem}")
        return OK

    def _complete_many(self, host, events, count, outcome) -> None:
        for i in range(count):
            self.finish(events[i], outcome)


# ---- The host ----


def write_log(_, level, component, message, fields, count) -> None:
    if level >= LOG_INFO:
        values = " ".join(f"{fields[i].contents.name.text()}={fields[i].contents.value.text()}" for i in range(count))
        print(f"{component.text()}: {message.text()} {values}".rstrip(), file=sys.stderr, flush=True)


class MinimalHost:
    """What the plugin sees of us. Must live until destroy() has returned."""

    def __init__(self):
        self.keep: list = []
        self.bus = Bus()
        types = dict(Log._fields_)
        self.log = Log(ctypes.sizeof(Log), 0, guarded(types["level"], LOG_INFO, lambda _: LOG_INFO),
                       guarded(types["write"], None, write_log))
        self.extensions = {b"agent.event_bus/1": self.bus.table, b"agent.log/1": self.log}
        self.table = Host(ctypes.sizeof(Host), 1, 1, 0, lend("minimal_host.py", self.keep), lend("1.0.0", self.keep), lend("", self.keep),
                          lend("", self.keep), 1, None, guarded(dict(Host._fields_)["get_extension"], None, self._get_extension))

    def _get_extension(self, _, name: bytes) -> int | None:
        table = self.extensions.get(name)  # anything else is not offered: no admin routes, no handover
        return None if table is None else ctypes.addressof(table)


def must(step: str, status: int, error: Error) -> None:
    if status != OK:
        sys.exit(f"{step}: {error.message.decode(errors='replace')} ({status})")


def print_problem(_, problem) -> None:
    one = problem.contents
    print(f"{one.file.text()}:{one.line}:{one.column}: {one.key_path.text()}: {one.message.text()}", file=sys.stderr)


def run(module: Module, yaml: str, topic: str, payload: str) -> dict[str, str] | None:
    """The life of a plugin. What the status event's headers say, or None."""
    host, keep, error, plugin = MinimalHost(), [], Error(ctypes.sizeof(Error)), POINTER(Plugin)()
    problem = guarded(dict(Config._fields_)["problem"], None, print_problem)
    with open(yaml, "rb") as file:
        config = Config(ctypes.sizeof(Config), 0, lend(yaml, keep), lend(file.read(), keep), None, None, problem)
    must("create", module.create(byref(host.table), byref(plugin), byref(error)), error)
    table = plugin.contents
    must("configure", table.configure(plugin, byref(config), byref(error)), error)
    must("start", table.start(plugin, byref(error)), error)

    status: dict[str, str] = {}
    answered = threading.Event()

    def on_status(address: int) -> int:
        event = Event.from_address(address)  # borrowed until return: copied at once
        status.update({"topic": event.topic.text()}, **{h.name.text(): h.value.text() for h in event.headers[:event.header_count]})
        answered.set()
        return HANDLER_DONE

    token = host.bus.subscribe([re.escape(topic) + "::(sent_to_external_queue|undeliverable)$"], on_status)
    host.bus.publish(Draft(ctypes.sizeof(Draft), 0, lend(topic, keep), payload=lend(payload, keep)))
    answered.wait(30)

    must("drain", table.drain(plugin, 10000, None, byref(error)), error)
    must("stop", table.stop(plugin, byref(error)), error)
    table.destroy(plugin)
    host.bus.unsubscribe(token)
    assert not host.bus.alive, f"{len(host.bus.alive)} events left: a reference was lost"
    return status or None


def main() -> int:
    if len(sys.argv) != 5:
        sys.exit(__doc__.splitlines()[2])
    library = ctypes.CDLL(sys.argv[1], mode=ctypes.RTLD_LOCAL)
    library.agent_plugin_entry.restype = POINTER(Module)
    module = library.agent_plugin_entry().contents
    if module.magic != b"AGNTPLUG" or module.abi_major != 1 or module.pointer_bits != 8 * ctypes.sizeof(c_void_p):
        sys.exit(f"{sys.argv[1]} is for another host: ABI {module.abi_major}.{module.abi_minor}, {module.pointer_bits} bits")
    status = run(module, *sys.argv[2:])
    handle, library, module = library._handle, None, None
    closed = CFUNCTYPE(c_int32, c_void_p)(("dlclose", ctypes.CDLL(None)))(handle)
    print(" ".join(f"{name}={value}" for name, value in (status or {}).items()))
    return 0 if status and closed == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
