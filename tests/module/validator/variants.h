/* What is wrong with the file or the block in some variants. */
#ifndef VALIDATOR_TEST_VARIANTS_H
#define VALIDATOR_TEST_VARIANTS_H

#define MAYBE_UNUSED __attribute__((unused)) /* some variants leave a part out */

#ifndef BROKEN_MAGIC
#define BROKEN_MAGIC AGENT_PLUGIN_MAGIC
#endif
#ifndef BROKEN_ABI_MAJOR
#define BROKEN_ABI_MAJOR AGENT_ABI_MAJOR
#endif
#ifndef BROKEN_POINTER_BITS
#define BROKEN_POINTER_BITS 8 * (uint32_t)sizeof(void*)
#endif
#ifndef BROKEN_BLOCK_SIZE
#define BROKEN_BLOCK_SIZE (uint32_t)sizeof(agent_plugin_module)
#endif
#ifndef BROKEN_NAME
#define BROKEN_NAME "broken"
#endif
#ifndef BROKEN_VERSION
#define BROKEN_VERSION "1.2.3-test+1"
#endif
#ifndef BROKEN_BUILD_ID
#define BROKEN_BUILD_ID "build-1"
#endif
#ifndef BROKEN_DESCRIPTION
#define BROKEN_DESCRIPTION "For the tests of the validator"
#endif
#ifndef BROKEN_CREATE
#define BROKEN_CREATE create
#else
#define BROKEN_NO_CREATE
#endif

#define TEXT(literal) \
  { literal, sizeof(literal) - 1 }
#define BROKEN_BLOCK                                                                                            \
  {                                                                                                             \
    BROKEN_BLOCK_SIZE, BROKEN_POINTER_BITS, BROKEN_MAGIC, BROKEN_ABI_MAJOR, AGENT_ABI_MINOR, TEXT(BROKEN_NAME), \
        TEXT(BROKEN_VERSION), TEXT(BROKEN_BUILD_ID), TEXT(BROKEN_DESCRIPTION), TEXT(""), BROKEN_CREATE          \
  }

#ifdef BROKEN_EXTRA_SYMBOL
AGENT_EXPORT int broken_extra = 1;
#endif
#ifdef BROKEN_GNU_UNIQUE
__asm__(
    ".data\n .globl broken_unique\n .type broken_unique, %gnu_unique_object\n .size broken_unique, 4\n"
    "broken_unique: .long 1\n .text\n");
#endif
#ifdef BROKEN_TEXT_RELOCATION
__asm__(".text\n .balign 8\n .8byte malloc\n");
#endif
#ifdef BROKEN_STATIC_TLS
__thread int broken_tls __attribute__((tls_model("initial-exec"))) = 1;
int* broken_tls_address(void);
int* broken_tls_address(void) { return &broken_tls; }
#endif
#ifdef BROKEN_UNRESOLVED
int a_function_that_nobody_has(void);
int (*broken_needs)(void) = a_function_that_nobody_has;
#endif

#endif
