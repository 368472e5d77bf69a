/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of "operations", and all SQL about them.
 *
 * 'due_us' is when somebody should look at a row next: when it is to run, or,
 * while somebody works at it ('lease_owner' is not empty), when that lease has
 * run out.  So one index finds all work.  Each statement that changes a row at
 * work says whose lease it counts on, and so cannot harm what another has
 * taken over. */
#pragma once

#include "base/names.h"
#include "work/work.h"

/* One operation in the hands of this process. */
struct op_row {
    struct arena arena; /* Of the strings below. */
    struct op op;
    const struct op_kind *kind;
    int64_t seq;   /* The order of all operations. */
    int64_t wakes; /* Of op_wake(), as last seen. */
    int64_t due_us;
    const char *lease_owner; /* Before we took it: not empty when its worker died. */
    bool may_have_run;       /* The step, so it must be undone too. */
    bool superseded;         /* A newer operation wants it to stop. */
    struct err why;          /* While undoing. */
};
void op_row_free(struct op_row *row);

struct op_store {
    struct db *db;
    const struct op_kind *const *kinds;
    const char *owner;         /* Of this worker's leases: the role, ':' and a random part. */
    struct names *error_types; /* Where err.type of what was read points to. */
};

/* Frees the leases of earlier processes with the same role. */
int store_recover(const struct op_store *s, const char *role, struct err *err);

/* Takes up to 'max' operations that may run now, until 'until_us'.  Returns
 * how many; rows belong to the caller. */
int store_claim(const struct op_store *s, int64_t now_us, int64_t until_us, int max, struct op_row **ret,
                struct err *err);

/* Makes those due whose resource waits for something that supersedes them.
 * Returns how many. */
int store_wake_superseded(const struct op_store *s, int64_t now_us, struct err *err);

/* When the next operation becomes due; INT64_MAX: none. */
int store_next_due(const struct op_store *s, int64_t now_us, int64_t *ret, struct err *err);

/* Prolongs all leases of this worker. */
int store_renew(const struct op_store *s, int64_t until_us, struct err *err);

/* Writes step, attempts, state, undoing and why.  With 'keep' the lease goes
 * on until 'due_us'; without it the lease ends and the row is due then, or at
 * once when op_wake() was called meanwhile or it is superseded.  Sets
 * row->superseded.  -ESTALE: the lease was lost. */
int store_record(const struct op_store *s, struct op_row *row, bool keep, int64_t due_us, struct err *err);

/* Deletes the row and calls the kind's 'finished' in the same transaction. */
int store_end(const struct op_store *s, struct op_row *row, struct op_run *r, const struct err *why,
              struct err *err);

/* See op_wake().  Returns how many operations were told. */
int store_wake(const struct op_store *s, const char *resource_id, struct err *err);
