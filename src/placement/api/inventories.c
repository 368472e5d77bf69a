/* SPDX-License-Identifier: Apache-2.0 */
/* /resource_providers/{uuid}/inventories */
#include "placement/api/inventories.h"

#include "base/str.h"
#include "placement/api/common.h"
#include "placement/api/routes.h"
#include "placement/model/stock.h"
#include "placement/store/providers.h"

#define VERSION_DELETE_ALL   5
#define VERSION_ALL_RESERVED 26

struct inventory_body {
    struct inventory inv;
    const char *resource_class;
    int64_t resource_provider_generation;
};

#define MAX_INT_TEXT "2147483647"
#define MAX_RATIO    3.40282e+38

#define AMOUNTS                                                                                            \
    FIELD_AS("total", FIELD_INT, inventory_body, inv.total, .use = ON_CREATE, .required = true, .min = 1,  \
             .max = PLACEMENT_MAX_INT),                                                                    \
        FIELD_AS("reserved", FIELD_INT, inventory_body, inv.reserved, .use = ON_CREATE, .min = 0,          \
                 .max = PLACEMENT_MAX_INT, .value = "0"),                                                  \
        FIELD_AS("min_unit", FIELD_INT, inventory_body, inv.min_unit, .use = ON_CREATE, .min = 1,          \
                 .max = PLACEMENT_MAX_INT, .value = "1"),                                                  \
        FIELD_AS("max_unit", FIELD_INT, inventory_body, inv.max_unit, .use = ON_CREATE, .min = 1,          \
                 .max = PLACEMENT_MAX_INT, .value = MAX_INT_TEXT),                                         \
        FIELD_AS("step_size", FIELD_INT, inventory_body, inv.step_size, .use = ON_CREATE, .min = 1,        \
                 .max = PLACEMENT_MAX_INT, .value = "1"),                                                  \
        FIELD_AS("allocation_ratio", FIELD_DOUBLE, inventory_body, inv.allocation_ratio, .use = ON_CREATE, \
                 .value = "1.0")

/* One of many, where the generation stands beside. */
static const struct field record_fields[] = {
    AMOUNTS,
    FIELD(FIELD_INT, inventory_body, resource_provider_generation, .use = ON_CREATE),
    { 0 },
};

static const struct field one_fields[] = {
    AMOUNTS,
    FIELD(FIELD_INT, inventory_body, resource_provider_generation, .use = ON_CREATE, .required = true),
    { 0 },
};

static const struct field new_fields[] = {
    AMOUNTS,
    FIELD(FIELD_INT, inventory_body, resource_provider_generation, .use = ON_CREATE),
    FIELD(FIELD_STRING, inventory_body, resource_class, .use = ON_CREATE, .required = true),
    { 0 },
};

struct all_body {
    int64_t resource_provider_generation;
    const char *inventories;
};

static const struct field all_fields[] = {
    FIELD(FIELD_INT, all_body, resource_provider_generation, .use = ON_CREATE, .required = true),
    FIELD(FIELD_JSON, all_body, inventories, .use = ON_CREATE, .required = true, .json = "object"),
    { 0 },
};

/* --- reading --------------------------------------------------------------------------- */

static int check_reserved(struct request *rq, const char *provider_uuid, const struct inventory *i,
                          const char *verb, struct err *err)
{
    bool all_may = rq->version >= VERSION_ALL_RESERVED;
    int64_t capacity = inventory_whole_capacity(i);

    if (all_may ? capacity >= 0 : capacity > 0)
        return 0;
    return err_http(err, 400, NULL,
                    "Unable to %s inventory for resource provider %s: Invalid inventory for '%s' on resource "
                    "provider '%s'. The reserved value is greater than %stotal.",
                    verb, provider_uuid, i->class_name, provider_uuid, all_may ? "" : "or equal to ");
}

/* One inventory out of 'o'. */
static int read_one(struct request *rq, const struct field *fields, const json_t *o,
                    struct inventory_body *in, struct err *err)
{
    int r = body_read(rq, fields, o, in, err);

    if (r >= 0 && in->inv.allocation_ratio > MAX_RATIO)
        return body_refuse(err, "maximum", "%g is greater than the maximum of %g", in->inv.allocation_ratio,
                           MAX_RATIO);
    in->inv.modified_at = server_now_us(rq->server);
    return r;
}

int inventories_read(struct request *rq, const json_t *o, struct inventories *ret, struct err *err)
{
    struct inventories l = { .items = arena_array(rq->arena, struct inventory, json_object_size(o) + 1) };
    const char *name;
    json_t *v;
    int r;

    json_object_foreach ((json_t *) o, name, v) {
        struct inventory_body in = { 0 };

        if (!is_class_name(name))
            return body_refuse(err, "pattern", "'%.100s' does not match '^[A-Z0-9_]+$'", name);
        r = read_one(rq, record_fields, v, &in, err);
        if (r < 0)
            return r;
        in.inv.class_name = name;
        l.items[l.count++] = in.inv;
    }
    *ret = l;
    return 0;
}

int inventories_resolve(struct request *rq, const struct names *classes, const char *provider_uuid,
                        const char *unknown_prefix, struct inventories *l, struct err *err)
{
    int r = 0;

    for (size_t i = 0; r >= 0 && i < l->count; i++) {
        const struct name *class = names_find(classes, l->items[i].class_name);

        if (!class)
            return err_http(err, 400, NULL, "%sNo such resource class %.255s.", unknown_prefix,
                            l->items[i].class_name);
        l->items[i].class_id = class->id;
        r = check_reserved(rq, provider_uuid, &l->items[i], "update", err);
    }
    return r;
}

/* --- answers --------------------------------------------------------------------------- */

static void write_inventory(struct jw *w, const struct inventory *i)
{
    jw_int(w, "total", i->total);
    jw_int(w, "reserved", i->reserved);
    jw_int(w, "min_unit", i->min_unit);
    jw_int(w, "max_unit", i->max_unit);
    jw_int(w, "step_size", i->step_size);
    jw_double(w, "allocation_ratio", i->allocation_ratio);
}

static int reply_inventory(struct request *rq, const struct provider *p, const struct inventory *i,
                           int status)
{
    struct jw *w = reply_begin(rq);

    jw_object(w, NULL);
    write_inventory(w, i);
    jw_int(w, "resource_provider_generation", p->generation);
    jw_end_object(w);
    return reply_aged(rq, status, i->modified_at);
}

static int reply_inventories(struct request *rq, const struct provider *p, const struct inventories *l)
{
    struct jw *w = reply_begin(rq);
    int64_t modified = 0;

    jw_object(w, NULL);
    jw_int(w, "resource_provider_generation", p->generation);
    jw_object(w, "inventories");
    for (size_t i = 0; i < l->count; i++) {
        modified = l->items[i].modified_at > modified ? l->items[i].modified_at : modified;
        jw_object(w, l->items[i].class_name);
        write_inventory(w, &l->items[i]);
        jw_end_object(w);
    }
    jw_end_object(w);
    jw_end_object(w);
    return reply_aged(rq, 200, modified);
}

static int list_inventories(struct request *rq, struct err *err)
{
    struct inventories l;
    struct provider p;
    struct txn *t;
    int r;

    r = read_provider(rq, &t, &p, err);
    if (r >= 0)
        r = inventory_list(t, rq->arena, p.id, &l, err);
    return r < 0 ? r : reply_inventories(rq, &p, &l);
}

static int show_inventory(struct request *rq, struct err *err)
{
    const char *class = rq_param(rq, "resource_class");
    struct inventories l;
    struct provider p;
    struct txn *t;
    int r;

    r = read_provider(rq, &t, &p, err);
    if (r >= 0)
        r = inventory_list(t, rq->arena, p.id, &l, err);
    if (r < 0)
        return r;
    for (size_t i = 0; i < l.count; i++)
        if (str_eq(l.items[i].class_name, class))
            return reply_inventory(rq, &p, &l.items[i], 200);
    return err_http(err, 404, NULL, "No inventory of class %.255s for %s", class, p.uuid);
}

/* --- changes ---------------------------------------------------------------------------- */

static int check_generation(const struct provider *p, int64_t generation, struct err *err)
{
    return p->generation == generation ? 0
                                       : generation_conflict(err, "resource provider generation conflict");
}

static int set_inventories(struct request *rq, struct err *err)
{
    struct all_body in = { 0 };
    struct names classes;
    struct inventories l;
    struct provider p;
    struct txn *t;
    int r;

    r = change_provider(rq, &t, &p, err);
    if (r >= 0)
        r = body_read(rq, all_fields, NULL, &in, err);
    if (r >= 0)
        r = inventories_read(rq, json_object_get(rq->json, "inventories"), &l, err);
    if (r >= 0)
        r = check_generation(&p, in.resource_provider_generation, err);
    if (r >= 0)
        r = names_load(t, rq->arena, NAMES_CLASSES, &classes, err);
    if (r >= 0)
        r = inventories_resolve(
            rq, &classes, p.uuid,
            arena_printf(rq->arena, "Unknown resource class in inventory for resource provider %s: ", p.uuid),
            &l, err);
    if (r >= 0)
        r = stock_set(t, rq->arena, &p, &l, server_now_us(rq->server), "update conflict: ", err);
    return r < 0 ? r : reply_inventories(rq, &p, &l);
}

static int delete_inventories(struct request *rq, struct err *err)
{
    const struct inventories none = { 0 };
    struct provider p;
    struct txn *t;
    int r;

    if (rq->version < VERSION_DELETE_ALL) {
        reply_header(rq, "Allow", "GET, POST, PUT");
        return err_http(err, 405, NULL, "The method specified is not allowed for this resource.");
    }
    r = lock_provider(rq, &t, &p, err);
    if (r >= 0)
        r = stock_set(t, rq->arena, &p, &none, server_now_us(rq->server), "", err);
    return r < 0 ? r : reply_empty(rq, 204);
}

/* Finds the class and checks the numbers. */
static int prepare_one(struct request *rq, struct txn *t, const struct provider *p, struct inventory_body *in,
                       const char *verb, struct err *err)
{
    struct name class;
    int r;

    r = name_get(t, rq->arena, NAMES_CLASSES, in->resource_class, &class, err);
    if (r == -ENOENT)
        return err_http(err, 400, NULL,
                        "Unable to %s inventory for resource provider %s: No such resource class %.255s.",
                        verb, p->uuid, in->resource_class);
    if (r < 0)
        return r;
    in->inv.class_id = class.id;
    in->inv.class_name = class.name;
    return check_reserved(rq, p->uuid, &in->inv, verb, err);
}

static int create_inventory(struct request *rq, struct err *err)
{
    struct inventory_body in = { 0 };
    struct provider p;
    struct txn *t;
    int r;

    r = change_provider(rq, &t, &p, err);
    if (r >= 0)
        r = read_one(rq, new_fields, NULL, &in, err);
    if (r >= 0 && !is_class_name(in.resource_class))
        return body_refuse(err, "pattern", "'%.100s' does not match '^[A-Z0-9_]+$'", in.resource_class);
    if (r >= 0)
        r = prepare_one(rq, t, &p, &in, "create", err);
    if (r >= 0)
        r = inventory_insert(t, p.id, &in.inv, err);
    if (r == -EEXIST)
        return generation_conflict(err,
                                   arena_printf(rq->arena,
                                                "Update conflict: the resource provider has an inventory "
                                                "of class %s already",
                                                in.resource_class));
    if (r >= 0)
        r = provider_touch(t, &p, in.inv.modified_at, err);
    if (r < 0)
        return r;
    reply_location(
        rq, arena_printf(rq->arena, "/resource_providers/%s/inventories/%s", p.uuid, in.inv.class_name));
    return reply_inventory(rq, &p, &in.inv, 201);
}

static int update_inventory(struct request *rq, struct err *err)
{
    struct inventory_body in = { .resource_class = rq_param(rq, "resource_class") };
    struct provider p;
    struct txn *t;
    int r;

    r = change_provider(rq, &t, &p, err);
    if (r >= 0)
        r = read_one(rq, one_fields, NULL, &in, err);
    if (r >= 0)
        r = check_generation(&p, in.resource_provider_generation, err);
    if (r >= 0)
        r = prepare_one(rq, t, &p, &in, "update", err);
    if (r < 0)
        return r;
    r = inventory_update(t, p.id, &in.inv, err);
    if (r == 0)
        return err_http(
            err, 400, NULL,
            "No inventory record with resource class for resource provider %s: No inventory of class "
            "%s found.",
            p.uuid, in.inv.class_name);
    if (r >= 0)
        r = provider_touch(t, &p, in.inv.modified_at, err);
    return r < 0 ? r : reply_inventory(rq, &p, &in.inv, 200);
}

static int delete_inventory(struct request *rq, struct err *err)
{
    const char *name = rq_param(rq, "resource_class");
    struct provider p;
    struct name class;
    int64_t used = 0;
    struct txn *t;
    int r;

    r = lock_provider(rq, &t, &p, err);
    if (r < 0)
        return r;
    r = name_get(t, rq->arena, NAMES_CLASSES, name, &class, err);
    if (r == -ENOENT)
        return err_http(err, 404, NULL,
                        "No inventory of class %.255s found for delete: No such resource class %.255s.", name,
                        name);
    if (r >= 0)
        r = inventory_used(t, p.id, class.id, &used, err);
    if (r >= 0 && used)
        return err_http(
            err, 409, PLACEMENT_CONCURRENT,
            "Unable to delete inventory of class %s: Inventory for '%s' on resource provider '%s' in "
            "use.",
            name, name, p.uuid);
    if (r >= 0)
        r = inventory_delete(t, p.id, class.id, err);
    if (r == 0)
        return err_http(
            err, 404, NULL,
            "No inventory of class %s found for delete: No inventory of class %s found for delete", name,
            name);
    if (r >= 0)
        r = provider_touch(t, &p, server_now_us(rq->server), err);
    return r < 0 ? r : reply_empty(rq, 204);
}

#define ALL "/resource_providers/{uuid}/inventories"
#define ONE ALL "/{resource_class}"
#define P   "placement:resource_providers:inventories:"

const struct route inventory_routes[] = {
    { HTTP_GET, ALL, P "list", list_inventories },      { HTTP_POST, ALL, P "create", create_inventory },
    { HTTP_PUT, ALL, P "update", set_inventories },     { HTTP_DELETE, ALL, P "delete", delete_inventories },
    { HTTP_GET, ONE, P "show", show_inventory },        { HTTP_PUT, ONE, P "update", update_inventory },
    { HTTP_DELETE, ONE, P "delete", delete_inventory }, { 0 },
};
