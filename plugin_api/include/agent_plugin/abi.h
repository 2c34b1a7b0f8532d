/*
 * agent_plugin/abi.h - the conventions that every other header of this folder relies on.
 *
 * A host agent and its plugins are built by different people, at different times, with different compilers. These
 * headers are all that they share. The conventions:
 *
 *  1. C99 only. Fixed-width integers, no enum-typed members, no bit-fields, no `long`, no `bool`. Enumerations name
 *     constants; the members that hold them are int32_t or uint32_t.
 *  2. Text is UTF-8 as pointer and length (agent_text), never NUL-terminated unless a comment says so. An absent text has
 *     size 0; its data may then be NULL.
 *  3. Every struct starts with `uint32_t size`, set by whoever creates it to the sizeof() that it was compiled with.
 *     Members past that size are not there: read optional ones only through AGENT_HAS_FIELD. Published members never
 *     change; new ones are appended. The three value structs of this file (agent_text, agent_bytes, agent_header) have no
 *     size member because they are passed in arrays and are frozen for ever.
 *  4. A function pointer that is part of version 1.0 of its struct is never NULL.
 *  5. Memory: an argument is borrowed until the function returns, unless its comment says otherwise. Nobody frees what the
 *     other side allocated. A reference-counted object is given back with the function that it carries.
 *  6. Errors are an int32_t status (status.h) and an agent_error buffer that the caller owns. No exception and no C++ type
 *     crosses this line, in either direction.
 *  7. Every function's comment ends with a tag: [threads & state].
 *
 *     threads   any-thread         callable from several threads at once
 *               lifecycle-thread   the one thread on which the host drives the plugin's life; it may be another
 *                                  OS thread each time, but calls never overlap
 *               plugin-thread      any thread that the plugin itself created, and lifecycle-thread
 *     state     created            between create() and configure()
 *               configured         after a successful configure(), before start() and again after stop()
 *               active             from the beginning of start() to the end of drain()
 *               quiesced           active, and taking in nothing new from outside (ext/handover.h)
 *               draining           from drain() to stop()
 *               any-state          between the return of create() and the call of destroy()
 *
 *  8. Strings that name extensions are kept for ever: `agent.event_bus/1` will always mean the struct of ext/event_bus.h as
 *     it was published. An incompatible successor is `agent.event_bus/2` and lives beside it.
 */
#ifndef AGENT_PLUGIN_ABI_H
#define AGENT_PLUGIN_ABI_H

#include <stddef.h>
#include <stdint.h>

/** The revision of these headers. A different major number is refused; a different minor number is accepted. */
#define AGENT_ABI_MAJOR 1u
#define AGENT_ABI_MINOR 1u

/**
 * Is `member` present in the struct that `pointer` points to, as the other side compiled it?
 * Example: if (AGENT_HAS_FIELD(host, label)) use(host->label);
 */
#define AGENT_HAS_FIELD(pointer, member) \
  ((size_t)(pointer)->size >=            \
   (size_t)((const char*)&(pointer)->member - (const char*)(pointer)) + sizeof((pointer)->member))

#if defined(__GNUC__) || defined(__clang__)
#define AGENT_EXPORT __attribute__((visibility("default")))
#elif defined(_WIN32)
#define AGENT_EXPORT __declspec(dllexport)
#else
#define AGENT_EXPORT
#endif

#ifdef __cplusplus
#define AGENT_EXTERN_C_BEGIN extern "C" {
#define AGENT_EXTERN_C_END }
#else
#define AGENT_EXTERN_C_BEGIN
#define AGENT_EXTERN_C_END
#endif

AGENT_EXTERN_C_BEGIN

/** UTF-8 text. Not NUL-terminated. */
typedef struct agent_text {
  const char* data;
  size_t size; /* bytes */
} agent_text;

/** Bytes. `data` NULL means "no value" (in Kafka: null, a tombstone), which differs from an empty value (size 0, not NULL). */
typedef struct agent_bytes {
  const void* data;
  size_t size; /* bytes */
} agent_bytes;

/** One header of an event. Order and duplicates are kept, values are binary and may be NULL. */
typedef struct agent_header {
  agent_text name;
  agent_bytes value;
} agent_header;

AGENT_EXTERN_C_END

#endif
