/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/store/standings.h"

#include "base/str.h"

enum {
    USER_ID,
    USER_NAME,
    USER_DOMAIN_ID,
    USER_ENABLED,
    USER_EXPIRES,
    IN_GROUPS,
    DOMAIN_ID,
    DOMAIN_NAME,
    DOMAIN_ENABLED,
    SCOPE_ID,
    SCOPE_NAME,
    SCOPE_DOMAIN_ID,
    SCOPE_PARENT_ID,
    SCOPE_ENABLED,
    SCOPE_IS_DOMAIN,
    SCOPE_DOMAIN_NAME,
    SCOPE_DOMAIN_ENABLED,
};

/* The scope's domain is usually the user's: then it is not looked for again. */
static const char sql[] =
    "SELECT u.id, u.name, u.domain_id, u.enabled, u.password_expires_us, "
    "CASE WHEN EXISTS (SELECT 1 FROM memberships WHERE user_id = u.id) THEN 1 ELSE 0 END, "
    "ud.id, ud.name, ud.enabled, s.id, s.name, s.domain_id, s.parent_id, s.enabled, s.is_domain, "
    "sd.name, sd.enabled FROM users u LEFT JOIN projects ud ON ud.id = u.domain_id "
    "LEFT JOIN projects s ON s.id = ? LEFT JOIN projects sd ON sd.id = s.domain_id AND s.domain_id <> u.domain_id "
    "WHERE u.id = ?";

static void load_user(const struct rows *rows, struct standing *ret)
{
    ret->user.id = rows_text(rows, 0, USER_ID);
    ret->user.name = rows_text(rows, 0, USER_NAME);
    ret->user.domain_id = rows_text(rows, 0, USER_DOMAIN_ID);
    ret->user.enabled = rows_int(rows, 0, USER_ENABLED, 0);
    ret->user.password_expires_us = rows_int(rows, 0, USER_EXPIRES, 0);
    ret->in_groups = rows_int(rows, 0, IN_GROUPS, 0);
    ret->user_domain.id = rows_text(rows, 0, DOMAIN_ID);
    ret->user_domain.name = rows_text(rows, 0, DOMAIN_NAME);
    ret->user_domain.enabled = rows_int(rows, 0, DOMAIN_ENABLED, 0);
}

static void load_scope(const struct rows *rows, struct standing *ret)
{
    ret->scope.id = rows_text(rows, 0, SCOPE_ID);
    ret->scope.name = rows_text(rows, 0, SCOPE_NAME);
    ret->scope.domain_id = rows_text(rows, 0, SCOPE_DOMAIN_ID);
    ret->scope.parent_id = rows_text(rows, 0, SCOPE_PARENT_ID);
    ret->scope.enabled = rows_int(rows, 0, SCOPE_ENABLED, 0);
    ret->scope.is_domain = rows_int(rows, 0, SCOPE_IS_DOMAIN, 0);
    if (str_eq(ret->scope.domain_id, ret->user.domain_id)) {
        ret->scope_domain = ret->user_domain;
    } else if (rows_text(rows, 0, SCOPE_DOMAIN_NAME)) {
        ret->scope_domain.id = ret->scope.domain_id;
        ret->scope_domain.name = rows_text(rows, 0, SCOPE_DOMAIN_NAME);
        ret->scope_domain.enabled = rows_int(rows, 0, SCOPE_DOMAIN_ENABLED, 0);
    }
}

int standing_get(struct txn *t, struct arena *a, const char *user_id, const char *scope_id,
                 struct standing *ret, struct err *err)
{
    struct rows rows;
    int r = sql_query(t, a, &rows, err, sql, val_text(scope_id), val_text(user_id));

    if (r < 0)
        return r;
    *ret = (struct standing){ 0 };
    if (!rows.count)
        return 0;
    load_user(&rows, ret);
    load_scope(&rows, ret);
    return 0;
}
