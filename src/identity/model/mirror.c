/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/model/mirror.h"

#include "base/str.h"
#include "identity/model/mirror_rows.h"
#include "identity/model/seen.h"
#include "identity/store/changes.h"
#include "identity/store/groups.h"
#include "identity/store/users.h"

#define TRIES_MAX 5

/* --- where somebody is ----------------------------------------------------------------- */

/* Whom an id stands for. */
struct place {
    struct directory *directory; /* Null: the tables. */
    const char *local_id;
    bool has_row, mapped;
};

/* The mapping, if there is one, and the domain of the row, if there is one. */
static int read_place(struct server *s, struct arena *a, enum entity kind, const char *id,
                      struct id_mapping *mapping, const char **ret_domain, struct err *err)
{
    auto_rollback struct txn *t = NULL;
    struct group g = { 0 };
    struct user u = { 0 };
    int r = txn_begin(s->db, false, &t, err);

    if (r >= 0)
        r = table_get(t, a, &id_mapping_table, id, mapping, err);
    if (r >= 0 && !str_eq(mapping->entity_type, entity_name(kind)))
        return -ENOENT;
    if (r < 0 && r != -ENOENT)
        return r;
    r = kind == ENTITY_USER ? table_get(t, a, &user_table, id, &u, err)
                            : table_get(t, a, &group_table, id, &g, err);
    *ret_domain = kind == ENTITY_USER ? u.domain_id : g.domain_id;
    return r == -ENOENT ? 0 : r;
}

/* A row in a directory's domain that no mapping knows is left over from before
 * the domain had a directory: it is nobody.  So is one whose directory went. */
static int find_place(struct server *s, struct arena *a, enum entity kind, const char *id, struct place *ret,
                      struct err *err)
{
    struct id_mapping mapping = { 0 };
    const char *domain_id = NULL;
    auto_directory struct directory *d = NULL;
    int r = read_place(s, a, kind, id, &mapping, &domain_id, err);

    *ret = (struct place){ .local_id = mapping.public_id ? mapping.local_id : id,
                           .has_row = domain_id,
                           .mapped = mapping.public_id };
    if (r < 0)
        return r;
    if (mapping.public_id) {
        r = directory_of(s, a, mapping.domain_id, &ret->directory, err);
        return r < 0 ? r : ret->directory ? 0 : -ENOENT;
    }
    if (!domain_id) {
        r = directory_with_local_ids(s, a, &ret->directory, err);
        return r < 0 ? r : ret->directory ? 0 : -ENOENT;
    }
    r = directory_of(s, a, domain_id, &d, err);
    if (r < 0 || !d)
        return r;
    if (!d->local_ids)
        return -ENOENT;
    ret->directory = d; /* It may have come with the rows of a Keystone, which maps no such id. */
    d = NULL;
    return 0;
}

/* --- from entries to rows ------------------------------------------------------------------ */

/* What was read of a directory. */
struct harvest {
    struct directory *d;
    enum entity kind;
    const struct entry *entries;
    size_t n;
    const char **ids;
    bool members; /* 'others' are all that the only entry belongs to, or that belong to it. */
    struct list others;
};

static enum entity other_kind(enum entity kind)
{
    return kind == ENTITY_USER ? ENTITY_GROUP : ENTITY_USER;
}

static int mend(struct mirroring *m, const struct harvest *h)
{
    const char **others;
    int r = mirror_entries(m, h->kind, h->entries, h->n, h->ids);

    if (r < 0 || !h->members || !h->ids[0])
        return r;
    others = arena_array(m->a, const char *, h->others.count + 1);
    r = mirror_entries(m, other_kind(h->kind), h->others.items, h->others.count, others);
    return r < 0 ? r : mirror_memberships(m, h->kind, h->ids[0], others, h->others.count);
}

static int mend_once(struct server *s, struct arena *a, const struct harvest *h, bool write, size_t *ret,
                     struct err *err)
{
    auto_rollback struct txn *t = NULL;
    struct mirroring m = { .s = s, .a = a, .d = h->d, .write = write, .err = err };
    int r = txn_begin(s->db, write, &t, err);

    m.t = t;
    if (r >= 0)
        r = mend(&m, h);
    if (r >= 0 && write)
        r = changes_add(t, err);
    if (r >= 0 && write)
        r = txn_commit(&t, err);
    *ret = m.differences;
    return r;
}

/* Most often nothing is different and nothing is written. */
static int write_harvest(struct server *s, struct arena *a, struct harvest *h, struct err *err)
{
    const struct identity *id = s->state;
    size_t differences = 0;
    int r, tries = 0;

    h->ids = arena_array(a, const char *, h->n + 1);
    r = mend_once(s, a, h, false, &differences, err);
    if (r < 0 || !differences)
        return r;
    do {
        r = mend_once(s, a, h, true, &differences, err);
    } while (r == -EAGAIN && ++tries < TRIES_MAX);
    if (r >= 0)
        generation_bump(&id->generation); /* Somebody may have less than before. */
    return r;
}

/* It left the directory: tokens of it fail, what it was given stays until
 * somebody takes it away.  Always -ENOENT, or what went wrong. */
static int forget(struct server *s, const struct place *p, enum entity kind, const char *id, struct err *err)
{
    const struct identity *state = s->state;
    auto_rollback struct txn *t = NULL;
    int r;

    if (!p->has_row || !p->mapped) /* Nothing to remove, or a row of the tables. */
        return -ENOENT;
    r = txn_begin(s->db, true, &t, err);
    if (r >= 0)
        r = mirrored_forget(t, entity_name(kind), id, err);
    if (r >= 0)
        r = changes_add(t, err);
    if (r >= 0)
        r = txn_commit(&t, err);
    if (r >= 0)
        generation_bump(&state->generation);
    return r < 0 ? r : -ENOENT;
}

/* --- one ------------------------------------------------------------------------------------- */

static int64_t cache_us(const struct server *s)
{
    const struct identity *id = s->state;

    return id->opt->caching ? id->opt->cache_time * 1000000 : 0;
}

/* Memberships of users always, for their rights hang on them; of groups when asked. */
static int harvest_one(struct server *s, struct arena *a, struct directory *d, enum entity kind,
                       const struct entry *e, bool members, const char **ret_id, struct err *err)
{
    struct harvest h = { .d = d, .kind = kind, .entries = e, .n = 1, .members = members };
    int64_t now_us = server_now_us(s);
    int r = 0;

    if (members)
        r = kind == ENTITY_USER ? d->driver->groups_of(d->self, a, e, &h.others, err)
                                : d->driver->members_of(d->self, a, e->local_id, &h.others, err);
    if (r >= 0)
        r = write_harvest(s, a, &h, err);
    if (r == -EEXIST) { /* Two have the name; strangers are not told. */
        log_warning(&s->log, "an entry of a directory is left out", "name", e->name, "why",
                    err ? err->msg : "");
        return err_set(err, -ENOENT, "The entry's name is taken.");
    }
    if (r < 0)
        return r;
    if (!h.ids[0])
        return err_set(err, -ENOENT, "The entry's id or name is too long.");
    seen_note(d->seen, h.ids[0], members, now_us);
    *ret_id = h.ids[0];
    return 0;
}

static int refresh_from(struct server *s, struct arena *a, const struct place *p, enum entity kind,
                        const char *id, bool members, struct err *err)
{
    struct directory *d = p->directory;
    const char *found_id;
    struct entry e;
    int r = d->driver->get(d->self, a, kind, p->local_id, &e, err);

    if (r >= 0)
        r = harvest_one(s, a, d, kind, &e, members, &found_id, err);
    return r == -ENOENT ? forget(s, p, kind, id, err) : r;
}

int mirror_refresh(struct server *s, struct arena *a, enum entity kind, const char *id, bool members,
                   int64_t *ret_until_us, struct err *err)
{
    const struct identity *state = s->state;
    int64_t now_us = server_now_us(s), at_us;
    struct place p;
    int r;

    if (ret_until_us)
        *ret_until_us = 0;
    if (!state->directories || str_empty(id))
        return 0;
    r = find_place(s, a, kind, id, &p, err);
    if (r == -ENOENT)
        return forget(s, &p, kind, id, err);
    if (r < 0 || !p.directory)
        return r;
    members |= kind == ENTITY_USER;
    at_us = seen_at(p.directory->seen, id, members);
    if (!p.has_row || !at_us || at_us + cache_us(s) <= now_us) {
        r = refresh_from(s, a, &p, kind, id, members, err);
        at_us = now_us;
    }
    if (r >= 0 && ret_until_us)
        *ret_until_us = at_us + cache_us(s);
    directory_put(p.directory);
    return r;
}

int mirror_refresh_assigned(struct server *s, struct arena *a, struct err *err)
{
    const struct identity *id = s->state;
    const char **groups = NULL;
    int r;

    if (!id->directories)
        return 0;
    {
        auto_rollback struct txn *t = NULL;

        r = txn_begin(s->db, false, &t, err);
        if (r >= 0)
            r = id_mappings_of_assigned_groups(t, a, &groups, err);
    }
    for (const char **g = groups; r >= 0 && g && *g; g++) {
        r = mirror_refresh(s, a, ENTITY_GROUP, *g, true, NULL, err);
        r = r == -ENOENT ? 0 : r;
    }
    return r;
}

/* --- who wants in ------------------------------------------------------------------------------ */

int mirror_find_user(struct server *s, struct arena *a, const char *id, const char *domain_id,
                     const char *name, struct mirrored *ret, struct err *err)
{
    const struct identity *state = s->state;
    struct place p = { 0 };
    int r;

    *ret = (struct mirrored){ .id = id };
    if (!state->directories)
        return 0;
    r = id ? find_place(s, a, ENTITY_USER, id, &p, err) : directory_of(s, a, domain_id, &p.directory, err);
    if (r < 0 || !p.directory)
        return r;
    ret->directory = p.directory;
    r = id ? p.directory->driver->get(p.directory->self, a, ENTITY_USER, p.local_id, &ret->entry, err)
           : p.directory->driver->find(p.directory->self, a, ENTITY_USER, name, &ret->entry, err);
    if (r >= 0)
        r = harvest_one(s, a, p.directory, ENTITY_USER, &ret->entry, true, &ret->id, err);
    else if (r == -ENOENT && id)
        r = forget(s, &p, ENTITY_USER, id, err);
    return r;
}

/* --- many ---------------------------------------------------------------------------------------- */

int mirror_list(struct server *s, struct arena *a, struct directory *d, enum entity kind,
                const struct entry_query *q, struct list *ret, struct err *err)
{
    struct harvest h = { .d = d, .kind = kind };
    struct list found;
    size_t size = kind == ENTITY_USER ? sizeof(struct user) : sizeof(struct group), n = 0;
    char *rows;
    int r = d->driver->list(d->self, a, kind, q, &found, err);

    if (r < 0)
        return r;
    h.entries = found.items;
    h.n = found.count;
    r = write_harvest(s, a, &h, err);
    if (r < 0)
        return r;
    rows = arena_calloc(a, h.n + 1, size);
    for (size_t i = 0; i < h.n; i++) {
        if (!h.ids[i])
            continue;
        if (kind == ENTITY_USER)
            mirror_user_row(d, &h.entries[i], h.ids[i], (struct user *) rows + n++);
        else
            mirror_group_row(d, &h.entries[i], h.ids[i], (struct group *) rows + n++);
    }
    *ret = (struct list){ rows, n, size, found.more };
    return 0;
}

int mirror_is(struct server *s, struct txn *t, struct arena *a, const char *id, struct err *err)
{
    const struct identity *state = s->state;
    struct id_mapping x = { 0 };
    int r;

    if (!state->directories)
        return 0;
    r = table_get(t, a, &id_mapping_table, id, &x, err);
    return r == -ENOENT ? 0 : r < 0 ? r : 1;
}
