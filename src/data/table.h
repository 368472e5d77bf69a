/* SPDX-License-Identifier: Apache-2.0 */
/* Rows as C structures: a table of columns says which member holds what, and
 * the plain statements come from it.  What is not plain is written as SQL in
 * the service's store/. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/field.h"
#include "data/db.h"

struct column {
    const char *name;
    enum field_type type;
    size_t offset;
};

struct table {
    const char *name;
    const char *key;              /* Column that finds one row; usually "id". */
    size_t size;                  /* Of the structure. */
    const struct column *columns; /* Ended by a null name. */
};

#define COLUMN(type_, st, member)                   \
    {                                               \
#        member, type_, offsetof(struct st, member) \
    }
#define COLUMN_AS(name_, type_, st, member)       \
    {                                             \
        name_, type_, offsetof(struct st, member) \
    }

/* One condition; all of a query's must hold. */
enum cond_op {
    COND_EQ,
    COND_NE,
    COND_LT,
    COND_LE,
    COND_GT,
    COND_GE,
    COND_LIKE, /* value is a pattern with % and _ escaped by '\' */
    COND_STARTS,
    COND_ENDS,
    COND_CONTAINS, /* value is plain text */
    COND_IN,
    COND_NOT_IN, /* 'list' (null-terminated); an empty IN matches nothing */
    COND_NULL,
    COND_NOT_NULL,
    COND_SQL, /* 'column' is an SQL condition with one '?' for each of 'vals' (trusted text) */
};
struct cond {
    const char *column;
    enum cond_op op;
    struct val value;
    const char *const *list;
    const struct val *vals;
    size_t n_vals;
};

struct sort_key {
    const char *column;
    bool descending;
};

/* Page of a list.  The marker is the key of the last row already seen; rows
 * after it in the order of 'sort' (plus the key column in the direction of the
 * last, so that the order is total) follow.  NULL is the lowest value: first
 * ascending, last descending.  All in SQL, so a late page costs what the first
 * did if an index fits: (what is asked with =, what is sorted by, key).  The
 * marker is found by its key alone; whether the caller may see it is for the
 * caller to ask. */
struct query {
    const struct cond *conds;
    size_t n_conds;
    const struct sort_key *sort;
    size_t n_sort;
    const char *marker; /* Null: from the start.  Unknown marker: -ENOENT. */
    size_t limit;       /* 0: no limit. */
    size_t offset;
    bool reverse;     /* The page before the marker instead (neutron's page_reverse). */
    const char *from; /* Replaces the table name: "users u JOIN …" (trusted text), or null.  The
                         table comes first; columns without an alias are its. */
    bool distinct;
};

/* A list of structures, one after another. */
struct list {
    void *items;
    size_t count, size;
    bool more; /* There are rows beyond the page (one more is read to know). */
};

static inline void *list_at(const struct list *l, size_t i)
{
    return (char *) l->items + i * l->size;
}

/* Loads the row whose key is 'key' into 'ret' (t->size bytes).  In a writing
 * transaction the row is locked until its end, so that it can be written back.
 * -ENOENT. */
int table_get(struct txn *t, struct arena *a, const struct table *tab, const char *key, void *ret,
              struct err *err);

/* Any row that fits; locked as by table_get().  -ENOENT. */
int table_find(struct txn *t, struct arena *a, const struct table *tab, const struct cond *conds, size_t n,
               void *ret, struct err *err);

int table_list(struct txn *t, struct arena *a, const struct table *tab, const struct query *q,
               struct list *ret, struct err *err);
int table_count(struct txn *t, struct arena *a, const struct table *tab, const struct cond *conds, size_t n,
                int64_t *ret, struct err *err);

/* -EEXIST when a unique key is taken. */
int table_insert(struct txn *t, struct arena *a, const struct table *tab, const void *row, struct err *err);

/* Writes all columns, or those in 'only' (names ended by null), of the row
 * with row's key.  -ENOENT when it is gone. */
int table_update(struct txn *t, struct arena *a, const struct table *tab, const void *row,
                 const char *const *only, struct err *err);

/* Rows deleted (0 when it was gone), or an error. */
int table_delete(struct txn *t, const struct table *tab, const char *key, struct err *err);
int64_t table_delete_where(struct txn *t, struct arena *a, const struct table *tab, const struct cond *conds,
                           size_t n, struct err *err);
