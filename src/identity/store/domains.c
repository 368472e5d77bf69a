/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/store/domains.h"

#include "identity/store/application_credentials.h"
#include "identity/store/credentials.h"
#include "identity/store/endpoint_filter.h"
#include "identity/store/limits.h"
#include "identity/store/trusts.h"

static const char *const statements[] = {
    "DELETE FROM memberships WHERE user_id IN (SELECT id FROM users WHERE domain_id = ?)",
    "DELETE FROM memberships WHERE group_id IN (SELECT id FROM groups_ WHERE domain_id = ?)",
    "DELETE FROM assignments WHERE actor_type = 'user' AND actor_id IN (SELECT id FROM users WHERE domain_id = ?)",
    "DELETE FROM assignments WHERE actor_type = 'group' AND actor_id IN (SELECT id FROM groups_ WHERE domain_id = ?)",
    "DELETE FROM assignments WHERE target_id IN (SELECT id FROM projects WHERE domain_id = ?)",
    "DELETE FROM assignments WHERE role_id IN (SELECT id FROM roles WHERE domain_id = ?)",
    "DELETE FROM assignments WHERE target_id = ?",
    "DELETE FROM implied_roles WHERE prior_id IN (SELECT id FROM roles WHERE domain_id = ?)",
    "DELETE FROM credentials WHERE user_id IN (SELECT id FROM users WHERE domain_id = ?)",
    "DELETE FROM credentials WHERE project_id IN (SELECT id FROM projects WHERE domain_id = ?)",
    "DELETE FROM trusts WHERE trustor_user_id IN (SELECT id FROM users WHERE domain_id = ?)",
    "DELETE FROM trusts WHERE trustee_user_id IN (SELECT id FROM users WHERE domain_id = ?)",
    "DELETE FROM trusts WHERE project_id IN (SELECT id FROM projects WHERE domain_id = ?)",
    "DELETE FROM application_credentials WHERE user_id IN (SELECT id FROM users WHERE domain_id = ?)",
    "DELETE FROM application_credentials WHERE project_id IN (SELECT id FROM projects WHERE domain_id = ?)",
    "DELETE FROM access_rules WHERE user_id IN (SELECT id FROM users WHERE domain_id = ?)",
    "DELETE FROM project_endpoints WHERE project_id IN (SELECT id FROM projects WHERE domain_id = ?)",
    "DELETE FROM project_endpoint_groups WHERE project_id IN (SELECT id FROM projects WHERE domain_id = ?)",
    "DELETE FROM domain_options WHERE domain_id = ?",
    "DELETE FROM id_mapping WHERE domain_id = ?",
    "DELETE FROM limits WHERE project_id IN (SELECT id FROM projects WHERE domain_id = ?)",
    "DELETE FROM limits WHERE domain_id = ?",
    "DELETE FROM old_passwords WHERE user_id IN (SELECT id FROM users WHERE domain_id = ?)",
    "DELETE FROM users WHERE domain_id = ?",
    "DELETE FROM groups_ WHERE domain_id = ?",
    "DELETE FROM roles WHERE domain_id = ?",
    "DELETE FROM projects WHERE domain_id = ?",
};

int domain_empty(struct txn *t, const char *id, struct err *err)
{
    for (size_t i = 0; i < ARRAY_SIZE(statements); i++) {
        int64_t n = sql_exec(t, err, statements[i], val_text(id));

        if (n < 0)
            return (int) n;
    }
    return 0;
}

int target_forget(struct txn *t, struct arena *a, const char *target_id, struct err *err)
{
    int64_t n = sql_exec(t, err, "DELETE FROM assignments WHERE target_id = ?", val_text(target_id));

    if (n >= 0)
        n = credentials_forget_project(t, target_id, err);
    if (n >= 0)
        n = trusts_forget_project(t, a, target_id, err);
    if (n >= 0)
        n = application_credentials_forget_project(t, target_id, err);
    if (n >= 0)
        n = endpoint_filters_forget_project(t, target_id, err);
    if (n >= 0)
        n = limits_forget(t, target_id, err);
    return n < 0 ? (int) n : 0;
}
