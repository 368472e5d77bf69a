/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the body of POST /v3/auth/tokens. */
#include "base/str.h"
#include "identity/model/auth.h"
#include "rest/dialect/common.h"

int auth_refused(struct err *err)
{
    return err_http(err, 401, NULL, "The request you have made requires authentication.");
}

int auth_refused_why(const struct server *s, struct err *err, const char *why)
{
    const struct identity *id = s->state;

    return id->opt->insecure_debug ? err_http(err, 401, NULL, "%s (insecure_debug is on.)", why)
                                   : auth_refused(err);
}

int auth_unsupported(struct err *err)
{
    return err_http(err, 401, NULL, "Attempted to authenticate with an unsupported method.");
}

/* --- the form ------------------------------------------------------------------------- */

enum kind { TEXT, TEXTS, FLAG, OBJECT, OBJECT_OR_TEXT };

/* A member as Keystone's schema has it, which says nothing of all others. */
struct shape {
    const char *name;
    enum kind kind;
    bool is_needed;
    const struct shape *members;
    bool is_somebody; /* Has an id or a name. */
};

static const struct shape named_shape[] = { { "id", TEXT }, { "name", TEXT }, { 0 } };

static const struct shape user_shape[] = { { "id", TEXT },
                                           { "name", TEXT },
                                           { "password", TEXT },
                                           { "domain", OBJECT, false, named_shape, true },
                                           { 0 } };

static const struct shape password_shape[] = { { "user", OBJECT, false, user_shape, true }, { 0 } };
static const struct shape token_shape[] = { { "id", TEXT, true }, { 0 } };
static const struct shape identity_shape[] = { { "methods", TEXTS, true },
                                               { "password", OBJECT, false, password_shape },
                                               { "token", OBJECT, false, token_shape },
                                               { 0 } };

static const struct shape project_shape[] = {
    { "name", TEXT }, { "id", TEXT }, { "domain", OBJECT, false, named_shape, true }, { 0 }
};

static const struct shape trust_shape[] = { { "id", TEXT }, { 0 } };
static const struct shape system_shape[] = { { "all", FLAG }, { 0 } };
static const struct shape scope_shape[] = { { "project", OBJECT, false, project_shape, true },
                                            { "domain", OBJECT, false, named_shape, true },
                                            { "OS-TRUST:trust", OBJECT, false, trust_shape },
                                            { "system", OBJECT, false, system_shape },
                                            { 0 } };

static const struct shape auth_shape[] = { { "identity", OBJECT, true, identity_shape },
                                           { "scope", OBJECT_OR_TEXT, false, scope_shape },
                                           { 0 } };

static const struct shape root_shape = { "", OBJECT, true, auth_shape };

/* Where in the body; words are made of it when something is wrong there. */
struct place {
    const struct place *up;
    const char *name;
};

static const char *const misfits[] = {
    [TEXT] = "is not of type 'string'",
    [TEXTS] = "is not of type 'array'",
    [FLAG] = "is not of type 'boolean'",
    [OBJECT] = "is not of type 'object'",
    [OBJECT_OR_TEXT] = "is not of type 'object', 'string'",
};

static bool is_of_kind(const json_t *v, enum kind kind)
{
    switch (kind) {
    case TEXT:
        return json_is_string(v);
    case TEXTS:
        return json_is_array(v);
    case FLAG:
        return json_is_boolean(v);
    case OBJECT:
        return json_is_object(v);
    case OBJECT_OR_TEXT:
        return json_is_object(v) || json_is_string(v);
    }
    return false;
}

static const char *path_of(struct arena *a, const struct place *p)
{
    return p->up && p->up->up ? arena_printf(a, "%s/%s", path_of(a, p->up), p->name) : p->name;
}

static int misfit(struct arena *a, const struct place *at, const json_t *v, enum kind kind, struct err *err)
{
    const char *shown = shown_value(a, v);

    return at->up ? err_http(err, 400, NULL, "Invalid input for field '%s': %s %s", path_of(a, at), shown,
                             misfits[kind])
                  : err_http(err, 400, NULL, "%s %s", shown, misfits[kind]);
}

static int check_texts(struct arena *a, const json_t *list, const struct place *at, struct err *err)
{
    const json_t *v;
    size_t i;

    json_array_foreach (list, i, v)
        if (!json_is_string(v))
            return misfit(a, &(struct place){ at, arena_printf(a, "%zu", i) }, v, TEXT, err);
    return 0;
}

/* First what is there, then what is missing, as the schema is looked through;
 * '*unnamed' becomes the first somebody without id and name, who comes last. */
static int check_shape(struct arena *a, const json_t *v, const struct shape *shape, const struct place *at,
                       const char **unnamed, struct err *err)
{
    int r = 0;

    if (!is_of_kind(v, shape->kind))
        return misfit(a, at, v, shape->kind, err);
    if (!json_is_object(v))
        return shape->kind == TEXTS ? check_texts(a, v, at, err) : 0;
    if (shape->is_somebody && !*unnamed && !json_object_get(v, "id") && !json_object_get(v, "name"))
        *unnamed = path_of(a, at);
    for (const struct shape *m = shape->members; r >= 0 && m->name; m++) {
        const json_t *member = json_object_get(v, m->name);

        if (member)
            r = check_shape(a, member, m, &(struct place){ at, m->name }, unnamed, err);
    }
    for (const struct shape *m = shape->members; r >= 0 && m->name; m++)
        if (m->is_needed && !json_object_get(v, m->name))
            r = at->up ? err_http(err, 400, NULL, "Invalid input for field '%s': '%s' is a required property",
                                  path_of(a, at), m->name)
                       : err_http(err, 400, NULL, "'%s' is a required property", m->name);
    return r;
}

static int check_form(struct arena *a, const json_t *auth, struct err *err)
{
    const char *unnamed = NULL;
    int r = check_shape(a, auth, &root_shape, &(struct place){ NULL, "" }, &unnamed, err);

    return r >= 0 && unnamed
               ? err_http(err, 400, NULL, "Invalid input for field %s: id or name must be present.", unnamed)
               : r;
}

/* --- what it says --------------------------------------------------------------------- */

static int missing(struct err *err, const char *what, const char *where)
{
    return err_http(err, 400, NULL,
                    "Expecting to find %s in %s. The server could not comply with the request since it is "
                    "either malformed or otherwise incorrect. The client is assumed to be in error.",
                    what, where);
}

/* Null when it says nothing. */
static const char *text_of(const json_t *o, const char *name)
{
    const char *text = json_str(o, name);

    return str_empty(text) ? NULL : text;
}

/* Of a name and an id beside it, the name counts. */
static int read_user_domain(const json_t *user, struct auth_request *ret, struct err *err)
{
    const json_t *domain = json_object_get(user, "domain");

    if (!domain)
        return missing(err, "domain", "user");
    ret->user_domain_name = text_of(domain, "name");
    ret->user_domain_id = ret->user_domain_name ? NULL : text_of(domain, "id");
    return ret->user_domain_name || ret->user_domain_id ? 0 : missing(err, "id or name", "domain");
}

static int read_user(const json_t *user, const char *where, struct auth_request *ret, struct err *err)
{
    if (!json_is_object(user))
        return missing(err, "user", where);
    ret->user_name = text_of(user, "name");
    ret->user_id = ret->user_name ? NULL : text_of(user, "id");
    if (!ret->user_name && !ret->user_id)
        return missing(err, "id or name", "user");
    return ret->user_name ? read_user_domain(user, ret, err) : 0;
}

/* No password is a wrong one, and takes as long. */
static int read_password(const json_t *identity, struct auth_request *ret, struct err *err)
{
    const json_t *user = json_at(identity, "password.user");
    const char *password = json_str(user, "password");

    ret->password = secret_of(password ? password : "");
    ret->methods |= METHOD_PASSWORD;
    return read_user(user, "password", ret, err);
}

static int read_token(const json_t *identity, struct auth_request *ret, struct err *err)
{
    ret->token = json_str(json_obj(identity, "token"), "id");
    ret->methods |= METHOD_TOKEN;
    return 0;
}

static int read_totp(const json_t *identity, struct auth_request *ret, struct err *err)
{
    const json_t *user = json_at(identity, "totp.user");
    const char *passcode = json_str(user, "passcode");

    ret->passcode = passcode ? passcode : "";
    ret->methods |= METHOD_TOTP;
    return read_user(user, "totp", ret, err);
}

/* The owner is named only with the credential's name: an id says it all, and a
 * user beside it is not looked at. */
static int read_app_cred(const json_t *identity, struct auth_request *ret, struct err *err)
{
    static const char what[] = "application credential";
    const json_t *ac = json_obj(identity, "application_credential"), *user = json_obj(ac, "user");
    int r = 0;

    ret->app_cred_id = text_of(ac, "id");
    ret->app_cred_name = text_of(ac, "name");
    if (!ret->app_cred_id && !ret->app_cred_name)
        return missing(err, "name or ID", what);
    if (!ret->app_cred_id)
        r = json_object_size(user) ? read_user(user, what, ret, err) : missing(err, "user", what);
    if (r < 0)
        return r;
    ret->app_cred_secret = secret_of(json_str(ac, "secret"));
    if (!secret_expose(ret->app_cred_secret) || strlen(secret_expose(ret->app_cred_secret)) > 4096)
        return missing(err, "secret", what);
    ret->methods |= METHOD_APPLICATION_CREDENTIAL;
    return 0;
}

/* The proxy says the rest. */
static int read_external(const json_t *identity, struct auth_request *ret, struct err *err)
{
    ret->methods |= METHOD_EXTERNAL;
    return 0;
}

static const struct {
    const char *name;
    int (*read)(const json_t *identity, struct auth_request *ret, struct err *err);
} methods[] = { { "external", read_external },
                { "password", read_password },
                { "token", read_token },
                { "totp", read_totp },
                { "application_credential", read_app_cred } };

static int read_method(const json_t *identity, const char *name, struct auth_request *ret, struct err *err)
{
    for (size_t i = 0; i < ARRAY_SIZE(methods); i++)
        if (str_eq(methods[i].name, name))
            return methods[i].read(identity, ret, err);
    return auth_unsupported(err);
}

/* None is as good as a proxy's word. */
static int read_methods(const json_t *identity, struct auth_request *ret, struct err *err)
{
    const json_t *list = json_arr(identity, "methods"), *m;
    size_t i;
    int r = 0;

    json_array_foreach (list, i, m)
        if (!json_object_get(identity, json_string_value(m)))
            return missing(err, json_string_value(m), "identity");
    json_array_foreach (list, i, m)
        r = r < 0 ? r : read_method(identity, json_string_value(m), ret, err);
    return r;
}

/* What is named by an empty id is not there. */
static void read_place(const json_t *o, const char **id, const char **name)
{
    const char *text = json_str(o, "id");

    *name = text_of(o, "name");
    *id = *name ? NULL : text ? text : "";
}

static int read_project(const json_t *p, struct auth_request *ret, struct err *err)
{
    const json_t *domain = json_object_get(p, "domain");

    ret->scope = SCOPE_PROJECT;
    read_place(p, &ret->scope_id, &ret->scope_name);
    if (!ret->scope_name)
        return 0;
    if (!domain)
        return missing(err, "domain", "project");
    read_place(domain, &ret->scope_domain_id, &ret->scope_domain_name);
    return 0;
}

static int read_domain(const json_t *d, struct auth_request *ret, struct err *err)
{
    ret->scope = SCOPE_DOMAIN;
    read_place(d, &ret->scope_id, &ret->scope_name);
    return 0;
}

static int read_trust(const json_t *t, struct auth_request *ret, struct err *err)
{
    ret->scope = SCOPE_PROJECT;
    ret->trust_id = text_of(t, "id");
    return ret->trust_id ? 0 : missing(err, "trust_id", "trust");
}

static int read_system(const json_t *s, struct auth_request *ret, struct err *err)
{
    ret->scope = SCOPE_SYSTEM;
    ret->scope_id = "all";
    return json_truth(s, "all", false) ? 0 : missing(err, "all", "system");
}

static int read_unscoped(const json_t *o, struct auth_request *ret, struct err *err)
{
    ret->unscoped = true;
    return 0;
}

static const struct {
    const char *name;
    int (*read)(const json_t *o, struct auth_request *ret, struct err *err);
} scopes[] = { { "project", read_project },
               { "domain", read_domain },
               { "unscoped", read_unscoped }, /* As old clients write it. */
               { "system", read_system },
               { "OS-TRUST:trust", read_trust } };

static int read_scope(const json_t *scope, struct auth_request *ret, struct err *err)
{
    size_t n = 0, at = 0;

    if (!scope)
        return 0;
    if (str_eq(json_string_value(scope), "unscoped"))
        return read_unscoped(NULL, ret, err);
    for (size_t i = 0; i < ARRAY_SIZE(scopes); i++)
        if (json_object_get(scope, scopes[i].name)) {
            n++;
            at = i;
        }
    if (n != 1)
        return missing(err, "system, project, domain, OS-TRUST:trust or unscoped", "scope");
    return scopes[at].read(json_object_get(scope, scopes[at].name), ret, err);
}

int auth_read(struct arena *a, const json_t *body, struct auth_request *ret, struct err *err)
{
    const json_t *auth = json_object_get(body, "auth"), *identity = json_obj(auth, "identity");
    int r;

    if (!auth || json_is_null(auth))
        return missing(err, "auth", "request body");
    r = check_form(a, auth, err);
    if (r >= 0)
        r = read_methods(identity, ret, err);
    return r < 0 ? r : read_scope(json_object_get(auth, "scope"), ret, err);
}
