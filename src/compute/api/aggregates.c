/* SPDX-License-Identifier: Apache-2.0 */
/* /v2.1/os-aggregates */
#include "base/str.h"
#include "base/uuid.h"
#include "compute/api/common.h"
#include "compute/api/routes.h"
#include "compute/model/hosts.h"
#include "compute/store/common.h"
#include "compute/store/hosts.h"
#include "rest/dialect.h"

#define ZONE "availability_zone"

struct aggregate_spec {
    const char *name, *zone, *host, *metadata;
};

static const struct field create_fields[] = {
    FIELD(FIELD_STRING, aggregate_spec, name, .use = ON_CREATE, .required = true, .min = 1, .max = 255,
          .check = check_no_space),
    FIELD_AS(ZONE, FIELD_STRING, aggregate_spec, zone, .use = ON_CREATE, .nullable = true, .min = 1,
             .max = 255, .check = check_no_space),
    { 0 },
};

static const struct field update_fields[] = {
    FIELD(FIELD_STRING, aggregate_spec, name, .use = ON_UPDATE, .min = 1, .max = 255,
          .check = check_no_space),
    FIELD_AS(ZONE, FIELD_STRING, aggregate_spec, zone, .use = ON_UPDATE, .nullable = true, .min = 1,
             .max = 255, .check = check_no_space),
    { 0 },
};

static const struct field host_fields[] = {
    FIELD(FIELD_STRING, aggregate_spec, host, .use = ON_CREATE, .required = true, .min = 1, .max = 255),
    { 0 },
};

static const struct field metadata_fields[] = {
    FIELD(FIELD_JSON, aggregate_spec, metadata, .use = ON_CREATE, .required = true, .json = "object"),
    { 0 },
};

static void write_aggregate(struct request *rq, struct jw *w, const struct aggregate *g, bool full)
{
    auto_json json_t *m = json_of(g->metadata);

    jw_int(w, "id", g->number);
    if (rq->version >= 41)
        jw_str(w, "uuid", g->id);
    jw_str(w, "name", g->name);
    jw_str(w, ZONE, json_str(m, ZONE));
    jw_time(w, "created_at", g->created_at, TIME_ISO_MICRO);
    jw_time(w, "updated_at", g->updated_at, TIME_ISO_MICRO);
    jw_bool(w, "deleted", false);
    jw_null(w, "deleted_at");
    if (full) {
        jw_strv(w, "hosts", g->hosts);
        jw_value(w, "metadata", m);
    }
}

static int reply_aggregate(struct request *rq, const struct aggregate *g, bool full)
{
    struct jw *w = reply_begin(rq);

    jw_object(w, NULL);
    jw_object(w, "aggregate");
    write_aggregate(rq, w, g, full);
    jw_end_object(w);
    jw_end_object(w);
    return reply_end(rq, 200);
}

static int load_aggregate(struct request *rq, struct err *err)
{
    struct aggregate *g = arena_new(rq->arena, struct aggregate);
    const char *id = rq_param(rq, "id");
    struct txn *t;
    int64_t number;
    int r;

    rq->object = g;
    if (str_to_i64(id, &number) < 0)
        return err_http(err, 400, NULL, "Invalid aggregate id %.255s", id);
    r = rq_txn(rq, &t, err);
    if (r >= 0)
        r = aggregate_get(t, rq->arena, number, g, err);
    return r == -ENOENT ? err_http(err, 404, NULL, "Aggregate %.255s could not be found.", id) : r;
}

static int show_aggregate(struct request *rq, struct err *err)
{
    return reply_aggregate(rq, rq->object, true);
}

static int list_aggregates(struct request *rq, struct err *err)
{
    struct list l;
    struct txn *t;
    struct jw *w;
    int r = rq_txn(rq, &t, err);

    if (r >= 0)
        r = aggregate_all(t, rq->arena, &l, err);
    if (r < 0)
        return r;
    w = reply_begin(rq);
    jw_object(w, NULL);
    jw_array(w, "aggregates");
    for (size_t k = 0; k < l.count; k++) {
        jw_object(w, NULL);
        write_aggregate(rq, w, list_at(&l, k), true);
        jw_end_object(w);
    }
    jw_end_array(w);
    jw_end_object(w);
    return reply_end(rq, 200);
}

/* --- rules: a host is in one zone, and its zone stays while it has servers --------------------- */

static int zones_changed(struct request *rq, struct txn *t, struct err *err)
{
    return hosts_zones_changed(compute_of(rq), rq->arena, t, err);
}

static int save(struct request *rq, struct txn *t, struct aggregate *g, struct err *err)
{
    static const char *const only[] = { "name", "metadata", "hosts", "updated_at", NULL };
    int r;

    g->updated_at = server_now_us(rq->server);
    r = table_update(t, rq->arena, &aggregate_table, g, only, err);
    if (r == -EEXIST)
        return err_http(err, 409, NULL, "Aggregate %s already exists.", g->name);
    return r < 0 ? r : zones_changed(rq, t, err);
}

static int check_no_servers(struct request *rq, struct txn *t, const char *host, const char *what,
                            struct err *err)
{
    struct rows rows;
    int r = host_servers(t, rq->arena, host, &rows, err);

    if (r >= 0 && rows.count)
        return err_http(err, 409, NULL,
                        "Cannot %s: host %s has servers, and its availability zone would change.", what,
                        host);
    return r;
}

/* 'zone': of the aggregate; other aggregates of 'host' may name no other. */
static int check_one_zone(struct request *rq, struct txn *t, const struct aggregate *g, const char *host,
                          const char *zone, struct err *err)
{
    struct list all;
    int r = zone ? aggregate_all(t, rq->arena, &all, err) : 0;

    for (size_t k = 0; zone && r >= 0 && k < all.count; k++) {
        const struct aggregate *other = list_at(&all, k);
        auto_json json_t *m = json_of(other->metadata);
        const char *z = json_str(m, ZONE);

        if (other->number != g->number && strv_contains(other->hosts, host) && z && !str_eq(z, zone))
            return err_http(err, 409, NULL, "One or more hosts already in availability zone(s) ['%s']", z);
    }
    return r;
}

static int change_zone(struct request *rq, struct txn *t, struct aggregate *g, const char *old,
                       const char *new, struct err *err)
{
    int r = 0;

    if (str_eq(old, new))
        return 0;
    strv_foreach (h, g->hosts) {
        if (r >= 0)
            r = check_one_zone(rq, t, g, *h, new, err);
        if (r >= 0)
            r = check_no_servers(rq, t, *h, "update aggregate", err);
    }
    return r;
}

static int create_aggregate(struct request *rq, struct err *err)
{
    const struct aggregate_spec *in = rq->body;
    auto_json json_t *m = json_object();
    struct aggregate g = { .id = uuid_new(rq->arena),
                           .name = in->name,
                           .created_at = server_now_us(rq->server) };
    struct txn *t;
    int r = rq_txn(rq, &t, err);

    if (in->zone && strchr(in->zone, ':'))
        return err_http(err, 400, NULL,
                        "Invalid input for field/attribute availability_zone. Value: '%s'. has ':'",
                        in->zone);
    if (in->zone)
        json_object_set_new(m, ZONE, json_string(in->zone));
    g.metadata = json_text(rq->arena, m);
    if (r >= 0)
        r = counter_next(t, "aggregates", &g.number, err);
    if (r >= 0)
        r = table_insert(t, rq->arena, &aggregate_table, &g, err);
    if (r == -EEXIST)
        return err_http(err, 409, NULL, "Aggregate %s already exists.", g.name);
    return r < 0 ? r : reply_aggregate(rq, &g, false);
}

static int set_zone(struct request *rq, struct txn *t, struct aggregate *g, json_t *m, const char *zone,
                    struct err *err)
{
    int r = change_zone(rq, t, g, json_str(m, ZONE), zone, err);

    if (r < 0)
        return r;
    if (zone)
        json_object_set_new(m, ZONE, json_string(zone));
    else
        json_object_del(m, ZONE);
    return 0;
}

static int update_aggregate(struct request *rq, struct err *err)
{
    const struct aggregate_spec *in = rq->body;
    struct aggregate *g = rq->object;
    auto_json json_t *m = json_of(g->metadata);
    struct txn *t;
    int r = rq_txn(rq, &t, err);

    if (!rq->given)
        return rq->server->service->dialect->bad_field(rq, err, "aggregate", rq->in,
                                                       "does not have enough properties");
    if (in->name)
        g->name = in->name;
    if (r >= 0 && RQ_GIVEN(rq, aggregate_spec, zone))
        r = set_zone(rq, t, g, m, in->zone, err);
    g->metadata = json_text(rq->arena, m);
    if (r >= 0)
        r = save(rq, t, g, err);
    return r < 0 ? r : reply_aggregate(rq, g, true);
}

static int delete_aggregate(struct request *rq, struct err *err)
{
    const struct aggregate *g = rq->object;
    struct txn *t;
    int r = rq_txn(rq, &t, err);

    if (strv_len(g->hosts))
        return err_http(err, 400, NULL, "Cannot remove aggregate %lld: it has hosts.", (long long) g->number);
    if (r >= 0)
        r = table_delete(t, &aggregate_table, g->id, err);
    return r < 0 ? r : reply_empty(rq, 200);
}

static int add_host(struct request *rq, struct err *err)
{
    const char *host = ((const struct aggregate_spec *) rq->body)->host;
    struct aggregate *g = rq->object;
    auto_json json_t *m = json_of(g->metadata);
    const char *zone = json_str(m, ZONE);
    struct host_state h;
    struct txn *t;
    int r = rq_txn(rq, &t, err);

    if (hosts_get(compute_of(rq), rq->arena, host, &h) < 0)
        return err_http(err, 404, NULL, "Compute host %s could not be found.", host);
    if (strv_contains(g->hosts, host))
        return err_http(err, 409, NULL, "Aggregate %lld already has host %s.", (long long) g->number, host);
    if (r >= 0)
        r = check_one_zone(rq, t, g, host, zone, err);
    if (r >= 0 && zone && !str_eq(zone, h.zone))
        r = check_no_servers(rq, t, host, "add host to aggregate", err);
    g->hosts = strv_add(rq->arena, g->hosts, host);
    if (r >= 0)
        r = save(rq, t, g, err);
    return r < 0 ? r : reply_aggregate(rq, g, true);
}

static int remove_host(struct request *rq, struct err *err)
{
    const char *host = ((const struct aggregate_spec *) rq->body)->host, **left = NULL;
    struct aggregate *g = rq->object;
    auto_json json_t *m = json_of(g->metadata);
    const char *zone = json_str(m, ZONE);
    struct txn *t;
    int r = rq_txn(rq, &t, err);

    if (!strv_contains(g->hosts, host))
        return err_http(err, 404, NULL, "Cannot remove host %s in aggregate %lld: not found", host,
                        (long long) g->number);
    if (r >= 0 && zone && !str_eq(zone, compute_of(rq)->opt->default_availability_zone))
        r = check_no_servers(rq, t, host, "remove host from aggregate", err);
    strv_foreach (v, g->hosts)
        if (!str_eq(*v, host))
            left = strv_add(rq->arena, left, *v);
    g->hosts = left;
    if (r >= 0)
        r = save(rq, t, g, err);
    return r < 0 ? r : reply_aggregate(rq, g, true);
}

static int set_metadata(struct request *rq, struct err *err)
{
    auto_json json_t *in = json_of(((const struct aggregate_spec *) rq->body)->metadata);
    struct aggregate *g = rq->object;
    auto_json json_t *m = json_of(g->metadata);
    const json_t *zone = json_object_get(in, ZONE);
    const char *key;
    struct txn *t;
    json_t *v;
    int r = rq_txn(rq, &t, err);

    if (r >= 0 && zone)
        r = set_zone(rq, t, g, m, json_string_value(zone), err);
    json_object_foreach (in, key, v) {
        if (r < 0 || str_eq(key, ZONE))
            continue;
        if (!*key || strlen(key) > 255 ||
            (!json_is_null(v) && (!json_is_string(v) || json_string_length(v) > 255)))
            return rq->server->service->dialect->bad_field(rq, err, key, v, "is not a short text");
        if (json_is_null(v))
            json_object_del(m, key);
        else
            json_object_set(m, key, v);
    }
    g->metadata = json_text(rq->arena, m);
    if (r >= 0)
        r = save(rq, t, g, err);
    return r < 0 ? r : reply_aggregate(rq, g, true);
}

#define ONE   "/v2.1/os-aggregates/{id}"
#define IN(f) .in = (f), .in_size = sizeof(struct aggregate_spec)

/* clang-format off */
const struct route compute_aggregate_routes[] = {
    { HTTP_GET,    "/v2.1/os-aggregates", "os_compute_api:os-aggregates:index",  list_aggregates },
    { HTTP_POST,   "/v2.1/os-aggregates", "os_compute_api:os-aggregates:create", create_aggregate, .key = "aggregate", IN(create_fields) },
    { HTTP_GET,    ONE, "os_compute_api:os-aggregates:show",   show_aggregate,   .load = load_aggregate },
    { HTTP_PUT,    ONE, "os_compute_api:os-aggregates:update", update_aggregate, .load = load_aggregate, .key = "aggregate", IN(update_fields) },
    { HTTP_DELETE, ONE, "os_compute_api:os-aggregates:delete", delete_aggregate, .load = load_aggregate },
    { HTTP_POST,   ONE "/action", "os_compute_api:os-aggregates:add_host",     add_host,     .action = "add_host",     .load = load_aggregate, IN(host_fields) },
    { HTTP_POST,   ONE "/action", "os_compute_api:os-aggregates:remove_host",  remove_host,  .action = "remove_host",  .load = load_aggregate, IN(host_fields) },
    { HTTP_POST,   ONE "/action", "os_compute_api:os-aggregates:set_metadata", set_metadata, .action = "set_metadata", .load = load_aggregate, IN(metadata_fields) },
    { 0 },
};
/* clang-format on */
