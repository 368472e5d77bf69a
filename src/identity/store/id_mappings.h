/* SPDX-License-Identifier: Apache-2.0 */
/* Which user or group of which directory an id stands for. */
#pragma once

#include "identity/identity.h"

/* What a directory's entry is called outside. */
struct id_mapping {
    const char *public_id, *domain_id, *local_id;
    const char *entity_type; /* "user" or "group" */
};

extern const struct table id_mapping_table;

/* The entry's mapping.  -ENOENT. */
int id_mapping_of(struct txn *t, struct arena *a, const char *domain_id, const char *entity_type,
                  const char *local_id, struct id_mapping *ret, struct err *err);

/* All of a domain and a type, as 'struct id_mapping'. */
int id_mappings_list(struct txn *t, struct arena *a, const char *domain_id, const char *entity_type,
                     struct list *ret, struct err *err);

/* For a list of users or groups: only those that no directory knows. */
extern const struct cond id_mapping_none;

/* Ids of mapped groups that have a role anywhere. */
int id_mappings_of_assigned_groups(struct txn *t, struct arena *a, const char ***ret, struct err *err);

/* Removes what fits all that is not null, with the rows of those users and
 * groups and their memberships; what they were given stays, for they come back
 * under the same ids.  The number removed. */
int64_t id_mappings_purge(struct txn *t, const struct id_mapping *like, struct err *err);

/* Removes the row that stands for a directory's user or group, and its
 * memberships. */
int mirrored_forget(struct txn *t, const char *entity_type, const char *id, struct err *err);

/* Takes the name from the mapped user or group that has it in the domain and
 * is not 'id': the row goes, and comes back with its present name.  -EEXIST
 * when it belongs to a user or group of the tables. */
int mirrored_evict(struct txn *t, const char *entity_type, const char *domain_id, const char *name,
                   const char *id, struct err *err);
