/* SPDX-License-Identifier: Apache-2.0 */
/* Which host a server comes to: placement names candidates, filters take hosts
 * away, weighers order the rest, and the first that can be claimed wins. */
#pragma once

#include "compute/compute.h"
#include "compute/model/hosts.h"

/* A host on its way through the filters. */
struct candidate {
    struct host_state host;
    json_t *allocations; /* As placement offers them. */
    int64_t free_vcpus, free_memory_mb, free_disk_gb;
    size_t group_members; /* Servers of the same group there. */
    double weight;
};

struct choice; /* What filters and weighers may look at. */

struct schedule_request {
    struct server *server;
    struct arena *arena;
    const struct instance *instance;
    const char *request_id;
    const json_t *tried; /* Names of hosts on which it failed; may be null. */
};

/* Chooses and claims.  '*ret_host' lives in the arena.  -ENOSPC with the counts that
 * each filter took away and the nearest miss, when there is none. */
int schedule(const struct schedule_request *rq, struct host_state *ret_host, struct err *err);

/* Whether the server, with the image that 'instance' names now, may be on the host that it
 * is on.  -ENOSPC with the reason. */
int schedule_check_image(const struct schedule_request *rq, struct err *err);

/* False when the group's policy forbids 'host' for the server, by what is recorded
 * now; to be asked in the transaction that records the host. */
int group_allows(struct txn *t, struct arena *a, const struct instance *i, const char *host, bool *ret,
                 struct err *err);
