/* SPDX-License-Identifier: Apache-2.0 */
#include "image/model/status.h"

#include "base/str.h"
#include "image/model/check.h"
#include "image/store/images.h"

/* clang-format off */
static const struct { const char *from, *to; } ways[] = {
    { "queued",      "saving" },      { "queued",    "uploading" }, { "queued",    "importing" },
    { "saving",      "active" },      { "saving",    "queued" },
    { "uploading",   "importing" },   { "uploading", "queued" },
    { "importing",   "active" },      { "importing", "queued" },
    { "active",      "deactivated" }, { "deactivated", "active" },
};
/* clang-format on */

int status_check(const struct image *i, const char *to, struct err *err)
{
    bool found = false;

    for (size_t k = 0; k < ARRAY_SIZE(ways); k++)
        found = found || (str_eq(ways[k].from, i->status) && str_eq(ways[k].to, to));
    if (!found)
        return err_http(err, 409, NULL, "Image status transition from %s to %s is not allowed", i->status,
                        to);
    return str_eq(to, "saving") || str_eq(to, "importing") ? check_ready_for_data(i, err) : 0;
}

/* A change of status, to be run again when the database says so. */
struct move {
    struct arena *a;
    struct image now;
    const char *from;
};

static int move_row(struct txn *t, void *ctx, struct err *err)
{
    struct move *m = ctx;

    return image_change_status(t, m->a, &m->now, m->from, err);
}

int status_move(struct server *s, struct arena *a, struct image *i, const char *to, struct err *err)
{
    struct move m = { a, *i, i->status };
    int r;

    m.now.status = to;
    m.now.updated_at = server_now_us(s);
    if (str_eq(to, "queued")) {
        m.now.size = m.now.virtual_size = FIELD_NULL_INT;
        m.now.checksum = m.now.os_hash_algo = m.now.os_hash_value = NULL;
    }
    r = txn_run(s->db, move_row, &m, err);
    if (r >= 0)
        *i = m.now;
    return r;
}

/* --- after a start ------------------------------------------------------------------ */

struct recovery {
    struct server *s;
    struct arena a;
    struct hash data, staged; /* Ids whose bytes are wanted. */
    const char **uploading;
};

static int load_wanted(struct txn *t, void *ctx, struct err *err)
{
    struct recovery *v = ctx;
    struct rows rows;
    int r;

    v->uploading = NULL;
    r = image_requeue_unfinished(t, err);

    if (r >= 0)
        r = image_ids_with_data(t, &v->a, &rows, err);
    if (r < 0)
        return r;
    for (size_t i = 0; i < rows.count; i++) {
        const char *id = rows_text(&rows, i, 0), *status = rows_text(&rows, i, 1);
        bool uploading = str_eq(status, "uploading"), importing = str_eq(status, "importing");

        if (uploading)
            v->uploading = strv_add(&v->a, v->uploading, id);
        if (uploading || importing)
            hash_put(&v->staged, id, v);
        if (!uploading) /* An import goes on, wherever its data lies by now. */
            hash_put(&v->data, id, v);
    }
    return 0;
}

static bool is_wanted(void *ctx, enum image_area area, const char *id)
{
    struct recovery *v = ctx;

    return hash_get(area == IMAGE_DATA ? &v->data : &v->staged, id) != NULL;
}

/* An image whose staging did not come to its end is queued again. */
static int requeue_unstaged(struct recovery *v, struct err *err)
{
    const struct image_state *st = v->s->state;

    strv_foreach (id, v->uploading) {
        struct image i = { .id = *id, .status = "uploading" };
        uint64_t size;
        int fd, r = st->driver->read(st->store, IMAGE_STAGING, *id, &fd, &size, NULL);

        if (r >= 0)
            close(fd);
        else
            r = status_move(v->s, &v->a, &i, "queued", err);
        if (r < 0)
            return r;
    }
    return 0;
}

int status_recover(struct server *s, struct err *err)
{
    const struct image_state *st = s->state;
    struct recovery v = { .s = s };
    int r;

    arena_init(&v.a);
    hash_init(&v.data);
    hash_init(&v.staged);
    r = txn_run(s->db, load_wanted, &v, err);
    if (r >= 0)
        r = st->driver->recover(st->store, is_wanted, &v, err);
    if (r >= 0)
        r = requeue_unstaged(&v, err);
    hash_done(&v.data);
    hash_done(&v.staged);
    arena_done(&v.a);
    return r;
}
