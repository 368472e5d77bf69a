/* SPDX-License-Identifier: Apache-2.0 */
/* /v3/roles and what they imply. */
#include "identity/store/roles.h"

#include "base/str.h"
#include "identity/api/common.h"
#include "identity/api/need.h"
#include "identity/api/options.h"
#include "identity/api/replies.h"
#include "identity/api/routes.h"
#include "identity/store/implied_roles.h"

#define R(type, member, uses, ...) FIELD(type, role, member, .use = (uses), __VA_ARGS__)

static const struct field fields[] = {
    R(FIELD_STRING, id, ON_SHOW | ON_SORT),
    R(FIELD_STRING, name, ON_ALL, .required = true, .min = 1, .max = 255, .check = check_not_blank),
    R(FIELD_STRING, domain_id, ON_CREATE | ON_UPDATE, .nullable = true, .max = 64),
    R(FIELD_STRING, description, ON_IN | ON_SHOW, .nullable = true, .max = 4096),
    R(FIELD_JSON, options, ON_IN, .json = "object"),
    { 0 },
};

static void present(struct request *rq, struct jw *w, const void *obj)
{
    const struct role *role = obj;

    jw_str(w, "domain_id", str_empty(role->domain_id) ? NULL : role->domain_id);
    jw_raw(w, "options", role->options ? role->options : "{}");
    write_extra(w, role->extra);
    write_self(rq, w, "roles", role->id);
}

/* Without domain_id only the global roles are listed. */
static int before_list(struct request *rq, struct query *q, struct err *err)
{
    static const char *const none[] = { NULL };
    const char *domain_id = rq_query(rq, "domain_id");

    if (domain_id &&
        !*domain_id) /* Asked for, and nobody's: global roles are those that nothing is asked about. */
        rq_cond(rq, q, (struct cond){ .column = "id", .op = COND_IN, .list = none });
    rq_cond(
        rq, q,
        (struct cond){ .column = "domain_id", .op = COND_EQ, .value = val_text(domain_id ? domain_id : "") });
    return 0;
}

static int before_create(struct request *rq, void *obj, struct err *err)
{
    struct role *role = obj;
    int r = settle_mark(rq, &role->options, err);

    if (!role->domain_id)
        role->domain_id = "";
    else if (r >= 0)
        r = require_domain(rq, role->domain_id, err);
    return r < 0 ? r : extra_of(rq, fields, NULL, &role->extra, err);
}

static int before_update(struct request *rq, const void *old, void *obj, struct err *err)
{
    const struct role *was = old;
    struct role *role = obj;
    int r;

    if (!role->domain_id)
        role->domain_id = "";
    if (!str_eq(role->domain_id, was->domain_id))
        return err_http(err, 400, NULL, "Update of `domain_id` is not allowed.");
    r = check_mark(rq, err);
    if (r >= 0)
        r = was->options ? merge_options(rq, was->options, &role->options, err)
                         : drop_nulls(rq, &role->options, err);
    if (r >= 0)
        r = refuse_immutable_update(rq, "role", was->id, was->options, role->options, err);
    return r < 0 ? r : extra_of(rq, fields, was->extra, &role->extra, err);
}

static int before_delete(struct request *rq, void *obj, struct err *err)
{
    const struct role *role = obj;
    struct txn *t;
    int r = refuse_immutable("role", role->id, role->options, err);

    if (r >= 0)
        r = rq_txn(rq, &t, err);
    return r < 0 ? r : role_forget(t, role->id, err);
}

const struct resource role_resource = {
    .singular = "role",
    .plural = "roles",
    .table = &role_table,
    .fields = fields,
    .default_sort = "name",
    .id_param = "role_id",
    .before_list = before_list,
    .before_create = before_create,
    .before_update = before_update,
    .before_delete = before_delete,
    .present = present,
};

/* --- implied roles --------------------------------------------------------------------- */

static void write_role(struct request *rq, struct jw *w, const char *name, const struct role *role)
{
    jw_object(w, name);
    jw_str(w, "id", role->id);
    jw_str(w, "name", role->name);
    write_self(rq, w, "roles", role->id);
    jw_end_object(w);
}

static int reply_inference(struct request *rq, const struct role *prior, const struct role *implied,
                           int status)
{
    struct jw *w = reply_begin(rq);

    jw_object(w, NULL);
    jw_object(w, "role_inference");
    write_role(rq, w, "prior_role", prior);
    write_role(rq, w, "implies", implied);
    jw_end_object(w);
    jw_object(w, "links");
    jw_printf(w, "self", "%s/v3/roles/%s/implies/%s", rq_base_url(rq), prior->id, implied->id);
    jw_end_object(w);
    jw_end_object(w);
    return reply_end(rq, status);
}

static int need_both(struct request *rq, struct role *prior, struct role *implied, struct err *err)
{
    int r = need_role(rq, rq_param(rq, "prior_role_id"), prior, err);

    return r < 0 ? r : need_role(rq, rq_param(rq, "implied_role_id"), implied, err);
}

#define NEVER_IMPLIED "%s cannot be an implied roles." /* So it says. */

static int add_implied(struct request *rq, struct err *err)
{
    struct role prior = { 0 }, implied = { 0 };
    int r = need_both(rq, &prior, &implied, err);

    if (r >= 0 && strv_contains(identity_of(rq)->opt->prohibited_implied_role, implied.name))
        return err_http(err, 403, NULL, NEVER_IMPLIED, implied.id);
    if (r >= 0 && str_empty(prior.domain_id) && !str_empty(implied.domain_id))
        return err_http(err, 403, NULL, NEVER_IMPLIED, implied.id);
    if (r >= 0)
        r = implied_role_add(rq->txn, rq->arena, prior.id, implied.id, err);
    if (r == -EEXIST)
        return err_http(err, 409, NULL,
                        "Conflict occurred attempting to store implied_role - Duplicate entry.");
    return r < 0 ? r : reply_inference(rq, &prior, &implied, 201);
}

static int not_implied(const struct role *prior, const struct role *implied, struct err *err)
{
    return err_http(err, 404, NULL, "%s does not imply %s.", prior->id, implied->id);
}

static int show_implied(struct request *rq, struct err *err)
{
    struct role prior = { 0 }, implied = { 0 };
    int r = need_both(rq, &prior, &implied, err);

    if (r >= 0)
        r = implied_role_exists(rq->txn, prior.id, implied.id, err);
    if (r >= 0 && rq->route->status)
        return reply_empty(rq, rq->route->status);
    return r == -ENOENT && prior.id && implied.id ? not_implied(&prior, &implied, err)
           : r < 0                                ? r
                                                  : reply_inference(rq, &prior, &implied, 200);
}

static int delete_implied(struct request *rq, struct err *err)
{
    struct role prior = { 0 }, implied = { 0 };
    int r = need_both(rq, &prior, &implied, err);

    if (r >= 0)
        r = implied_role_remove(rq->txn, prior.id, implied.id, err);
    return r == -ENOENT && prior.id && implied.id ? not_implied(&prior, &implied, err)
           : r < 0                                ? r
                                                  : reply_empty(rq, 204);
}

/* One prior role with what it implies, from 'first' on; returns behind it. */
static size_t write_inference(struct request *rq, struct jw *w, const struct inference *all, size_t n,
                              size_t first)
{
    size_t i = first;

    write_role(rq, w, "prior_role", &all[first].prior);
    jw_array(w, "implies");
    for (; i < n && str_eq(all[i].prior.id, all[first].prior.id); i++)
        write_role(rq, w, NULL, &all[i].implied);
    jw_end_array(w);
    return i;
}

static int list_implied(struct request *rq, struct err *err)
{
    struct role prior = { 0 };
    struct inference *all;
    struct jw *w;
    size_t n;
    int r = need_role(rq, rq_param(rq, "prior_role_id"), &prior, err);

    if (r >= 0)
        r = inferences_list(rq->txn, rq->arena, prior.id, &all, &n, err);
    if (r < 0)
        return r;
    w = reply_begin(rq);
    jw_object(w, NULL);
    jw_object(w, "role_inference");
    if (n) {
        write_inference(rq, w, all, n, 0);
    } else {
        write_role(rq, w, "prior_role", &prior);
        jw_array(w, "implies");
        jw_end_array(w);
    }
    jw_end_object(w);
    jw_object(w, "links");
    jw_printf(w, "self", "%s%s", rq_base_url(rq), rq->http->path);
    jw_end_object(w);
    jw_end_object(w);
    return reply_end(rq, 200);
}

static int list_inferences(struct request *rq, struct err *err)
{
    struct inference *all;
    struct txn *t;
    struct jw *w;
    size_t n;
    int r = rq_txn(rq, &t, err);

    if (r >= 0)
        r = inferences_list(t, rq->arena, NULL, &all, &n, err);
    if (r < 0)
        return r;
    w = reply_begin(rq);
    jw_object(w, NULL);
    jw_array(w, "role_inferences");
    for (size_t i = 0; i < n;) {
        jw_object(w, NULL);
        i = write_inference(rq, w, all, n, i);
        jw_end_object(w);
    }
    jw_end_array(w);
    jw_end_object(w);
    return reply_end(rq, 200);
}

/* Roles of a domain have rules of their own. */
static const char *either(bool of_domain, const char *global, const char *own)
{
    return of_domain ? own : global;
}

static bool is_of_domain(struct request *rq)
{
    const struct role *role = rq->object;

    return role && !str_empty(role->domain_id);
}

static const char *list_rule(struct request *rq)
{
    return either(!str_empty(rq_query(rq, "domain_id")), "identity:list_roles", "identity:list_domain_roles");
}

static const char *create_rule(struct request *rq)
{
    const json_t *id = json_object_get(json_obj(rq->json, "role"), "domain_id");

    return either(id && !json_is_null(id), "identity:create_role", "identity:create_domain_role");
}

static const char *get_rule(struct request *rq)
{
    return either(is_of_domain(rq), "identity:get_role", "identity:get_domain_role");
}

static const char *update_rule(struct request *rq)
{
    return either(is_of_domain(rq), "identity:update_role", "identity:update_domain_role");
}

static const char *delete_rule(struct request *rq)
{
    return either(is_of_domain(rq), "identity:delete_role", "identity:delete_domain_role");
}

#define IMPLIES "/v3/roles/{prior_role_id}/implies"

/* clang-format off */
const struct route role_routes[] = {
    { HTTP_GET,    "/v3/roles",           "identity:list_roles",  resource_list,   &role_resource, .rule = list_rule },
    { HTTP_POST,   "/v3/roles",           "identity:create_role", resource_create, &role_resource,
      .rule = create_rule, .flags = ROUTE_IGNORE_UNKNOWN },
    { HTTP_GET,    "/v3/roles/{role_id}", "identity:get_role",    resource_show,   &role_resource,
      .rule = get_rule, .target_prefix = "target.role", .flags = ROUTE_FOUND_FIRST },
    { HTTP_PATCH,  "/v3/roles/{role_id}", "identity:update_role", resource_update, &role_resource,
      .rule = update_rule, .target_prefix = "target.role", .flags = ROUTE_IGNORE_UNKNOWN | ROUTE_FOUND_FIRST },
    { HTTP_DELETE, "/v3/roles/{role_id}", "identity:delete_role", resource_delete, &role_resource,
      .rule = delete_rule, .target_prefix = "target.role", .flags = ROUTE_FOUND_FIRST },
    { HTTP_GET,    IMPLIES,                        "identity:list_implied_roles",  list_implied },
    { HTTP_PUT,    IMPLIES "/{implied_role_id}",   "identity:create_implied_role", add_implied },
    { HTTP_HEAD,   IMPLIES "/{implied_role_id}",   "identity:check_implied_role",  show_implied, .status = 204 },
    { HTTP_GET,    IMPLIES "/{implied_role_id}",   "identity:get_implied_role",    show_implied },
    { HTTP_DELETE, IMPLIES "/{implied_role_id}",   "identity:delete_implied_role", delete_implied },
    { HTTP_GET,    "/v3/role_inferences",          "identity:list_role_inference_rules", list_inferences },
    { 0 },
};
/* clang-format on */
