/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/store/standings.h"

/* The columns of a project or domain under an alias, as load_project() takes them. */
#define PROJECT_COLUMNS(alias) \
    alias ".id, " alias ".name, " alias ".domain_id, " alias ".enabled, " alias ".is_domain"
enum { USER_AT = 0, USER_DOMAIN_AT = 5, SCOPE_AT = 10, SCOPE_DOMAIN_AT = 15 };

static void load_project(const struct rows *rows, size_t col, struct project *ret)
{
    ret->id = rows_text(rows, 0, col);
    ret->name = rows_text(rows, 0, col + 1);
    ret->domain_id = rows_text(rows, 0, col + 2);
    ret->enabled = rows_int(rows, 0, col + 3, 0);
    ret->is_domain = rows_int(rows, 0, col + 4, 0);
}

int standing_get(struct txn *t, struct arena *a, const char *user_id, const char *scope_id,
                 struct standing *ret, struct err *err)
{
    struct rows rows;
    int r = sql_query(
        t, a, &rows, err,
        "SELECT u.id, u.name, u.domain_id, u.enabled, u.password_expires_us, " PROJECT_COLUMNS("ud") ", " PROJECT_COLUMNS(
            "s") ", " PROJECT_COLUMNS("sd") " FROM users u "
                                            "LEFT JOIN projects ud ON ud.id = u.domain_id LEFT JOIN projects s ON s.id = ? "
                                            "LEFT JOIN projects sd ON sd.id = s.domain_id WHERE u.id = ?",
        val_text(scope_id), val_text(user_id));

    if (r < 0)
        return r;
    *ret = (struct standing){ 0 };
    if (!rows.count)
        return 0;
    ret->user.id = rows_text(&rows, 0, USER_AT);
    ret->user.name = rows_text(&rows, 0, USER_AT + 1);
    ret->user.domain_id = rows_text(&rows, 0, USER_AT + 2);
    ret->user.enabled = rows_int(&rows, 0, USER_AT + 3, 0);
    ret->user.password_expires_us = rows_int(&rows, 0, USER_AT + 4, 0);
    load_project(&rows, USER_DOMAIN_AT, &ret->user_domain);
    load_project(&rows, SCOPE_AT, &ret->scope);
    load_project(&rows, SCOPE_DOMAIN_AT, &ret->scope_domain);
    return 0;
}
