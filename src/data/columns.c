/* SPDX-License-Identifier: Apache-2.0 */
/* What the database itself says of a table's columns: whether NULL may be in
 * them and whether case counts.  Asked once a table and kept. */
#include <string.h>

#include "base/str.h"
#include "data/driver.h"

void db_columns_forget(struct db *d)
{
    pthread_mutex_lock(&d->lock);
    hash_foreach (it, &d->columns)
        free((char *) it->key);
    hash_clear(&d->columns);
    pthread_mutex_unlock(&d->lock);
}

static unsigned column_known(struct db *d, const char *name)
{
    unsigned flags;

    pthread_mutex_lock(&d->lock);
    flags = (unsigned) (uintptr_t) hash_get(&d->columns, name);
    pthread_mutex_unlock(&d->lock);
    return flags;
}

static void remember_column(struct db *d, const char *name, unsigned flags)
{
    char *key;

    pthread_mutex_lock(&d->lock);
    if (!hash_get(&d->columns, name) && (key = strdup(name)))
        hash_put(&d->columns, key, (void *) (uintptr_t) flags);
    pthread_mutex_unlock(&d->lock);
}

int db_column(struct txn *t, struct arena *a, const char *table, const char *column, unsigned *ret,
              struct err *err)
{
    const char *name = arena_printf(a, "%s.%s", table, column);
    unsigned found = 0, flags = column_known(t->db, name);
    struct rows rows;
    int r;

    if (flags) {
        *ret = flags;
        return 0;
    }
    r = sql_query(t, a, &rows, err, t->db->driver->columns_sql, val_text(table));
    if (r < 0)
        return r;
    for (size_t i = 0; i < rows.count; i++) {
        const char *c = rows_text(&rows, i, 0);

        flags = COLUMN_KNOWN | (rows_int(&rows, i, 1, 0) ? COLUMN_NOT_NULL : 0) |
                (rows_int(&rows, i, 2, 0) ? COLUMN_CI : 0);
        if (str_eq(c, column))
            found = flags;
        remember_column(t->db, arena_printf(a, "%s.%s", table, c), flags);
    }
    *ret = found;
    return 0;
}
