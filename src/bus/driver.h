/* SPDX-License-Identifier: Apache-2.0 */
/* What the bus needs of a driver, and what a driver may say to the bus.
 *
 * All functions of a driver are called by one thread, the bus's I/O thread,
 * except open and close, which come before and after it.  'connect' makes a
 * connection or fails within five seconds; when any function after it fails,
 * 'disconnect' is called and, after a pause, 'connect' again.  A driver keeps
 * nothing across connections: the bus announces its listeners again, and
 * answers all open questions with -EHOSTDOWN. */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/log.h"
#include "bus/bus.h"
#include "bus/frame.h"

#define BUS_CONNECT_MS 5000

struct bus_driver {
    const char *scheme; /* "local:" */
    bool wants_done;    /* 'send' is also given FRAME_DONE for each cast and publication handled. */

    /* 'rest' is the URL behind the scheme. */
    int (*open)(struct bus *b, const char *rest, void **ret, struct err *err);
    void (*close)(void *self);

    int (*connect)(void *self, struct err *err);
    void (*disconnect)(void *self); /* May come without a connection. */

    /* Starts to receive a topic's calls and casts, or ('all') its
     * publications; in force when it returns.  The same may come again. */
    int (*announce)(void *self, const char *topic, bool all, struct err *err);

    /* Sends CALL, CAST, PUBLISH, or the REPLY, ERROR or DONE for what was
     * delivered with that id.  May keep a reference until it is written. */
    int (*send)(void *self, struct frame *f, struct err *err);

    /* Sleeps until there is something to read, 'wake_fd' is readable or the
     * time is over; reads and delivers. */
    int (*wait)(void *self, int wake_fd, int timeout_ms, struct err *err);

    /* True while something that was sent has not left yet. */
    bool (*is_sending)(void *self);
};

extern const struct bus_driver bus_driver_local, bus_driver_rabbitmq;

const struct log *bus_log(const struct bus *b);
const char *bus_name(const struct bus *b);

/* A CALL, CAST or PUBLISH came.  Takes 'f'. */
void bus_deliver(struct bus *b, struct frame *f);

/* A REPLY, ERROR or DONE came for the question f->id.  Takes 'f'. */
void bus_answer(struct bus *b, struct frame *f);

/* The question 'id' has failed; words are for the caller. */
void bus_answer_error(struct bus *b, uint64_t id, int code, const char *words);

/* {"code": ..., "words": ...} as a frame; null without memory. */
struct frame *frame_new_error(uint64_t id, const struct err *e);
