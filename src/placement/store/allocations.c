/* SPDX-License-Identifier: Apache-2.0 */
#include "placement/store/allocations.h"

#define SELECT                                                                                           \
    "SELECT a.consumer, c.generation, a.provider_id, p.uuid, p.generation, k.name, a.class_id, a.used, " \
    "a.created_at FROM allocations a JOIN resource_providers p ON p.id = a.provider_id "                 \
    "JOIN resource_classes k ON k.id = a.class_id JOIN consumers c ON c.uuid = a.consumer "

static int read_rows(struct arena *a, const struct rows *rows, struct allocations *ret)
{
    ret->count = rows->count;
    ret->items = arena_array(a, struct allocation, rows->count + 1);
    for (size_t i = 0; i < rows->count; i++)
        ret->items[i] = (struct allocation){
            .consumer = rows_text(rows, i, 0),
            .consumer_generation = rows_int(rows, i, 1, 0),
            .provider_id = rows_int(rows, i, 2, 0),
            .provider_uuid = rows_text(rows, i, 3),
            .provider_generation = rows_int(rows, i, 4, 0),
            .class_name = rows_text(rows, i, 5),
            .class_id = rows_int(rows, i, 6, 0),
            .used = rows_int(rows, i, 7, 0),
            .created_at = rows_int(rows, i, 8, 0),
        };
    return 0;
}

int allocation_list_of_consumer(struct txn *t, struct arena *a, const char *consumer, struct allocations *ret,
                                struct err *err)
{
    struct rows rows;
    int r;

    r = sql_query(t, a, &rows, err, SELECT "WHERE a.consumer = ? ORDER BY a.provider_id, a.class_id",
                  val_text(consumer));
    return r < 0 ? r : read_rows(a, &rows, ret);
}

int allocation_list_of_provider(struct txn *t, struct arena *a, int64_t provider_id, struct allocations *ret,
                                struct err *err)
{
    struct rows rows;
    int r;

    r = sql_query(t, a, &rows, err, SELECT "WHERE a.provider_id = ? ORDER BY a.consumer, a.class_id",
                  val_int(provider_id));
    return r < 0 ? r : read_rows(a, &rows, ret);
}

int allocation_insert(struct txn *t, const struct allocation *al, struct err *err)
{
    return (int) sql_exec(
        t, err,
        "INSERT INTO allocations (consumer, provider_id, class_id, used, created_at) VALUES (?, ?, ?, ?, ?)",
        val_text(al->consumer), val_int(al->provider_id), val_int(al->class_id), val_int(al->used),
        val_int(al->created_at));
}

int allocation_delete_of_consumer(struct txn *t, const char *consumer, struct err *err)
{
    return (int) sql_exec(t, err, "DELETE FROM allocations WHERE consumer = ?", val_text(consumer));
}

#define CONSUMER "SELECT uuid, project_id, user_id, type, generation FROM consumers WHERE uuid = ?"

int consumer_get(struct txn *t, struct arena *a, const char *uuid, bool lock, struct consumer *ret,
                 struct err *err)
{
    struct rows rows;
    int r;

    r = sql_query(t, a, &rows, err, lock ? CONSUMER "{lock}" : CONSUMER, val_text(uuid));
    if (r < 0)
        return r;
    if (!rows.count)
        return -ENOENT;
    *ret = (struct consumer){
        .uuid = rows_text(&rows, 0, 0),
        .project_id = rows_text(&rows, 0, 1),
        .user_id = rows_text(&rows, 0, 2),
        .type = rows_text(&rows, 0, 3),
        .generation = rows_int(&rows, 0, 4, 0),
    };
    return 0;
}

int consumer_insert(struct txn *t, const struct consumer *c, int64_t now_us, struct err *err)
{
    return (int) sql_exec(t, err,
                          "INSERT INTO consumers (uuid, project_id, user_id, type, generation, created_at) "
                          "VALUES (?, ?, ?, ?, ?, ?)",
                          val_text(c->uuid), val_text(c->project_id), val_text(c->user_id), val_text(c->type),
                          val_int(c->generation), val_int(now_us));
}

int consumer_update(struct txn *t, const struct consumer *c, int64_t now_us, struct err *err)
{
    return (int) sql_exec(t, err,
                          "UPDATE consumers SET project_id = ?, user_id = ?, type = ?, generation = ?, "
                          "updated_at = ? WHERE uuid = ?",
                          val_text(c->project_id), val_text(c->user_id), val_text(c->type),
                          val_int(c->generation), val_int(now_us), val_text(c->uuid));
}

int consumer_delete(struct txn *t, const char *uuid, struct err *err)
{
    return (int) sql_exec(t, err, "DELETE FROM consumers WHERE uuid = ?", val_text(uuid));
}

static int list_usage(struct txn *t, struct arena *a, const char *sql, const char *group,
                      const char *project_id, const char *user_id, struct usage **ret, size_t *ret_n,
                      struct err *err)
{
    const struct val vals[] = { val_text(project_id), val_text(user_id) };
    struct usage *all;
    struct rows rows;
    int r;

    sql = arena_printf(a, "%s WHERE c.project_id = ?%s GROUP BY %s ORDER BY %s", sql,
                       user_id ? " AND c.user_id = ?" : "", group, group);
    r = sql_query_v(t, a, &rows, err, sql, vals, user_id ? 2 : 1);
    if (r < 0)
        return r;
    all = arena_array(a, struct usage, rows.count + 1);
    for (size_t i = 0; i < rows.count; i++)
        all[i] = (struct usage){ .class_name = rows_text(&rows, i, 0),
                                 .type = rows_text(&rows, i, 1),
                                 .used = rows_int(&rows, i, 2, 0) };
    *ret = all;
    *ret_n = rows.count;
    return 0;
}

int usage_list(struct txn *t, struct arena *a, const char *project_id, const char *user_id,
               struct usage **ret, size_t *ret_n, struct err *err)
{
    return list_usage(t, a,
                      "SELECT k.name, c.type, SUM(a.used) FROM allocations a "
                      "JOIN consumers c ON c.uuid = a.consumer JOIN resource_classes k ON k.id = a.class_id",
                      "c.type, k.name", project_id, user_id, ret, ret_n, err);
}

int usage_count_consumers(struct txn *t, struct arena *a, const char *project_id, const char *user_id,
                          struct usage **ret, size_t *ret_n, struct err *err)
{
    return list_usage(t, a,
                      "SELECT NULL, c.type, COUNT(DISTINCT a.consumer) FROM allocations a "
                      "JOIN consumers c ON c.uuid = a.consumer",
                      "c.type", project_id, user_id, ret, ret_n, err);
}
