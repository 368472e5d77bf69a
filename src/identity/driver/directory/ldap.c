/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/driver/directory/ldap.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/str.h"
#include "base/uuid.h"
#include "identity/driver/directory/ldap_conn.h"
#include "identity/driver/directory/ldap_filter.h"
#include "identity/driver/directory/ldap_options.h"
#include "wire/json.h"

#define IN_CHAIN      "1.2.840.113556.1.4.1941" /* Active Directory: members of members, too. */
#define IDS_AT_A_TIME 100                       /* In one filter. */

struct ldap {
    struct arena arena; /* Of the options. */
    struct ldap_options o;
    struct ldap_server *server;
};

static const struct ldap_attributes *attributes_of(const struct ldap *l, enum entity kind)
{
    return kind == ENTITY_USER ? &l->o.users : &l->o.groups;
}

static int scope_of(const struct ldap *l)
{
    return str_eq(l->o.query_scope, "sub") ? LDAP_SCOPE_SUBTREE : LDAP_SCOPE_ONELEVEL;
}

static void ldap_close(void *self)
{
    struct ldap *l = self;

    ldap_server_free(l->server);
    arena_done(&l->arena);
    free(l);
}

static int ldap_open(struct config *c, void **ret, struct err *err)
{
    struct ldap *l = calloc(1, sizeof(*l));
    int r;

    if (!l)
        return err_set(err, -ENOMEM, "no memory");
    arena_init(&l->arena);
    r = ldap_options_read(c, &l->arena, &l->o, err);
    if (r >= 0)
        l->server = ldap_server_new(&l->o);
    if (r < 0 || !l->server) {
        ldap_close(l);
        return r < 0 ? r : err_set(err, -ENOMEM, "no memory");
    }
    *ret = l;
    return 0;
}

/* --- an entry as it came -------------------------------------------------------------------- */

/* Null for what is no text, except that 16 bytes are a GUID. */
static const char *text_of(struct arena *a, const struct berval *v)
{
    if (v->bv_len && !memchr(v->bv_val, 0, v->bv_len) && str_is_utf8(v->bv_val, v->bv_len))
        return arena_strndup(a, v->bv_val, v->bv_len);
    return v->bv_len == 16 ? guid_text(a, (const uint8_t *) v->bv_val) : NULL;
}

/* Values as text, in the arena; null: none. */
static const char **values_of(struct arena *a, LDAP *ld, LDAPMessage *e, const char *attribute)
{
    struct berval **all = str_empty(attribute) ? NULL : ldap_get_values_len(ld, e, attribute);
    int count = ldap_count_values_len(all);
    const char **text = count > 0 ? arena_array(a, const char *, (size_t) count + 1) : NULL;
    size_t n = 0;

    for (struct berval **v = all; v && *v; v++) {
        const char *value = text_of(a, *v);

        if (value)
            text[n++] = value;
    }
    ldap_value_free_len(all);
    return n ? text : NULL;
}

static const char *value_of(struct arena *a, LDAP *ld, LDAPMessage *e, const char *attribute)
{
    const char **all = values_of(a, ld, e, attribute);

    return all ? all[0] : NULL;
}

/* Of several ids the one in the entry's name counts, else the first. */
static const char *read_id(struct arena *a, LDAP *ld, LDAPMessage *e, const char *attribute, const char *dn)
{
    const char **ids = values_of(a, ld, e, attribute), *named;

    if (strv_len(ids) > 1 && dn_first_value(a, dn, attribute, &named) >= 0)
        return named;
    return ids ? ids[0] : NULL;
}

static bool read_enabled(const struct ldap *l, const char *value)
{
    int64_t number;
    bool enabled;

    if (l->o.user_enabled_emulation || !ldap_takes(&l->o.users, "enabled"))
        return true; /* The first is looked up apart. */
    if (str_empty(value))
        value = l->o.user_enabled_default;
    if (l->o.user_enabled_mask) /* What is no number is no permission. */
        return str_to_i64(value, &number) >= 0 && (number & l->o.user_enabled_mask) != l->o.user_enabled_mask;
    enabled = str_eq_nocase(value, "true");
    return l->o.user_enabled_invert ? !enabled : enabled;
}

/* "ATTRIBUTE:MEMBER" */
static const char *read_additional(struct arena *a, LDAP *ld, LDAPMessage *e, const char *const *pairs)
{
    auto_json json_t *extra = json_object();

    strv_foreach (pair, pairs) {
        const char *colon = strchr(*pair, ':');
        const char *attribute = arena_strndup(a, *pair, (size_t) (colon - *pair));
        const char *value = value_of(a, ld, e, str_trim(a, attribute));

        if (value)
            json_object_set_new(extra, str_trim(a, colon + 1), json_string(value));
    }
    return json_object_size(extra) ? json_text(a, extra) : NULL;
}

/* -ENOENT for what has no id or no name: it is nobody to us. */
static int read_entry(const struct ldap *l, enum entity kind, struct arena *a, LDAP *ld, LDAPMessage *e,
                      struct entry *ret)
{
    const struct ldap_attributes *at = attributes_of(l, kind);
    char *dn = ldap_get_dn(ld, e);
    struct entry en = { .handle = arena_strdup(a, dn ? dn : "") };

    ldap_memfree(dn);
    en.local_id = read_id(a, ld, e, at->id, en.handle);
    en.name = value_of(a, ld, e, at->name);
    if (str_empty(en.local_id) || str_empty(en.name) || !*str_trim(a, en.name))
        return -ENOENT;
    if (ldap_takes(at, "description"))
        en.description = value_of(a, ld, e, at->description);
    if (ldap_takes(at, "email"))
        en.email = value_of(a, ld, e, at->mail);
    if (ldap_takes(at, "default_project_id"))
        en.default_project_id = value_of(a, ld, e, at->default_project_id);
    en.enabled = kind != ENTITY_USER || read_enabled(l, value_of(a, ld, e, at->enabled));
    en.extra = read_additional(a, ld, e, at->additional);
    *ret = en;
    return 0;
}

/* --- searching -------------------------------------------------------------------------------- */

/* Entries as they come in. */
struct gathering {
    const struct ldap *l;
    struct arena *a;
    enum entity kind;
    struct entry *items;
    size_t n, cap;
};

static void append(struct gathering *g, const struct entry *en)
{
    if (g->n == g->cap) {
        size_t cap = g->cap ? g->cap * 2 : 16;

        g->items = arena_grow(g->a, g->items, g->cap * sizeof(*en), cap * sizeof(*en));
        g->cap = cap;
    }
    g->items[g->n++] = *en;
}

static int gather(void *ctx, LDAP *ld, LDAPMessage *e, struct err *err)
{
    struct gathering *g = ctx;
    struct entry en;

    if (read_entry(g->l, g->kind, g->a, ld, e, &en) >= 0)
        append(g, &en);
    return 0;
}

static const char **wanted_attributes(const struct ldap *l, enum entity kind, struct arena *a)
{
    const struct ldap_attributes *at = attributes_of(l, kind);
    const char *plain[] = {
        at->id, at->name, at->description, at->mail, at->enabled, at->default_project_id
    };
    const char **all = NULL;

    for (size_t i = 0; i < ARRAY_SIZE(plain); i++)
        if (!str_empty(plain[i]) && !strv_contains(all, plain[i]))
            all = strv_add(a, all, plain[i]);
    strv_foreach (pair, at->additional)
        all = strv_add(a, all, str_trim(a, arena_strndup(a, *pair, strcspn(*pair, ":"))));
    return all;
}

/* "(&(objectClass=…)(id=*)FILTER" without its end. */
static void filter_begin(const struct ldap *l, enum entity kind, struct strbuf *b)
{
    const struct ldap_attributes *at = attributes_of(l, kind);

    strbuf_printf(b, "(&(objectClass=%s)", at->objectclass);
    if (!str_empty(at->filter))
        strbuf_puts(b, at->filter);
}

/* All of a kind that fit 'filter', which is text without its last ")". */
static int search(const struct ldap *l, struct gathering *g, struct strbuf *filter, size_t limit,
                  struct err *err)
{
    struct ldap_search what = {
        .base = attributes_of(l, g->kind)->tree_dn,
        .filter = strbuf_str(filter),
        .scope = scope_of(l),
        .attrs = wanted_attributes(l, g->kind, g->a),
        .limit = limit,
        .found = gather,
        .ctx = g,
    };
    int r;

    strbuf_putc(filter, ')');
    what.filter = strbuf_str(filter);
    r = ldap_server_search(l->server, &what, err);
    return r == -ENOENT ? 0 : r; /* No such tree: nobody is in it. */
}

/* --- enabled by membership ----------------------------------------------------------------------- */

static bool is_emulated(const struct ldap *l)
{
    return l->o.user_enabled_emulation && ldap_takes(&l->o.users, "enabled");
}

static const char *emulation_attribute(const struct ldap *l)
{
    return l->o.user_enabled_emulation_use_group_config ? l->o.group_member_attribute : "member";
}

static bool emulation_has_ids(const struct ldap *l)
{
    return l->o.user_enabled_emulation_use_group_config && l->o.group_members_are_ids;
}

/* All values of one attribute of one entry. */
struct members {
    struct arena *a;
    const char *attribute;
    const char **values;
    bool found; /* The entry is there. */
};

static int take_members(void *ctx, LDAP *ld, LDAPMessage *e, struct err *err)
{
    struct members *m = ctx;

    m->values = values_of(m->a, ld, e, m->attribute);
    m->found = true;
    return 0;
}

static int read_members(const struct ldap *l, struct members *m, const char *dn, const char *filter,
                        struct err *err)
{
    const char *const attrs[] = { m->attribute, NULL };
    const struct ldap_search what = {
        .base = dn,
        .filter = filter,
        .scope = LDAP_SCOPE_BASE,
        .attrs = attrs,
        .found = take_members,
        .ctx = m,
    };
    int r = ldap_server_search(l->server, &what, err);

    return r == -ENOENT ? 0 : r;
}

/* Whether one user is in the group: the server compares. */
static int emulate_one(const struct ldap *l, struct arena *a, struct entry *en, struct err *err)
{
    struct members m = { .a = a, .attribute = "1.1" };
    struct strbuf filter;
    int r;

    strbuf_init(&filter, a);
    filter_match(&filter, emulation_attribute(l), COND_EQ, emulation_has_ids(l) ? en->local_id : en->handle);
    r = read_members(l, &m, l->o.user_enabled_emulation_dn, strbuf_str(&filter), err);
    en->enabled = m.found;
    return r;
}

/* For many the group is read once.  The group itself is no user, should it lie among them. */
static int emulate_all(const struct ldap *l, struct gathering *g, struct err *err)
{
    struct members m = { .a = g->a, .attribute = emulation_attribute(l) };
    const char *group = dn_normal(g->a, l->o.user_enabled_emulation_dn);
    bool ids = emulation_has_ids(l);
    struct hash members;
    size_t n = 0;
    int r = read_members(l, &m, l->o.user_enabled_emulation_dn, "(objectClass=*)", err);

    if (r < 0)
        return r;
    hash_init(&members);
    strv_foreach (v, m.values) {
        const char *key = ids ? *v : dn_normal(g->a, *v);

        if (key)
            hash_put(&members, key, (void *) "");
    }
    for (size_t i = 0; i < g->n; i++) {
        const char *dn = dn_normal(g->a, g->items[i].handle);

        if (!dn || str_eq(dn, group))
            continue;
        g->items[i].enabled = hash_get(&members, ids ? g->items[i].local_id : dn) != NULL;
        g->items[n++] = g->items[i];
    }
    g->n = n;
    hash_done(&members);
    return 0;
}

static int emulate(const struct ldap *l, struct gathering *g, struct err *err)
{
    if (g->kind != ENTITY_USER || !is_emulated(l) || !g->n)
        return 0;
    return g->n == 1 ? emulate_one(l, g->a, &g->items[0], err) : emulate_all(l, g, err);
}

/* --- one and all ------------------------------------------------------------------------------------ */

/* The one that fits 'filter', which is as search() wants it. */
static int get_one(const struct ldap *l, struct arena *a, enum entity kind, struct strbuf *filter,
                   struct entry *ret, struct err *err)
{
    struct gathering g = { .l = l, .a = a, .kind = kind };
    int r = search(l, &g, filter, 0, err);

    if (r >= 0 && !g.n)
        r = -ENOENT;
    if (r < 0)
        return r;
    g.n = 1; /* As Keystone does where several have the name. */
    r = emulate(l, &g, err);
    if (r >= 0)
        *ret = g.items[0];
    return r < 0 ? r : 0;
}

static int ldap_get(void *self, struct arena *a, enum entity kind, const char *local_id, struct entry *ret,
                    struct err *err)
{
    const struct ldap *l = self;
    struct strbuf filter;

    strbuf_init(&filter, a);
    filter_begin(l, kind, &filter);
    filter_match_id(&filter, attributes_of(l, kind)->id, local_id);
    return get_one(l, a, kind, &filter, ret, err);
}

static int ldap_find(void *self, struct arena *a, enum entity kind, const char *name, struct entry *ret,
                     struct err *err)
{
    const struct ldap *l = self;
    struct strbuf filter;

    strbuf_init(&filter, a);
    filter_begin(l, kind, &filter);
    filter_match(&filter, attributes_of(l, kind)->name, COND_EQ, name);
    return get_one(l, a, kind, &filter, ret, err);
}

static const char *attribute_for(const struct ldap_attributes *at, const char *member)
{
    return str_eq(member, "name")          ? at->name
           : str_eq(member, "description") ? at->description
           : str_eq(member, "email")       ? at->mail
                                           : NULL;
}

static int reply(const struct gathering *g, int more, struct list *ret)
{
    *ret = (struct list){ g->items, g->n, sizeof(struct entry), more > 0 };
    return 0;
}

static int ldap_list(void *self, struct arena *a, enum entity kind, const struct entry_query *q,
                     struct list *ret, struct err *err)
{
    const struct ldap *l = self;
    struct gathering g = { .l = l, .a = a, .kind = kind };
    struct strbuf filter;
    int r, more;

    strbuf_init(&filter, a);
    filter_begin(l, kind, &filter);
    strbuf_printf(&filter, "(%s=*)", attributes_of(l, kind)->id);
    for (size_t i = 0; i < q->n; i++) {
        const char *attribute = attribute_for(attributes_of(l, kind), q->matches[i].member);

        if (str_empty(attribute))
            return reply(&g, 0, ret); /* Nobody has what is not kept. */
        filter_match(&filter, attribute, q->matches[i].op, q->matches[i].value);
    }
    more = search(l, &g, &filter, q->limit, err);
    if (more < 0)
        return more;
    r = emulate(l, &g, err);
    return r < 0 ? r : reply(&g, more, ret);
}

/* --- membership ------------------------------------------------------------------------------------------ */

static int ldap_groups_of(void *self, struct arena *a, const struct entry *user, struct list *ret,
                          struct err *err)
{
    const struct ldap *l = self;
    struct gathering g = { .l = l, .a = a, .kind = ENTITY_GROUP };
    struct strbuf filter;
    int r;

    strbuf_init(&filter, a);
    filter_begin(l, ENTITY_GROUP, &filter);
    filter_match(&filter, l->o.group_ad_nesting ? "member:" IN_CHAIN ":" : l->o.group_member_attribute,
                 COND_EQ, l->o.group_members_are_ids ? user->local_id : user->handle);
    r = search(l, &g, &filter, 0, err);
    return r < 0 ? r : reply(&g, 0, ret);
}

/* Users by their ids, many with one filter. */
static int gather_ids(const struct ldap *l, struct gathering *g, const char *const *ids, struct err *err)
{
    int r = 0;

    for (size_t i = 0, n = strv_len(ids); i < n && r >= 0; i += IDS_AT_A_TIME) {
        struct strbuf filter;

        strbuf_init(&filter, g->a);
        filter_begin(l, ENTITY_USER, &filter);
        strbuf_puts(&filter, "(|");
        for (size_t k = i; k < n && k < i + IDS_AT_A_TIME; k++)
            filter_match_id(&filter, l->o.users.id, ids[k]);
        strbuf_putc(&filter, ')');
        r = search(l, g, &filter, 0, err);
    }
    return r;
}

/* A user by its name in the tree, where the id is not part of that. */
static int gather_dn(const struct ldap *l, struct gathering *g, const char *dn, struct err *err)
{
    struct strbuf filter;
    struct ldap_search what = {
        .base = dn,
        .scope = LDAP_SCOPE_BASE,
        .attrs = wanted_attributes(l, ENTITY_USER, g->a),
        .found = gather,
        .ctx = g,
    };
    int r;

    strbuf_init(&filter, g->a);
    filter_begin(l, ENTITY_USER, &filter);
    strbuf_putc(&filter, ')');
    what.filter = strbuf_str(&filter);
    r = ldap_server_search(l->server, &what, err);
    return r == -ENOENT ? 0 : r;
}

/* Only those whose whole name is among the members: an entry elsewhere with
 * the same id is somebody else. */
static void keep_named(struct gathering *g, const char *const *dns)
{
    struct hash names;
    size_t n = 0;

    hash_init(&names);
    strv_foreach (dn, dns) {
        const char *normal = dn_normal(g->a, *dn);

        if (normal)
            hash_put(&names, normal, (void *) "");
    }
    for (size_t i = 0; i < g->n; i++) {
        const char *normal = dn_normal(g->a, g->items[i].handle);

        if (normal && hash_get(&names, normal))
            g->items[n++] = g->items[i];
    }
    g->n = n;
    hash_done(&names);
}

static int gather_dns(const struct ldap *l, struct gathering *g, const char *const *dns, struct err *err)
{
    const char **ids = arena_array(g->a, const char *, strv_len(dns) + 1), **others;
    size_t n = 0, n_others = 0;
    int r;

    others = arena_array(g->a, const char *, strv_len(dns) + 1);
    strv_foreach (dn, dns) {
        r = dn_first_value(g->a, *dn, l->o.users.id, &ids[n]);
        if (r >= 0)
            n++;
        else if (r == -ENOENT &&
                 dn_is_within(g->a, *dn, l->o.users.tree_dn, scope_of(l) == LDAP_SCOPE_ONELEVEL))
            others[n_others++] = *dn;
    }
    r = gather_ids(l, g, ids, err);
    keep_named(g, dns);
    for (size_t i = 0; i < n_others && r >= 0; i++)
        r = gather_dn(l, g, others[i], err);
    return r;
}

/* Active Directory resolves groups in groups when it is asked from the users' side. */
static int gather_nested(const struct ldap *l, struct gathering *g, const char *group_dn, struct err *err)
{
    struct strbuf filter;

    strbuf_init(&filter, g->a);
    filter_begin(l, ENTITY_USER, &filter);
    filter_match(&filter, "memberOf:" IN_CHAIN ":", COND_EQ, group_dn);
    return search(l, g, &filter, 0, err);
}

static int ldap_members_of(void *self, struct arena *a, const char *group_id, struct list *ret,
                           struct err *err)
{
    const struct ldap *l = self;
    struct gathering g = { .l = l, .a = a, .kind = ENTITY_USER };
    struct members m = { .a = a, .attribute = l->o.group_member_attribute };
    struct entry group;
    int r = ldap_get(self, a, ENTITY_GROUP, group_id, &group, err);

    if (r < 0)
        return r;
    if (l->o.group_ad_nesting) {
        r = gather_nested(l, &g, group.handle, err);
    } else {
        r = read_members(l, &m, group.handle, "(objectClass=*)", err);
        if (r >= 0 && m.values)
            r = l->o.group_members_are_ids ? gather_ids(l, &g, m.values, err)
                                           : gather_dns(l, &g, m.values, err);
    }
    if (r >= 0)
        r = emulate(l, &g, err);
    return r < 0 ? r : reply(&g, 0, ret);
}

/* --- login ------------------------------------------------------------------------------------------------ */

static int ldap_prove(void *self, struct arena *a, const struct entry *user, struct secret password,
                      struct err *err)
{
    const struct ldap *l = self;
    const char *dn =
        user ? user->handle : arena_printf(a, "%s=%s,%s", l->o.users.id, uuid_new_hex(a), l->o.users.tree_dn);

    return ldap_server_prove(l->server, dn, password, err);
}

/* --- doubts ----------------------------------------------------------------------------------------------- */

static const char **ldap_doubts(void *self, struct arena *a)
{
    const struct ldap_options *o = &((const struct ldap *) self)->o;
    const char *usual = arena_printf(a, "cn=enabled_users,%s", o->users.tree_dn);
    const char **all = NULL;

    if (!o->user_enabled_emulation && !str_eq(o->user_enabled_emulation_dn, usual))
        all = strv_add(a, all, "[ldap] user_enabled_emulation_dn counts only with user_enabled_emulation.");
    if (!o->user_enabled_emulation && o->user_enabled_emulation_use_group_config)
        all = strv_add(
            a, all,
            "[ldap] user_enabled_emulation_use_group_config counts only with user_enabled_emulation.");
    if (str_eq_nocase(o->groups.objectclass, "posixGroup") && !o->group_members_are_ids)
        all = strv_add(a, all,
                       "[ldap] group_objectclass is posixGroup, whose members are ids: set "
                       "group_members_are_ids.");
    return all;
}

const struct identity_driver ldap_driver = {
    .name = "ldap",
    .open = ldap_open,
    .close = ldap_close,
    .get = ldap_get,
    .find = ldap_find,
    .list = ldap_list,
    .groups_of = ldap_groups_of,
    .members_of = ldap_members_of,
    .prove = ldap_prove,
    .doubts = ldap_doubts,
};
