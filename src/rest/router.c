/* SPDX-License-Identifier: Apache-2.0 */
#include "rest/router.h"

#include "base/str.h"

struct node {
    const char *segment;   /* Literal; null for parameter nodes. */
    struct node *children; /* First literal child. */
    struct node *next;     /* Sibling. */
    struct node *param, *rest;
    struct route_set set;
    size_t n_routes;
};

struct router {
    struct node root;
    struct arena *arena;
};

static struct node *child(struct router *r, struct node *n, const char *seg, size_t len)
{
    struct node *c;

    if (seg[0] == '{') {
        struct node **at = seg[len - 2] == '*' ? &n->rest : &n->param;

        if (!*at)
            *at = arena_new(r->arena, struct node);
        return *at;
    }
    for (c = n->children; c; c = c->next)
        if (strlen(c->segment) == len && memcmp(c->segment, seg, len) == 0)
            return c;
    c = arena_new(r->arena, struct node);
    c->segment = arena_strndup(r->arena, seg, len);
    c->next = n->children;
    n->children = c;
    return c;
}

static void add(struct router *r, const struct route *route)
{
    struct node *n = &r->root;
    const struct route **all;

    for (const char *p = route->path; *p == '/';) {
        size_t len = strcspn(++p, "/");

        n = child(r, n, p, len);
        p += len;
    }
    all = arena_array(r->arena, const struct route *, n->n_routes + 2);
    if (n->n_routes)
        memcpy(all, n->set.routes, n->n_routes * sizeof(*all));
    all[n->n_routes++] = route;
    n->set.routes = all;
}

struct router *router_new(struct arena *a, const struct route *const *tables)
{
    struct router *r = arena_new(a, struct router);

    r->arena = a;
    for (; *tables; tables++)
        for (const struct route *route = *tables; route->path; route++)
            add(r, route);
    return r;
}

struct walk {
    const char *values[PATH_PARAMS_MAX];
    size_t lens[PATH_PARAMS_MAX];
    size_t n;
};

/* Literal before parameter; goes back when a branch ends in nothing. */
static const struct node *walk(const struct node *n, const char *p, struct walk *w)
{
    const struct node *found;
    size_t len;

    if (!*p)
        return n->set.routes ? n : NULL;
    len = strcspn(++p, "/");
    for (const struct node *c = n->children; c; c = c->next)
        if (strncmp(c->segment, p, len) == 0 && !c->segment[len]) {
            found = walk(c, p + len, w);
            if (found)
                return found;
        }
    if (n->param && len && w->n < PATH_PARAMS_MAX) {
        w->values[w->n] = p;
        w->lens[w->n++] = len;
        found = walk(n->param, p + len, w);
        if (found)
            return found;
        w->n--;
    }
    if (n->rest && *p && w->n < PATH_PARAMS_MAX) {
        w->values[w->n] = p;
        w->lens[w->n++] = strlen(p);
        return n->rest;
    }
    return NULL;
}

/* Names of the parameters, from the route's own path. */
static void name_params(struct arena *a, const char *path, const struct walk *w,
                        struct query_param params[static PATH_PARAMS_MAX + 1])
{
    size_t i = 0;

    for (const char *p = strchr(path, '{'); p && i < w->n; p = strchr(p + 1, '{'), i++) {
        params[i].name = arena_strndup(a, p + 1, strcspn(p + 1, "*}"));
        params[i].value = arena_strndup(a, w->values[i], w->lens[i]);
    }
    params[i].name = NULL;
}

const struct route_set *router_find(const struct router *r, struct arena *a, const char *path,
                                    struct query_param params[static PATH_PARAMS_MAX + 1])
{
    struct walk w = { .n = 0 };
    const struct node *n = walk(&r->root, path, &w);

    if (!n)
        return NULL;
    name_params(a, n->set.routes[0]->path, &w, params);
    return &n->set;
}

static bool serves(const struct route *r, enum http_method m)
{
    return r->method == m || (m == HTTP_HEAD && r->method == HTTP_GET);
}

const struct route *route_pick(const struct route_set *s, enum http_method m, const char *action, unsigned v,
                               bool *has_method)
{
    *has_method = false;
    for (const struct route **r = s->routes; *r; r++) {
        if (!serves(*r, m))
            continue;
        *has_method = true;
        if (((*r)->since <= v && (!(*r)->until || v <= (*r)->until)) && str_eq((*r)->action, action))
            return *r;
    }
    return NULL;
}

bool route_knows_action(const struct route_set *s, enum http_method m, const char *action)
{
    for (const struct route **r = s->routes; *r; r++)
        if (serves(*r, m) && str_eq((*r)->action, action))
            return true;
    return false;
}

bool route_has_actions(const struct route_set *s, enum http_method m)
{
    for (const struct route **r = s->routes; *r; r++)
        if (serves(*r, m) && (*r)->action)
            return true;
    return false;
}
