/* SPDX-License-Identifier: Apache-2.0 */
/* /v2.1/servers: list, show, change, delete. */
#include "compute/api/servers.h"

#include <arpa/inet.h>
#include <ctype.h>

#include "base/str.h"
#include "base/uuid.h"
#include "compute/api/routes.h"
#include "rest/dialect.h"
#include "wire/pattern.h"

#define BATCH 1000

/* --- finding one ------------------------------------------------------------------------- */

const struct field instance_target[] = {
    FIELD(FIELD_STRING, instance, project_id),
    FIELD(FIELD_STRING, instance, user_id),
    { 0 },
};

static int refuse_unknown(const char *id, struct err *err)
{
    return err_http(err, 404, NULL, "Instance %.255s could not be found.", id);
}

static int load(struct request *rq, bool deleted, struct err *err)
{
    struct instance *i = arena_new(rq->arena, struct instance);
    const char *id = rq_param(rq, "server_id");
    struct txn *t;
    int r = rq_txn(rq, &t, err);

    if (r >= 0)
        r = table_get(t, rq->arena, &instance_table, id, i, err);
    if (r == -ENOENT || (r >= 0 && i->deleted && !deleted))
        return refuse_unknown(id, err);
    if (r >= 0 && !str_eq(i->project_id, rq->token->project_id) && !is_admin(rq))
        return refuse_unknown(id, err);
    rq->object = i;
    return r;
}

int load_instance(struct request *rq, struct err *err)
{
    return load(rq, false, err);
}

int load_instance_or_deleted(struct request *rq, struct err *err)
{
    return load(rq, true, err);
}

int instance_again(struct request *rq, struct instance **ret, struct txn **ret_txn, struct err *err)
{
    const struct instance *had = rq->object;
    struct instance *i = arena_new(rq->arena, struct instance);
    int r = rq_txn_write(rq, ret_txn, err);

    if (r >= 0)
        r = instance_get(*ret_txn, rq->arena, had->id, i, err);
    if (r == -ENOENT)
        return refuse_unknown(had->id, err);
    if (r >= 0)
        *ret = rq->object = i;
    return r;
}

static int show_server(struct request *rq, struct err *err)
{
    return reply_server(rq, rq->object, SERVER_SHOWN, 200);
}

/* --- operations ---------------------------------------------------------------------------- */

static void kick(struct request *rq, void *ctx)
{
    if (rq->server->worker)
        worker_kick(rq->server->worker);
}

int record_failure(struct request *rq, struct txn *t, const struct instance *i, const char *action,
                   const char *event, const struct err *why, struct err *err)
{
    const int64_t now_us = server_now_us(rq->server);
    struct instance_action a = {
        .instance_id = i->id,
        .request_id = rq->request_id,
        .action = action,
        .project_id = rq->token->project_id,
        .user_id = rq->token->user_id,
        .start_us = now_us,
    };
    const struct instance_event e = {
        .event = event,
        .result = "Error",
        .host = i->host,
        .details = why->msg,
        .start_us = now_us,
        .finish_us = now_us,
    };
    int r = action_start(t, rq->arena, &a, err);

    a.message = "Error";
    return r < 0 ? r : action_finish(t, rq->arena, &a, &e, err);
}

int start_operation(struct request *rq, struct txn *t, const struct instance *i, const char *kind,
                    const char *action, json_t *args, struct err *err)
{
    auto_json json_t *all = args ? args : json_object();
    struct instance_action a = {
        .instance_id = i->id,
        .request_id = rq->request_id,
        .action = action,
        .project_id = rq->token->project_id,
        .user_id = rq->token->user_id,
        .start_us = server_now_us(rq->server),
    };
    struct op_spec op = {
        .kind = kind,
        .resource_id = i->id,
        .request_id = rq->request_id,
        .project_id = rq->token->project_id,
        .user_id = rq->token->user_id,
        .args = all,
    };
    int r = action_start(t, rq->arena, &a, err);

    if (r >= 0)
        r = op_start(t, rq->arena, &op, NULL, err);
    if (r >= 0)
        rq_after_commit(rq, kick, NULL);
    return r;
}

/* --- lists: what may be asked for -------------------------------------------------------------- */

enum asker { ANYBODY, ADMIN };

static const struct {
    const char *name, *column;
    enum field_type type;
    enum asker who;
    uint16_t anybody_since; /* From here on everybody may ask. */
} filters[] = {
    { "reservation_id", "reservation_id", FIELD_STRING, ANYBODY, 0 },
    { "image", "image_id", FIELD_STRING, ANYBODY, 0 },
    { "flavor", "flavor_id", FIELD_STRING, ANYBODY, 0 },
    { "locked", "locked", FIELD_BOOL, ANYBODY, 0 },
    { "user_id", "user_id", FIELD_STRING, ADMIN, 83 },
    { "key_name", "key_name", FIELD_STRING, ADMIN, 83 },
    { "task_state", "task_state", FIELD_STRING, ADMIN, 83 },
    { "vm_state", "vm_state", FIELD_STRING, ADMIN, 83 },
    { "config_drive", "config_drive", FIELD_BOOL, ADMIN, 83 },
    { "power_state", "power_state", FIELD_INT, ADMIN, 83 },
    { "progress", "progress", FIELD_INT, ADMIN, 83 },
    { "created_at", "created_at", FIELD_TIME, ADMIN, 83 },
    { "launched_at", "launched_at", FIELD_TIME, ADMIN, 83 },
    { "terminated_at", "terminated_at", FIELD_TIME, ADMIN, 83 },
    { "host", "host", FIELD_STRING, ADMIN, 0 },
    { "node", "node", FIELD_STRING, ADMIN, 0 },
    { "hostname", "hostname", FIELD_STRING, ADMIN, 0 },
    { "uuid", "id", FIELD_STRING, ADMIN, 0 },
    { "kernel_id", "kernel_id", FIELD_STRING, ADMIN, 0 },
    { "ramdisk_id", "ramdisk_id", FIELD_STRING, ADMIN, 0 },
    { "root_device_name", "root_device", FIELD_STRING, ADMIN, 0 },
    { "launch_index", "launch_index", FIELD_INT, ADMIN, 0 },
};

#define SORT(name_, type_, column_)                                     \
    {                                                                   \
        .name = name_, .type = type_, .use = ON_SORT, .column = column_ \
    }

static const struct field fields[] = {
    SORT("id", FIELD_STRING, "id"),
    SORT("uuid", FIELD_STRING, "id"),
    SORT("display_name", FIELD_STRING, "name"),
    SORT("name", FIELD_STRING, "name"),
    SORT("display_description", FIELD_STRING, "description"),
    SORT("created_at", FIELD_TIME, "created_at"),
    SORT("updated_at", FIELD_TIME, "updated_at"),
    SORT("launched_at", FIELD_TIME, "launched_at"),
    SORT("terminated_at", FIELD_TIME, "terminated_at"),
    SORT("availability_zone", FIELD_STRING, "az_wanted"),
    SORT("config_drive", FIELD_BOOL, "config_drive"),
    SORT("host", FIELD_STRING, "host"),
    SORT("hostname", FIELD_STRING, "hostname"),
    SORT("image_ref", FIELD_STRING, "image_id"),
    SORT("instance_type_id", FIELD_STRING, "flavor_id"),
    SORT("kernel_id", FIELD_STRING, "kernel_id"),
    SORT("key_name", FIELD_STRING, "key_name"),
    SORT("launch_index", FIELD_INT, "launch_index"),
    SORT("locked", FIELD_BOOL, "locked"),
    SORT("node", FIELD_STRING, "node"),
    SORT("power_state", FIELD_INT, "power_state"),
    SORT("progress", FIELD_INT, "progress"),
    SORT("project_id", FIELD_STRING, "project_id"),
    SORT("ramdisk_id", FIELD_STRING, "ramdisk_id"),
    SORT("root_device_name", FIELD_STRING, "root_device"),
    SORT("task_state", FIELD_STRING, "task_state"),
    SORT("user_id", FIELD_STRING, "user_id"),
    SORT("vm_state", FIELD_STRING, "vm_state"),
    SORT("access_ip_v4", FIELD_STRING, "access_ip_v4"),
    SORT("access_ip_v6", FIELD_STRING, "access_ip_v6"),
    { 0 },
};

static const struct resource list_resource = {
    .singular = "server",
    .plural = "servers",
    .table = &instance_table,
    .fields = fields,
    .default_sort = "-created_at",
};

static int add_column_filter(struct request *rq, struct query *q, size_t k, const char *text, struct err *err)
{
    struct cond c = { .column = filters[k].column, .op = COND_EQ, .value = val_text(text) };
    int64_t n;
    bool b;

    if (filters[k].type == FIELD_BOOL) {
        if (str_to_bool(text, &b) < 0)
            return err_http(err, 400, NULL, "Invalid filter value '%.100s' for %s", text, filters[k].name);
        c.value = val_int(b);
    } else if (filters[k].type != FIELD_STRING) {
        if (filters[k].type == FIELD_INT ? str_to_i64(text, &n) < 0 : time_parse(text, &n) < 0)
            return err_http(err, 400, NULL, "Invalid filter value '%.100s' for %s", text, filters[k].name);
        c.value = val_int(n);
    }
    rq_cond(rq, q, c);
    return 0;
}

static int add_column_filters(struct request *rq, struct query *q, struct err *err)
{
    bool admin = is_admin(rq);
    int r = 0;

    for (size_t k = 0; r >= 0 && k < ARRAY_SIZE(filters); k++) {
        const char *v = rq_query(rq, filters[k].name);

        if (!v || (str_eq(filters[k].name, "locked") && rq->version < 73))
            continue;
        if (filters[k].who == ANYBODY || admin ||
            (filters[k].anybody_since && rq->version >= filters[k].anybody_since))
            r = add_column_filter(rq, q, k, v, err);
    }
    return r;
}

/* Statuses to states; several may be asked for. */
static const struct {
    const char *status, *sql;
} by_status[] = {
    { "active", "vm_state = 'active'" },
    { "build", "vm_state = 'building'" },
    { "error", "vm_state = 'error'" },
    { "shutoff", "vm_state = 'stopped'" },
    { "paused", "vm_state = 'paused'" },
    { "suspended", "vm_state = 'suspended'" },
    { "deleted", "vm_state = 'deleted'" },
    { "reboot", "(vm_state = 'active' AND task_state IN ('rebooting', 'reboot_pending', 'reboot_started'))" },
    { "hard_reboot", "(vm_state IN ('active', 'stopped') AND task_state = 'rebooting_hard')" },
    { "rebuild", "(vm_state IN ('active', 'stopped', 'error') AND task_state LIKE 'rebuild%')" },
};

static int add_status(struct request *rq, struct query *q, bool *ret_deleted, struct err *err)
{
    struct strbuf sql;

    strbuf_init(&sql, rq->arena);
    for (size_t p = 0; p < rq->n_query; p++) {
        const char *known = NULL;

        if (strcmp(rq->query[p].name, "status") != 0 || !*rq->query[p].value)
            continue;
        for (size_t k = 0; k < ARRAY_SIZE(by_status); k++)
            if (str_eq_nocase(by_status[k].status, rq->query[p].value))
                known = by_status[k].sql;
        if (known && str_eq_nocase(rq->query[p].value, "deleted")) {
            if (!is_admin(rq))
                return err_http(err, 403, NULL, "Only administrators may list deleted instances");
            *ret_deleted = true;
        }
        strbuf_printf(&sql, "%s%s", sql.len ? " OR " : "(", known ? known : "1 = 0");
    }
    if (!sql.len)
        return 0;
    strbuf_putc(&sql, ')');
    rq_cond(rq, q, (struct cond){ .column = strbuf_str(&sql), .op = COND_SQL });
    return 0;
}

/* "tags=a,b": all; the others by words. */
static void add_tags(struct request *rq, struct query *q)
{
    static const struct {
        const char *name, *join, *not ;
    } kinds[] = {
        { "tags", " AND ", "" },
        { "tags-any", " OR ", "" },
        { "not-tags", " AND ", "NOT " },
        { "not-tags-any", " OR ", "NOT " },
    };

    for (size_t k = 0; rq->version >= 26 && k < ARRAY_SIZE(kinds); k++) {
        const char *v = rq_query(rq, kinds[k].name), **tags = v ? str_split(rq->arena, v, ',') : NULL;
        struct val *vals = arena_array(rq->arena, struct val, strv_len(tags) + 1);
        struct strbuf sql;
        size_t n = 0;

        if (str_empty(v))
            continue;
        strbuf_init(&sql, rq->arena);
        strbuf_printf(&sql, "%s(", kinds[k].not );
        strv_foreach (tag, tags) {
            auto_json json_t *text = json_string(*tag);
            struct strbuf like;
            const char *quoted = json_text(rq->arena, text);

            strbuf_init(&like, rq->arena);
            strbuf_putc(&like, '%');
            for (const char *p = quoted; *p; p++) {
                if (strchr("%_!", *p))
                    strbuf_putc(&like, '!');
                strbuf_putc(&like, *p);
            }
            strbuf_putc(&like, '%');
            strbuf_printf(&sql, "%sCOALESCE(tags, '[]') LIKE ? ESCAPE '!'", n ? kinds[k].join : "");
            vals[n++] = val_text(strbuf_str(&like));
        }
        strbuf_putc(&sql, ')');
        rq_cond(rq, q,
                (struct cond){ .column = strbuf_str(&sql), .op = COND_SQL, .vals = vals, .n_vals = n });
    }
}

static int add_changes(struct request *rq, struct query *q, bool *ret_since, struct err *err)
{
    const char *since = rq_query(rq, "changes-since"), *before = rq_query(rq, "changes-before");
    int64_t from = 0, to = 0;

    if (since && time_parse(since, &from) < 0)
        return err_http(err, 400, NULL, "Invalid filter field: changes-since.");
    if (before && rq->version >= 66 && time_parse(before, &to) < 0)
        return err_http(err, 400, NULL, "Invalid filter field: changes-before.");
    if (from && to && to < from)
        return err_http(err, 400, NULL,
                        "The value of changes-since must be less than or equal to changes-before.");
    if (from)
        rq_cond(rq, q, (struct cond){ .column = "updated_at", .op = COND_GE, .value = val_int(from) });
    if (to)
        rq_cond(rq, q, (struct cond){ .column = "updated_at", .op = COND_LE, .value = val_int(to) });
    *ret_since = from != 0 || to != 0;
    return 0;
}

static int wants_all(struct request *rq, bool *ret, struct err *err)
{
    const char *v = rq_query(rq, "all_tenants");

    *ret = v && !*v;
    if (v && *v && str_to_bool(v, ret) < 0)
        return err_http(err, 400, NULL, "Invalid input for field/attribute all_tenants. Value: '%.100s'.", v);
    return 0;
}

static int add_owner(struct request *rq, struct query *q, bool detail, struct err *err)
{
    const char *project = rq_query(rq, "project_id") ? rq_query(rq, "project_id") : rq_query(rq, "tenant_id");
    bool all;
    int r = wants_all(rq, &all, err);

    if (r >= 0 && all)
        r = rq_authorize(rq,
                         detail ? "os_compute_api:servers:detail:get_all_tenants"
                                : "os_compute_api:servers:index:get_all_tenants",
                         NULL, NULL, err);
    if (r < 0)
        return r;
    if (!project && all)
        return 0;
    if (!project || !all || !is_admin(rq))
        project = rq->token->project_id;
    rq_cond(rq, q, (struct cond){ .column = "project_id", .op = COND_EQ, .value = val_text(project) });
    return 0;
}

static int add_deleted(struct request *rq, struct query *q, bool changed, bool deleted, struct err *err)
{
    const char *v = rq_query(rq, "deleted");
    bool wanted = deleted;

    if (v && is_admin(rq)) {
        if (str_to_bool(v, &wanted) < 0)
            return err_http(err, 400, NULL, "Invalid filter value '%.100s' for deleted", v);
    } else if (changed && !deleted) {
        return 0; /* What changed includes what went. */
    }
    rq_cond(rq, q, (struct cond){ .column = "deleted", .op = COND_EQ, .value = val_int(wanted) });
    return 0;
}

static int build_query(struct request *rq, bool detail, struct query *q, struct err *err)
{
    bool changed = false, deleted = false;
    int r = resource_query(rq, &list_resource, q, err);

    if (r >= 0)
        r = add_owner(rq, q, detail, err);
    if (r >= 0)
        r = add_status(rq, q, &deleted, err);
    if (r >= 0)
        r = add_changes(rq, q, &changed, err);
    if (r >= 0)
        r = add_deleted(rq, q, changed, deleted, err);
    if (r >= 0)
        r = add_column_filters(rq, q, err);
    if (r >= 0)
        add_tags(rq, q);
    return r;
}

/* --- lists: what SQL cannot ask ------------------------------------------------------------- */

struct patterns {
    struct pattern *name, *ip, *ip6; /* Null: any. */
    const char *zone;                /* Availability zone: the host's. */
};

static int compile(struct request *rq, const char *param, struct pattern **ret, struct err *err)
{
    const char *v = rq_query(rq, param);

    if (str_empty(v))
        return 0;
    if (pattern_new(v, ret, NULL) < 0)
        return err_http(err, 400, NULL,
                        "Invalid input for field/attribute %s. Value: '%.100s'. is not a regex", param, v);
    return 0;
}

static void patterns_done(struct patterns *p)
{
    pattern_free(p->name);
    pattern_free(p->ip);
    pattern_free(p->ip6);
}

static bool address_fits(const struct instance *i, const struct pattern *wanted, int64_t version)
{
    auto_json json_t *ports = NULL;
    json_t *p, *ip;
    size_t k, m;

    if (!i->ports || json_read(i->ports, strlen(i->ports), &ports, NULL) < 0)
        return false;
    json_array_foreach (ports, k, p)
        json_array_foreach (json_arr(p, "fixed_ips"), m, ip)
            if (json_int(ip, "version", 4) == version && pattern_found(wanted, json_str(ip, "address")))
                return true;
    return false;
}

static bool fits(const struct patterns *p, const struct instance *i)
{
    return (!p->name || pattern_found(p->name, i->name ? i->name : "")) &&
           (!p->ip || address_fits(i, p->ip, 4)) && (!p->ip6 || address_fits(i, p->ip6, 6));
}

static bool has_patterns(const struct patterns *p)
{
    return p->name || p->ip || p->ip6;
}

/* Reads on until the page is full: the patterns are no SQL. */
static int list_fitting(struct request *rq, struct txn *t, struct query *q, const struct patterns *p,
                        struct list *ret, struct err *err)
{
    size_t want = q->limit, n = 0;
    struct instance *all = arena_array(rq->arena, struct instance, want + 1);
    struct list batch = { .more = true };
    int r = 0;

    q->limit = BATCH;
    while (batch.more && n <= want) {
        r = table_list(t, rq->arena, &instance_table, q, &batch, err);
        if (r < 0)
            return r;
        for (size_t k = 0; k < batch.count && n <= want; k++)
            if (fits(p, list_at(&batch, k)))
                all[n++] = *(const struct instance *) list_at(&batch, k);
        if (batch.count)
            q->marker = ((const struct instance *) list_at(&batch, batch.count - 1))->id;
    }
    *ret = (struct list){ all, n > want ? want : n, sizeof(*all), n > want };
    return 0;
}

static int list_matching(struct request *rq, struct query *q, struct list *ret, struct err *err)
{
    struct patterns p = { 0 };
    const char *marker = q->marker;
    struct txn *t;
    int r = compile(rq, "name", &p.name, err);

    if (r >= 0)
        r = compile(rq, "ip", &p.ip, err);
    if (r >= 0 && (is_admin(rq) || rq->version >= 5))
        r = compile(rq, "ip6", &p.ip6, err);
    if (r >= 0)
        r = rq_txn(rq, &t, err);
    if (r >= 0)
        r = has_patterns(&p) ? list_fitting(rq, t, q, &p, ret, err)
                             : table_list(t, rq->arena, &instance_table, q, ret, err);
    patterns_done(&p);
    if (r >= 0 && wants_none(rq))
        ret->count = 0, ret->more = false;
    if (r == -ENOENT && marker)
        return err_http(err, 400, NULL, "marker [%.255s] not found", marker);
    return r;
}

static int list_as(struct request *rq, enum server_parts parts, struct err *err)
{
    struct query q = { 0 };
    struct list l = { 0 };
    struct jw *w;
    int r = build_query(rq, parts == SERVER_DETAIL, &q, err);

    if (r >= 0)
        r = list_matching(rq, &q, &l, err);
    if (r < 0)
        return r;
    w = reply_begin(rq);
    jw_object(w, NULL);
    jw_array(w, "servers");
    for (size_t k = 0; k < l.count; k++) {
        jw_object(w, NULL);
        write_server(rq, w, list_at(&l, k), parts);
        jw_end_object(w);
    }
    jw_end_array(w);
    write_next(rq, w, "servers", &list_resource, &l);
    jw_end_object(w);
    return reply_end(rq, 200);
}

static int list_servers(struct request *rq, struct err *err)
{
    return list_as(rq, SERVER_BRIEF, err);
}

static int list_server_details(struct request *rq, struct err *err)
{
    return list_as(rq, SERVER_DETAIL, err);
}

/* --- change and delete ----------------------------------------------------------------------- */

#define IN(json, member, ...) FIELD_AS(json, FIELD_STRING, instance, member, .use = ON_UPDATE, __VA_ARGS__)

const char *short_ipv6(struct arena *a, const char *v)
{
    char text[INET6_ADDRSTRLEN];
    struct in6_addr raw;

    return v && inet_pton(AF_INET6, v, &raw) == 1
               ? arena_strdup(a, inet_ntop(AF_INET6, &raw, text, sizeof(text)))
               : v;
}

static const struct field update_fields[] = {
    IN("name", name, .min = 1, .max = 255),
    IN("OS-DCF:diskConfig", disk_config, .choices = "AUTO|MANUAL"),
    IN("accessIPv4", access_ip_v4, .max = 39, .check = check_ipv4),
    IN("accessIPv6", access_ip_v6, .max = 45, .check = check_ipv6),
    IN("description", description, .nullable = true, .max = 255, .since = 19),
    IN("hostname", hostname, .min = 2, .max = 255, .since = 90),
    { 0 },
};

static int update_server(struct request *rq, struct err *err)
{
    static const char *const only[] = {
        "name", "disk_config", "access_ip_v4", "access_ip_v6", "description", "hostname", NULL
    };
    const struct instance *in = rq->body;
    struct instance *i;
    struct txn *t;
    int r = instance_again(rq, &i, &t, err);

    if (r < 0)
        return r;
    if (RQ_GIVEN(rq, instance, name)) {
        i->name = str_trim(rq->arena, in->name);
        if (!*i->name)
            return err_http(err, 400, NULL,
                            "Invalid input for field/attribute name. Value: '%s'. must not be empty",
                            in->name);
    }
    if (RQ_GIVEN(rq, instance, disk_config))
        i->disk_config = in->disk_config;
    if (RQ_GIVEN(rq, instance, access_ip_v4))
        i->access_ip_v4 = in->access_ip_v4;
    if (RQ_GIVEN(rq, instance, access_ip_v6))
        i->access_ip_v6 = short_ipv6(rq->arena, in->access_ip_v6);
    if (RQ_GIVEN(rq, instance, description))
        i->description = in->description;
    if (RQ_GIVEN(rq, instance, hostname))
        i->hostname = in->hostname;
    r = instance_update(t, rq->arena, i, server_now_us(rq->server), only, err);
    return r < 0 ? r : reply_server(rq, i, SERVER_CHANGED, 200);
}

static int delete_server(struct request *rq, struct err *err)
{
    static const char *const only[] = { "task_state", NULL };
    struct instance *i;
    struct txn *t;
    int r = instance_again(rq, &i, &t, err);

    if (r < 0)
        return r;
    if (i->locked && !is_admin(rq))
        return err_http(err, 409, NULL, "Instance %s is locked", i->id);
    if (str_eq(i->task_state, "deleting"))
        return reply_empty(rq, 204);
    i->task_state = "deleting";
    r = instance_update(t, rq->arena, i, server_now_us(rq->server), only, err);
    if (r >= 0)
        r = start_operation(rq, t, i, "server.delete", "delete", NULL, err);
    return r < 0 ? r : reply_empty(rq, 204);
}

static int force_delete(struct request *rq, struct err *err)
{
    int r = delete_server(rq, err);

    return r < 0 ? r : reply_empty(rq, 202);
}

#define ONE "/v2.1/servers/{server_id}"

/* clang-format off */
const struct route compute_server_routes[] = {
    { HTTP_GET,    "/v2.1/servers",        "os_compute_api:servers:index",  list_servers },
    { HTTP_GET,    "/v2.1/servers/detail", "os_compute_api:servers:detail", list_server_details },
    { HTTP_GET,    ONE, "os_compute_api:servers:show",   show_server,   .load = load_instance, .target = instance_target },
    { HTTP_PUT,    ONE, "os_compute_api:servers:update", update_server, .key = "server", .in = update_fields,
      .in_size = sizeof(struct instance), .load = load_instance, .target = instance_target },
    { HTTP_DELETE, ONE, "os_compute_api:servers:delete", delete_server, .load = load_instance, .target = instance_target },
    { HTTP_POST,   ONE "/action", "os_compute_api:os-deferred-delete:force", force_delete, .action = "forceDelete",
      .load = load_instance, .target = instance_target },
    { 0 },
};
/* clang-format on */
