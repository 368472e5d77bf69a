/* SPDX-License-Identifier: Apache-2.0 */
/* Resource classes and traits: names with numbers, in two tables of one form. */
#pragma once

#include "data/db.h"

#define NAMES_CLASSES "resource_classes"
#define NAMES_TRAITS  "traits"

struct name {
    int64_t id;
    const char *name;
    int64_t created_at, updated_at;
};

/* All of a table, found by number or by name. */
struct names {
    struct name *items; /* In the order of their numbers. */
    struct name **by_name;
    size_t count;
};

int names_load(struct txn *t, struct arena *a, const char *table, struct names *ret, struct err *err);
const struct name *names_find(const struct names *n, const char *name); /* Or null. */
const struct name *names_at(const struct names *n, int64_t id);         /* Or null. */

/* One row.  -ENOENT, without words. */
int name_get(struct txn *t, struct arena *a, const char *table, const char *name, struct name *ret,
             struct err *err);

/* -EEXIST when it is there. */
int name_insert(struct txn *t, struct arena *a, const char *table, const char *name, int64_t now_us,
                struct err *err);
int name_rename(struct txn *t, struct arena *a, const char *table, int64_t id, const char *name,
                int64_t now_us, struct err *err);
int name_delete(struct txn *t, struct arena *a, const char *table, int64_t id, struct err *err);

/* Adds what of 'standard' (ended by null) is not there yet. */
int names_sync(struct txn *t, struct arena *a, const char *table, const char *const *standard, int64_t now_us,
               struct err *err);

/* Whether any provider has the trait, or an inventory of the class. */
int trait_in_use(struct txn *t, int64_t id, bool *ret, struct err *err);
int class_in_use(struct txn *t, int64_t id, bool *ret, struct err *err);

/* Traits that some provider has, as a list of numbers ended by 0. */
int traits_associated(struct txn *t, struct arena *a, int64_t **ret, struct err *err);
