/* SPDX-License-Identifier: Apache-2.0 */
/* /v2.1/limits, /v2.1/os-quota-sets, /v2.1/os-quota-class-sets */
#include "base/str.h"
#include "compute/api/common.h"
#include "compute/api/routes.h"
#include "compute/model/quota.h"
#include "rest/dialect.h"

static bool shown(const struct request *rq, const struct quota_resource *q)
{
    return !q->until || rq->version <= q->until;
}

/* Class sets before 2.50 lack what was forgotten there. */
static bool shown_in_class(const struct request *rq, const struct quota_resource *q)
{
    if (rq->version < 50 && str_has_prefix(q->name, "server_group"))
        return false;
    return rq->version < 50 || shown(rq, q) ? shown(rq, q) || rq->version < 50 : false;
}

static const char *project_of(const struct request *rq)
{
    return rq_param(rq, "id");
}

static int limit_of(struct request *rq, struct txn *t, const struct quota_resource *q, bool defaults,
                    int64_t *ret, struct err *err)
{
    const struct compute_options *o = compute_of(rq)->opt;

    const char *user = rq_query(rq, "user_id");
    int r = user && !defaults ? compute_quota_get(t, project_of(rq), user, q->name, ret, err) : -ENOENT;

    if (r != -ENOENT)
        return r;
    return defaults ? compute_quota_default(o, t, q, ret, err)
                    : compute_quota_limit(o, t, project_of(rq), q->name, ret, err);
}

static int64_t used_of(const struct quota_usage *u, const char *name)
{
    return str_eq(name, "instances")       ? u->instances
           : str_eq(name, "cores")         ? u->cores
           : str_eq(name, "ram")           ? u->ram_mb
           : str_eq(name, "server_groups") ? u->server_groups
                                           : 0;
}

static int write_limits(struct request *rq, struct txn *t, struct jw *w, bool defaults, struct err *err)
{
    int r = 0;

    for (const struct quota_resource *q = quota_resources; q->name && r >= 0; q++) {
        int64_t limit;

        if (!shown(rq, q))
            continue;
        r = limit_of(rq, t, q, defaults, &limit, err);
        if (r >= 0)
            jw_int(w, q->name, limit);
    }
    return r;
}

static int reply_set(struct request *rq, bool defaults, bool with_id, struct err *err)
{
    struct jw *w = reply_begin(rq);
    struct txn *t;
    int r = rq_txn(rq, &t, err);

    jw_object(w, NULL);
    jw_object(w, "quota_set");
    if (with_id)
        jw_str(w, "id", project_of(rq));
    if (r >= 0)
        r = write_limits(rq, t, w, defaults, err);
    jw_end_object(w);
    jw_end_object(w);
    return r < 0 ? r : reply_end(rq, 200);
}

static int show_set(struct request *rq, struct err *err)
{
    return reply_set(rq, false, true, err);
}

static int show_defaults(struct request *rq, struct err *err)
{
    return reply_set(rq, true, true, err);
}

static int show_detail(struct request *rq, struct err *err)
{
    struct jw *w = reply_begin(rq);
    struct quota_usage used;
    struct txn *t;
    int r = rq_txn(rq, &t, err);

    if (r >= 0)
        r = compute_quota_usage(t, rq->arena, project_of(rq), rq_query(rq, "user_id"), &used, err);
    jw_object(w, NULL);
    jw_object(w, "quota_set");
    jw_str(w, "id", project_of(rq));
    for (const struct quota_resource *q = quota_resources; q->name && r >= 0; q++) {
        int64_t limit = 0;

        if (!shown(rq, q))
            continue;
        r = limit_of(rq, t, q, false, &limit, err);
        jw_object(w, q->name);
        jw_int(w, "in_use", used_of(&used, q->name));
        jw_int(w, "limit", limit);
        jw_int(w, "reserved", 0);
        jw_end_object(w);
    }
    jw_end_object(w);
    jw_end_object(w);
    return r < 0 ? r : reply_end(rq, 200);
}

/* --- changing ---------------------------------------------------------------------------------- */

static int read_limit(struct request *rq, const char *name, const json_t *v, int64_t *ret, struct err *err)
{
    *ret = json_integer_value(v);
    if (!json_is_integer(v) && !(json_is_string(v) && str_to_i64(json_string_value(v), ret) >= 0))
        return rq->server->service->dialect->bad_field(rq, err, name, v, "is not of type 'integer'");
    if (*ret < -1 || *ret > INT32_MAX)
        return rq->server->service->dialect->bad_field(rq, err, name, v, "is out of range");
    return 0;
}

static const struct quota_resource *find_resource(const struct request *rq, const char *name,
                                                  bool (*fits)(const struct request *,
                                                               const struct quota_resource *))
{
    for (const struct quota_resource *q = quota_resources; q->name; q++)
        if (str_eq(q->name, name) && fits(rq, q))
            return q;
    return NULL;
}

/* Below what is used only by force. */
static int check_used(struct request *rq, struct txn *t, const char *project, const char *name, int64_t limit,
                      struct err *err)
{
    struct quota_usage used;
    int r = compute_quota_usage(t, rq->arena, project, NULL, &used, err);

    if (r >= 0 && limit >= 0 && used_of(&used, name) > limit)
        return err_http(err, 400, NULL,
                        "Quota limit %lld for %s must be greater than or equal to already used and "
                        "reserved %lld.",
                        (long long) limit, name, (long long) used_of(&used, name));
    return r;
}

static int set_limits(struct request *rq, const json_t *in, const char *project, const char *user,
                      bool (*fits)(const struct request *, const struct quota_resource *), struct err *err)
{
    bool force = json_truth(in, "force", false);
    const char *name;
    struct txn *t;
    json_t *v;
    int r = rq_txn(rq, &t, err);

    json_object_foreach ((json_t *) in, name, v) {
        int64_t limit;

        if (r < 0)
            break;
        if (str_eq(name, "force") && fits == shown)
            continue;
        if (str_eq(name, "tenant_id") || !find_resource(rq, name, fits))
            return rq->server->service->dialect->unknown_field(rq, err, name);
        r = read_limit(rq, name, v, &limit, err);
        if (r >= 0 && !force && fits == shown)
            r = check_used(rq, t, project, name, limit, err);
        if (r >= 0)
            r = compute_quota_set(t, project, user, name, limit, err);
    }
    return r;
}

static int update_set(struct request *rq, struct err *err)
{
    const json_t *in = json_obj(rq->json, "quota_set");
    const char *user = rq_query(rq, "user_id");
    int r;

    if (!in)
        return rq->server->service->dialect->missing_field(rq, err, "quota_set");
    r = set_limits(rq, in, project_of(rq), user ? user : "", shown, err);
    return r < 0 ? r : reply_set(rq, false, false, err);
}

static int delete_set(struct request *rq, struct err *err)
{
    const char *user = rq_query(rq, "user_id");
    struct txn *t;
    int r = rq_txn(rq, &t, err);

    if (r >= 0)
        r = compute_quota_forget(t, project_of(rq), user ? user : "", err);
    return r < 0 ? r : reply_empty(rq, 202);
}

/* --- classes ------------------------------------------------------------------------------------- */

static int reply_class(struct request *rq, bool with_id, struct err *err)
{
    struct jw *w = reply_begin(rq);
    struct txn *t;
    int r = rq_txn(rq, &t, err);

    jw_object(w, NULL);
    jw_object(w, "quota_class_set");
    if (with_id)
        jw_str(w, "id", rq_param(rq, "id"));
    for (const struct quota_resource *q = quota_resources; q->name && r >= 0; q++) {
        int64_t limit = 0;

        if (!shown_in_class(rq, q))
            continue;
        r = compute_quota_default(compute_of(rq)->opt, t, q, &limit, err);
        jw_int(w, q->name, limit);
    }
    jw_end_object(w);
    jw_end_object(w);
    return r < 0 ? r : reply_end(rq, 200);
}

static int show_class(struct request *rq, struct err *err)
{
    return reply_class(rq, true, err);
}

static int update_class(struct request *rq, struct err *err)
{
    const json_t *in = json_obj(rq->json, "quota_class_set");
    int r;

    if (!in)
        return rq->server->service->dialect->missing_field(rq, err, "quota_class_set");
    if (!str_eq(rq_param(rq, "id"), "default"))
        return err_http(err, 400, NULL, "There is only the quota class 'default'.");
    r = set_limits(rq, in, QUOTA_CLASS_DEFAULT, "", shown_in_class, err);
    return r < 0 ? r : reply_class(rq, false, err);
}

/* --- limits ---------------------------------------------------------------------------------------- */

static const struct {
    const char *limit, *resource;
    uint16_t until;
} absolute[] = {
    { "maxImageMeta", "metadata_items", 38 },
    { "maxPersonality", "injected_files", 56 },
    { "maxPersonalitySize", "injected_file_content_bytes", 56 },
    { "maxSecurityGroupRules", "security_group_rules", 35 },
    { "maxSecurityGroups", "security_groups", 35 },
    { "maxServerGroupMembers", "server_group_members", 0 },
    { "maxServerGroups", "server_groups", 0 },
    { "maxServerMeta", "metadata_items", 0 },
    { "maxTotalCores", "cores", 0 },
    { "maxTotalFloatingIps", "floating_ips", 35 },
    { "maxTotalInstances", "instances", 0 },
    { "maxTotalKeypairs", "key_pairs", 0 },
    { "maxTotalRAMSize", "ram", 0 },
};

static int show_limits(struct request *rq, struct err *err)
{
    const char *project = rq_query(rq, "tenant_id");
    struct quota_usage used;
    struct jw *w;
    struct txn *t;
    int r = 0;

    if (project && !str_eq(project, rq->token->project_id))
        r = rq_authorize(rq, "os_compute_api:limits:other_project", NULL, NULL, err);
    project = project ? project : rq->token->project_id;
    if (r >= 0)
        r = rq_txn(rq, &t, err);
    if (r >= 0)
        r = compute_quota_usage(t, rq->arena, project, NULL, &used, err);
    if (r < 0)
        return r;
    w = reply_begin(rq);
    jw_object(w, NULL);
    jw_object(w, "limits");
    jw_array(w, "rate");
    jw_end_array(w);
    jw_object(w, "absolute");
    for (size_t k = 0; r >= 0 && k < ARRAY_SIZE(absolute); k++) {
        int64_t limit = 0;

        if (absolute[k].until && rq->version > absolute[k].until)
            continue;
        r = compute_quota_limit(compute_of(rq)->opt, t, project, absolute[k].resource, &limit, err);
        jw_int(w, absolute[k].limit, limit);
    }
    jw_int(w, "totalRAMUsed", used.ram_mb);
    jw_int(w, "totalCoresUsed", used.cores);
    jw_int(w, "totalInstancesUsed", used.instances);
    jw_int(w, "totalServerGroupsUsed", used.server_groups);
    if (rq->version < 36) {
        jw_int(w, "totalFloatingIpsUsed", 0);
        jw_int(w, "totalSecurityGroupsUsed", 0);
    }
    jw_end_object(w);
    jw_end_object(w);
    jw_end_object(w);
    return r < 0 ? r : reply_end(rq, 200);
}

/* Policy's target is the project in the path. */
struct set_target {
    const char *project_id;
};

static const struct field set_target[] = { FIELD(FIELD_STRING, set_target, project_id), { 0 } };

static int load_set(struct request *rq, struct err *err)
{
    struct set_target *s = arena_new(rq->arena, struct set_target);

    s->project_id = rq_param(rq, "id");
    rq->object = s;
    return 0;
}

#define SETS "/v2.1/os-quota-sets/{id}"
#define OF   .load = load_set, .target = set_target

/* clang-format off */
const struct route compute_quota_routes[] = {
    { HTTP_GET,    "/v2.1/limits",  "os_compute_api:limits", show_limits },
    { HTTP_GET,    SETS,            "os_compute_api:os-quota-sets:show",     show_set,      OF },
    { HTTP_GET,    SETS "/detail",  "os_compute_api:os-quota-sets:detail",   show_detail,   OF },
    { HTTP_GET,    SETS "/defaults","os_compute_api:os-quota-sets:defaults", show_defaults, OF },
    { HTTP_PUT,    SETS,            "os_compute_api:os-quota-sets:update",   update_set,    OF },
    { HTTP_DELETE, SETS,            "os_compute_api:os-quota-sets:delete",   delete_set,    OF },
    { HTTP_GET,    "/v2.1/os-quota-class-sets/{id}", "os_compute_api:os-quota-class-sets:show",   show_class },
    { HTTP_PUT,    "/v2.1/os-quota-class-sets/{id}", "os_compute_api:os-quota-class-sets:update", update_class },
    { 0 },
};
/* clang-format on */
