/* SPDX-License-Identifier: Apache-2.0 */
/* /v2.0/quotas */
#include "network/store/quotas.h"

#include "base/str.h"
#include "network/api/common.h"
#include "network/api/routes.h"

/* What policy is asked about: the project in the path. */
struct quota_target {
    const char *project_id;
};

static const struct field target_fields[] = {
    FIELD(FIELD_STRING, quota_target, project_id),
    { 0 },
};

static int load_project(struct request *rq, struct err *err)
{
    struct quota_target *t = arena_new(rq->arena, struct quota_target);

    t->project_id = rq_param(rq, "project_id");
    if (!t->project_id)
        t->project_id = rq->token->project_id;
    rq->object = t;
    return 0;
}

static int write_limits(struct net_ctx *c, struct jw *w, const char *project_id, struct err *err)
{
    int r = 0;

    for (const struct quota_kind *k = net_quota_kinds; r >= 0 && k->resource; k++) {
        int64_t limit;

        r = net_quota_limit(c, k, project_id, &limit, err);
        if (r >= 0)
            jw_int(w, k->resource, limit);
    }
    return r;
}

static int reply_limits(struct request *rq, const char *project_id, struct err *err)
{
    struct net_ctx *c;
    struct jw *w = reply_begin(rq);
    int r = net_begin(rq, &c, err);

    jw_object(w, NULL);
    jw_object(w, "quota");
    if (r >= 0)
        r = write_limits(c, w, project_id, err);
    jw_end_object(w);
    jw_end_object(w);
    return r < 0 ? r : reply_end(rq, 200);
}

static int show_quota(struct request *rq, struct err *err)
{
    return reply_limits(rq, rq_param(rq, "project_id"), err);
}

static int show_defaults(struct request *rq, struct err *err)
{
    struct net_ctx *c;
    struct jw *w = reply_begin(rq);
    int r = net_begin(rq, &c, err);

    if (r < 0)
        return r;
    jw_object(w, NULL);
    jw_object(w, "quota");
    for (const struct quota_kind *k = net_quota_kinds; k->resource; k++)
        jw_int(w, k->resource, net_quota_default(c, k));
    jw_end_object(w);
    jw_end_object(w);
    return reply_end(rq, 200);
}

static int show_details(struct request *rq, struct err *err)
{
    const char *project_id = rq_param(rq, "project_id");
    struct net_ctx *c;
    struct jw *w = reply_begin(rq);
    int r = net_begin(rq, &c, err);

    jw_object(w, NULL);
    jw_object(w, "quota");
    for (const struct quota_kind *k = net_quota_kinds; r >= 0 && k->resource; k++) {
        int64_t limit = 0, used = 0;

        r = net_quota_limit(c, k, project_id, &limit, err);
        if (r >= 0)
            r = net_quota_used(c, k, project_id, &used, err);
        jw_object(w, k->resource);
        jw_int(w, "limit", limit);
        jw_int(w, "used", used);
        jw_int(w, "reserved", 0);
        jw_end_object(w);
    }
    jw_end_object(w);
    jw_end_object(w);
    return r < 0 ? r : reply_end(rq, 200);
}

static int list_quotas(struct request *rq, struct err *err)
{
    const char **projects;
    struct net_ctx *c;
    struct jw *w = reply_begin(rq);
    int r = net_begin(rq, &c, err);

    if (r >= 0)
        r = net_quota_projects(c, &projects, err);
    if (r < 0)
        return r;
    jw_object(w, NULL);
    jw_array(w, "quotas");
    strv_foreach (p, projects) {
        jw_object(w, NULL);
        jw_str(w, "project_id", *p);
        jw_str(w, "tenant_id", *p);
        if (r >= 0)
            r = write_limits(c, w, *p, err);
        jw_end_object(w);
    }
    jw_end_array(w);
    jw_end_object(w);
    return r < 0 ? r : reply_end(rq, 200);
}

static bool is_kind(const char *name)
{
    for (const struct quota_kind *k = net_quota_kinds; k->resource; k++)
        if (str_eq(k->resource, name))
            return true;
    return false;
}

static int update_quota(struct request *rq, struct err *err)
{
    const char *project_id = rq_param(rq, "project_id"), *name;
    const json_t *in = json_obj(rq->json, "quota");
    struct net_ctx *c;
    json_t *v;
    int r = net_begin(rq, &c, err);

    if (r >= 0 && !in)
        return rq->server->service->dialect->missing_field(rq, err, "quota");
    json_object_foreach ((json_t *) in, name, v) {
        int64_t limit = json_integer_value(v);

        if (r < 0)
            return r;
        if (str_eq(name, "tenant_id") || str_eq(name, "project_id"))
            continue;
        if (!is_kind(name))
            return rq->server->service->dialect->unknown_field(rq, err, name);
        if (!json_is_integer(v) && !(json_is_string(v) && str_to_i64(json_string_value(v), &limit) == 0))
            return rq->server->service->dialect->bad_field(rq, err, name, v, "is not an integer");
        if (limit < -1 || limit > INT32_MAX)
            return rq->server->service->dialect->bad_field(rq, err, name, v,
                                                           "must be between -1 and 2147483647");
        r = net_quota_set(c, name, project_id, limit, err);
    }
    return r < 0 ? r : reply_limits(rq, project_id, err);
}

static int delete_quota(struct request *rq, struct err *err)
{
    const char *project_id = rq_param(rq, "project_id");
    struct net_ctx *c;
    int r = net_begin(rq, &c, err);

    if (r >= 0)
        r = net_quota_reset(c, project_id, err);
    if (r == 0)
        return err_http(err, 404, "TenantQuotaNotFound", "Quota for tenant %.255s could not be found.",
                        project_id);
    return r < 0 ? r : reply_empty(rq, 204);
}

/* clang-format off */
#define ABOUT_PROJECT .load = load_project, .target = target_fields

const struct route net_quota_routes[] = {
    { HTTP_GET,    "/v2.0/quotas",                      "context_is_admin", list_quotas },
    { HTTP_GET,    "/v2.0/quotas/{project_id}",         "get_quota",    show_quota,    ABOUT_PROJECT },
    { HTTP_GET,    "/v2.0/quotas/{project_id}/default", "get_quota",    show_defaults, ABOUT_PROJECT },
    { HTTP_GET,    "/v2.0/quotas/{project_id}/details.json", "get_quota", show_details, ABOUT_PROJECT },
    { HTTP_GET,    "/v2.0/quotas/{project_id}/details", "get_quota",    show_details,  ABOUT_PROJECT },
    { HTTP_PUT,    "/v2.0/quotas/{project_id}",         "update_quota", update_quota,  ABOUT_PROJECT,
      .in = net_no_fields, .in_size = 1, .flags = ROUTE_IGNORE_UNKNOWN },
    { HTTP_DELETE, "/v2.0/quotas/{project_id}",         "delete_quota", delete_quota,  ABOUT_PROJECT },
    { 0 },
};
/* clang-format on */
