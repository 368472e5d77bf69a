/* SPDX-License-Identifier: Apache-2.0 */
/* /allocations and /resource_providers/{uuid}/allocations */
#include "placement/api/allocations.h"

#include "base/str.h"
#include "base/uuid.h"
#include "placement/api/common.h"
#include "placement/api/routes.h"
#include "placement/store/allocations.h"
#include "rest/dialect/common.h"

#define VERSION_OWNER      8  /* project_id and user_id are required */
#define VERSION_BY_UUID    12 /* an object by providers, before a list */
#define VERSION_POST       13
#define VERSION_GENERATION 28
#define VERSION_MAPPINGS   34
#define VERSION_TYPE       38

struct claim_body {
    const char *allocations, *project_id, *user_id, *mappings, *consumer_type;
    int64_t consumer_generation;
};

static const char *check_type(const char *v)
{
    return is_class_name(v) ? NULL : "does not match '^[A-Z0-9_]+$'";
}

#define OWNER(member, ...)                                                                            \
    FIELD(FIELD_STRING, claim_body, member, .use = ON_CREATE, .required = true, .min = 1, .max = 255, \
          __VA_ARGS__)

static const struct field claim_fields[] = {
    FIELD(FIELD_JSON, claim_body, allocations, .use = ON_CREATE, .required = true),
    OWNER(project_id, .since = VERSION_OWNER),
    OWNER(user_id, .since = VERSION_OWNER),
    OWNER(consumer_type, .since = VERSION_TYPE, .check = check_type),
    FIELD(FIELD_INT, claim_body, consumer_generation, .use = ON_CREATE, .required = true, .nullable = true,
          .since = VERSION_GENERATION),
    FIELD(FIELD_JSON, claim_body, mappings, .use = ON_CREATE, .json = "object", .since = VERSION_MAPPINGS),
    { 0 },
};

struct provider_body {
    const char *resources, *resource_provider;
    int64_t generation;
};

static const struct field provider_fields[] = {
    FIELD(FIELD_JSON, provider_body, resources, .use = ON_CREATE, .required = true, .json = "object"),
    FIELD(FIELD_JSON, provider_body, resource_provider, .use = ON_CREATE, .required = true, .json = "object",
          .until = VERSION_BY_UUID - 1),
    FIELD(FIELD_INT, provider_body, generation, .use = ON_CREATE, .since = VERSION_BY_UUID),
    { 0 },
};

/* --- reading --------------------------------------------------------------------------- */

static int read_resources(struct request *rq, struct claim *c, const char *provider, const json_t *o,
                          struct err *err)
{
    const char *class;
    json_t *v;

    if (!json_object_size(o))
        return body_refuse(err, "minProperties", "{} does not have enough properties");
    c->items = arena_grow(rq->arena, c->items, c->n_items * sizeof(*c->items),
                          (c->n_items + json_object_size(o)) * sizeof(*c->items));
    json_object_foreach ((json_t *) o, class, v) {
        if (!is_class_name(class))
            return body_refuse(err, "additionalProperties",
                               "'%.100s' does not match any of the regexes: '^[A-Z0-9_]+$'", class);
        if (!json_is_integer(v))
            return body_refuse(err, "type", "%.100s is not of type 'integer'", json_text(rq->arena, v));
        if (json_integer_value(v) < 1)
            return body_refuse(err, "minimum", "%lld is less than the minimum of 1",
                               (long long) json_integer_value(v));
        if (json_integer_value(v) > PLACEMENT_MAX_INT)
            return body_refuse(err, "maximum", "%lld is greater than the maximum of %d",
                               (long long) json_integer_value(v), PLACEMENT_MAX_INT);
        c->items[c->n_items++] = (struct claim_item){ provider, class, json_integer_value(v) };
    }
    return 0;
}

static int read_by_uuid(struct request *rq, struct claim *c, const json_t *o, struct err *err)
{
    struct provider_body in = { 0 };
    const char *uuid;
    json_t *v;
    int r = 0;

    if (!json_is_object(o))
        return body_refuse(err, "type", "%.200s is not of type 'object'", json_text(rq->arena, o));
    json_object_foreach ((json_t *) o, uuid, v) {
        if (!is_uuid_key(uuid))
            return body_refuse(err, "additionalProperties",
                               "'%.100s' does not match any of the regexes: '^[0-9a-fA-F-]{36}$'", uuid);
        r = body_read(rq, provider_fields, v, &in, err);
        if (r >= 0)
            r = read_resources(rq, c, uuid, json_object_get(v, "resources"), err);
        if (r < 0)
            return r;
    }
    return 0;
}

/* The form before 1.12.  A provider that comes twice counts as it came last. */
static int read_list(struct request *rq, struct claim *c, const json_t *list, struct err *err)
{
    json_t *v, *provider;
    size_t i;
    int r = 0;

    if (!json_is_array(list) || !json_array_size(list))
        return body_refuse(err, json_is_array(list) ? "minItems" : "type", "%.200s is %s",
                           json_text(rq->arena, list),
                           json_is_array(list) ? "too short" : "not of type 'array'");
    json_array_foreach ((json_t *) list, i, v) {
        struct provider_body in = { 0 };
        const char *uuid;
        size_t n = 0;

        r = body_read(rq, provider_fields, v, &in, err);
        if (r < 0)
            return r;
        provider = json_object_get(v, "resource_provider");
        uuid = json_str(provider, "uuid");
        if (!uuid || !uuid_is_valid(uuid) || json_object_size(provider) != 1)
            return body_refuse(err, "type", "the resource provider has no valid 'uuid' or more than that");
        for (size_t k = 0; k < c->n_items; k++)
            if (!str_eq(c->items[k].provider_uuid, uuid))
                c->items[n++] = c->items[k];
        c->n_items = n;
        r = read_resources(rq, c, uuid, json_object_get(v, "resources"), err);
        if (r < 0)
            return r;
    }
    return 0;
}

static bool is_suffix(const char *s)
{
    size_t n = strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");

    return !s[n] && n <= 64;
}

static int check_mapping(struct request *rq, const json_t *v, struct err *err)
{
    json_t *uuid;
    size_t i;

    if (!json_is_array(v))
        return body_refuse(err, "type", "%s is not of type 'array'", shown_value(rq->arena, v));
    if (!json_array_size(v))
        return body_refuse(err, "minItems", "[] is too short");
    json_array_foreach ((json_t *) v, i, uuid)
        if (!json_is_string(uuid) || !uuid_is_valid(json_string_value(uuid)))
            return body_refuse(err, "format", "%s is not a 'uuid'", shown_value(rq->arena, uuid));
    return 0;
}

/* Nothing is done with them; a candidate may be handed on as it came. */
static int check_mappings(struct request *rq, const json_t *o, struct err *err)
{
    const char *suffix;
    int r = 0;
    json_t *v;

    if (o && !json_object_size(o))
        return body_refuse(err, "minProperties", "{} does not have enough properties");
    json_object_foreach ((json_t *) o, suffix, v) {
        /* The schema speaks of suffixes only, and so not of the group without. */
        if (*suffix && is_suffix(suffix))
            r = check_mapping(rq, v, err);
        if (r < 0)
            break;
    }
    return r;
}

static int read_claim(struct request *rq, const char *uuid, const json_t *o, bool may_be_empty,
                      struct claim *c, struct err *err)
{
    const struct placement_options *opt = rq->server->options;
    struct claim_body in = { 0 };
    const json_t *all;
    int r;

    r = body_read(rq, claim_fields, o, &in, err);
    if (r < 0)
        return r;
    *c = (struct claim){ .check_generation = rq->version >= VERSION_GENERATION,
                         .generation = in.consumer_generation,
                         .set_type = rq->version >= VERSION_TYPE };
    c->consumer = (struct consumer){
        .uuid = uuid, .project_id = in.project_id, .user_id = in.user_id, .type = in.consumer_type
    };
    if (rq->version < VERSION_OWNER) {
        c->consumer.project_id = opt->incomplete_consumer_project_id;
        c->consumer.user_id = opt->incomplete_consumer_user_id;
    }
    all = json_object_get(o, "allocations");
    r = rq->version < VERSION_BY_UUID ? read_list(rq, c, all, err) : read_by_uuid(rq, c, all, err);
    if (r >= 0 && !may_be_empty && !c->n_items)
        return body_refuse(err, "minProperties", "{} does not have enough properties");
    return r < 0 ? r : check_mappings(rq, json_object_get(o, "mappings"), err);
}

int claims_read(struct request *rq, const json_t *o, struct claim **ret, size_t *ret_n, struct err *err)
{
    struct claim *all = arena_array(rq->arena, struct claim, json_object_size(o) + 1);
    const char *uuid;
    size_t n = 0;
    json_t *v;
    int r;

    json_object_foreach ((json_t *) o, uuid, v) {
        if (!is_uuid_key(uuid))
            return body_refuse(err, "additionalProperties",
                               "'%.100s' does not match any of the regexes: '^[0-9a-fA-F-]{36}$'", uuid);
        r = read_claim(rq, uuid, v, true, &all[n++], err);
        if (r < 0)
            return r;
    }
    *ret = all;
    *ret_n = n;
    return 0;
}

/* --- writing --------------------------------------------------------------------------- */

static int set_one(struct request *rq, struct err *err)
{
    const char *uuid = rq_param(rq, "consumer_uuid");
    uint8_t bytes[16];
    struct claim c;
    struct txn *t;
    int r;

    if (uuid_parse(uuid, bytes) < 0)
        return err_http(err, 400, NULL, "Malformed consumer_uuid: %.255s", uuid);
    uuid = uuid_text(rq->arena, bytes);
    r = body_required(rq, err);
    if (r >= 0)
        r = read_claim(rq, uuid, rq->json, rq->version >= VERSION_GENERATION, &c, err);
    if (r >= 0)
        r = rq_txn(rq, &t, err);
    if (r >= 0)
        r = claims_set(t, rq->arena, &c, 1, server_now_us(rq->server),
                       arena_printf(rq->arena, "Unable to allocate inventory for consumer %s: ", uuid), err);
    return r < 0 ? r : reply_empty(rq, 204);
}

static int set_many(struct request *rq, struct err *err)
{
    struct claim *claims;
    struct txn *t;
    size_t n;
    int r;

    r = body_required(rq, err);
    if (r >= 0 && (!json_is_object(rq->json) || !json_object_size(rq->json)))
        return body_refuse(err, "minProperties",
                           "the body is not of type 'object' or does not have enough properties");
    if (r >= 0)
        r = claims_read(rq, rq->json, &claims, &n, err);
    if (r >= 0)
        r = rq_txn(rq, &t, err);
    if (r >= 0)
        r = claims_set(t, rq->arena, claims, n, server_now_us(rq->server), "Unable to allocate inventory ",
                       err);
    return r < 0 ? r : reply_empty(rq, 204);
}

static int delete_one(struct request *rq, struct err *err)
{
    const char *uuid = rq_param(rq, "consumer_uuid");
    struct consumer c;
    struct txn *t;
    int r;

    r = rq_txn(rq, &t, err);
    if (r >= 0) /* Before the rows, as every writer of a consumer. */
        r = consumer_get(t, rq->arena, uuid, true, &c, err);
    if (r >= 0)
        r = allocation_delete_of_consumer(t, uuid, err);
    if (r == -ENOENT || r == 0)
        return err_http(err, 404, NULL, "No allocations for consumer '%.255s'", uuid);
    if (r >= 0)
        r = consumer_delete(t, uuid, err);
    return r < 0 ? r : reply_empty(rq, 204);
}

/* --- reading the rows ------------------------------------------------------------------------ */

/* Rows of one key stand together. */
static void write_grouped(struct jw *w, const struct allocations *l, bool by_provider,
                          bool consumer_generation)
{
    jw_object(w, "allocations");
    for (size_t i = 0; i < l->count;) {
        const struct allocation *first = &l->items[i];

        jw_object(w, by_provider ? first->provider_uuid : first->consumer);
        jw_object(w, "resources");
        for (; i < l->count && str_eq(l->items[i].consumer, first->consumer) &&
               l->items[i].provider_id == first->provider_id;
             i++)
            jw_int(w, l->items[i].class_name, l->items[i].used);
        jw_end_object(w);
        if (by_provider)
            jw_int(w, "generation", first->provider_generation);
        else if (consumer_generation)
            jw_int(w, "consumer_generation", first->consumer_generation);
        jw_end_object(w);
    }
    jw_end_object(w);
}

static int64_t newest(const struct allocations *l)
{
    int64_t us = 0;

    for (size_t i = 0; i < l->count; i++)
        us = l->items[i].created_at > us ? l->items[i].created_at : us;
    return us;
}

static int list_of_consumer(struct request *rq, struct err *err)
{
    const char *uuid = rq_param(rq, "consumer_uuid");
    struct allocations l;
    struct consumer c;
    struct txn *t;
    struct jw *w;
    int r;

    r = accept_json(rq, err);
    if (r >= 0)
        r = rq_txn(rq, &t, err);
    if (r >= 0)
        r = allocation_list_of_consumer(t, rq->arena, uuid, &l, err);
    if (r >= 0 && l.count)
        r = consumer_get(t, rq->arena, uuid, false, &c, err);
    if (r < 0)
        return r;
    w = reply_begin(rq);
    jw_object(w, NULL);
    write_grouped(w, &l, true, false);
    if (l.count && rq->version >= VERSION_BY_UUID) {
        jw_str(w, "project_id", c.project_id);
        jw_str(w, "user_id", c.user_id);
        if (rq->version >= VERSION_GENERATION)
            jw_int(w, "consumer_generation", c.generation);
        if (rq->version >= VERSION_TYPE)
            jw_str(w, "consumer_type", c.type ? c.type : "unknown");
    }
    jw_end_object(w);
    return reply_aged(rq, 200, newest(&l));
}

static int list_of_provider(struct request *rq, struct err *err)
{
    struct allocations l;
    struct provider p;
    struct txn *t;
    struct jw *w;
    int r;

    r = read_provider(rq, &t, &p, err);
    if (r >= 0)
        r = allocation_list_of_provider(t, rq->arena, p.id, &l, err);
    if (r < 0)
        return r;
    w = reply_begin(rq);
    jw_object(w, NULL);
    write_grouped(w, &l, false, rq->version >= VERSION_GENERATION);
    jw_int(w, "resource_provider_generation", p.generation);
    jw_end_object(w);
    return reply_aged(rq, 200, newest(&l));
}

#define ONE "/allocations/{consumer_uuid}"

const struct route allocation_routes[] = {
    { HTTP_POST, "/allocations", "placement:allocations:manage", set_many, .since = VERSION_POST },
    { HTTP_GET, ONE, "placement:allocations:list", list_of_consumer },
    { HTTP_PUT, ONE, "placement:allocations:update", set_one },
    { HTTP_DELETE, ONE, "placement:allocations:delete", delete_one },
    { HTTP_GET, "/resource_providers/{uuid}/allocations", "placement:resource_providers:allocations:list",
      list_of_provider },
    { 0 },
};
