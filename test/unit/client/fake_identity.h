/* SPDX-License-Identifier: Apache-2.0 */
/* An identity service of a few lines, and beside it a service that answers as
 * it is told.  Both listen on one port. */
#pragma once

#include <stdatomic.h>

#include "client/client.h"
#include "kit/test.h"
#include "wire/http.h"

struct fake {
    struct http_server *http;
    char base[64];              /* "http://127.0.0.1:PORT" */
    _Atomic int logins, checks; /* What was asked. */
    _Atomic int refuse_own;     /* So many requests with the service's token get 401. */
    _Atomic bool down;          /* Checks get 500. */
    _Atomic bool forget;        /* No token is known. */
    _Atomic int lifetime_s;     /* Of tokens; those that begin with "old" ended an hour ago. */
    _Atomic int hold_ms;        /* How long a check takes. */
    _Atomic int status;         /* What the other service answers, with 'body'. */
    const char *_Atomic body;
    char seen[512]; /* Headers that the last call to it had. */
};

/* Runs until the end of the test. */
struct fake *fake_start(struct test *t);

/* Ends it early: nobody listens any more. */
void fake_stop(struct fake *f);

/* A client that logs in there. */
struct client *fake_client(struct test *t, struct fake *f);
