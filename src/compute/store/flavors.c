/* SPDX-License-Identifier: Apache-2.0 */
#include "compute/store/flavors.h"

#include "base/str.h"

static const struct column columns[] = {
    COLUMN(FIELD_STRING, flavor, id),
    COLUMN(FIELD_STRING, flavor, name),
    COLUMN(FIELD_STRING, flavor, description),
    COLUMN(FIELD_INT, flavor, ram_mb),
    COLUMN(FIELD_INT, flavor, vcpus),
    COLUMN(FIELD_INT, flavor, disk_gb),
    COLUMN(FIELD_INT, flavor, swap_mb),
    COLUMN(FIELD_INT, flavor, ephemeral_gb),
    COLUMN(FIELD_DOUBLE, flavor, rxtx_factor),
    COLUMN(FIELD_BOOL, flavor, disabled),
    COLUMN(FIELD_BOOL, flavor, is_public),
    COLUMN(FIELD_JSON, flavor, extra_specs),
    COLUMN(FIELD_TIME, flavor, created_at),
    COLUMN(FIELD_TIME, flavor, updated_at),
    { 0 },
};

const struct table flavor_table = { "flavors", "id", sizeof(struct flavor), columns };

int flavor_access_list(struct txn *t, struct arena *a, const char *flavor_id, const char ***ret,
                       struct err *err)
{
    const char **all = NULL;
    struct rows rows;
    int r = sql_query(t, a, &rows, err,
                      "SELECT project_id FROM flavor_access WHERE flavor_id = ? ORDER BY project_id",
                      val_text(flavor_id));

    for (size_t i = 0; r >= 0 && i < rows.count; i++)
        all = strv_add(a, all, rows_text(&rows, i, 0));
    if (r >= 0)
        *ret = all;
    return r;
}

int flavor_access_has(struct txn *t, const char *flavor_id, const char *project_id, struct err *err)
{
    int64_t one;

    return sql_get_int(t, &one, err, "SELECT 1 FROM flavor_access WHERE flavor_id = ? AND project_id = ?",
                       val_text(flavor_id), val_text(project_id));
}

int flavor_access_add(struct txn *t, const char *flavor_id, const char *project_id, struct err *err)
{
    int64_t n = sql_exec(t, err, "INSERT INTO flavor_access (flavor_id, project_id) VALUES (?, ?)",
                         val_text(flavor_id), val_text(project_id));

    return n < 0 ? (int) n : 0;
}

int flavor_access_remove(struct txn *t, const char *flavor_id, const char *project_id, struct err *err)
{
    int64_t n = sql_exec(t, err, "DELETE FROM flavor_access WHERE flavor_id = ? AND project_id = ?",
                         val_text(flavor_id), val_text(project_id));

    return n < 0 ? (int) n : n ? 0 : -ENOENT;
}

int flavor_forget(struct txn *t, const char *flavor_id, struct err *err)
{
    int64_t n = sql_exec(t, err, "DELETE FROM flavor_access WHERE flavor_id = ?", val_text(flavor_id));

    return n < 0 ? (int) n : 0;
}
