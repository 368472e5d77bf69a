/* SPDX-License-Identifier: Apache-2.0 */
#include "data/select.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"

#define IN_MAX 30000 /* SQLite takes 32,766 values a statement. */

static const char name_chars[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";

static const char *alias_of(struct arena *a, const char *from)
{
    static const char *const no_alias[] = { "JOIN", "LEFT", "INNER", "CROSS", "NATURAL", "WHERE", "" };
    size_t n = strspn(from, name_chars), m;
    const char *second = from + n;

    second += strspn(second, " \n");
    if (strncasecmp(second, "AS ", 3) == 0)
        second += 3;
    m = strspn(second, name_chars);
    for (size_t i = 0; i < ARRAY_SIZE(no_alias); i++)
        if (strlen(no_alias[i]) == m && strncasecmp(no_alias[i], second, m) == 0)
            return arena_strndup(a, from, n);
    return arena_strndup(a, second, m);
}

void select_init(struct select *s, struct txn *t, struct arena *a, const struct table *tab, const char *from)
{
    *s = (struct select){ .txn = t, .arena = a, .table = tab, .from = from };
    s->alias = from ? alias_of(a, from) : NULL;
    strbuf_init(&s->sql, a);
    strbuf_reserve(&s->sql, 512);
}

void select_puts(struct select *s, const char *text)
{
    strbuf_puts(&s->sql, text);
}

static void add_value(struct select *s, struct val v)
{
    if (s->n_vals == s->cap) {
        size_t cap = s->cap ? s->cap * 2 : 16;

        s->vals = arena_grow(s->arena, s->vals, s->cap * sizeof(v), cap * sizeof(v));
        s->cap = cap;
    }
    s->vals[s->n_vals++] = v;
}

void select_value(struct select *s, struct val v)
{
    strbuf_putc(&s->sql, '?');
    add_value(s, v);
}

static bool is_name(const char *s)
{
    while (isalnum((unsigned char) *s) || *s == '_')
        s++;
    return !*s;
}

static void add_name(struct select *s, const char *name)
{
    if (s->alias) {
        strbuf_puts(&s->sql, s->alias);
        strbuf_putc(&s->sql, '.');
    }
    strbuf_putc(&s->sql, '"');
    strbuf_puts(&s->sql, name);
    strbuf_putc(&s->sql, '"');
}

void select_column(struct select *s, const char *name)
{
    const char *point = strchr(name, '.');

    if (is_name(name)) {
        add_name(s, name);
    } else if (point && is_name(point + 1) && strspn(name, name_chars) == (size_t) (point - name)) {
        strbuf_add(&s->sql, name, (size_t) (point - name) + 1);
        strbuf_putc(&s->sql, '"');
        strbuf_puts(&s->sql, point + 1);
        strbuf_putc(&s->sql, '"');
    } else {
        strbuf_puts(&s->sql, name);
    }
}

void select_columns(struct select *s)
{
    for (const struct column *c = s->table->columns; c->name; c++) {
        if (c != s->table->columns)
            select_puts(s, ", ");
        add_name(s, c->name);
    }
}

void select_from(struct select *s)
{
    select_puts(s, " FROM ");
    if (s->from) {
        select_puts(s, s->from);
        return;
    }
    strbuf_putc(&s->sql, '"');
    select_puts(s, s->table->name);
    strbuf_putc(&s->sql, '"');
}

const struct column *table_column(const struct table *tab, const char *name)
{
    for (const struct column *c = tab->columns; c->name; c++)
        if (strcmp(c->name, name) == 0)
            return c;
    return NULL;
}

int select_key(struct select *s, const char *key, struct err *err)
{
    const struct column *c = table_column(s->table, s->table->key);
    struct val v = val_text(key);

    if (c && c->type == FIELD_INT && key) {
        v = val_int(0);
        if (str_to_i64(key, &v.i) < 0)
            v.kind = VAL_NULL;
    }
    if (v.kind == VAL_NULL)
        return err_set(err, -ENOENT, "There is no such row in '%s'.", s->table->name);
    select_column(s, s->table->key);
    select_puts(s, " = ");
    select_value(s, v);
    return 0;
}

int select_column_flags(struct select *s, const char *name, unsigned *ret, struct err *err)
{
    if (!is_name(name)) {
        *ret = 0;
        return 0;
    }
    return db_column(s->txn, s->arena, s->table->name, name, ret, err);
}

static const char *like_pattern(struct arena *a, enum cond_op op, const char *s)
{
    char *p = arena_alloc(a, 2 * strlen(s) + 3), *q = p;

    if (op == COND_ENDS || op == COND_CONTAINS)
        *q++ = '%';
    for (; *s; s++) {
        if (*s == '\\' || *s == '%' || *s == '_')
            *q++ = '\\';
        *q++ = *s;
    }
    if (op == COND_STARTS || op == COND_CONTAINS)
        *q++ = '%';
    *q = 0;
    return p;
}

static int add_like(struct select *s, const struct cond *c, struct err *err)
{
    const char *text = c->value.kind == VAL_TEXT ? c->value.s : NULL;
    unsigned flags = 0;
    bool lower;
    int r = 0;

    if (!text)
        return err_set(err, -EINVAL, "The value for '%s' must be text.", c->column);
    if (s->txn->db->driver->like_ignores_ci)
        r = select_column_flags(s, c->column, &flags, err);
    if (r < 0)
        return r;
    lower = flags & COLUMN_CI;
    select_puts(s, lower ? "lower(" : "");
    select_column(s, c->column);
    select_puts(s, lower ? ") LIKE lower(" : " LIKE ");
    select_value(s, val_text(c->op == COND_LIKE ? text : like_pattern(s->arena, c->op, text)));
    select_puts(s, lower ? ") ESCAPE '\\'" : " ESCAPE '\\'");
    return 0;
}

/* The next power of two, so that lists of all lengths share few statements. */
static size_t padded(size_t n)
{
    size_t p = 1;

    while (p < n)
        p *= 2;
    return p < IN_MAX ? p : IN_MAX;
}

static int add_in(struct select *s, const struct cond *c, struct err *err)
{
    size_t n = strv_len(c->list), all = padded(n);

    if (n == 0) {
        select_puts(s, c->op == COND_IN ? "1 = 0" : "1 = 1");
        return 0;
    }
    if (n > IN_MAX)
        return err_set(err, -E2BIG, "The list for '%s' is too long.", c->column);
    select_column(s, c->column);
    select_puts(s, c->op == COND_IN ? " IN (" : " NOT IN (");
    for (size_t i = 0; i < all; i++) {
        select_puts(s, i > 0 ? ", " : "");
        select_value(s, val_text(c->list[i < n ? i : n - 1]));
    }
    select_puts(s, ")");
    return 0;
}

static int add_cond(struct select *s, const struct cond *c, struct err *err)
{
    static const char *const ops[] = {
        [COND_EQ] = " = ",  [COND_NE] = " <> ", [COND_LT] = " < ",
        [COND_LE] = " <= ", [COND_GT] = " > ",  [COND_GE] = " >= ",
    };
    bool null = c->value.kind == VAL_NULL;

    switch (c->op) {
    case COND_LIKE:
    case COND_STARTS:
    case COND_ENDS:
    case COND_CONTAINS:
        return add_like(s, c, err);
    case COND_IN:
    case COND_NOT_IN:
        return add_in(s, c, err);
    case COND_SQL:
        select_puts(s, "(");
        select_puts(s, c->column);
        select_puts(s, ")");
        for (size_t i = 0; i < c->n_vals; i++)
            add_value(s, c->vals[i]);
        return 0;
    case COND_NULL:
    case COND_NOT_NULL:
        select_column(s, c->column);
        select_puts(s, c->op == COND_NULL ? " IS NULL" : " IS NOT NULL");
        return 0;
    default:
        select_column(s, c->column);
        if (null && (c->op == COND_EQ || c->op == COND_NE)) {
            select_puts(s, c->op == COND_EQ ? " IS NULL" : " IS NOT NULL");
            return 0;
        }
        select_puts(s, ops[c->op]);
        select_value(s, c->value);
        return 0;
    }
}

int select_where(struct select *s, const struct cond *conds, size_t n, struct err *err)
{
    int r = 0;

    for (size_t i = 0; i < n && r >= 0; i++) {
        select_puts(s, i == 0 ? " WHERE " : " AND ");
        r = add_cond(s, &conds[i], err);
    }
    return r;
}

int select_run(struct select *s, struct rows *ret, struct err *err)
{
    return sql_query_v(s->txn, s->arena, ret, err, strbuf_str(&s->sql), s->vals, s->n_vals);
}
