/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/api/people.h"

#include <stdlib.h>

#include "base/str.h"
#include "identity/api/need.h"
#include "identity/api/targets.h"
#include "identity/model/auth.h"
#include "identity/model/check.h"
#include "identity/model/mirror.h"

#define READ_ONLY \
    "You are not authorized to perform the requested action: LDAP does not support write operations."

/* --- before a request ------------------------------------------------------------------ */

/* Validation of a token asks for its user, unless the answer is remembered. */
static bool subject_is_known(struct request *rq)
{
    const char *text = rq_header(rq, "X-Subject-Token");
    struct token_view v;

    return str_empty(text) || token_view_cached(rq->server, rq->arena, text, VIEW_TOKEN, &v) != -EWOULDBLOCK;
}

static bool names_people(struct request *rq)
{
    const char *path = rq->route->path;

    if (str_eq(path, "/v3/auth/tokens"))
        return !subject_is_known(rq);
    return rq_param(rq, "user_id") || rq_param(rq, "group_id") || str_eq(path, "/v3/users") ||
           str_eq(path, "/v3/groups") || str_eq(path, "/v3/role_assignments");
}

/* Who is gone is found missing later, by who looks. */
static int refresh(struct request *rq, enum entity kind, const char *id, bool members, struct err *err)
{
    int r = id ? mirror_refresh(rq->server, rq->arena, kind, id, members, NULL, err) : 0;

    if (r != -ENOENT)
        return r;
    err_clear(err);
    return 0;
}

static int refresh_assignments(struct request *rq, struct err *err)
{
    int r = refresh(rq, ENTITY_USER, rq_query(rq, "user.id"), true, err);

    if (r >= 0)
        r = refresh(rq, ENTITY_GROUP, rq_query(rq, "group.id"), false, err);
    if (r < 0 || !rq_query_has(rq, "effective") || rq_query_has(rq, "user.id"))
        return r; /* Of one user the groups are known by now. */
    return mirror_refresh_assigned(rq->server, rq->arena, err);
}

int people_prepare(struct request *rq, bool may_block, struct err *err)
{
    const char *path;
    bool members;
    int r;

    if (!identity_of(rq)->directories || !rq->route)
        return 0;
    path = rq->route->path;
    if (!may_block)
        return names_people(rq) ? -EWOULDBLOCK : 0;
    if (str_eq(path, "/v3/role_assignments"))
        return refresh_assignments(rq, err);
    if (str_eq(path, "/v3/OS-TRUST/trusts") && rq->json)
        return refresh(rq, ENTITY_USER, json_str(json_obj(rq->json, "trust"), "trustee_user_id"), true, err);
    members = str_has_prefix(path, "/v3/groups/{group_id}/users");
    r = refresh(rq, ENTITY_GROUP, rq_param(rq, "group_id"), members, err);
    return r < 0 ? r : refresh(rq, ENTITY_USER, rq_param(rq, "user_id"), true, err);
}

/* --- lists --------------------------------------------------------------------------------- */

/* The domain that a list is of; null: all of the tables. */
static int list_domain(struct request *rq, const char **ret, struct err *err)
{
    const struct token *t = rq->token;

    *ret = rq_query(rq, "domain_id");
    if (*ret)
        return 0;
    if (!directories_specific(identity_of(rq)->directories))
        *ret = default_domain(rq->server);
    else if (t->domain_id)
        *ret = t->domain_id;
    else if (t->project_id)
        *ret = t->project_domain_id;
    else if (!t->system)
        return err_http(err, 401, NULL, "No domain information specified as part of list request");
    return 0;
}

int people_limit(struct request *rq, struct query *q, struct err *err)
{
    const char *domain_id;
    int r;

    if (identity_of(rq)->directories)
        rq_cond(rq, q, id_mapping_none); /* Whose directory went: its people went with it. */
    if (!directories_specific(identity_of(rq)->directories) || rq_query(rq, "domain_id"))
        return limit_to_own_domain(rq, q, err);
    r = list_domain(rq, &domain_id, err);
    if (r >= 0 && domain_id)
        rq_cond(rq, q, (struct cond){ .column = "domain_id", .op = COND_EQ, .value = val_text(domain_id) });
    return r;
}

static const struct {
    const char *suffix;
    enum cond_op op;
    bool exact; /* Letters count, which a directory does not do. */
} comparisons[] = {
    { "", COND_EQ, false },
    { "__contains", COND_CONTAINS, true },
    { "__icontains", COND_CONTAINS, false },
    { "__startswith", COND_STARTS, true },
    { "__istartswith", COND_STARTS, false },
    { "__endswith", COND_ENDS, true },
    { "__iendswith", COND_ENDS, false },
};

/* What the query string asks for, in two parts: what the directory is asked,
 * and what is sorted out here. */
struct people_query {
    struct entry_match matches[8], exact[8];
    size_t n, n_exact;
    bool by_enabled, enabled;
};

static void read_match(const struct query_param *p, struct people_query *pq)
{
    size_t n = strlen("name");

    if (strncmp(p->name, "name", n) != 0 || pq->n == ARRAY_SIZE(pq->matches))
        return;
    for (size_t i = 0; i < ARRAY_SIZE(comparisons); i++) {
        const struct entry_match m = { "name", comparisons[i].op, p->value };

        if (!str_eq(p->name + n, comparisons[i].suffix))
            continue;
        pq->matches[pq->n++] = m;
        if (comparisons[i].exact)
            pq->exact[pq->n_exact++] = m;
    }
}

static void read_query(struct request *rq, enum entity kind, struct people_query *pq)
{
    const char *enabled = rq_query(rq, "enabled");

    for (const struct query_param *p = rq->query; p && p->name; p++)
        read_match(p, pq);
    if (kind != ENTITY_USER || !enabled)
        return;
    pq->by_enabled = true;
    if (str_to_bool(enabled, &pq->enabled) < 0)
        pq->enabled = true;
}

static bool fits(const struct people_query *pq, const char *name, bool enabled)
{
    if (pq->by_enabled && enabled != pq->enabled)
        return false;
    for (size_t i = 0; i < pq->n_exact; i++) {
        const char *want = pq->exact[i].value;
        bool is = pq->exact[i].op == COND_STARTS ? str_has_prefix(name, want)
                  : pq->exact[i].op == COND_ENDS ? str_has_suffix(name, want)
                                                 : strstr(name, want) != NULL;

        if (!is)
            return false;
    }
    return true;
}

/* Users and groups begin alike, as far as lists go. */
static const char *id_at(const struct list *l, size_t i)
{
    return *(const char *const *) list_at(l, i);
}

static const char *name_of(enum entity kind, const void *row)
{
    return kind == ENTITY_USER ? ((const struct user *) row)->name : ((const struct group *) row)->name;
}

static int by_user_name(const void *a, const void *b)
{
    return strcasecmp(((const struct user *) a)->name, ((const struct user *) b)->name);
}

static int by_group_name(const void *a, const void *b)
{
    return strcasecmp(((const struct group *) a)->name, ((const struct group *) b)->name);
}

static void keep_fitting(enum entity kind, const struct people_query *pq, struct list *l)
{
    size_t n = 0;

    for (size_t i = 0; i < l->count; i++) {
        const void *row = list_at(l, i);

        if (fits(pq, name_of(kind, row), kind == ENTITY_USER && ((const struct user *) row)->enabled))
            memmove(list_at(l, n++), row, l->size);
    }
    l->count = n;
}

/* In the order of names, from behind the marker on, as many as are wanted. */
static int cut_page(struct request *rq, const struct query *q, enum entity kind, struct list *l,
                    struct err *err)
{
    size_t from = 0;

    if (l->count)
        qsort(l->items, l->count, l->size, kind == ENTITY_USER ? by_user_name : by_group_name);
    if (q->marker) {
        while (from < l->count && !str_eq(id_at(l, from), q->marker))
            from++;
        if (from == l->count)
            return rq->server->service->dialect->not_found(rq, err, rq->route->resource, q->marker);
        from++;
    }
    l->items = list_at(l, from);
    l->count -= from;
    if (q->limit && l->count > q->limit) {
        l->count = q->limit;
        l->more = true;
    }
    return 0;
}

static int list_directory(struct request *rq, struct directory *d, enum entity kind, struct err *err)
{
    const struct resource *res = rq->route->resource;
    struct people_query pq = { 0 };
    struct entry_query eq = { .matches = pq.matches, .limit = (size_t) d->list_limit };
    struct list l = { NULL, 0, res->table->size, false };
    struct query q = { 0 };
    int r = resource_query(rq, res, &q, err);

    read_query(rq, kind, &pq);
    eq.n = pq.n;
    /* Who is of one domain sees nobody of another. */
    if (r >= 0 && (!rq->token->domain_id || str_eq(rq->token->domain_id, d->domain_id)))
        r = mirror_list(rq->server, rq->arena, d, kind, &eq, &l, err);
    if (r < 0)
        return r;
    keep_fitting(kind, &pq, &l);
    r = cut_page(rq, &q, kind, &l, err);
    return r < 0 ? r : reply_resources(rq, res, &l);
}

int people_list(struct request *rq, enum entity kind, struct err *err)
{
    auto_directory struct directory *d = NULL;
    const char *domain_id;
    int r;

    if (!identity_of(rq)->directories)
        return resource_list(rq, err);
    domain_id = rq_query(rq, "domain_id");
    if (rq->token->domain_id && domain_id && !str_eq(domain_id, rq->token->domain_id))
        return resource_list(rq, err); /* Of another domain than the token's: nothing. */
    r = list_domain(rq, &domain_id, err);
    if (r >= 0)
        r = directory_of(rq->server, rq->arena, domain_id, &d, err);
    if (r < 0)
        return r;
    return d ? list_directory(rq, d, kind, err) : resource_list(rq, err);
}

/* --- changes ---------------------------------------------------------------------------------- */

int people_refuse_domain(struct request *rq, const char *domain_id, struct err *err)
{
    auto_directory struct directory *d = NULL;
    int r = directory_of(rq->server, rq->arena, domain_id, &d, err);

    return r >= 0 && d ? err_http(err, 403, NULL, READ_ONLY) : r;
}

int people_refuse_change(struct request *rq, const char *id, struct err *err)
{
    struct txn *t;
    int r;

    if (!identity_of(rq)->directories)
        return 0;
    r = rq_txn(rq, &t, err);
    if (r >= 0)
        r = mirror_is(rq->server, t, rq->arena, id, err);
    return r > 0 ? err_http(err, 403, NULL, READ_ONLY) : r;
}

int people_refuse_membership(struct request *rq, const char *user_id, const char *group_id, struct err *err)
{
    int user, group;
    struct txn *t;
    int r;

    if (!identity_of(rq)->directories)
        return 0;
    r = rq_txn(rq, &t, err);
    if (r < 0)
        return r;
    user = mirror_is(rq->server, t, rq->arena, user_id, err);
    group = mirror_is(rq->server, t, rq->arena, group_id, err);
    if (user < 0 || group < 0)
        return user < 0 ? user : group;
    if (user != group)
        return err_http(err, 403, NULL,
                        "Group membership across backend boundaries is not allowed. Group in question is "
                        "%s, user is %s.",
                        group_id, user_id);
    return user ? err_http(err, 403, NULL, READ_ONLY) : 0;
}

int people_refuse_password(struct request *rq, const char *user_id, struct secret original, struct err *err)
{
    struct mirrored who = { 0 };
    int r = mirror_find_user(rq->server, rq->arena, user_id, NULL, NULL, &who, err);

    if (!who.directory)
        return r == -ENOENT ? 0 : r;
    if (r >= 0)
        r = who.directory->driver->prove(who.directory->self, rq->arena, &who.entry, original, err);
    directory_put(who.directory);
    if (r == -ENOENT || r == -EKEYREJECTED)
        return auth_refused(err);
    return r < 0 ? r : err_http(err, 403, NULL, READ_ONLY);
}
