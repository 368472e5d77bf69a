/* SPDX-License-Identifier: Apache-2.0 */
/* /v2.1/os-server-groups */
#include "compute/store/server_groups.h"

#include "base/str.h"
#include "base/uuid.h"
#include "compute/api/common.h"
#include "compute/api/routes.h"
#include "compute/model/quota.h"
#include "rest/dialect.h"

struct group_spec {
    const char *name, *policy, *rules;
    const char **policies;
};

static const struct field create_fields[] = {
    FIELD(FIELD_STRING, group_spec, name, .use = ON_CREATE, .required = true, .min = 1, .max = 255,
          .check = check_no_space),
    FIELD(FIELD_STRV, group_spec, policies, .use = ON_CREATE, .required = true, .until = 63),
    FIELD(FIELD_STRING, group_spec, policy, .use = ON_CREATE, .required = true, .since = 64,
          .choices = "anti-affinity|affinity|soft-anti-affinity|soft-affinity"),
    FIELD(FIELD_JSON, group_spec, rules, .use = ON_CREATE, .json = "object", .since = 64),
    { 0 },
};

static const struct field target[] = {
    FIELD(FIELD_STRING, server_group, project_id),
    FIELD(FIELD_STRING, server_group, user_id),
    { 0 },
};

static int write_group(struct request *rq, struct txn *t, struct jw *w, const struct server_group *g,
                       struct err *err)
{
    const char **members;
    int r = server_group_members(t, rq->arena, g->id, &members, err);

    if (r < 0)
        return r;
    jw_str(w, "id", g->id);
    jw_str(w, "name", g->name);
    if (rq->version >= 64) {
        jw_str(w, "policy", g->policy);
        write_json(w, "rules", g->rules, "{}");
    } else {
        jw_array(w, "policies");
        jw_str(w, NULL, g->policy);
        jw_end_array(w);
        jw_object(w, "metadata");
        jw_end_object(w);
    }
    jw_strv(w, "members", members);
    if (rq->version >= 13) {
        jw_str(w, "project_id", g->project_id);
        jw_str(w, "user_id", g->user_id);
    }
    return 0;
}

static int reply_group(struct request *rq, const struct server_group *g, struct err *err)
{
    struct txn *t;
    struct jw *w = reply_begin(rq);
    int r = rq_txn(rq, &t, err);

    jw_object(w, NULL);
    jw_object(w, "server_group");
    if (r >= 0)
        r = write_group(rq, t, w, g, err);
    jw_end_object(w);
    jw_end_object(w);
    return r < 0 ? r : reply_end(rq, 200);
}

static int load_group(struct request *rq, struct err *err)
{
    struct server_group *g = arena_new(rq->arena, struct server_group);
    const char *id = rq_param(rq, "id");
    struct txn *t;
    int r = rq_txn(rq, &t, err);

    if (r >= 0)
        r = table_get(t, rq->arena, &server_group_table, id, g, err);
    if (r >= 0 && !str_eq(g->project_id, rq->token->project_id) && !is_admin(rq))
        r = -ENOENT;
    rq->object = g;
    return r == -ENOENT ? err_http(err, 404, NULL, "Instance group %.255s could not be found.", id) : r;
}

static int show_group(struct request *rq, struct err *err)
{
    return reply_group(rq, rq->object, err);
}

static int read_offset(struct request *rq, size_t *limit, size_t *offset, struct err *err)
{
    const char *l = rq_query(rq, "limit"), *o = rq_query(rq, "offset");
    int64_t n = 0, m = 0;

    if ((l && (str_to_i64(l, &n) < 0 || n < 0)) || (o && (str_to_i64(o, &m) < 0 || m < 0)))
        return err_http(err, 400, NULL, "limit and offset must be non-negative integers");
    *limit = n > 0 && n < 1000 ? (size_t) n : 1000;
    *offset = (size_t) m;
    return 0;
}

static int list_groups(struct request *rq, struct err *err)
{
    static const struct sort_key oldest = { "created_at", false };
    struct query q = { .sort = &oldest, .n_sort = 1 };
    struct list l;
    struct txn *t;
    struct jw *w;
    int r = read_offset(rq, &q.limit, &q.offset, err);

    if (r >= 0 && rq_query_has(rq, "all_projects"))
        r = rq_can(rq, "os_compute_api:os-server-groups:index:all_projects") ? 1 : 0;
    if (r == 0)
        rq_cond(
            rq, &q,
            (struct cond){ .column = "project_id", .op = COND_EQ, .value = val_text(rq->token->project_id) });
    if (r >= 0)
        r = rq_txn(rq, &t, err);
    if (r >= 0)
        r = table_list(t, rq->arena, &server_group_table, &q, &l, err);
    if (r < 0)
        return r;
    w = reply_begin(rq);
    jw_object(w, NULL);
    jw_array(w, "server_groups");
    for (size_t k = 0; r >= 0 && k < l.count; k++) {
        jw_object(w, NULL);
        r = write_group(rq, t, w, list_at(&l, k), err);
        jw_end_object(w);
    }
    jw_end_array(w);
    jw_end_object(w);
    return r < 0 ? r : reply_end(rq, 200);
}

static int read_policy(struct request *rq, const struct group_spec *in, struct server_group *g,
                       struct err *err)
{
    static const char *const hard[] = { "anti-affinity", "affinity", NULL };
    static const char *const soft[] = { "soft-anti-affinity", "soft-affinity", NULL };

    g->policy = in->policy;
    if (rq->version >= 64)
        return 0;
    if (strv_len(in->policies) != 1 || (!strv_contains(hard, in->policies[0]) &&
                                        !(rq->version >= 15 && strv_contains(soft, in->policies[0]))))
        return rq->server->service->dialect->bad_field(
            rq, err, "policies", json_object_get(rq->in, "policies"), "is not one policy that is known");
    g->policy = in->policies[0];
    return 0;
}

static int read_rules(struct request *rq, const struct group_spec *in, struct server_group *g,
                      struct err *err)
{
    auto_json json_t *rules = json_of(in->rules), *clean = NULL;
    const json_t *most = json_object_get(rules, "max_server_per_host");
    int64_t n = json_integer_value(most);

    if (json_object_size(rules) > (most ? 1 : 0))
        return rq->server->service->dialect->bad_field(rq, err, "rules", rules, "has an unknown rule");
    if (most && !json_is_integer(most) &&
        !(json_is_string(most) && str_to_i64(json_string_value(most), &n) >= 0))
        return rq->server->service->dialect->bad_field(rq, err, "max_server_per_host", most,
                                                       "is not of type 'integer'");
    if (most && n < 1)
        return rq->server->service->dialect->bad_field(rq, err, "max_server_per_host", most,
                                                       "is less than the minimum of 1");
    if (most && !str_eq(g->policy, "anti-affinity"))
        return err_http(err, 400, NULL, "Only anti-affinity policy supports rules.");
    clean = most ? json_pack("{sI}", "max_server_per_host", (json_int_t) n) : json_object();
    g->rules = json_text(rq->arena, clean);
    return 0;
}

static int create_group(struct request *rq, struct err *err)
{
    const struct group_spec *in = rq->body;
    struct server_group g = {
        .id = uuid_new(rq->arena),
        .name = in->name,
        .project_id = rq->token->project_id,
        .user_id = rq->token->user_id,
        .created_at = server_now_us(rq->server),
    };
    struct txn *t;
    int r = read_policy(rq, in, &g, err);

    if (r >= 0)
        r = read_rules(rq, in, &g, err);
    if (r >= 0)
        r = rq_txn(rq, &t, err);
    if (r >= 0)
        r = quota_check_groups(rq, t, err);
    if (r >= 0)
        r = table_insert(t, rq->arena, &server_group_table, &g, err);
    return r < 0 ? r : reply_group(rq, &g, err);
}

static int delete_group(struct request *rq, struct err *err)
{
    struct txn *t;
    int r = rq_txn(rq, &t, err);

    if (r >= 0)
        r = table_delete(t, &server_group_table, ((const struct server_group *) rq->object)->id, err);
    return r < 0 ? r : reply_empty(rq, 204);
}

/* clang-format off */
const struct route compute_server_group_routes[] = {
    { HTTP_GET,    "/v2.1/os-server-groups",      "os_compute_api:os-server-groups:index",  list_groups },
    { HTTP_POST,   "/v2.1/os-server-groups",      "os_compute_api:os-server-groups:create", create_group,
      .key = "server_group", .in = create_fields, .in_size = sizeof(struct group_spec) },
    { HTTP_GET,    "/v2.1/os-server-groups/{id}", "os_compute_api:os-server-groups:show",   show_group,   .load = load_group, .target = target },
    { HTTP_DELETE, "/v2.1/os-server-groups/{id}", "os_compute_api:os-server-groups:delete", delete_group, .load = load_group, .target = target },
    { 0 },
};
/* clang-format on */
