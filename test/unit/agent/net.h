/* SPDX-License-Identifier: Apache-2.0 */
/* Network roles on a host of their own: wishes in, report out. */
#pragma once

#include <jansson.h>

#include "agent/round.h"
#include "lab.h"

struct net {
    struct test *t;
    const char *dir;   /* Names of namespaces. */
    const char *netns; /* The host's own; null: the test's. */
    struct agent_config config;
    struct agent_network_options options;
    json_t *report; /* Of the last round. */
};

/* A host with all roles; further settings may be changed before the first round. */
struct net *net_start(struct test *t);

/* A further host: a namespace of the same lab, with namespaces of its own. */
struct net *net_host(struct test *t, struct net *first, const char *name);

/* One round.  'wishes' is JSON where ' stands for ". */
void net_round(struct net *n, const char *wishes);

/* "status" of the item 'id' in the report's list 'list', and its reason. */
const char *net_status(struct net *n, const char *list, const char *id);
const char *net_reason(struct net *n, const char *list, const char *id);

/* Path of the namespace 'name'. */
const char *net_path(struct net *n, const char *name);

/* A guest with a fixed address and, if 'gateway' is not null, a default route. */
const char *net_guest(struct net *n, const char *name, const char *tap, const char *mac, const char *address,
                      const char *gateway);
