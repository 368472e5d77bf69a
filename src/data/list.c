/* SPDX-License-Identifier: Apache-2.0 */
/* Pages of a table: order, marker, limit. */
#include <errno.h>
#include <string.h>

#include "base/str.h"
#include "data/select.h"

/* A column of the order, as it is read for this page. */
struct order {
    const char *column;
    bool descending; /* Already turned round for a page before the marker. */
    bool nullable;
};

static int add_order(struct select *s, struct order *o, const char *column, bool descending, struct err *err)
{
    unsigned flags;
    int r = select_column_flags(s, column, &flags, err);

    if (r < 0)
        return r;
    if (flags == 0 && !strchr(column, '.'))
        return err_set(err, -EINVAL, "'%s' cannot be sorted by '%s'.", s->table->name, column);
    *o = (struct order){ column, descending, !(flags & COLUMN_NOT_NULL) };
    return 0;
}

/* The order of the page: the query's, then the key in the direction of the
 * last, so that an index can be walked in one direction. */
static int make_order(struct select *s, const struct query *q, struct order **ret, struct err *err)
{
    struct order *o = arena_array(s->arena, struct order, q->n_sort + 1);
    bool descending = q->reverse;
    size_t n = 0;
    int r = 0;

    for (size_t i = 0; i < q->n_sort && r >= 0; i++) {
        descending = q->sort[i].descending != q->reverse;
        if (str_eq(q->sort[i].column, s->table->key))
            break; /* What follows cannot matter. */
        r = add_order(s, &o[n++], q->sort[i].column, descending, err);
    }
    if (r >= 0) {
        o[n++] = (struct order){ s->table->key, descending, false };
        *ret = o;
    }
    return r < 0 ? r : (int) n;
}

static void add_order_by(struct select *s, const struct order *o, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        select_puts(s, i == 0 ? " ORDER BY " : ", ");
        select_column(s, o[i].column);
        select_puts(s, o[i].descending ? " DESC" : "");
        if (o[i].nullable)
            select_puts(s, s->txn->db->driver->null_first[o[i].descending]);
    }
}

/* The columns of the order in the row at the marker. */
static int read_marker(struct select *page, const struct query *q, const struct order *o, size_t n,
                       const struct val **ret, struct err *err)
{
    struct select s;
    struct rows rows;
    int r;

    select_init(&s, page->txn, page->arena, page->table, page->from);
    select_puts(&s, "SELECT ");
    for (size_t i = 0; i < n; i++) {
        select_puts(&s, i == 0 ? "" : ", ");
        select_column(&s, o[i].column);
    }
    select_from(&s);
    select_puts(&s, " WHERE ");
    r = select_key(&s, q->marker, err);
    if (r >= 0)
        select_puts(&s, " LIMIT 1");
    if (r >= 0)
        r = select_run(&s, &rows, err);
    if (r >= 0 && rows.count == 0)
        r = -ENOENT;
    if (r == -ENOENT)
        return err_set(err, -ENOENT, "The marker '%s' was not found.", q->marker);
    if (r >= 0)
        *ret = rows.cells;
    return r;
}

/* NULL is lower than every value.  False when no row can be beyond. */
static bool has_beyond(const struct order *o, const struct val *v)
{
    return !(o->descending && v->kind == VAL_NULL);
}

static void add_beyond(struct select *s, const struct order *o, const struct val *v)
{
    bool or_null = o->descending && o->nullable;

    select_puts(s, or_null ? "(" : "");
    select_column(s, o->column);
    if (v->kind == VAL_NULL) {
        select_puts(s, " IS NOT NULL");
    } else {
        select_puts(s, o->descending ? " < " : " > ");
        select_value(s, *v);
    }
    if (or_null) {
        select_puts(s, " OR ");
        select_column(s, o->column);
        select_puts(s, " IS NULL)");
    }
}

static void add_same(struct select *s, const struct order *o, const struct val *v)
{
    select_column(s, o->column);
    if (v->kind == VAL_NULL) {
        select_puts(s, " IS NULL");
        return;
    }
    select_puts(s, " = ");
    select_value(s, *v);
}

/* (a, b) > (?, ?) is enough when no NULL and no change of direction is there. */
static bool is_plain(const struct select *s, const struct order *o, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (o[i].nullable || o[i].descending != o[0].descending)
            return false;
    return n > 1 && s->txn->db->driver->row_values;
}

static void add_row_after(struct select *s, const struct order *o, size_t n, const struct val *v)
{
    for (size_t i = 0; i < n; i++) {
        select_puts(s, i == 0 ? "(" : ", ");
        select_column(s, o[i].column);
    }
    select_puts(s, o[0].descending ? ") < " : ") > ");
    for (size_t i = 0; i < n; i++) {
        select_puts(s, i == 0 ? "(" : ", ");
        select_value(s, v[i]);
    }
    select_puts(s, ")");
}

/* a > ? OR (a = ? AND b > ?) OR …; "a >= ?" before it lets the database begin
 * at the right place of an index. */
static void add_any_after(struct select *s, const struct order *o, size_t n, const struct val *v)
{
    bool any = false;

    if (n > 1 && v[0].kind != VAL_NULL && !(o[0].nullable && o[0].descending)) {
        select_column(s, o[0].column);
        select_puts(s, o[0].descending ? " <= " : " >= ");
        select_value(s, v[0]);
        select_puts(s, " AND ");
    }
    select_puts(s, "(");
    for (size_t i = 0; i < n; i++) {
        if (!has_beyond(&o[i], &v[i]))
            continue;
        select_puts(s, any ? " OR (" : "(");
        any = true;
        for (size_t k = 0; k < i; k++) {
            add_same(s, &o[k], &v[k]);
            select_puts(s, " AND ");
        }
        add_beyond(s, &o[i], &v[i]);
        select_puts(s, ")");
    }
    select_puts(s, ")"); /* The key is never NULL, so there is one term at least. */
}

static void add_limit(struct select *s, const struct query *q)
{
    if (q->limit == 0 && q->offset == 0)
        return;
    select_puts(s, " LIMIT ");
    select_value(s, val_int(q->limit > 0 && q->limit < INT64_MAX ? (int64_t) q->limit + 1 : INT64_MAX));
    if (q->offset > 0) {
        select_puts(s, " OFFSET ");
        select_value(s, val_int(q->offset < INT64_MAX ? (int64_t) q->offset : INT64_MAX));
    }
}

static int make_list(struct select *s, const struct query *q, const struct rows *rows, struct list *ret,
                     struct err *err)
{
    size_t n = q->limit > 0 && rows->count > q->limit ? q->limit : rows->count;
    struct list l = { .count = n, .size = s->table->size, .more = rows->count > n };
    int r = 0;

    l.items = arena_calloc(s->arena, n ? n : 1, l.size);
    for (size_t i = 0; i < n && r >= 0; i++)
        r = table_load(s->arena, s->table, rows, i, list_at(&l, q->reverse ? n - 1 - i : i), err);
    if (r >= 0)
        *ret = l;
    return r;
}

int table_list(struct txn *t, struct arena *a, const struct table *tab, const struct query *q,
               struct list *ret, struct err *err)
{
    const struct val *marker = NULL;
    struct order *o = NULL;
    struct select s;
    struct rows rows;
    int n, r;

    select_init(&s, t, a, tab, q->from);
    n = make_order(&s, q, &o, err);
    if (n < 0)
        return n;
    if (q->marker) {
        r = read_marker(&s, q, o, n, &marker, err);
        if (r < 0)
            return r;
    }

    select_puts(&s, q->distinct ? "SELECT DISTINCT " : "SELECT ");
    select_columns(&s);
    select_from(&s);
    r = select_where(&s, q->conds, q->n_conds, err);
    if (r < 0)
        return r;
    if (marker) {
        select_puts(&s, q->n_conds > 0 ? " AND " : " WHERE ");
        (is_plain(&s, o, n) ? add_row_after : add_any_after)(&s, o, n, marker);
    }
    add_order_by(&s, o, n);
    add_limit(&s, q);
    r = select_run(&s, &rows, err);
    return r < 0 ? r : make_list(&s, q, &rows, ret, err);
}
