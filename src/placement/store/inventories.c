/* SPDX-License-Identifier: Apache-2.0 */
#include "placement/store/inventories.h"

int inventory_list(struct txn *t, struct arena *a, int64_t provider_id, struct inventories *ret,
                   struct err *err)
{
    struct rows rows;
    int r;

    r = sql_query(t, a, &rows, err,
                  "SELECT i.class_id, c.name, i.total, i.reserved, i.min_unit, i.max_unit, i.step_size, "
                  "i.allocation_ratio, i.modified_at FROM inventories i "
                  "JOIN resource_classes c ON c.id = i.class_id WHERE i.provider_id = ? ORDER BY i.class_id",
                  val_int(provider_id));
    if (r < 0)
        return r;
    ret->count = rows.count;
    ret->items = arena_array(a, struct inventory, rows.count + 1);
    for (size_t i = 0; i < rows.count; i++)
        ret->items[i] = (struct inventory){
            .class_id = rows_int(&rows, i, 0, 0),
            .class_name = rows_text(&rows, i, 1),
            .total = rows_int(&rows, i, 2, 0),
            .reserved = rows_int(&rows, i, 3, 0),
            .min_unit = rows_int(&rows, i, 4, 1),
            .max_unit = rows_int(&rows, i, 5, 1),
            .step_size = rows_int(&rows, i, 6, 1),
            .allocation_ratio = rows_double(&rows, i, 7, 1.0),
            .modified_at = rows_int(&rows, i, 8, 0),
        };
    return 0;
}

struct inventory *inventory_find(const struct inventories *l, int64_t class_id)
{
    for (size_t i = 0; i < l->count; i++)
        if (l->items[i].class_id == class_id)
            return &l->items[i];
    return NULL;
}

int inventory_insert(struct txn *t, int64_t provider_id, const struct inventory *i, struct err *err)
{
    return (int) sql_exec(t, err,
                          "INSERT INTO inventories (provider_id, class_id, total, reserved, min_unit, "
                          "max_unit, step_size, allocation_ratio, modified_at) "
                          "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                          val_int(provider_id), val_int(i->class_id), val_int(i->total), val_int(i->reserved),
                          val_int(i->min_unit), val_int(i->max_unit), val_int(i->step_size),
                          val_double(i->allocation_ratio), val_int(i->modified_at));
}

int inventory_update(struct txn *t, int64_t provider_id, const struct inventory *i, struct err *err)
{
    return (int) sql_exec(t, err,
                          "UPDATE inventories SET total = ?, reserved = ?, min_unit = ?, max_unit = ?, "
                          "step_size = ?, allocation_ratio = ?, modified_at = ? "
                          "WHERE provider_id = ? AND class_id = ?",
                          val_int(i->total), val_int(i->reserved), val_int(i->min_unit), val_int(i->max_unit),
                          val_int(i->step_size), val_double(i->allocation_ratio), val_int(i->modified_at),
                          val_int(provider_id), val_int(i->class_id));
}

int inventory_delete(struct txn *t, int64_t provider_id, int64_t class_id, struct err *err)
{
    return (int) sql_exec(t, err, "DELETE FROM inventories WHERE provider_id = ? AND class_id = ?",
                          val_int(provider_id), val_int(class_id));
}

int inventory_used(struct txn *t, int64_t provider_id, int64_t class_id, int64_t *ret, struct err *err)
{
    return sql_get_int(
        t, ret, err, "SELECT COALESCE(SUM(used), 0) FROM allocations WHERE provider_id = ? AND class_id = ?",
        val_int(provider_id), val_int(class_id));
}
