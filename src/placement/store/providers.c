/* SPDX-License-Identifier: Apache-2.0 */
#include "placement/store/providers.h"

#define SELECT                                                                                          \
    "SELECT p.id, p.uuid, p.name, p.generation, p.parent_id, p.root_id, q.uuid, r.uuid, p.created_at, " \
    "p.updated_at FROM resource_providers p LEFT JOIN resource_providers q ON q.id = p.parent_id "      \
    "LEFT JOIN resource_providers r ON r.id = p.root_id "

static void read_row(const struct rows *rows, size_t i, struct provider *p)
{
    *p = (struct provider){
        .id = rows_int(rows, i, 0, 0),
        .uuid = rows_text(rows, i, 1),
        .name = rows_text(rows, i, 2),
        .generation = rows_int(rows, i, 3, 0),
        .parent_id = rows_int(rows, i, 4, 0),
        .root_id = rows_int(rows, i, 5, 0),
        .parent_uuid = rows_text(rows, i, 6),
        .root_uuid = rows_text(rows, i, 7),
        .created_at = rows_int(rows, i, 8, 0),
        .updated_at = rows_int(rows, i, 9, 0),
    };
}

int provider_get(struct txn *t, struct arena *a, const char *uuid, struct provider *ret, struct err *err)
{
    struct rows rows;
    int r;

    r = sql_query(t, a, &rows, err, SELECT "WHERE p.uuid = ?", val_text(uuid));
    if (r < 0)
        return r;
    if (!rows.count)
        return -ENOENT;
    read_row(&rows, 0, ret);
    return 0;
}

int provider_lock(struct txn *t, struct arena *a, const char *uuid, struct provider *ret, struct err *err)
{
    struct rows rows;
    int r;

    /* Apart from the joins: rows of the outer side cannot be locked. */
    r = sql_query(t, a, &rows, err, "SELECT id FROM resource_providers WHERE uuid = ?{lock}", val_text(uuid));
    return r < 0 ? r : provider_get(t, a, uuid, ret, err);
}

int provider_list(struct txn *t, struct arena *a, const char *uuid, const char *name, int64_t root_id,
                  struct providers *ret, struct err *err)
{
    struct val vals[3];
    struct rows rows;
    const char *sql;
    size_t n = 0;
    int r;

    if (uuid)
        vals[n++] = val_text(uuid);
    if (name)
        vals[n++] = val_text(name);
    if (root_id)
        vals[n++] = val_int(root_id);
    sql = arena_printf(a, SELECT "WHERE 1 = 1%s%s%s ORDER BY p.id", uuid ? " AND p.uuid = ?" : "",
                       name ? " AND p.name = ?" : "", root_id ? " AND p.root_id = ?" : "");
    r = sql_query_v(t, a, &rows, err, sql, vals, n);
    if (r < 0)
        return r;
    ret->count = rows.count;
    ret->items = arena_array(a, struct provider, rows.count + 1);
    for (size_t i = 0; i < rows.count; i++)
        read_row(&rows, i, &ret->items[i]);
    return 0;
}

static struct val id_or_null(int64_t id)
{
    return id ? val_int(id) : val_null();
}

int provider_insert(struct txn *t, struct arena *a, struct provider *p, struct err *err)
{
    struct rows rows;
    int r;

    r = sql_query(t, a, &rows, err,
                  "INSERT INTO resource_providers (uuid, name, generation, parent_id, root_id, created_at) "
                  "VALUES (?, ?, 0, ?, ?, ?) RETURNING id",
                  val_text(p->uuid), val_text(p->name), id_or_null(p->parent_id), id_or_null(p->root_id),
                  val_int(p->created_at));
    if (r < 0)
        return r;
    p->id = rows_int(&rows, 0, 0, 0);
    if (p->root_id)
        return 0;
    p->root_id = p->id;
    return (int) sql_exec(t, err, "UPDATE resource_providers SET root_id = ? WHERE id = ?", val_int(p->id),
                          val_int(p->id));
}

/* The root of everything below 'id'. */
static int move_children(struct txn *t, struct arena *a, int64_t id, int64_t root_id, struct err *err)
{
    struct rows rows;
    int64_t r;

    r = sql_query(t, a, &rows, err, "SELECT id FROM resource_providers WHERE parent_id = ?", val_int(id));
    for (size_t i = 0; r >= 0 && i < rows.count; i++) {
        int64_t child = rows_int(&rows, i, 0, 0);

        r = sql_exec(t, err, "UPDATE resource_providers SET root_id = ? WHERE id = ?", val_int(root_id),
                     val_int(child));
        if (r >= 0)
            r = move_children(t, a, child, root_id, err);
    }
    return r < 0 ? (int) r : 0;
}

int provider_update(struct txn *t, struct arena *a, const struct provider *p, struct err *err)
{
    int64_t r;

    r = sql_exec(
        t, err,
        "UPDATE resource_providers SET name = ?, parent_id = ?, root_id = ?, updated_at = ? WHERE id = ?",
        val_text(p->name), id_or_null(p->parent_id), val_int(p->root_id), val_int(p->updated_at),
        val_int(p->id));
    return r < 0 ? (int) r : move_children(t, a, p->id, p->root_id, err);
}

int provider_delete(struct txn *t, int64_t id, struct err *err)
{
    static const char *const sql[] = {
        "DELETE FROM inventories WHERE provider_id = ?",
        "DELETE FROM provider_traits WHERE provider_id = ?",
        "DELETE FROM provider_aggregates WHERE provider_id = ?",
        "DELETE FROM resource_providers WHERE id = ?",
    };
    int64_t r = 0;

    for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(sql); i++)
        r = sql_exec(t, err, sql[i], val_int(id));
    return r < 0 ? (int) r : 0;
}

int provider_count_children(struct txn *t, int64_t id, int64_t *ret, struct err *err)
{
    return sql_get_int(t, ret, err, "SELECT COUNT(*) FROM resource_providers WHERE parent_id = ?",
                       val_int(id));
}

int provider_count_allocations(struct txn *t, int64_t id, int64_t *ret, struct err *err)
{
    return sql_get_int(t, ret, err, "SELECT COUNT(*) FROM allocations WHERE provider_id = ?", val_int(id));
}

int provider_touch(struct txn *t, struct provider *p, int64_t now_us, struct err *err)
{
    int64_t r;

    r = sql_exec(t, err,
                 "UPDATE resource_providers SET generation = generation + 1, updated_at = ? "
                 "WHERE id = ? AND generation = ?",
                 val_int(now_us), val_int(p->id), val_int(p->generation));
    if (r == 0)
        return err_http(err, 409, PLACEMENT_CONCURRENT,
                        "Another thread concurrently updated the resource provider data. Please retry your "
                        "update");
    if (r < 0)
        return (int) r;
    p->generation++;
    p->updated_at = now_us;
    return 0;
}

int provider_set_traits(struct txn *t, int64_t id, const int64_t *trait_ids, size_t n, struct err *err)
{
    int64_t r;

    r = sql_exec(t, err, "DELETE FROM provider_traits WHERE provider_id = ?", val_int(id));
    for (size_t i = 0; r >= 0 && i < n; i++)
        r = sql_exec(t, err, "INSERT INTO provider_traits (provider_id, trait_id) VALUES (?, ?)", val_int(id),
                     val_int(trait_ids[i]));
    return r < 0 ? (int) r : 0;
}

int provider_traits(struct txn *t, struct arena *a, int64_t id, int64_t **ret, size_t *ret_n, struct err *err)
{
    struct rows rows;
    int64_t *ids;
    int r;

    r = sql_query(t, a, &rows, err,
                  "SELECT trait_id FROM provider_traits WHERE provider_id = ? ORDER BY trait_id",
                  val_int(id));
    if (r < 0)
        return r;
    ids = arena_array(a, int64_t, rows.count + 1);
    for (size_t i = 0; i < rows.count; i++)
        ids[i] = rows_int(&rows, i, 0, 0);
    *ret = ids;
    *ret_n = rows.count;
    return 0;
}

int provider_set_aggregates(struct txn *t, int64_t id, const char *const *uuids, struct err *err)
{
    int64_t r;

    r = sql_exec(t, err, "DELETE FROM provider_aggregates WHERE provider_id = ?", val_int(id));
    for (; r >= 0 && uuids && *uuids; uuids++)
        r = sql_exec(t, err, "INSERT INTO provider_aggregates (provider_id, aggregate_uuid) VALUES (?, ?)",
                     val_int(id), val_text(*uuids));
    return r < 0 ? (int) r : 0;
}

int provider_aggregates(struct txn *t, struct arena *a, int64_t id, const char ***ret, struct err *err)
{
    const char **uuids;
    struct rows rows;
    int r;

    r = sql_query(
        t, a, &rows, err,
        "SELECT aggregate_uuid FROM provider_aggregates WHERE provider_id = ? ORDER BY aggregate_uuid",
        val_int(id));
    if (r < 0)
        return r;
    uuids = arena_array(a, const char *, rows.count + 1);
    for (size_t i = 0; i < rows.count; i++)
        uuids[i] = rows_text(&rows, i, 0);
    *ret = uuids;
    return 0;
}
