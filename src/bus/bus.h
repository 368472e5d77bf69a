/* SPDX-License-Identifier: Apache-2.0 */
/* The bus between services and agents: calls, casts, notifications.
 *
 * A topic is a name ("compute", "agent.host1.l2").  Who listens on it shares
 * its messages with the others that do; who subscribes gets every one.  A
 * message may be lost or come twice: whoever sends must be able to repeat,
 * and the truth is always in a database.  Bodies are JSON objects, at most
 * 16 MiB.  Drivers: "local" (a hub on a unix socket, `stackd bus`) and
 * "rabbitmq"; both reconnect by themselves and take the listeners along. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/log.h"

struct bus;

struct bus_config {
    const char *url;  /* "local:/path/bus.sock" or "amqp://user:pass@host:port/vhost[?prefix=NAME]" */
    const char *name; /* Who we are, in logs: "compute", "agent@host1". */
    unsigned workers; /* Threads that run handlers (default 4). */
    const struct log *log;
    void (*on_connect)(void *ctx); /* After each (re)connection; may be null. */
    void *ctx;
};

/* Does not wait for the broker: connects in the background, and calls fail
 * with -EHOSTDOWN until it is there. */
int bus_open(const struct bus_config *c, struct bus **ret, struct err *err);

/* Lets running handlers end, then frees. */
void bus_close(struct bus *b);
bool bus_is_connected(struct bus *b);

/* What came in. */
struct bus_message {
    const char *topic, *method, *request_id; /* request_id may be null. */
    const char *sender;                      /* The user that the broker knows to have sent it, or null. */
    const json_t *args;
    struct arena *arena; /* For the handler; freed after it. */
    json_t *reply;       /* The handler may set it (ownership passes on); null replies {}. */
};

/* Returns 0, or -errno with words that travel to the caller of bus_call()
 * (code, status, type and words). */
typedef int (*bus_handler)(void *ctx, struct bus_message *m, struct err *err);

/* Who sends as user "agent.NAME" is the agent of host NAME: what it says of other
 * hosts is a lie, and it gives orders to nobody.  Other users, and senders of
 * whom the broker tells nothing (the local bus), are services of our own. */
bool bus_is_agent(const struct bus_message *m);
bool bus_may_speak_for(const struct bus_message *m, const char *host);

/* Handlers run on the bus's workers, several at once. */
int bus_listen(struct bus *b, const char *topic, bus_handler fn, void *ctx, struct err *err);
int bus_subscribe(struct bus *b, const char *topic, bus_handler fn, void *ctx, struct err *err);

/* Sends and waits for the answer of one listener.  0 with '*ret' (owned by
 * the caller); -EHOSTDOWN when not connected or nobody listens (at once, not
 * after the timeout), -ETIMEDOUT, or the handler's own error. */
int bus_call(struct bus *b, const char *topic, const char *method, const json_t *args, const char *request_id,
             unsigned timeout_ms, json_t **ret, struct err *err);

/* Sends to one listener without waiting.  0 when the broker took it. */
int bus_cast(struct bus *b, const char *topic, const char *method, const json_t *args, const char *request_id,
             struct err *err);

/* Sends to all subscribers. */
int bus_publish(struct bus *b, const char *topic, const char *method, const json_t *args,
                const char *request_id, struct err *err);

/* The hub of the local driver: serves 'path' until '*stop' becomes true. */
struct bus_hub;
int bus_hub_start(const char *path, unsigned mode, const struct log *log, struct bus_hub **ret,
                  struct err *err);
void bus_hub_stop(struct bus_hub *h);
