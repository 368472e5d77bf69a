/* SPDX-License-Identifier: Apache-2.0 */
#include "compute/model/quota.h"

#include "base/str.h"

#define Q(name, ...)                                                          \
    {                                                                         \
#        name, offsetof(struct compute_options, quota_##name), 0, __VA_ARGS__ \
    }

const struct quota_resource quota_resources[] = {
    Q(cores, 0),
    { "fixed_ips", SIZE_MAX, -1, 35 },
    { "floating_ips", SIZE_MAX, -1, 35 },
    Q(injected_file_content_bytes, 56),
    Q(injected_file_path_bytes, 56),
    Q(injected_files, 56),
    Q(instances, 0),
    Q(key_pairs, 0),
    Q(metadata_items, 0),
    Q(ram, 0),
    { "security_group_rules", SIZE_MAX, -1, 35 },
    { "security_groups", SIZE_MAX, -1, 35 },
    Q(server_group_members, 0),
    Q(server_groups, 0),
    { 0 },
};

static const struct quota_resource *resource_named(const char *name)
{
    const struct quota_resource *q = quota_resources;

    while (strcmp(q->name, name) != 0)
        q++;
    return q;
}

int compute_quota_default(const struct compute_options *o, struct txn *t, const struct quota_resource *q,
                          int64_t *ret, struct err *err)
{
    int r = compute_quota_get(t, QUOTA_CLASS_DEFAULT, "", q->name, ret, err);

    if (r != -ENOENT)
        return r;
    *ret = q->option == SIZE_MAX ? q->fixed : *(const int64_t *) ((const char *) o + q->option);
    return 0;
}

int compute_quota_limit(const struct compute_options *o, struct txn *t, const char *project_id,
                        const char *resource, int64_t *ret, struct err *err)
{
    int r = compute_quota_get(t, project_id, "", resource, ret, err);

    return r == -ENOENT ? compute_quota_default(o, t, resource_named(resource), ret, err) : r;
}

static int limit_of(struct request *rq, struct txn *t, const char *resource, int64_t *ret, struct err *err)
{
    return compute_quota_limit(compute_of(rq)->opt, t, rq->token->project_id, resource, ret, err);
}

int quota_check_servers(struct request *rq, struct txn *t, int64_t count, int64_t vcpus, int64_t ram_mb,
                        struct err *err)
{
    struct quota_usage used;
    int r = compute_quota_usage(t, rq->arena, rq->token->project_id, NULL, &used, err);
    const struct {
        const char *name;
        int64_t used, more;
    } all[] = { { "instances", used.instances, count },
                { "cores", used.cores, count * vcpus },
                { "ram", used.ram_mb, count * ram_mb } };

    for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(all); i++) {
        int64_t limit;

        r = limit_of(rq, t, all[i].name, &limit, err);
        if (r >= 0 && limit >= 0 && all[i].used + all[i].more > limit)
            return err_http(err, 403, "TooManyInstances",
                            "Quota exceeded for %s: Requested %lld, but already used %lld of %lld %s",
                            all[i].name, (long long) all[i].more, (long long) all[i].used, (long long) limit,
                            all[i].name);
    }
    return r;
}

int quota_check_keypairs(struct request *rq, struct txn *t, const char *user_id, struct err *err)
{
    int64_t limit, used;
    int r = limit_of(rq, t, "key_pairs", &limit, err);

    if (r >= 0)
        r = quota_count_keypairs(t, user_id, &used, err);
    if (r >= 0 && limit >= 0 && used + 1 > limit)
        return err_http(err, 403, "KeypairLimitExceeded", "Quota exceeded, too many key pairs.");
    return r;
}

int quota_check_groups(struct request *rq, struct txn *t, struct err *err)
{
    struct quota_usage used;
    int64_t limit;
    int r = limit_of(rq, t, "server_groups", &limit, err);

    if (r >= 0)
        r = compute_quota_usage(t, rq->arena, rq->token->project_id, NULL, &used, err);
    if (r >= 0 && limit >= 0 && used.server_groups + 1 > limit)
        return err_http(err, 403, "ServerGroupLimitExceeded", "Quota exceeded, too many server groups.");
    return r;
}

int quota_check_metadata(struct request *rq, struct txn *t, size_t items, struct err *err)
{
    int64_t limit;
    int r = limit_of(rq, t, "metadata_items", &limit, err);

    if (r >= 0 && limit >= 0 && (int64_t) items > limit)
        return err_http(err, 403, "MetadataLimitExceeded", "Maximum number of metadata items exceeds %lld",
                        (long long) limit);
    return r;
}
