/* SPDX-License-Identifier: Apache-2.0 */
/* OS-EP-FILTER: groups of endpoints, and which endpoints a project's catalog
 * has.  A project for which nothing was chosen sees all. */
#include "identity/store/endpoint_filter.h"
#include "base/str.h"
#include "identity/api/common.h"
#include "identity/api/need.h"
#include "identity/api/replies.h"
#include "identity/api/routes.h"

#define G(type, member, uses, ...) FIELD(type, endpoint_group, member, .use = (uses), __VA_ARGS__)

static const struct field fields[] = {
    G(FIELD_STRING, id, ON_SHOW | ON_SORT),
    G(FIELD_STRING, name, ON_ALL, .required = true, .min = 1, .max = 255),
    G(FIELD_STRING, description, ON_IN | ON_SHOW, .nullable = true, .max = 4096),
    G(FIELD_JSON, filters, ON_IN | ON_SHOW, .required = true, .json = "object"),
    { 0 },
};

static void present(struct request *rq, struct jw *w, const void *obj)
{
    const struct endpoint_group *g = obj;

    write_self(rq, w, "OS-EP-FILTER/endpoint_groups", g->id);
}

static int check_filters(struct request *rq, bool required, struct err *err)
{
    static const char *const known[] = { "service_id", "region_id", "interface", NULL };
    const json_t *filters = json_object_get(rq->in, "filters");
    const char *name, *interface = json_str(filters, "interface");
    json_t *v;

    if (required && !json_object_size(filters))
        return err_http(err, 400, NULL, "filters field is required and cannot be empty");
    json_object_foreach ((json_t *) filters, name, v)
        if (!strv_contains(known, name))
            return err_http(
                err, 400, NULL,
                "Expecting to find service_id or region_id or interface in endpoint_group. The server "
                "could not comply with the request since it is either malformed or otherwise incorrect. "
                "The client is assumed to be in error.");
    if (interface && !str_eq(interface, "admin") && !str_eq(interface, "internal") &&
        !str_eq(interface, "public"))
        return err_http(err, 400, NULL,
                        "Invalid input for field 'filters/interface': it must be admin, internal or public.");
    return 0;
}

static int before_create(struct request *rq, void *obj, struct err *err)
{
    return check_filters(rq, true, err);
}

static int before_update(struct request *rq, const void *old, void *obj, struct err *err)
{
    return check_filters(rq, false, err);
}

static int before_delete(struct request *rq, void *obj, struct err *err)
{
    const struct endpoint_group *g = obj;
    struct txn *t;
    int r = rq_txn(rq, &t, err);

    return r < 0 ? r : endpoint_group_forget(t, g->id, err);
}

static const struct resource resource = {
    .singular = "endpoint_group",
    .plural = "endpoint_groups",
    .label = "Endpoint Group",
    .table = &endpoint_group_table,
    .fields = fields,
    .default_sort = "id",
    .id_param = "endpoint_group_id",
    .before_create = before_create,
    .before_update = before_update,
    .before_delete = before_delete,
    .present = present,
};

/* --- endpoints of a project ---------------------------------------------------------------- */

/* What the path names. */
struct link {
    enum endpoint_link kind;
    const char *id, *project_id;
    struct endpoint_group *group;
};

static int read_link(struct request *rq, struct link *ret, struct err *err)
{
    const char *endpoint = rq_param(rq, "endpoint_id"), *group = rq_param(rq, "endpoint_group_id");
    struct project p = { 0 };
    struct endpoint e = { 0 };
    void *obj = NULL;
    int r = 0;

    *ret = (struct link){ endpoint ? LINK_ENDPOINT : LINK_GROUP, endpoint ? endpoint : group,
                          rq_param(rq, "project_id"), NULL };
    if (endpoint)
        r = need_endpoint(rq, endpoint, &e, err);
    if (r >= 0 && group)
        r = resource_get(rq, &resource, group, &obj, err);
    if (r >= 0 && ret->project_id)
        r = need_project(rq, ret->project_id, &p, err);
    ret->group = obj;
    return r;
}

static int add_link(struct request *rq, struct err *err)
{
    struct link l;
    int r = read_link(rq, &l, err);

    if (r >= 0)
        r = endpoint_link_add(rq->txn, l.kind, l.id, l.project_id, err);
    return r < 0 ? r : reply_empty(rq, 204);
}

static int no_link(const struct link *l, struct err *err)
{
    return err_http(err, 404, NULL, "Could not find %s %s in project %s.",
                    l->kind == LINK_ENDPOINT ? "endpoint" : "Endpoint Group", l->id, l->project_id);
}

static int check_link(struct request *rq, struct err *err)
{
    struct link l;
    struct jw *w;
    int r = read_link(rq, &l, err);

    if (r < 0)
        return r;
    r = endpoint_link_exists(rq->txn, l.kind, l.id, l.project_id, err);
    if (r == -ENOENT)
        return no_link(&l, err);
    if (r < 0 || l.kind == LINK_ENDPOINT)
        return r < 0 ? r : reply_empty(rq, 204);
    w = reply_begin(rq);
    jw_object(w, NULL);
    jw_object(w, "project_endpoint_group");
    jw_str(w, "endpoint_group_id", l.id);
    jw_str(w, "project_id", l.project_id);
    jw_object(w, "links");
    jw_printf(w, "self", "%s%s", rq_base_url(rq), rq->http->path);
    jw_end_object(w);
    jw_end_object(w);
    jw_end_object(w);
    return reply_end(rq, 200);
}

static int remove_link(struct request *rq, struct err *err)
{
    struct link l;
    int r = read_link(rq, &l, err);

    if (r < 0)
        return r;
    r = endpoint_link_remove(rq->txn, l.kind, l.id, l.project_id, err);
    return r == -ENOENT ? no_link(&l, err) : r < 0 ? r : reply_empty(rq, 204);
}

static int list_projects(struct request *rq, struct err *err)
{
    const char **ids;
    struct link l;
    int r = read_link(rq, &l, err);

    if (r >= 0)
        r = endpoint_link_projects(rq->txn, rq->arena, l.kind, l.id, &ids, err);
    return r < 0 ? r : reply_ids(rq, &project_resource, ids, err);
}

static int list_endpoints(struct request *rq, struct err *err)
{
    const char **ids;
    struct link l;
    int r = read_link(rq, &l, err);

    if (r >= 0)
        r = l.group ? endpoint_group_endpoints(rq->txn, rq->arena, l.group, &ids, err)
                    : endpoints_of_project(rq->txn, rq->arena, l.project_id, &ids, err);
    return r < 0 ? r : reply_ids(rq, &endpoint_resource, ids, err);
}

static int list_groups(struct request *rq, struct err *err)
{
    const char **ids;
    struct link l;
    int r = read_link(rq, &l, err);

    if (r >= 0)
        r = endpoint_link_ids(rq->txn, rq->arena, LINK_GROUP, l.project_id, &ids, err);
    return r < 0 ? r : reply_ids(rq, &resource, ids, err);
}

#define F      "/v3/OS-EP-FILTER"
#define GROUPS F "/endpoint_groups"
#define GROUP  GROUPS "/{endpoint_group_id}"

/* clang-format off */
const struct route endpoint_filter_routes[] = {
    { HTTP_GET,    GROUPS, "identity:list_endpoint_groups",  resource_list,   &resource },
    { HTTP_POST,   GROUPS, "identity:create_endpoint_group", resource_create, &resource },
    { HTTP_GET,    GROUP,  "identity:get_endpoint_group",    resource_show,   &resource },
    { HTTP_PATCH,  GROUP,  "identity:update_endpoint_group", resource_update, &resource },
    { HTTP_DELETE, GROUP,  "identity:delete_endpoint_group", resource_delete, &resource },
    { HTTP_GET,    GROUP "/projects",              "identity:list_projects_associated_with_endpoint_group",  list_projects },
    { HTTP_GET,    GROUP "/endpoints",             "identity:list_endpoints_associated_with_endpoint_group", list_endpoints },
    { HTTP_PUT,    GROUP "/projects/{project_id}", "identity:add_endpoint_group_to_project",      add_link },
    { HTTP_GET,    GROUP "/projects/{project_id}", "identity:get_endpoint_group_in_project",      check_link },
    { HTTP_DELETE, GROUP "/projects/{project_id}", "identity:remove_endpoint_group_from_project", remove_link },
    { HTTP_GET,    F "/projects/{project_id}/endpoint_groups",         "identity:list_endpoint_groups_for_project", list_groups },
    { HTTP_GET,    F "/projects/{project_id}/endpoints",               "identity:list_endpoints_for_project",    list_endpoints },
    { HTTP_PUT,    F "/projects/{project_id}/endpoints/{endpoint_id}", "identity:add_endpoint_to_project",       add_link },
    { HTTP_GET,    F "/projects/{project_id}/endpoints/{endpoint_id}", "identity:check_endpoint_in_project",     check_link },
    { HTTP_DELETE, F "/projects/{project_id}/endpoints/{endpoint_id}", "identity:remove_endpoint_from_project",  remove_link },
    { HTTP_GET,    F "/endpoints/{endpoint_id}/projects",              "identity:list_projects_for_endpoint",    list_projects },
    { 0 },
};
/* clang-format on */
