/* SPDX-License-Identifier: Apache-2.0 */
/* Grants: PUT, HEAD, GET and DELETE of a role for a user or a group on a
 * project, a domain or the system, in itself or inherited by what is below. */
#include "base/str.h"
#include "identity/api/need.h"
#include "identity/api/replies.h"
#include "identity/api/routes.h"
#include "identity/store/application_credentials.h"
#include "identity/store/assignments.h"
#include "identity/store/memberships.h"

/* What the path names, for policy and for the handlers. */
struct grant {
    struct user user;
    struct group group;
    struct project project, domain;
    struct role role;
    struct assignment as;
    struct err missing; /* What is told once it is known that the caller may ask. */
};

static const char *grant_attr(const void *ctx, struct arena *a, const char *name)
{
    const struct grant *g = ctx;
    const struct {
        const char *name, *value;
    } attrs[] = {
        { "target.user.domain_id", g->user.domain_id },
        { "target.group.domain_id", g->group.domain_id },
        { "target.project.domain_id", g->project.domain_id },
        { "target.domain.id", g->domain.id },
        { "target.role.name", g->role.name },
        { "target.role.domain_id", g->role.domain_id },
        { "target.user.id", g->user.id },
        { "target.project.id", g->project.id },
    };

    for (size_t i = 0; i < ARRAY_SIZE(attrs); i++)
        if (strcmp(attrs[i].name, name) == 0)
            return strcmp(name, "target.role.domain_id") == 0 && g->role.id && str_empty(attrs[i].value)
                       ? POLICY_NONE
                       : attrs[i].value;
    return NULL;
}

/* What comes of a part that is not there.  As in Keystone, what is below /v3/OS-INHERIT tells it only to who
 * may ask, and a role can be taken from an actor that is gone, say from its directory. */
enum absence { TOLD, TOLD_LATER, LET_BE };

static int settle(struct grant *g, enum absence how, int r, struct err *err)
{
    if (r != -ENOENT || how == TOLD)
        return r;
    if (how == TOLD_LATER && !g->missing.code)
        g->missing = *err;
    err_clear(err);
    return 0;
}

/* Loads what the path names; a role only when it names one. */
static int load_parts(struct request *rq, struct grant *g, struct err *err)
{
    const char *user = rq_param(rq, "user_id"), *group = rq_param(rq, "group_id");
    const char *project = rq_param(rq, "project_id"), *domain = rq_param(rq, "domain_id");
    const char *role = rq_param(rq, "role_id");
    const bool inherited = strstr(rq->route->path, "/inherited_to_projects");
    const bool revoked = rq->route->method == HTTP_DELETE, made = rq->route->method == HTTP_PUT;
    const enum absence role_absent = inherited ? TOLD_LATER : TOLD;
    const enum absence actor_absent = inherited ? (made ? TOLD_LATER : LET_BE) : (revoked ? LET_BE : TOLD);
    const enum absence target_absent = inherited ? (revoked ? LET_BE : TOLD_LATER) : TOLD;
    int r = 0;

    if (role)
        r = settle(g, role_absent, need_role(rq, role, &g->role, err), err);
    if (r >= 0 && user)
        r = settle(g, actor_absent, need_user(rq, user, &g->user, err), err);
    if (r >= 0 && group)
        r = settle(g, actor_absent, need_group(rq, group, &g->group, err), err);
    if (r >= 0 && project)
        r = settle(g, target_absent, need_project(rq, project, &g->project, err), err);
    if (r >= 0 && domain)
        r = settle(g, target_absent, need_domain(rq, domain, &g->domain, err), err);
    g->as = (struct assignment){
        .actor_type = user ? "user" : "group",
        .actor_id = user ? user : group,
        .target_type = project  ? "project"
                       : domain ? "domain"
                                : "system",
        .target_id = project  ? project
                     : domain ? domain
                              : "all",
        .role_id = role,
        .inherited = inherited,
    };
    return r;
}

static int load_grant(struct request *rq, const char *rule, struct grant **ret, struct err *err)
{
    struct grant *g = arena_new(rq->arena, struct grant);
    int r = load_parts(rq, g, err);

    if (r >= 0)
        r = rq_authorize_target(rq, rule, &(struct policy_target){ .get = grant_attr, .ctx = g }, err);
    *ret = g;
    if (r >= 0 && g->missing.code) {
        *err = g->missing;
        return err->code;
    }
    return r;
}

/* The rule's name by target and actor: the system has its own four. */
static const char *rule_for(struct request *rq, const char *verb)
{
    const char *kind = rq_param(rq, "user_id") ? "user" : "group";

    if (str_has_prefix(rq->route->path, "/v3/system/"))
        return arena_printf(rq->arena, "identity:%s_system_grant%s_for_%s", verb,
                            str_eq(verb, "list") ? "s" : "", kind);
    return arena_printf(rq->arena, "identity:%s_grant%s", verb, str_eq(verb, "list") ? "s" : "");
}

static bool on_system(const struct grant *g)
{
    return str_eq(g->as.target_type, "system");
}

static int no_grant(const struct grant *g, struct err *err)
{
    return err_http(
        err, 404, NULL,
        "Could not find role assignment with role: %s, user or group: %s, project, domain, or system: %s.",
        g->as.role_id, g->as.actor_id, on_system(g) ? "system" : g->as.target_id);
}

/* A role of a domain is for projects of that domain.  As in Keystone, it may be given on any domain. */
static int check_domain_role(const struct grant *g, struct err *err)
{
    if (str_empty(g->role.domain_id))
        return 0;
    if (on_system(g))
        return err_http(err, 400, NULL,
                        "Role %s is a domain-specific role. Unable to use a domain-specific role in a system "
                        "assignment.",
                        g->role.id);
    if (g->project.id && !str_eq(g->project.domain_id, g->role.domain_id))
        return err_http(err, 403, NULL,
                        "Project %s must be in the same domain as the role %s being assigned.", g->project.id,
                        g->role.id);
    return 0;
}

static int add_grant(struct request *rq, struct err *err)
{
    struct grant *g;
    int r = load_grant(rq, rule_for(rq, "create"), &g, err);

    if (r >= 0)
        r = check_domain_role(g, err);
    if (r >= 0)
        r = assignment_add(rq->txn, rq->arena, &g->as, err);
    return r < 0 ? r : reply_empty(rq, 204);
}

static int check_grant(struct request *rq, struct err *err)
{
    struct grant *g;
    int r = load_grant(rq, rule_for(rq, "check"), &g, err);

    if (r < 0)
        return r;
    r = assignment_exists(rq->txn, &g->as, err);
    return r == -ENOENT ? no_grant(g, err) : r < 0 ? r : reply_empty(rq, 204);
}

/* Whoever loses a role on a project loses what programs hold of it there. */
static int forget_app_creds(struct request *rq, const struct grant *g, struct err *err)
{
    const char **users = NULL;
    int r = 0;

    if (g->user.id)
        return application_credentials_forget(rq->txn, g->user.id, g->project.id, err);
    r = users_of_group(rq->txn, rq->arena, g->group.id, &users, err);
    strv_foreach (id, users)
        r = r < 0 ? r : application_credentials_forget(rq->txn, *id, g->project.id, err);
    return r;
}

static int remove_grant(struct request *rq, struct err *err)
{
    struct grant *g;
    int r = load_grant(rq, rule_for(rq, "revoke"), &g, err);

    if (r < 0)
        return r;
    r = assignment_remove(rq->txn, &g->as, err);
    if (r >= 0 && g->project.id)
        r = forget_app_creds(rq, g, err);
    return r == -ENOENT ? no_grant(g, err) : r < 0 ? r : reply_empty(rq, 204);
}

static int list_grants(struct request *rq, struct err *err)
{
    const char **ids = NULL;
    struct grant *g;
    struct txn *t;
    int r = load_grant(rq, rule_for(rq, "list"), &g, err);

    if (r >= 0)
        r = rq_txn(rq, &t, err);
    if (r >= 0)
        r = assignment_roles(t, rq->arena, &g->as, &ids, err);
    return r < 0 ? r : reply_ids(rq, &role_resource, ids, err);
}

#define ON(target)     ON_ACTOR(target "/users/{user_id}/roles"), ON_ACTOR(target "/groups/{group_id}/roles")
#define ON_ACTOR(path) { HTTP_GET, path, POLICY_OWN, list_grants }, ONE_ROLE(path, "")
#define INHERITED(target) \
    INHERITED_BY(target "/users/{user_id}/roles"), INHERITED_BY(target "/groups/{group_id}/roles")
#define INHERITED_BY(path) ONE_ROLE(path, "/inherited_to_projects")
#define ONE_ROLE(path, end)                                            \
    { HTTP_PUT, path "/{role_id}" end, POLICY_OWN, add_grant },        \
        { HTTP_HEAD, path "/{role_id}" end, POLICY_OWN, check_grant }, \
        { HTTP_GET, path "/{role_id}" end, POLICY_OWN, check_grant },  \
    {                                                                  \
        HTTP_DELETE, path "/{role_id}" end, POLICY_OWN, remove_grant   \
    }

const struct route grant_routes[] = {
    ON("/v3/projects/{project_id}"),
    ON("/v3/domains/{domain_id}"),
    ON("/v3/system"),
    INHERITED("/v3/OS-INHERIT/projects/{project_id}"),
    INHERITED("/v3/OS-INHERIT/domains/{domain_id}"),
    { HTTP_GET, "/v3/OS-INHERIT/domains/{domain_id}/users/{user_id}/roles/inherited_to_projects", POLICY_OWN,
      list_grants },
    { HTTP_GET, "/v3/OS-INHERIT/domains/{domain_id}/groups/{group_id}/roles/inherited_to_projects",
      POLICY_OWN, list_grants },
    { 0 },
};
