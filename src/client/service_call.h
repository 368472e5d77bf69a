/* SPDX-License-Identifier: Apache-2.0 */
/* What the small files for each service share: JSON in, JSON out. */
#pragma once

#include "client/client.h"

/* Who asks: the service itself, or with the token of a user. */
struct client_as {
    struct client *client;
    struct arena *arena;
    const char *token;      /* Null: the service's own. */
    const char *request_id; /* May be null. */
};

struct service_call {
    const char *service, *version; /* "placement", "placement 1.36" or null */
    enum http_method method;
    char *path;
    const json_t *body;       /* Null: none. */
    const char *content_type; /* Of the body; null: application/json. */
};

/* One call; '*ret' (may be null) belongs to the caller. */
int service_call(const struct client_as *as, const struct service_call *c, json_t **ret, struct err *err);
