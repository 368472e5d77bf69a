/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/model/mirror_rows.h"

#include "base/hash.h"
#include "base/str.h"
#include "crypto/digest.h"
#include "identity/store/groups.h"
#include "identity/store/memberships.h"
#include "identity/store/users.h"

#define MANY     20  /* From here on everything of the domain is read at once. */
#define ID_MAX   64  /* What a {key} holds. */
#define NAME_MAX 255 /* What a {name} or {ci} holds. */

const char *entity_name(enum entity kind)
{
    return kind == ENTITY_USER ? "user" : "group";
}

char *entity_public_id(struct arena *a, const char *domain_id, enum entity kind, const char *local_id)
{
    /* The values in the order of their names: domain_id, entity_type, local_id. */
    const char *text = arena_printf(a, "%s%s%s", domain_id, entity_name(kind), local_id);

    return digest_hex(a, DIGEST_SHA256, text, strlen(text));
}

/* --- what is there already ------------------------------------------------------------ */

/* Mappings by local id and rows by id, of a whole domain. */
struct known {
    bool all;
    struct hash ids, rows;
};

static const struct table *table_of(enum entity kind)
{
    return kind == ENTITY_USER ? &user_table : &group_table;
}

static void known_done(struct known *k)
{
    hash_done(&k->ids);
    hash_done(&k->rows);
}

static int know_all(struct mirroring *m, enum entity kind, struct known *k)
{
    const struct cond conds[] = {
        { .column = "domain_id", .op = COND_EQ, .value = val_text(m->d->domain_id) }
    };
    const struct query q = { .conds = conds, .n_conds = 1 };
    struct list mappings, rows;
    int r = id_mappings_list(m->t, m->a, m->d->domain_id, entity_name(kind), &mappings, m->err);

    if (r >= 0)
        r = table_list(m->t, m->a, table_of(kind), &q, &rows, m->err);
    if (r < 0)
        return r;
    for (size_t i = 0; i < mappings.count; i++) {
        const struct id_mapping *x = list_at(&mappings, i);

        hash_put(&k->ids, x->local_id, (void *) x->public_id);
    }
    for (size_t i = 0; i < rows.count; i++) /* The id is the first member of both. */
        hash_put(&k->rows, *(const char *const *) list_at(&rows, i), list_at(&rows, i));
    k->all = true;
    return 0;
}

static int known_id(struct mirroring *m, enum entity kind, const struct known *k, const char *local_id,
                    const char **ret)
{
    struct id_mapping x = { 0 };
    int r;

    *ret = hash_get(&k->ids, local_id);
    if (*ret || k->all)
        return 0;
    r = id_mapping_of(m->t, m->a, m->d->domain_id, entity_name(kind), local_id, &x, m->err);
    *ret = x.public_id;
    return r == -ENOENT ? 0 : r;
}

static int known_row(struct mirroring *m, enum entity kind, const struct known *k, const char *id, void **ret)
{
    const struct table *tab = table_of(kind);
    int r;

    *ret = hash_get(&k->rows, id);
    if (*ret || k->all)
        return 0;
    *ret = arena_alloc(m->a, tab->size);
    r = table_get(m->t, m->a, tab, id, *ret, m->err);
    if (r < 0)
        *ret = NULL;
    return r == -ENOENT ? 0 : r;
}

/* --- rows ---------------------------------------------------------------------------------- */

void mirror_user_row(const struct directory *d, const struct entry *e, const char *id, struct user *ret)
{
    bool fits = e->default_project_id && strlen(e->default_project_id) <= ID_MAX;

    *ret = (struct user){
        .id = id,
        .domain_id = d->domain_id,
        .name = e->name,
        .default_project_id = fits ? e->default_project_id : NULL,
        .description = e->description,
        .email = e->email,
        .enabled = e->enabled,
        .extra = e->extra,
    };
}

void mirror_group_row(const struct directory *d, const struct entry *e, const char *id, struct group *ret)
{
    *ret = (struct group){
        .id = id,
        .domain_id = d->domain_id,
        .name = e->name,
        .description = e->description ? e->description : "",
        .extra = e->extra,
    };
}

static bool same_user(const struct user *a, const struct user *b)
{
    return str_eq(a->name, b->name) && str_eq(a->domain_id, b->domain_id) && a->enabled == b->enabled &&
           str_eq(a->default_project_id, b->default_project_id) && str_eq(a->description, b->description) &&
           str_eq(a->email, b->email) && str_eq(a->extra, b->extra);
}

static bool same_group(const struct group *a, const struct group *b)
{
    return str_eq(a->name, b->name) && str_eq(a->domain_id, b->domain_id) &&
           str_eq(a->description, b->description) && str_eq(a->extra, b->extra);
}

/* Somebody may have written it since we looked. */
static int insert_or_update(struct mirroring *m, const struct table *tab, const void *row, bool there)
{
    static const char *const of_users[] = { "domain_id",   "name",  "default_project_id",
                                            "description", "email", "enabled",
                                            "extra",       NULL };
    static const char *const of_groups[] = { "domain_id", "name", "description", "extra", NULL };
    int r;

    if (there)
        return table_update(m->t, m->a, tab, row, tab == &user_table ? of_users : of_groups, m->err);
    r = table_insert(m->t, m->a, tab, row, m->err);
    if (r != -EEXIST)
        return r;
    r = table_update(m->t, m->a, tab, row, tab == &user_table ? of_users : of_groups, m->err);
    return r == -ENOENT ? -EEXIST : r; /* It is the name that is taken. */
}

static int put_row(struct mirroring *m, enum entity kind, const void *row, bool there, const char *id,
                   const char *name)
{
    int r = insert_or_update(m, table_of(kind), row, there);

    if (r != -EEXIST)
        return r;
    r = mirrored_evict(m->t, entity_name(kind), m->d->domain_id, name, id, m->err);
    return r < 0 ? r : insert_or_update(m, table_of(kind), row, there);
}

static int mirror_row(struct mirroring *m, enum entity kind, const struct known *k, const struct entry *e,
                      const char *id)
{
    union {
        struct user user;
        struct group group;
    } row;
    void *old;
    int r = known_row(m, kind, k, id, &old);

    if (r < 0)
        return r;
    if (kind == ENTITY_USER)
        mirror_user_row(m->d, e, id, &row.user);
    else
        mirror_group_row(m->d, e, id, &row.group);
    if (old && (kind == ENTITY_USER ? same_user(old, &row.user) : same_group(old, &row.group)))
        return 0;
    m->differences++;
    return m->write ? put_row(m, kind, &row, old != NULL, id, e->name) : 0;
}

/* --- ids -------------------------------------------------------------------------------------- */

static int insert_mapping(struct mirroring *m, enum entity kind, const struct entry *e, const char **id)
{
    struct id_mapping x = { *id, m->d->domain_id, e->local_id, entity_name(kind) };
    int r = table_insert(m->t, m->a, &id_mapping_table, &x, m->err);

    if (r != -EEXIST)
        return r;
    /* Another process was first, perhaps with another id. */
    r = id_mapping_of(m->t, m->a, x.domain_id, x.entity_type, x.local_id, &x, m->err);
    *id = x.public_id;
    return r == -ENOENT ? err_set(m->err, -EEXIST, "The id %s stands for somebody else.", *id) : r;
}

static int mirror_id(struct mirroring *m, enum entity kind, const struct known *k, const struct entry *e,
                     const char **ret)
{
    int r = known_id(m, kind, k, e->local_id, ret);

    if (r < 0 || *ret)
        return r;
    *ret = m->d->local_ids ? e->local_id : entity_public_id(m->a, m->d->domain_id, kind, e->local_id);
    m->differences++;
    return m->write ? insert_mapping(m, kind, e, ret) : 0;
}

static bool fits_a_row(const struct directory *d, const struct entry *e)
{
    return str_utf8_len(e->name) <= NAME_MAX && strlen(e->local_id) <= (d->local_ids ? ID_MAX : NAME_MAX);
}

static int mirror_one(struct mirroring *m, enum entity kind, const struct known *k, const struct entry *e,
                      const char **ret)
{
    int r = mirror_id(m, kind, k, e, ret);

    return r < 0 ? r : mirror_row(m, kind, k, e, *ret);
}

int mirror_entries(struct mirroring *m, enum entity kind, const struct entry *entries, size_t n,
                   const char **ids)
{
    struct known k = { 0 };
    int r = 0;

    hash_init(&k.ids);
    hash_init(&k.rows);
    if (n >= MANY)
        r = know_all(m, kind, &k);
    for (size_t i = 0; i < n && r >= 0; i++) {
        ids[i] = NULL;
        if (!fits_a_row(m->d, &entries[i]))
            continue;
        r = mirror_one(m, kind, &k, &entries[i], &ids[i]);
        if (r == -EEXIST && n > 1) { /* One alone is told why; among others it is left out. */
            log_warning(&m->s->log, "an entry of a directory is left out", "name", entries[i].name, "why",
                        m->err ? m->err->msg : "");
            err_clear(m->err);
            ids[i] = NULL;
            r = 0;
        }
    }
    known_done(&k);
    return r;
}

/* --- membership ---------------------------------------------------------------------------------- */

static int change_membership(struct mirroring *m, enum entity kind, const char *id, const char *other,
                             bool add)
{
    const char *user = kind == ENTITY_USER ? id : other, *group = kind == ENTITY_USER ? other : id;
    int r;

    m->differences++;
    if (!m->write)
        return 0;
    r = add ? membership_add(m->t, user, group, m->err) : membership_remove(m->t, user, group, m->err);
    return r == -ENOENT ? 0 : r;
}

int mirror_memberships(struct mirroring *m, enum entity kind, const char *id, const char *const *others,
                       size_t n)
{
    const char **before = NULL;
    struct hash was, is;
    int r = kind == ENTITY_USER ? groups_of_user(m->t, m->a, id, &before, m->err)
                                : users_of_group(m->t, m->a, id, &before, m->err);

    if (r < 0)
        return r;
    hash_init(&was);
    hash_init(&is);
    strv_foreach (b, before)
        hash_put(&was, *b, (void *) "");
    for (size_t i = 0; i < n && r >= 0; i++) {
        if (!others[i])
            continue;
        hash_put(&is, others[i], (void *) "");
        if (!hash_get(&was, others[i]))
            r = change_membership(m, kind, id, others[i], true);
    }
    for (const char **b = before; b && *b && r >= 0; b++)
        if (!hash_get(&is, *b))
            r = change_membership(m, kind, id, *b, false);
    hash_done(&was);
    hash_done(&is);
    return r;
}
