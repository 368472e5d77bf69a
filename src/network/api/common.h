/* SPDX-License-Identifier: Apache-2.0 */
/* A resource of network: rest's plain resource, with Neutron's policy by
 * attribute, creation in bulk, and hooks that get a net_ctx. */
#pragma once

#include "network/network.h"
#include "rest/dialect.h"

struct net_resource {
    struct resource rest; /* Its hooks are NET_HOOKS. */
    const char *name;     /* "network": rules "create_network", "get_network:shared", … */
    const char *quota;    /* Null: none. */

    /* Fills what policy asks about the resources above; they must exist. */
    int (*parents)(struct net_ctx *c, void *obj, struct err *err);
    int (*create)(struct net_ctx *c, void *obj, struct err *err); /* Checks, fills, inserts. */
    int (*update)(struct net_ctx *c, const void *old, void *obj,
                  struct err *err); /* Before the row is written. */
    int (*updated)(struct net_ctx *c, const void *old, void *obj, struct err *err); /* After. */
    int (*remove)(struct net_ctx *c, void *obj, struct err *err); /* All but the row itself. */
    int (*fill)(struct net_ctx *c, struct list *objs, struct err *err);
    size_t revision; /* Offset of revision_number; 0: none. */
};

#define NET_HOOKS                                                         \
    .before_update = net_before_update, .after_update = net_after_update, \
    .before_delete = net_before_delete, .after_delete = net_after_delete, .expand = net_expand

int net_before_update(struct request *rq, const void *old, void *obj, struct err *err);
int net_after_update(struct request *rq, const void *old, void *obj, struct err *err);
int net_before_delete(struct request *rq, void *obj, struct err *err);
int net_after_delete(struct request *rq, void *obj, struct err *err);
int net_expand(struct request *rq, struct list *objs, struct err *err);

/* Handler of POST: one or many. */
int net_create(struct request *rq, struct err *err);

/* route.load: the row that the path names, 404 for who may not know of it. */
int net_load(struct request *rq, struct err *err);

/* The request's context, with its transaction. */
int net_begin(struct request *rq, struct net_ctx **ret, struct err *err);

/* Ends a change: counts up whose wishes changed. */
int net_finish(struct request *rq, struct err *err);

/* before_list for what has an owner: rows of others only for who may see all. */
int limit_to_project(struct request *rq, struct query *q, struct err *err);
bool sees_all_projects(struct request *rq);

/* Bounds a list by 'condition', SQL with one "?" for the caller's project, unless
 * the caller sees all projects. */
void list_visible(struct request *rq, struct query *q, const char *condition);

/* tags, tags-any, not-tags, not-tags-any. */
void filter_tags(struct request *rq, struct query *q);

/* How POST routes are declared. */
extern const struct field net_no_fields[];
#define CREATES .in = net_no_fields, .in_size = 1, .status = 201, .flags = ROUTE_IGNORE_UNKNOWN

/* Rows that nearly every resource has. */
#define STANDARD_FIELDS(st)                                          \
    FIELD(FIELD_TIME, st, created_at, .use = ON_SHOW | ON_SORT),     \
        FIELD(FIELD_TIME, st, updated_at, .use = ON_SHOW | ON_SORT), \
        FIELD(FIELD_INT, st, revision_number, .use = ON_SHOW | ON_SORT | ON_FILTER)
#define OWNER_FIELDS(st)                                                                                   \
    FIELD(FIELD_STRING, st, id, .use = ON_SHOW | ON_FILTER | ON_SORT),                                     \
        FIELD(FIELD_STRING, st, project_id, .use = ON_CREATE | ON_SHOW | ON_FILTER | ON_SORT, .max = 255), \
        FIELD_AS("tenant_id", FIELD_STRING, st, project_id,                                                \
                 .use = ON_CREATE | ON_SHOW | ON_FILTER | ON_SORT, .max = 255, .column = "project_id")
#define NAME_FIELDS(st)                                                    \
    FIELD(FIELD_STRING, st, name, .use = ON_ALL, .max = 255, .value = ""), \
        FIELD(FIELD_STRING, st, description, .use = ON_ALL, .max = 255, .value = "", .nullable = true)
