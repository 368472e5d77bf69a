/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/model/check.h"

#include <stdatomic.h>

#include "base/str.h"
#include "identity/model/catalog.h"
#include "identity/model/changes.h"
#include "identity/model/mirror.h"
#include "identity/model/revocations.h"
#include "identity/model/rights.h"
#include "identity/model/views.h"
#include "identity/store/standings.h"
#include "identity/store/trusts.h"

/* A missing or disabled thing takes the token with it. */
static int must_be_enabled(const struct project *p, struct err *err)
{
    if (!p->id || !p->enabled)
        return err_set(err, -EKEYREJECTED, "The token's scope or domain is gone or disabled.");
    return 0;
}

static int user_must_work(const struct standing *st, struct err *err)
{
    if (!st->user.id || !st->user.enabled)
        return err_set(err, -EKEYREJECTED, "The token's user is gone or disabled.");
    return must_be_enabled(&st->user_domain, err);
}

/* With impersonation two must work: who holds the token and whose name it bears. */
static int describe_user(struct txn *t, struct arena *a, const struct issued_token *is,
                         const struct standing *st, struct token *tok, struct err *err)
{
    struct standing holder;
    int r = user_must_work(st, err);

    tok->user_id = st->user.id;
    tok->user_name = st->user.name;
    tok->user_domain_id = st->user_domain.id;
    tok->user_domain_name = st->user_domain.name;
    if (r >= 0 && !str_eq(st->user.id, is->user_id)) {
        r = standing_get(t, a, is->user_id, NULL, &holder, err);
        if (r >= 0)
            r = user_must_work(&holder, err);
    }
    return r;
}

static int describe_scope(const struct issued_token *is, const struct standing *st, struct token *tok,
                          struct err *err)
{
    const struct project *p = &st->scope, *domain = &st->scope_domain;
    int r = 0;

    if (is->scope == SCOPE_NONE)
        return 0;
    if (is->scope != SCOPE_SYSTEM)
        r = must_be_enabled(p, err);
    if (r >= 0 && is->scope == SCOPE_PROJECT && !p->is_domain)
        r = must_be_enabled(domain, err);
    if (r < 0)
        return r;
    tok->system = is->scope == SCOPE_SYSTEM;
    if (is->scope == SCOPE_DOMAIN) {
        tok->domain_id = p->id;
        tok->domain_name = p->name;
    } else if (is->scope == SCOPE_PROJECT) {
        tok->project_id = p->id;
        tok->project_name = p->name;
        tok->project_domain_id = domain->id;
        tok->project_domain_name = domain->name;
    }
    return 0;
}

static int describe_rights(struct arena *a, const struct issued_token *is, const struct rights *g,
                           struct token_view *v, struct err *err)
{
    struct token *tok = &v->token;

    if (is->scope != SCOPE_NONE && !g->n)
        return err_set(err, -EKEYREJECTED, "The user has no role there any more.");
    tok->roles = g->roles;
    tok->n_roles = g->n;
    if (g->trust) {
        tok->trust_id = is->trust_id;
        v->trustor_id = g->trust->trustor_user_id;
        v->trustee_id = g->trust->trustee_user_id;
    }
    if (g->app_cred) {
        tok->app_cred_id = is->app_cred_id;
        tok->restricted = !g->app_cred->unrestricted;
        tok->has_access_rules = g->app_cred->has_access_rules;
        for (size_t i = 0; i < g->n_access_rules; i++) {
            tok->access_rules = strv_add(a, tok->access_rules, g->access_rules[i].service);
            tok->access_rules = strv_add(a, tok->access_rules, g->access_rules[i].method);
            tok->access_rules = strv_add(a, tok->access_rules, g->access_rules[i].path);
        }
    }
    return 0;
}

/* --- the body --------------------------------------------------------------------- */

static void write_domain(struct jw *w, const char *id, const char *name)
{
    jw_object(w, "domain");
    jw_str(w, "id", id);
    jw_str(w, "name", name);
    jw_end_object(w);
}

static bool has_admin_project(const struct identity *id)
{
    return !str_empty(id->opt->admin_project_name) && !str_empty(id->opt->admin_project_domain_name);
}

/* Which project is the administrators' is in the configuration, by names. */
static bool is_admin_project(const struct identity *id, const struct token *t)
{
    return str_eq(t->project_name, id->opt->admin_project_name) &&
           str_eq(t->project_domain_name, id->opt->admin_project_domain_name);
}

static void write_scope(struct jw *w, const struct identity *id, const struct token *t,
                        const struct project *p)
{
    if (t->system) {
        jw_object(w, "system");
        jw_bool(w, "all", true);
        jw_end_object(w);
    } else if (t->domain_id) {
        write_domain(w, t->domain_id, t->domain_name);
    } else if (t->project_id) {
        jw_object(w, "project");
        if (t->project_domain_id)
            write_domain(w, t->project_domain_id, t->project_domain_name);
        jw_str(w, "id", t->project_id);
        jw_str(w, "name", t->project_name);
        jw_end_object(w);
        if (!t->trust_id) /* Keystone does not say it with a trust. */
            jw_bool(w, "is_domain", p->is_domain);
        if (has_admin_project(id))
            jw_bool(w, "is_admin_project", !t->not_admin_project);
    }
}

static void write_roles(struct jw *w, const struct token *t)
{
    jw_array(w, "roles");
    for (size_t i = 0; i < t->n_roles; i++) {
        jw_object(w, NULL);
        jw_str(w, "id", t->roles[i].id);
        jw_str(w, "name", t->roles[i].name);
        jw_end_object(w);
    }
    jw_end_array(w);
}

static void write_user_ref(struct jw *w, const char *name, const char *id)
{
    jw_object(w, name);
    jw_str(w, "id", id);
    jw_end_object(w);
}

/* What the holder was given by somebody, or gave to a program. */
static void write_delegation(struct jw *w, const struct rights *g)
{
    if (g->trust) {
        jw_object(w, "OS-TRUST:trust");
        jw_str(w, "id", g->trust->id);
        write_user_ref(w, "trustor_user", g->trust->trustor_user_id);
        write_user_ref(w, "trustee_user", g->trust->trustee_user_id);
        jw_bool(w, "impersonation", g->trust->impersonation);
        jw_end_object(w);
    }
    if (g->app_cred) {
        jw_object(w, "application_credential");
        jw_str(w, "id", g->app_cred->id);
        jw_str(w, "name", g->app_cred->name);
        jw_bool(w, "restricted", !g->app_cred->unrestricted);
        if (g->app_cred->has_access_rules)
            jw_array(w, "access_rules");
        for (size_t i = 0; i < g->n_access_rules; i++) {
            jw_object(w, NULL);
            jw_str(w, "id", g->access_rules[i].id);
            jw_str(w, "path", g->access_rules[i].path);
            jw_str(w, "method", g->access_rules[i].method);
            jw_str(w, "service", g->access_rules[i].service);
            jw_end_object(w);
        }
        if (g->app_cred->has_access_rules)
            jw_end_array(w);
        jw_end_object(w);
    }
}

static const char *write_user(struct arena *a, const struct token *t, const struct user *u)
{
    struct strbuf b;
    struct jw w;

    strbuf_init(&b, a);
    jw_init(&w, &b);
    jw_object(&w, NULL);
    write_domain(&w, t->user_domain_id, t->user_domain_name);
    jw_str(&w, "id", t->user_id);
    jw_str(&w, "name", t->user_name);
    jw_time(&w, "password_expires_at", u->password_expires_us, TIME_ISO_MICRO);
    jw_end_object(&w);
    return strbuf_str(&b);
}

/* The members that are the same in all tokens of this user there. */
static const char *write_standing(struct arena *a, const struct identity *id, const struct token *t,
                                  const struct project *p, const struct rights *g)
{
    struct strbuf b;
    struct jw w;

    strbuf_init(&b, a);
    jw_init(&w, &b);
    jw_object(&w, NULL);
    write_scope(&w, id, t, p);
    write_delegation(&w, g);
    if (t->n_roles)
        write_roles(&w, t);
    jw_end_object(&w);
    return strbuf_str(&b) + 1; /* Without its brace: more stands before. */
}

/* What is this token's own: the beginning of its body. */
static void write_own(struct strbuf *b, const struct token *t, const char *user_json)
{
    struct jw w;

    jw_init(&w, b);
    jw_object(&w, NULL);
    jw_object(&w, "token");
    jw_strv(&w, "methods", t->methods);
    jw_raw(&w, "user", user_json);
    jw_strv(&w, "audit_ids", t->audit_ids);
    jw_time(&w, "expires_at", t->expires_us, TIME_ISO_MICRO_Z);
    jw_time(&w, "issued_at", t->issued_us, TIME_ISO_MICRO_Z);
}

/* That, the catalog (null: none), and the rest. */
static const char *join_body(struct arena *a, const struct strbuf *own, const char *catalog, const char *rest)
{
    struct strbuf b;

    strbuf_init(&b, a);
    strbuf_reserve(&b, own->len + (catalog ? strlen(catalog) : 0) + strlen(rest) + 32);
    strbuf_add(&b, own->data, own->len);
    if (catalog) {
        strbuf_puts(&b, ",\"catalog\":");
        strbuf_puts(&b, catalog);
    }
    strbuf_puts(&b, *rest == '}' ? "" : ",");
    strbuf_puts(&b, rest);
    strbuf_putc(&b, '}');
    return strbuf_str(&b);
}

static void write_bodies(struct arena *a, const struct token_view *standing, struct token_view *v)
{
    struct strbuf own;

    strbuf_init(&own, a);
    strbuf_reserve(&own, 1024);
    write_own(&own, &v->token, standing->user_json);
    v->body = join_body(a, &own, standing->body, standing->body_brief);
    v->body_brief = join_body(a, &own, NULL, standing->body_brief);
}

/* What the user is there, looked up. */
static int look_at_standing(struct server *s, struct txn *t, struct arena *a, const struct issued_token *is,
                            struct token_view *v, struct err *err)
{
    const char *scope_id = is->scope == SCOPE_SYSTEM ? NULL : is->scope_id;
    bool delegated = is->trust_id != NULL; /* Whose name it bears is known with its rights only. */
    struct rights g = { 0 };
    struct standing st;
    int r = 0;

    if (!delegated)
        r = standing_get(t, a, is->user_id, scope_id, &st, err);
    if (r >= 0)
        r = rights_of(s, t, a, is, delegated ? NULL : &st, &g, err);
    if (r >= 0 && delegated)
        r = standing_get(t, a, g.acting_user_id, scope_id, &st, err);
    if (r >= 0)
        r = describe_user(t, a, is, &st, &v->token, err);
    if (r >= 0)
        r = describe_scope(is, &st, &v->token, err);
    if (r >= 0)
        r = describe_rights(a, is, &g, v, err);
    if (r >= 0 && v->token.n_roles)
        r = catalog_text(s->state, t, a, v->token.project_id, v->token.user_id, &v->body, err);
    if (r < 0)
        return r;
    v->token.not_admin_project =
        has_admin_project(s->state) && is->scope == SCOPE_PROJECT && !is_admin_project(s->state, &v->token);
    v->fresh_until_us = g.until_us;
    v->user_json = write_user(a, &v->token, &st.user);
    v->body_brief = write_standing(a, s->state, &v->token, &st.scope, &g);
    return 0;
}

static bool is_fresh(const struct server *s, const struct token_view *v)
{
    return !v->fresh_until_us || server_now_us(s) < v->fresh_until_us;
}

static const char *key_of_standing(struct arena *a, const struct issued_token *is)
{
    const char *const parts[] = { is->user_id, is->scope_id, is->app_cred_id };
    struct strbuf b;

    strbuf_init(&b, a);
    strbuf_reserve(&b, 128);
    strbuf_putc(&b, (char) ('0' + is->scope));
    for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
        strbuf_putc(&b, ' ');
        strbuf_puts(&b, parts[i] ? parts[i] : "");
    }
    return strbuf_str(&b);
}

/* The same, kept while nothing changed.  What a trust gives is not kept, for a
 * use of it is counted each time, nor what a directory may change. */
static int standing_of(struct server *s, struct txn *t, struct arena *a, const struct issued_token *is,
                       struct token_view *v, struct err *err)
{
    struct identity *id = s->state;
    const char *key;
    int r;

    if (!is->generation || is->trust_id || id->directories || !changes_are_known(id->changes))
        return look_at_standing(s, t, a, is, v, err);
    key = key_of_standing(a, is);
    if (views_get(id->standings, is->generation, key, VIEW_ALL, a, v) && is_fresh(s, v))
        return 0;
    *v = (struct token_view){ 0 };
    r = look_at_standing(s, t, a, is, v, err);
    if (r >= 0)
        views_put(id->standings, is->generation, key, v);
    return r;
}

int token_describe(struct server *s, struct txn *t, struct arena *a, const struct issued_token *is,
                   struct token_view *ret, struct err *err)
{
    struct token_view v = { 0 }, standing;
    int r = standing_of(s, t, a, is, &v, err);

    if (r < 0)
        return r;
    standing = v;
    v.issued = *is;
    v.token.text = NULL;
    v.token.methods = methods_names(a, is->methods);
    v.token.audit_ids = arena_memdup(a, is->audit_ids, sizeof(is->audit_ids));
    v.token.issued_us = is->issued_us;
    v.token.expires_us = is->expires_us;
    write_bodies(a, &standing, &v);
    v.user_json = NULL;
    *ret = v;
    return 0;
}

/* --- people of directories ------------------------------------------------------------ */

static int trustor_of(struct server *s, struct arena *a, const char *trust_id, const char **ret,
                      struct err *err)
{
    auto_rollback struct txn *t = NULL;
    struct trust trust = { 0 };
    int r = txn_begin(s->db, false, &t, err);

    if (r >= 0)
        r = table_get(t, a, &trust_table, trust_id, &trust, err);
    *ret = trust.trustor_user_id;
    return r == -ENOENT ? 0 : r;
}

int token_refresh(struct server *s, struct arena *a, const char *user_id, const char *trust_id,
                  int64_t *ret_until_us, struct err *err)
{
    const struct identity *id = s->state;
    const char *trustor = NULL;
    int64_t until_us = 0;
    int r;

    if (!id->directories)
        return 0;
    r = mirror_refresh(s, a, ENTITY_USER, user_id, true, ret_until_us, err);
    if (r < 0 || !trust_id)
        return r;
    r = trustor_of(s, a, trust_id, &trustor, err);
    if (r >= 0)
        r = mirror_refresh(s, a, ENTITY_USER, trustor, true, &until_us, err);
    if (ret_until_us && until_us && (!*ret_until_us || until_us < *ret_until_us))
        *ret_until_us = until_us;
    return r;
}

/* --- with the cache ------------------------------------------------------------------ */

static int look_up(struct server *s, struct arena *a, const struct issued_token *is, struct token_view *ret,
                   struct err *err)
{
    auto_rollback struct txn *t = NULL;
    int64_t until_us = 0;
    int r = token_refresh(s, a, is->user_id, is->trust_id, &until_us, err);

    if (r == -ENOENT)
        return err_set(err, -EKEYREJECTED, "The token's user is gone.");
    if (r >= 0)
        r = txn_begin(s->db, false, &t, err);
    if (r >= 0)
        r = token_describe(s, t, a, is, ret, err);
    if (r >= 0 && until_us && (!ret->fresh_until_us || until_us < ret->fresh_until_us))
        ret->fresh_until_us = until_us;
    if (r >= 0)
        r = revoke_check(t, a, ret, err);
    return r;
}

static const void *provider_keys(const struct identity *id)
{
    return id->tokens.driver->keys ? id->tokens.driver->keys(id->tokens.self) : NULL;
}

/* A token whose key was rotated out does not live on in a cache. */
static void notice_new_keys(struct identity *id)
{
    const void *keys = provider_keys(id);
    const void *before = atomic_exchange(&id->keys_seen, keys);

    if (before && before != keys)
        generation_bump(&id->generation);
}

static bool forgets(const struct identity *id)
{
    return id->tokens.driver->forgets && id->tokens.driver->forgets(id->tokens.self);
}

/* From the cache; whoever asks must know that the provider still has the token. */
static int cached(struct server *s, struct arena *a, const char *text, enum view_part part,
                  struct token_view *ret)
{
    struct identity *id = s->state;

    if (atomic_load_explicit(&id->keys_seen, memory_order_relaxed) != provider_keys(id))
        notice_new_keys(id);
    if (!views_get(id->views, generation_get(&id->generation), text, part, a, ret))
        return -EWOULDBLOCK;
    if (!is_fresh(s, ret) || !changes_are_known(id->changes))
        return -EWOULDBLOCK;
    return ret->token.expires_us > server_now_us(s) ? 0 : -EKEYREJECTED;
}

int token_view_cached(struct server *s, struct arena *a, const char *text, enum view_part part,
                      struct token_view *ret)
{
    return forgets(s->state) ? -EWOULDBLOCK : cached(s, a, text, part, ret);
}

bool identity_is_quick(const struct server *s)
{
    const struct identity *id = s->state;

    return db_kind(s->db) == DB_SQLITE && !id->directories && !forgets(id) && !id->tokens.driver->flush;
}

static int read_text(const struct identity *id, struct arena *a, const char *text, struct issued_token *ret,
                     struct err *err)
{
    int r = id->tokens.driver->read(id->tokens.self, a, text, ret, err);

    return r == -EBADMSG ? err_set(err, -EKEYREJECTED, "%s", id->tokens.driver->unknown) : r;
}

int token_view_within(struct server *s, struct arena *a, const char *text, enum view_part part,
                      int64_t window_us, struct token_view *ret, struct err *err)
{
    struct identity *id = s->state;
    uint64_t generation =
        generation_get(&id->generation); /* Before looking: a change meanwhile ages the entry. */
    struct issued_token is = { 0 };
    bool forgetful = forgets(id);
    int r = forgetful ? read_text(id, a, text, &is, err) : 0;

    if (r < 0)
        return r;
    r = cached(s, a, text, part, ret);
    if (r >= 0)
        return r;
    if (r != -EWOULDBLOCK && !window_us)
        return err_set(err, r, "Failed to validate token");
    r = forgetful ? 0 : read_text(id, a, text, &is, err);
    if (r < 0)
        return r;
    if (is.expires_us + window_us <= server_now_us(s))
        return err_set(err, -EKEYREJECTED, "Failed to validate token");
    is.generation = generation + 1;
    r = look_up(s, a, &is, ret, err);
    if (r < 0)
        return r;
    ret->token.text = arena_strdup(a, text);
    if (is.expires_us > server_now_us(s))
        views_put(id->views, generation, text, ret);
    return 0;
}

int token_view(struct server *s, struct arena *a, const char *text, enum view_part part,
               struct token_view *ret, struct err *err)
{
    return token_view_within(s, a, text, part, 0, ret, err);
}
