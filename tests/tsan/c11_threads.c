/*
 * C11 threads on top of pthreads, for ThreadSanitizer only.
 *
 * Debian's librdkafka starts its threads with C11's thrd_create, which gcc 12's ThreadSanitizer does not intercept: it then
 * crashes on the first thread that it never saw begin. Linked into an executable, these definitions are found before the C
 * library's, and lead to the pthread functions that are intercepted. glibc's C11 types are its pthread types underneath.
 */
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <threads.h>
#include <time.h>

_Static_assert(sizeof(mtx_t) == sizeof(pthread_mutex_t), "mtx_t is a pthread_mutex_t");
_Static_assert(sizeof(cnd_t) == sizeof(pthread_cond_t), "cnd_t is a pthread_cond_t");

#define VISIBLE __attribute__((visibility("default")))

struct start {
  thrd_start_t function;
  void* argument;
};

static int status_of(int error) {
  switch (error) {
    case 0:
      return thrd_success;
    case EBUSY:
      return thrd_busy;
    case ETIMEDOUT:
      return thrd_timedout;
    case ENOMEM:
      return thrd_nomem;
    default:
      return thrd_error;
  }
}

static void* run(void* pointer) {
  struct start start = *(struct start*)pointer;
  free(pointer);
  return (void*)(intptr_t)start.function(start.argument);
}

VISIBLE int thrd_create(thrd_t* thread, thrd_start_t function, void* argument) {
  struct start* start = malloc(sizeof *start);
  if (start == NULL) return thrd_nomem;
  start->function = function;
  start->argument = argument;
  const int error = pthread_create((pthread_t*)thread, NULL, run, start);
  if (error != 0) free(start);
  return status_of(error);
}

VISIBLE int thrd_join(thrd_t thread, int* result) {
  void* value = NULL;
  const int error = pthread_join((pthread_t)thread, &value);
  if (result != NULL) *result = (int)(intptr_t)value;
  return status_of(error);
}

VISIBLE int thrd_detach(thrd_t thread) { return status_of(pthread_detach((pthread_t)thread)); }

VISIBLE int mtx_init(mtx_t* mutex, int type) {
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  if ((type & mtx_recursive) != 0) pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
  const int error = pthread_mutex_init((pthread_mutex_t*)mutex, &attributes);
  pthread_mutexattr_destroy(&attributes);
  return status_of(error);
}

VISIBLE int mtx_lock(mtx_t* mutex) { return status_of(pthread_mutex_lock((pthread_mutex_t*)mutex)); }
VISIBLE int mtx_trylock(mtx_t* mutex) { return status_of(pthread_mutex_trylock((pthread_mutex_t*)mutex)); }
VISIBLE int mtx_unlock(mtx_t* mutex) { return status_of(pthread_mutex_unlock((pthread_mutex_t*)mutex)); }
VISIBLE void mtx_destroy(mtx_t* mutex) { pthread_mutex_destroy((pthread_mutex_t*)mutex); }

VISIBLE int cnd_init(cnd_t* condition) { return status_of(pthread_cond_init((pthread_cond_t*)condition, NULL)); }
VISIBLE int cnd_signal(cnd_t* condition) { return status_of(pthread_cond_signal((pthread_cond_t*)condition)); }
VISIBLE int cnd_broadcast(cnd_t* condition) { return status_of(pthread_cond_broadcast((pthread_cond_t*)condition)); }
VISIBLE int cnd_wait(cnd_t* condition, mtx_t* mutex) {
  return status_of(pthread_cond_wait((pthread_cond_t*)condition, (pthread_mutex_t*)mutex));
}
VISIBLE int cnd_timedwait(cnd_t* restrict condition, mtx_t* restrict mutex, const struct timespec* restrict deadline) {
  return status_of(pthread_cond_timedwait((pthread_cond_t*)condition, (pthread_mutex_t*)mutex, deadline));
}
VISIBLE void cnd_destroy(cnd_t* condition) { pthread_cond_destroy((pthread_cond_t*)condition); }
