/* SPDX-License-Identifier: Apache-2.0 */
#include "compute/store/server_groups.h"

#include "base/str.h"

static const struct column columns[] = {
    COLUMN(FIELD_STRING, server_group, id),       COLUMN(FIELD_STRING, server_group, project_id),
    COLUMN(FIELD_STRING, server_group, user_id),  COLUMN(FIELD_STRING, server_group, name),
    COLUMN(FIELD_STRING, server_group, policy),   COLUMN(FIELD_JSON, server_group, rules),
    COLUMN(FIELD_TIME, server_group, created_at), { 0 },
};

const struct table server_group_table = { "server_groups", "id", sizeof(struct server_group), columns };

int server_group_hosts(struct txn *t, struct arena *a, const char *id, const char *except, struct rows *ret,
                       struct err *err)
{
    return sql_query(
        t, a, ret, err,
        "SELECT host, COUNT(*) FROM instances WHERE group_id = ? AND deleted = 0 AND host IS NOT NULL "
        "AND id <> ? GROUP BY host",
        val_text(id), val_text(except));
}

int server_group_members(struct txn *t, struct arena *a, const char *id, const char ***ret, struct err *err)
{
    const char **all = NULL;
    struct rows rows;
    int r = sql_query(t, a, &rows, err,
                      "SELECT id FROM instances WHERE group_id = ? AND deleted = 0 ORDER BY created_at, id",
                      val_text(id));

    for (size_t k = 0; r >= 0 && k < rows.count; k++)
        all = strv_add(a, all, rows_text(&rows, k, 0));
    if (r >= 0)
        *ret = all;
    return r;
}
