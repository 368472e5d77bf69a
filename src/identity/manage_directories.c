/* SPDX-License-Identifier: Apache-2.0 */
/* `stackd identity mapping_populate` and `mapping_purge`: the ids of a
 * directory's users and groups.  And what doctor finds in directories. */
#include "base/str.h"
#include "identity/identity.h"
#include "identity/manage.h"
#include "identity/manage_words.h"
#include "identity/model/mirror.h"
#include "identity/store/changes.h"
#include "identity/store/projects.h"

struct words {
    const char *domain_name, *public_id, *local_id, *type;
    bool all;
};

static int read_words(const char *const *words, struct words *ret, struct err *err)
{
    const struct word_option known[] = {
        { "--domain-name", &ret->domain_name }, { "--public-id", &ret->public_id },
        { "--local-id", &ret->local_id },       { "--type", &ret->type },
        { "--all", .flag = &ret->all },         { 0 },
    };
    int r = words_read(words, known, err);

    if (r >= 0 && ret->type && !str_eq(ret->type, "user") && !str_eq(ret->type, "group"))
        return err_set(err, -EINVAL, "--type is user or group");
    return r;
}

static int find_domain(struct server *s, struct arena *a, const char *name, const char **ret, struct err *err)
{
    auto_rollback struct txn *t = NULL;
    struct project domain = { 0 };
    int r = txn_begin(s->db, false, &t, err);

    if (r >= 0)
        r = project_find(t, a, "", name, &domain, err);
    if (r == -ENOENT)
        return err_set(err, r, "there is no domain '%s'", name);
    *ret = domain.id;
    return r;
}

static int populate(struct server *s, struct arena *a, const char *domain_id, struct strbuf *out,
                    struct err *err)
{
    static const enum entity kinds[] = { ENTITY_USER, ENTITY_GROUP };
    auto_directory struct directory *d = NULL;
    int r = directory_of(s, a, domain_id, &d, err);

    if (r >= 0 && !d)
        return err_set(err, -EINVAL, "the domain has no directory: its users are in the database");
    for (size_t i = 0; i < ARRAY_SIZE(kinds) && r >= 0; i++) {
        const struct entry_query all = { 0 };
        struct list found;

        r = mirror_list(s, a, d, kinds[i], &all, &found, err);
        if (r >= 0)
            strbuf_printf(out, "%zu %ss have ids.\n", found.count, entity_name(kinds[i]));
    }
    return r;
}

int mapping_populate_run(struct server *s, const char *const *words, struct strbuf *out, struct err *err)
{
    struct words w = { 0 };
    const char *domain_id;
    auto_arena struct arena a;
    int r = read_words(words, &w, err);

    arena_init(&a);
    if (r < 0)
        return r;
    if (!w.domain_name || w.all || w.public_id || w.local_id || w.type)
        return err_set(err, -EINVAL, "usage: stackd identity mapping_populate --domain-name NAME");
    r = find_domain(s, &a, w.domain_name, &domain_id, err);
    return r < 0 ? r : populate(s, &a, domain_id, out, err);
}

static int purge(struct server *s, const struct id_mapping *like, struct strbuf *out, struct err *err)
{
    const struct identity *id = s->state;
    auto_rollback struct txn *t = NULL;
    int64_t n;
    int r = txn_begin(s->db, true, &t, err);

    if (r < 0)
        return r;
    n = id_mappings_purge(t, like, err);
    r = n < 0 ? (int) n : changes_add(t, err);
    if (r >= 0)
        r = txn_commit(&t, err);
    if (r < 0)
        return r;
    generation_bump(&id->generation); /* Running processes forget their tokens. */
    strbuf_printf(out, "Removed %lld ids.\n", (long long) n);
    return 0;
}

int mapping_purge_run(struct server *s, const char *const *words, struct strbuf *out, struct err *err)
{
    struct words w = { 0 };
    struct id_mapping like = { 0 };
    auto_arena struct arena a;
    bool some;
    int r = read_words(words, &w, err);

    arena_init(&a);
    if (r < 0)
        return r;
    some = w.domain_name || w.public_id || w.local_id || w.type;
    if (w.all == some)
        return err_set(err, -EINVAL,
                       "usage: stackd identity mapping_purge --all | [--domain-name NAME] [--public-id ID] "
                       "[--local-id ID] [--type user|group]");
    like = (struct id_mapping){ .public_id = w.public_id, .local_id = w.local_id, .entity_type = w.type };
    if (w.domain_name)
        r = find_domain(s, &a, w.domain_name, &like.domain_id, err);
    return r < 0 ? r : purge(s, &like, out, err);
}

/* --- doctor -------------------------------------------------------------------------- */

static int tell_doubts(const struct directory *d, struct arena *a, const struct project *domain,
                       struct strbuf *out)
{
    const char **all = d->driver->doubts ? d->driver->doubts(d->self, a) : NULL;

    strv_foreach (doubt, all)
        strbuf_printf(out, "The directory of domain %s: %s\n", domain->name, *doubt);
    return (int) strv_len(all);
}

/* The directory of one domain, if it has one, is asked for one user. */
static int ask_directory(struct server *s, struct arena *a, const struct project *domain, struct strbuf *out)
{
    auto_directory struct directory *d = NULL;
    const struct entry_query one = { .limit = 1 };
    struct err err = { 0 };
    struct list found;
    int r = directory_of(s, a, domain->id, &d, &err);

    if (r >= 0 && d)
        r = d->driver->list(d->self, a, ENTITY_USER, &one, &found, &err);
    if (r < 0)
        strbuf_printf(out, "The directory of domain %s: %s\n", domain->name, err.msg);
    else if (d && !found.count)
        strbuf_printf(out,
                      "The directory of domain %s shows no users: look at user_tree_dn and "
                      "user_objectclass.\n",
                      domain->name);
    return (r < 0 || (d && !found.count)) + (d ? tell_doubts(d, a, domain, out) : 0);
}

int directories_doctor(struct server *s, struct strbuf *out, int *found, struct err *err)
{
    const struct identity *id = s->state;
    const struct cond conds[] = {
        { .column = "is_domain", .op = COND_EQ, .value = { .kind = VAL_INT, .i = 1 } }
    };
    const struct query q = { .conds = conds, .n_conds = 1 };
    auto_rollback struct txn *t = NULL;
    auto_arena struct arena a;
    struct list domains;
    int r;

    arena_init(&a);
    if (!id->directories)
        return 0;
    r = txn_begin(s->db, false, &t, err);
    if (r >= 0)
        r = table_list(t, &a, &project_table, &q, &domains, err);
    if (r < 0)
        return r;
    txn_rollback(&t);
    for (size_t i = 0; i < domains.count; i++)
        *found += ask_directory(s, &a, list_at(&domains, i), out);
    return 0;
}
