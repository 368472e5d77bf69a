/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/store/users.h"

#include "base/str.h"
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
    COLUMN(FIELD_TIME, user, last_active_us),
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

int user_remember_password(struct txn *t, const struct user *was, struct err *err)
{
    int64_t n = 0;

    if (!str_empty(was->password_hash))
        n = sql_exec(t, err, "INSERT INTO old_passwords (user_id, hash) VALUES (?, ?)", val_text(was->id),
                     val_text(was->password_hash));
    if (n >= 0)
        n = sql_exec(t, err, "UPDATE users SET failed_attempts = NULL, failed_at_us = NULL WHERE id = ?",
                     val_text(was->id));
    return n < 0 ? (int) n : 0;
}

int user_set_password(struct txn *t, struct arena *a, const struct user *u, const char *proven_hash,
                      struct err *err)
{
    static const char *const only[] = { "password_hash", "password_created_us", "password_expires_us", NULL };
    struct user was = { 0 };
    int r = table_get(t, a, &user_table, u->id, &was, err);

    if (r >= 0 && !str_eq(was.password_hash, proven_hash))
        return err_set(err, -EAGAIN, "The password was changed by another request at the same time.");
    if (r >= 0)
        r = user_remember_password(t, &was, err);
    return r < 0 ? r : table_update(t, a, &user_table, u, only, err);
}

int user_old_passwords(struct txn *t, struct arena *a, const char *id, int64_t max, const char ***ret,
                       struct err *err)
{
    const char **all = NULL;
    struct rows rows;
    int r = sql_query(t, a, &rows, err,
                      "SELECT hash FROM old_passwords WHERE user_id = ? ORDER BY id DESC LIMIT ?",
                      val_text(id), val_int(max));

    for (size_t i = 0; r >= 0 && i < rows.count; i++)
        all = strv_add(a, all, rows_text(&rows, i, 0));
    *ret = all;
    return r;
}

int user_count_attempt(struct txn *t, const char *id, int64_t max, int64_t forget_before_us, int64_t now_us,
                       struct err *err)
{
    int64_t n = sql_exec(t, err,
                         "UPDATE users SET failed_attempts = 0 WHERE id = ? AND failed_attempts >= ? AND "
                         "failed_at_us < ?",
                         val_text(id), val_int(max), val_int(forget_before_us));

    if (n >= 0)
        n = sql_exec(
            t, err,
            "UPDATE users SET failed_attempts = COALESCE(failed_attempts, 0) + 1, failed_at_us = ? WHERE "
            "id = ? AND COALESCE(failed_attempts, 0) < ?",
            val_int(now_us), val_text(id), val_int(max));
    return n < 0 ? (int) n : n ? 0 : -EDQUOT;
}

int user_note_login(struct txn *t, const struct user *u, const char *new_hash, int64_t active_us,
                    struct err *err)
{
    int64_t n = sql_exec(t, err, "UPDATE users SET failed_attempts = NULL, failed_at_us = NULL WHERE id = ?",
                         val_text(u->id));

    if (n >= 0 && active_us)
        n = sql_exec(t, err, "UPDATE users SET last_active_us = ? WHERE id = ?", val_int(active_us),
                     val_text(u->id));
    if (n >= 0 && new_hash) /* Unless it was changed meanwhile. */
        n = sql_exec(t, err, "UPDATE users SET password_hash = ? WHERE id = ? AND password_hash = ?",
                     val_text(new_hash), val_text(u->id), val_text(u->password_hash));
    return n < 0 ? (int) n : 0;
}

int user_forget(struct txn *t, struct arena *a, const char *id, struct err *err)
{
    int64_t r;

    r = sql_exec(t, err, "DELETE FROM memberships WHERE user_id = ?", val_text(id));
    if (r >= 0)
        r = sql_exec(t, err, "DELETE FROM assignments WHERE actor_type = 'user' AND actor_id = ?",
                     val_text(id));
    if (r >= 0)
        r = sql_exec(t, err, "DELETE FROM old_passwords WHERE user_id = ?", val_text(id));
    if (r >= 0)
        r = credentials_forget_user(t, id, err);
    if (r >= 0)
        r = trusts_forget_user(t, a, id, err);
    if (r >= 0)
        r = application_credentials_forget_user(t, id, err);
    return r < 0 ? (int) r : 0;
}

int users_forget_project(struct txn *t, const char *project_id, struct err *err)
{
    int64_t n = sql_exec(t, err, "UPDATE users SET default_project_id = NULL WHERE default_project_id = ?",
                         val_text(project_id));

    return n < 0 ? (int) n : 0;
}
