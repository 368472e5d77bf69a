/* SPDX-License-Identifier: Apache-2.0 */
/* How much a project may have. */
#pragma once

#include "compute/compute.h"
#include "compute/store/quotas.h"

/* What can be limited, in the order of the API's answers. */
struct quota_resource {
    const char *name;
    size_t option; /* Default: offset into struct compute_options; SIZE_MAX: 'fixed'. */
    int64_t fixed;
    uint16_t until; /* Last microversion that shows it; 0: all. */
};
extern const struct quota_resource quota_resources[]; /* Ended by a null name. */

/* The limit that holds; -1: none. */
int compute_quota_limit(const struct compute_options *o, struct txn *t, const char *project_id,
                        const char *resource, int64_t *ret, struct err *err);

/* The limit of who has none of its own. */
int compute_quota_default(const struct compute_options *o, struct txn *t, const struct quota_resource *q,
                          int64_t *ret, struct err *err);

/* 403 in the API's words when so many more would be too many. */
int quota_check_servers(struct request *rq, struct txn *t, int64_t count, int64_t vcpus, int64_t ram_mb,
                        struct err *err);
int quota_check_keypairs(struct request *rq, struct txn *t, const char *user_id, struct err *err);
int quota_check_groups(struct request *rq, struct txn *t, struct err *err);
int quota_check_metadata(struct request *rq, struct txn *t, size_t items, struct err *err);
