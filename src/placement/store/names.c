/* SPDX-License-Identifier: Apache-2.0 */
#include "placement/store/names.h"

#include "base/str.h"

static int compare(const void *x, const void *y)
{
    const struct name *const *a = x, *const *b = y;

    return strcmp((*a)->name, (*b)->name);
}

static void read_row(const struct rows *rows, size_t i, struct name *n)
{
    n->id = rows_int(rows, i, 0, 0);
    n->name = rows_text(rows, i, 1);
    n->created_at = rows_int(rows, i, 2, 0);
    n->updated_at = rows_int(rows, i, 3, 0);
}

int names_load(struct txn *t, struct arena *a, const char *table, struct names *ret, struct err *err)
{
    const char *sql = arena_printf(a, "SELECT id, name, created_at, updated_at FROM %s ORDER BY id", table);
    struct names n = { 0 };
    struct rows rows;
    int r;

    r = sql_query(t, a, &rows, err, sql);
    if (r < 0)
        return r;
    n.count = rows.count;
    n.items = arena_array(a, struct name, rows.count + 1);
    n.by_name = arena_array(a, struct name *, rows.count + 1);
    for (size_t i = 0; i < rows.count; i++) {
        read_row(&rows, i, &n.items[i]);
        n.by_name[i] = &n.items[i];
    }
    qsort(n.by_name, n.count, sizeof(*n.by_name), compare);
    *ret = n;
    return 0;
}

const struct name *names_find(const struct names *n, const char *name)
{
    size_t low = 0, high = n->count;

    while (low < high) {
        size_t mid = low + (high - low) / 2;
        int c = strcmp(n->by_name[mid]->name, name);

        if (c == 0)
            return n->by_name[mid];
        if (c < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return NULL;
}

const struct name *names_at(const struct names *n, int64_t id)
{
    size_t low = 0, high = n->count;

    while (low < high) {
        size_t mid = low + (high - low) / 2;

        if (n->items[mid].id == id)
            return &n->items[mid];
        if (n->items[mid].id < id)
            low = mid + 1;
        else
            high = mid;
    }
    return NULL;
}

int name_get(struct txn *t, struct arena *a, const char *table, const char *name, struct name *ret,
             struct err *err)
{
    const char *sql =
        arena_printf(a, "SELECT id, name, created_at, updated_at FROM %s WHERE name = ?", table);
    struct rows rows;
    int r;

    r = sql_query(t, a, &rows, err, sql, val_text(name));
    if (r < 0)
        return r;
    if (!rows.count)
        return -ENOENT;
    read_row(&rows, 0, ret);
    return 0;
}

int name_insert(struct txn *t, struct arena *a, const char *table, const char *name, int64_t now_us,
                struct err *err)
{
    const char *sql = arena_printf(a, "INSERT INTO %s (name, created_at) VALUES (?, ?)", table);

    return (int) sql_exec(t, err, sql, val_text(name), val_int(now_us));
}

int name_rename(struct txn *t, struct arena *a, const char *table, int64_t id, const char *name,
                int64_t now_us, struct err *err)
{
    const char *sql = arena_printf(a, "UPDATE %s SET name = ?, updated_at = ? WHERE id = ?", table);

    return (int) sql_exec(t, err, sql, val_text(name), val_int(now_us), val_int(id));
}

int name_delete(struct txn *t, struct arena *a, const char *table, int64_t id, struct err *err)
{
    return (int) sql_exec(t, err, arena_printf(a, "DELETE FROM %s WHERE id = ?", table), val_int(id));
}

int names_sync(struct txn *t, struct arena *a, const char *table, const char *const *standard, int64_t now_us,
               struct err *err)
{
    struct names have;
    int r;

    r = names_load(t, a, table, &have, err);
    for (; r >= 0 && *standard; standard++) {
        if (names_find(&have, *standard))
            continue;
        r = name_insert(t, a, table, *standard, now_us, err);
        if (r == -EEXIST)
            r = 0; /* Another process of ours was faster. */
    }
    return r < 0 ? r : 0;
}

static int any_row(struct txn *t, const char *sql, int64_t id, bool *ret, struct err *err)
{
    int64_t n = 0;
    int r;

    r = sql_get_int(t, &n, err, sql, val_int(id));
    if (r >= 0)
        *ret = n > 0;
    return r;
}

int trait_in_use(struct txn *t, int64_t id, bool *ret, struct err *err)
{
    return any_row(t, "SELECT COUNT(*) FROM provider_traits WHERE trait_id = ?", id, ret, err);
}

int class_in_use(struct txn *t, int64_t id, bool *ret, struct err *err)
{
    return any_row(t, "SELECT COUNT(*) FROM inventories WHERE class_id = ?", id, ret, err);
}

int traits_associated(struct txn *t, struct arena *a, int64_t **ret, struct err *err)
{
    struct rows rows;
    int64_t *ids;
    int r;

    r = sql_query(t, a, &rows, err, "SELECT DISTINCT trait_id FROM provider_traits");
    if (r < 0)
        return r;
    ids = arena_array(a, int64_t, rows.count + 1);
    for (size_t i = 0; i < rows.count; i++)
        ids[i] = rows_int(&rows, i, 0, 0);
    *ret = ids;
    return 0;
}
