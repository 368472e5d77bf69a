/* SPDX-License-Identifier: Apache-2.0 */
#include "image/store/images.h"

#include <stdlib.h>

#include "base/str.h"

static const struct column columns[] = {
    COLUMN(FIELD_STRING, image, id),
    COLUMN(FIELD_STRING, image, name),
    COLUMN(FIELD_STRING, image, status),
    COLUMN(FIELD_STRING, image, visibility),
    COLUMN(FIELD_STRING, image, owner),
    COLUMN(FIELD_BOOL, image, is_protected),
    COLUMN(FIELD_BOOL, image, os_hidden),
    COLUMN(FIELD_STRING, image, checksum),
    COLUMN(FIELD_STRING, image, os_hash_algo),
    COLUMN(FIELD_STRING, image, os_hash_value),
    COLUMN(FIELD_INT, image, size),
    COLUMN(FIELD_INT, image, virtual_size),
    COLUMN(FIELD_STRING, image, container_format),
    COLUMN(FIELD_STRING, image, disk_format),
    COLUMN(FIELD_INT, image, min_disk),
    COLUMN(FIELD_INT, image, min_ram),
    COLUMN(FIELD_TIME, image, created_at),
    COLUMN(FIELD_TIME, image, updated_at),
    { 0 },
};

const struct table image_table = { "images", "id", sizeof(struct image), columns };

/* Rows "image_id, …" of 'table' for all images of the list, in the order of 'order'. */
static int rows_of(struct txn *t, struct arena *a, const struct list *l, const char *what, const char *order,
                   struct rows *ret, struct err *err)
{
    struct val *ids = arena_array(a, struct val, l->count);
    struct strbuf sql;

    strbuf_init(&sql, a);
    strbuf_printf(&sql, "SELECT %s WHERE image_id IN (", what);
    for (size_t i = 0; i < l->count; i++) {
        strbuf_puts(&sql, i ? ", ?" : "?");
        ids[i] = val_text(((const struct image *) list_at(l, i))->id);
    }
    strbuf_printf(&sql, ") ORDER BY image_id, %s", order);
    return sql_query_v(t, a, ret, err, strbuf_str(&sql), ids, l->count);
}

/* Calls 'take' for each run of rows with the same image. */
static void each_image(struct arena *a, const struct rows *rows, const struct hash *images,
                       void (*take)(struct arena *a, const struct rows *rows, size_t from, size_t to,
                                    struct image *i))
{
    for (size_t from = 0, to; from < rows->count; from = to) {
        const char *id = rows_text(rows, from, 0);

        for (to = from + 1; to < rows->count && str_eq(rows_text(rows, to, 0), id);)
            to++;
        take(a, rows, from, to, hash_get(images, id));
    }
}

static void take_properties(struct arena *a, const struct rows *rows, size_t from, size_t to, struct image *i)
{
    i->properties = arena_array(a, struct image_property, to - from + 1);
    for (size_t k = from; k < to; k++)
        i->properties[k - from] = (struct image_property){ rows_text(rows, k, 1), rows_text(rows, k, 2) };
}

static void take_tags(struct arena *a, const struct rows *rows, size_t from, size_t to, struct image *i)
{
    i->tags = arena_array(a, const char *, to - from + 1);
    for (size_t k = from; k < to; k++)
        i->tags[k - from] = rows_text(rows, k, 1);
}

int image_expand(struct txn *t, struct arena *a, struct list *l, struct err *err)
{
    struct rows properties, tags;
    struct hash images;
    int r;

    if (!l->count)
        return 0;
    r = rows_of(t, a, l, "image_id, name, value FROM image_properties", "name", &properties, err);
    if (r >= 0)
        r = rows_of(t, a, l, "image_id, value FROM image_tags", "value", &tags, err);
    if (r < 0)
        return r;
    hash_init(&images);
    for (size_t i = 0; i < l->count; i++)
        hash_put(&images, ((struct image *) list_at(l, i))->id, list_at(l, i));
    each_image(a, &properties, &images, take_properties);
    each_image(a, &tags, &images, take_tags);
    hash_done(&images);
    return 0;
}

int image_write_properties(struct txn *t, const struct image *i, struct err *err)
{
    int64_t r = sql_exec(t, err, "DELETE FROM image_properties WHERE image_id = ?", val_text(i->id));

    for (const struct image_property *p = i->properties; r >= 0 && p && p->name; p++)
        r = sql_exec(t, err, "INSERT INTO image_properties (image_id, name, value) VALUES (?, ?, ?)",
                     val_text(i->id), val_text(p->name), val_text(p->value));
    return r < 0 ? (int) r : 0;
}

int image_write_tags(struct txn *t, const struct image *i, struct err *err)
{
    int64_t r = sql_exec(t, err, "DELETE FROM image_tags WHERE image_id = ?", val_text(i->id));

    for (const char **tag = i->tags; r >= 0 && tag && *tag; tag++)
        r = sql_exec(t, err, "INSERT INTO image_tags (image_id, value) VALUES (?, ?)", val_text(i->id),
                     val_text(*tag));
    return r < 0 ? (int) r : 0;
}

static struct val int_or_null(int64_t i)
{
    return i == FIELD_NULL_INT ? val_null() : val_int(i);
}

int image_change_status(struct txn *t, struct arena *a, const struct image *i, const char *from,
                        struct err *err)
{
    int64_t r = sql_exec(t, err,
                         "UPDATE images SET status = ?, size = ?, virtual_size = ?, checksum = ?, "
                         "os_hash_algo = ?, os_hash_value = ?, updated_at = ? WHERE id = ? AND status = ?",
                         val_text(i->status), int_or_null(i->size), int_or_null(i->virtual_size),
                         val_text(i->checksum), val_text(i->os_hash_algo), val_text(i->os_hash_value),
                         val_int(i->updated_at), val_text(i->id), val_text(from));

    if (r == 0)
        return err_set(err, -ESTALE, "Image %s is no longer %s.", i->id, from);
    return r < 0 ? (int) r : 0;
}

int image_forget(struct txn *t, const char *id, int64_t now_us, struct err *err)
{
    static const char *const statements[] = {
        "DELETE FROM image_properties WHERE image_id = ?",
        "DELETE FROM image_tags WHERE image_id = ?",
        "DELETE FROM image_members WHERE image_id = ?",
        "DELETE FROM image_tasks WHERE image_id = ?",
        "DELETE FROM images WHERE id = ?",
    };
    int64_t r = 0;

    for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(statements); i++)
        r = sql_exec(t, err, statements[i], val_text(id));
    if (r >= 0)
        r = sql_exec(t, err, "INSERT INTO deleted_images (id, deleted_at) VALUES (?, ?)", val_text(id),
                     val_int(now_us));
    return r < 0 ? (int) r : 0;
}

int image_was_deleted(struct txn *t, const char *id, bool *ret, struct err *err)
{
    int64_t n;
    int r = sql_get_int(t, &n, err, "SELECT COUNT(*) FROM deleted_images WHERE id = ?", val_text(id));

    if (r >= 0)
        *ret = n > 0;
    return r;
}

int image_requeue_unfinished(struct txn *t, struct err *err)
{
    int64_t r = sql_exec(t, err, "UPDATE images SET status = 'queued', size = NULL WHERE status = 'saving'");

    return r < 0 ? (int) r : 0;
}

int image_ids_with_data(struct txn *t, struct arena *a, struct rows *ret, struct err *err)
{
    return sql_query(t, a, ret, err, "SELECT id, status FROM images WHERE status <> 'queued'");
}
