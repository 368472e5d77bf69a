/* SPDX-License-Identifier: Apache-2.0 */
/* From a query string to a query: what all dialects share. */
#include "base/str.h"
#include "rest/dialect.h"
#include "rest/request.h"
#include "rest/server.h"

static int filter_value(struct request *rq, const struct field *f, const char *text, struct val *ret,
                        struct err *err)
{
    const struct dialect *d = rq->server->service->dialect;
    auto_json json_t *shown = NULL;
    int64_t i;
    bool b;

    switch (f->type) {
    case FIELD_BOOL:
        if (str_to_bool(text, &b) < 0)
            break;
        *ret = val_int(b);
        return 0;
    case FIELD_INT:
        if (str_to_i64(text, &i) < 0)
            break;
        *ret = val_int(i);
        return 0;
    case FIELD_TIME:
        if (time_parse(text, &i) < 0)
            break;
        *ret = val_int(i);
        return 0;
    default:
        *ret = val_text(text);
        return 0;
    }
    shown = json_string(text);
    return d->bad_field(rq, err, f->name, shown, "has the wrong type");
}

/* A filter named once compares, named several times asks for any of them. */
static int add_filter(struct request *rq, struct query *q, const struct field *f, size_t first,
                      struct err *err)
{
    const char **all = NULL;
    struct cond c = { .column = f->column ? f->column : f->name, .op = COND_EQ };
    size_t n = 0;
    int r;

    for (size_t i = 0; i < rq->n_query; i++)
        if (strcmp(rq->query[i].name, f->name) == 0) {
            if (i < first)
                return 0; /* Taken together with the first. */
            all = strv_add(rq->arena, all, rq->query[i].value);
            n++;
        }
    r = filter_value(rq, f, all[0], &c.value, err);
    if (r < 0)
        return r;
    if (n > 1 && f->type == FIELD_STRING) {
        c.op = COND_IN;
        c.list = all;
    }
    rq_cond(rq, q, c);
    return 0;
}

static size_t list_limit(const struct request *rq, const struct resource *res)
{
    const struct server *s = rq->server;

    return s->service->list_limit ? s->service->list_limit(s, res) : 0;
}

/* The operator's word goes over what the dialect has. */
static size_t largest_page(const struct request *rq, const struct resource *res)
{
    const struct server *s = rq->server;
    size_t own = list_limit(rq, res);

    return own ? own : s->opt.max_limit ? (size_t) s->opt.max_limit : s->service->dialect->max_limit;
}

static int read_limit(struct request *rq, const struct resource *res, struct query *q, const char *text,
                      struct err *err)
{
    const struct dialect *d = rq->server->service->dialect;
    size_t max = largest_page(rq, res);
    auto_json json_t *v = json_string(text);
    int64_t n;

    if (str_to_i64(text, &n) < 0 || n < 0)
        return d->bad_field(rq, err, "limit", v, "is not a non-negative integer");
    q->limit = max && ((size_t) n > max || n == 0) ? max : (size_t) n;
    return 0;
}

static void add_sort(struct request *rq, struct query *q, const char *column, bool descending)
{
    struct sort_key *all = arena_array(rq->arena, struct sort_key, q->n_sort + 1);

    if (q->n_sort)
        memcpy(all, q->sort, q->n_sort * sizeof(*all));
    all[q->n_sort++] = (struct sort_key){ column, descending };
    q->sort = all;
}

static int sort_key(struct request *rq, const struct resource *res, struct query *q, const char *name,
                    const char *dir, struct err *err)
{
    const struct dialect *d = rq->server->service->dialect;
    const struct field *f = field_named(res->fields, name);
    auto_json json_t *v = json_string(name);

    if (!f || !(f->use & ON_SORT))
        return d->bad_field(rq, err, "sort_key", v, "is not an attribute to sort by");
    if (dir && !str_eq(dir, "asc") && !str_eq(dir, "desc"))
        return d->bad_field(rq, err, "sort_dir", v, "must be 'asc' or 'desc'");
    add_sort(rq, q, f->column ? f->column : f->name, str_eq(dir, "desc"));
    return 0;
}

/* sort_key and sort_dir in pairs, in order; and sort=key:dir,key. */
static int read_sort(struct request *rq, const struct resource *res, struct query *q, struct err *err)
{
    size_t dir_at = 0;
    int r = 0;

    for (size_t i = 0; r >= 0 && i < rq->n_query; i++) {
        const char *dir = NULL;

        if (strcmp(rq->query[i].name, "sort") == 0) {
            strv_foreach (part, str_split(rq->arena, rq->query[i].value, ',')) {
                const char **kd = str_split(rq->arena, *part, ':');

                r = r < 0 ? r : sort_key(rq, res, q, kd[0], kd[1], err);
            }
            continue;
        }
        if (strcmp(rq->query[i].name, "sort_key") != 0)
            continue;
        for (; dir_at < rq->n_query && !dir; dir_at++)
            if (strcmp(rq->query[dir_at].name, "sort_dir") == 0)
                dir = rq->query[dir_at].value;
        r = sort_key(rq, res, q, rq->query[i].value, dir, err);
    }
    return r;
}

static void default_sort(struct request *rq, const struct resource *res, struct query *q)
{
    const char *s = res->default_sort ? res->default_sort : rq->server->service->dialect->default_sort;

    if (!q->n_sort && s)
        add_sort(rq, q, *s == '-' ? s + 1 : s, *s == '-');
}

int resource_query(struct request *rq, const struct resource *res, struct query *q, struct err *err)
{
    const struct dialect *d = rq->server->service->dialect;
    int r;

    q->limit = list_limit(rq, res);
    if (!q->limit)
        q->limit = d->default_limit;
    for (size_t i = 0; i < rq->n_query; i++) {
        const struct query_param *p = &rq->query[i];
        const struct field *f;

        r = d->query_param ? d->query_param(rq, res, q, p, err) : 0;
        if (r < 0)
            return r;
        if (r > 0)
            continue;
        if (strcmp(p->name, "limit") == 0) {
            r = read_limit(rq, res, q, p->value, err);
        } else if (strcmp(p->name, "marker") == 0) {
            q->marker = *p->value ? p->value : NULL;
        } else {
            f = field_named(res->fields, p->name);
            if (f && (f->use & ON_FILTER) && field_exists(f, rq->version))
                r = add_filter(rq, q, f, i, err);
        }
        if (r < 0)
            return r;
    }
    r = read_sort(rq, res, q, err);
    default_sort(rq, res, q);
    return r;
}
