/* SPDX-License-Identifier: Apache-2.0 */
/* Defaults and overrides joined into one tree: which text holds for a name,
 * what a reference means, and that none leads back to itself. */
#include <errno.h>
#include <string.h>

#include "base/str.h"
#include "rest/policy_check.h"

struct building {
    struct rule_tree *tree;
    const struct policy_config *config;
    struct hash overrides;
    struct err *err;
};

static int parse_scopes(const char *s, unsigned *ret)
{
    static const struct {
        const char *name;
        unsigned bit;
    } names[] = { { "system", SCOPE_SYSTEM }, { "domain", SCOPE_DOMAIN }, { "project", SCOPE_PROJECT } };
    unsigned bits = 0;
    size_t i, n;

    for (; s && *s; s += n + (s[n] == '|')) {
        n = strcspn(s, "|");
        for (i = 0; i < ARRAY_SIZE(names); i++)
            if (strlen(names[i].name) == n && strncmp(names[i].name, s, n) == 0)
                break;
        if (i == ARRAY_SIZE(names))
            return -EINVAL;
        bits |= names[i].bit;
    }
    *ret = bits;
    return 0;
}

static bool refers_to(const struct check *c, const char *name)
{
    return c->kind == CHECK_RULE && str_eq(c->name, name);
}

/* Adds the deprecated form of a default.  An operator's rule under the old
 * name counts as one for the new name, unless it only points there. */
static int add_deprecated(struct building *b, const struct policy_rule *d, struct check **check,
                          const char **origin)
{
    const char *old_name = d->old_name ? d->old_name : d->name;
    const char *old_text = d->old_check ? d->old_check : d->check;
    struct check *old;
    struct override *o;
    int r;

    r = check_parse(b->tree, old_text, &old, b->err);
    if (r < 0)
        return r;
    o = str_eq(old_name, d->name) ? NULL : hash_get(&b->overrides, old_name);
    if (o && !check_same(o->check, old) && !refers_to(o->check, d->name)) {
        log_warning(b->config->log, "policy rule has a new name", "old", old_name, "new", d->name, "file",
                    o->origin);
        *check = o->check;
        *origin = o->origin;
        return 0;
    }
    if (!b->config->enforce_new_defaults && strcmp(old_text, d->check) != 0)
        *check = check_or(b->tree, *check, old);
    return 0;
}

static int add_default(struct building *b, const struct policy_rule *d)
{
    struct override *o = hash_get(&b->overrides, d->name);
    struct rule *rule = arena_new(&b->tree->arena, struct rule);
    struct check *own;
    int r;

    rule->name = d->name;
    if (parse_scopes(d->scopes, &rule->scopes) < 0)
        return err_set(b->err, -EINVAL, "unknown scope in \"%s\"", d->scopes);
    if (o) {
        o->used = true;
        rule->check = o->check;
        rule->origin = o->origin;
        r = check_parse(b->tree, d->check, &own, b->err);
        if (r < 0)
            return r;
        rule->redundant = check_same(own, o->check);
    } else {
        r = check_parse(b->tree, d->check, &rule->check, b->err);
        if (r == 0 && (d->old_name || d->old_check))
            r = add_deprecated(b, d, &rule->check, &rule->origin);
        if (r < 0)
            return r;
    }
    if (hash_put(&b->tree->rules, rule->name, rule))
        return err_set(b->err, -EINVAL, "it is there twice");
    return 0;
}

/* What holds in place of a default. */
static const struct policy_rule *chosen(const struct policy_config *c, const struct policy_rule *d)
{
    for (const struct policy_rule *i = c->instead; i && i->name; i++)
        if (str_eq(i->name, d->name))
            return i;
    return d;
}

static int add_defaults(struct building *b, const struct policy_rule *const *tables)
{
    int r;

    for (; tables && *tables; tables++) {
        for (const struct policy_rule *d = *tables; d->name; d++) {
            r = add_default(b, chosen(b->config, d));
            if (r < 0)
                return err_prefix(b->err, r, "policy rule \"%s\"", d->name);
        }
    }
    return 0;
}

/* Rules of the operator's own, to be referred to by others. */
static void add_others(struct building *b)
{
    hash_foreach (it, &b->overrides) {
        struct override *o = it->value;
        struct rule *rule;

        if (o->used)
            continue;
        rule = arena_new(&b->tree->arena, struct rule);
        *rule = (struct rule){ .name = o->name, .check = o->check, .origin = o->origin };
        hash_put(&b->tree->rules, rule->name, rule);
    }
}

/* Finds what a check refers to.  What an operator's file refers to in vain is
 * refused when asked, as is an unknown credential; in a default it is ours
 * to mend, so nothing starts. */
static int resolve_check(struct building *b, const struct rule *in, struct check *c)
{
    int r;

    if (c->kind == CHECK_RULE) {
        c->rule = hash_get(&b->tree->rules, c->name);
        if (!c->rule)
            c->rule = b->tree->otherwise;
        if (!c->rule && !in->origin)
            return err_set(b->err, -EINVAL, "policy rule \"%s\" refers to \"%s\", which is not there",
                           in->name, c->name);
        if (!c->rule)
            log_warning(b->config->log, "policy rule refers to one that is not there", "rule", in->name,
                        "missing", c->name, "file", in->origin);
    }
    if (c->kind == CHECK_CREDENTIAL && !c->credential && in->origin)
        log_warning(b->config->log, "policy rule names an unknown credential", "rule", in->name, "credential",
                    c->name, "file", in->origin);
    for (size_t i = 0; i < c->n; i++) {
        r = resolve_check(b, in, c->list[i]);
        if (r < 0)
            return r;
    }
    return 0;
}

static int resolve(struct building *b)
{
    int r;

    b->tree->otherwise = hash_get(&b->tree->rules, "default");
    b->tree->admin = hash_get(&b->tree->rules, "context_is_admin");
    hash_foreach (it, &b->tree->rules) {
        const struct rule *rule = it->value;

        r = resolve_check(b, rule, rule->check);
        if (r < 0)
            return r;
    }
    return 0;
}

static int find_cycle(struct building *b, struct rule *rule);

static int find_cycle_in(struct building *b, struct rule *in, const struct check *c)
{
    struct rule *next = (struct rule *) c->rule;
    int r;

    if (next && next->color == RULE_GREY)
        return err_set(b->err, -EINVAL, "policy rule \"%s\" (%s) leads back to itself through \"%s\"",
                       next->name,
                       next->origin ? next->origin
                       : in->origin ? in->origin
                                    : "default",
                       in->name);
    if (next) {
        r = find_cycle(b, next);
        if (r < 0)
            return r;
    }
    for (size_t i = 0; i < c->n; i++) {
        r = find_cycle_in(b, in, c->list[i]);
        if (r < 0)
            return r;
    }
    return 0;
}

static int find_cycle(struct building *b, struct rule *rule)
{
    int r;

    if (rule->color == RULE_BLACK)
        return 0;
    rule->color = RULE_GREY;
    r = find_cycle_in(b, rule, rule->check);
    rule->color = RULE_BLACK;
    return r;
}

static int find_cycles(struct building *b)
{
    int r;

    hash_foreach (it, &b->tree->rules) {
        r = find_cycle(b, it->value);
        if (r < 0)
            return r;
    }
    return 0;
}

static struct rule_tree *tree_alloc(void)
{
    struct rule_tree *t = calloc(1, sizeof(*t));

    if (!t)
        return NULL;
    arena_init(&t->arena);
    hash_init(&t->rules);
    atomic_init(&t->refs, 1);
    return t;
}

int rule_tree_new(const struct policy_rule *const *tables, const struct policy_config *c,
                  struct rule_tree **ret, struct err *err)
{
    struct building b = { .tree = tree_alloc(), .config = c, .err = err };
    int r;

    if (!b.tree)
        return err_set(err, -ENOMEM, "no memory for policy rules");
    hash_init(&b.overrides);
    r = overrides_read(b.tree, c, &b.overrides, err);
    if (r == 0)
        r = add_defaults(&b, tables);
    if (r == 0) {
        add_others(&b);
        r = resolve(&b);
    }
    if (r == 0)
        r = find_cycles(&b);
    hash_done(&b.overrides);
    if (r < 0)
        rule_tree_unref(b.tree);
    else
        *ret = b.tree;
    return r;
}

void rule_tree_unref(struct rule_tree *t)
{
    if (!t || atomic_fetch_sub(&t->refs, 1) != 1)
        return;
    for (struct pattern_list *l = t->patterns; l; l = l->next)
        pattern_free(l->pattern);
    hash_done(&t->rules);
    arena_done(&t->arena);
    free(t);
}
