/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/api/replies.h"

#include "identity/api/targets.h"

static int reply_chosen(struct request *rq, const struct resource *res, const struct cond *which,
                        bool as_list, list_hook *more, struct err *err)
{
    struct query q = { 0 };
    struct list objs;
    struct txn *t;
    int r;

    r = resource_query(rq, res, &q, err);
    rq_cond(rq, &q, *which);
    if (r >= 0 && as_list)
        r = limit_to_own_domain(rq, &q, err);
    if (r >= 0 && more)
        r = more(rq, &q, err);
    if (r >= 0)
        r = rq_txn(rq, &t, err);
    if (r >= 0)
        r = table_list(t, rq->arena, res->table, &q, &objs, err);
    return r < 0 ? r : reply_resources(rq, res, &objs);
}

int reply_ids(struct request *rq, const struct resource *res, const char *const *ids, struct err *err)
{
    const struct cond which = { .column = res->table->key, .op = COND_IN, .list = ids };

    return reply_chosen(rq, res, &which, false, NULL, err);
}

int reply_those(struct request *rq, const struct resource *res, struct cond which, list_hook *more,
                struct err *err)
{
    return reply_chosen(rq, res, &which, false, more, err);
}

int reply_those_listed(struct request *rq, const struct resource *res, struct cond which, list_hook *more,
                       struct err *err)
{
    return reply_chosen(rq, res, &which, true, more, err);
}

int reply_created(struct request *rq, const struct resource *res, const struct list *rows)
{
    struct jw *w = reply_begin(rq);

    jw_object(w, NULL);
    jw_array(w, res->plural);
    for (size_t i = 0; i < rows->count; i++) {
        jw_object(w, NULL);
        fields_write(rq, w, res->fields, list_at(rows, i));
        res->present(rq, w, list_at(rows, i));
        jw_end_object(w);
    }
    jw_end_array(w);
    jw_end_object(w);
    return reply_end(rq, 201);
}
