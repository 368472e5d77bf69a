/* SPDX-License-Identifier: Apache-2.0 */
/* /v3/OS-TRUST/trusts: a part of one user's rights in the hands of another. */
#include "identity/store/trusts.h"

#include "base/str.h"
#include "identity/api/common.h"
#include "identity/api/need.h"
#include "identity/api/role_refs.h"
#include "identity/api/routes.h"
#include "identity/api/targets.h"
#include "identity/model/revocations.h"
#include "identity/model/rights.h"
#include "identity/store/roles.h"

#define T(type, member, uses, ...) FIELD(type, trust, member, .use = (uses), __VA_ARGS__)

static const struct field fields[] = {
    T(FIELD_STRING, id, ON_SHOW | ON_SORT),
    T(FIELD_STRING, trustor_user_id, ON_CREATE | ON_SHOW | ON_FILTER, .required = true, .min = 1, .max = 64),
    T(FIELD_STRING, trustee_user_id, ON_CREATE | ON_SHOW | ON_FILTER, .required = true, .min = 1, .max = 64),
    T(FIELD_STRING, project_id, ON_CREATE | ON_SHOW, .nullable = true, .min = 1, .max = 64,
      .check = check_id),
    T(FIELD_BOOL, impersonation, ON_CREATE | ON_SHOW, .required = true),
    T(FIELD_INT, remaining_uses, ON_CREATE | ON_SHOW, .nullable = true, .min = 1, .max = INT32_MAX),
    T(FIELD_TIME, expires_at, ON_SHOW),
    T(FIELD_STRING, redelegated_trust_id, ON_SHOW),
    T(FIELD_INT, redelegation_count, ON_CREATE | ON_SHOW, .nullable = true, .max = 1000),
    { 0 },
};

/* --- what is shown ---------------------------------------------------------------------- */

static void write_role(struct request *rq, struct jw *w, const struct role *role)
{
    jw_str(w, "id", role->id);
    jw_str(w, "name", role->name);
    jw_str(w, "domain_id", str_empty(role->domain_id) ? NULL : role->domain_id);
    jw_str(w, "description", role->description);
    jw_raw(w, "options", role->options ? role->options : "{}");
    write_self(rq, w, "roles", role->id);
}

static void write_roles(struct request *rq, struct jw *w, const struct trust *trust)
{
    jw_array(w, "roles");
    strv_foreach (id, trust->role_ids) {
        struct role role = { 0 };

        if (table_get(rq->txn, rq->arena, &role_table, *id, &role, NULL) < 0)
            continue; /* The role is gone. */
        jw_object(w, NULL);
        write_role(rq, w, &role);
        jw_end_object(w);
    }
    jw_end_array(w);
}

static void write_links(struct request *rq, struct jw *w, const char *name, const struct trust *trust)
{
    jw_object(w, name);
    jw_printf(w, "self", "%s/v3/OS-TRUST/trusts/%s/roles", rq_base_url(rq), trust->id);
    jw_null(w, "next");
    jw_null(w, "previous");
    jw_end_object(w);
}

/* A list leaves the roles out. */
static void present(struct request *rq, struct jw *w, const void *obj)
{
    const struct trust *trust = obj;

    jw_null(w, "deleted_at");
    if (rq_param(rq, "trust_id") || rq->http->method == HTTP_POST) {
        write_roles(rq, w, trust);
        write_links(rq, w, "roles_links", trust);
    }
    jw_object(w, "links");
    jw_printf(w, "self", "%s/v3/OS-TRUST/trusts/%s", rq_base_url(rq), trust->id);
    jw_end_object(w);
}

/* --- making one --------------------------------------------------------------------------- */

static int forbidden(struct err *err, const char *why)
{
    return err_http(err, 403, NULL, "You are not authorized to perform the requested action: %s.", why);
}

static int refuse_app_cred(struct request *rq, struct err *err)
{
    return rq->token->app_cred_id ? forbidden(err, "Delegated tokens cannot manage trusts.") : 0;
}

static int read_expiry(struct request *rq, struct trust *trust, struct err *err)
{
    const json_t *v = json_object_get(rq->in, "expires_at");

    return v && !json_is_null(v) ? read_future(rq, v, &trust->expires_at, err) : 0;
}

static int read_redelegation(struct request *rq, struct trust *trust, struct err *err)
{
    const json_t *v = json_object_get(rq->in, "allow_redelegation");
    int64_t max = identity_of(rq)->opt->max_redelegation_count;
    bool given = RQ_GIVEN(rq, trust, redelegation_count) && trust->redelegation_count != FIELD_NULL_INT;
    bool may = json_is_true(v) && !(given && trust->redelegation_count == 0);

    if (v && !json_is_null(v) && !json_is_boolean(v))
        return bad_value(rq, "allow_redelegation", v, "is not of type 'boolean', 'null'", err);
    if (!may) {
        trust->redelegation_count = 0;
        return 0;
    }
    if (given && trust->redelegation_count > max)
        return err_http(err, 403, NULL, "Requested redelegation depth of %lld is greater than allowed %lld",
                        (long long) trust->redelegation_count, (long long) max);
    if (trust->remaining_uses != FIELD_NULL_INT)
        return err_http(err, 400, NULL, "remaining_uses must not be set if redelegation is allowed");
    if (!given)
        trust->redelegation_count = FIELD_NULL_INT; /* As many as remain; settled later. */
    return 0;
}

static int settle_redelegation(struct request *rq, struct trust *trust, const char **ret_origin,
                               struct err *err)
{
    struct trust parent = { 0 };
    const char *origin;
    int r;

    if (!rq->token->trust_id) {
        if (trust->redelegation_count == FIELD_NULL_INT)
            trust->redelegation_count = identity_of(rq)->opt->max_redelegation_count;
        return 0;
    }
    r = trust_load(rq->server, rq->txn, rq->arena, rq->token->trust_id, &parent, &origin, err);
    if (r < 0)
        return r == -ENOENT ? err_http(err, 403, NULL, "The trust of the token does not hold any more.") : r;
    if (trust->redelegation_count == FIELD_NULL_INT)
        trust->redelegation_count = parent.redelegation_count - 1;
    else if (trust->redelegation_count && trust->redelegation_count != parent.redelegation_count - 1)
        return err_http(
            err, 403, NULL,
            "Modifying \"redelegation_count\" upon redelegation is forbidden. Omitting this parameter is "
            "advised.");
    if (!trust->expires_at)
        trust->expires_at = parent.expires_at;
    trust->redelegated_trust_id = parent.id;
    *ret_origin = origin;
    return trust_redelegation_check(rq->server, &parent, trust, err);
}

/* The trustor can only pass on what it has there now. */
static int check_roles(struct request *rq, const struct trust *trust, const char *origin, struct err *err)
{
    const struct issued_token there = { .user_id = origin,
                                        .scope = SCOPE_PROJECT,
                                        .scope_id = trust->project_id };
    struct rights g;
    int r;

    if (str_empty(trust->project_id))
        return trust->role_ids ? err_http(err, 404, NULL, "Could not find role: %s.", trust->role_ids[0]) : 0;
    r = rights_of(rq->server, rq->txn, rq->arena, &there, NULL, &g, err);
    strv_foreach (id, trust->role_ids) {
        bool has = false;

        for (size_t i = 0; r >= 0 && i < g.n; i++)
            has |= str_eq(g.roles[i].id, *id);
        if (r >= 0 && !has)
            return err_http(err, 404, NULL, "Could not find role: %s.", *id);
    }
    return r;
}

static int before_create(struct request *rq, void *obj, struct err *err)
{
    struct trust *trust = obj;
    const char *origin = trust->trustor_user_id;
    struct project p = { 0 };
    struct user u = { 0 };
    struct txn *t;
    int r = check_role_refs(rq, err);

    if (r >= 0)
        r = refuse_app_cred(rq, err);
    if (r < 0)
        return r;
    if (!RQ_GIVEN(rq, trust, remaining_uses))
        trust->remaining_uses = FIELD_NULL_INT;
    if (!str_empty(trust->project_id) && !json_array_size(json_arr(rq->in, "roles")))
        return forbidden(err, "At least one role should be specified");
    if (!str_eq(rq->token->user_id, trust->trustor_user_id))
        return forbidden(err, "The authenticated user should match the trustor");
    r = rq_txn(rq, &t, err);
    if (r >= 0)
        r = need_user(rq, trust->trustee_user_id, &u, err);
    if (r >= 0 && !str_empty(trust->project_id))
        r = need_project(rq, trust->project_id, &p, err);
    if (r >= 0)
        r = read_role_refs(rq, json_arr(rq->in, "roles"), &trust->role_ids, err);
    if (r >= 0)
        r = read_expiry(rq, trust, err);
    if (r >= 0)
        r = read_redelegation(rq, trust, err);
    if (r >= 0)
        r = settle_redelegation(rq, trust, &origin, err);
    return r < 0 ? r : check_roles(rq, trust, origin, err);
}

static int before_delete(struct request *rq, void *obj, struct err *err)
{
    const struct trust *trust = obj;
    struct txn *t;
    int r = refuse_app_cred(rq, err);

    if (r >= 0)
        r = rq_txn(rq, &t, err);
    if (r >= 0)
        r = trust_delete(t, rq->arena, trust->id, err);
    return r < 0 ? r : revoke_trust(rq, trust->id, err);
}

static const struct resource resource = {
    .singular = "trust",
    .plural = "trusts",
    .table = &trust_table,
    .fields = fields,
    .default_sort = "id",
    .id_param = "trust_id",
    .before_create = before_create,
    .before_delete = before_delete,
    .present = present,
};

/* --- looking ---------------------------------------------------------------------------------- */

static bool is_over(struct request *rq, const struct trust *trust)
{
    return (trust->expires_at && trust->expires_at <= server_now_us(rq->server)) || !trust->remaining_uses;
}

/* One that expired or was used up is gone, also while it waits to be swept out. */
static int load(struct request *rq, struct err *err)
{
    const struct trust *trust;
    int r = resource_load(rq, err);

    if (r < 0)
        return r;
    trust = rq->object;
    if (is_over(rq, trust) && rq->http->method != HTTP_DELETE)
        return err_http(err, 404, NULL, "Could not find trust: %s.", trust->id);
    return 0;
}

static int load_new(struct request *rq, struct err *err)
{
    struct trust *trust = arena_new(rq->arena, struct trust);

    trust->trustor_user_id = json_str(json_obj(rq->json, "trust"), "trustor_user_id");
    trust->trustee_user_id = json_str(json_obj(rq->json, "trust"), "trustee_user_id");
    rq->object = trust;
    return 0;
}

static int list(struct request *rq, struct err *err)
{
    const struct trust party = { .trustor_user_id = rq_query(rq, "trustor_user_id"),
                                 .trustee_user_id = rq_query(rq, "trustee_user_id") };
    const struct policy_fields target = { fields, &party, "target.trust" };
    int r;

    if (party.trustor_user_id)
        r = authorize_fields(rq, "identity:list_trusts_for_trustor", &target, err);
    else if (party.trustee_user_id)
        r = authorize_fields(rq, "identity:list_trusts_for_trustee", &target, err);
    else
        r = rq_authorize(rq, "identity:list_trusts", NULL, NULL, err);
    if (r >= 0)
        r = refuse_app_cred(rq, err);
    return r < 0 ? r : resource_list(rq, err);
}

static int show(struct request *rq, struct err *err)
{
    int r = refuse_app_cred(rq, err);

    return r < 0 ? r : resource_show(rq, err);
}

static int list_roles(struct request *rq, struct err *err)
{
    struct jw *w;
    int r = refuse_app_cred(rq, err);

    if (r < 0)
        return r;
    w = reply_begin(rq);
    jw_object(w, NULL);
    write_roles(rq, w, rq->object);
    write_links(rq, w, "links", rq->object);
    jw_end_object(w);
    return reply_end(rq, 200);
}

static int show_role(struct request *rq, struct err *err)
{
    const struct trust *trust = rq->object;
    const char *id = rq_param(rq, "role_id");
    struct role role = { 0 };
    struct jw *w;
    int r = refuse_app_cred(rq, err);

    if (r < 0)
        return r;
    if (!strv_contains(trust->role_ids, id))
        return err_http(err, 404, NULL, "Could not find role: %.64s.", id);
    r = need_role(rq, id, &role, err);
    if (r < 0)
        return r;
    w = reply_begin(rq);
    jw_object(w, NULL);
    jw_object(w, "role");
    write_role(rq, w, &role);
    jw_end_object(w);
    jw_end_object(w);
    return reply_end(rq, 200);
}

#define TRUSTS "/v3/OS-TRUST/trusts"
#define ONE    .load = load, .target_prefix = "target.trust", .flags = ROUTE_FOUND_FIRST

/* clang-format off */
const struct route trust_routes[] = {
    { HTTP_GET,    TRUSTS,                               POLICY_OWN,                      list,            &resource },
    { HTTP_POST,   TRUSTS,                               "identity:create_trust",         resource_create, &resource,
      .load = load_new, .target_prefix = "target.trust", .flags = ROUTE_IGNORE_UNKNOWN },
    { HTTP_GET,    TRUSTS "/{trust_id}",                 "identity:get_trust",            show,            &resource, ONE },
    { HTTP_DELETE, TRUSTS "/{trust_id}",                 "identity:delete_trust",         resource_delete, &resource, ONE },
    { HTTP_GET,    TRUSTS "/{trust_id}/roles",           "identity:list_roles_for_trust", list_roles,      &resource, ONE },
    { HTTP_GET,    TRUSTS "/{trust_id}/roles/{role_id}", "identity:get_role_for_trust",   show_role,       &resource, ONE },
    { 0 },
};
/* clang-format on */
