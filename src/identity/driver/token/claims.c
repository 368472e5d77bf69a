/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/driver/token/claims.h"

#include "base/str.h"

#define SECOND_US 1000000
#define LATEST_S  4000000000 /* As for fernet tokens. */

/* Without audit ids there is nothing to revoke a token by. */
static int checked(const struct issued_token *t, struct issued_token *ret)
{
    bool good = t->user_id && t->audit_ids[0] && t->methods && t->expires_us > 0 && t->issued_us > 0 &&
                (t->scope == SCOPE_NONE || t->scope_id) && !(t->trust_id && t->app_cred_id) &&
                (!t->app_cred_id || t->scope == SCOPE_PROJECT) &&
                (!t->trust_id || t->scope == SCOPE_PROJECT || t->scope == SCOPE_NONE);

    if (!good)
        return -EBADMSG;
    *ret = *t;
    return 0;
}

static const char *const scope_claims[] = {
    [SCOPE_DOMAIN] = "openstack_domain_id",
    [SCOPE_PROJECT] = "openstack_project_id",
    [SCOPE_SYSTEM] = "openstack_system",
};

const char *token_claims_write(struct arena *a, const struct issued_token *is)
{
    struct strbuf b;
    struct jw w;

    strbuf_init(&b, a);
    jw_init(&w, &b);
    jw_object(&w, NULL);
    jw_str(&w, "sub", is->user_id);
    jw_int(&w, "iat", is->issued_us / SECOND_US);
    jw_int(&w, "exp", is->expires_us / SECOND_US);
    jw_strv(&w, "openstack_methods", methods_names(a, is->methods));
    jw_strv(&w, "openstack_audit_ids", (const char *const *) is->audit_ids);
    if (is->scope != SCOPE_NONE)
        jw_str(&w, scope_claims[is->scope], is->scope_id);
    if (is->trust_id)
        jw_str(&w, "openstack_trust_id", is->trust_id);
    if (is->app_cred_id)
        jw_str(&w, "openstack_app_cred_id", is->app_cred_id);
    jw_end_object(&w);
    return strbuf_str(&b);
}

/* Text of an id's length, or null. */
static const char *id_member(struct arena *a, const json_t *o, const char *name)
{
    const char *s = json_str(o, name);

    return s && *s && strlen(s) <= 64 ? arena_strdup(a, s) : NULL;
}

static int64_t time_member(const json_t *o, const char *name)
{
    int64_t s = json_int(o, name, 0);

    return s > 0 && s < LATEST_S ? s * SECOND_US : 0;
}

static unsigned methods_member(const json_t *o, const char *name)
{
    const json_t *list = json_arr(o, name), *m;
    unsigned methods = 0;
    size_t i;

    json_array_foreach (list, i, m)
        methods |= json_is_string(m) ? method_named(json_string_value(m)) : 0;
    return methods;
}

static void audit_ids_member(struct arena *a, const json_t *o, const char *name, struct issued_token *t)
{
    const json_t *list = json_arr(o, name);

    for (size_t i = 0; i < 2 && i < json_array_size(list); i++) {
        const char *s = json_string_value(json_array_get(list, i));

        if (!s || !*s || strlen(s) > 64)
            return;
        t->audit_ids[i] = arena_strdup(a, s);
    }
}

/* More than one scope is none of ours. */
static int scope_member(struct arena *a, const json_t *o, struct issued_token *t)
{
    for (unsigned i = SCOPE_DOMAIN; i <= SCOPE_SYSTEM; i++) {
        if (!json_object_get(o, scope_claims[i]))
            continue;
        if (t->scope != SCOPE_NONE)
            return -EBADMSG;
        t->scope = (enum token_scope) i;
        t->scope_id = id_member(a, o, scope_claims[i]);
    }
    return 0;
}

int token_claims_read(struct arena *a, const char *text, size_t n, struct issued_token *ret)
{
    struct issued_token t = { 0 };
    auto_json json_t *o = NULL;

    if (json_read(text, n, &o, NULL) < 0 || !json_is_object(o) || scope_member(a, o, &t) < 0)
        return -EBADMSG;
    t.user_id = id_member(a, o, "sub");
    t.issued_us = time_member(o, "iat");
    t.expires_us = time_member(o, "exp");
    t.methods = methods_member(o, "openstack_methods");
    audit_ids_member(a, o, "openstack_audit_ids", &t);
    t.trust_id = id_member(a, o, "openstack_trust_id");
    t.app_cred_id = id_member(a, o, "openstack_app_cred_id");
    return checked(&t, ret);
}
