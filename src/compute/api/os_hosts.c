/* SPDX-License-Identifier: Apache-2.0 */
/* os-hosts (up to 2.42), and os-instance_usage_audit_log: what old clients ask about hosts. */
#include <time.h>

#include "base/str.h"
#include "compute/api/common.h"
#include "compute/api/routes.h"
#include "compute/model/hosts.h"
#include "compute/store/hosts.h"
#include "rest/dialect.h"
#include "wire/url.h"

#define LAST     42
#define INTERNAL "internal" /* Zone of the controller's own parts. */

static int list_rows_sorted(struct request *rq, struct list *ret, struct err *err)
{
    static const struct sort_key by_number = { "number", false };
    struct query q = { .sort = &by_number, .n_sort = 1 };
    struct txn *t;
    int r = rq_txn(rq, &t, err);

    return r < 0 ? r : table_list(t, rq->arena, &compute_host_table, &q, ret, err);
}

static const char *service_of(const struct compute_host *row)
{
    return row->binary + (str_has_prefix(row->binary, "nova-") ? strlen("nova-") : 0);
}

static const char *zone_of(struct request *rq, const struct compute_host *row)
{
    return str_eq(row->binary, BINARY_COMPUTE) ? hosts_zone(compute_of(rq), rq->arena, row->host) : INTERNAL;
}

static int list_os_hosts(struct request *rq, struct err *err)
{
    const char *zone = rq_query(rq, "zone"), *service = rq_query(rq, "service");
    struct list l;
    struct jw *w;
    int r = list_rows_sorted(rq, &l, err);

    if (r < 0)
        return r;
    w = reply_begin(rq);
    jw_object(w, NULL);
    jw_array(w, "hosts");
    for (size_t k = 0; k < l.count; k++) {
        const struct compute_host *row = list_at(&l, k);

        if (row->disabled || (!str_empty(zone) && !str_eq(zone, zone_of(rq, row))) ||
            (!str_empty(service) && !str_eq(service, service_of(row))))
            continue;
        jw_object(w, NULL);
        jw_str(w, "host_name", row->host);
        jw_str(w, "service", service_of(row));
        jw_str(w, "zone", zone_of(rq, row));
        jw_end_object(w);
    }
    jw_end_array(w);
    jw_end_object(w);
    return reply_end(rq, 200);
}

static int not_found(struct request *rq, struct err *err)
{
    return err_http(err, 404, NULL, "Compute host %.255s could not be found.", rq_param(rq, "name"));
}

static int find_host(struct request *rq, struct host_state *ret, struct err *err)
{
    return hosts_get(compute_of(rq), rq->arena, rq_param(rq, "name"), ret) < 0 ? not_found(rq, err) : 0;
}

struct amount {
    int64_t vcpus, memory_mb, disk_gb;
};

static void write_amount(struct jw *w, const char *host, const char *project, const struct amount *a)
{
    jw_object(w, NULL);
    jw_object(w, "resource");
    jw_str(w, "host", host);
    jw_str(w, "project", project);
    jw_int(w, "cpu", a->vcpus);
    jw_int(w, "memory_mb", a->memory_mb);
    jw_int(w, "disk_gb", a->disk_gb);
    jw_end_object(w);
    jw_end_object(w);
}

/* What the host has, what of it is used, and what the servers of each project may take. */
static int show_host(struct request *rq, struct err *err)
{
    struct host_state h;
    struct amount max = { 0 }, one;
    struct rows rows;
    struct txn *t;
    struct jw *w;
    int r = find_host(rq, &h, err);

    if (r >= 0)
        r = rq_txn(rq, &t, err);
    if (r >= 0)
        r = host_projects(t, rq->arena, h.name, &rows, err);
    if (r < 0)
        return r;
    for (size_t k = 0; k < rows.count; k++) {
        max.vcpus += rows_int(&rows, k, 1, 0);
        max.memory_mb += rows_int(&rows, k, 2, 0);
        max.disk_gb += rows_int(&rows, k, 3, 0);
    }
    w = reply_begin(rq);
    jw_object(w, NULL);
    jw_array(w, "host");
    write_amount(w, h.name, "(total)", &(struct amount){ h.vcpus, h.memory_mb, h.local_gb });
    write_amount(w, h.name, "(used_now)",
                 &(struct amount){ max.vcpus, max.memory_mb + h.reserved_memory_mb, max.disk_gb });
    write_amount(w, h.name, "(used_max)", &max);
    for (size_t k = 0; k < rows.count; k++) {
        one = (struct amount){ rows_int(&rows, k, 1, 0), rows_int(&rows, k, 2, 0), rows_int(&rows, k, 3, 0) };
        write_amount(w, h.name, rows_text(&rows, k, 0), &one);
    }
    jw_end_array(w);
    jw_end_object(w);
    return reply_end(rq, 200);
}

struct host_change {
    const char *status, *maintenance_mode;
};

static const struct field change_fields[] = {
    FIELD(FIELD_STRING, host_change, status, .use = ON_UPDATE, .choices = "enable|disable|Enable|Disable"),
    FIELD(FIELD_STRING, host_change, maintenance_mode, .use = ON_UPDATE,
          .choices = "enable|disable|Enable|Disable"),
    { 0 },
};

static int update_host(struct request *rq, struct err *err)
{
    static const char *const only[] = { "disabled", "disabled_reason", "updated_at", NULL };
    const struct host_change *in = rq->body;
    const char *name = rq_param(rq, "name");
    struct compute_host row;
    struct txn *t;
    struct jw *w;
    int r;

    if (!rq->given)
        return rq->server->service->dialect->bad_field(rq, err, NULL, rq->json,
                                                       "does not have enough properties");
    r = rq_txn(rq, &t, err);
    if (r >= 0)
        r = compute_host_find(t, rq->arena, name, BINARY_COMPUTE, false, 0, &row, err);
    if (r < 0)
        return r == -ENOENT ? not_found(rq, err) : r;
    if (in->maintenance_mode)
        return err_http(err, 501, NULL, "Virt driver does not implement host maintenance mode.");
    row.disabled = str_eq_nocase(in->status, "disable");
    row.disabled_reason = NULL;
    row.updated_at = server_now_us(rq->server);
    r = table_update(t, rq->arena, &compute_host_table, &row, only, err);
    if (r < 0)
        return r;
    hosts_changed(compute_of(rq), &row);
    w = reply_begin(rq);
    jw_object(w, NULL);
    jw_str(w, "host", row.host);
    jw_str(w, "status", row.disabled ? "disabled" : "enabled");
    jw_end_object(w);
    return reply_end(rq, 200);
}

/* No driver here switches machines on or off. */
static int switch_power(struct request *rq, struct err *err)
{
    struct host_state h;
    int r = find_host(rq, &h, err);

    return r < 0 ? r : err_http(err, 501, NULL, "Virt driver does not implement host power management.");
}

/* --- os-instance_usage_audit_log ------------------------------------------------------------- */

/* The month that was over at 'us'. */
static void month_before(int64_t us, int64_t *ret_begin, int64_t *ret_end)
{
    time_t s = (time_t) (us / 1000000);
    struct tm tm;

    gmtime_r(&s, &tm);
    tm.tm_mday = 1;
    tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
    *ret_end = (int64_t) timegm(&tm) * 1000000;
    tm.tm_mon--;
    *ret_begin = (int64_t) timegm(&tm) * 1000000;
}

static void write_period(struct jw *w, const char *name, int64_t us)
{
    char text[TIME_TEXT_MAX];

    time_write(text, us, TIME_LOG);
    text[strlen("2026-01-02 03:04:05")] = 0;
    jw_str(w, name, text);
}

/* Hosts write no audit of their usage here (as upstream's do not unless told to), so none of
 * them has done it. */
static int reply_audit(struct request *rq, const char *name, int64_t before_us)
{
    struct list l = hosts_list(compute_of(rq), rq->arena);
    int64_t begin_us, end_us;
    struct jw *w = reply_begin(rq);

    month_before(before_us, &begin_us, &end_us);
    jw_object(w, NULL);
    jw_object(w, name);
    jw_array(w, "hosts_not_run");
    for (size_t k = 0; k < l.count; k++)
        jw_str(w, NULL, ((const struct host_state *) list_at(&l, k))->name);
    jw_end_array(w);
    jw_object(w, "log");
    jw_end_object(w);
    jw_int(w, "num_hosts", (int64_t) l.count);
    jw_int(w, "num_hosts_done", 0);
    jw_int(w, "num_hosts_not_run", (int64_t) l.count);
    jw_int(w, "num_hosts_running", 0);
    jw_printf(w, "overall_status", "0 of %zu hosts done. 0 errors.", l.count);
    write_period(w, "period_beginning", begin_us);
    write_period(w, "period_ending", end_us);
    jw_int(w, "total_errors", 0);
    jw_int(w, "total_instances", 0);
    jw_end_object(w);
    jw_end_object(w);
    return reply_end(rq, 200);
}

static int list_audits(struct request *rq, struct err *err)
{
    return reply_audit(rq, "instance_usage_audit_logs", server_now_us(rq->server));
}

static int show_audit(struct request *rq, struct err *err)
{
    const char *before = rq_param(rq, "before");
    char *text = NULL;
    int64_t us;

    /* Clients escape it twice. */
    if (url_decode(rq->arena, before, strlen(before), false, &text) < 0 || time_parse(text, &us) < 0)
        return err_http(err, 400, NULL, "Invalid timestamp for date %.255s", before);
    return reply_audit(rq, "instance_usage_audit_log", us);
}

#define ALL   "/v2.1/os-hosts"
#define ONE   ALL "/{name}"
#define AUDIT "/v2.1/os-instance_usage_audit_log"

/* clang-format off */
const struct route compute_os_host_routes[] = {
    { HTTP_GET, ALL,             "os_compute_api:os-hosts:list",     list_os_hosts, .until = LAST },
    { HTTP_GET, ONE,             "os_compute_api:os-hosts:show",     show_host,     .until = LAST },
    { HTTP_PUT, ONE,             "os_compute_api:os-hosts:update",   update_host,   .until = LAST, .in = change_fields,
      .in_size = sizeof(struct host_change) },
    { HTTP_GET, ONE "/startup",  "os_compute_api:os-hosts:start",    switch_power,  .until = LAST },
    { HTTP_GET, ONE "/shutdown", "os_compute_api:os-hosts:shutdown", switch_power,  .until = LAST },
    { HTTP_GET, ONE "/reboot",   "os_compute_api:os-hosts:reboot",   switch_power,  .until = LAST },
    { HTTP_GET, AUDIT,             "os_compute_api:os-instance-usage-audit-log:list", list_audits },
    { HTTP_GET, AUDIT "/{before}", "os_compute_api:os-instance-usage-audit-log:show", show_audit },
    { 0 },
};
/* clang-format on */
