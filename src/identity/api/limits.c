/* SPDX-License-Identifier: Apache-2.0 */
/* /v3/limits: what one project or domain has of a resource. */
#include "identity/model/limits.h"
#include "base/str.h"
#include "identity/api/common.h"
#include "identity/api/need.h"
#include "identity/api/replies.h"
#include "identity/api/routes.h"
#include "identity/api/targets.h"
#include "identity/store/limits.h"
#include "identity/store/projects.h"

#define L(type, member, uses, ...) FIELD(type, limit, member, .use = (uses), __VA_ARGS__)

static const struct field fields[] = {
    L(FIELD_STRING, id, ON_SHOW | ON_SORT),
    L(FIELD_STRING, project_id, ON_CREATE | ON_SHOW | ON_FILTER, .min = 1, .max = 64, .check = check_id),
    L(FIELD_STRING, domain_id, ON_CREATE | ON_SHOW | ON_FILTER, .min = 1, .max = 64, .check = check_id),
    L(FIELD_STRING, service_id, ON_CREATE | ON_SHOW | ON_FILTER, .required = true, .min = 1, .max = 64,
      .check = check_id),
    L(FIELD_STRING, region_id, ON_CREATE | ON_SHOW | ON_FILTER, .max = 255),
    L(FIELD_STRING, resource_name, ON_CREATE | ON_SHOW | ON_FILTER, .required = true, .min = 1, .max = 255),
    L(FIELD_INT, resource_limit, ON_IN | ON_SHOW, .required = true, .min = -1, .max = INT32_MAX),
    L(FIELD_STRING, description, ON_IN | ON_SHOW, .nullable = true, .max = 4096),
    { 0 },
};

static const struct limit_model *model_of(const struct request *rq)
{
    return limit_model_named(identity_of(rq)->opt->limit_model);
}

static void present(struct request *rq, struct jw *w, const void *obj)
{
    const struct limit *l = obj;

    write_self(rq, w, "limits", l->id);
}

/* A domain sees its own and its projects', the system's readers all; in a project
 * admins and services see all, others the project's. */
static int before_list(struct request *rq, struct query *q, struct err *err)
{
    const struct token *t = rq->token;
    struct val *both = arena_array(rq->arena, struct val, 2);

    if (t->system || (!t->domain_id && (token_has_role(t, "admin") || token_has_role(t, "service"))))
        return 0;
    both[0] = both[1] = val_text(t->domain_id);
    if (t->domain_id)
        rq_cond(
            rq, q,
            (struct cond){
                .column = "(domain_id = ? OR project_id IN (SELECT id FROM projects WHERE domain_id = ?))",
                .op = COND_SQL,
                .vals = both,
                .n_vals = 2 });
    else
        rq_cond(rq, q,
                (struct cond){ .column = "project_id",
                               .op = COND_EQ,
                               .value = val_text(t->project_id ? t->project_id : "") });
    return 0;
}

static int after_update(struct request *rq, const void *old, void *obj, struct err *err)
{
    return model_of(rq)->check(rq->txn, rq->arena, obj, err);
}

static const struct resource resource = {
    .singular = "limit",
    .plural = "limits",
    .label = "limit for",
    .table = &limit_table,
    .fields = fields,
    .default_sort = "id",
    .id_param = "limit_id",
    .before_list = before_list,
    .after_update = after_update,
    .present = present,
};

/* --- one, with its owner's domain for policy ------------------------------------------------ */

struct limit_target {
    const char *project_id, *domain_id, *project_domain_id;
};

static const struct field target_fields[] = {
    FIELD(FIELD_STRING, limit_target, project_id),
    FIELD_AS("domain.id", FIELD_STRING, limit_target, domain_id),
    FIELD_AS("project.domain_id", FIELD_STRING, limit_target, project_domain_id),
    { 0 },
};

static int show(struct request *rq, struct err *err)
{
    struct limit_target target = { 0 };
    struct project p = { 0 };
    const struct limit *l;
    void *obj;
    int r = resource_get(rq, &resource, rq_param(rq, "limit_id"), &obj, err);

    if (r < 0)
        return r;
    l = obj;
    if (l->project_id && table_get(rq->txn, rq->arena, &project_table, l->project_id, &p, NULL) >= 0)
        target.project_domain_id = p.domain_id;
    target.project_id = l->project_id;
    target.domain_id = l->domain_id;
    r = authorize_fields(rq, "identity:get_limit",
                         &(struct policy_fields){ target_fields, &target, "target.limit" }, err);
    return r < 0 ? r : reply_resource(rq, &resource, l, 200);
}

/* --- making several --------------------------------------------------------------------------- */

static int settle(struct request *rq, void *obj, struct err *err)
{
    struct limit *l = obj;
    struct registered_limit reg = { 0 };
    struct limit have = { 0 };
    struct project p = { 0 };
    int r;

    if (str_empty(l->project_id) == str_empty(l->domain_id))
        return err_http(err, 400, NULL, "A limit is of a project or of a domain.");
    r = table_get(rq->txn, rq->arena, &project_table, l->project_id ? l->project_id : l->domain_id, &p, err);
    if (r == -ENOENT || (r >= 0 && l->domain_id && !p.is_domain))
        return expecting(err, l->project_id ? "project_id" : "domain_id", "limit");
    if (r >= 0 && l->project_id && p.is_domain) {
        l->domain_id = l->project_id;
        l->project_id = NULL;
    }
    if (r >= 0 && (need_service(rq, l->service_id, &(struct catalog_service){ 0 }, NULL) < 0 ||
                   (l->region_id && need_region(rq, l->region_id, &(struct region){ 0 }, NULL) < 0)))
        return err_http(err, 400, NULL, "Expecting to find service_id and region_id of the limit.");
    if (r >= 0)
        r = registered_limit_find(rq->txn, rq->arena, l->service_id, l->region_id, l->resource_name, &reg,
                                  err);
    if (r == -ENOENT)
        return err_http(err, 403, NULL,
                        "Unable to create a limit that has no corresponding registered limit.");
    if (r >= 0)
        r = limit_find(rq->txn, rq->arena, l, &have, err);
    if (r >= 0)
        return err_http(err, 409, NULL, "Conflict occurred attempting to store limit - Duplicate entry.");
    return r == -ENOENT ? 0 : r;
}

/* All are written before any is checked: a domain's and its projects' may come together. */
static int create(struct request *rq, struct err *err)
{
    struct list all;
    int r = resource_create_several(rq, &resource, settle, &all, err);

    for (size_t i = 0; r >= 0 && i < all.count; i++)
        r = model_of(rq)->check(rq->txn, rq->arena, list_at(&all, i), err);
    return r < 0 ? r : reply_created(rq, &resource, &all);
}

static int show_model(struct request *rq, struct err *err)
{
    const struct limit_model *m = model_of(rq);
    struct jw *w = reply_begin(rq);

    jw_object(w, NULL);
    jw_object(w, "model");
    jw_str(w, "name", m->name);
    jw_str(w, "description", m->description);
    jw_end_object(w);
    jw_end_object(w);
    return reply_end(rq, 200);
}

/* clang-format off */
const struct route limit_routes[] = {
    { HTTP_GET,    "/v3/limits",            "identity:list_limits",     resource_list,   &resource },
    { HTTP_POST,   "/v3/limits",            "identity:create_limits",   create,          .in = no_fields },
    { HTTP_GET,    "/v3/limits/model",      "identity:get_limit_model", show_model },
    { HTTP_GET,    "/v3/limits/{limit_id}", POLICY_OWN,                 show,            &resource },
    { HTTP_PATCH,  "/v3/limits/{limit_id}", "identity:update_limit",    resource_update, &resource, .flags = ROUTE_FOUND_FIRST },
    { HTTP_DELETE, "/v3/limits/{limit_id}", "identity:delete_limit",    resource_delete, &resource, .flags = ROUTE_FOUND_FIRST },
    { 0 },
};
/* clang-format on */
