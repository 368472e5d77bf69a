/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/store/users.h"

#include "identity/store/application_credentials.h"
#include "identity/store/credentials.h"
#include "identity/store/trusts.h"

static const struct column columns[] = {
    COLUMN(FIELD_STRING, user, id),
    COLUMN(FIELD_STRING, user, domain_id),
    COLUMN(FIELD_STRING, user, name),
    COLUMN(FIELD_STRING, user, default_project_id),
    COLUMN(FIELD_STRING, user, description),
    COLUMN(FIELD_STRING, user, email),
    COLUMN(FIELD_BOOL, user, enabled),
    COLUMN(FIELD_JSON, user, extra),
    COLUMN(FIELD_JSON, user, options),
    COLUMN(FIELD_STRING, user, password_hash),
    COLUMN(FIELD_TIME, user, password_created_us),
    COLUMN(FIELD_TIME, user, password_expires_us),
    COLUMN(FIELD_TIME, user, created_at),
    { 0 },
};

const struct table user_table = { "users", "id", sizeof(struct user), columns };

int user_find(struct txn *t, struct arena *a, const char *domain_id, const char *name, struct user *ret,
              struct err *err)
{
    const struct cond conds[] = {
        { .column = "domain_id", .op = COND_EQ, .value = val_text(domain_id) },
        { .column = "name", .op = COND_EQ, .value = val_text(name) },
    };

    return table_find(t, a, &user_table, conds, ARRAY_SIZE(conds), ret, err);
}

int user_set_password(struct txn *t, struct arena *a, const char *id, const char *hash, int64_t now_us,
                      struct err *err)
{
    static const char *const only[] = { "password_hash", "password_created_us", NULL };
    const struct user u = { .id = id, .password_hash = hash, .password_created_us = now_us };

    return table_update(t, a, &user_table, &u, only, err);
}

int user_forget(struct txn *t, struct arena *a, const char *id, struct err *err)
{
    int64_t r;

    r = sql_exec(t, err, "DELETE FROM memberships WHERE user_id = ?", val_text(id));
    if (r >= 0)
        r = sql_exec(t, err, "DELETE FROM assignments WHERE actor_type = 'user' AND actor_id = ?",
                     val_text(id));
    if (r >= 0)
        r = credentials_forget_user(t, id, err);
    if (r >= 0)
        r = trusts_forget_user(t, a, id, err);
    if (r >= 0)
        r = application_credentials_forget_user(t, id, err);
    return r < 0 ? (int) r : 0;
}
