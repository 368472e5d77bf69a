/* SPDX-License-Identifier: Apache-2.0 */
/* Services, hypervisors and availability zones. */
#include "compute/model/hosts.h"

#include "base/str.h"
#include "base/uuid.h"
#include "client/placement.h"
#include "compute/api/common.h"
#include "compute/api/routes.h"
#include "compute/store/hosts.h"
#include "rest/dialect.h"
#include "wire/json.h"

/* --- os-services ------------------------------------------------------------------------------ */

static int list_rows_of(struct request *rq, struct list *ret, struct err *err)
{
    static const struct sort_key by_number = { "number", false };
    struct query q = { .sort = &by_number, .n_sort = 1 };
    const char *host = rq_query(rq, "host"), *binary = rq_query(rq, "binary");
    struct txn *t;
    int r = rq_txn(rq, &t, err);

    if (host)
        rq_cond(rq, &q, (struct cond){ .column = "host", .op = COND_EQ, .value = val_text(host) });
    if (binary)
        rq_cond(rq, &q, (struct cond){ .column = "binary_", .op = COND_EQ, .value = val_text(binary) });
    return r < 0 ? r : table_list(t, rq->arena, &compute_host_table, &q, ret, err);
}

/* The controller's own parts live as long as this answers. */
static bool is_up(struct request *rq, const struct compute_host *row, int64_t *ret_seen_us)
{
    struct host_state h;

    *ret_seen_us = server_now_us(rq->server);
    if (!str_eq(row->binary, BINARY_COMPUTE))
        return !row->forced_down;
    *ret_seen_us = row->seen_us;
    if (hosts_get(compute_of(rq), rq->arena, row->host, &h) < 0)
        return false;
    *ret_seen_us = h.seen_us;
    return h.up;
}

static void write_service(struct request *rq, struct jw *w, const struct compute_host *row)
{
    int64_t seen_us;
    bool up = is_up(rq, row, &seen_us);

    if (rq->version >= 53)
        jw_str(w, "id", row->id);
    else
        jw_int(w, "id", row->number);
    jw_str(w, "binary", row->binary);
    jw_str(w, "host", row->host);
    jw_str(w, "zone",
           str_eq(row->binary, BINARY_COMPUTE) ? hosts_zone(compute_of(rq), rq->arena, row->host)
                                               : "internal");
    jw_str(w, "status", row->disabled ? "disabled" : "enabled");
    jw_str(w, "state", up ? "up" : "down");
    jw_time(w, "updated_at", seen_us, TIME_ISO_MICRO);
    jw_str(w, "disabled_reason", row->disabled_reason);
    if (rq->version >= 11)
        jw_bool(w, "forced_down", row->forced_down);
}

static int list_services(struct request *rq, struct err *err)
{
    struct list l;
    struct jw *w;
    int r = list_rows_of(rq, &l, err);

    if (r < 0)
        return r;
    w = reply_begin(rq);
    jw_object(w, NULL);
    jw_array(w, "services");
    for (size_t k = 0; k < l.count; k++) {
        jw_object(w, NULL);
        write_service(rq, w, list_at(&l, k));
        jw_end_object(w);
    }
    jw_end_array(w);
    jw_end_object(w);
    return reply_end(rq, 200);
}

static int save_service(struct request *rq, struct txn *t, struct compute_host *row, struct err *err)
{
    static const char *const only[] = { "disabled", "disabled_reason", "forced_down", "updated_at", NULL };
    int r;

    row->updated_at = server_now_us(rq->server);
    r = table_update(t, rq->arena, &compute_host_table, row, only, err);
    if (r >= 0)
        hosts_changed(compute_of(rq), row);
    return r;
}

/* Before 2.53: PUT /os-services/{action} {"host", "binary", …} */
struct service_change {
    const char *host, *binary, *disabled_reason, *status;
    bool forced_down;
};

static const struct field old_fields[] = {
    FIELD(FIELD_STRING, service_change, host, .use = ON_UPDATE, .min = 1, .max = 255),
    FIELD(FIELD_STRING, service_change, binary, .use = ON_UPDATE, .min = 1, .max = 255),
    FIELD(FIELD_STRING, service_change, disabled_reason, .use = ON_UPDATE, .min = 1, .max = 255),
    FIELD(FIELD_BOOL, service_change, forced_down, .use = ON_UPDATE, .lax = true, .since = 11),
    { 0 },
};

static int update_old(struct request *rq, struct err *err)
{
    const struct service_change *in = rq->body;
    const char *action = rq_param(rq, "id");
    struct compute_host row;
    struct txn *t;
    struct jw *w;
    int r = rq_txn(rq, &t, err);

    if (str_empty(in->host) || str_empty(in->binary))
        return rq->server->service->dialect->missing_field(rq, err, in->host ? "binary" : "host");
    if (r >= 0)
        r = compute_host_find(t, rq->arena, in->host, in->binary, false, 0, &row, err);
    if (r == -ENOENT)
        return err_http(err, 404, NULL, "Could not find binary %s on host %s.", in->binary, in->host);
    if (r < 0)
        return r;
    if (str_eq(action, "enable"))
        row.disabled = false, row.disabled_reason = NULL;
    else if (str_eq(action, "disable"))
        row.disabled = true, row.disabled_reason = NULL;
    else if (str_eq(action, "disable-log-reason") && in->disabled_reason)
        row.disabled = true, row.disabled_reason = in->disabled_reason;
    else if (str_eq(action, "disable-log-reason"))
        return err_http(err, 400, NULL, "Missing disabled reason field");
    else if (str_eq(action, "force-down") && rq->version >= 11)
        row.forced_down = in->forced_down;
    else
        return err_http(err, 404, NULL, "Unknown action");
    r = save_service(rq, t, &row, err);
    if (r < 0)
        return r;
    w = reply_begin(rq);
    jw_object(w, NULL);
    jw_object(w, "service");
    jw_str(w, "host", row.host);
    jw_str(w, "binary", row.binary);
    if (str_eq(action, "force-down"))
        jw_bool(w, "forced_down", row.forced_down);
    else
        jw_str(w, "status", row.disabled ? "disabled" : "enabled");
    if (str_eq(action, "disable-log-reason"))
        jw_str(w, "disabled_reason", row.disabled_reason);
    jw_end_object(w);
    jw_end_object(w);
    return reply_end(rq, 200);
}

static const struct field new_fields[] = {
    FIELD(FIELD_STRING, service_change, status, .use = ON_UPDATE, .choices = "enabled|disabled"),
    FIELD(FIELD_STRING, service_change, disabled_reason, .use = ON_UPDATE, .min = 1, .max = 255),
    FIELD(FIELD_BOOL, service_change, forced_down, .use = ON_UPDATE, .lax = true),
    { 0 },
};

static int load_service(struct request *rq, struct compute_host *ret, struct txn **t, struct err *err)
{
    const char *id = rq_param(rq, "id");
    int64_t number;
    int r = rq_txn(rq, t, err);

    if (r < 0)
        return r;
    if (rq->version >= 53) {
        if (!uuid_is_valid(id))
            return err_http(err, 400, NULL, "Invalid uuid %.255s", id);
        r = table_get(*t, rq->arena, &compute_host_table, id, ret, err);
    } else {
        struct cond c = { .column = "number", .op = COND_EQ };

        if (str_to_i64(id, &number) < 0)
            return err_http(err, 400, NULL, "Invalid service id %.255s", id);
        c.value = val_int(number);
        r = table_find(*t, rq->arena, &compute_host_table, &c, 1, ret, err);
    }
    return r == -ENOENT ? err_http(err, 404, NULL, "Service %.255s could not be found.", id) : r;
}

static int update_service(struct request *rq, struct err *err)
{
    const struct service_change *in = rq->body;
    struct compute_host row;
    struct txn *t;
    struct jw *w;
    int r = load_service(rq, &row, &t, err);

    if (r < 0)
        return r;
    if (!str_eq(row.binary, BINARY_COMPUTE))
        return err_http(err, 400, NULL,
                        "Updating a %s service is not supported. Only nova-compute services can be "
                        "updated.",
                        row.binary);
    if (!rq->given)
        return err_http(err, 400, NULL,
                        "No updates were requested. Fields 'status' or 'forced_down' should be "
                        "specified.");
    if (RQ_GIVEN(rq, service_change, disabled_reason) && !str_eq(in->status, "disabled"))
        return err_http(err, 400, NULL, "Specifying disabled_reason requires that status is 'disabled'.");
    if (in->status) {
        row.disabled = str_eq(in->status, "disabled");
        row.disabled_reason = row.disabled ? in->disabled_reason : NULL;
    }
    if (RQ_GIVEN(rq, service_change, forced_down))
        row.forced_down = in->forced_down;
    r = save_service(rq, t, &row, err);
    if (r < 0)
        return r;
    w = reply_begin(rq);
    jw_object(w, NULL);
    jw_object(w, "service");
    write_service(rq, w, &row);
    jw_end_object(w);
    jw_end_object(w);
    return reply_end(rq, 200);
}

static int delete_service(struct request *rq, struct err *err)
{
    const struct client_as as = { rq->server->client, rq->arena, NULL, rq->request_id };
    struct compute_host row;
    struct rows servers;
    struct txn *t;
    int r = load_service(rq, &row, &t, err);

    if (r >= 0)
        r = host_servers(t, rq->arena, row.host, &servers, err);
    if (r < 0)
        return r;
    if (servers.count && str_eq(row.binary, BINARY_COMPUTE))
        return err_http(err, 409, NULL,
                        "Unable to delete compute service that is hosting instances. Migrate or "
                        "delete the instances first.");
    r = table_delete(t, &compute_host_table, row.id, err);
    if (r >= 0)
        r = rq_commit(rq, err);
    if (r >= 0 && row.node_id) {
        hosts_forget(compute_of(rq), row.host);
        r = placement_provider_delete(&as, row.node_id, err);
    }
    return r < 0 ? r : reply_empty(rq, 204);
}

/* --- os-availability-zone ------------------------------------------------------------------------ */

static void write_zone_host(struct request *rq, struct jw *w, const struct host_state *h)
{
    jw_object(w, h->name);
    jw_object(w, BINARY_COMPUTE);
    jw_bool(w, "available", h->up);
    jw_bool(w, "active", !h->disabled);
    jw_time(w, "updated_at", h->seen_us, TIME_ISO_MICRO);
    jw_end_object(w);
    jw_end_object(w);
}

/* A zone is there when one of its hosts is enabled. */
static int reply_zones(struct request *rq, bool detail)
{
    struct list hosts = hosts_list(compute_of(rq), rq->arena);
    const char **zones = NULL;
    struct jw *w = reply_begin(rq);

    for (size_t k = 0; k < hosts.count; k++) {
        const struct host_state *h = list_at(&hosts, k);

        if (!strv_contains(zones, h->zone))
            zones = strv_add(rq->arena, zones, h->zone);
    }
    jw_object(w, NULL);
    jw_array(w, "availabilityZoneInfo");
    strv_foreach (zone, zones) {
        bool available = false;

        jw_object(w, NULL);
        jw_str(w, "zoneName", *zone);
        if (detail)
            jw_object(w, "hosts");
        else
            jw_null(w, "hosts");
        for (size_t k = 0; k < hosts.count; k++) {
            const struct host_state *h = list_at(&hosts, k);

            if (!str_eq(h->zone, *zone))
                continue;
            available = available || !h->disabled;
            if (detail)
                write_zone_host(rq, w, h);
        }
        if (detail)
            jw_end_object(w);
        jw_object(w, "zoneState");
        jw_bool(w, "available", available);
        jw_end_object(w);
        jw_end_object(w);
    }
    jw_end_array(w);
    jw_end_object(w);
    return reply_end(rq, 200);
}

static int list_zones(struct request *rq, struct err *err)
{
    return reply_zones(rq, false);
}

static int list_zone_details(struct request *rq, struct err *err)
{
    return reply_zones(rq, true);
}

/* --- os-hypervisors ---------------------------------------------------------------------------------- */

struct load {
    int64_t servers, vcpus, memory_mb, disk_gb;
};

static struct load load_of(const struct rows *used, const char *host)
{
    for (size_t k = 0; k < used->count; k++)
        if (str_eq(rows_text(used, k, 0), host))
            return (struct load){ rows_int(used, k, 1, 0), rows_int(used, k, 2, 0), rows_int(used, k, 3, 0),
                                  rows_int(used, k, 4, 0) };
    return (struct load){ 0 };
}

static void write_hypervisor_id(struct request *rq, struct jw *w, const struct host_state *h)
{
    if (rq->version >= 53)
        jw_str(w, "id", h->node_id);
    else
        jw_int(w, "id", h->number);
    jw_str(w, "hypervisor_hostname", h->node_name);
    jw_str(w, "state", h->up ? "up" : "down");
    jw_str(w, "status", h->disabled ? "disabled" : "enabled");
}

static void write_cpu_info(struct request *rq, struct jw *w, const json_t *facts)
{
    const json_t *cpu = json_obj(facts, "cpu_info");

    if (rq->version >= 28) {
        if (cpu)
            jw_value(w, "cpu_info", cpu);
        else
            jw_raw(w, "cpu_info", "{}");
    } else {
        jw_str(w, "cpu_info", cpu ? json_text(rq->arena, cpu) : "");
    }
}

static void write_numbers(struct request *rq, struct jw *w, const struct host_state *h, const struct load *l,
                          const json_t *facts)
{
    write_cpu_info(rq, w, facts);
    jw_int(w, "current_workload", 0);
    jw_value(w, "disk_available_least", json_object_get(facts, "disk_available_gb"));
    jw_int(w, "free_disk_gb", h->local_gb - l->disk_gb);
    jw_int(w, "free_ram_mb", h->memory_mb - h->reserved_memory_mb - l->memory_mb);
    jw_int(w, "local_gb", h->local_gb);
    jw_int(w, "local_gb_used", l->disk_gb);
    jw_int(w, "memory_mb", h->memory_mb);
    jw_int(w, "memory_mb_used", h->reserved_memory_mb + l->memory_mb);
    jw_int(w, "running_vms", l->servers);
    jw_int(w, "vcpus", h->vcpus);
    jw_int(w, "vcpus_used", l->vcpus);
}

static void write_hypervisor(struct request *rq, struct jw *w, const struct host_state *h,
                             const struct rows *used)
{
    auto_json json_t *facts = json_of(h->facts);
    struct load l = load_of(used, h->name);

    write_hypervisor_id(rq, w, h);
    jw_str(w, "host_ip", h->host_ip);
    jw_str(w, "hypervisor_type", h->hypervisor_type ? h->hypervisor_type : "");
    jw_int(w, "hypervisor_version", h->hypervisor_version);
    if (rq->version < 88)
        write_numbers(rq, w, h, &l, facts);
    else
        jw_str(w, "uptime", json_str(facts, "uptime"));
    jw_object(w, "service");
    jw_str(w, "host", h->name);
    if (rq->version >= 53)
        jw_str(w, "id", h->id);
    else
        jw_int(w, "id", h->number);
    jw_str(w, "disabled_reason", h->disabled_reason);
    jw_end_object(w);
}

static int write_servers(struct request *rq, struct jw *w, const char *host, bool always, struct err *err)
{
    struct rows rows;
    struct txn *t;
    int r = rq_txn(rq, &t, err);

    if (r >= 0)
        r = host_servers(t, rq->arena, host, &rows, err);
    if (r < 0 || (!rows.count && !always))
        return r;
    jw_array(w, "servers");
    for (size_t k = 0; k < rows.count; k++) {
        jw_object(w, NULL);
        jw_str(w, "uuid", rows_text(&rows, k, 0));
        jw_printf(w, "name", "instance-%08llx", (unsigned long long) rows_int(&rows, k, 1, 0));
        jw_end_object(w);
    }
    jw_end_array(w);
    return 0;
}

static int wants_servers(struct request *rq, bool *ret, struct err *err)
{
    const char *v = rq_query(rq, "with_servers");

    *ret = false;
    if (v && rq->version >= 53 && str_to_bool(v, ret) < 0)
        return err_http(err, 400, NULL, "Invalid input for field/attribute with_servers. Value: %.64s.", v);
    return 0;
}

static bool matches(const struct host_state *h, const char *pattern)
{
    return !pattern || strstr(h->node_name, pattern) != NULL;
}

/* One page of those that match; before 2.33 all. */
static int page(struct request *rq, const char *pattern, struct list *l, bool *ret_more, struct err *err)
{
    const char *limit = rq_query(rq, "limit"), *marker = rq_query(rq, "marker");
    struct host_state *all = l->items;
    size_t n = 0, from = 0;
    int64_t most = 1000;

    for (size_t k = 0; k < l->count; k++)
        if (matches(&all[k], pattern))
            all[n++] = all[k];
    l->count = n;
    *ret_more = false;
    if (rq->version < 33)
        return 0;
    if (limit && (str_to_i64(limit, &most) < 0 || most < 0))
        return err_http(err, 400, NULL, "Invalid input for field/attribute limit. Value: %.64s.", limit);
    for (size_t k = 0; marker && k < n && !from; k++)
        if (rq->version >= 53 ? str_eq(all[k].node_id, marker)
                              : str_eq(arena_printf(rq->arena, "%lld", (long long) all[k].number), marker))
            from = k + 1;
    if (marker && !from)
        return err_http(err, 400, NULL, "marker [%.255s] not found", marker);
    l->items = all + from;
    l->count = n - from;
    if (most > 0 && l->count > (size_t) most) {
        l->count = (size_t) most;
        *ret_more = true;
    }
    return 0;
}

static int write_hypervisors(struct request *rq, struct jw *w, const struct list *l, bool detail,
                             bool servers, bool servers_always, struct err *err)
{
    struct rows used = { 0 };
    struct txn *t;
    int r = rq_txn(rq, &t, err);

    if (r >= 0 && detail)
        r = hosts_used(t, rq->arena, &used, err);
    jw_array(w, "hypervisors");
    for (size_t k = 0; r >= 0 && k < l->count; k++) {
        const struct host_state *h = list_at(l, k);

        jw_object(w, NULL);
        if (detail)
            write_hypervisor(rq, w, h, &used);
        else
            write_hypervisor_id(rq, w, h);
        if (servers)
            r = write_servers(rq, w, h->name, servers_always, err);
        jw_end_object(w);
    }
    jw_end_array(w);
    return r;
}

static int list_as(struct request *rq, bool detail, const char *pattern, bool servers, struct err *err)
{
    struct list l = hosts_list(compute_of(rq), rq->arena);
    bool more, asked;
    struct jw *w;
    int r = wants_servers(rq, &asked, err);

    if (r >= 0)
        r = page(rq, pattern, &l, &more, err);
    if (r < 0)
        return r;
    if (pattern && !l.count)
        return err_http(err, 404, NULL, "No hypervisor matching '%.255s' could be found.", pattern);
    w = reply_begin(rq);
    jw_object(w, NULL);
    r = write_hypervisors(rq, w, &l, detail, servers || asked, rq->version >= 75, err);
    if (more) {
        const struct host_state *last = list_at(&l, l.count - 1);

        jw_array(w, "hypervisors_links");
        jw_object(w, NULL);
        jw_str(w, "rel", "next");
        jw_printf(w, "href", "%s/v2.1/os-hypervisors%s?limit=%s&marker=%s", rq_base_url(rq),
                  detail ? "/detail" : "", rq_query(rq, "limit"),
                  rq->version >= 53 ? last->node_id
                                    : arena_printf(rq->arena, "%lld", (long long) last->number));
        jw_end_object(w);
        jw_end_array(w);
    }
    jw_end_object(w);
    return r < 0 ? r : reply_end(rq, 200);
}

static const char *asked_pattern(const struct request *rq)
{
    return rq->version >= 53 ? rq_query(rq, "hypervisor_hostname_pattern") : NULL;
}

static int list_hypervisors(struct request *rq, struct err *err)
{
    return list_as(rq, false, asked_pattern(rq), false, err);
}

static int list_hypervisor_details(struct request *rq, struct err *err)
{
    return list_as(rq, true, asked_pattern(rq), false, err);
}

static int search_hypervisors(struct request *rq, struct err *err)
{
    return list_as(rq, false, rq_param(rq, "id"), false, err);
}

static int list_hypervisor_servers(struct request *rq, struct err *err)
{
    return list_as(rq, false, rq_param(rq, "id"), true, err);
}

static int find_hypervisor(struct request *rq, struct host_state *ret, struct err *err)
{
    struct list l = hosts_list(compute_of(rq), rq->arena);
    const char *id = rq_param(rq, "id");

    if (rq->version >= 53 && !uuid_is_valid(id))
        return err_http(err, 400, NULL, "Invalid uuid %.255s", id);
    for (size_t k = 0; k < l.count; k++) {
        const struct host_state *h = list_at(&l, k);

        if (rq->version >= 53 ? str_eq(h->node_id, id)
                              : str_eq(arena_printf(rq->arena, "%lld", (long long) h->number), id)) {
            *ret = *h;
            return 0;
        }
    }
    return err_http(err, 404, NULL, "Compute host %.255s could not be found.", id);
}

static int show_hypervisor(struct request *rq, struct err *err)
{
    struct host_state h;
    struct rows used;
    struct txn *t;
    struct jw *w;
    bool servers;
    int r = find_hypervisor(rq, &h, err);

    if (r >= 0)
        r = wants_servers(rq, &servers, err);
    if (r >= 0)
        r = rq_txn(rq, &t, err);
    if (r >= 0)
        r = hosts_used(t, rq->arena, &used, err);
    if (r < 0)
        return r;
    w = reply_begin(rq);
    jw_object(w, NULL);
    jw_object(w, "hypervisor");
    write_hypervisor(rq, w, &h, &used);
    if (servers)
        r = write_servers(rq, w, h.name, rq->version >= 75, err);
    jw_end_object(w);
    jw_end_object(w);
    return r < 0 ? r : reply_end(rq, 200);
}

static int show_uptime(struct request *rq, struct err *err)
{
    auto_json json_t *facts = NULL;
    struct host_state h;
    struct jw *w;
    int r = find_hypervisor(rq, &h, err);

    if (r < 0)
        return r;
    facts = json_of(h.facts);
    if (!json_str(facts, "uptime"))
        return err_http(err, 501, NULL, "Virt driver does not implement uptime function.");
    w = reply_begin(rq);
    jw_object(w, NULL);
    jw_object(w, "hypervisor");
    write_hypervisor_id(rq, w, &h);
    jw_str(w, "uptime", json_str(facts, "uptime"));
    jw_end_object(w);
    jw_end_object(w);
    return reply_end(rq, 200);
}

static int show_statistics(struct request *rq, struct err *err)
{
    struct list l = hosts_list(compute_of(rq), rq->arena);
    struct host_state sum = { 0 };
    struct load load = { 0 };
    struct rows used;
    int64_t count = 0;
    struct txn *t;
    struct jw *w;
    int r = rq_txn(rq, &t, err);

    if (r >= 0)
        r = hosts_used(t, rq->arena, &used, err);
    for (size_t k = 0; r >= 0 && k < l.count; k++) {
        const struct host_state *h = list_at(&l, k);
        struct load one = load_of(&used, h->name);

        if (h->disabled)
            continue;
        count++;
        sum.vcpus += h->vcpus;
        sum.memory_mb += h->memory_mb;
        sum.reserved_memory_mb += h->reserved_memory_mb;
        sum.local_gb += h->local_gb;
        load.servers += one.servers;
        load.vcpus += one.vcpus;
        load.memory_mb += one.memory_mb;
        load.disk_gb += one.disk_gb;
    }
    if (r < 0)
        return r;
    w = reply_begin(rq);
    jw_object(w, NULL);
    jw_object(w, "hypervisor_statistics");
    jw_int(w, "count", count);
    jw_int(w, "current_workload", 0);
    jw_int(w, "disk_available_least", sum.local_gb - load.disk_gb);
    jw_int(w, "free_disk_gb", sum.local_gb - load.disk_gb);
    jw_int(w, "free_ram_mb", sum.memory_mb - sum.reserved_memory_mb - load.memory_mb);
    jw_int(w, "local_gb", sum.local_gb);
    jw_int(w, "local_gb_used", load.disk_gb);
    jw_int(w, "memory_mb", sum.memory_mb);
    jw_int(w, "memory_mb_used", sum.reserved_memory_mb + load.memory_mb);
    jw_int(w, "running_vms", load.servers);
    jw_int(w, "vcpus", sum.vcpus);
    jw_int(w, "vcpus_used", load.vcpus);
    jw_end_object(w);
    jw_end_object(w);
    return reply_end(rq, 200);
}

#define HV "/v2.1/os-hypervisors"

/* clang-format off */
const struct route compute_host_routes[] = {
    { HTTP_GET,    "/v2.1/os-services",      "os_compute_api:os-services:list",   list_services },
    { HTTP_PUT,    "/v2.1/os-services/{id}", "os_compute_api:os-services:update", update_old, .in = old_fields,
      .in_size = sizeof(struct service_change), .until = 52 },
    { HTTP_PUT,    "/v2.1/os-services/{id}", "os_compute_api:os-services:update", update_service, .in = new_fields,
      .in_size = sizeof(struct service_change), .since = 53 },
    { HTTP_DELETE, "/v2.1/os-services/{id}", "os_compute_api:os-services:delete", delete_service, .flags = ROUTE_WORKER },
    { HTTP_GET,    "/v2.1/os-availability-zone",        "os_compute_api:os-availability-zone:list",   list_zones },
    { HTTP_GET,    "/v2.1/os-availability-zone/detail", "os_compute_api:os-availability-zone:detail", list_zone_details },
    { HTTP_GET,    HV,                   "os_compute_api:os-hypervisors:list",        list_hypervisors },
    { HTTP_GET,    HV "/detail",         "os_compute_api:os-hypervisors:list-detail", list_hypervisor_details },
    { HTTP_GET,    HV "/statistics",     "os_compute_api:os-hypervisors:statistics",  show_statistics, .until = 87 },
    { HTTP_GET,    HV "/{id}",           "os_compute_api:os-hypervisors:show",        show_hypervisor },
    { HTTP_GET,    HV "/{id}/uptime",    "os_compute_api:os-hypervisors:uptime",      show_uptime, .until = 87 },
    { HTTP_GET,    HV "/{id}/search",    "os_compute_api:os-hypervisors:search",      search_hypervisors, .until = 52 },
    { HTTP_GET,    HV "/{id}/servers",   "os_compute_api:os-hypervisors:servers",     list_hypervisor_servers, .until = 52 },
    { 0 },
};
/* clang-format on */
