/* SPDX-License-Identifier: Apache-2.0 */
/* Rows that stand for a directory's users and groups.
 *
 * Roles, trusts, credentials and tokens know people as rows of users, groups_
 * and memberships.  Who comes from a directory has such rows, too: a copy,
 * written when the directory was asked, trusted for [identity] cache_time, and
 * never asked for a password.  id_mapping says whom a row stands for.
 *
 * These functions ask directories: they block, and begin transactions of their
 * own; the caller has none open. */
#pragma once

#include "identity/model/directories.h"
#include "identity/store/id_mappings.h"

/* "user" or "group" */
const char *entity_name(enum entity kind);

/* The id that Keystone's generator gives an entry: SHA-256 over domain, type
 * and local id. */
char *entity_public_id(struct arena *a, const char *domain_id, enum entity kind, const char *local_id);

/* Brings what is known of 'id' up to date: a user with its groups, a group,
 * with its members if wanted.  0, also for people of the tables; -ENOENT for who is
 * nowhere, or has left the directory.  '*ret_until_us' (may be null): until
 * when that can be relied on; 0: for good. */
int mirror_refresh(struct server *s, struct arena *a, enum entity kind, const char *id, bool members,
                   int64_t *ret_until_us, struct err *err);

/* Users whose memberships decide effective assignments: all groups with a role. */
int mirror_refresh_assigned(struct server *s, struct arena *a, struct err *err);

/* Somebody who wants in, by id, or by name and domain. */
struct mirrored {
    struct directory *directory; /* Null: a row of the tables, if any; put it back. */
    struct entry entry;
    const char *id;
};
int mirror_find_user(struct server *s, struct arena *a, const char *id, const char *domain_id,
                     const char *name, struct mirrored *ret, struct err *err);

/* All of a directory that fit, as 'struct user' or 'struct group' with the ids
 * they have outside; their rows are there afterwards. */
int mirror_list(struct server *s, struct arena *a, struct directory *d, enum entity kind,
                const struct entry_query *q, struct list *ret, struct err *err);

/* 1 when the row stands for somebody of a directory, else 0. */
int mirror_is(struct server *s, struct txn *t, struct arena *a, const char *id, struct err *err);
