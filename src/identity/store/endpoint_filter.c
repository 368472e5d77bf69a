/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/store/endpoint_filter.h"

#include "base/str.h"
#include "identity/store/endpoints.h"
#include "wire/json.h"

static const struct column columns[] = {
    COLUMN(FIELD_STRING, endpoint_group, id),
    COLUMN(FIELD_STRING, endpoint_group, name),
    COLUMN(FIELD_STRING, endpoint_group, description),
    COLUMN(FIELD_JSON, endpoint_group, filters),
    { 0 },
};

const struct table endpoint_group_table = { "endpoint_groups", "id", sizeof(struct endpoint_group), columns };

/* The same four statements over either table. */
static const struct {
    const char *exists, *insert, *remove, *projects, *ids;
} sql[] = {
#define LINK(table, column)                                                  \
    {                                                                        \
        "SELECT 1 FROM " table " WHERE " column " = ? AND project_id = ?",   \
            "INSERT INTO " table " (" column ", project_id) VALUES (?, ?)",  \
            "DELETE FROM " table " WHERE " column " = ? AND project_id = ?", \
            "SELECT project_id FROM " table " WHERE " column " = ?",         \
            "SELECT " column " FROM " table " WHERE project_id = ?",         \
    }
    [LINK_ENDPOINT] = LINK("project_endpoints", "endpoint_id"),
    [LINK_GROUP] = LINK("project_endpoint_groups", "endpoint_group_id"),
};

int endpoint_link_exists(struct txn *t, enum endpoint_link kind, const char *id, const char *project_id,
                         struct err *err)
{
    int64_t one;

    return sql_get_int(t, &one, err, sql[kind].exists, val_text(id), val_text(project_id));
}

int endpoint_link_add(struct txn *t, enum endpoint_link kind, const char *id, const char *project_id,
                      struct err *err)
{
    int r = endpoint_link_exists(t, kind, id, project_id, err);
    int64_t n;

    if (r != -ENOENT)
        return r;
    n = sql_exec(t, err, sql[kind].insert, val_text(id), val_text(project_id));
    return n < 0 ? (int) n : 0;
}

int endpoint_link_remove(struct txn *t, enum endpoint_link kind, const char *id, const char *project_id,
                         struct err *err)
{
    int64_t n = sql_exec(t, err, sql[kind].remove, val_text(id), val_text(project_id));

    return n < 0 ? (int) n : n ? 0 : -ENOENT;
}

static int ids_by(struct txn *t, struct arena *a, const char *statement, const char *key, const char ***ret,
                  struct err *err)
{
    const char **all = NULL;
    struct rows rows;
    int r = sql_query(t, a, &rows, err, statement, val_text(key));

    for (size_t i = 0; r >= 0 && i < rows.count; i++)
        all = strv_add(a, all, rows_text(&rows, i, 0));
    *ret = all;
    return r;
}

int endpoint_link_projects(struct txn *t, struct arena *a, enum endpoint_link kind, const char *id,
                           const char ***ret, struct err *err)
{
    return ids_by(t, a, sql[kind].projects, id, ret, err);
}

int endpoint_link_ids(struct txn *t, struct arena *a, enum endpoint_link kind, const char *project_id,
                      const char ***ret, struct err *err)
{
    return ids_by(t, a, sql[kind].ids, project_id, ret, err);
}

static bool fits(const struct endpoint *e, const json_t *filters)
{
    const struct {
        const char *name, *value;
    } members[] = { { "service_id", e->service_id },
                    { "region_id", e->region_id },
                    { "interface", e->interface } };
    const json_t *enabled = json_object_get(filters, "enabled");

    for (size_t i = 0; i < ARRAY_SIZE(members); i++)
        if (json_object_get(filters, members[i].name) &&
            !str_eq(json_str(filters, members[i].name), members[i].value))
            return false;
    return !enabled || json_is_true(enabled) == e->enabled;
}

int endpoint_group_endpoints(struct txn *t, struct arena *a, const struct endpoint_group *g,
                             const char ***ret, struct err *err)
{
    auto_json json_t *filters = NULL;
    const char **ids = NULL;
    struct list all;
    int r = json_read(g->filters, strlen(g->filters), &filters, err);

    if (r >= 0)
        r = table_list(t, a, &endpoint_table, &(struct query){ 0 }, &all, err);
    for (size_t i = 0; r >= 0 && i < all.count; i++)
        if (fits(list_at(&all, i), filters))
            ids = strv_add(a, ids, ((const struct endpoint *) list_at(&all, i))->id);
    *ret = ids;
    return r;
}

int endpoints_of_project(struct txn *t, struct arena *a, const char *project_id, const char ***ret,
                         struct err *err)
{
    const char **ids = NULL, **groups = NULL;
    struct rows rows;
    int r = sql_query(t, a, &rows, err,
                      "SELECT endpoint_id, NULL FROM project_endpoints WHERE project_id = ? UNION ALL "
                      "SELECT NULL, endpoint_group_id FROM project_endpoint_groups WHERE project_id = ?",
                      val_text(project_id), val_text(project_id));

    for (size_t i = 0; r >= 0 && i < rows.count; i++)
        if (rows_text(&rows, i, 0))
            ids = strv_add(a, ids, rows_text(&rows, i, 0));
        else
            groups = strv_add(a, groups, rows_text(&rows, i, 1));
    for (size_t i = 0; r >= 0 && groups && groups[i]; i++) {
        struct endpoint_group g = { 0 };
        const char **more = NULL;

        r = table_get(t, a, &endpoint_group_table, groups[i], &g, err);
        if (r >= 0)
            r = endpoint_group_endpoints(t, a, &g, &more, err);
        r = r == -ENOENT ? 0 : r;
        strv_foreach (id, more)
            if (!strv_contains(ids, *id))
                ids = strv_add(a, ids, *id);
    }
    *ret = ids;
    return r;
}

static int run_all(struct txn *t, const char *const *statements, const char *id, struct err *err)
{
    int64_t n = 0;

    for (; *statements && n >= 0; statements++)
        n = sql_exec(t, err, *statements, val_text(id));
    return n < 0 ? (int) n : 0;
}

int endpoint_forget(struct txn *t, const char *id, struct err *err)
{
    static const char *const all[] = { "DELETE FROM project_endpoints WHERE endpoint_id = ?",
                                       "DELETE FROM policy_associations WHERE endpoint_id = ?", NULL };

    return run_all(t, all, id, err);
}

int service_forget(struct txn *t, const char *id, struct err *err)
{
#define OF_SERVICE "(SELECT id FROM endpoints WHERE service_id = ?)"
    static const char *const all[] = { "DELETE FROM project_endpoints WHERE endpoint_id IN " OF_SERVICE,
                                       "DELETE FROM policy_associations WHERE endpoint_id IN " OF_SERVICE,
                                       "DELETE FROM policy_associations WHERE service_id = ?",
                                       "DELETE FROM endpoints WHERE service_id = ?", NULL };

    return run_all(t, all, id, err);
}

int endpoint_group_forget(struct txn *t, const char *id, struct err *err)
{
    static const char *const all[] = { "DELETE FROM project_endpoint_groups WHERE endpoint_group_id = ?",
                                       NULL };

    return run_all(t, all, id, err);
}

int endpoint_filters_forget_project(struct txn *t, const char *project_id, struct err *err)
{
    static const char *const all[] = { "DELETE FROM project_endpoints WHERE project_id = ?",
                                       "DELETE FROM project_endpoint_groups WHERE project_id = ?", NULL };

    return run_all(t, all, project_id, err);
}
