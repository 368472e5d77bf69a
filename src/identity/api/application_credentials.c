/* SPDX-License-Identifier: Apache-2.0 */
/* /v3/users/ID/application_credentials and access_rules: secrets for programs,
 * with a part of a user's rights. */
#include "identity/store/application_credentials.h"
#include "identity/model/hashing.h"

#include "base/str.h"
#include "base/uuid.h"
#include "crypto/password.h"
#include "identity/api/common.h"
#include "identity/api/need.h"
#include "identity/api/role_refs.h"
#include "identity/api/routes.h"
#include "identity/model/credentials.h"
#include "identity/model/rights.h"
#include "identity/store/roles.h"

#define A(type, member, uses, ...) FIELD(type, application_credential, member, .use = (uses), __VA_ARGS__)

static const struct field fields[] = {
    A(FIELD_STRING, id, ON_SHOW | ON_SORT),
    A(FIELD_STRING, name, ON_CREATE | ON_SHOW | ON_FILTER, .required = true, .min = 1, .max = 255,
      .check = check_not_blank),
    A(FIELD_STRING, description, ON_CREATE | ON_SHOW, .nullable = true, .max = 4096),
    A(FIELD_STRING, user_id, ON_SHOW),
    A(FIELD_STRING, project_id, ON_SHOW),
    A(FIELD_BOOL, unrestricted, ON_CREATE | ON_SHOW),
    { 0 },
};

/* --- what is shown ---------------------------------------------------------------------- */

static void write_roles(struct request *rq, struct jw *w, const struct application_credential *ac)
{
    jw_array(w, "roles");
    strv_foreach (id, ac->role_ids) {
        struct role role = { 0 };

        if (table_get(rq->txn, rq->arena, &role_table, *id, &role, NULL) < 0)
            continue;
        jw_object(w, NULL);
        jw_str(w, "id", role.id);
        jw_str(w, "name", role.name);
        jw_str(w, "domain_id", str_empty(role.domain_id) ? NULL : role.domain_id);
        jw_str(w, "description", role.description);
        jw_raw(w, "options", role.options ? role.options : "{}");
        jw_end_object(w);
    }
    jw_end_array(w);
}

static void write_rule(struct jw *w, const struct access_rule *rule)
{
    jw_str(w, "id", rule->id);
    jw_str(w, "path", rule->path);
    jw_str(w, "method", rule->method);
    jw_str(w, "service", rule->service);
}

static void present(struct request *rq, struct jw *w, const void *obj)
{
    const struct application_credential *ac = obj;
    struct access_rule *rules;
    size_t n;

    jw_time(w, "expires_at", ac->expires_at, TIME_ISO_MICRO);
    jw_null(w, "system");
    write_roles(rq, w, ac);
    if (ac->has_access_rules && access_rules_of(rq->txn, rq->arena, ac, &rules, &n, NULL) >= 0) {
        jw_array(w, "access_rules");
        for (size_t i = 0; i < n; i++) {
            jw_object(w, NULL);
            write_rule(w, &rules[i]);
            jw_end_object(w);
        }
        jw_end_array(w);
    }
    if (rq->http->method == HTTP_POST) /* Said once: only a hash is kept. */
        jw_str(w, "secret", secret_expose(*(const struct secret *) rq->object));
    jw_object(w, "links");
    jw_printf(w, "self", "%s/v3/users/%s/application_credentials/%s", rq_base_url(rq), ac->user_id, ac->id);
    jw_end_object(w);
}

/* --- making one --------------------------------------------------------------------------- */

static int forbidden(struct err *err, const char *why)
{
    return err_http(err, 403, NULL, "You are not authorized to perform the requested action: %s.", why);
}

/* A program must not make itself further secrets, nor a trustee the trustor's. */
static int refuse_delegated(struct request *rq, bool changes, struct err *err)
{
    if (rq->token->trust_id)
        return err_http(err, 403, NULL,
                        "Cannot manage application credentials with a token issued via delegation.");
    if (changes && rq->token->app_cred_id && rq->token->restricted)
        return forbidden(err, "Using method 'application_credential' is not allowed for managing additional "
                              "application credentials");
    return 0;
}

static int bad(struct err *err, const char *detail)
{
    return err_http(err, 400, NULL, "Invalid application credential: %s", detail);
}

static bool token_has(const struct token *t, const char *role_id)
{
    for (size_t i = 0; i < t->n_roles; i++)
        if (str_eq(t->roles[i].id, role_id))
            return true;
    return false;
}

/* The roles asked for, and no more, or all of the token's. */
static int settle_roles(struct request *rq, struct application_credential *ac, struct err *err)
{
    const struct token *t = rq->token;
    int r;

    if (!json_array_size(json_arr(rq->in, "roles"))) {
        for (size_t i = 0; i < t->n_roles; i++)
            ac->role_ids = strv_add(rq->arena, ac->role_ids, t->roles[i].id);
        return 0;
    }
    r = read_role_refs(rq, json_arr(rq->in, "roles"), &ac->role_ids, err);
    if (r < 0)
        return r;
    strv_foreach (id, ac->role_ids)
        if (!token_has(t, *id))
            return bad(err, "Cannot create an application credential with unassigned role");
    return 0;
}

/* The user's row is locked: who asks at the same time counts afterwards. */
static int check_limit(struct request *rq, const char *user_id, struct err *err)
{
    int64_t limit = identity_of(rq)->opt->application_credential_limit, n;
    struct user u = { 0 };
    int r = need_user(rq, user_id, &u, err);

    if (r >= 0 && !u.enabled) /* Meanwhile: what the user had of these is gone. */
        return rq->server->service->dialect->unauthorized(rq, err);
    if (r < 0 || limit < 0)
        return r;
    r = application_credentials_count(rq->txn, user_id, &n, err);
    if (r >= 0 && n >= limit)
        return err_http(
            err, 403, NULL,
            "Unable to create additional application credentials, maximum of %lld already exceeded for "
            "user.",
            (long long) limit);
    return r;
}

/* One rule of the body: by the id of one that the user has, or by content, which
 * is kept once. */
static int take_rule(struct request *rq, const json_t *v, struct application_credential *ac, struct err *err)
{
    struct access_rule rule = { .user_id = ac->user_id,
                                .service = json_str(v, "service"),
                                .path = json_str(v, "path"),
                                .method = json_str(v, "method") };
    struct access_rule have = { 0 };
    const char *id = json_str(v, "id");
    int r;

    if (id && !rule.service && !rule.path && !rule.method) {
        r = table_get(rq->txn, rq->arena, &access_rule_table, id, &have, err);
        if (r == -ENOENT || (r >= 0 && !str_eq(have.user_id, ac->user_id)))
            return err_http(err, 404, NULL, "Could not find Access Rule: %.64s.", id);
    } else {
        if (!rule.service || !rule.path || !rule.method)
            return err_http(
                err, 400, NULL,
                "Invalid input for field 'access_rules': a rule has a service, a path that begins with "
                "'/' and a method.");
        r = access_rule_find(rq->txn, rq->arena, &rule, &have, err);
        if (r == -ENOENT) {
            rule.id = uuid_new_hex(rq->arena);
            r = table_insert(rq->txn, rq->arena, &access_rule_table, &rule, err);
            have = rule;
        }
    }
    if (r >= 0)
        ac->access_rule_ids = strv_add(rq->arena, ac->access_rule_ids, have.id);
    return r;
}

/* A rule as a schema has it: each member may be missing. */
static const char *wrong_in_rule(const char *name, const json_t *v)
{
    static const char *const methods[] = { "DELETE", "GET", "HEAD", "PATCH", "POST", "PUT", NULL };
    const char *s = json_string_value(v);

    if (!s)
        return "is not of type 'string'";
    if (str_eq(name, "path"))
        return s[0] != '/' ? "does not match '^\\\\/.*'" : str_utf8_len(s) > 225 ? "is too long" : NULL;
    if (str_eq(name, "method"))
        return strv_contains(methods, s) ? NULL : "does not match '^(POST|GET|HEAD|PATCH|PUT|DELETE)$'";
    return !*s ? "is too short" : strlen(s) > 64 ? "is too long" : check_id(s);
}

static int check_rule(struct request *rq, const char *where, const json_t *rule, struct err *err)
{
    static const char *const known[] = { "id", "method", "path", "service", NULL };

    if (!json_is_object(rule))
        return bad_value(rq, where, rule, "is not of type 'object'", err);
    return check_members(rq, where, rule, known, wrong_in_rule, err);
}

static int check_rules(struct request *rq, struct err *err)
{
    const json_t *rules = json_object_get(rq->in, "access_rules"), *v;
    size_t i;
    int r = 0;

    if (rules && (!json_is_array(rules) || json_array_size(rules) > 1000))
        return bad_value(rq, "access_rules", rules,
                         json_is_array(rules) ? "is too long" : "is not of type 'array'", err);
    json_array_foreach (rules, i, v)
        r = r < 0 ? r : check_rule(rq, arena_printf(rq->arena, "access_rules/%zu", i), v, err);
    return r;
}

static int take_rules(struct request *rq, struct application_credential *ac, struct err *err)
{
    const json_t *rules = json_object_get(rq->in, "access_rules"), *v;
    size_t i;
    int r = 0;

    ac->has_access_rules = rules;
    json_array_foreach (rules, i, v)
        r = r < 0 ? r : take_rule(rq, v, ac, err);
    return r;
}

/* Before any lock is held: hashing a chosen secret is slow. */
static int settle_secret(struct request *rq, struct application_credential *ac, struct err *err)
{
    const json_t *given = json_object_get(rq->in, "secret");
    struct secret *shown = arena_new(rq->arena, struct secret);
    char *hash;
    int r;

    rq->object = shown;
    if (!given || json_is_null(given) || (json_is_string(given) && !json_string_length(given))) {
        *shown = secret_of(app_cred_secret_new(rq->arena, &ac->secret_hash));
        return 0;
    }
    if (!json_is_string(given) || json_string_length(given) > 255)
        return bad_value(rq, "secret", given,
                         json_is_string(given) ? "is too long" : "is not of type 'null', 'string'", err);
    *shown = secret_of(arena_strdup(rq->arena, json_string_value(given)));
    r = hashing_make(identity_of(rq), rq->arena, *shown, &hash, err);
    ac->secret_hash = r < 0 ? NULL : hash;
    return r < 0 ? bad(err, "the secret cannot be used") : 0;
}

static int before_create(struct request *rq, void *obj, struct err *err)
{
    struct application_credential *ac = obj;
    const json_t *expires = json_object_get(rq->in, "expires_at");
    struct txn *t;
    int r = check_rules(rq, err);

    if (r >= 0)
        r = check_role_refs(rq, err);
    if (r >= 0)
        r = refuse_delegated(rq, true, err);
    if (r < 0)
        return r;
    if (!str_eq(rq->token->user_id, rq_param(rq, "user_id")))
        return forbidden(err, "Cannot create an application credential for another user");
    if (!rq->token->project_id)
        return forbidden(err, "An application credential is made with a token for a project");
    ac->user_id = rq->token->user_id;
    ac->project_id = rq->token->project_id;
    if (expires && !json_is_null(expires))
        r = read_future(rq, expires, &ac->expires_at, err);
    if (r >= 0)
        r = settle_secret(rq, ac, err);
    if (r >= 0)
        r = rq_txn(rq, &t, err);
    if (r >= 0)
        r = check_limit(rq, ac->user_id, err);
    if (r >= 0)
        r = settle_roles(rq, ac, err);
    return r < 0 ? r : take_rules(rq, ac, err);
}

static int before_list(struct request *rq, struct query *q, struct err *err)
{
    int r = refuse_delegated(rq, false, err);

    rq_cond(rq, q,
            (struct cond){ .column = "user_id", .op = COND_EQ, .value = val_text(rq_param(rq, "user_id")) });
    return r;
}

static int refuse_duplicate(struct request *rq, const void *obj, struct err *err)
{
    const struct application_credential *ac = obj;

    return err_http(
        err, 409, NULL,
        "Conflict occurred attempting to store application_credential - Duplicate entry found with name "
        "%s.",
        ac->name);
}

static const struct resource resource = {
    .singular = "application_credential",
    .plural = "application_credentials",
    .label = "Application Credential",
    .table = &application_credential_table,
    .fields = fields,
    .default_sort = "name",
    .id_param = "application_credential_id",
    .before_list = before_list,
    .before_create = before_create,
    .present = present,
    .refuse_duplicate = refuse_duplicate,
};

/* --- one of a user's ------------------------------------------------------------------------ */

static const struct field owner_fields[] = { FIELD(FIELD_STRING, application_credential, user_id), { 0 } };

static int show(struct request *rq, struct err *err)
{
    int r = refuse_delegated(rq, false, err);

    return r < 0 ? r : resource_show(rq, err);
}

static int delete (struct request *rq, struct err *err)
{
    int r = refuse_delegated(rq, true, err);

    return r < 0 ? r : resource_delete(rq, err);
}

/* --- access rules ------------------------------------------------------------------------------ */

#define R(type, member, uses, ...) FIELD(type, access_rule, member, .use = (uses), __VA_ARGS__)

static const struct field rule_fields[] = {
    R(FIELD_STRING, id, ON_SHOW | ON_SORT),
    R(FIELD_STRING, service, ON_SHOW | ON_FILTER),
    R(FIELD_STRING, path, ON_SHOW | ON_FILTER),
    R(FIELD_STRING, method, ON_SHOW | ON_FILTER),
    { 0 },
};

static void present_rule(struct request *rq, struct jw *w, const void *obj)
{
    const struct access_rule *rule = obj;

    jw_object(w, "links");
    jw_printf(w, "self", "%s/v3/users/%s/access_rules/%s", rq_base_url(rq), rule->user_id, rule->id);
    jw_end_object(w);
}

/* A rule in use stays: without it the credential would be good for something else. */
static int keep_used(struct request *rq, void *obj, struct err *err)
{
    const struct access_rule *rule = obj;
    const struct cond own = { .column = "user_id", .op = COND_EQ, .value = val_text(rule->user_id) };
    struct list all;
    int r = refuse_delegated(rq, true, err);

    if (r >= 0)
        r = table_list(rq->txn, rq->arena, &application_credential_table,
                       &(struct query){ .conds = &own, .n_conds = 1 }, &all, err);
    for (size_t i = 0; r >= 0 && i < all.count; i++)
        if (strv_contains(((struct application_credential *) list_at(&all, i))->access_rule_ids, rule->id))
            return forbidden(err, "The access rule is in use by an application credential");
    return r;
}

static const struct resource rule_resource = {
    .singular = "access_rule",
    .plural = "access_rules",
    .label = "Access Rule",
    .table = &access_rule_table,
    .fields = rule_fields,
    .default_sort = "id",
    .id_param = "access_rule_id",
    .before_list = before_list,
    .before_delete = keep_used,
    .present = present_rule,
};

struct rule_target {
    const char *id; /* Of the user. */
};

static const struct field rule_target_fields[] = { FIELD(FIELD_STRING, rule_target, id), { 0 } };

/* Policy is asked about the user; then the rule must be that user's. */
static int find_rule(struct request *rq, struct err *err)
{
    struct access_rule *rule;
    void *obj;
    int r = refuse_delegated(rq, false, err);

    if (r >= 0)
        r = resource_get(rq, &rule_resource, rq_param(rq, "access_rule_id"), &obj, err);
    if (r < 0)
        return r;
    rule = obj;
    if (!str_eq(rule->user_id, rq_param(rq, "user_id")))
        return err_http(err, 404, NULL, "Could not find Access Rule: %s.", rule->id);
    rq->object = rule;
    return 0;
}

static int show_rule(struct request *rq, struct err *err)
{
    int r = find_rule(rq, err);

    return r < 0 ? r : resource_show(rq, err);
}

static int delete_rule(struct request *rq, struct err *err)
{
    int r = find_rule(rq, err);

    return r < 0 ? r : resource_delete(rq, err);
}

static int load_user(struct request *rq, struct err *err)
{
    struct rule_target *target = arena_new(rq->arena, struct rule_target);
    struct user u = { 0 };
    int r = need_user(rq, rq_param(rq, "user_id"), &u, err);

    target->id = u.id;
    rq->object = target;
    return r;
}

#define CREDENTIALS "/v3/users/{user_id}/application_credentials"
#define RULES       "/v3/users/{user_id}/access_rules"
/* Policy asks whose it is, whatever user the path names. */
#define OWN     .load = resource_load, .target = owner_fields, .target_prefix = "target"
#define OF_USER .load = load_user, .target = rule_target_fields, .target_prefix = "target.user"

/* clang-format off */
const struct route application_credential_routes[] = {
    { HTTP_GET,    CREDENTIALS, "identity:list_application_credentials",  resource_list,   &resource, .target = no_fields },
    { HTTP_POST,   CREDENTIALS, "identity:create_application_credential", resource_create, &resource, .target = no_fields,
      .flags = ROUTE_IGNORE_UNKNOWN },
    { HTTP_GET,    CREDENTIALS "/{application_credential_id}", "identity:get_application_credential",    show,   &resource, OWN },
    { HTTP_DELETE, CREDENTIALS "/{application_credential_id}", "identity:delete_application_credential", delete, &resource, OWN },
    { HTTP_GET,    RULES,                      "identity:list_access_rules",  resource_list, &rule_resource, OF_USER },
    { HTTP_GET,    RULES "/{access_rule_id}",  "identity:get_access_rule",    show_rule,     &rule_resource, OF_USER },
    { HTTP_DELETE, RULES "/{access_rule_id}",  "identity:delete_access_rule", delete_rule,   &rule_resource, OF_USER },
    { 0 },
};
/* clang-format on */
