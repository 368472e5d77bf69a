/* SPDX-License-Identifier: Apache-2.0 */
/* OS-ENDPOINT-POLICY: which policy document goes with which endpoint, service,
 * or service in a region. */
#include "base/str.h"
#include "identity/api/need.h"
#include "identity/api/replies.h"
#include "identity/api/routes.h"
#include "identity/store/endpoints.h"
#include "identity/store/policies.h"
#include "identity/store/regions.h"

#define DEPTH_MAX 64

/* What the path names exists; parts that it does not name are "". */
static int read_place(struct request *rq, struct policy_association *ret, struct err *err)
{
    const char *endpoint = rq_param(rq, "endpoint_id"), *service = rq_param(rq, "service_id");
    const char *region = rq_param(rq, "region_id");
    struct catalog_service s = { 0 };
    struct endpoint e = { 0 };
    struct region g = { 0 };
    void *policy;
    int r = resource_get(rq, &policy_resource, rq_param(rq, "policy_id"), &policy, err);

    if (r >= 0 && endpoint)
        r = need_endpoint(rq, endpoint, &e, err);
    if (r >= 0 && service)
        r = need_service(rq, service, &s, err);
    if (r >= 0 && region)
        r = need_region(rq, region, &g, err);
    *ret = (struct policy_association){ rq_param(rq, "policy_id"), endpoint ? endpoint : "",
                                        service ? service : "", region ? region : "" };
    return r;
}

static int add(struct request *rq, struct err *err)
{
    struct policy_association as;
    int r = read_place(rq, &as, err);

    if (r >= 0)
        r = policy_associate(rq->txn, &as, err);
    return r < 0 ? r : reply_empty(rq, 204);
}

static int check(struct request *rq, struct err *err)
{
    struct policy_association as;
    const char *id = NULL;
    int r = read_place(rq, &as, err);

    if (r < 0)
        return r;
    r = policy_associated(rq->txn, rq->arena, &as, &id, err);
    if (r == -ENOENT || (r >= 0 && !str_eq(id, as.policy_id)))
        return err_http(err, 404, NULL, "Could not find policy association.");
    return r < 0 ? r : reply_empty(rq, 204);
}

static int remove_one(struct request *rq, struct err *err)
{
    struct policy_association as;
    int r = read_place(rq, &as, err);

    if (r >= 0)
        r = policy_dissociate(rq->txn, &as, err);
    return r < 0 ? r : reply_empty(rq, 204);
}

/* --- where a policy is in force -------------------------------------------------------- */

/* True when 'region' is 'top' or below it. */
static bool is_within(const struct list *regions, const char *region, const char *top)
{
    for (int depth = 0; region && depth < DEPTH_MAX; depth++) {
        const char *up = NULL;

        if (str_eq(region, top))
            return true;
        for (size_t i = 0; i < regions->count; i++)
            if (str_eq(((struct region *) list_at(regions, i))->id, region))
                up = ((struct region *) list_at(regions, i))->parent_region_id;
        region = up;
    }
    return false;
}

static bool is_covered(const struct list *regions, const struct endpoint *e, const struct rows *places)
{
    for (size_t i = 0; i < places->count; i++) {
        const char *endpoint = rows_text(places, i, 0), *service = rows_text(places, i, 1);
        const char *region = rows_text(places, i, 2);

        if (!str_empty(endpoint) ? str_eq(endpoint, e->id)
                                 : str_eq(service, e->service_id) &&
                                       (str_empty(region) || is_within(regions, e->region_id, region)))
            return true;
    }
    return false;
}

static int list_endpoints(struct request *rq, struct err *err)
{
    struct list endpoints, regions;
    const char **ids = NULL;
    struct rows places;
    void *policy;
    int r = resource_get(rq, &policy_resource, rq_param(rq, "policy_id"), &policy, err);

    if (r >= 0)
        r = policy_places(rq->txn, rq->arena, rq_param(rq, "policy_id"), &places, err);
    if (r >= 0)
        r = table_list(rq->txn, rq->arena, &region_table, &(struct query){ 0 }, &regions, err);
    if (r >= 0)
        r = table_list(rq->txn, rq->arena, &endpoint_table, &(struct query){ 0 }, &endpoints, err);
    for (size_t i = 0; r >= 0 && i < endpoints.count; i++)
        if (is_covered(&regions, list_at(&endpoints, i), &places))
            ids = strv_add(rq->arena, ids, ((struct endpoint *) list_at(&endpoints, i))->id);
    return r < 0 ? r : reply_ids(rq, &endpoint_resource, ids, err);
}

/* The nearest counts: the endpoint's own, its service's in its region or above, its service's. */
static int find_policy(struct request *rq, const struct endpoint *e, const char **ret_id, struct err *err)
{
    const char *region = e->region_id;
    int r = policy_associated(rq->txn, rq->arena, &(struct policy_association){ NULL, e->id, "", "" }, ret_id,
                              err);

    for (int depth = 0; r == -ENOENT && region && depth < DEPTH_MAX; depth++) {
        struct region g = { 0 };

        r = policy_associated(rq->txn, rq->arena,
                              &(struct policy_association){ NULL, "", e->service_id, region }, ret_id, err);
        if (r == -ENOENT && table_get(rq->txn, rq->arena, &region_table, region, &g, NULL) < 0)
            break;
        region = g.parent_region_id;
    }
    if (r == -ENOENT)
        r = policy_associated(rq->txn, rq->arena, &(struct policy_association){ NULL, "", e->service_id, "" },
                              ret_id, err);
    return r;
}

static int show_policy(struct request *rq, struct err *err)
{
    struct endpoint e = { 0 };
    const char *id = NULL;
    void *policy;
    int r = need_endpoint(rq, rq_param(rq, "endpoint_id"), &e, err);

    if (r < 0)
        return r;
    r = find_policy(rq, &e, &id, err);
    if (r == -ENOENT)
        return err_http(err, 404, NULL, "No policy is associated with endpoint %s.", e.id);
    if (r >= 0)
        r = resource_get(rq, &policy_resource, id, &policy, err);
    return r < 0 ? r : reply_resource(rq, &policy_resource, policy, 200);
}

#define BASE "/v3/policies/{policy_id}/OS-ENDPOINT-POLICY"
#define PLACE(path, what)                                                                  \
    { HTTP_PUT, BASE path, "identity:create_policy_association_for_" what, add },          \
        { HTTP_GET, BASE path, "identity:check_policy_association_for_" what, check },     \
    {                                                                                      \
        HTTP_DELETE, BASE path, "identity:delete_policy_association_for_" what, remove_one \
    }

const struct route endpoint_policy_routes[] = {
    PLACE("/endpoints/{endpoint_id}", "endpoint"),
    PLACE("/services/{service_id}", "service"),
    PLACE("/services/{service_id}/regions/{region_id}", "region_and_service"),
    { HTTP_GET, BASE "/endpoints", "identity:list_endpoints_for_policy", list_endpoints },
    { HTTP_GET, "/v3/endpoints/{endpoint_id}/OS-ENDPOINT-POLICY/policy", "identity:get_policy_for_endpoint",
      show_policy },
    { 0 },
};
