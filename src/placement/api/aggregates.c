/* SPDX-License-Identifier: Apache-2.0 */
/* /resource_providers/{uuid}/aggregates */
#include "base/str.h"
#include "base/uuid.h"
#include "placement/api/common.h"
#include "placement/api/routes.h"
#include "placement/store/providers.h"

#define VERSION_GENERATION 19

struct aggregates_body {
    const char *aggregates;
    int64_t resource_provider_generation;
};

static const struct field fields[] = {
    FIELD(FIELD_JSON, aggregates_body, aggregates, .use = ON_CREATE, .required = true, .json = "array"),
    FIELD(FIELD_INT, aggregates_body, resource_provider_generation, .use = ON_CREATE, .required = true),
    { 0 },
};

static int reply_aggregates(struct request *rq, const struct provider *p, const char *const *uuids)
{
    struct jw *w = reply_begin(rq);

    jw_object(w, NULL);
    jw_strv(w, "aggregates", uuids);
    if (rq->version >= VERSION_GENERATION)
        jw_int(w, "resource_provider_generation", p->generation);
    jw_end_object(w);
    return reply_aged(rq, 200, 0);
}

static int list_aggregates(struct request *rq, struct err *err)
{
    const char **uuids;
    struct provider p;
    struct txn *t;
    int r;

    r = read_provider(rq, &t, &p, err);
    if (r >= 0)
        r = provider_aggregates(t, rq->arena, p.id, &uuids, err);
    return r < 0 ? r : reply_aggregates(rq, &p, uuids);
}

static int read_uuids(struct request *rq, const json_t *v, const char ***ret, struct err *err)
{
    const char **uuids = json_strv(rq->arena, v);

    if (!json_is_array(v))
        return body_refuse(err, "type", "%.200s is not of type 'array'", json_text(rq->arena, v));
    if (!uuids)
        return body_refuse(err, "type", "an aggregate is not of type 'string'");
    for (size_t i = 0; uuids[i]; i++) {
        if (!uuid_is_valid(uuids[i]))
            return body_refuse(err, "format", "'%.100s' is not a 'uuid'", uuids[i]);
        for (size_t k = 0; k < i; k++)
            if (str_eq(uuids[i], uuids[k]))
                return body_refuse(err, "uniqueItems", "%.200s has non-unique elements",
                                   json_text(rq->arena, v));
    }
    *ret = uuids;
    return 0;
}

static int read_body(struct request *rq, const struct provider *p, const char ***ret, struct err *err)
{
    struct aggregates_body in = { 0 };
    int r;

    if (rq->version < VERSION_GENERATION)
        return read_uuids(rq, rq->json, ret, err);
    r = body_read(rq, fields, NULL, &in, err);
    if (r >= 0)
        r = read_uuids(rq, json_object_get(rq->json, "aggregates"), ret, err);
    if (r >= 0 && in.resource_provider_generation != p->generation)
        return generation_conflict(
            err,
            "Resource provider's generation already changed. Please update the generation and try again.");
    return r;
}

static int set_aggregates(struct request *rq, struct err *err)
{
    const char **uuids;
    struct provider p;
    struct txn *t;
    int r;

    r = change_provider(rq, &t, &p, err);
    if (r >= 0)
        r = read_body(rq, &p, &uuids, err);
    if (r >= 0)
        r = provider_set_aggregates(t, p.id, uuids, err);
    if (r >= 0 && rq->version >= VERSION_GENERATION)
        r = provider_touch(t, &p, server_now_us(rq->server), err);
    return r < 0 ? r : reply_aggregates(rq, &p, uuids);
}

#define PATH "/resource_providers/{uuid}/aggregates"
#define P    "placement:resource_providers:aggregates:"

const struct route aggregate_routes[] = {
    { HTTP_GET, PATH, P "list", list_aggregates, .since = 1 },
    { HTTP_PUT, PATH, P "update", set_aggregates, .since = 1 },
    { 0 },
};
