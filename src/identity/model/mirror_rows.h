/* SPDX-License-Identifier: Apache-2.0 */
/* The SQL half of model/mirror.h: from a directory's entries to rows. */
#pragma once

#include "identity/model/mirror.h"

/* What is to be so.  Run once in a reading transaction, which counts the
 * differences, and only if there are any in a writing one, which mends them. */
struct mirroring {
    struct server *s;
    struct txn *t;
    struct arena *a;
    const struct directory *d;
    bool write;
    size_t differences;
    struct err *err;
};

/* The entries' rows; their ids into 'ids' ('n' of them), null for an entry that
 * can have no row (too long, its name is taken). */
int mirror_entries(struct mirroring *m, enum entity kind, const struct entry *entries, size_t n,
                   const char **ids);

/* The groups that user 'id' is in, or the users in group 'id', are exactly 'others'. */
int mirror_memberships(struct mirroring *m, enum entity kind, const char *id, const char *const *others,
                       size_t n);

/* A row's members as they would be for an entry: struct user or struct group. */
void mirror_user_row(const struct directory *d, const struct entry *e, const char *id, struct user *ret);
void mirror_group_row(const struct directory *d, const struct entry *e, const char *id, struct group *ret);
