/* SPDX-License-Identifier: Apache-2.0 */
/* The bus as its own files see it: bus.c (questions and the connection) and
 * inbound.c (listeners and handlers). */
#pragma once

#include <pthread.h>

#include "base/names.h"
#include "bus/bus.h"
#include "bus/driver.h"
#include "bus/frame.h"
#include "io/pool.h"

struct listener {
    struct listener *next;
    char *topic;
    bool all; /* Subscribed. */
    bus_handler fn;
    void *ctx;
    unsigned epoch; /* Of the connection where it was announced last. */
};

/* Somebody who waits for an answer; on the asker's stack. */
struct question {
    struct question *next;
    uint64_t id;
    struct frame *answer;
    pthread_cond_t answered;
};

/* Messages in the order of their arrival, singly linked. */
struct frame_list {
    struct frame *head, *tail;
    size_t count, bytes;
};

#define QUESTION_BUCKETS 64

struct bus {
    const struct bus_driver *driver;
    void *self; /* The driver's. */
    char *name;
    const struct log *log;
    void (*on_connect)(void *ctx);
    void *ctx;
    int wake_fd; /* Wakes the I/O thread. */
    pthread_t io;
    struct pool *pool;
    struct names error_types; /* That came with errors: err.type points there. */

    pthread_mutex_t lock;       /* Of all below. */
    struct listener *listeners; /* Only grows. */
    struct question *questions[QUESTION_BUCKETS];
    uint64_t last_id;
    struct frame_list out; /* For the I/O thread to send. */
    struct frame_list in;  /* For the workers. */
    bool connected, closing, stop;
    unsigned epoch; /* Counts connections. */
};

void frame_list_add(struct frame_list *l, struct frame *f); /* Takes 'f'. */
struct frame *frame_list_pop(struct frame_list *l);
void frame_list_clear(struct frame_list *l);

/* Gives a frame to the I/O thread. */
void bus_send(struct bus *b, struct frame *f);

/* Runs 'on_connect' on a worker. */
void bus_tell_connected(struct bus *b);

/* Frees listeners and what no worker took. */
void bus_free_inbound(struct bus *b);
