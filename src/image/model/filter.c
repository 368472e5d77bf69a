/* SPDX-License-Identifier: Apache-2.0 */
#include "image/model/filter.h"

#include "base/str.h"
#include "base/time.h"

static int check_quotes(const char *v, struct err *err)
{
    bool open = false;

    for (size_t i = 0; v[i]; i++) {
        if (v[i] != '"' || (i && v[i - 1] == '\\'))
            continue;
        if (!open && i && v[i - 1] != ',')
            return err_http(err, 400, NULL,
                            "Invalid filter value %.200s. There is no comma before opening quotation mark.",
                            v);
        if (open && v[i + 1] && v[i + 1] != ',')
            return err_http(err, 400, NULL,
                            "Invalid filter value %.200s. There is no comma after closing quotation mark.",
                            v);
        open = !open;
    }
    if (open)
        return err_http(err, 400, NULL, "Invalid filter value %.200s. The quote is not closed.", v);
    return 0;
}

/* The end of a quoted part, behind its opening quote. */
static const char *quote_end(const char *p)
{
    while (*p && *p != '"')
        p += p[0] == '\\' && p[1] ? 2 : 1;
    return p;
}

int filter_list(struct arena *a, const char *v, const char ***ret, struct err *err)
{
    const char **all = arena_array(a, const char *, 1), *end;
    int r = check_quotes(v, err);

    if (r < 0)
        return r;
    while (*v) {
        if (*v == '"') {
            end = quote_end(++v);
            all = strv_add(a, all, arena_strndup(a, v, (size_t) (end - v)));
            end += *end == '"';
        } else {
            end = v + strcspn(v, ",");
            all = strv_add(a, all, arena_strndup(a, v, (size_t) (end - v)));
        }
        v = end + (*end == ',');
    }
    *ret = all;
    return 0;
}

/* "OP:REST", but not for a time that has colons of its own. */
static const char *operator_of(struct arena *a, const char *v, const char **ret_rest)
{
    const char *colon = strchr(v, ':');
    int64_t us;

    if (!colon || time_parse(v, &us) >= 0) {
        *ret_rest = v;
        return "eq";
    }
    *ret_rest = colon + 1;
    return arena_strndup(a, v, (size_t) (colon - v));
}

int filter_text(struct arena *a, const char *v, const char **ret_text, const char *const **ret_list,
                struct err *err)
{
    const char *rest, *op = operator_of(a, v, &rest), **list;
    int r;

    if (str_eq(op, "eq")) {
        *ret_text = rest;
        return 0;
    }
    if (!str_eq(op, "in"))
        return err_http(err, 400, NULL, "Unable to filter by unknown operator '%.100s'.", op);
    r = filter_list(a, rest, &list, err);
    if (r >= 0)
        *ret_list = list;
    return r;
}

int filter_time(struct arena *a, const char *name, const char *v, enum cond_op *ret_op, int64_t *ret_us,
                struct err *err)
{
    static const struct {
        const char *word;
        enum cond_op op;
    } operators[] = {
        { "eq", COND_EQ },  { "neq", COND_NE }, { "gt", COND_GT },
        { "gte", COND_GE }, { "lt", COND_LT },  { "lte", COND_LE },
    };
    const char *rest, *op = operator_of(a, v, &rest);
    int64_t us;

    if (time_parse(rest, &us) < 0)
        return err_http(err, 400, NULL, "Bad \"%s\" query filter format. Use ISO 8601 DateTime notation.",
                        name);
    for (size_t i = 0; i < ARRAY_SIZE(operators); i++)
        if (str_eq(operators[i].word, op)) {
            *ret_op = operators[i].op;
            *ret_us = us;
            return 0;
        }
    return err_http(err, 400, NULL, "Unable to filter on a unknown operator.");
}
