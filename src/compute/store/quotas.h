/* SPDX-License-Identifier: Apache-2.0 */
/* Limits that somebody set; what nobody set is not here. */
#pragma once

#include "compute/compute.h"

/* In place of a project: the limits of every project that has none of its own. */
#define QUOTA_CLASS_DEFAULT "class:default"

/* 'user_id' "" is the project as a whole.  -ENOENT. */
int compute_quota_get(struct txn *t, const char *project_id, const char *user_id, const char *resource,
                      int64_t *ret, struct err *err);
int compute_quota_set(struct txn *t, const char *project_id, const char *user_id, const char *resource,
                      int64_t limit, struct err *err);

/* All of a project, or of one of its users. */
int compute_quota_forget(struct txn *t, const char *project_id, const char *user_id, struct err *err);

/* What a project (or one of its users, null: all) has. */
struct quota_usage {
    int64_t instances, cores, ram_mb, server_groups;
};
int compute_quota_usage(struct txn *t, struct arena *a, const char *project_id, const char *user_id,
                        struct quota_usage *ret, struct err *err);
int quota_count_keypairs(struct txn *t, const char *user_id, int64_t *ret, struct err *err);
