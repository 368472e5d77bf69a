/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/model/auth.h"

#include "base/str.h"
#include "crypto/password.h"
#include "identity/model/revoke.h"
#include "identity/store/projects.h"
#include "identity/store/users.h"

#define SECOND_US 1000000

static int refused(struct err *err)
{
    return err_http(err, 401, NULL, "The request you have made requires authentication.");
}

/* --- reading the body ------------------------------------------------------------------ */

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

static int read_password(const json_t *identity, struct auth_request *ret, struct err *err)
{
    const json_t *user = json_at(identity, "password.user");
    const char *password;
    int r;

    if (!json_is_object(user))
        return err_http(err, 400, NULL,
                        "Expecting to find user in password. The server could not comply with the request.");
    r = text_member(user, "id", &ret->user_id, err);
    if (r >= 0)
        r = text_member(user, "name", &ret->user_name, err);
    if (r >= 0)
        r = read_domain(user, &ret->user_domain_id, &ret->user_domain_name, err);
    if (r < 0)
        return r;
    password = json_str(user, "password");
    if (!password || strlen(password) > 4096)
        return err_http(err, 400, NULL,
                        "Invalid input for field 'password': it must be a string of at most 4096 bytes.");
    if (!ret->user_id && !ret->user_name)
        return err_http(err, 400, NULL, "Expecting to find id or name in user.");
    if (!ret->user_id && !ret->user_domain_id && !ret->user_domain_name)
        return err_http(err, 400, NULL, "Expecting to find domain in user.");
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

static const struct {
    const char *name;
    int (*read)(const json_t *identity, struct auth_request *ret, struct err *err);
} methods[] = { { "password", read_password }, { "token", read_token } };

static int read_methods(const json_t *identity, struct auth_request *ret, struct err *err)
{
    const json_t *list = json_arr(identity, "methods");
    const json_t *m;
    size_t i;

    if (!json_array_size(list))
        return err_http(err, 400, NULL, "Expecting to find methods in identity.");
    json_array_foreach (list, i, m) {
        size_t k = 0;
        int r;

        while (k < ARRAY_SIZE(methods) && !str_eq(json_string_value(m), methods[k].name))
            k++;
        if (k == ARRAY_SIZE(methods))
            return json_is_string(m) ? refused(err)
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
        return err_http(err, 400, NULL, "The scope must name one of project, domain and system.");
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
    return err_http(err, 400, NULL, "The scope must name one of project, domain and system.");
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

/* --- who ----------------------------------------------------------------------------------- */

/* The domain's id by id or name; null when there is none. */
static int domain_id_of(struct txn *t, struct arena *a, const char *id, const char *name, const char **ret,
                        struct err *err)
{
    struct project d = { 0 };
    int r;

    *ret = id;
    if (id || !name)
        return 0;
    r = project_find(t, a, "", name, &d, err);
    *ret = r >= 0 ? d.id : NULL;
    return r == -ENOENT ? 0 : r;
}

static int find_user(struct server *s, struct arena *a, const struct auth_request *rq, struct user *ret,
                     struct err *err)
{
    auto_rollback struct txn *t = NULL;
    const char *domain_id;
    int r;

    r = txn_begin(s->db, false, &t, err);
    if (r < 0)
        return r;
    if (rq->user_id)
        return table_get(t, a, &user_table, rq->user_id, ret, err);
    r = domain_id_of(t, a, rq->user_domain_id, rq->user_domain_name, &domain_id, err);
    if (r < 0)
        return r;
    return domain_id ? user_find(t, a, domain_id, rq->user_name, ret, err) : -ENOENT;
}

/* Whoever does not exist costs the same time as whoever does. */
static int prove_password(struct server *s, struct arena *a, const struct auth_request *rq, struct user *u,
                          struct err *err)
{
    const struct identity *id = s->state;
    bool right;
    int r;

    r = find_user(s, a, rq, u, err);
    if (r < 0 && r != -ENOENT)
        return r;
    right =
        password_check(rq->password, r < 0 ? NULL : u->password_hash, (unsigned) id->opt->password_rounds);
    if (!right || !u->enabled)
        return refused(err);
    if (u->password_expires_us && u->password_expires_us <= server_now_us(s))
        return err_http(err, 401, NULL, "The password is expired and needs to be changed for user: %s.",
                        u->id);
    return 0;
}

static int prove(struct server *s, struct arena *a, const struct auth_request *rq, struct issued_token *is,
                 struct user *u, struct err *err)
{
    const struct identity *id = s->state;
    struct token_view old;
    int r;

    is->methods = rq->methods;
    is->expires_us = server_now_us(s) + id->opt->token_expiration_s * SECOND_US;
    is->audit_ids[0] = audit_id_new(a);
    if (rq->methods & METHOD_TOKEN) {
        r = token_view(s, a, rq->token, VIEW_TOKEN, &old, err);
        if (r < 0)
            return r == -EKEYREJECTED ? refused(err) : r;
        /* A token made from a token lives no longer and belongs to its chain. */
        is->user_id = old.token.user_id;
        is->methods |= old.issued.methods;
        is->expires_us = old.issued.expires_us;
        is->audit_ids[1] = old.issued.audit_ids[1] ? old.issued.audit_ids[1] : old.issued.audit_ids[0];
    }
    if (rq->methods & METHOD_PASSWORD) {
        r = prove_password(s, a, rq, u, err);
        if (r < 0)
            return r;
        if (is->user_id && strcmp(is->user_id, u->id) != 0)
            return refused(err);
        is->user_id = u->id;
    }
    return 0;
}

/* --- where -------------------------------------------------------------------------------------- */

static int find_scope(struct txn *t, struct arena *a, const struct auth_request *rq, struct issued_token *is,
                      struct err *err)
{
    struct project p = { 0 };
    const char *domain_id = "";
    int r = 0;

    is->scope = rq->scope;
    is->scope_id = rq->scope_id;
    if (rq->scope == SCOPE_NONE || rq->scope == SCOPE_SYSTEM)
        return 0;
    if (!rq->scope_id) {
        if (rq->scope == SCOPE_PROJECT)
            r = domain_id_of(t, a, rq->scope_domain_id, rq->scope_domain_name, &domain_id, err);
        if (r >= 0)
            r = domain_id ? project_find(t, a, domain_id, rq->scope_name, &p, err) : -ENOENT;
    } else {
        r = table_get(t, a, &project_table, rq->scope_id, &p, err);
    }
    if (r == -ENOENT || (r >= 0 && rq->scope == SCOPE_DOMAIN && !p.is_domain))
        return refused(err);
    is->scope_id = p.id;
    return r;
}

/* Without a scope the user's default project is it, where that still works. */
static bool scope_by_default(struct server *s, struct txn *t, struct arena *a, const struct auth_request *rq,
                             const struct user *u, struct issued_token *is, struct token_view *ret)
{
    struct issued_token there = *is;

    if (rq->scope != SCOPE_NONE || rq->unscoped || str_empty(u->default_project_id))
        return false;
    there.scope = SCOPE_PROJECT;
    there.scope_id = u->default_project_id;
    if (token_describe(s, t, a, &there, ret, NULL) < 0)
        return false;
    *is = there;
    return true;
}

int auth_issue(struct server *s, struct arena *a, const struct auth_request *rq, const char **ret_text,
               struct token_view *ret, struct err *err)
{
    const struct identity *id = s->state;
    auto_rollback struct txn *t = NULL;
    struct issued_token is = { 0 };
    struct user u = { 0 };
    int r;

    r = prove(s, a, rq, &is, &u, err);
    if (r >= 0)
        r = txn_begin(s->db, false, &t, err);
    if (r >= 0)
        r = revoke_issue_time(t, is.user_id, server_now_us(s), &is.issued_us, err);
    if (r >= 0)
        r = find_scope(t, a, rq, &is, err);
    if (r < 0)
        return r;
    is.issued_us -= is.issued_us % SECOND_US; /* As the token will tell it. */
    if (!scope_by_default(s, t, a, rq, &u, &is, ret)) {
        r = token_describe(s, t, a, &is, ret, err);
        if (r < 0)
            return r == -EKEYREJECTED ? refused(err) : r;
    }
    *ret_text = token_encode(a, id->keys, &is);
    return 0;
}
