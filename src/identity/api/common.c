/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/api/common.h"

#include <ctype.h>

#include "base/str.h"
#include "rest/dialect.h"

int settle_name(struct request *rq, const char **name, struct err *err)
{
    *name = str_trim(rq->arena, *name);
    if (!**name)
        return err_http(err, 400, NULL, "Invalid input for field 'name': it has nothing but space.");
    return 0;
}

int check_url_safe(const char *rule, const char *what, const char *name, struct err *err)
{
    char bad[64];
    size_t n = 0;

    if (str_eq(rule, "off"))
        return 0;
    for (const char *p = name; (p = strpbrk(p, URL_RESERVED)); p++)
        if (n + 1 < sizeof(bad))
            bad[n++] = *p;
    bad[n] = 0;
    return n ? err_http(err, 400, NULL, "%s name cannot contain the following reserved characters: %s", what,
                        bad)
             : 0;
}

int own_domain(struct request *rq, const char **domain_id, struct err *err)
{
    if (!*domain_id)
        *domain_id = rq->token && rq->token->domain_id ? rq->token->domain_id : default_domain(rq->server);
    return 0;
}

const char *check_id(const char *v)
{
    while (isalnum((unsigned char) *v) || *v == '-')
        v++;
    return *v ? "does not match '^[a-zA-Z0-9-]+$'" : NULL;
}

int extra_of(struct request *rq, const struct field *fields, const char *old, const char **ret,
             struct err *err)
{
    static const char *const computed[] = { "links", "password_expires_at", NULL };
    auto_json json_t *all = NULL;
    const char *name;
    json_t *v;
    int r;

    if (old) {
        r = json_read(old, strlen(old), &all, err);
        if (r < 0)
            return r;
    } else {
        all = json_object();
    }
    json_object_foreach (rq->in, name, v) {
        if (!field_named(fields, name) && !strv_contains(computed, name))
            json_object_set(all, name, v);
    }
    *ret = json_object_size(all) ? json_text(rq->arena, all) : NULL;
    return 0;
}

int extra_keep_nulls(struct request *rq, const char *const *names, const char **extra, struct err *err)
{
    auto_json json_t *all = *extra ? NULL : json_object();
    int r = *extra ? json_read(*extra, strlen(*extra), &all, err) : 0;

    if (r < 0)
        return r;
    strv_foreach (name, names) {
        json_t *v = json_object_get(rq->in, *name);

        if (json_is_null(v))
            json_object_set(all, *name, v);
        else if (v)
            json_object_del(all, *name);
    }
    *extra = json_object_size(all) ? json_text(rq->arena, all) : NULL;
    return 0;
}

int bad_value(struct request *rq, const char *where, const json_t *v, const char *why, struct err *err)
{
    return rq->server->service->dialect->bad_field(rq, err, where, v, why);
}

int expecting(struct err *err, const char *what, const char *where)
{
    return err_http(err, 400, NULL,
                    "Expecting to find %s in %s. The server could not comply with the request since it is "
                    "either malformed or otherwise incorrect. The client is assumed to be in error.",
                    what, where);
}

bool has_repetition(const json_t *list)
{
    const json_t *v, *w;
    size_t i, k;

    json_array_foreach (list, i, v)
        json_array_foreach (list, k, w)
            if (k < i && json_equal(v, w))
                return true;
    return false;
}

void write_extra(struct jw *w, const char *extra)
{
    size_t n = extra ? strlen(extra) : 0;

    if (n <= 2)
        return;
    if (w->comma)
        strbuf_putc(w->out, ',');
    strbuf_add(w->out, extra + 1, n - 2);
    w->comma = true;
}

void write_self(struct request *rq, struct jw *w, const char *plural, const char *id)
{
    jw_object(w, "links");
    jw_printf(w, "self", "%s/v3/%s/%s", rq_base_url(rq), plural, id);
    jw_end_object(w);
}

int read_future(struct request *rq, const json_t *v, int64_t *ret_us, struct err *err)
{
    const char *s = json_string_value(v), *clock = s ? strchr(s, 'T') : NULL;
    int64_t us;

    /* A time of day, and that of Greenwich. */
    if (!clock || strpbrk(clock, "+-") || time_parse(s, &us) < 0)
        return err_http(
            err, 400, NULL,
            "Timestamp not in expected format. The server could not comply with the request since it is "
            "either malformed or otherwise incorrect. The client is assumed to be in error.");
    if (us <= server_now_us(rq->server))
        return err_http(
            err, 400, NULL,
            "The 'expires_at' must not be before now. The server could not comply with the request since "
            "it is either malformed or otherwise incorrect. The client is assumed to be in error.");
    *ret_us = us;
    return 0;
}

int check_members(struct request *rq, const char *where, const json_t *obj, const char *const *known,
                  const char *(*wrong)(const char *name, const json_t *v), struct err *err)
{
    const char *name, *why;
    json_t *v;

    json_object_foreach ((json_t *) obj, name, v) {
        if (!strv_contains(known, name))
            return err_http(
                err, 400, NULL,
                "Invalid input for field '%s': Additional properties are not allowed ('%.64s' was "
                "unexpected)",
                where, name);
        why = wrong(name, v);
        if (why)
            return bad_value(rq, arena_printf(rq->arena, "%s/%s", where, name), v, why, err);
    }
    return 0;
}

const struct field no_fields[] = { { 0 } };
