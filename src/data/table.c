/* SPDX-License-Identifier: Apache-2.0 */
/* Single rows: structure to values and back, insert, update, delete. */
#include "data/table.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <string.h>

#include "base/secret.h"
#include "base/str.h"
#include "data/select.h"

/* A list of strings as JSON text. */
static const char *strv_text(struct arena *a, const char *const *v)
{
    json_t *list = json_array();
    char *text, *copy;

    strv_foreach (s, v)
        json_array_append_new(list, json_string_nocheck(*s));
    text = json_dumps(list, JSON_COMPACT);
    copy = arena_strdup(a, text ? text : "[]");
    free(text);
    json_decref(list);
    return copy;
}

/* A list as strv_text() writes it, of texts without escapes: nearly every one.  False when it is not. */
static bool plain_strv(struct arena *a, const char *text, const char ***ret)
{
    const char **v = NULL, *s = text, *end;
    size_t n = 1, i = 0;

    if (*s++ != '[' || strchr(s, '\\'))
        return false;
    for (const char *c = strchr(s, ','); c; c = strchr(c + 1, ','))
        n++;
    if (*s != ']')
        v = arena_array(a, const char *, n + 1);
    while (*s == '"' && (end = strchr(s + 1, '"'))) {
        v[i++] = arena_strndup(a, s + 1, (size_t) (end - s) - 1);
        s = end + 1;
        if (s[0] != ',' || s[1] != '"')
            break;
        s++;
    }
    if (s[0] != ']' || s[1])
        return false;
    *ret = v;
    return true;
}

static int strv_of_text(struct arena *a, const char *text, const char ***ret)
{
    json_t *list = json_loads(text, 0, NULL), *item;
    const char **v = NULL;
    size_t i, n;

    if (!json_is_array(list)) {
        json_decref(list);
        return -EIO;
    }
    n = json_array_size(list);
    if (n > 0)
        v = arena_array(a, const char *, n + 1);
    json_array_foreach (list, i, item)
        v[i] = arena_strdup(a, json_is_string(item) ? json_string_value(item) : "");
    json_decref(list);
    *ret = v;
    return 0;
}

static struct val value_of(struct arena *a, const struct column *c, const void *row)
{
    const void *p = (const char *) row + c->offset;

    switch (c->type) {
    case FIELD_BOOL:
        return val_int(*(const bool *) p);
    case FIELD_INT:
        return *(const int64_t *) p == FIELD_NULL_INT ? val_null() : val_int(*(const int64_t *) p);
    case FIELD_DOUBLE:
        return isnan(*(const double *) p) ? val_null() : val_double(*(const double *) p);
    case FIELD_TIME:
        return *(const int64_t *) p == 0 ? val_null() : val_int(*(const int64_t *) p);
    case FIELD_STRV:
        return val_text(strv_text(a, *(const char *const *const *) p));
    case FIELD_SECRET:
        return val_text(secret_expose(*(const struct secret *) p));
    case FIELD_STRING:
    case FIELD_JSON:
        return val_text(*(const char *const *) p);
    }
    return val_null();
}

static const char *cell_text(struct arena *a, const struct val *v)
{
    switch (v->kind) {
    case VAL_INT:
        return arena_printf(a, "%lld", (long long) v->i);
    case VAL_DOUBLE:
        return arena_printf(a, "%.17g", v->d);
    case VAL_TEXT:
    case VAL_BLOB:
        return v->s;
    default:
        return NULL;
    }
}

static int load_cell(struct arena *a, const struct column *c, const struct rows *rows, size_t row, size_t col,
                     void *ret)
{
    const struct val *v = &rows->cells[row * rows->columns + col];
    void *p = (char *) ret + c->offset;

    switch (c->type) {
    case FIELD_BOOL:
        *(bool *) p = rows_int(rows, row, col, 0) != 0;
        break;
    case FIELD_INT:
        *(int64_t *) p = rows_int(rows, row, col, FIELD_NULL_INT);
        break;
    case FIELD_DOUBLE:
        *(double *) p = v->kind == VAL_DOUBLE ? v->d : v->kind == VAL_INT ? (double) v->i : NAN;
        break;
    case FIELD_TIME:
        *(int64_t *) p = rows_int(rows, row, col, 0);
        break;
    case FIELD_STRV:
        *(const char ***) p = NULL;
        if (v->kind == VAL_NULL || plain_strv(a, cell_text(a, v), p))
            return 0;
        return strv_of_text(a, cell_text(a, v), p);
    case FIELD_SECRET:
        *(struct secret *) p = secret_of(cell_text(a, v));
        break;
    case FIELD_STRING:
    case FIELD_JSON:
        *(const char **) p = cell_text(a, v);
        break;
    }
    return 0;
}

int table_load(struct arena *a, const struct table *tab, const struct rows *rows, size_t row, void *ret,
               struct err *err)
{
    size_t col = 0;

    memset(ret, 0, tab->size);
    for (const struct column *c = tab->columns; c->name; c++, col++)
        if (load_cell(a, c, rows, row, col, ret) < 0)
            return err_set(err, -EIO, "The column '%s' of '%s' holds no list of strings.", c->name,
                           tab->name);
    return 0;
}

/* The first row of the query; a writing transaction locks it, so that what is
 * read and written back cannot lose another's change. */
static int load_first(struct select *s, void *ret, struct err *err)
{
    struct rows rows;
    int r;

    select_puts(s, s->txn->write ? " LIMIT 1{lock}" : " LIMIT 1");
    r = select_run(s, &rows, err);
    if (r < 0)
        return r;
    if (rows.count == 0)
        return err_set(err, -ENOENT, "There is no such row in '%s'.", s->table->name);
    return table_load(s->arena, s->table, &rows, 0, ret, err);
}

int table_get(struct txn *t, struct arena *a, const struct table *tab, const char *key, void *ret,
              struct err *err)
{
    struct select s;
    int r;

    select_init(&s, t, a, tab, NULL);
    select_puts(&s, "SELECT ");
    select_columns(&s);
    select_from(&s);
    select_puts(&s, " WHERE ");
    r = select_key(&s, key, err);
    return r < 0 ? r : load_first(&s, ret, err);
}

int table_find(struct txn *t, struct arena *a, const struct table *tab, const struct cond *conds, size_t n,
               void *ret, struct err *err)
{
    struct select s;
    int r;

    select_init(&s, t, a, tab, NULL);
    select_puts(&s, "SELECT ");
    select_columns(&s);
    select_from(&s);
    r = select_where(&s, conds, n, err);
    return r < 0 ? r : load_first(&s, ret, err);
}

int table_insert(struct txn *t, struct arena *a, const struct table *tab, const void *row, struct err *err)
{
    struct select s;
    int64_t r;

    select_init(&s, t, a, tab, NULL);
    strbuf_printf(&s.sql, "INSERT INTO \"%s\" (", tab->name);
    select_columns(&s);
    select_puts(&s, ") VALUES (");
    for (const struct column *c = tab->columns; c->name; c++) {
        select_puts(&s, c == tab->columns ? "" : ", ");
        select_value(&s, value_of(a, c, row));
    }
    select_puts(&s, ")");
    r = sql_exec_v(t, err, strbuf_str(&s.sql), s.vals, s.n_vals);
    return r < 0 ? (int) r : 0;
}

/* "a = ?, b = ?" of the columns to write; their number. */
static int add_changes(struct select *s, const void *row, const char *const *only, struct err *err)
{
    int n = 0;

    strv_foreach (name, only)
        if (!table_column(s->table, *name))
            return err_set(err, -EIO, "The table '%s' has no column '%s'.", s->table->name, *name);

    for (const struct column *c = s->table->columns; c->name; c++) {
        if (only ? !strv_contains(only, c->name) : strcmp(c->name, s->table->key) == 0)
            continue;
        select_puts(s, n++ == 0 ? "" : ", ");
        select_column(s, c->name);
        select_puts(s, " = ");
        select_value(s, value_of(s->arena, c, row));
    }
    return n;
}

int table_update(struct txn *t, struct arena *a, const struct table *tab, const void *row,
                 const char *const *only, struct err *err)
{
    const struct column *key = table_column(tab, tab->key);
    struct select s;
    int64_t r;

    if (!key)
        return err_set(err, -EIO, "The table '%s' has no column '%s'.", tab->name, tab->key);
    select_init(&s, t, a, tab, NULL);
    strbuf_printf(&s.sql, "UPDATE \"%s\" SET ", tab->name);
    r = add_changes(&s, row, only, err);
    if (r <= 0)
        return (int) r;
    select_puts(&s, " WHERE ");
    select_column(&s, tab->key);
    select_puts(&s, " = ");
    select_value(&s, value_of(a, key, row));
    r = sql_exec_v(t, err, strbuf_str(&s.sql), s.vals, s.n_vals);
    if (r == 0)
        return err_set(err, -ENOENT, "There is no such row in '%s'.", tab->name);
    return r < 0 ? (int) r : 0;
}

int table_delete(struct txn *t, const struct table *tab, const char *key, struct err *err)
{
    auto_arena struct arena a = { 0 };
    struct select s;
    int r;

    select_init(&s, t, &a, tab, NULL);
    select_puts(&s, "DELETE");
    select_from(&s);
    select_puts(&s, " WHERE ");
    r = select_key(&s, key, err);
    if (r < 0) {
        err_clear(err);
        return 0;
    }
    return (int) sql_exec_v(t, err, strbuf_str(&s.sql), s.vals, s.n_vals);
}

int64_t table_delete_where(struct txn *t, struct arena *a, const struct table *tab, const struct cond *conds,
                           size_t n, struct err *err)
{
    struct select s;
    int r;

    select_init(&s, t, a, tab, NULL);
    select_puts(&s, "DELETE");
    select_from(&s);
    r = select_where(&s, conds, n, err);
    return r < 0 ? r : sql_exec_v(t, err, strbuf_str(&s.sql), s.vals, s.n_vals);
}

int table_count(struct txn *t, struct arena *a, const struct table *tab, const struct cond *conds, size_t n,
                int64_t *ret, struct err *err)
{
    struct select s;
    int r;

    select_init(&s, t, a, tab, NULL);
    select_puts(&s, "SELECT count(*)");
    select_from(&s);
    r = select_where(&s, conds, n, err);
    return r < 0 ? r : sql_get_int_v(t, ret, err, strbuf_str(&s.sql), s.vals, s.n_vals);
}
