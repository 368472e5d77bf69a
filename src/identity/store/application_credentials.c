/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/store/application_credentials.h"

#include "base/str.h"

static const struct column columns[] = {
    COLUMN(FIELD_STRING, application_credential, id),
    COLUMN(FIELD_STRING, application_credential, user_id),
    COLUMN(FIELD_STRING, application_credential, project_id),
    COLUMN(FIELD_STRING, application_credential, name),
    COLUMN(FIELD_STRING, application_credential, description),
    COLUMN(FIELD_STRING, application_credential, secret_hash),
    COLUMN(FIELD_TIME, application_credential, expires_at),
    COLUMN(FIELD_BOOL, application_credential, unrestricted),
    COLUMN(FIELD_STRV, application_credential, role_ids),
    COLUMN(FIELD_STRV, application_credential, access_rule_ids),
    COLUMN(FIELD_BOOL, application_credential, has_access_rules),
    { 0 },
};

const struct table application_credential_table = { "application_credentials", "id",
                                                    sizeof(struct application_credential), columns };

static const struct column rule_columns[] = {
    COLUMN(FIELD_STRING, access_rule, id),      COLUMN(FIELD_STRING, access_rule, user_id),
    COLUMN(FIELD_STRING, access_rule, service), COLUMN(FIELD_STRING, access_rule, path),
    COLUMN(FIELD_STRING, access_rule, method),  { 0 },
};

const struct table access_rule_table = { "access_rules", "id", sizeof(struct access_rule), rule_columns };

int application_credential_find(struct txn *t, struct arena *a, const char *user_id, const char *name,
                                struct application_credential *ret, struct err *err)
{
    const struct cond conds[] = {
        { .column = "user_id", .op = COND_EQ, .value = val_text(user_id) },
        { .column = "name", .op = COND_EQ, .value = val_text(name) },
    };

    return table_find(t, a, &application_credential_table, conds, ARRAY_SIZE(conds), ret, err);
}

int access_rules_of(struct txn *t, struct arena *a, const struct application_credential *ac,
                    struct access_rule **ret, size_t *ret_n, struct err *err)
{
    struct access_rule *all = arena_array(a, struct access_rule, strv_len(ac->access_rule_ids) + 1);
    size_t n = 0;
    int r = 0;

    for (size_t i = 0; r >= 0 && ac->access_rule_ids && ac->access_rule_ids[i]; i++) {
        r = table_get(t, a, &access_rule_table, ac->access_rule_ids[i], &all[n], err);
        n += r >= 0;
        r = r == -ENOENT ? 0 : r;
    }
    *ret = all;
    *ret_n = n;
    return r;
}

int access_rule_find(struct txn *t, struct arena *a, const struct access_rule *like, struct access_rule *ret,
                     struct err *err)
{
    const struct cond conds[] = {
        { .column = "user_id", .op = COND_EQ, .value = val_text(like->user_id) },
        { .column = "service", .op = COND_EQ, .value = val_text(like->service) },
        { .column = "path", .op = COND_EQ, .value = val_text(like->path) },
        { .column = "method", .op = COND_EQ, .value = val_text(like->method) },
    };

    return table_find(t, a, &access_rule_table, conds, ARRAY_SIZE(conds), ret, err);
}

int application_credentials_forget_user(struct txn *t, const char *user_id, struct err *err)
{
    int64_t n = sql_exec(t, err, "DELETE FROM application_credentials WHERE user_id = ?", val_text(user_id));

    if (n >= 0)
        n = sql_exec(t, err, "DELETE FROM access_rules WHERE user_id = ?", val_text(user_id));
    return n < 0 ? (int) n : 0;
}

int application_credentials_forget_project(struct txn *t, const char *project_id, struct err *err)
{
    int64_t n =
        sql_exec(t, err, "DELETE FROM application_credentials WHERE project_id = ?", val_text(project_id));

    return n < 0 ? (int) n : 0;
}

int application_credentials_forget(struct txn *t, const char *user_id, const char *project_id,
                                   struct err *err)
{
    int64_t n = sql_exec(t, err, "DELETE FROM application_credentials WHERE user_id = ? AND project_id = ?",
                         val_text(user_id), val_text(project_id));

    return n < 0 ? (int) n : 0;
}

int application_credentials_count(struct txn *t, const char *user_id, int64_t *ret, struct err *err)
{
    return sql_get_int(t, ret, err, "SELECT COUNT(*) FROM application_credentials WHERE user_id = ?",
                       val_text(user_id));
}
