/* SPDX-License-Identifier: Apache-2.0 */
/* /v2.1/flavors, with access and extra specs. */
#include "compute/api/flavors.h"

#include "base/str.h"
#include "base/uuid.h"
#include "compute/api/routes.h"
#include "compute/store/flavors.h"
#include "rest/dialect.h"

#define INT32_TOP                     2147483647
#define F(name, type, member, u, ...) FIELD_AS(name, type, flavor, member, .use = (u), __VA_ARGS__)

static const char *check_flavor_id(const char *v)
{
    const char *why = check_no_space(v);

    for (const char *p = v; *p && !why; p++)
        if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789. _-", *p))
            why = "has other characters than letters, digits, '.', '-', '_' and space";
    return why;
}

/* clang-format off */
static const struct field fields[] = {
    F("id", FIELD_STRING, id, ON_CREATE | ON_SHOW | ON_SORT, .nullable = true, .lax = true, .min = 1, .max = 255, .check = check_flavor_id),
    F("name", FIELD_STRING, name, ON_CREATE | ON_SHOW | ON_SORT, .required = true, .min = 1, .max = 255, .check = check_no_space),
    F("ram", FIELD_INT, ram_mb, ON_CREATE | ON_SHOW, .required = true, .lax = true, .min = 1, .max = INT32_TOP),
    F("vcpus", FIELD_INT, vcpus, ON_CREATE | ON_SHOW | ON_SORT, .required = true, .lax = true, .min = 1, .max = INT32_TOP),
    F("disk", FIELD_INT, disk_gb, ON_CREATE | ON_SHOW, .required = true, .lax = true, .max = INT32_TOP),
    F("swap", FIELD_INT, swap_mb, ON_CREATE | ON_SORT, .lax = true, .max = INT32_TOP, .column = "swap_mb"),
    F("OS-FLV-EXT-DATA:ephemeral", FIELD_INT, ephemeral_gb, ON_CREATE | ON_SHOW, .lax = true, .max = INT32_TOP),
    F("OS-FLV-DISABLED:disabled", FIELD_BOOL, disabled, ON_SHOW),
    F("rxtx_factor", FIELD_DOUBLE, rxtx_factor, ON_CREATE | ON_SHOW | ON_SORT, .lax = true, .value = "1.0", .max = INT32_TOP),
    F("os-flavor-access:is_public", FIELD_BOOL, is_public, ON_CREATE | ON_SHOW, .lax = true, .value = "true"),
    F("description", FIELD_STRING, description, ON_CREATE | ON_UPDATE | ON_SHOW | ON_SORT, .nullable = true, .max = 65535, .since = 55),
    F("flavorid", FIELD_STRING, id, ON_SORT, .column = "id"),
    F("memory_mb", FIELD_INT, ram_mb, ON_SORT, .column = "ram_mb"),
    F("root_gb", FIELD_INT, disk_gb, ON_SORT, .column = "disk_gb"),
    F("ephemeral_gb", FIELD_INT, ephemeral_gb, ON_SORT, .column = "ephemeral_gb"),
    F("disabled", FIELD_BOOL, disabled, ON_SORT),
    F("is_public", FIELD_BOOL, is_public, ON_SORT, .column = "is_public"),
    F("created_at", FIELD_TIME, created_at, ON_SORT),
    F("updated_at", FIELD_TIME, updated_at, ON_SORT),
    { 0 },
};
/* clang-format on */

static const struct resource flavor_resource = {
    .singular = "flavor",
    .plural = "flavors",
    .table = &flavor_table,
    .fields = fields,
    .default_sort = "id",
    .id_param = "flavor_id",
};

int visible_flavor(struct request *rq, const char *id, struct flavor *ret, struct err *err)
{
    struct txn *t;
    int r = rq_txn(rq, &t, err);

    if (r >= 0)
        r = table_get(t, rq->arena, &flavor_table, id, ret, err);
    if (r >= 0 && !ret->is_public && !is_admin(rq))
        r = flavor_access_has(t, id, rq->token->project_id, err);
    return r == -ENOENT ? err_http(err, 404, NULL, "Flavor %.255s could not be found.", id) : r;
}

static int load_flavor(struct request *rq, struct err *err)
{
    struct flavor *f = arena_new(rq->arena, struct flavor);

    rq->object = f;
    return visible_flavor(rq, rq_param(rq, "flavor_id"), f, err);
}

/* For what only administrators may do: policy answers, not visibility. */
static int load_any_flavor(struct request *rq, struct err *err)
{
    struct flavor *f = arena_new(rq->arena, struct flavor);
    const char *id = rq_param(rq, "flavor_id");
    struct txn *t;
    int r = rq_txn(rq, &t, err);

    rq->object = f;
    if (r >= 0)
        r = table_get(t, rq->arena, &flavor_table, id, f, err);
    return r == -ENOENT ? err_http(err, 404, NULL, "Flavor %.255s could not be found.", id) : r;
}

static void write_flavor(struct request *rq, struct jw *w, const struct flavor *f)
{
    fields_write(rq, w, fields, f);
    if (f->swap_mb || rq->version >= 75)
        jw_int(w, "swap", f->swap_mb);
    else
        jw_str(w, "swap", "");
    if (rq->version >= 61 && rq_can(rq, "os_compute_api:os-flavor-extra-specs:index"))
        write_json(w, "extra_specs", f->extra_specs, "{}");
    write_links(rq, w, arena_printf(rq->arena, "flavors/%s", f->id));
}

static int reply_flavor(struct request *rq, const struct flavor *f)
{
    struct jw *w = reply_begin(rq);

    jw_object(w, NULL);
    jw_object(w, "flavor");
    write_flavor(rq, w, f);
    jw_end_object(w);
    jw_end_object(w);
    return reply_end(rq, 200);
}

static int show_flavor(struct request *rq, struct err *err)
{
    return reply_flavor(rq, rq->object);
}

/* --- lists ----------------------------------------------------------------- */

static int limit_by_size(struct request *rq, struct query *q, const char *param, const char *column,
                         struct err *err)
{
    const char *v = rq_query(rq, param);
    int64_t n;

    if (!v)
        return 0;
    if (str_to_i64(v, &n) < 0)
        return err_http(err, 400, NULL, "Invalid %s filter [%.100s]", param, v);
    rq_cond(rq, q, (struct cond){ .column = column, .op = COND_GE, .value = val_int(n) });
    return 0;
}

/* Others than admin see what is public or open to their project. */
static int limit_to_visible(struct request *rq, struct query *q, struct err *err)
{
    const char *v = rq_query(rq, "is_public");
    struct val *project = arena_new(rq->arena, struct val);
    bool public = true;

    if (!is_admin(rq)) {
        *project = val_text(rq->token->project_id);
        rq_cond(rq, q,
                (struct cond){ .column = "(is_public = 1 OR id IN (SELECT flavor_id FROM flavor_access "
                                         "WHERE project_id = ?))",
                               .op = COND_SQL,
                               .vals = project,
                               .n_vals = 1 });
        return 0;
    }
    if (v && str_eq_nocase(v, "none"))
        return 0;
    if (v && str_to_bool(v, &public) < 0)
        return err_http(err, 400, NULL, "Invalid is_public filter [%.100s]", v);
    rq_cond(rq, q, (struct cond){ .column = "is_public", .op = COND_EQ, .value = val_int(public) });
    return 0;
}

static int before_list(struct request *rq, struct query *q, struct err *err)
{
    int r = limit_by_size(rq, q, "minRam", "ram_mb", err);

    if (r >= 0)
        r = limit_by_size(rq, q, "minDisk", "disk_gb", err);
    return r < 0 ? r : limit_to_visible(rq, q, err);
}

static int list_flavors_as(struct request *rq, bool detail, struct err *err)
{
    struct list l;
    struct jw *w;
    int r = list_rows(rq, &flavor_resource, before_list, &l, err);

    if (r < 0)
        return r;
    w = reply_begin(rq);
    jw_object(w, NULL);
    jw_array(w, "flavors");
    for (size_t i = 0; i < l.count; i++) {
        const struct flavor *f = list_at(&l, i);

        jw_object(w, NULL);
        if (detail) {
            write_flavor(rq, w, f);
        } else {
            jw_str(w, "id", f->id);
            jw_str(w, "name", f->name);
            if (rq->version >= 55)
                jw_str(w, "description", f->description);
            write_links(rq, w, arena_printf(rq->arena, "flavors/%s", f->id));
        }
        jw_end_object(w);
    }
    jw_end_array(w);
    write_next(rq, w, "flavors", &flavor_resource, &l);
    jw_end_object(w);
    return reply_end(rq, 200);
}

static int list_flavors(struct request *rq, struct err *err)
{
    return list_flavors_as(rq, false, err);
}

static int list_flavor_details(struct request *rq, struct err *err)
{
    return list_flavors_as(rq, true, err);
}

/* --- create, update, delete ------------------------------------------------ */

static int create_flavor(struct request *rq, struct err *err)
{
    struct flavor *f = rq->body;
    struct flavor other;
    struct txn *t;
    int r;

    if (!f->id || str_eq(f->id, "auto"))
        f->id = uuid_new(rq->arena);
    f->extra_specs = "{}";
    f->created_at = server_now_us(rq->server);
    r = rq_txn(rq, &t, err);
    if (r < 0)
        return r;
    r = table_insert(t, rq->arena, &flavor_table, f, err);
    if (r == -EEXIST && table_get(t, rq->arena, &flavor_table, f->id, &other, NULL) >= 0)
        return err_http(err, 409, NULL, "Flavor with ID %s already exists.", f->id);
    if (r == -EEXIST)
        return err_http(err, 409, NULL, "Flavor with name %s already exists.", f->name);
    return r < 0 ? r : reply_flavor(rq, f);
}

static int update_flavor(struct request *rq, struct err *err)
{
    static const char *const only[] = { "description", "updated_at", NULL };
    struct flavor *f = rq->object;
    struct txn *t;
    int r = rq_txn(rq, &t, err);

    if (!RQ_GIVEN(rq, flavor, description))
        return rq->server->service->dialect->missing_field(rq, err, "description");
    f->description = ((const struct flavor *) rq->body)->description;
    f->updated_at = server_now_us(rq->server);
    if (r >= 0)
        r = table_update(t, rq->arena, &flavor_table, f, only, err);
    return r < 0 ? r : reply_flavor(rq, f);
}

static int delete_flavor(struct request *rq, struct err *err)
{
    const struct flavor *f = rq->object;
    struct txn *t;
    int r = rq_txn(rq, &t, err);

    if (r >= 0)
        r = flavor_forget(t, f->id, err);
    if (r >= 0)
        r = table_delete(t, &flavor_table, f->id, err);
    return r < 0 ? r : reply_empty(rq, 202);
}

/* --- access ---------------------------------------------------------------- */

static int reply_access(struct request *rq, const struct flavor *f, struct err *err)
{
    const char **projects;
    struct txn *t;
    struct jw *w;
    int r = rq_txn(rq, &t, err);

    if (r >= 0)
        r = flavor_access_list(t, rq->arena, f->id, &projects, err);
    if (r < 0)
        return r;
    w = reply_begin(rq);
    jw_object(w, NULL);
    jw_array(w, "flavor_access");
    strv_foreach (p, projects) {
        jw_object(w, NULL);
        jw_str(w, "flavor_id", f->id);
        jw_str(w, "tenant_id", *p);
        jw_end_object(w);
    }
    jw_end_array(w);
    jw_end_object(w);
    return reply_end(rq, 200);
}

static int list_access(struct request *rq, struct err *err)
{
    const struct flavor *f = rq->object;

    if (f->is_public)
        return err_http(err, 404, NULL, "Access list not available for public flavors.");
    return reply_access(rq, f, err);
}

struct access_change {
    const char *tenant;
};

static const struct field access_fields[] = {
    FIELD(FIELD_STRING, access_change, tenant, .use = ON_CREATE, .required = true, .min = 1, .max = 255,
          .check = check_no_space),
    { 0 },
};

static int add_access(struct request *rq, struct err *err)
{
    const struct flavor *f = rq->object;
    const struct access_change *c = rq->body;
    struct txn *t;
    int r;

    if (f->is_public)
        return err_http(err, 409, NULL, "Can not add access to a public flavor.");
    r = rq_txn(rq, &t, err);
    if (r >= 0)
        r = flavor_access_add(t, f->id, c->tenant, err);
    if (r == -EEXIST)
        return err_http(err, 409, NULL,
                        "Flavor access already exists for flavor %s and project %s combination.", f->id,
                        c->tenant);
    return r < 0 ? r : reply_access(rq, f, err);
}

static int remove_access(struct request *rq, struct err *err)
{
    const struct flavor *f = rq->object;
    const struct access_change *c = rq->body;
    struct txn *t;
    int r = rq_txn(rq, &t, err);

    if (r >= 0)
        r = flavor_access_remove(t, f->id, c->tenant, err);
    if (r == -ENOENT)
        return err_http(err, 404, NULL, "Flavor access not found for %s / %s combination.", f->id, c->tenant);
    return r < 0 ? r : reply_access(rq, f, err);
}

/* --- extra specs ----------------------------------------------------------- */

static int reply_specs(struct request *rq, const char *specs)
{
    struct jw *w = reply_begin(rq);

    jw_object(w, NULL);
    write_json(w, "extra_specs", specs, "{}");
    jw_end_object(w);
    return reply_end(rq, 200);
}

static int list_specs(struct request *rq, struct err *err)
{
    return reply_specs(rq, ((const struct flavor *) rq->object)->extra_specs);
}

static int save_specs(struct request *rq, const json_t *specs, struct err *err)
{
    static const char *const only[] = { "extra_specs", "updated_at", NULL };
    struct flavor *f = rq->object;
    struct txn *t;
    int r = rq_txn(rq, &t, err);

    f->extra_specs = json_text(rq->arena, specs);
    f->updated_at = server_now_us(rq->server);
    return r < 0 ? r : table_update(t, rq->arena, &flavor_table, f, only, err);
}

/* Values may be numbers here; they are kept as text. */
static int texts_of(struct request *rq, json_t *o, struct err *err)
{
    const char *key;
    void *next;
    json_t *v;

    json_object_foreach_safe(o, next, key, v)
    {
        if (json_is_number(v))
            json_object_set_new(o, key, json_string(json_text(rq->arena, v)));
    }
    return check_string_map(rq, "extra_specs", o, 255, 255, err);
}

static int create_specs(struct request *rq, struct err *err)
{
    const struct flavor *f = rq->object;
    auto_json json_t *all = json_of(f->extra_specs);
    json_t *in = json_object_get(rq->json, "extra_specs");
    int r;

    if (!in || json_object_size(rq->json) != 1)
        return rq->server->service->dialect->missing_field(rq, err, "extra_specs");
    r = texts_of(rq, in, err);
    if (r < 0)
        return r;
    json_object_update(all, in);
    r = save_specs(rq, all, err);
    return r < 0 ? r : reply_specs(rq, json_text(rq->arena, in));
}

static int reply_spec(struct request *rq, const char *key, const char *value)
{
    struct jw *w = reply_begin(rq);

    jw_object(w, NULL);
    jw_str(w, key, value);
    jw_end_object(w);
    return reply_end(rq, 200);
}

static int refuse_spec(struct request *rq, const char *key, struct err *err)
{
    return err_http(err, 404, NULL, "Flavor %s has no extra specs with key %.255s.",
                    ((const struct flavor *) rq->object)->id, key);
}

static int show_spec(struct request *rq, struct err *err)
{
    auto_json json_t *all = json_of(((const struct flavor *) rq->object)->extra_specs);
    const char *key = rq_param(rq, "key"), *v = json_str(all, key);

    return v ? reply_spec(rq, key, v) : refuse_spec(rq, key, err);
}

static int update_spec(struct request *rq, struct err *err)
{
    const struct flavor *f = rq->object;
    auto_json json_t *all = json_of(f->extra_specs);
    const char *key = rq_param(rq, "key"), *v;
    int r;

    if (!json_is_object(rq->json) || json_object_size(rq->json) != 1 || !json_object_get(rq->json, key))
        return err_http(err, 400, NULL,
                        "Request body and URI mismatch: the body must have the one key %.255s", key);
    r = texts_of(rq, rq->json, err);
    if (r < 0)
        return r;
    v = json_str(rq->json, key);
    json_object_set_new(all, key, json_string(v));
    v = arena_strdup(rq->arena, v);
    r = save_specs(rq, all, err);
    return r < 0 ? r : reply_spec(rq, key, v);
}

static int delete_spec(struct request *rq, struct err *err)
{
    auto_json json_t *all = json_of(((const struct flavor *) rq->object)->extra_specs);
    const char *key = rq_param(rq, "key");
    int r;

    if (json_object_del(all, key) < 0)
        return refuse_spec(rq, key, err);
    r = save_specs(rq, all, err);
    return r < 0 ? r : reply_empty(rq, 200);
}

#define SPECS "/v2.1/flavors/{flavor_id}/os-extra_specs"

/* clang-format off */
const struct route compute_flavor_routes[] = {
    { HTTP_GET,    "/v2.1/flavors",        POLICY_TOKEN, list_flavors },
    { HTTP_GET,    "/v2.1/flavors/detail", POLICY_TOKEN, list_flavor_details },
    { HTTP_POST,   "/v2.1/flavors", "os_compute_api:os-flavor-manage:create", create_flavor, &flavor_resource },
    { HTTP_GET,    "/v2.1/flavors/{flavor_id}", POLICY_TOKEN, show_flavor, .load = load_flavor },
    { HTTP_PUT,    "/v2.1/flavors/{flavor_id}", "os_compute_api:os-flavor-manage:update", update_flavor, &flavor_resource,
      .load = load_any_flavor, .since = 55 },
    { HTTP_DELETE, "/v2.1/flavors/{flavor_id}", "os_compute_api:os-flavor-manage:delete", delete_flavor, .load = load_any_flavor },
    { HTTP_GET,    "/v2.1/flavors/{flavor_id}/os-flavor-access", "os_compute_api:os-flavor-access", list_access, .load = load_flavor },
    { HTTP_POST,   "/v2.1/flavors/{flavor_id}/action", "os_compute_api:os-flavor-access:add_tenant_access", add_access,
      .action = "addTenantAccess", .in = access_fields, .in_size = sizeof(struct access_change), .load = load_any_flavor },
    { HTTP_POST,   "/v2.1/flavors/{flavor_id}/action", "os_compute_api:os-flavor-access:remove_tenant_access", remove_access,
      .action = "removeTenantAccess", .in = access_fields, .in_size = sizeof(struct access_change), .load = load_any_flavor },
    { HTTP_GET,    SPECS,          "os_compute_api:os-flavor-extra-specs:index",  list_specs,   .load = load_flavor },
    { HTTP_POST,   SPECS,          "os_compute_api:os-flavor-extra-specs:create", create_specs, .load = load_any_flavor },
    { HTTP_GET,    SPECS "/{key}", "os_compute_api:os-flavor-extra-specs:show",   show_spec,    .load = load_flavor },
    { HTTP_PUT,    SPECS "/{key}", "os_compute_api:os-flavor-extra-specs:update", update_spec,  .load = load_any_flavor },
    { HTTP_DELETE, SPECS "/{key}", "os_compute_api:os-flavor-extra-specs:delete", delete_spec,  .load = load_any_flavor },
    { 0 },
};
/* clang-format on */
