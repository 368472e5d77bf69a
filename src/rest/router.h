/* SPDX-License-Identifier: Apache-2.0 */
/* From a method and a path to the routes that serve it: a tree of segments. */
#pragma once

#include "rest/request.h"

struct router;

/* Builds the tree over tables that outlive it, in 'a'. */
struct router *router_new(struct arena *a, const struct route *const *tables);

/* All routes of a place in the tree. */
struct route_set {
    const struct route **routes; /* Ended by null. */
};

/* Finds the place of 'path' and fills 'params'.  Null: no such path. */
const struct route_set *router_find(const struct router *r, struct arena *a, const char *path,
                                    struct query_param params[static PATH_PARAMS_MAX + 1]);

/* The route for a method (HEAD takes GET's) in minor version 'v' whose action
 * is 'action' (null: one without).  '*has_method' tells whether the method has
 * any route there. */
const struct route *route_pick(const struct route_set *s, enum http_method m, const char *action, unsigned v,
                               bool *has_method);

/* True when some version has this action (not null). */
bool route_knows_action(const struct route_set *s, enum http_method m, const char *action);

/* True when the method's routes here are told apart by the body's action. */
bool route_has_actions(const struct route_set *s, enum http_method m);
