/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/api/common.h"

#include <ctype.h>

#include "base/str.h"
#include "identity/store/credentials.h"
#include "identity/store/endpoints.h"
#include "identity/store/groups.h"
#include "identity/store/projects.h"
#include "identity/store/regions.h"
#include "identity/store/roles.h"
#include "identity/store/services.h"
#include "identity/store/users.h"
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

/* 404 in Keystone's words. */
static int not_found(struct err *err, const char *what, const char *id)
{
    return err_http(err, 404, NULL, "Could not find %s: %.255s.", what, id);
}

static int need(struct request *rq, const struct table *table, const char *what, const char *id, void *ret,
                struct err *err)
{
    struct txn *t;
    int r = rq_txn(rq, &t, err);

    if (r >= 0)
        r = table_get(t, rq->arena, table, id, ret, err);
    return r == -ENOENT ? not_found(err, what, id) : r;
}

int need_user(struct request *rq, const char *id, struct user *ret, struct err *err)
{
    return need(rq, &user_table, "user", id, ret, err);
}

int need_group(struct request *rq, const char *id, struct group *ret, struct err *err)
{
    return need(rq, &group_table, "group", id, ret, err);
}

int need_role(struct request *rq, const char *id, struct role *ret, struct err *err)
{
    return need(rq, &role_table, "role", id, ret, err);
}

int need_endpoint(struct request *rq, const char *id, struct endpoint *ret, struct err *err)
{
    return need(rq, &endpoint_table, "endpoint", id, ret, err);
}

int need_service(struct request *rq, const char *id, struct catalog_service *ret, struct err *err)
{
    return need(rq, &catalog_service_table, "service", id, ret, err);
}

int need_region(struct request *rq, const char *id, struct region *ret, struct err *err)
{
    return need(rq, &region_table, "region", id, ret, err);
}

int need_project(struct request *rq, const char *id, struct project *ret, struct err *err)
{
    return need(rq, &project_table, "project", id, ret, err);
}

int need_domain(struct request *rq, const char *id, struct project *ret, struct err *err)
{
    int r = need(rq, &project_table, "domain", id, ret, err);

    return r >= 0 && !ret->is_domain ? not_found(err, "domain", id) : r;
}

int require_domain(struct request *rq, const char *domain_id, struct err *err)
{
    struct project p = { 0 };

    return need_domain(rq, domain_id, &p, err);
}

static int reply_chosen(struct request *rq, const struct resource *res, const struct cond *which,
                        bool as_list, list_hook *more, struct err *err)
{
    struct query q = { 0 };
    struct list objs;
    struct txn *t;
    int r;

    r = resource_query(rq, res, &q, err);
    rq_cond(rq, &q, *which);
    if (r >= 0 && as_list)
        r = limit_to_own_domain(rq, &q, err);
    if (r >= 0 && more)
        r = more(rq, &q, err);
    if (r >= 0)
        r = rq_txn(rq, &t, err);
    if (r >= 0)
        r = table_list(t, rq->arena, res->table, &q, &objs, err);
    return r < 0 ? r : reply_resources(rq, res, &objs);
}

int reply_ids(struct request *rq, const struct resource *res, const char *const *ids, struct err *err)
{
    const struct cond which = { .column = res->table->key, .op = COND_IN, .list = ids };

    return reply_chosen(rq, res, &which, false, NULL, err);
}

int reply_those(struct request *rq, const struct resource *res, struct cond which, list_hook *more,
                struct err *err)
{
    return reply_chosen(rq, res, &which, false, more, err);
}

int reply_those_listed(struct request *rq, const struct resource *res, struct cond which, list_hook *more,
                       struct err *err)
{
    return reply_chosen(rq, res, &which, true, more, err);
}

int reply_created(struct request *rq, const struct resource *res, const struct list *rows)
{
    struct jw *w = reply_begin(rq);

    jw_object(w, NULL);
    jw_array(w, res->plural);
    for (size_t i = 0; i < rows->count; i++) {
        jw_object(w, NULL);
        fields_write(rq, w, res->fields, list_at(rows, i));
        res->present(rq, w, list_at(rows, i));
        jw_end_object(w);
    }
    jw_end_array(w);
    jw_end_object(w);
    return reply_end(rq, 201);
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

int options_check(struct request *rq, const char *const *flags, const char *other, struct err *err)
{
    const char *name;
    json_t *v;

    json_object_foreach (json_obj(rq->in, "options"), name, v) {
        if (str_eq(name, other))
            continue;
        if (!strv_contains(flags, name))
            return err_http(err, 400, NULL,
                            "Invalid input for field 'options': Additional properties are not allowed "
                            "('%.64s' was unexpected)",
                            name);
        if (!json_is_null(v) && !json_is_boolean(v))
            return bad_value(rq, arena_printf(rq->arena, "options/%s", name), v,
                             "is not of type 'boolean', 'null'", err);
    }
    return 0;
}

int merge_options(struct request *rq, const char *old, const char **options, struct err *err)
{
    auto_json json_t *all = NULL, *new = NULL;
    const char *name;
    json_t *v;
    int r;

    if (!old || !*options || old == *options)
        return 0;
    r = json_read(old, strlen(old), &all, err);
    if (r >= 0)
        r = json_read(*options, strlen(*options), &new, err);
    if (r < 0)
        return r;
    json_object_foreach (new, name, v) {
        if (json_is_null(v))
            json_object_del(all, name);
        else
            json_object_set(all, name, v);
    }
    *options = json_text(rq->arena, all);
    return 0;
}

int drop_nulls(struct request *rq, const char **options, struct err *err)
{
    return *options ? merge_options(rq, "{}", options, err) : 0;
}

static bool is_immutable(const char *options)
{
    auto_json json_t *o = NULL;

    return options && json_read(options, strlen(options), &o, NULL) >= 0 && json_truth(o, "immutable", false);
}

int check_mark(struct request *rq, struct err *err)
{
    static const char *const flags[] = { "immutable", NULL };

    return options_check(rq, flags, NULL, err);
}

int settle_mark(struct request *rq, const char **options, struct err *err)
{
    int r = check_mark(rq, err);

    return r < 0 ? r : drop_nulls(rq, options, err);
}

static int immutable(const char *verb, const char *kind, const char *id, struct err *err)
{
    return err_http(
        err, 403, NULL,
        "Unable to %s immutable %s resource: `%s. Set resource option \"immutable\" to false first.", verb,
        kind, id);
}

int refuse_immutable(const char *kind, const char *id, const char *options, struct err *err)
{
    return is_immutable(options) ? immutable("delete", kind, id, err) : 0;
}

int refuse_immutable_update(struct request *rq, const char *kind, const char *id, const char *options,
                            const char *new_options, struct err *err)
{
    bool unmarks =
        json_object_size(rq->in) == 1 && json_object_get(rq->in, "options") && !is_immutable(new_options);

    if (unmarks || !is_immutable(options))
        return 0;
    return immutable("update", kind, id, err);
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

int limit_to_own_domain(struct request *rq, struct query *q, struct err *err)
{
    const struct token *t = rq->token;

    if (t->domain_id)
        rq_cond(rq, q,
                (struct cond){ .column = "domain_id", .op = COND_EQ, .value = val_text(t->domain_id) });
    return 0;
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

int check_credential_limit(struct request *rq, const char *user_id, struct err *err)
{
    int64_t limit = identity_of(rq)->opt->credential_limit, n;
    struct txn *t;
    int r;

    if (limit < 0)
        return 0;
    r = rq_txn(rq, &t, err);
    if (r >= 0)
        r = credentials_count(t, user_id, &n, err);
    if (r >= 0 && n >= limit)
        return err_http(err, 403, NULL,
                        "Unable to create additional credentials, maximum of %lld already exceeded for user.",
                        (long long) limit);
    return r;
}

int refuse_delegated_on_credentials(struct request *rq, struct err *err)
{
    return token_is_delegated(rq->token)
               ? err_http(err, 403, NULL,
                          "You are not authorized to perform the requested action: Delegated tokens cannot "
                          "access credentials directly.")
               : 0;
}

static const char *wrong_in_role_ref(const char *name, const json_t *v)
{
    const char *s = json_string_value(v);
    bool is_id = str_eq(name, "id");

    if (!s)
        return "is not of type 'string'";
    if (!*s || str_utf8_len(s) > (is_id ? 64 : 255))
        return *s ? "is too long" : "is too short";
    return is_id ? check_id(s) : check_not_blank(s);
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

static int check_role_ref(struct request *rq, const char *where, const json_t *ref, struct err *err)
{
    static const char *const known[] = { "id", "name", NULL };

    if (!json_is_object(ref))
        return bad_value(rq, where, ref, "is not of type 'object'", err);
    if (json_object_size(ref) != 1)
        return bad_value(
            rq, where, ref,
            json_object_size(ref) ? "has too many properties" : "does not have enough properties", err);
    return check_members(rq, where, ref, known, wrong_in_role_ref, err);
}

int check_role_refs(struct request *rq, struct err *err)
{
    const json_t *all = json_object_get(rq->in, "roles"), *v;
    size_t i;
    int r = 0;

    if (all && (!json_is_array(all) || json_array_size(all) > 1000))
        return bad_value(rq, "roles", all, json_is_array(all) ? "is too long" : "is not of type 'array'",
                         err);
    json_array_foreach (all, i, v)
        r = r < 0 ? r : check_role_ref(rq, arena_printf(rq->arena, "roles/%zu", i), v, err);
    return r;
}

static int read_role_ref(struct request *rq, const json_t *v, const char **ret_id, struct err *err)
{
    const char *name = json_str(v, "name");
    struct role role = { 0 };
    int r;

    *ret_id = json_str(v, "id");
    if (*ret_id)
        return 0;
    r = role_find(rq->txn, rq->arena, "", name, &role, err);
    if (r == -ENOENT)
        return err_http(err, 404, NULL, "Role %.255s is not defined", name);
    *ret_id = role.id;
    return r;
}

int read_role_refs(struct request *rq, const json_t *list, const char ***ret_ids, struct err *err)
{
    const char **ids = NULL, *id = NULL;
    const json_t *v;
    size_t i;
    int r = 0;

    json_array_foreach (list, i, v) {
        r = read_role_ref(rq, v, &id, err);
        if (r < 0)
            return r;
        if (!strv_contains(ids, id))
            ids = strv_add(rq->arena, ids, id);
    }
    *ret_ids = ids;
    return 0;
}

static const char *fields_attr(const void *ctx, struct arena *a, const char *name)
{
    const struct policy_fields *t = ctx;
    size_t n = strlen(t->prefix);
    const struct field *f;
    const char *v;

    if (strncmp(name, t->prefix, n) == 0 && name[n] == '.')
        name += n + 1;
    f = field_named(t->fields, name);
    if (!f)
        return NULL;
    v = field_text(a, f, t->obj);
    return !v && f->type == FIELD_STRING ? POLICY_NONE : v;
}

int authorize_fields(struct request *rq, const char *rule, const struct policy_fields *target,
                     struct err *err)
{
    return rq_authorize_target(rq, rule, &(struct policy_target){ fields_attr, target, NULL }, err);
}

struct new_target {
    const char *domain_id;
};

const struct field domain_target[] = { FIELD(FIELD_STRING, new_target, domain_id), { 0 } };

int load_new_target(struct request *rq, struct err *err)
{
    struct new_target *n = arena_new(rq->arena, struct new_target);
    const char *key = rq->route->resource->singular;

    n->domain_id = json_str(json_obj(rq->json, key), "domain_id");
    rq->object = n;
    return own_domain(rq, &n->domain_id, err);
}

void set_domain_target(struct request *rq, const char *domain_id)
{
    struct new_target *n = arena_new(rq->arena, struct new_target);

    n->domain_id = domain_id;
    rq->object = n;
}

int load_token_domain(struct request *rq, struct err *err)
{
    set_domain_target(rq, rq->token->domain_id);
    return 0;
}

const struct field no_fields[] = { { 0 } };
