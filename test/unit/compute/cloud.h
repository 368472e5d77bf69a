/* SPDX-License-Identifier: Apache-2.0 */
/* A small cloud in this process: compute and placement as they are, over a bus of their
 * own; one host, whose agent keeps guests in memory; and as much of identity, image and
 * network as compute asks for.  A token's text is "role" or "role@project". */
#pragma once

#include <stdatomic.h>

#include "base/str.h"
#include "bus/bus.h"
#include "compute/compute.h"
#include "kit/test.h"
#include "placement/placement.h"
#include "wire/httpc.h"
#include "wire/json.h"

#define IMAGE_ID   "10000000-0000-0000-0000-000000000001"
#define NETWORK_ID "20000000-0000-0000-0000-000000000001"

struct cloud {
    struct server *compute, *placement;
    struct bus_hub *hub;
    struct bus *bus, *agent_bus;
    struct client *client;
    struct httpc *http;
    struct arena *a;
    char base[64], fake_url[64];
    const char *version; /* Microversion of calls: "2.1" */
    const char *token;

    struct http_server *fake;
    pthread_mutex_t lock; /* For what the fakes keep. */
    json_t *ports;        /* Of the network service: id -> port */
    json_t *guests;       /* Of the agent: id -> power */
    unsigned next;
    atomic_bool refuse;     /* The agent refuses to start guests. */
    atomic_bool hold;       /* … or answers "working". */
    atomic_bool ports_late; /* Ports are DOWN. */
    atomic_bool vif_plugging;
    const char *host;
    int64_t vcpus;
};

struct cloud *cloud_start(struct test *t);

/* The agent's heartbeat; cloud_start() sent one already. */
void cloud_report(struct cloud *c);

struct httpc_reply call(struct cloud *c, enum http_method m, const char *path, const char *body);

/* The answer's JSON, in an arena-long life; fails the test when there is none. */
json_t *call_json(struct cloud *c, int status, enum http_method m, const char *path, const char *body);

#define EXPECT_CALL(c, status_, m, path_, body_)                                                         \
    do {                                                                                                 \
        struct httpc_reply reply_ = call((c), (m), (path_), (body_));                                    \
        if (reply_.status != (status_))                                                                  \
            fprintf(stderr, "%s %s: %d %s\n", http_method_text(m), (path_), reply_.status, reply_.body); \
        EXPECT_INT(reply_.status, (status_));                                                            \
    } while (0)

/* A flavor "f1" with these, for all. */
void make_flavor(struct cloud *c, const char *id, int vcpus, int ram, int disk);

/* POST /servers of flavor "f1" with the image and 'more' members (may be ""). The id. */
const char *boot(struct cloud *c, const char *more);

/* Waits until the server's status is 'status' (and it has no task); its "server" object. */
json_t *wait_status(struct cloud *c, const char *id, const char *status);
void wait_gone(struct cloud *c, const char *id);
