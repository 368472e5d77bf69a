/* SPDX-License-Identifier: Apache-2.0 */
#include "compute/api/common.h"

#include <arpa/inet.h>
#include <ctype.h>

#include "base/str.h"
#include "rest/dialect.h"

const char *own_url(struct request *rq, const char *path)
{
    return arena_printf(rq->arena, "%s/v2.1/%s", rq_base_url(rq), path);
}

static void write_link(struct jw *w, const char *rel, const char *href)
{
    jw_object(w, NULL);
    jw_str(w, "rel", rel);
    jw_str(w, "href", href);
    jw_end_object(w);
}

void write_links(struct request *rq, struct jw *w, const char *path)
{
    jw_array(w, "links");
    write_link(w, "self", own_url(rq, path));
    write_link(w, "bookmark", arena_printf(rq->arena, "%s/%s", rq_base_url(rq), path));
    jw_end_array(w);
}

void write_bookmark(struct request *rq, struct jw *w, const char *path)
{
    jw_array(w, "links");
    write_link(w, "bookmark", arena_printf(rq->arena, "%s/%s", rq_base_url(rq), path));
    jw_end_array(w);
}

bool is_admin(struct request *rq)
{
    return rq_can(rq, "context_is_admin");
}

static bool good_key(const char *key)
{
    for (const char *p = key; *p; p++)
        if (!isalnum((unsigned char) *p) && !strchr("-_:. ", *p))
            return false;
    return true;
}

int check_string_map(struct request *rq, const char *name, const json_t *o, size_t key_max, size_t value_max,
                     struct err *err)
{
    const struct dialect *d = rq->server->service->dialect;
    const char *key;
    json_t *v;

    if (!json_is_object(o))
        return d->bad_field(rq, err, name, o, "is not of type 'object'");
    json_object_foreach ((json_t *) o, key, v) {
        if (!*key || strlen(key) > key_max || !good_key(key))
            return d->bad_field(rq, err, name, o,
                                "has a key that is empty, too long or has other characters "
                                "than letters, digits, '-', '_', ':', '.' and space");
        if (!json_is_string(v))
            return d->bad_field(rq, err, key, v, "is not of type 'string'");
        if (str_utf8_len(json_string_value(v)) > value_max)
            return d->bad_field(rq, err, key, v, "is too long");
    }
    return 0;
}

json_t *json_of(const char *text)
{
    json_t *j = NULL;

    if (!text || json_read(text, strlen(text), &j, NULL) < 0)
        return json_object();
    return j;
}

void write_json(struct jw *w, const char *name, const char *text, const char *otherwise)
{
    jw_raw(w, name, text ? text : otherwise);
}

bool wants_none(struct request *rq)
{
    int64_t n;
    const char *limit = rq_query(rq, "limit");

    return limit && str_to_i64(limit, &n) >= 0 && n == 0;
}

int list_rows(struct request *rq, const struct resource *res,
              int (*before)(struct request *rq, struct query *q, struct err *err), struct list *ret,
              struct err *err)
{
    struct query q = { 0 };
    struct txn *t;
    int r;

    r = resource_query(rq, res, &q, err);
    if (r >= 0 && before)
        r = before(rq, &q, err);
    if (r >= 0)
        r = rq_txn(rq, &t, err);
    if (r < 0)
        return r;
    r = table_list(t, rq->arena, res->table, &q, ret, err);
    if (r >= 0 && wants_none(rq))
        ret->count = 0, ret->more = false;
    if (r == -ENOENT && q.marker)
        return err_http(err, 400, NULL, "marker [%.255s] not found", q.marker);
    return r;
}

void write_next(struct request *rq, struct jw *w, const char *name, const struct resource *res,
                const struct list *l)
{
    struct resource named = *res;

    named.plural = name;
    rq->server->service->dialect->list_links(rq, w, &named, l);
}

static const char *check_ip(int family, const char *v)
{
    struct in6_addr any;

    return inet_pton(family, v, &any) == 1 ? NULL : "is not an IP address";
}

const char *check_ipv4(const char *v)
{
    return check_ip(AF_INET, v);
}

const char *check_ipv6(const char *v)
{
    return check_ip(AF_INET6, v);
}

const char *check_address(const char *v)
{
    return check_ip(strchr(v, ':') ? AF_INET6 : AF_INET, v);
}
