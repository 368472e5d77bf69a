/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/store/limits.h"

#include "base/str.h"

static const struct column registered_columns[] = {
    COLUMN(FIELD_STRING, registered_limit, id),
    COLUMN(FIELD_STRING, registered_limit, service_id),
    COLUMN(FIELD_STRING, registered_limit, region_id),
    COLUMN(FIELD_STRING, registered_limit, resource_name),
    COLUMN(FIELD_INT, registered_limit, default_limit),
    COLUMN(FIELD_STRING, registered_limit, description),
    { 0 },
};

const struct table registered_limit_table = { "registered_limits", "id", sizeof(struct registered_limit),
                                              registered_columns };

static const struct column columns[] = {
    COLUMN(FIELD_STRING, limit, id),
    COLUMN(FIELD_STRING, limit, project_id),
    COLUMN(FIELD_STRING, limit, domain_id),
    COLUMN(FIELD_STRING, limit, service_id),
    COLUMN(FIELD_STRING, limit, region_id),
    COLUMN(FIELD_STRING, limit, resource_name),
    COLUMN(FIELD_INT, limit, resource_limit),
    COLUMN(FIELD_STRING, limit, description),
    { 0 },
};

const struct table limit_table = { "limits", "id", sizeof(struct limit), columns };

static struct cond equal(const char *column, const char *v)
{
    return str_empty(v) ? (struct cond){ .column = column, .op = COND_NULL }
                        : (struct cond){ .column = column, .op = COND_EQ, .value = val_text(v) };
}

int registered_limit_find(struct txn *t, struct arena *a, const char *service_id, const char *region_id,
                          const char *resource_name, struct registered_limit *ret, struct err *err)
{
    const struct cond conds[] = { equal("service_id", service_id), equal("region_id", region_id),
                                  equal("resource_name", resource_name) };

    return table_find(t, a, &registered_limit_table, conds, ARRAY_SIZE(conds), ret, err);
}

int limit_find(struct txn *t, struct arena *a, const struct limit *like, struct limit *ret, struct err *err)
{
    const struct cond conds[] = { equal("project_id", like->project_id), equal("domain_id", like->domain_id),
                                  equal("service_id", like->service_id), equal("region_id", like->region_id),
                                  equal("resource_name", like->resource_name) };

    return table_find(t, a, &limit_table, conds, ARRAY_SIZE(conds), ret, err);
}

int registered_limit_uses(struct txn *t, const struct registered_limit *l, int64_t *ret, struct err *err)
{
    return sql_get_int(t, ret, err,
                       "SELECT COUNT(*) FROM limits WHERE service_id = ? AND resource_name = ? AND "
                       "COALESCE(region_id, '') = ?",
                       val_text(l->service_id), val_text(l->resource_name),
                       val_text(l->region_id ? l->region_id : ""));
}

int limits_forget(struct txn *t, const char *owner_id, struct err *err)
{
    int64_t n = sql_exec(t, err, "DELETE FROM limits WHERE project_id = ? OR domain_id = ?",
                         val_text(owner_id), val_text(owner_id));

    return n < 0 ? (int) n : 0;
}

int limit_most_of_projects(struct txn *t, const struct limit *l, int64_t *ret, struct err *err)
{
    return sql_get_int(
        t, ret, err,
        "SELECT COALESCE(MAX(l.resource_limit), -1) FROM limits l JOIN projects p ON p.id = l.project_id "
        "WHERE p.domain_id = ? AND l.service_id = ? AND l.resource_name = ? AND "
        "COALESCE(l.region_id, '') = ?",
        val_text(l->domain_id), val_text(l->service_id), val_text(l->resource_name),
        val_text(l->region_id ? l->region_id : ""));
}
