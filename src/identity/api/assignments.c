/* SPDX-License-Identifier: Apache-2.0 */
/* /v3/role_assignments */
#include "identity/model/assignments.h"

#include "base/str.h"
#include "identity/api/need.h"
#include "identity/api/routes.h"
#include "identity/api/targets.h"
#include "identity/store/groups.h"
#include "identity/store/projects.h"
#include "identity/store/roles.h"
#include "identity/store/users.h"

/* "?effective" and any value are true, also "false", only "0" is not: as Keystone has it everywhere. */
static bool flag(struct request *rq, const char *name)
{
    return rq_query_has(rq, name) && !str_eq(rq_query(rq, name), "0");
}

/* What is blank is as if it were not there. */
static const char *given(struct request *rq, const char *name)
{
    const char *v = rq_query(rq, name);

    return str_empty(v) ? NULL : v;
}

static int check_filter(struct request *rq, const struct assignment_filter *f, struct err *err)
{
    const bool system = given(rq, "scope.system"); /* Also another one than "all". */
    const struct {
        bool refused;
        const char *words;
    } rules[] = {
        { f->subtree && !f->project_id,
          "scope.project.id must be specified if include_subtree is also specified" },
        { f->project_id && f->domain_id, "Specify a domain or project, not both" },
        { system && f->domain_id, "Specify system or domain, not both" },
        { system && f->project_id, "Specify system or project, not both" },
        { f->user_id && f->group_id, "Specify a user or group, not both" },
        { f->effective && f->group_id,
          "Combining effective and group filter will always result in an empty list." },
        { f->effective && f->inherited && f->domain_id,
          "Combining effective, domain and inherited filters will always result in an empty list." },
    };

    for (size_t i = 0; i < ARRAY_SIZE(rules); i++)
        if (rules[i].refused)
            return err_http(err, 400, NULL, "%s", rules[i].words);
    return 0;
}

/* What follows from assignments is looked for from a project and a user, which must be there. */
static int need_origin(struct request *rq, const struct assignment_filter *f, struct err *err)
{
    struct project p = { 0 };
    struct user u = { 0 };
    int r = 0;

    if (f->project_id)
        r = need_project(rq, f->project_id, &p, err);
    if (r >= 0 && f->user_id)
        r = need_user(rq, f->user_id, &u, err);
    return r;
}

static int read_filter(struct request *rq, struct assignment_filter *f, struct err *err)
{
    const char *inherited = rq_query(rq, "scope.OS-INHERIT:inherited_to");
    int r;

    *f = (struct assignment_filter){
        .user_id = given(rq, "user.id"),
        .group_id = given(rq, "group.id"),
        .role_id = given(rq, "role.id"),
        .project_id = given(rq, "scope.project.id"),
        .domain_id = given(rq, "scope.domain.id"),
        .system = str_eq(rq_query(rq, "scope.system"), "all"),
        .inherited = str_eq(inherited, "projects"),
        .not_inherited = inherited && !str_eq(inherited, "projects"),
        .own_domain_id = flag(rq, "include_subtree") ? NULL : rq->token->domain_id,
        .effective = flag(rq, "effective"),
        .subtree = flag(rq, "include_subtree"),
    };
    r = check_filter(rq, f, err);
    return r >= 0 && f->effective ? need_origin(rq, f, err) : r;
}

/* --- names ------------------------------------------------------------------------------- */

static void write_domain(struct request *rq, struct jw *w, const char *id)
{
    struct project d = { 0 };

    if (str_empty(id) || table_get(rq->txn, rq->arena, &project_table, id, &d, NULL) < 0)
        return;
    jw_object(w, "domain");
    jw_str(w, "id", d.id);
    jw_str(w, "name", d.name);
    jw_end_object(w);
}

static void write_named(struct request *rq, struct jw *w, const char *kind, const char *id, const char *name,
                        const char *domain_id, bool names)
{
    jw_object(w, kind);
    jw_str(w, "id", id);
    if (names) {
        jw_str(w, "name", name ? name : "");
        write_domain(rq, w, domain_id);
    }
    jw_end_object(w);
}

static void write_role(struct request *rq, struct jw *w, const char *id, bool names)
{
    struct role role = { 0 };

    if (names)
        (void) table_get(rq->txn, rq->arena, &role_table, id, &role, NULL);
    write_named(rq, w, "role", id, role.name, role.domain_id, names);
}

static void write_actor(struct request *rq, struct jw *w, const struct assignment *as, bool names)
{
    struct group g = { 0 };
    struct user u = { 0 };
    bool is_user = str_eq(as->actor_type, "user");

    if (names && is_user)
        (void) table_get(rq->txn, rq->arena, &user_table, as->actor_id, &u, NULL);
    else if (names)
        (void) table_get(rq->txn, rq->arena, &group_table, as->actor_id, &g, NULL);
    write_named(rq, w, as->actor_type, as->actor_id, is_user ? u.name : g.name,
                is_user ? u.domain_id : g.domain_id, names);
}

static void write_scope(struct request *rq, struct jw *w, const struct assignment *as, bool inherited,
                        bool names)
{
    struct project p = { 0 };

    jw_object(w, "scope");
    if (str_eq(as->target_type, "system")) {
        jw_object(w, "system");
        jw_bool(w, "all", true);
        jw_end_object(w);
    } else {
        if (names)
            (void) table_get(rq->txn, rq->arena, &project_table, as->target_id, &p, NULL);
        write_named(rq, w, as->target_type, as->target_id, p.name, p.domain_id, names);
    }
    if (inherited)
        jw_str(w, "OS-INHERIT:inherited_to", "projects");
    jw_end_object(w);
}

/* --- links --------------------------------------------------------------------------------- */

/* Where the assignment was made. */
static void write_assignment_link(struct request *rq, struct jw *w, const struct assignment_row *row)
{
    const struct assignment *as = &row->as;
    const char *type = row->via_target ? row->via_target_type : as->target_type;
    const char *target = row->via_target ? row->via_target : as->target_id;
    const char *actor_type = row->via_group ? "group" : as->actor_type;
    const char *actor = row->via_group ? row->via_group : as->actor_id;
    const char *role = row->via_role ? row->via_role : as->role_id;
    const char *base = rq_base_url(rq);

    if (str_eq(type, "system"))
        jw_printf(w, "assignment", "%s/v3/system/%ss/%s/roles/%s", base, actor_type, actor, role);
    else
        jw_printf(w, "assignment", "%s/v3/%s%ss/%s/%ss/%s/roles/%s%s", base,
                  as->inherited ? "OS-INHERIT/" : "", type, target, actor_type, actor, role,
                  as->inherited ? "/inherited_to_projects" : "");
}

static void write_links(struct request *rq, struct jw *w, const struct assignment_row *row)
{
    jw_object(w, "links");
    write_assignment_link(rq, w, row);
    if (row->via_group)
        jw_printf(w, "membership", "%s/v3/groups/%s/users/%s", rq_base_url(rq), row->via_group,
                  row->as.actor_id);
    if (row->via_role) /* Keystone has the implied role first; nothing is served there. */
        jw_printf(w, "prior_role", "%s/v3/prior_role/%s/implies/%s", rq_base_url(rq), row->as.role_id,
                  row->via_role);
    jw_end_object(w);
}

static int list(struct request *rq, struct err *err)
{
    bool names = flag(rq, "include_names");
    struct assignment_filter f;
    struct assignment_row *rows;
    struct txn *t;
    struct jw *w;
    size_t n;
    int r = read_filter(rq, &f, err);

    if (r >= 0)
        r = rq_txn(rq, &t, err);
    if (r >= 0)
        r = assignments_list(t, rq->arena, &f, &rows, &n, err);
    if (r < 0)
        return r;
    w = reply_begin(rq);
    jw_object(w, NULL);
    jw_array(w, "role_assignments");
    for (size_t i = 0; i < n; i++) {
        jw_object(w, NULL);
        write_role(rq, w, rows[i].as.role_id, names);
        write_actor(rq, w, &rows[i].as, names);
        write_scope(rq, w, &rows[i].as, rows[i].as.inherited, names);
        write_links(rq, w, &rows[i]);
        jw_end_object(w);
    }
    jw_end_array(w);
    jw_object(w, "links");
    jw_null(w, "next");
    jw_printf(w, "self", "%s/v3/role_assignments%s%s", rq_base_url(rq), *rq->http->query ? "?" : "",
              rq->http->query);
    jw_null(w, "previous");
    jw_end_object(w);
    jw_end_object(w);
    return reply_end(rq, 200);
}

/* A tree is its project's domain's to read. */
static int load_tree(struct request *rq, struct err *err)
{
    const char *id = rq_query(rq, "scope.project.id");
    struct project p = { 0 };
    int r = str_empty(id) ? 0 : need_project(rq, id, &p, err);

    set_domain_target(rq, str_empty(p.domain_id) ? NULL : p.domain_id);
    return r;
}

/* Who reads only a subtree needs another rule; a domain's reader sees only its domain. */
static int list_allowed(struct request *rq, struct err *err)
{
    bool tree = flag(rq, "include_subtree");
    const char *rule = tree ? "identity:list_role_assignments_for_tree" : "identity:list_role_assignments";
    int r = tree ? load_tree(rq, err) : load_token_domain(rq, err);

    if (r >= 0)
        r = authorize_fields(rq, rule, &(struct policy_fields){ domain_target, rq->object, "target" }, err);
    return r < 0 ? r : list(rq, err);
}

const struct route assignment_routes[] = {
    { HTTP_GET, "/v3/role_assignments", POLICY_OWN, list_allowed },
    { 0 },
};
