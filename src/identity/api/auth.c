/* SPDX-License-Identifier: Apache-2.0 */
/* /v3/auth/catalog, projects, domains, system: what the token may do next. */
#include "base/str.h"
#include "identity/api/replies.h"
#include "identity/api/routes.h"
#include "identity/model/catalog.h"
#include "identity/store/assignments.h"

static int show_catalog(struct request *rq, struct err *err)
{
    const char *catalog;
    struct txn *t;
    struct jw *w;
    int r;

    if (!rq->token->project_id) /* As Keystone, also where tokens of the domain or system carry one. */
        return err_http(err, 403, NULL, "You are not authorized to perform the requested action.");
    r = rq_txn(rq, &t, err);
    if (r >= 0)
        r = catalog_text(identity_of(rq), t, rq->arena, rq->token->project_id, rq->token->user_id, &catalog,
                         err);
    if (r < 0)
        return r;
    w = reply_begin(rq);
    jw_object(w, NULL);
    jw_raw(w, "catalog", catalog);
    jw_object(w, "links");
    jw_printf(w, "self", "%s/v3/auth/catalog", rq_base_url(rq));
    jw_end_object(w);
    jw_end_object(w);
    return reply_end(rq, 200);
}

static int list_reachable(struct request *rq, const struct resource *res, bool domains, struct err *err)
{
    return reply_those(rq, res, projects_of_user_cond(rq->arena, rq->token->user_id, domains), NULL, err);
}

static int list_projects(struct request *rq, struct err *err)
{
    return list_reachable(rq, &project_resource, false, err);
}

static int list_domains(struct request *rq, struct err *err)
{
    return list_reachable(rq, &domain_resource, true, err);
}

static int list_system(struct request *rq, struct err *err)
{
    struct role_ref *roles;
    struct txn *t;
    struct jw *w;
    size_t n;
    int r = rq_txn(rq, &t, err);

    if (r >= 0)
        r = roles_of_user(t, rq->arena, rq->token->user_id, "system", "all", NULL, &roles, &n, err);
    if (r < 0)
        return r;
    w = reply_begin(rq);
    jw_object(w, NULL);
    jw_array(w, "system");
    if (n) {
        jw_object(w, NULL);
        jw_bool(w, "all", true);
        jw_end_object(w);
    }
    jw_end_array(w);
    jw_object(w, "links");
    jw_printf(w, "self", "%s/v3/auth/system", rq_base_url(rq));
    jw_end_object(w);
    jw_end_object(w);
    return reply_end(rq, 200);
}

const struct route auth_routes[] = {
    { HTTP_GET, "/v3/auth/catalog", "identity:get_auth_catalog", show_catalog },
    { HTTP_GET, "/v3/auth/projects", "identity:get_auth_projects", list_projects },
    { HTTP_GET, "/v3/auth/domains", "identity:get_auth_domains", list_domains },
    { HTTP_GET, "/v3/auth/system", "identity:get_auth_system", list_system },
    { 0 },
};
