/* SPDX-License-Identifier: Apache-2.0 */
/* Answers a check: reads the tree, the token and the target, changes nothing.
 *
 * Where a credential is null it equals nothing that comes from the target, so
 * that a token without a project never "owns" what has no project; only a
 * rule that says so itself ("project_id:None") meets it. */
#include <string.h>

#include "base/str.h"
#include "rest/policy_check.h"

enum credential_kind {
    CREDENTIAL_TEXT,          /* const char * at 'offset' */
    CREDENTIAL_LIST,          /* const char ** at 'offset' */
    CREDENTIAL_ROLE,          /* one of the roles' members at 'offset' */
    CREDENTIAL_SYSTEM_SCOPE,  /* "all" or null */
    CREDENTIAL_SYSTEM,        /* "True" or null */
    CREDENTIAL_ADMIN,         /* "True" or "False" */
    CREDENTIAL_ADMIN_PROJECT, /* "True" or "False" */
};

struct credential {
    const char *name;
    enum credential_kind kind;
    size_t offset;
    bool of_service; /* Of the token of the service that asks in the user's name. */
};

#define TEXT(name, member)                                    \
    {                                                         \
        name, CREDENTIAL_TEXT, offsetof(struct token, member) \
    }
#define LIST(name, member)                                    \
    {                                                         \
        name, CREDENTIAL_LIST, offsetof(struct token, member) \
    }
#define ROLE(name, member)                                       \
    {                                                            \
        name, CREDENTIAL_ROLE, offsetof(struct role_ref, member) \
    }
#define SERVICE(name, member)                                       \
    {                                                               \
        name, CREDENTIAL_TEXT, offsetof(struct token, member), true \
    }

/* The names under which services and operators know what a token says: those
 * of request contexts first, then those of a token's own document. */
static const struct credential credentials[] = {
    TEXT("user_id", user_id),
    TEXT("user", user_id),
    TEXT("user_name", user_name),
    TEXT("user_domain_id", user_domain_id),
    TEXT("user_domain", user_domain_id),
    TEXT("user_domain_name", user_domain_name),
    TEXT("project_id", project_id),
    TEXT("project", project_id),
    TEXT("tenant_id", project_id),
    TEXT("tenant", project_id),
    TEXT("project_name", project_name),
    TEXT("tenant_name", project_name),
    TEXT("project_domain_id", project_domain_id),
    TEXT("project_domain", project_domain_id),
    TEXT("project_domain_name", project_domain_name),
    TEXT("domain_id", domain_id),
    TEXT("domain", domain_id),
    TEXT("domain_name", domain_name),
    ROLE("roles", name),
    { "system_scope", CREDENTIAL_SYSTEM_SCOPE, 0 },
    { "system", CREDENTIAL_SYSTEM_SCOPE, 0 },
    { "is_admin", CREDENTIAL_ADMIN, 0 },
    { "is_admin_project", CREDENTIAL_ADMIN_PROJECT, 0 },
    SERVICE("service_user_id", user_id),
    SERVICE("service_user_domain_id", user_domain_id),
    SERVICE("service_project_id", project_id),
    SERVICE("service_project_domain_id", project_domain_id),
    { "service_roles", CREDENTIAL_ROLE, offsetof(struct role_ref, name), true },
    TEXT("token.user.id", user_id),
    TEXT("token.user.name", user_name),
    TEXT("token.user.domain.id", user_domain_id),
    TEXT("token.user.domain.name", user_domain_name),
    TEXT("token.project.id", project_id),
    TEXT("token.project.name", project_name),
    TEXT("token.project.domain.id", project_domain_id),
    TEXT("token.project.domain.name", project_domain_name),
    TEXT("token.domain.id", domain_id),
    TEXT("token.domain.name", domain_name),
    ROLE("token.roles.id", id),
    ROLE("token.roles.name", name),
    { "token.system.all", CREDENTIAL_SYSTEM, 0 },
    LIST("token.methods", methods),
    LIST("token.audit_ids", audit_ids),
};

const struct credential *credential_find(const char *name)
{
    for (size_t i = 0; i < ARRAY_SIZE(credentials); i++)
        if (str_eq(credentials[i].name, name))
            return &credentials[i];
    return NULL;
}

/* The other name of an owner: "…tenant_id" for "…project_id" and back, or
 * null.  Old rules and network's resources use either. */
static const char *other_name(struct arena *a, const char *name)
{
    static const char tenant[] = "tenant_id", project[] = "project_id";
    int n = (int) strlen(name);

    if (str_has_suffix(name, tenant))
        return arena_printf(a, "%.*s%s", n - (int) strlen(tenant), name, project);
    if (str_has_suffix(name, project))
        return arena_printf(a, "%.*s%s", n - (int) strlen(project), name, tenant);
    return NULL;
}

/* An attribute of the target, or null. */
static const char *target_get(struct question *q, const char *name)
{
    const struct policy_target *t = q->target;
    const char *v;

    if (!t || !t->get)
        return NULL;
    v = t->get(t->ctx, q->arena, name);
    if (!v)
        name = other_name(q->arena, name);
    return v || !name ? v : t->get(t->ctx, q->arena, name);
}

const char *check_text_fill(struct question *q, const struct check_text *t)
{
    struct strbuf b;
    const char *v;

    if (t->plain)
        return t->plain;
    if (t->n == 1)
        return target_get(q, t->parts[0].text);
    strbuf_init(&b, q->arena);
    for (size_t i = 0; i < t->n; i++) {
        v = t->parts[i].attribute ? target_get(q, t->parts[i].text) : t->parts[i].text;
        if (!v)
            return NULL;
        strbuf_puts(&b, v);
    }
    return strbuf_str(&b);
}

static bool has_role(const struct token *t, const char *name)
{
    for (size_t i = 0; t && i < t->n_roles; i++)
        if (str_eq_nocase(t->roles[i].name, name))
            return true;
    return false;
}

/* What "is_admin" means: the service's own rule, else the role's name. */
static bool is_admin(struct question *q)
{
    bool answer;

    if (q->asking_admin)
        return false;
    if (!q->tree->admin)
        return has_role(q->token, "admin");
    q->asking_admin = true;
    answer = check_holds(q, q->tree->admin->check);
    q->asking_admin = false;
    return answer;
}

static bool credential_in_roles(const struct token *t, size_t offset, const char *v)
{
    for (size_t i = 0; t && i < t->n_roles; i++)
        if (str_eq(*(const char *const *) ((const char *) &t->roles[i] + offset), v))
            return true;
    return false;
}

/* A credential with one value, or null. */
static const char *credential_text(struct question *q, const struct credential *c)
{
    const struct token *t = c->of_service ? q->token->service : q->token;

    switch (c->kind) {
    case CREDENTIAL_TEXT:
        return !t ? NULL : *(const char *const *) ((const char *) t + c->offset);
    case CREDENTIAL_SYSTEM_SCOPE:
        return t->system ? "all" : NULL;
    case CREDENTIAL_SYSTEM:
        return t->system ? "True" : NULL;
    case CREDENTIAL_ADMIN:
        return is_admin(q) ? "True" : "False";
    case CREDENTIAL_ADMIN_PROJECT:
        return t->not_admin_project ? "False" : "True";
    default:
        return NULL;
    }
}

static bool holds_credential(struct question *q, const struct check *c)
{
    const struct credential *k = c->credential;
    const char *want, *have;

    if (!k || !q->token)
        return false;
    want = check_text_fill(q, &c->text);
    if (!want)
        return false;
    if (k->kind == CREDENTIAL_ROLE)
        return credential_in_roles(k->of_service ? q->token->service : q->token, k->offset, want);
    if (k->kind == CREDENTIAL_LIST)
        return strv_contains(*(const char *const *const *) ((const char *) q->token + k->offset), want);
    have = credential_text(q, k);
    if (!have) /* A context has every credential, a token's document only those of its scope. */
        return c->text.plain && strcmp(c->text.plain, POLICY_NONE) == 0 && !str_has_prefix(k->name, "token.");
    return strcmp(have, want) == 0;
}

static bool holds_role(struct question *q, const struct check *c)
{
    const char *name = check_text_fill(q, &c->text);

    return name && has_role(q->token, name);
}

/* Whether an attribute's text is the constant; booleans in any case, because
 * JSON and Python write them differently. */
static bool same_value(const char *constant, const char *v)
{
    if (strcmp(constant, v) == 0)
        return true;
    return (strcmp(constant, "True") == 0 || strcmp(constant, "False") == 0) && str_eq_nocase(constant, v);
}

static bool holds_constant(struct question *q, const struct check *c)
{
    const char *v = check_text_fill(q, &c->text);

    return v && same_value(c->name, v);
}

/* The target's own attribute, else that of the resource it belongs to: a
 * port is "shared" when its network is. */
static bool holds_field(struct question *q, const struct check *c)
{
    const char *have = target_get(q, c->name), *want;

    if (!have)
        have = target_get(q, c->other);
    if (!have)
        return false;
    if (c->kind == CHECK_PATTERN)
        return pattern_fits(c->pattern, have);
    want = check_text_fill(q, &c->text);
    return want && same_value(want, have);
}

static bool holds_list(struct question *q, const struct check *c)
{
    bool stop_at = c->kind == CHECK_OR;

    for (size_t i = 0; i < c->n; i++)
        if (check_holds(q, c->list[i]) == stop_at)
            return stop_at;
    return !stop_at;
}

bool check_holds(struct question *q, const struct check *c)
{
    switch (c->kind) {
    case CHECK_TRUE:
        return true;
    case CHECK_FALSE:
        return false;
    case CHECK_NOT:
        return !check_holds(q, c->list[0]);
    case CHECK_AND:
    case CHECK_OR:
        return holds_list(q, c);
    case CHECK_RULE:
        return c->rule && check_holds(q, c->rule->check);
    case CHECK_ROLE:
        return holds_role(q, c);
    case CHECK_CONSTANT:
        return holds_constant(q, c);
    case CHECK_CREDENTIAL:
        return holds_credential(q, c);
    case CHECK_FIELD:
    case CHECK_PATTERN:
        return holds_field(q, c);
    case CHECK_HTTP:
        return check_http(q, c);
    }
    return false;
}
