/* SPDX-License-Identifier: Apache-2.0 */
/* Values: from how Keystone writes them to how they are kept here. */
#include "base/str.h"
#include "identity/import/table.h"
#include "wire/json.h"

static int unreadable(const struct import_column *c, struct err *err)
{
    return err_set(err, -EBADMSG, "the column '%s' there holds what cannot be read", c->from);
}

static int to_flag(const struct val *cell, struct val *ret)
{
    bool b = true;

    if (cell->kind == VAL_INT)
        b = cell->i != 0;
    else if (cell->kind == VAL_TEXT && str_to_bool(cell->s, &b) < 0)
        b = str_eq(cell->s, "t"); /* As PostgreSQL writes it. */
    *ret = val_int(b);
    return 0;
}

static int to_time(const struct import_column *c, const struct val *cell, struct val *ret, struct err *err)
{
    int64_t us;

    if (cell->kind != VAL_TEXT || str_empty(cell->s)) {
        *ret = val_null();
        return 0;
    }
    if (time_parse(cell->s, &us) < 0)
        return unreadable(c, err);
    *ret = val_int(us);
    return 0;
}

/* The object in a cell; null for none. */
static int read_object(const struct import_column *c, const struct val *cell, json_t **ret, struct err *err)
{
    json_t *j = NULL;

    if (cell->kind == VAL_TEXT && !str_empty(cell->s) && !str_eq(cell->s, "null")) {
        if (json_read(cell->s, strlen(cell->s), &j, NULL) < 0)
            return unreadable(c, err);
        if (!json_is_object(j)) {
            json_decref(j);
            return unreadable(c, err);
        }
    }
    *ret = j;
    return 0;
}

static void to_text(struct arena *a, const struct val *cell, struct val *ret)
{
    auto_json json_t *list = NULL;
    const char *text = cell->kind == VAL_TEXT ? arena_printf(a, "[%s]", cell->s) : "", *said = NULL;

    if (json_read(text, strlen(text), &list, NULL) >= 0 && json_array_size(list) == 1)
        said = json_string_value(json_array_get(list, 0));
    *ret = said ? val_text(arena_strdup(a, said)) : *cell;
}

static int to_member(struct arena *a, const struct import_column *c, const struct val *cell, struct val *ret,
                     struct err *err)
{
    auto_json json_t *o = NULL;
    const json_t *v;
    int r = read_object(c, cell, &o, err);

    if (r < 0)
        return r;
    v = json_object_get(o, c->member);
    if (!v || json_is_null(v))
        *ret = val_null();
    else
        *ret = val_text(json_is_string(v) ? arena_strdup(a, json_string_value(v)) : json_text(a, v));
    return 0;
}

static int to_rest(struct arena *a, const struct import_table *tab, const struct import_column *c,
                   const struct val *cell, struct val *ret, struct err *err)
{
    auto_json json_t *o = NULL;
    int r = read_object(c, cell, &o, err);

    if (r < 0)
        return r;
    for (const struct import_column *m = tab->columns; o && m->name; m++)
        if (m->kind == IMPORT_MEMBER && str_eq(m->from, c->from))
            json_object_del(o, m->member);
    *ret = o && json_object_size(o) ? val_text(json_text(a, o)) : val_null();
    return 0;
}

/* --- what is gathered --------------------------------------------------------------- */

static const char *cell_text(struct arena *a, const struct val *v)
{
    return v->kind == VAL_INT ? arena_printf(a, "%lld", (long long) v->i) : v->kind == VAL_NULL ? NULL : v->s;
}

static bool belongs(struct arena *a, const struct rows *found, size_t row, const struct val *owner)
{
    const struct val *cell = &found->cells[row * found->columns];

    if (cell->kind == VAL_INT && owner->kind == VAL_INT)
        return cell->i == owner->i;
    return str_eq(cell_text(a, cell), cell_text(a, owner));
}

static const char *name_here(const struct import_gather *g, const char *there)
{
    for (const struct import_name *n = g->names; n && n->there; n++)
        if (str_eq(n->there, there))
            return n->here;
    return there;
}

static void to_list(struct arena *a, const struct val *owner, const struct rows *found, struct val *ret)
{
    struct strbuf b;
    struct jw w;
    bool any = false;

    strbuf_init(&b, a);
    jw_init(&w, &b);
    jw_array(&w, NULL);
    for (size_t i = 0; i < found->count; i++)
        if (belongs(a, found, i, owner)) {
            jw_str(&w, NULL, rows_text(found, i, 1));
            any = true;
        }
    jw_end_array(&w);
    *ret = any ? val_text(strbuf_str(&b)) : val_null();
}

static int to_object(struct arena *a, const struct import_column *c, const struct val *owner,
                     const struct rows *found, struct val *ret, struct err *err)
{
    struct strbuf b;
    struct jw w;
    bool any = false;

    strbuf_init(&b, a);
    jw_init(&w, &b);
    jw_object(&w, NULL);
    for (size_t i = 0; i < found->count; i++) {
        auto_json json_t *v = NULL;
        const char *text = rows_text(found, i, 2);

        if (!belongs(a, found, i, owner) || !text)
            continue;
        /* A bare value is no document of its own: it is read inside of one. */
        text = arena_printf(a, "[%s]", text);
        if (json_read(text, strlen(text), &v, NULL) < 0)
            return unreadable(c, err);
        jw_value(&w, name_here(c->gather, rows_text(found, i, 1)), json_array_get(v, 0));
        any = true;
    }
    jw_end_object(&w);
    *ret = any ? val_text(strbuf_str(&b)) : val_null();
    return 0;
}

int import_convert(struct arena *a, const struct import_table *tab, const struct import_column *c,
                   struct val cell, const struct rows *found, struct val *ret, struct err *err)
{
    switch (c->kind) {
    case IMPORT_COPY:
        *ret = cell;
        return 0;
    case IMPORT_FLAG:
        return to_flag(&cell, ret);
    case IMPORT_TIME:
        return to_time(c, &cell, ret, err);
    case IMPORT_MEMBER:
        return to_member(a, c, &cell, ret, err);
    case IMPORT_TEXT:
        to_text(a, &cell, ret);
        return 0;
    case IMPORT_REST:
        return to_rest(a, tab, c, &cell, ret, err);
    case IMPORT_LIST:
        to_list(a, &cell, found, ret);
        return 0;
    case IMPORT_OBJECT:
        return to_object(a, c, &cell, found, ret, err);
    }
    return -EINVAL;
}
