/* SPDX-License-Identifier: Apache-2.0 */
#include "network/store/rows.h"

#include "base/str.h"
#include "base/strbuf.h"

#define CHUNK 500 /* Values in one statement; all back ends take many more. */

const char *sql_marks(struct arena *a, size_t n)
{
    struct strbuf b;

    strbuf_init(&b, a);
    for (size_t i = 0; i < n; i++)
        strbuf_puts(&b, i ? ", ?" : "?");
    return strbuf_str(&b);
}

int rows_for_ids(struct net_ctx *c, const char *head, const char *const *ids, size_t n, const char *tail,
                 void (*each)(void *ctx, const struct rows *r, size_t row), void *ctx, struct err *err)
{
    for (size_t from = 0; from < n; from += CHUNK) {
        size_t count = n - from < CHUNK ? n - from : CHUNK;
        struct val *v = arena_array(c->a, struct val, count);
        struct rows rows;
        int r;

        for (size_t i = 0; i < count; i++)
            v[i] = val_text(ids[from + i]);
        r = sql_query_v(c->t, c->a, &rows, err,
                        arena_printf(c->a, "%s (%s)%s", head, sql_marks(c->a, count), tail), v, count);
        if (r < 0)
            return r;
        for (size_t i = 0; i < rows.count; i++)
            each(ctx, &rows, i);
    }
    return 0;
}

const char **list_ids(struct arena *a, const struct list *l, size_t offset)
{
    const char **ids = arena_array(a, const char *, l->count + 1);
    struct hash seen;
    size_t n = 0;

    hash_init(&seen);
    for (size_t i = 0; i < l->count; i++) {
        const char *id = *(const char **) ((char *) list_at(l, i) + offset);

        if (!id || hash_put(&seen, id, (void *) 1))
            continue;
        ids[n++] = id;
    }
    hash_done(&seen);
    return ids;
}

int sql_texts(struct net_ctx *c, const char ***ret, struct err *err, const char *sql, const struct val *v,
              size_t n)
{
    struct rows rows;
    const char **all;
    size_t count = 0;
    int r;

    r = sql_query_v(c->t, c->a, &rows, err, sql, v, n);
    if (r < 0)
        return r;
    all = arena_array(c->a, const char *, rows.count + 1);
    for (size_t i = 0; i < rows.count; i++)
        if (rows_text(&rows, i, 0))
            all[count++] = rows_text(&rows, i, 0);
    *ret = all;
    return 0;
}

const char **row_stamped(struct arena *a, const char *const *only)
{
    const char **all = NULL;

    strv_foreach (name, only)
        all = strv_add(a, all, *name);
    all = strv_add(a, all, "revision_number");
    return strv_add(a, all, "updated_at");
}
