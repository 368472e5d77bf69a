/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the body of POST /v3/auth/tokens. */
#include "base/str.h"
#include "identity/model/auth.h"

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

/* A member that must be text of a sane length when it is there. */
static int text_member(const json_t *o, const char *name, const char **ret, struct err *err)
{
    const json_t *v = json_object_get(o, name);

    if (!v || json_is_null(v))
        return 0;
    if (!json_is_string(v) || json_string_length(v) > 255)
        return err_http(err, 400, NULL,
                        "Invalid input for field '%s': it must be a string of at most 255 characters.", name);
    *ret = json_string_value(v);
    return 0;
}

static int read_domain(const json_t *o, const char **id, const char **name, struct err *err)
{
    const json_t *d = json_obj(o, "domain");
    int r = text_member(d, "id", id, err);

    return r < 0 ? r : text_member(d, "name", name, err);
}

static int read_user(const json_t *user, const char *what, struct auth_request *ret, struct err *err)
{
    int r;

    if (!json_is_object(user))
        return err_http(err, 400, NULL,
                        "Expecting to find user in %s. The server could not comply with the request.", what);
    r = text_member(user, "id", &ret->user_id, err);
    if (r >= 0)
        r = text_member(user, "name", &ret->user_name, err);
    if (r >= 0)
        r = read_domain(user, &ret->user_domain_id, &ret->user_domain_name, err);
    if (r >= 0 && !ret->user_id && !ret->user_name)
        return err_http(err, 400, NULL, "Expecting to find id or name in user.");
    if (r >= 0 && !ret->user_id && !ret->user_domain_id && !ret->user_domain_name)
        return err_http(err, 400, NULL, "Expecting to find domain in user.");
    return r;
}

static int read_password(const json_t *identity, struct auth_request *ret, struct err *err)
{
    const json_t *user = json_at(identity, "password.user");
    const char *password;
    int r = read_user(user, "password", ret, err);

    if (r < 0)
        return r;
    password = json_str(user, "password");
    if (!password)
        return err_http(err, 400, NULL, "Invalid input for field 'password': it must be a string.");
    ret->password = secret_of(password);
    ret->methods |= METHOD_PASSWORD;
    return 0;
}

static int read_token(const json_t *identity, struct auth_request *ret, struct err *err)
{
    ret->token = json_str(json_obj(identity, "token"), "id");
    if (!ret->token)
        return err_http(err, 400, NULL, "Expecting to find id in token.");
    ret->methods |= METHOD_TOKEN;
    return 0;
}

static int read_totp(const json_t *identity, struct auth_request *ret, struct err *err)
{
    const json_t *user = json_at(identity, "totp.user");
    int r = read_user(user, "totp", ret, err);

    if (r < 0)
        return r;
    ret->passcode = json_str(user, "passcode");
    if (!ret->passcode || strlen(ret->passcode) > 32)
        return err_http(err, 400, NULL, "Expecting to find passcode in user.");
    ret->methods |= METHOD_TOTP;
    return 0;
}

/* The owner is named only with the credential's name: an id says it all, and a
 * user beside it is not looked at. */
static int read_app_cred(const json_t *identity, struct auth_request *ret, struct err *err)
{
    const json_t *ac = json_obj(identity, "application_credential");
    int r = text_member(ac, "id", &ret->app_cred_id, err);

    if (r >= 0)
        r = text_member(ac, "name", &ret->app_cred_name, err);
    if (r < 0)
        return r;
    if (!ret->app_cred_id && !ret->app_cred_name)
        return err_http(err, 400, NULL, "Expecting to find id or name in application credential.");
    if (!ret->app_cred_id) {
        r = read_user(json_obj(ac, "user"), "application_credential", ret, err);
        if (r < 0)
            return r;
    }
    ret->app_cred_secret = secret_of(json_str(ac, "secret"));
    if (!secret_expose(ret->app_cred_secret) || strlen(secret_expose(ret->app_cred_secret)) > 4096)
        return err_http(err, 400, NULL, "Expecting to find secret in application credential.");
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

static int read_methods(const json_t *identity, struct auth_request *ret, struct err *err)
{
    const json_t *list = json_arr(identity, "methods");
    const json_t *m;
    size_t i;

    if (!json_array_size(list) && !(list && ret->remote_user))
        return err_http(err, 400, NULL, "Expecting to find methods in identity.");
    json_array_foreach (list, i, m) {
        size_t k = 0;
        int r;

        while (k < ARRAY_SIZE(methods) && !str_eq(json_string_value(m), methods[k].name))
            k++;
        if (k == ARRAY_SIZE(methods))
            return json_is_string(m) ? auth_refused(err)
                                     : err_http(err, 400, NULL, "A method's name must be a string.");
        r = methods[k].read(identity, ret, err);
        if (r < 0)
            return r;
    }
    return 0;
}

static int read_project_scope(const json_t *p, struct auth_request *ret, struct err *err)
{
    int r = text_member(p, "id", &ret->scope_id, err);

    if (r >= 0)
        r = text_member(p, "name", &ret->scope_name, err);
    if (r >= 0)
        r = read_domain(p, &ret->scope_domain_id, &ret->scope_domain_name, err);
    if (r >= 0 && !ret->scope_id && !ret->scope_name)
        return err_http(err, 400, NULL, "Expecting to find id or name in project.");
    if (r >= 0 && !ret->scope_id && !ret->scope_domain_id && !ret->scope_domain_name)
        return err_http(err, 400, NULL, "Expecting to find domain in project.");
    ret->scope = SCOPE_PROJECT;
    return r;
}

static int read_scope(const json_t *scope, struct auth_request *ret, struct err *err)
{
    int r;

    if (!scope)
        return 0;
    if (json_is_string(scope) && strcmp(json_string_value(scope), "unscoped") == 0) {
        ret->unscoped = true;
        return 0;
    }
    if (!json_is_object(scope))
        return err_http(err, 400, NULL,
                        "Invalid input for field 'scope': it must be an object or 'unscoped'.");
    if (json_object_size(scope) > 1)
        return err_http(err, 400, NULL,
                        "The scope must name one of project, domain, system and OS-TRUST:trust.");
    if (json_obj(scope, "OS-TRUST:trust")) {
        r = text_member(json_obj(scope, "OS-TRUST:trust"), "id", &ret->trust_id, err);
        if (r >= 0 && !ret->trust_id)
            return err_http(err, 400, NULL, "Expecting to find trust_id in trust.");
        ret->scope = SCOPE_PROJECT;
        return r;
    }
    if (json_obj(scope, "project"))
        return read_project_scope(json_obj(scope, "project"), ret, err);
    if (json_obj(scope, "domain")) {
        const json_t *d = json_obj(scope, "domain");

        ret->scope = SCOPE_DOMAIN;
        r = text_member(d, "id", &ret->scope_id, err);
        if (r >= 0)
            r = text_member(d, "name", &ret->scope_name, err);
        if (r >= 0 && !ret->scope_id && !ret->scope_name)
            return err_http(err, 400, NULL, "Expecting to find id or name in domain.");
        return r;
    }
    if (json_truth(json_obj(scope, "system"), "all", false)) {
        ret->scope = SCOPE_SYSTEM;
        ret->scope_id = "all";
        return 0;
    }
    return err_http(err, 400, NULL, "The scope must name one of project, domain, system and OS-TRUST:trust.");
}

int auth_read(struct arena *a, const json_t *body, struct auth_request *ret, struct err *err)
{
    const json_t *auth = json_obj(body, "auth"), *identity = json_obj(auth, "identity");
    int r;

    if (!auth)
        return err_http(err, 400, NULL, "'auth' is a required property");
    if (!identity)
        return err_http(err, 400, NULL, "'identity' is a required property");
    r = read_methods(identity, ret, err);
    return r < 0 ? r : read_scope(json_object_get(auth, "scope"), ret, err);
}
