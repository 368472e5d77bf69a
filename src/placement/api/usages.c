/* SPDX-License-Identifier: Apache-2.0 */
/* /usages and /resource_providers/{uuid}/usages */
#include "base/str.h"
#include "placement/api/common.h"
#include "placement/api/routes.h"
#include "placement/store/allocations.h"
#include "placement/store/inventories.h"
#include "placement/store/providers.h"

#define VERSION_USAGES 9
#define VERSION_TYPE   38

static int show_provider_usages(struct request *rq, struct err *err)
{
    struct inventories l;
    struct provider p;
    int64_t *used;
    struct txn *t;
    struct jw *w;
    int r;

    r = read_provider(rq, &t, &p, err);
    if (r >= 0)
        r = inventory_list(t, rq->arena, p.id, &l, err);
    if (r < 0)
        return r;
    used = arena_array(rq->arena, int64_t, l.count + 1);
    for (size_t i = 0; r >= 0 && i < l.count; i++)
        r = inventory_used(t, p.id, l.items[i].class_id, &used[i], err);
    if (r < 0)
        return r;
    w = reply_begin(rq);
    jw_object(w, NULL);
    jw_int(w, "resource_provider_generation", p.generation);
    jw_object(w, "usages");
    for (size_t i = 0; i < l.count; i++)
        jw_int(w, l.items[i].class_name, used[i]);
    jw_end_object(w);
    jw_end_object(w);
    return reply_aged(rq, 200, 0);
}

/* --- of a project ------------------------------------------------------------------------ */

static const char *project_attr(const void *ctx, struct arena *a, const char *name)
{
    return strcmp(name, "project_id") == 0 ? ctx : NULL;
}

static int check_text(const char *name, const char *v, struct err *err)
{
    if (!v || (*v && str_utf8_len(v) <= 255))
        return 0;
    return query_refuse(err, *v ? "maxLength" : "minLength", "'%s' is too %s", name, *v ? "long" : "short");
}

static int check_query(struct request *rq, struct err *err)
{
    const char *names[4] = { "project_id", "user_id", rq->version >= VERSION_TYPE ? "consumer_type" : NULL };
    const char *type = rq->version >= VERSION_TYPE ? rq_query(rq, "consumer_type") : NULL;
    int r;

    r = query_allows(rq, names, err);
    if (r >= 0 && !rq_query_has(rq, "project_id"))
        return query_refuse(err, "required", "'project_id' is a required property");
    if (r >= 0)
        r = check_text("project_id", rq_query(rq, "project_id"), err);
    if (r >= 0)
        r = check_text("user_id", rq_query(rq, "user_id"), err);
    if (r >= 0)
        r = check_text("consumer_type", type, err);
    if (r >= 0 && type && !is_class_name(type) && !str_eq(type, "all") && !str_eq(type, "unknown"))
        return query_refuse(err, "pattern", "'%.255s' does not match '^[A-Z0-9_]+$|^all|^unknown$'", type);
    return r;
}

struct usages {
    struct usage *rows, *counts;
    size_t n, n_counts;
    const char *wanted; /* Consumer type asked for, or null. */
};

static const char *shown_type(const char *type)
{
    return type ? type : "unknown";
}

static bool is_wanted(const struct usages *u, const char *type)
{
    return !u->wanted || str_eq(u->wanted, "all") || str_eq(u->wanted, shown_type(type));
}

static int64_t count_of(const struct usages *u, const char *type, bool all)
{
    int64_t n = 0;

    for (size_t i = 0; i < u->n_counts; i++)
        if (all || str_eq(shown_type(u->counts[i].type), shown_type(type)))
            n += u->counts[i].used;
    return n;
}

/* Sums by class over all types. */
static void write_sums(struct jw *w, const struct usages *u)
{
    for (size_t i = 0; i < u->n; i++) {
        int64_t sum = 0;
        bool seen = false;

        for (size_t k = 0; k < i && !seen; k++)
            seen = str_eq(u->rows[k].class_name, u->rows[i].class_name);
        for (size_t k = i; k < u->n && !seen; k++)
            if (str_eq(u->rows[k].class_name, u->rows[i].class_name))
                sum += u->rows[k].used;
        if (!seen)
            jw_int(w, u->rows[i].class_name, sum);
    }
}

static void write_by_type(struct jw *w, const struct usages *u)
{
    if (u->wanted && str_eq(u->wanted, "all")) {
        if (!u->n)
            return;
        jw_object(w, "all");
        write_sums(w, u);
        jw_int(w, "consumer_count", count_of(u, NULL, true));
        jw_end_object(w);
        return;
    }
    for (size_t i = 0; i < u->n;) {
        const char *type = u->rows[i].type;
        bool shown = is_wanted(u, type);

        if (shown)
            jw_object(w, shown_type(type));
        for (; i < u->n && str_eq(u->rows[i].type, type); i++)
            if (shown)
                jw_int(w, u->rows[i].class_name, u->rows[i].used);
        if (!shown)
            continue;
        jw_int(w, "consumer_count", count_of(u, type, false));
        jw_end_object(w);
    }
}

static int show_usages(struct request *rq, struct err *err)
{
    const char *project = rq_query(rq, "project_id"), *user = rq_query(rq, "user_id");
    const struct policy_target target = { project_attr, project, NULL };
    struct usages u = { 0 };
    struct txn *t;
    struct jw *w;
    int r;

    r = rq_authorize_target(rq, "placement:usages", &target, err);
    if (r >= 0)
        r = accept_json(rq, err);
    if (r >= 0)
        r = check_query(rq, err);
    if (r >= 0)
        r = rq_txn(rq, &t, err);
    if (r >= 0)
        r = usage_list(t, rq->arena, project, user, &u.rows, &u.n, err);
    if (r >= 0)
        r = usage_count_consumers(t, rq->arena, project, user, &u.counts, &u.n_counts, err);
    if (r < 0)
        return r;
    w = reply_begin(rq);
    jw_object(w, NULL);
    jw_object(w, "usages");
    u.wanted = rq_query(rq, "consumer_type");
    if (rq->version >= VERSION_TYPE)
        write_by_type(w, &u);
    else
        write_sums(w, &u);
    jw_end_object(w);
    jw_end_object(w);
    return reply_aged(rq, 200, 0);
}

const struct route usage_routes[] = {
    { HTTP_GET, "/resource_providers/{uuid}/usages", "placement:resource_providers:usages",
      show_provider_usages },
    { HTTP_GET, "/usages", POLICY_OWN, show_usages, .since = VERSION_USAGES },
    { 0 },
};
