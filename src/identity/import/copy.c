/* SPDX-License-Identifier: Apache-2.0 */
/* One table: page after page is read there, and each row is compared with
 * what is here, then written when it is new or differs. */
#include "base/str.h"
#include "identity/import/table.h"

#define PAGE       500
#define TELL_EVERY 10000

struct copying {
    const struct import_table *tab;
    struct txn *there, *here;
    struct arena page;                /* Of the page that is being worked on. */
    struct arena mark;                /* Of 'last'. */
    const char *first_sql, *next_sql; /* In 'sql'. */
    struct arena sql;
    size_t n_columns, n_order;
    struct val last[IMPORT_KEYS_MAX]; /* The place of the last row that was read. */
    bool begun;
    struct rows gathered[IMPORT_COLUMNS_MAX];
    struct import_count count;
};

/* --- statements ----------------------------------------------------------------------- */

/* "a > ? OR (a = ? AND (b > ? OR (b = ? AND c > ?)))" */
static void put_after(struct strbuf *b, const char *const *order)
{
    strbuf_printf(b, "%s > ?", order[0]);
    if (order[1]) {
        strbuf_printf(b, " OR (%s = ? AND (", order[0]);
        put_after(b, order + 1);
        strbuf_puts(b, "))");
    }
}

static const char *page_sql(struct copying *c, bool next)
{
    const struct import_table *tab = c->tab;
    struct strbuf b;

    strbuf_init(&b, &c->sql);
    strbuf_puts(&b, "SELECT ");
    for (size_t i = 0; i < c->n_columns; i++)
        strbuf_printf(&b, "%s%s", i ? ", " : "", tab->columns[i].from);
    for (size_t i = 0; i < c->n_order; i++)
        strbuf_printf(&b, ", %s", tab->order[i]);
    strbuf_printf(&b, " FROM %s", tab->from);
    if (tab->where || next)
        strbuf_puts(&b, " WHERE ");
    if (tab->where)
        strbuf_printf(&b, "(%s)", tab->where);
    if (next) { /* The first condition says no more than the second, but an index can be used for it. */
        strbuf_printf(&b, "%s%s >= ? AND (", tab->where ? " AND " : "", tab->order[0]);
        put_after(&b, tab->order);
        strbuf_puts(&b, ")");
    }
    strbuf_puts(&b, " ORDER BY ");
    for (size_t i = 0; i < c->n_order; i++)
        strbuf_printf(&b, "%s%s", i ? ", " : "", tab->order[i]);
    strbuf_printf(&b, " LIMIT %d", PAGE);
    return strbuf_str(&b);
}

static int read_page(struct copying *c, struct rows *ret, struct err *err)
{
    struct val v[2 * IMPORT_KEYS_MAX + 1];
    size_t n = 0;

    if (!c->begun)
        return sql_query_v(c->there, &c->page, ret, err, c->first_sql, NULL, 0);
    v[n++] = c->last[0];
    for (size_t i = 0; i < c->n_order; i++) {
        v[n++] = c->last[i];
        if (i + 1 < c->n_order)
            v[n++] = c->last[i];
    }
    return sql_query_v(c->there, &c->page, ret, err, c->next_sql, v, n);
}

static void remember_place(struct copying *c, const struct rows *rows)
{
    const struct val *at = &rows->cells[(rows->count - 1) * rows->columns + c->n_columns];

    arena_reset(&c->mark);
    for (size_t i = 0; i < c->n_order; i++) {
        c->last[i] = at[i];
        if (at[i].kind == VAL_TEXT)
            c->last[i] = val_text(arena_strdup(&c->mark, at[i].s));
    }
    c->begun = true;
}

/* What other tables say of the owners on the page, which is in their order. */
static int gather(struct copying *c, const struct rows *rows, struct err *err)
{
    int r = 0;

    for (size_t i = 0; r >= 0 && i < c->n_columns; i++) {
        const struct import_gather *g = c->tab->columns[i].gather;
        const struct val owners[] = { rows->cells[i], rows->cells[(rows->count - 1) * rows->columns + i] };

        if (g)
            r = sql_query_v(c->there, &c->page, &c->gathered[i], err, g->sql, owners, 2);
    }
    return r;
}

/* --- rows here ------------------------------------------------------------------------ */

/* " WHERE k = ? AND l IS NULL", with the values of what is asked with '='. */
static size_t put_where(struct copying *c, struct strbuf *b, const struct val *row, struct val *ret)
{
    size_t n = 0;

    for (size_t i = 0; i < c->tab->keys; i++) {
        const char *name = c->tab->columns[i].name;

        strbuf_puts(b, i ? " AND " : " WHERE ");
        if (row[i].kind == VAL_NULL) {
            strbuf_printf(b, "%s IS NULL", name);
        } else {
            strbuf_printf(b, "%s = ?", name);
            ret[n++] = row[i];
        }
    }
    return n;
}

static bool same(const struct val *x, const struct val *y)
{
    if (x->kind != y->kind)
        return false;
    return x->kind == VAL_INT ? x->i == y->i : x->kind == VAL_TEXT ? str_eq(x->s, y->s) : x->kind == VAL_NULL;
}

/* 0: the row is here as it is there; 1: it differs; -ENOENT. */
static int compare(struct copying *c, const struct val *row, struct err *err)
{
    struct val v[IMPORT_COLUMNS_MAX];
    struct strbuf b;
    struct rows have;
    size_t n;
    int r;

    strbuf_init(&b, &c->page);
    for (size_t i = 0; i < c->n_columns; i++)
        strbuf_printf(&b, "%s%s", i ? ", " : "SELECT ", c->tab->columns[i].name);
    strbuf_printf(&b, " FROM %s", c->tab->table);
    n = put_where(c, &b, row, v);
    r = sql_query_v(c->here, &c->page, &have, err, strbuf_str(&b), v, n);
    if (r < 0)
        return r;
    if (!have.count)
        return -ENOENT;
    for (size_t i = 0; i < c->n_columns; i++)
        if (!same(&row[i], &have.cells[i]))
            return 1;
    return 0;
}

static int64_t insert(struct copying *c, const struct val *row, struct err *err)
{
    struct strbuf b;

    strbuf_init(&b, &c->page);
    strbuf_printf(&b, "INSERT INTO %s (", c->tab->table);
    for (size_t i = 0; i < c->n_columns; i++)
        strbuf_printf(&b, "%s%s", i ? ", " : "", c->tab->columns[i].name);
    strbuf_puts(&b, ") VALUES (");
    for (size_t i = 0; i < c->n_columns; i++)
        strbuf_puts(&b, i ? ", ?" : "?");
    strbuf_puts(&b, ")");
    return sql_exec_v(c->here, err, strbuf_str(&b), row, c->n_columns);
}

static int64_t update(struct copying *c, const struct val *row, struct err *err)
{
    struct val v[2 * IMPORT_COLUMNS_MAX];
    struct strbuf b;
    size_t n = 0;

    strbuf_init(&b, &c->page);
    strbuf_printf(&b, "UPDATE %s SET ", c->tab->table);
    for (size_t i = c->tab->keys; i < c->n_columns; i++) {
        strbuf_printf(&b, "%s%s = ?", n ? ", " : "", c->tab->columns[i].name);
        v[n++] = row[i];
    }
    n += put_where(c, &b, row, v + n);
    return sql_exec_v(c->here, err, strbuf_str(&b), v, n);
}

/* What tells the row to a person: its name, or else its key. */
static const char *row_name(struct copying *c, const struct val *row)
{
    for (size_t i = 0; i < c->n_columns; i++)
        if (str_eq(c->tab->columns[i].name, "name") && row[i].kind == VAL_TEXT)
            return row[i].s;
    return row[0].kind == VAL_TEXT ? row[0].s : "?";
}

static int write_row(struct copying *c, const struct val *row, struct err *err)
{
    int r = compare(c, row, err);
    int64_t n = 0;

    if (r == -ENOENT) {
        n = insert(c, row, err);
        c->count.added += n > 0;
    } else if (r > 0) {
        n = update(c, row, err);
        c->count.changed += n > 0;
    } else {
        return r;
    }
    if (n == -EEXIST)
        return err_set(err, -EEXIST,
                       "%s: there is another '%s' here already; move into an identity that is empty, or say "
                       "--replace to give up what it holds",
                       c->tab->what, row_name(c, row));
    return n < 0 ? (int) n : 0;
}

static int take_row(struct copying *c, const struct rows *rows, size_t i, struct err *err)
{
    struct val row[IMPORT_COLUMNS_MAX];
    int r = 0;

    for (size_t k = 0; r >= 0 && k < c->n_columns; k++)
        r = import_convert(&c->page, c->tab, &c->tab->columns[k], rows->cells[i * rows->columns + k],
                           &c->gathered[k], &row[k], err);
    if (r < 0)
        return err_set(err, r, "%s: %s", c->tab->what, err->msg);
    return write_row(c, row, err);
}

static int take_pages(struct copying *c, const struct import_wish *wish, struct err *err)
{
    struct rows rows;
    int r;

    do {
        arena_reset(&c->page);
        r = read_page(c, &rows, err);
        if (r < 0)
            return err_set(err, r, "%s cannot be read: %s", c->tab->what, err->msg);
        if (rows.count)
            r = gather(c, &rows, err);
        for (size_t i = 0; r >= 0 && i < rows.count; i++)
            r = take_row(c, &rows, i, err);
        if (r >= 0 && rows.count)
            remember_place(c, &rows);
        c->count.read += (int64_t) rows.count;
        if (wish->progress && rows.count && c->count.read % TELL_EVERY == 0)
            wish->progress(wish->self, c->tab->what, c->count.read);
    } while (r >= 0 && rows.count == PAGE);
    return r;
}

int import_table(struct txn *there, struct txn *here, const struct import_table *tab,
                 const struct import_wish *wish, struct import_count *ret, struct err *err)
{
    struct copying c = { .tab = tab, .there = there, .here = here };
    int r;

    arena_init(&c.page);
    arena_init(&c.mark);
    arena_init(&c.sql);
    while (tab->columns[c.n_columns].name)
        c.n_columns++;
    while (tab->order[c.n_order])
        c.n_order++;
    c.first_sql = page_sql(&c, false);
    c.next_sql = page_sql(&c, true);
    r = take_pages(&c, wish, err);
    *ret = c.count;
    arena_done(&c.page);
    arena_done(&c.mark);
    arena_done(&c.sql);
    return r;
}
