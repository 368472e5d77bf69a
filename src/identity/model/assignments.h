/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of role assignments: as they were made, or what follows from them. */
#pragma once

#include "identity/identity.h"

struct assignment_filter {
    const char *user_id, *group_id, *role_id, *project_id, *domain_id;
    const char *own_domain_id;             /* Only on this domain and its projects; null: anywhere. */
    bool system, inherited, not_inherited; /* Only such ones. */
    bool effective;                        /* Users instead of groups, projects below, implied roles. */
    bool subtree;                          /* With project_id: also what is below it. */
};

/* One assignment of an answer, and what it follows from. */
struct assignment_row {
    struct assignment as;
    const char *via_group;  /* Effective: the group that the user is in, or null. */
    const char *via_role;   /* Effective: the role that implies this one, or null. */
    const char *via_target; /* Effective: where the inherited one was made, or null. */
    const char *via_target_type;
};

int assignments_list(struct txn *t, struct arena *a, const struct assignment_filter *f,
                     struct assignment_row **ret, size_t *ret_n, struct err *err);
