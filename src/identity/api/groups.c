/* SPDX-License-Identifier: Apache-2.0 */
/* /v3/groups and who belongs to them. */
#include "identity/store/groups.h"

#include "base/str.h"
#include "identity/api/common.h"
#include "identity/api/need.h"
#include "identity/api/people.h"
#include "identity/api/replies.h"
#include "identity/api/routes.h"
#include "identity/api/targets.h"
#include "identity/model/revocations.h"
#include "identity/store/memberships.h"
#include "identity/store/users.h"

#define G(type, member, uses, ...) FIELD(type, group, member, .use = (uses), __VA_ARGS__)

static const struct field fields[] = {
    G(FIELD_STRING, id, ON_SHOW | ON_SORT),
    G(FIELD_STRING, domain_id, ON_IN | ON_SHOW | ON_FILTER, .min = 1, .max = 64, .check = check_id),
    G(FIELD_STRING, name, ON_ALL, .required = true, .min = 1, .max = 255, .check = check_not_blank,
      .trim = true),
    G(FIELD_STRING, description, ON_IN | ON_SHOW, .nullable = true, .max = 4096, .value = ""),
    { 0 },
};

static void present(struct request *rq, struct jw *w, const void *obj)
{
    const struct group *g = obj;

    write_extra(w, g->extra);
    write_self(rq, w, "groups", g->id);
}

static int before_create(struct request *rq, void *obj, struct err *err)
{
    struct group *g = obj;
    int r = settle_name(rq, &g->name, err);

    if (r >= 0)
        r = own_domain(rq, &g->domain_id, err);
    if (r >= 0)
        r = people_refuse_domain(rq, g->domain_id, err);
    if (r >= 0)
        r = require_domain(rq, g->domain_id, err);
    return r < 0 ? r : extra_of(rq, fields, NULL, &g->extra, err);
}

static int before_update(struct request *rq, const void *old, void *obj, struct err *err)
{
    const struct group *was = old;
    struct group *g = obj;
    int r;

    if (!str_eq(g->domain_id, was->domain_id))
        return err_http(err, 400, NULL, "Cannot change Domain ID");
    r = people_refuse_change(rq, was->id, err);
    if (r >= 0)
        r = settle_name(rq, &g->name, err);
    return r < 0 ? r : extra_of(rq, fields, was->extra, &g->extra, err);
}

/* Members lose what the group had, and tokens with that. */
static int before_delete(struct request *rq, void *obj, struct err *err)
{
    const struct group *g = obj;
    const char **ids = NULL;
    int64_t roles = 0;
    struct txn *t;
    int r = people_refuse_change(rq, g->id, err);

    if (r >= 0)
        r = rq_txn(rq, &t, err);
    if (r >= 0)
        r = group_count_roles(t, g->id, &roles, err);
    if (r >= 0 && roles)
        r = users_of_group(t, rq->arena, g->id, &ids, err);
    if (r >= 0)
        r = group_forget(t, g->id, err);
    for (size_t i = 0; r >= 0 && ids && ids[i]; i++)
        r = revoke_user(rq, ids[i], err);
    return r;
}

static int list_all(struct request *rq, struct err *err)
{
    return people_list(rq, ENTITY_GROUP, err);
}

const struct resource group_resource = {
    .singular = "group",
    .plural = "groups",
    .table = &group_table,
    .fields = fields,
    .default_sort = "name",
    .id_param = "group_id",
    .before_list = people_limit,
    .before_create = before_create,
    .before_update = before_update,
    .before_delete = before_delete,
    .present = present,
};

/* --- membership -------------------------------------------------------------------- */

/* What policy looks at: the group and the user. */
struct membership {
    const char *user_id, *user_domain_id, *group_id, *group_domain_id;
};

static const struct field membership_fields[] = {
    FIELD_AS("user.id", FIELD_STRING, membership, user_id),
    FIELD_AS("user.domain_id", FIELD_STRING, membership, user_domain_id),
    FIELD_AS("user_id", FIELD_STRING, membership, user_id),
    FIELD_AS("group.id", FIELD_STRING, membership, group_id),
    FIELD_AS("group.domain_id", FIELD_STRING, membership, group_domain_id),
    { 0 },
};

static int load_membership(struct request *rq, struct err *err)
{
    struct membership *m = arena_new(rq->arena, struct membership);
    const char *user_id = rq_param(rq, "user_id"), *group_id = rq_param(rq, "group_id");
    struct group g = { 0 };
    struct user u = { 0 };
    int r = 0;

    if (group_id)
        r = need_group(rq, group_id, &g, err);
    if (r >= 0 && user_id)
        r = need_user(rq, user_id, &u, err);
    *m = (struct membership){ u.id, u.domain_id, g.id, g.domain_id };
    rq->object = m;
    return r;
}

static int add_user(struct request *rq, struct err *err)
{
    const struct membership *m = rq->object;
    struct txn *t;
    int r = people_refuse_membership(rq, m->user_id, m->group_id, err);

    if (r >= 0)
        r = rq_txn(rq, &t, err);
    if (r >= 0)
        r = membership_add(t, m->user_id, m->group_id, err);
    return r < 0 ? r : reply_empty(rq, 204);
}

static int not_a_member(const struct membership *m, struct err *err)
{
    return err_http(err, 404, NULL, "User '%s' not found in group '%s'", m->user_id, m->group_id);
}

static int check_user(struct request *rq, struct err *err)
{
    const struct membership *m = rq->object;
    struct txn *t;
    int r = rq_txn(rq, &t, err);

    if (r >= 0)
        r = membership_exists(t, m->user_id, m->group_id, err);
    return r == -ENOENT ? not_a_member(m, err) : r < 0 ? r : reply_empty(rq, 204);
}

static int remove_user(struct request *rq, struct err *err)
{
    const struct membership *m = rq->object;
    struct txn *t;
    int r = people_refuse_membership(rq, m->user_id, m->group_id, err);

    if (r >= 0)
        r = rq_txn(rq, &t, err);
    if (r >= 0)
        r = membership_remove(t, m->user_id, m->group_id, err);
    if (r >= 0)
        r = revoke_user(rq, m->user_id, err);
    return r == -ENOENT ? not_a_member(m, err) : r < 0 ? r : reply_empty(rq, 204);
}

static int list_users(struct request *rq, struct err *err)
{
    const struct membership *m = rq->object;

    return reply_those_listed(rq, &user_resource, users_of_group_cond(rq->arena, m->group_id),
                              user_conditions, err);
}

/* A group as a user is in it: for good, since nothing is served that would end it. */
static void present_membership(struct request *rq, struct jw *w, const void *obj)
{
    jw_null(w, "membership_expires_at");
    present(rq, w, obj);
}

static const struct resource users_group_resource = {
    .singular = "group",
    .plural = "groups",
    .table = &group_table,
    .fields = fields,
    .default_sort = "name",
    .id_param = "group_id",
    .before_list = limit_to_own_domain,
    .present = present_membership,
};

static int list_groups(struct request *rq, struct err *err)
{
    const struct membership *m = rq->object;

    return reply_those_listed(rq, &users_group_resource, groups_of_user_cond(rq->arena, m->user_id), NULL,
                              err);
}

#define MEMBERSHIP .load = load_membership, .target = membership_fields, .target_prefix = "target"

/* clang-format off */
const struct route group_routes[] = {
    { HTTP_GET,    "/v3/groups",            "identity:list_groups",  list_all,        &group_resource,
      .load = load_token_domain, .target = domain_target, .target_prefix = "target.group" },
    { HTTP_POST,   "/v3/groups",            "identity:create_group", resource_create, &group_resource,
      .load = load_new_target, .target = domain_target, .target_prefix = "target.group", .flags = ROUTE_IGNORE_UNKNOWN },
    { HTTP_GET,    "/v3/groups/{group_id}", "identity:get_group",    resource_show,   &group_resource,
      .target_prefix = "target.group" },
    { HTTP_PATCH,  "/v3/groups/{group_id}", "identity:update_group", resource_update, &group_resource,
      .target_prefix = "target.group", .flags = ROUTE_IGNORE_UNKNOWN },
    { HTTP_DELETE, "/v3/groups/{group_id}", "identity:delete_group", resource_delete, &group_resource,
      .target_prefix = "target.group", .flags = ROUTE_FOUND_FIRST },
    { HTTP_GET,    "/v3/groups/{group_id}/users",           "identity:list_users_in_group",    list_users,  MEMBERSHIP },
    { HTTP_PUT,    "/v3/groups/{group_id}/users/{user_id}", "identity:add_user_to_group",      add_user,    MEMBERSHIP },
    { HTTP_HEAD,   "/v3/groups/{group_id}/users/{user_id}", "identity:check_user_in_group",    check_user,  MEMBERSHIP },
    { HTTP_GET,    "/v3/groups/{group_id}/users/{user_id}", "identity:check_user_in_group",    check_user,  MEMBERSHIP },
    { HTTP_DELETE, "/v3/groups/{group_id}/users/{user_id}", "identity:remove_user_from_group", remove_user, MEMBERSHIP },
    { HTTP_GET,    "/v3/users/{user_id}/groups",            "identity:list_groups_for_user",   list_groups, MEMBERSHIP },
    { 0 },
};
/* clang-format on */
