/* SPDX-License-Identifier: Apache-2.0 */
/* An event loop for one thread: descriptors, timers, signals, children
 * (epoll, timerfd-free heap, signalfd, pidfd).  Other threads may only call
 * loop_post() and loop_stop(). */
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

struct loop;
struct loop_source; /* Something watched; freed by loop_remove() or with the loop. */

int loop_new(struct loop **ret, struct err *err);
void loop_free(struct loop *l); /* Calls nothing of what still waits. */

/* Runs until loop_stop(); when that was called before, it returns at once. */
int loop_run(struct loop *l, struct err *err);
void loop_stop(struct loop *l);

/* Runs 'fn' on the loop's thread soon. */
void loop_post(struct loop *l, void (*fn)(void *ctx), void *ctx);

/* 'events' as in epoll(7).  The descriptor stays the caller's, who must call
 * loop_remove() before closing it.  0 or -errno. */
int loop_fd(struct loop *l, int fd, uint32_t events, void (*fn)(void *ctx, uint32_t events), void *ctx,
            struct loop_source **ret);
void loop_fd_events(struct loop_source *s, uint32_t events);

/* Once after 'delay_ms', then every 'every_ms' when that is not 0.  A timer
 * that ran its only time stays the caller's to remove or to set again. */
struct loop_source *loop_timer(struct loop *l, uint64_t delay_ms, uint64_t every_ms, void (*fn)(void *ctx),
                               void *ctx);

/* Runs the timer after 'delay_ms' from now instead of when it was due. */
void loop_timer_set(struct loop_source *s, uint64_t delay_ms);

/* Blocks the signal (call it before there are other threads, which inherit
 * that) and delivers it here.  0 or -errno. */
int loop_signal(struct loop *l, int signo, void (*fn)(void *ctx, int signo), void *ctx);

/* Calls 'fn' with wait status when the child ends, or with -1 when it was not
 * ours to wait for.  0 or -errno (-ESRCH: no such process). */
int loop_child(struct loop *l, pid_t pid, void (*fn)(void *ctx, pid_t pid, int status), void *ctx);

/* Ends a source; allowed everywhere, in its own function too, and for null. */
void loop_remove(struct loop_source *s);
