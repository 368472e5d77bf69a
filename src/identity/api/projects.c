/* SPDX-License-Identifier: Apache-2.0 */
/* /v3/projects, their tags, and a user's projects. */
#include "identity/store/projects.h"

#include "base/str.h"
#include "identity/api/common.h"
#include "identity/api/need.h"
#include "identity/api/options.h"
#include "identity/api/projects.h"
#include "identity/api/replies.h"
#include "identity/api/routes.h"
#include "identity/api/targets.h"
#include "identity/model/limits.h"
#include "identity/model/revocations.h"
#include "identity/store/assignments.h"
#include "identity/store/domains.h"
#include "identity/store/users.h"
#include "rest/dialect.h"

#define P(type, member, uses, ...) FIELD(type, project, member, .use = (uses), __VA_ARGS__)

#define TAGS_MAX                   80

static const struct field fields[] = {
    P(FIELD_STRING, id, ON_SHOW | ON_SORT),
    P(FIELD_STRING, name, ON_ALL, .required = true, .min = 1, .max = 64, .check = check_not_blank,
      .trim = true),
    P(FIELD_STRING, domain_id, ON_IN | ON_FILTER, .nullable = true, .min = 1, .max = 64, .check = check_id),
    P(FIELD_STRING, parent_id, ON_IN | ON_FILTER, .nullable = true, .min = 1, .max = 64, .check = check_id),
    P(FIELD_STRING, description, ON_IN | ON_SHOW, .nullable = true, .max = 4096, .value = ""),
    P(FIELD_BOOL, enabled, ON_ALL, .value = "true"),
    P(FIELD_BOOL, is_domain, ON_IN | ON_SHOW | ON_FILTER),
    P(FIELD_STRV, tags, ON_IN | ON_SHOW, .max = TAGS_MAX),
    P(FIELD_JSON, options, ON_IN, .json = "object"),
    { 0 },
};

static const char *or_null(const char *id)
{
    return str_empty(id) ? NULL : id;
}

static void present(struct request *rq, struct jw *w, const void *obj)
{
    const struct project *p = obj;

    jw_str(w, "domain_id", or_null(p->domain_id));
    jw_str(w, "parent_id", or_null(p->parent_id));
    jw_raw(w, "options", p->options ? p->options : "{}");
    write_extra(w, p->extra);
    if (rq->http->method == HTTP_PATCH) { /* After a change they are shown a second time. */
        jw_object(w, "extra");
        write_extra(w, p->extra);
        jw_end_object(w);
    }
    if (rq->object == obj)
        project_write_tree(rq, w, p);
    write_self(rq, w, "projects", p->id);
}

/* --- lists ------------------------------------------------------------------------- */

/* Query parameters about tags, and how their conditions are joined. */
static const struct {
    const char *name;
    bool any, not ;
} tag_filters[] = { { "tags", false, false },
                    { "tags-any", true, false },
                    { "not-tags", false, true },
                    { "not-tags-any", true, true } };

#define TAGS_ASKED_MAX 250 /* A project has 80, and databases take no endless condition. */

/* A tag as it stands in the list, found by LIKE with '!' before what that would take for something else. */
static const char *tag_pattern(struct arena *a, const char *tag)
{
    auto_json json_t *quoted = json_string(tag);
    struct strbuf b;

    strbuf_init(&b, a);
    strbuf_putc(&b, '%');
    for (const char *p = quoted ? json_text(a, quoted) : "\"\""; *p; p++) {
        if (strchr("%_!", *p))
            strbuf_putc(&b, '!');
        strbuf_putc(&b, *p);
    }
    strbuf_putc(&b, '%');
    return strbuf_str(&b);
}

static int add_tag_filter(struct request *rq, struct query *q, const char *list, bool any, bool not,
                          struct err *err)
{
    const char **tags = str_split(rq->arena, list, ',');
    size_t n = strv_len(tags);
    struct val *vals = arena_array(rq->arena, struct val, n);
    struct strbuf sql;

    if (n > TAGS_ASKED_MAX)
        return err_http(err, 400, NULL, "A list can be asked for by at most %d tags.", TAGS_ASKED_MAX);
    strbuf_init(&sql, rq->arena);
    strbuf_puts(&sql, not ? "NOT (" : "(");
    for (size_t i = 0; i < n; i++) {
        strbuf_printf(&sql, "%sCOALESCE(tags, '') LIKE ? ESCAPE '!'", i ? any ? " OR " : " AND " : "");
        vals[i] = val_text(tag_pattern(rq->arena, tags[i]));
    }
    strbuf_puts(&sql, ")");
    rq_cond(rq, q, (struct cond){ .column = strbuf_str(&sql), .op = COND_SQL, .vals = vals, .n_vals = n });
    return 0;
}

static int before_list(struct request *rq, struct query *q, struct err *err)
{
    int r = 0;

    if (!rq_query(rq, "is_domain"))
        rq_cond(rq, q, (struct cond){ .column = "is_domain", .op = COND_EQ, .value = val_int(0) });
    for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(tag_filters); i++)
        if (rq_query(rq, tag_filters[i].name))
            r = add_tag_filter(rq, q, rq_query(rq, tag_filters[i].name), tag_filters[i].any,
                               tag_filters[i].not, err);
    return r < 0 ? r : limit_to_own_domain(rq, q, err);
}

/* --- changes ------------------------------------------------------------------------- */

/* What is wrong with a tag, or null. */
static const char *tag_flaw(const char *tag)
{
    return !*tag                     ? "is too short"
           : str_utf8_len(tag) > 255 ? "is too long"
           : strpbrk(tag, "/,")      ? "does not match '^[^,/]*$'"
                                     : NULL;
}

/* 'where' is what the list is called, or null when it is the body. */
static int check_tags(struct request *rq, const char *where, const json_t *tags, struct err *err)
{
    const json_t *v;
    size_t i;

    if (tags && !json_is_array(tags))
        return bad_value(rq, where, tags, "is not of type 'array'", err);
    json_array_foreach (tags, i, v) {
        const char *at = arena_printf(rq->arena, "%s%s%zu", where ? where : "", where ? "/" : "", i);
        const char *why = json_is_string(v) ? tag_flaw(json_string_value(v)) : "is not of type 'string'";

        if (why)
            return bad_value(rq, at, v, why, err);
    }
    if (json_array_size(tags) > TAGS_MAX)
        return bad_value(rq, where, tags, "is too long", err);
    return has_repetition(tags) ? bad_value(rq, where, tags, "has non-unique elements", err) : 0;
}

int project_check_tags(struct request *rq, struct err *err)
{
    return check_tags(rq, "tags", json_object_get(rq->in, "tags"), err);
}

/* Limits of two levels say nothing of a project further down. */
static int64_t depth_allowed(const struct identity *id)
{
    int64_t depth = limit_model_named(id->opt->limit_model)->depth;

    return depth && depth < id->opt->max_project_depth ? depth : id->opt->max_project_depth;
}

/* Where the project hangs: below a project of the same domain, or its domain. */
static int place(struct request *rq, struct project *p, struct err *err)
{
    const struct identity *id = identity_of(rq);
    struct project parent = { 0 }, domain = { 0 };
    const char **above;
    int r;

    r = need_project(rq, p->parent_id, &parent, err);
    if (r < 0)
        return r;
    if (!parent.is_domain && !str_eq(parent.domain_id, p->domain_id))
        return err_http(
            err, 400, NULL,
            "Cannot create project, since it specifies its domain_id %s, but specifies a parent in "
            "a different domain (%s).",
            p->domain_id, parent.domain_id);
    if (parent.is_domain && !str_eq(parent.id, p->domain_id))
        return err_http(err, 400, NULL,
                        "Cannot create project, the parent (%s) is acting as a domain, but this project's "
                        "domain id (%s) does not match the parent's id.",
                        parent.id, p->domain_id);
    r = need_domain(rq, p->domain_id, &domain, err);
    if (r >= 0 && (!domain.enabled || !parent.enabled))
        return err_http(err, 400, NULL,
                        "cannot create a project in a branch containing a disabled project: %s",
                        domain.enabled ? parent.id : domain.id);
    if (r >= 0)
        r = project_ancestors(rq->txn, rq->arena, parent.id, &above, err);
    if (r >= 0 && (int64_t) strv_len(above) + 1 > depth_allowed(id))
        return err_http(err, 403, NULL, "Max hierarchy depth reached for %s branch.", parent.id);
    return r;
}

/* What a body names and is not there makes the body wrong. */
static int missing_is_invalid(int r, struct err *err)
{
    struct err why = *err;

    return r == -ENOENT ? err_http(err, 400, NULL, "%s", why.msg) : r;
}

static int check_name(struct request *rq, struct project *p, struct err *err)
{
    const struct identity_options *opt = identity_of(rq)->opt;
    int r = settle_name(rq, &p->name, err);

    if (r < 0)
        return r;
    return p->is_domain ? check_url_safe(opt->domain_name_url_safe, "Domain", p->name, err)
                        : check_url_safe(opt->project_name_url_safe, "Project", p->name, err);
}

static int before_create(struct request *rq, void *obj, struct err *err)
{
    struct project *p = obj;
    int r = project_check_tags(rq, err);

    if (r >= 0)
        r = settle_mark(rq, &p->options, err);
    if (r >= 0)
        r = check_name(rq, p, err);
    if (r >= 0 && p->is_domain) {
        if (p->domain_id || p->parent_id)
            return err_http(err, 400, NULL, "only root projects are allowed to act as domains.");
        p->domain_id = p->parent_id = "";
        return extra_of(rq, fields, NULL, &p->extra, err);
    }
    if (r >= 0)
        r = own_domain(rq, &p->domain_id, err);
    if (r >= 0)
        r = require_domain(rq, p->domain_id, err);
    if (r >= 0 && !p->parent_id)
        p->parent_id = p->domain_id;
    if (r >= 0)
        r = place(rq, p, err);
    if (r < 0)
        return missing_is_invalid(r, err);
    return extra_of(rq, fields, NULL, &p->extra, err);
}

/* Disabling needs that nothing below is enabled; enabling, that all above is. */
static int check_enabled(struct request *rq, const struct project *was, const struct project *p,
                         struct err *err)
{
    struct project parent = { 0 };
    int64_t n = 0;
    int r = 0;

    if (was->enabled == p->enabled || was->is_domain)
        return 0;
    if (p->enabled) {
        r = need_project(rq, p->parent_id, &parent, err);
        if (r >= 0 && !parent.enabled)
            return err_http(err, 403, NULL, "Cannot enable project %s since it has disabled parents", p->id);
        return r;
    }
    r = project_count_children(rq->txn, p->id, true, &n, err);
    if (r >= 0 && n)
        return err_http(err, 403, NULL,
                        "Cannot disable project %s since its subtree contains enabled projects.", p->id);
    return r;
}

static int before_update(struct request *rq, const void *old, void *obj, struct err *err)
{
    const struct project *was = old;
    struct project *p = obj;
    int r;

    if (!str_eq(or_null(p->domain_id), or_null(was->domain_id)))
        return err_http(err, 400, NULL, "Cannot change Domain ID");
    if (!str_eq(or_null(p->parent_id), or_null(was->parent_id)))
        return err_http(err, 403, NULL, "Update of `parent_id` is not allowed.");
    if (p->is_domain != was->is_domain)
        return err_http(err, 400, NULL, "Update of `is_domain` is not allowed.");
    p->domain_id = was->domain_id;
    p->parent_id = was->parent_id;
    r = project_check_tags(rq, err);
    if (r >= 0 && !str_eq(p->name, was->name))
        r = check_name(rq, p, err);
    if (r >= 0)
        r = check_mark(rq, err);
    if (r >= 0)
        r = was->options ? merge_options(rq, was->options, &p->options, err)
                         : drop_nulls(rq, &p->options, err);
    if (r >= 0)
        r = refuse_immutable_update(rq, "project", was->id, was->options, p->options, err);
    if (r >= 0)
        r = check_enabled(rq, was, p, err);
    return r < 0 ? r : extra_of(rq, fields, was->extra, &p->extra, err);
}

int project_refuse_duplicate(struct request *rq, const void *obj, struct err *err)
{
    const struct project *p = obj;

    if (p->is_domain)
        return err_http(err, 409, NULL,
                        "Conflict occurred attempting to store project - it is not permitted to have two "
                        "projects acting as domains with the same name: %s.",
                        p->name);
    return err_http(
        err, 409, NULL,
        "Conflict occurred attempting to store project - it is not permitted to have two projects "
        "with either the same name or same id in the same domain: name is %s, project id %s.",
        p->name, p->id);
}

static int before_delete(struct request *rq, void *obj, struct err *err)
{
    const struct project *p = obj;
    int64_t n;
    int r = refuse_immutable("project", p->id, p->options, err);

    if (r >= 0 && p->is_domain && p->enabled)
        return err_http(err, 403, NULL, "Cannot delete a domain that is enabled, please disable it first.");
    if (r >= 0)
        r = project_count_children(rq->txn, p->id, false, &n, err);
    if (r >= 0 && n)
        return err_http(
            err, 403, NULL,
            "Cannot delete the project %s since it is not a leaf in the hierarchy. Use the cascade "
            "option if you want to delete a whole subtree.",
            p->id);
    if (r >= 0)
        r = target_forget(rq->txn, rq->arena, p->id, err);
    if (r >= 0)
        r = users_forget_project(rq->txn, p->id, err);
    return r < 0 ? r : revoke_project(rq, p->id, err);
}

const struct resource project_resource = {
    .singular = "project",
    .plural = "projects",
    .table = &project_table,
    .fields = fields,
    .default_sort = "name",
    .id_param = "project_id",
    .before_list = before_list,
    .before_create = before_create,
    .before_update = before_update,
    .before_delete = before_delete,
    .refuse_duplicate = project_refuse_duplicate,
    .present = present,
};

/* --- tags ----------------------------------------------------------------------------- */

static int refuse_immutable_tags(const struct project *p, const char *verb, struct err *err)
{
    struct err unused = { 0 };

    if (refuse_immutable("project", p->id, p->options, &unused) >= 0)
        return 0;
    return err_http(err, 403, NULL,
                    "Cannot %s project tags for %s, project is immutable. Set \"immutable\" option to false "
                    "before creating project tags.",
                    verb, p->id);
}

static int write_tags(struct request *rq, const char *verb, const char **tags, struct err *err)
{
    static const char *const only[] = { "tags", NULL };
    struct project *p = rq->object;
    struct txn *t;
    int r = refuse_immutable_tags(p, verb, err);

    if (r >= 0)
        r = rq_txn(rq, &t, err);
    p->tags = tags;
    return r < 0 ? r : table_update(t, rq->arena, &project_table, p, only, err);
}

static int reply_tags(struct request *rq, const char *const *tags)
{
    struct jw *w = reply_begin(rq);

    jw_object(w, NULL);
    jw_strv(w, "tags", tags);
    jw_object(w, "links");
    jw_null(w, "next");
    jw_printf(w, "self", "%s%s", rq_base_url(rq), rq->http->path);
    jw_null(w, "previous");
    jw_end_object(w);
    jw_end_object(w);
    return reply_end(rq, 200);
}

static int list_tags(struct request *rq, struct err *err)
{
    return reply_tags(rq, ((struct project *) rq->object)->tags);
}

static const char **trimmed(struct arena *a, const json_t *list)
{
    const char **all = NULL;
    const json_t *v;
    size_t i;

    json_array_foreach (list, i, v)
        all = strv_add(a, all, str_trim(a, json_string_value(v)));
    return all;
}

static int replace_tags(struct request *rq, struct err *err)
{
    auto_json json_t *none = json_object();
    const json_t *given = json_object_get(rq->json, "tags");
    const char **tags;
    int r = check_tags(rq, NULL, given ? given : none, err);

    if (r < 0)
        return r;
    tags = trimmed(rq->arena, given);
    r = write_tags(rq, "update", tags, err);
    return r < 0 ? r : reply_tags(rq, tags);
}

static int delete_tags(struct request *rq, struct err *err)
{
    int r = write_tags(rq, "update", NULL, err);

    return r < 0 ? r : reply_empty(rq, 204);
}

static int no_tag(const struct project *p, const char *tag, struct err *err)
{
    return err_http(err, 404, NULL, "Could not find project tag: %.255s.", tag);
}

static int check_one_tag(struct request *rq, struct err *err)
{
    const struct project *p = rq->object;
    const char *tag = rq_param(rq, "value");

    return strv_contains(p->tags, tag) ? reply_empty(rq, 204) : no_tag(p, tag, err);
}

static int add_tag(struct request *rq, struct err *err)
{
    const struct project *p = rq->object;
    auto_json json_t *all = json_array(), *new = json_string(rq_param(rq, "value"));
    const char **tags;
    int r;

    if (new &&tag_flaw(json_string_value(new)))
        return bad_value(rq, NULL, new, tag_flaw(json_string_value(new)), err);
    strv_foreach (old, p->tags)
        json_array_append_new(all, json_string(*old));
    json_array_append(all, new);
    r = check_tags(rq, NULL, all, err);
    tags = trimmed(rq->arena, all);
    if (r >= 0)
        r = write_tags(rq, "create", tags, err);
    if (r < 0)
        return r;
    reply_header(rq, "Location", arena_printf(rq->arena, "%s%s", rq_base_url(rq), rq->http->path));
    return reply_empty(rq, 201);
}

static int delete_tag(struct request *rq, struct err *err)
{
    const struct project *p = rq->object;
    const char *tag = rq_param(rq, "value");
    const char **tags = NULL;
    int r;

    if (!strv_contains(p->tags, tag))
        return no_tag(p, tag, err);
    strv_foreach (old, p->tags)
        if (!str_eq(*old, tag))
            tags = strv_add(rq->arena, tags, *old);
    r = write_tags(rq, "delete", tags, err);
    return r < 0 ? r : reply_empty(rq, 204);
}

/* --- a user's projects -------------------------------------------------------------------- */

static int load_user(struct request *rq, struct err *err)
{
    rq->object = arena_new(rq->arena, struct user);
    return need_user(rq, rq_param(rq, "user_id"), rq->object, err);
}

static const struct field user_target[] = { FIELD(FIELD_STRING, user, id),
                                            FIELD(FIELD_STRING, user, domain_id),
                                            { 0 } };

static int list_user_projects(struct request *rq, struct err *err)
{
    const struct user *u = rq->object;

    return reply_those(rq, &project_resource, projects_of_user_cond(rq->arena, u->id, false), NULL, err);
}

#define ONE .target_prefix = "target.project"
#define TAG .load = resource_load, .target_prefix = "target.project"

static int show(struct request *rq, struct err *err)
{
    int r = project_check_tree(rq, err);

    return r < 0 ? r : resource_show(rq, err);
}

/* clang-format off */
const struct route project_routes[] = {
    { HTTP_GET,    "/v3/projects",              "identity:list_projects",  resource_list,   &project_resource, LISTED },
    { HTTP_POST,   "/v3/projects",              "identity:create_project", resource_create, &project_resource,
      .load = load_new_target, .target = domain_target, .target_prefix = "target.project", .flags = ROUTE_IGNORE_UNKNOWN },
    { HTTP_GET,    "/v3/projects/{project_id}", "identity:get_project",    show,            &project_resource, ONE, .load = resource_load },
    { HTTP_PATCH,  "/v3/projects/{project_id}", "identity:update_project", resource_update, &project_resource,
      ONE, .flags = ROUTE_IGNORE_UNKNOWN },
    { HTTP_DELETE, "/v3/projects/{project_id}", "identity:delete_project", resource_delete, &project_resource, ONE },
    { HTTP_GET,    "/v3/projects/{project_id}/tags",         "identity:list_project_tags",   list_tags,     &project_resource, TAG },
    { HTTP_PUT,    "/v3/projects/{project_id}/tags",         "identity:update_project_tags", replace_tags,  &project_resource, TAG,
      .in = no_fields },
    { HTTP_DELETE, "/v3/projects/{project_id}/tags",         "identity:delete_project_tags", delete_tags,   &project_resource, TAG },
    { HTTP_GET,    "/v3/projects/{project_id}/tags/{value}", "identity:get_project_tag",     check_one_tag, &project_resource, TAG },
    { HTTP_PUT,    "/v3/projects/{project_id}/tags/{value}", "identity:create_project_tag",  add_tag,       &project_resource, TAG,
      .in = no_fields, .flags = ROUTE_BODY_OPTIONAL },
    { HTTP_DELETE, "/v3/projects/{project_id}/tags/{value}", "identity:delete_project_tag",  delete_tag,    &project_resource, TAG },
    { HTTP_GET,    "/v3/users/{user_id}/projects",           "identity:list_user_projects",  list_user_projects,
      .load = load_user, .target = user_target, .target_prefix = "target.user" },
    { 0 },
};
/* clang-format on */
