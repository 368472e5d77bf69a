/* SPDX-License-Identifier: Apache-2.0 */
/* The door to the rules: who asks takes a reference to the present tree under
 * a lock held for two instructions, a refresh puts another tree in its place.
 * The last one who used the old tree frees it. */
#include <errno.h>
#include <pthread.h>
#include <string.h>

#include "base/str.h"
#include "rest/policy_check.h"

enum { REFRESH_US = 1000000 };

struct policy {
    struct arena arena; /* Of the configuration; untouched after policy_new(). */
    const struct policy_rule **tables;
    struct policy_config config;

    pthread_mutex_t lock; /* Over the next two. */
    struct rule_tree *tree;
    struct httpc *httpc; /* Made when the first http: check appears. */

    pthread_mutex_t refreshing; /* One at a time; over the next. */
    uint64_t stamp;
    _Atomic int64_t checked_us;
};

static void config_copy(struct policy *p, const struct policy_config *c)
{
    struct arena *a = &p->arena;

    p->config = *c;
    p->config.file = arena_strdup(a, c->file);
    p->config.dir = arena_strdup(a, c->dir);
    p->config.remote_content_type = arena_strdup(a, c->remote_content_type);
    p->config.remote_ca_file = arena_strdup(a, c->remote_ca_file);
}

static void tables_copy(struct policy *p, const struct policy_rule *const *tables)
{
    size_t n = 0;

    while (tables && tables[n])
        n++;
    p->tables = (const struct policy_rule **) arena_array(&p->arena, void *, n + 1);
    for (size_t i = 0; i < n; i++)
        p->tables[i] = tables[i];
}

/* Builds a tree from the files as they are and puts it in place. */
static int load(struct policy *p, struct err *err)
{
    struct httpc_config hc = { .timeout_ms = p->config.remote_timeout_ms,
                               .ca_file = p->config.remote_ca_file,
                               .insecure = p->config.remote_insecure };
    struct httpc *httpc = NULL;
    struct rule_tree *tree, *old;
    int r;

    r = rule_tree_new(p->tables, &p->config, &tree, err);
    if (r < 0)
        return r;
    if (tree->has_http && !p->httpc) { /* Only we write it, so no lock to look. */
        r = httpc_new(&hc, &httpc, err);
        if (r < 0) {
            rule_tree_unref(tree);
            return r;
        }
    }
    pthread_mutex_lock(&p->lock);
    old = p->tree;
    p->tree = tree;
    if (httpc)
        p->httpc = httpc;
    pthread_mutex_unlock(&p->lock);
    rule_tree_unref(old);
    return 0;
}

int policy_new(const struct policy_rule *const *tables, const struct policy_config *c, struct policy **ret,
               struct err *err)
{
    struct policy *p = calloc(1, sizeof(*p));
    int r;

    if (!p)
        return err_set(err, -ENOMEM, "no memory for policy rules");
    arena_init(&p->arena);
    pthread_mutex_init(&p->lock, NULL);
    pthread_mutex_init(&p->refreshing, NULL);
    config_copy(p, c);
    tables_copy(p, tables);
    atomic_init(&p->checked_us, clock_now_us(c->clock));
    p->stamp = overrides_stamp(&p->config);
    r = load(p, err);
    if (r < 0) {
        policy_free(p);
        return r;
    }
    *ret = p;
    return 0;
}

void policy_free(struct policy *p)
{
    if (!p)
        return;
    rule_tree_unref(p->tree);
    if (p->httpc)
        httpc_free(p->httpc);
    pthread_mutex_destroy(&p->lock);
    pthread_mutex_destroy(&p->refreshing);
    arena_done(&p->arena);
    free(p);
}

/* True for one caller a second. */
static bool refresh_is_due(struct policy *p)
{
    int64_t now = clock_now_us(p->config.clock), last = atomic_load(&p->checked_us);

    if (now >= last && now - last < REFRESH_US)
        return false;
    return atomic_compare_exchange_strong(&p->checked_us, &last, now);
}

void policy_refresh(struct policy *p)
{
    struct err err = { 0 };
    uint64_t stamp;

    if (!p->config.file && !p->config.dir)
        return;
    if (!refresh_is_due(p) || pthread_mutex_trylock(&p->refreshing) != 0)
        return;
    stamp = overrides_stamp(&p->config);
    if (stamp != p->stamp) {
        p->stamp = stamp; /* Also when the files are wrong: to be said once. */
        if (load(p, &err) < 0)
            log_error(p->config.log, "policy files cannot be used, the rules read before stay", "reason",
                      err.msg);
        else
            log_info(p->config.log, "policy files were read again");
    }
    pthread_mutex_unlock(&p->refreshing);
}

int policy_reload(struct policy *p, struct err *err)
{
    int r;

    pthread_mutex_lock(&p->refreshing);
    p->stamp = overrides_stamp(&p->config);
    r = load(p, err);
    pthread_mutex_unlock(&p->refreshing);
    return r;
}

static struct rule_tree *tree_ref(struct policy *p, struct httpc **ret_httpc)
{
    struct rule_tree *t;

    pthread_mutex_lock(&p->lock);
    t = p->tree;
    atomic_fetch_add_explicit(&t->refs, 1, memory_order_relaxed);
    *ret_httpc = p->httpc;
    pthread_mutex_unlock(&p->lock);
    return t;
}

static unsigned scope_of(const struct token *t)
{
    if (t && t->system)
        return SCOPE_SYSTEM;
    if (t && t->domain_id)
        return SCOPE_DOMAIN;
    return SCOPE_PROJECT; /* Also a token without a scope. */
}

static bool scope_fits(const struct policy *p, const struct rule *rule, const struct token *t)
{
    return !p->config.enforce_scope || !rule || !rule->scopes || (rule->scopes & scope_of(t));
}

bool policy_allows(struct policy *p, struct arena *a, const char *rule, const struct token *t,
                   const struct policy_target *target)
{
    struct question q = { .arena = a, .rule = rule, .token = t, .target = target, .config = &p->config };
    struct rule_tree *tree = tree_ref(p, &q.httpc);
    const struct rule *found = hash_get(&tree->rules, rule);
    bool allowed;

    q.tree = tree;
    if (!found)
        found = tree->otherwise;
    allowed = found && scope_fits(p, found, t) && check_holds(&q, found->check);
    rule_tree_unref(tree);
    return allowed;
}

bool policy_scope_fits(struct policy *p, const char *rule, const struct token *t)
{
    struct httpc *httpc;
    struct rule_tree *tree = tree_ref(p, &httpc);
    bool fits = scope_fits(p, hash_get(&tree->rules, rule), t);

    rule_tree_unref(tree);
    return fits;
}

bool policy_has(struct policy *p, const char *rule)
{
    struct httpc *httpc;
    struct rule_tree *tree = tree_ref(p, &httpc);
    bool has = hash_get(&tree->rules, rule) != NULL;

    rule_tree_unref(tree);
    return has;
}
