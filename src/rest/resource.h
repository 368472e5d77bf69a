/* SPDX-License-Identifier: Apache-2.0 */
/* A plain resource: where its rows are, what its members are, and the hooks
 * where it is not plain.  The handlers below serve any of them. */
#pragma once

#include "data/table.h"
#include "rest/route.h"

struct resource {
    const char *singular, *plural; /* "user", "users": the envelopes. */
    const char *label;             /* In errors; null: singular. */
    const char *not_found;         /* The API's name of the error ("NetworkNotFound"), or null. */
    const struct table *table;
    const struct field *fields;
    const char *default_sort; /* "name", "-created_at"; null: the table's key. */
    const char *owner;        /* Column with the owner's project: rows of others are not there for who is
                                      neither owner nor allowed by 'any_owner'. Null: no owner. */
    const char *any_owner;    /* Rule whose holders see rows of every project. */
    const char *id_param;     /* Of the path; null: "id". */

    /* Hooks, each may be null.  All run in the request's transaction. */
    int (*before_list)(struct request *rq, struct query *q, struct err *err); /* Adds conditions (rq_cond). */
    int (*before_create)(struct request *rq, void *obj,
                         struct err *err); /* Checks, fills what is not given. */
    int (*after_create)(struct request *rq, void *obj, struct err *err);
    int (*before_update)(struct request *rq, const void *old, void *obj, struct err *err);
    int (*after_update)(struct request *rq, const void *old, void *obj, struct err *err);
    int (*before_delete)(struct request *rq, void *obj, struct err *err);
    int (*after_delete)(struct request *rq, void *obj, struct err *err);
    int (*expand)(struct request *rq, struct list *objs,
                  struct err *err);                                     /* Fills members that are not columns,
                                                                              for all rows of an answer at once. */
    void (*present)(struct request *rq, struct jw *w, const void *obj); /* Writes more members (links). */
    int (*refuse_duplicate)(struct request *rq, const void *obj,
                            struct err *err); /* Words for a unique key. */
};

/* Plain handlers; the route names the resource. */
int resource_list(struct request *rq, struct err *err);
int resource_create(struct request *rq, struct err *err);
int resource_show(struct request *rq, struct err *err);
int resource_update(struct request *rq, struct err *err);
int resource_delete(struct request *rq, struct err *err);

/* For route.load: rq->object becomes the row that the path names. */
int resource_load(struct request *rq, struct err *err);

/* Loads row 'id' of a resource into '*ret', allocated in the arena.  -ENOENT
 * in the dialect's words, also when it belongs to somebody else. */
int resource_get(struct request *rq, const struct resource *res, const char *id, void **ret, struct err *err);

/* Several of a resource at once, all or none: reads the body's list PLURAL, gives each an id and its times, lets 'settle' look
 * at it (in the transaction, after those before it were written) and writes it.  400 for no list or none in it.
 * The rows live in the request's arena. */
int resource_create_several(struct request *rq, const struct resource *res,
                            int (*settle)(struct request *rq, void *obj, struct err *err), struct list *ret,
                            struct err *err);

/* Builds the query that the request's query string asks for: filters by rows
 * with ON_FILTER, sort keys, marker, limit, in the service's dialect. */
int resource_query(struct request *rq, const struct resource *res, struct query *q, struct err *err);

/* Replies with objects in the resource's envelope. */
int reply_resource(struct request *rq, const struct resource *res, const void *obj, int status);
int reply_resources(struct request *rq, const struct resource *res, const struct list *objs);
