/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hash.h"
#include "base/str.h"
#include "identity/api/projects.h"
#include "identity/api/replies.h"
#include "identity/store/assignments.h"
#include "identity/store/projects.h"

#define DEPTH_MAX 32

/* A project as an element of a list: {"project": {…}}. */
static void write_one(struct request *rq, struct jw *w, const struct project *p)
{
    jw_object(w, NULL);
    jw_object(w, "project");
    fields_write(rq, w, project_resource.fields, p);
    project_resource.present(rq, w, p);
    jw_end_object(w);
    jw_end_object(w);
}

static bool load(struct request *rq, const char *id, struct project *ret)
{
    return !str_empty(id) && table_get(rq->txn, rq->arena, &project_table, id, ret, NULL) >= 0;
}

/* Of whole projects, a user sees those on which it has a role. */
static void own_projects(struct request *rq, struct hash *ret)
{
    const char **ids = NULL;

    hash_init(ret);
    (void) projects_of_user(rq->txn, rq->arena, rq->token->user_id, &ids, NULL);
    strv_foreach (id, ids)
        hash_put(ret, *id, (void *) "");
}

static void write_parents(struct request *rq, struct jw *w, const struct project *p)
{
    struct project up = *p;
    struct hash own;

    own_projects(rq, &own);
    jw_array(w, "parents");
    for (int i = 0; i < DEPTH_MAX && load(rq, up.parent_id, &up); i++)
        if (hash_get(&own, up.id))
            write_one(rq, w, &up);
    jw_end_array(w);
    hash_done(&own);
}

/* {"parent": {"grandparent": null}} */
static void write_parent_ids(struct request *rq, struct jw *w, const struct project *p)
{
    const char *name = "parents";
    struct project up = *p;
    int depth = 0;

    while (depth < DEPTH_MAX && load(rq, up.parent_id, &up)) {
        jw_object(w, name);
        name = up.id;
        depth++;
    }
    jw_null(w, name);
    while (depth--)
        jw_end_object(w);
}

static struct list children(struct request *rq, const char *id)
{
    const struct cond conds[] = { { .column = "parent_id", .op = COND_EQ, .value = val_text(id) } };
    const struct query q = { .conds = conds, .n_conds = 1 };
    struct list l = { 0 };

    (void) table_list(rq->txn, rq->arena, &project_table, &q, &l, NULL);
    return l;
}

static void write_subtree(struct request *rq, struct jw *w, const char *id, const struct hash *own, int depth)
{
    struct list l = children(rq, id);

    for (size_t i = 0; depth < DEPTH_MAX && i < l.count; i++) {
        const struct project *p = list_at(&l, i);

        if (hash_get(own, p->id))
            write_one(rq, w, p);
        write_subtree(rq, w, p->id, own, depth + 1);
    }
}

static void write_subtree_ids(struct request *rq, struct jw *w, const char *name, const char *id, int depth)
{
    struct list l = children(rq, id);

    if (!l.count || depth >= DEPTH_MAX) {
        jw_null(w, name);
        return;
    }
    jw_object(w, name);
    for (size_t i = 0; i < l.count; i++) {
        const struct project *p = list_at(&l, i);

        write_subtree_ids(rq, w, p->id, p->id, depth + 1);
    }
    jw_end_object(w);
}

/* Whatever follows means yes, but 0. */
static bool asked(struct request *rq, const char *name)
{
    const char *v = rq_query(rq, name);

    return v && !str_eq(v, "0");
}

int project_check_tree(struct request *rq, struct err *err)
{
    static const char *const kinds[] = { "parents", "subtree" };

    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
        const char *list = arena_printf(rq->arena, "%s_as_list", kinds[i]);
        const char *ids = arena_printf(rq->arena, "%s_as_ids", kinds[i]);

        if (asked(rq, list) && asked(rq, ids))
            return err_http(err, 400, NULL, "Cannot use %s and %s query params at the same time.", list, ids);
    }
    return 0;
}

void project_write_tree(struct request *rq, struct jw *w, const struct project *p)
{
    if (asked(rq, "parents_as_list"))
        write_parents(rq, w, p);
    else if (asked(rq, "parents_as_ids"))
        write_parent_ids(rq, w, p);
    if (asked(rq, "subtree_as_list")) {
        struct hash own;

        own_projects(rq, &own);
        jw_array(w, "subtree");
        write_subtree(rq, w, p->id, &own, 0);
        jw_end_array(w);
        hash_done(&own);
    } else if (asked(rq, "subtree_as_ids")) {
        write_subtree_ids(rq, w, "subtree", p->id, 0);
    }
}
