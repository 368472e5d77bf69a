/* SPDX-License-Identifier: Apache-2.0 */
#include "network/api/common.h"

#include "base/str.h"
#include "base/uuid.h"
#include "network/bus.h"
#include "network/model/change.h"

const struct field net_no_fields[] = { { 0 } };

static const struct net_resource *resource_of(const struct request *rq)
{
    return container_of(rq->route->resource, struct net_resource, rest);
}

bool ctx_given(const struct net_ctx *c, size_t offset)
{
    for (unsigned i = 0; c->fields && c->fields[i].name; i++)
        if (c->fields[i].offset == offset && (c->given & UINT64_C(1) << i))
            return true;
    return false;
}

/* --- the context --------------------------------------------------------------- */

static void tell(struct request *rq, void *ctx)
{
    struct net_ctx *c = ctx;

    if (c->events && rq->server->worker)
        worker_kick(rq->server->worker);
    network_nudge(rq->server, c->hosts);
}

int net_begin(struct request *rq, struct net_ctx **ret, struct err *err)
{
    struct net_ctx *c = rq->after_commit == tell ? rq->after_commit_ctx : NULL;
    struct txn *t;
    int r = rq_txn(rq, &t, err);

    if (r < 0)
        return r;
    if (!c) {
        c = arena_new(rq->arena, struct net_ctx);
        c->a = rq->arena;
        c->n = rq->state;
        c->now_us = server_now_us(rq->server);
        c->request_id = rq->request_id;
        c->project_id = rq->token ? rq->token->project_id : NULL;
        c->admin = rq_can(rq, "context_is_admin");
        rq_after_commit(rq, tell, c);
    }
    c->t = t;
    *ret = c;
    return 0;
}

int net_finish(struct request *rq, struct err *err)
{
    struct net_ctx *c;
    int r = net_begin(rq, &c, err);

    return r < 0 ? r : change_flush(c, err);
}

/* --- policy by attribute --------------------------------------------------------- */

/* True when the value is what the attribute has anyway. */
static bool is_default(const struct field *f, const json_t *v)
{
    if (json_is_null(v))
        return !f->value;
    if (!f->value)
        return false;
    if (json_is_boolean(v))
        return str_eq(f->value, json_is_true(v) ? "true" : "false");
    return json_is_string(v) && str_eq(f->value, json_string_value(v));
}

static int ask(struct request *rq, const char *rule, const void *obj, struct err *err)
{
    if (!policy_has(rq->server->policy, rule))
        return 0;
    return rq_authorize(rq, rule, rq->route->resource->fields, obj, err);
}

/* Members of an attribute may have rules too: "create_port:fixed_ips:ip_address". */
static int ask_members(struct request *rq, const char *rule, const json_t *v, const void *obj,
                       struct err *err)
{
    const char *name;
    json_t *member;
    int r = 0;

    if (json_is_array(v)) {
        for (size_t i = 0; r >= 0 && i < json_array_size(v); i++)
            if (json_is_object(json_array_get(v, i)))
                r = ask_members(rq, rule, json_array_get(v, i), obj, err);
        return r;
    }
    json_object_foreach ((json_t *) v, name, member) {
        if (r >= 0 && strlen(name) < 64)
            r = ask(rq, arena_printf(rq->arena, "%s:%s", rule, name), obj, err);
    }
    return r;
}

static int ask_attributes(struct request *rq, const char *verb, const struct net_ctx *c, const void *obj,
                          struct err *err)
{
    const struct net_resource *res = resource_of(rq);
    bool creating = rq->http->method == HTTP_POST;
    int r = 0;

    for (unsigned i = 0; r >= 0 && c->fields[i].name; i++) {
        const struct field *f = &c->fields[i];
        const json_t *v = json_object_get(c->in, f->name);
        const char *rule;

        if (!(c->given & UINT64_C(1) << i) || (creating && is_default(f, v)))
            continue;
        rule = arena_printf(rq->arena, "%s_%s:%s", verb, res->name, f->name);
        r = ask(rq, rule, obj, err);
        if (r >= 0 && (json_is_object(v) || json_is_array(v)))
            r = ask_members(rq, rule, v, obj, err);
    }
    return r;
}

/* --- creation -------------------------------------------------------------------- */

static const char **owner_at(const struct net_resource *res, void *obj)
{
    const struct field *f = field_named(res->rest.fields, "project_id");

    return f ? (const char **) ((char *) obj + f->offset) : NULL;
}

static void fill_new(struct request *rq, const struct net_resource *res, struct net_ctx *c, void *obj)
{
    const char **owner = owner_at(res, obj);

    *(const char **) ((char *) obj + field_named(res->rest.fields, "id")->offset) = uuid_new(rq->arena);
    if (owner && !*owner)
        *owner = c->project_id;
    for (const struct column *col = res->rest.table->columns; col->name; col++)
        if (col->type == FIELD_TIME && (str_eq(col->name, "created_at") || str_eq(col->name, "updated_at")))
            *(int64_t *) ((char *) obj + col->offset) = c->now_us;
}

static int check_owner(const struct net_resource *res, const struct net_ctx *c, void *obj, struct err *err)
{
    const char **owner = owner_at(res, obj);

    if (!owner || c->admin || str_eq(*owner, c->project_id))
        return 0;
    return err_http(err, 400, "HTTPBadRequest",
                    "Specifying 'project_id' or 'tenant_id' other than the authenticated project in request "
                    "requires admin privileges");
}

static int create_one(struct request *rq, struct net_ctx *c, const json_t *in, void *obj, struct err *err)
{
    const struct net_resource *res = resource_of(rq);
    const char *rule = arena_printf(rq->arena, "create_%s", res->name);
    int r;

    c->fields = res->rest.fields;
    c->in = in;
    r = fields_read(rq, c->fields, ON_CREATE, UNKNOWN_REFUSE, in, obj, &c->given, err);
    if (r < 0)
        return r;
    fill_new(rq, res, c, obj);
    r = check_owner(res, c, obj, err);
    if (r >= 0 && res->parents)
        r = res->parents(c, obj, err);
    if (r >= 0)
        r = ask(rq, rule, obj, err);
    if (r >= 0)
        r = ask_attributes(rq, "create", c, obj, err);
    if (r >= 0 && res->quota)
        r = net_quota_check(c, res->quota, owner_at(res, obj) ? *owner_at(res, obj) : NULL, 1, err);
    return r < 0 ? r : res->create(c, obj, err);
}

int net_create(struct request *rq, struct err *err)
{
    const struct net_resource *res = resource_of(rq);
    const json_t *one = json_object_get(rq->json, res->rest.singular);
    const json_t *many = json_object_get(rq->json, res->rest.plural);
    struct list objs = { .size = res->rest.table->size };
    struct net_ctx *c;
    int r;

    if (!one && !json_is_array(many))
        return rq->server->service->dialect->missing_field(rq, err, res->rest.singular);
    objs.count = one ? 1 : json_array_size(many);
    r = net_begin(rq, &c, err);
    if (r < 0)
        return r;
    if (!objs.count || (int64_t) objs.count > c->n->opt->max_bulk)
        return err_http(err, 400, "HTTPBadRequest", "Resource body required: between 1 and %lld %s",
                        (long long) c->n->opt->max_bulk, res->rest.plural);
    objs.items = arena_calloc(rq->arena, objs.count, objs.size);
    for (size_t i = 0; r >= 0 && i < objs.count; i++)
        r = create_one(rq, c, one ? one : json_array_get(many, i), list_at(&objs, i), err);
    if (r >= 0)
        r = net_finish(rq, err);
    if (r >= 0)
        r = net_expand(rq, &objs, err);
    if (r < 0)
        return r;
    return one ? reply_resource(rq, &res->rest, objs.items, 201) : reply_resources(rq, &res->rest, &objs);
}

/* --- the rest ---------------------------------------------------------------------- */

/* A list's conditions hold for a single row too: what the asker would not find
 * in a list is not there. */
static int check_visible(struct request *rq, const struct resource *res, const char *id, struct err *err)
{
    struct query q = { .limit = 1 };
    struct list found = { 0 };
    struct txn *t;
    int r;

    if (!res->before_list || sees_all_projects(rq))
        return 0;
    r = res->before_list(rq, &q, err);
    rq_cond(rq, &q, (struct cond){ .column = "id", .op = COND_EQ, .value = val_text(id) });
    if (r >= 0)
        r = rq_txn(rq, &t, err);
    if (r >= 0)
        r = table_list(t, rq->arena, res->table, &q, &found, err);
    if (r >= 0 && !found.count)
        return rq->server->service->dialect->not_found(rq, err, res, id);
    return r;
}

int net_load(struct request *rq, struct err *err)
{
    const struct resource *res = rq->route->resource;
    const char *id = rq_param(rq, res->id_param ? res->id_param : "id");
    const char **owner;
    void *obj;
    int r;

    r = check_visible(rq, res, id, err);
    if (r >= 0)
        r = resource_get(rq, res, id, &obj, err);
    if (r < 0)
        return r;
    rq->object = obj;
    owner = owner_at(resource_of(rq), obj);
    if (rq->route->policy[0] == '-' || rq_authorize(rq, rq->route->policy, res->fields, obj, err) >= 0 ||
        (owner && *owner && str_eq(*owner, rq->token->project_id)))
        return 0; /* An owner hears 403 from the policy check that follows. */
    err_clear(err);
    return rq->server->service->dialect->not_found(rq, err, res, id);
}

int net_expand(struct request *rq, struct list *objs, struct err *err)
{
    const struct net_resource *res = resource_of(rq);
    struct net_ctx *c;
    int r;

    if (!res->fill || !objs->count)
        return 0;
    r = net_begin(rq, &c, err);
    return r < 0 ? r : res->fill(c, objs, err);
}

int net_before_update(struct request *rq, const void *old, void *obj, struct err *err)
{
    const struct net_resource *res = resource_of(rq);
    struct net_ctx *c;
    int r = net_begin(rq, &c, err);

    if (r < 0)
        return r;
    c->fields = res->rest.fields;
    c->given = rq->given;
    c->in = rq->in;
    r = ask_attributes(rq, "update", c, obj, err);
    if (res->revision)
        ++*(int64_t *) ((char *) obj + res->revision);
    return r < 0 || !res->update ? r : res->update(c, old, obj, err);
}

int net_after_update(struct request *rq, const void *old, void *obj, struct err *err)
{
    const struct net_resource *res = resource_of(rq);
    struct net_ctx *c;
    int r = net_begin(rq, &c, err);

    if (r >= 0 && res->updated)
        r = res->updated(c, old, obj, err);
    return r < 0 ? r : net_finish(rq, err);
}

int net_before_delete(struct request *rq, void *obj, struct err *err)
{
    const struct net_resource *res = resource_of(rq);
    struct net_ctx *c;
    int r = net_begin(rq, &c, err);

    return r < 0 || !res->remove ? r : res->remove(c, obj, err);
}

int net_after_delete(struct request *rq, void *obj, struct err *err)
{
    return net_finish(rq, err);
}

bool sees_all_projects(struct request *rq)
{
    return rq_can(rq, "context_is_admin") || rq_can(rq, "context_with_global_access") ||
           rq_can(rq, "service_api") || rq_can(rq, "context_is_advsvc");
}

void list_visible(struct request *rq, struct query *q, const char *condition)
{
    struct val *own;

    if (sees_all_projects(rq))
        return;
    own = arena_new(rq->arena, struct val);
    *own = val_text(rq->token->project_id ? rq->token->project_id : "");
    rq_cond(rq, q, (struct cond){ .column = condition, .op = COND_SQL, .vals = own, .n_vals = 1 });
}

int limit_to_project(struct request *rq, struct query *q, struct err *err)
{
    filter_tags(rq, q);
    if (!sees_all_projects(rq))
        rq_cond(
            rq, q,
            (struct cond){ .column = "project_id", .op = COND_EQ, .value = val_text(rq->token->project_id) });
    return 0;
}

/* --- tags ---------------------------------------------------------------------------- */

/* Tags are kept as JSON text: a tag is in it when its quoted form is. */
static void tag_condition(struct request *rq, struct query *q, const char *value, bool any, bool negate)
{
    const char **tags = str_split(rq->arena, value, ',');
    struct strbuf sql;
    struct val *vals = arena_array(rq->arena, struct val, strv_len(tags));
    size_t n = 0;

    strbuf_init(&sql, rq->arena);
    strbuf_puts(&sql, negate ? "NOT (" : "(");
    strv_foreach (tag, tags) {
        auto_json json_t *j = json_string(*tag);
        struct strbuf pattern;

        strbuf_init(&pattern, rq->arena);
        strbuf_putc(&pattern, '%');
        for (const char *p = json_text(rq->arena, j); *p; p++) {
            if (strchr("%_!", *p))
                strbuf_putc(&pattern, '!');
            strbuf_putc(&pattern, *p);
        }
        strbuf_putc(&pattern, '%');
        strbuf_printf(&sql, "%sCOALESCE(tags, '') LIKE ? ESCAPE '!'", n ? (any ? " OR " : " AND ") : "");
        vals[n++] = val_text(strbuf_str(&pattern));
    }
    strbuf_putc(&sql, ')');
    rq_cond(rq, q, (struct cond){ .column = strbuf_str(&sql), .op = COND_SQL, .vals = vals, .n_vals = n });
}

void filter_tags(struct request *rq, struct query *q)
{
    static const struct {
        const char *name;
        bool any, negate;
    } kinds[] = {
        { "tags", false, false },
        { "tags-any", true, false },
        { "not-tags", false, true },
        { "not-tags-any", true, true },
    };

    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
        const char *v = rq_query(rq, kinds[i].name);

        if (v)
            tag_condition(rq, q, v, kinds[i].any, kinds[i].negate);
    }
}
