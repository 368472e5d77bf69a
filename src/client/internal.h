/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the client share. */
#pragma once

#include <pthread.h>

#include "base/hash.h"
#include "client/client.h"

struct session; /* A login: token and catalog; immutable, counted. */

struct client {
    struct arena arena; /* Holds the options' copies. */
    struct client_options opt;
    const struct log *log;
    struct httpc *http;
    pthread_mutex_t lock; /* For what follows. */
    pthread_cond_t changed;
    struct session *session; /* Null: not logged in. */
    bool logging_in;
};

struct session {
    struct arena arena;
    unsigned refs; /* Under the client's lock. */
    const char *token;
    struct hash urls; /* Type -> URL of our interface and region. */
    int64_t renew_us; /* From when on another one is fetched. */
};

/* The present login, made when there is none; give back with session_put(). */
int session_get(struct client *c, struct session **ret, struct err *err);
void session_put(struct client *c, struct session *s);

/* The service refused its token: the next session_get() logs in again. */
void session_drop(struct client *c, const struct session *s);

/* Words and code of an answer of 400 and above. */
int reply_error(const struct client_reply *r, const char *service, struct err *err);

/* Text of the same URL without slashes at its end. */
const char *trim_url(struct arena *a, const char *url);
