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
    struct policy_remote *remote; /* Made when the first http: check appears. */

    pthread_mutex_t refreshing; /* One at a time; over the next. */
    uint64_t stamp;
    _Atomic int64_t checked_us;
    atomic_bool waits;
};

static void config_copy(struct policy *p, const struct policy_config *c)
{
    struct arena *a = &p->arena;

    p->config = *c;
    p->config.file = arena_strdup(a, c->file);
    p->config.dirs = NULL;
    strv_foreach (dir, c->dirs)
        p->config.dirs = strv_add(a, p->config.dirs, arena_strdup(a, *dir));
    p->config.remote_content_type = arena_strdup(a, c->remote_content_type);
    p->config.remote_ca_file = arena_strdup(a, c->remote_ca_file);
    p->config.remote_cert_file = arena_strdup(a, c->remote_cert_file);
    p->config.remote_key_file = arena_strdup(a, c->remote_key_file);
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
    struct policy_remote *remote = NULL;
    struct rule_tree *tree, *old;
    int r;

    r = rule_tree_new(p->tables, &p->config, &tree, err);
    if (r < 0)
        return r;
    if (tree->has_http && !p->remote) { /* Only we write it, so no lock to look. */
        r = policy_remote_new(&p->config, &remote, err);
        if (r < 0) {
            rule_tree_unref(tree);
            return r;
        }
    }
    pthread_mutex_lock(&p->lock);
    old = p->tree;
    p->tree = tree;
    if (remote)
        p->remote = remote;
    atomic_store(&p->waits, tree->has_http);
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
    policy_remote_free(p->remote);
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

    if (!p->config.file && !p->config.dirs)
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

static struct rule_tree *tree_ref(struct policy *p, struct policy_remote **ret_remote)
{
    struct rule_tree *t;

    pthread_mutex_lock(&p->lock);
    t = p->tree;
    atomic_fetch_add_explicit(&t->refs, 1, memory_order_relaxed);
    *ret_remote = p->remote;
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
    struct rule_tree *tree = tree_ref(p, &q.remote);
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
    struct policy_remote *remote;
    struct rule_tree *tree = tree_ref(p, &remote);
    bool fits = scope_fits(p, hash_get(&tree->rules, rule), t);

    rule_tree_unref(tree);
    return fits;
}

bool policy_has(struct policy *p, const char *rule)
{
    struct policy_remote *remote;
    struct rule_tree *tree = tree_ref(p, &remote);
    bool has = hash_get(&tree->rules, rule) != NULL;

    rule_tree_unref(tree);
    return has;
}

bool policy_waits(struct policy *p)
{
    return atomic_load_explicit(&p->waits, memory_order_relaxed);
}

const char **policy_names(struct policy *p, struct arena *a)
{
    struct policy_remote *remote;
    struct rule_tree *tree = tree_ref(p, &remote);
    const char **names = NULL;

    hash_foreach (it, &tree->rules) {
        const struct rule *rule = it->value;

        names = strv_add(a, names, arena_strdup(a, rule->name)); /* The tree may go. */
    }
    rule_tree_unref(tree);
    strv_sort(names);
    return names;
}

static void write_rules(struct policy *p, bool redundant, enum policy_format format, struct strbuf *out)
{
    auto_arena struct arena a;
    struct policy_remote *remote;
    struct rule_tree *tree = tree_ref(p, &remote);
    bool json = format == POLICY_JSON, first = true;
    const char **names;

    arena_init(&a);
    names = policy_names(p, &a);
    strbuf_puts(out, json ? "{" : "");
    strv_foreach (name, names) {
        const struct rule *rule = hash_get(&tree->rules, *name);
        struct strbuf text;

        if (!rule || (redundant && !rule->redundant))
            continue;
        strbuf_init(&text, &a);
        check_write(&text, rule->check);
        policy_write_entry(out, !json ? "" : first ? "\n    " : ",\n    ", rule->name, strbuf_str(&text));
        strbuf_puts(out, json ? "" : "\n");
        first = false;
    }
    strbuf_puts(out, json ? "\n}\n" : "");
    rule_tree_unref(tree);
}

void policy_write_effective(struct policy *p, enum policy_format format, struct strbuf *out)
{
    write_rules(p, false, format, out);
}

void policy_write_redundant(struct policy *p, struct strbuf *out)
{
    write_rules(p, true, POLICY_YAML, out);
}
