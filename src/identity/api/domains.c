/* SPDX-License-Identifier: Apache-2.0 */
/* /v3/domains: projects of their own kind. */
#include "identity/store/domains.h"
#include "base/str.h"
#include "identity/api/common.h"
#include "identity/api/need.h"
#include "identity/api/options.h"
#include "identity/api/projects.h"
#include "identity/api/replies.h"
#include "identity/api/routes.h"
#include "identity/store/projects.h"

#define D(type, member, uses, ...) FIELD(type, project, member, .use = (uses), __VA_ARGS__)

static const struct field fields[] = {
    D(FIELD_STRING, id, ON_SHOW | ON_SORT),
    D(FIELD_STRING, name, ON_ALL, .required = true, .min = 1, .max = 64, .check = check_not_blank,
      .trim = true),
    D(FIELD_STRING, description, ON_IN | ON_SHOW, .nullable = true, .max = 4096, .value = ""),
    D(FIELD_BOOL, enabled, ON_ALL, .value = "true"),
    D(FIELD_STRV, tags, ON_IN | ON_SHOW, .max = 80),
    D(FIELD_JSON, options, ON_IN, .json = "object"),
    { 0 },
};

static void present(struct request *rq, struct jw *w, const void *obj)
{
    const struct project *d = obj;

    jw_raw(w, "options", d->options ? d->options : "{}");
    write_extra(w, d->extra);
    write_self(rq, w, "domains", d->id);
}

static int only_domains(struct request *rq, struct query *q, struct err *err)
{
    rq_cond(rq, q, (struct cond){ .column = "is_domain", .op = COND_EQ, .value = val_int(1) });
    return 0;
}

static int load_domain(struct request *rq, struct err *err)
{
    struct project *d = arena_new(rq->arena, struct project);

    rq->object = d;
    return need_domain(rq, rq_param(rq, "domain_id"), d, err);
}

/* A domain is a project, but what is a project's alone is not kept with it. */
static int further_of(struct request *rq, const char *old, const char **ret, struct err *err)
{
    static const char *const of_projects[] = { "domain_id", "parent_id", "is_domain", NULL };

    strv_foreach (name, of_projects)
        json_object_del(rq->in, *name);
    return extra_of(rq, fields, old, ret, err);
}

static int before_create(struct request *rq, void *obj, struct err *err)
{
    struct project *d = obj;
    const char *explicit_id = json_str(rq->in, "explicit_domain_id");
    int r;

    if (explicit_id && (strlen(explicit_id) != 32 || explicit_id[strspn(explicit_id, "0123456789abcdef")]))
        return err_http(err, 400, NULL, "Domain ID does not conform to required UUID format.");
    if (explicit_id)
        d->id = arena_strdup(rq->arena, explicit_id);
    d->domain_id = "";
    d->parent_id = "";
    d->is_domain = true;
    r = settle_name(rq, &d->name, err);
    if (r >= 0)
        r = check_url_safe(identity_of(rq)->opt->domain_name_url_safe, "Domain", d->name, err);
    if (r >= 0)
        r = project_check_tags(rq, err);
    if (r >= 0)
        r = settle_mark(rq, &d->options, err);
    return r < 0 ? r : further_of(rq, NULL, &d->extra, err);
}

static int before_update(struct request *rq, const void *old, void *obj, struct err *err)
{
    const struct project *was = old;
    struct project *d = obj;
    int r = project_check_tags(rq, err);

    if (r >= 0)
        r = check_mark(rq, err);
    if (r >= 0)
        r = was->options ? merge_options(rq, was->options, &d->options, err)
                         : drop_nulls(rq, &d->options, err);
    if (r >= 0)
        r = refuse_immutable_update(rq, "domain", was->id, was->options, d->options, err);
    if (r >= 0)
        r = settle_name(rq, &d->name, err);
    if (r >= 0 && !str_eq(was->name, d->name))
        r = check_url_safe(identity_of(rq)->opt->domain_name_url_safe, "Domain", d->name, err);
    return r < 0 ? r : further_of(rq, was->extra, &d->extra, err);
}

static int before_delete(struct request *rq, void *obj, struct err *err)
{
    const struct project *d = obj;
    struct txn *t;
    int r = refuse_immutable("domain", d->id, d->options, err);

    if (r >= 0 && d->enabled)
        return err_http(err, 403, NULL, "Cannot delete a domain that is enabled, please disable it first.");
    if (r >= 0 && str_eq(d->id, default_domain(rq->server)))
        return err_http(err, 403, NULL, "The default domain cannot be deleted.");
    if (r >= 0)
        r = rq_txn(rq, &t, err);
    return r < 0 ? r : domain_empty(t, d->id, err);
}

const struct resource domain_resource = {
    .singular = "domain",
    .plural = "domains",
    .table = &project_table,
    .fields = fields,
    .default_sort = "name",
    .id_param = "domain_id",
    .before_list = only_domains,
    .before_create = before_create,
    .before_update = before_update,
    .before_delete = before_delete,
    .refuse_duplicate = project_refuse_duplicate,
    .present = present,
};

/* clang-format off */
const struct route domain_routes[] = {
    { HTTP_GET,    "/v3/domains",             "identity:list_domains",  resource_list,   &domain_resource },
    { HTTP_POST,   "/v3/domains",             "identity:create_domain", resource_create, &domain_resource,
      .flags = ROUTE_IGNORE_UNKNOWN },
    { HTTP_GET,    "/v3/domains/{domain_id}", "identity:get_domain",    resource_show,   &domain_resource,
      .load = load_domain, .target_prefix = "target.domain" },
    { HTTP_PATCH,  "/v3/domains/{domain_id}", "identity:update_domain", resource_update, &domain_resource,
      .load = load_domain, .target_prefix = "target.domain", .flags = ROUTE_IGNORE_UNKNOWN | ROUTE_FOUND_FIRST },
    { HTTP_DELETE, "/v3/domains/{domain_id}", "identity:delete_domain", resource_delete, &domain_resource,
      .load = load_domain, .target_prefix = "target.domain", .flags = ROUTE_FOUND_FIRST },
    { 0 },
};
/* clang-format on */
