/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/api/need.h"

#include "identity/store/endpoints.h"
#include "identity/store/groups.h"
#include "identity/store/projects.h"
#include "identity/store/regions.h"
#include "identity/store/roles.h"
#include "identity/store/services.h"
#include "identity/store/users.h"

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
