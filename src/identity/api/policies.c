/* SPDX-License-Identifier: Apache-2.0 */
/* /v3/policies: documents that services may fetch. */
#include "identity/store/policies.h"

#include "identity/api/common.h"
#include "identity/api/replies.h"
#include "identity/api/routes.h"

#define P(type, member, uses, ...) FIELD(type, policy_document, member, .use = (uses), __VA_ARGS__)

static const struct field fields[] = {
    P(FIELD_STRING, id, ON_SHOW | ON_SORT),
    P(FIELD_STRING, blob, ON_IN | ON_SHOW, .required = true, .max = 1 << 20),
    P(FIELD_STRING, type, ON_ALL, .required = true, .max = 255),
    { 0 },
};

static void present(struct request *rq, struct jw *w, const void *obj)
{
    const struct policy_document *p = obj;

    write_extra(w, p->extra);
    write_self(rq, w, "policies", p->id);
}

static int before_create(struct request *rq, void *obj, struct err *err)
{
    struct policy_document *p = obj;

    return extra_of(rq, fields, NULL, &p->extra, err);
}

static int before_update(struct request *rq, const void *old, void *obj, struct err *err)
{
    const struct policy_document *was = old;
    struct policy_document *p = obj;

    return extra_of(rq, fields, was->extra, &p->extra, err);
}

static int before_delete(struct request *rq, void *obj, struct err *err)
{
    const struct policy_document *p = obj;
    struct txn *t;
    int r = rq_txn(rq, &t, err);

    return r < 0 ? r : policy_forget(t, p->id, err);
}

const struct resource policy_resource = {
    .singular = "policy",
    .plural = "policies",
    .table = &policy_table,
    .fields = fields,
    .default_sort = "id",
    .id_param = "policy_id",
    .before_create = before_create,
    .before_update = before_update,
    .before_delete = before_delete,
    .present = present,
};

/* clang-format off */
const struct route policy_routes[] = {
    { HTTP_GET,    "/v3/policies",             "identity:list_policies", resource_list,   &policy_resource },
    { HTTP_POST,   "/v3/policies",             "identity:create_policy", resource_create, &policy_resource,
      .flags = ROUTE_IGNORE_UNKNOWN },
    { HTTP_GET,    "/v3/policies/{policy_id}", "identity:get_policy",    resource_show,   &policy_resource },
    { HTTP_PATCH,  "/v3/policies/{policy_id}", "identity:update_policy", resource_update, &policy_resource,
      .flags = ROUTE_IGNORE_UNKNOWN },
    { HTTP_DELETE, "/v3/policies/{policy_id}", "identity:delete_policy", resource_delete, &policy_resource },
    { 0 },
};
/* clang-format on */
