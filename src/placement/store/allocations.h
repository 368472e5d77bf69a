/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of consumers and of what they use. */
#pragma once

#include "placement/placement.h"

struct allocations {
    struct allocation *items;
    size_t count;
};

int allocation_list_of_consumer(struct txn *t, struct arena *a, const char *consumer, struct allocations *ret,
                                struct err *err);
int allocation_list_of_provider(struct txn *t, struct arena *a, int64_t provider_id, struct allocations *ret,
                                struct err *err);
int allocation_insert(struct txn *t, const struct allocation *al, struct err *err);
int allocation_delete_of_consumer(struct txn *t, const char *consumer, struct err *err);

/* -ENOENT, without words.  'lock' in writing transactions only. */
int consumer_get(struct txn *t, struct arena *a, const char *uuid, bool lock, struct consumer *ret,
                 struct err *err);
int consumer_insert(struct txn *t, const struct consumer *c, int64_t now_us, struct err *err);
int consumer_update(struct txn *t, const struct consumer *c, int64_t now_us, struct err *err);
int consumer_delete(struct txn *t, const char *uuid, struct err *err);

/* One row of what a project uses. */
struct usage {
    const char *class_name;
    const char *type; /* Of the consumers; null: unknown. */
    int64_t used;
};

/* By type and class.  'user_id' null: all users. */
int usage_list(struct txn *t, struct arena *a, const char *project_id, const char *user_id,
               struct usage **ret, size_t *ret_n, struct err *err);

/* Consumers that use anything, by type: 'class_name' is unused. */
int usage_count_consumers(struct txn *t, struct arena *a, const char *project_id, const char *user_id,
                          struct usage **ret, size_t *ret_n, struct err *err);
