/* SPDX-License-Identifier: Apache-2.0 */
/* Rows that belong to many others, in few queries. */
#pragma once

#include "base/hash.h"
#include "network/network.h"

#define STANDARD_COLUMNS(st)                                                    \
    COLUMN(FIELD_INT, st, revision_number), COLUMN(FIELD_TIME, st, created_at), \
        COLUMN(FIELD_TIME, st, updated_at)

/* "?, ?, ?" for n values. */
const char *sql_marks(struct arena *a, size_t n);

/* Runs "HEAD (?, ?, …) TAIL" for chunks of 'ids' and calls 'each' for every
 * row. */
int rows_for_ids(struct net_ctx *c, const char *head, const char *const *ids, size_t n, const char *tail,
                 void (*each)(void *ctx, const struct rows *r, size_t row), void *ctx, struct err *err);

/* The texts at 'offset' of the structures in a list, each once and without
 * nulls; null-terminated. */
const char **list_ids(struct arena *a, const struct list *l, size_t offset);

/* First column of all rows. */
int sql_texts(struct net_ctx *c, const char ***ret, struct err *err, const char *sql, const struct val *v,
              size_t n);

/* Columns to write of a row with STANDARD_COLUMNS: those of 'only' and what tells of each change. */
const char **row_stamped(struct arena *a, const char *const *only);
