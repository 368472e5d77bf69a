/* SPDX-License-Identifier: Apache-2.0 */
/* /v2.1/os-simple-tenant-usage, and a server's diagnostics */
#include <stdio.h>

#include "agent/compute_wishes.h"
#include "base/str.h"
#include "compute/api/actions.h"
#include "compute/api/routes.h"
#include "compute/model/agent.h"
#include "rest/dialect.h"

#define WEEKS_4_US (28LL * 24 * 3600 * 1000000)

struct period {
    int64_t start_us, stop_us;
    bool detailed;
};

static int read_time(struct request *rq, const char *name, int64_t otherwise, int64_t *ret, struct err *err)
{
    const char *v = rq_query(rq, name);

    *ret = otherwise;
    if (v && time_parse(v, ret) < 0)
        return err_http(err, 400, NULL, "Datetime is in invalid format");
    return 0;
}

static int read_period(struct request *rq, struct period *p, struct err *err)
{
    int64_t now_us = server_now_us(rq->server);
    int r = read_time(rq, "start", now_us - WEEKS_4_US, &p->start_us, err);

    if (r >= 0)
        r = read_time(rq, "end", now_us, &p->stop_us, err);
    if (r >= 0 && p->stop_us < p->start_us)
        return err_http(err, 400, NULL,
                        "Invalid start time. The start time cannot occur after the end time.");
    p->detailed = str_eq(rq_query(rq, "detailed"), "1");
    return r;
}

/* Servers that lived in the period, by project and creation. */
static int list_lived(struct request *rq, const struct period *p, const char *project, struct list *ret,
                      struct err *err)
{
    static const struct sort_key by_project[] = { { "project_id", false }, { "created_at", false } };
    const struct val stop = val_int(p->start_us);
    struct query q = { .sort = by_project, .n_sort = ARRAY_SIZE(by_project) };
    struct txn *t;
    int r = rq_txn(rq, &t, err);

    rq_cond(rq, &q, (struct cond){ .column = "launched_at", .op = COND_LE, .value = val_int(p->stop_us) });
    rq_cond(rq, &q, (struct cond){ .column = "launched_at", .op = COND_NOT_NULL });
    rq_cond(rq, &q,
            (struct cond){ .column = "(terminated_at IS NULL OR terminated_at >= ?)",
                           .op = COND_SQL,
                           .vals = &stop,
                           .n_vals = 1 });
    if (project)
        rq_cond(rq, &q, (struct cond){ .column = "project_id", .op = COND_EQ, .value = val_text(project) });
    return r < 0 ? r : table_list(t, rq->arena, &instance_table, &q, ret, err);
}

static double hours_of(const struct period *p, const struct instance *i)
{
    int64_t from = i->launched_at > p->start_us ? i->launched_at : p->start_us;
    int64_t to = i->terminated_at && i->terminated_at < p->stop_us ? i->terminated_at : p->stop_us;

    return to > from ? (double) (to - from) / 3.6e9 : 0;
}

static void write_one(struct request *rq, struct jw *w, const struct period *p, const struct instance *i)
{
    int64_t end = i->terminated_at ? i->terminated_at : server_now_us(rq->server);
    char *status = arena_strdup(rq->arena, server_status(i));

    jw_object(w, NULL);
    jw_str(w, "instance_id", i->id);
    jw_str(w, "name", i->name);
    jw_double(w, "hours", hours_of(p, i));
    jw_int(w, "memory_mb", i->memory_mb);
    jw_int(w, "local_gb", i->root_gb + i->ephemeral_gb);
    jw_int(w, "vcpus", i->vcpus);
    jw_str(w, "tenant_id", i->project_id);
    jw_str(w, "flavor", i->flavor_name);
    jw_time(w, "started_at", i->launched_at, TIME_ISO_MICRO);
    jw_time(w, "ended_at", i->terminated_at, TIME_ISO_MICRO);
    jw_str(w, "state", i->terminated_at ? "terminated" : str_lower(rq->arena, status));
    jw_int(w, "uptime", (end - i->launched_at) / 1000000);
    jw_end_object(w);
}

/* Rows [from, to) are of one project. */
static void write_usage(struct request *rq, struct jw *w, const struct period *p, const char *project,
                        const struct list *l, size_t from, size_t to, bool servers)
{
    double hours = 0, memory = 0, vcpus = 0, disk = 0;

    for (size_t k = from; k < to; k++) {
        const struct instance *i = list_at(l, k);
        double h = hours_of(p, i);

        hours += h;
        memory += h * (double) i->memory_mb;
        vcpus += h * (double) i->vcpus;
        disk += h * (double) (i->root_gb + i->ephemeral_gb);
    }
    jw_str(w, "tenant_id", project);
    jw_time(w, "start", p->start_us, TIME_ISO_MICRO);
    jw_time(w, "stop", p->stop_us, TIME_ISO_MICRO);
    jw_double(w, "total_hours", hours);
    jw_double(w, "total_memory_mb_usage", memory);
    jw_double(w, "total_vcpus_usage", vcpus);
    jw_double(w, "total_local_gb_usage", disk);
    if (!servers)
        return;
    jw_array(w, "server_usages");
    for (size_t k = from; k < to; k++)
        write_one(rq, w, p, list_at(l, k));
    jw_end_array(w);
}

static int list_usages(struct request *rq, struct err *err)
{
    struct period p;
    struct list l;
    struct jw *w;
    size_t to;
    int r = read_period(rq, &p, err);

    if (r >= 0)
        r = list_lived(rq, &p, NULL, &l, err);
    if (r < 0)
        return r;
    w = reply_begin(rq);
    jw_object(w, NULL);
    jw_array(w, "tenant_usages");
    for (size_t from = 0; from < l.count; from = to) {
        const char *project = ((const struct instance *) list_at(&l, from))->project_id;

        for (to = from;
             to < l.count && str_eq(((const struct instance *) list_at(&l, to))->project_id, project);)
            to++;
        jw_object(w, NULL);
        write_usage(rq, w, &p, project, &l, from, to, p.detailed);
        jw_end_object(w);
    }
    jw_end_array(w);
    jw_end_object(w);
    return reply_end(rq, 200);
}

static int show_usage(struct request *rq, struct err *err)
{
    const char *project = rq_param(rq, "id");
    struct period p;
    struct list l;
    struct jw *w;
    int r = read_period(rq, &p, err);

    if (r >= 0)
        r = list_lived(rq, &p, project, &l, err);
    if (r < 0)
        return r;
    w = reply_begin(rq);
    jw_object(w, NULL);
    jw_object(w, "tenant_usage");
    if (l.count)
        write_usage(rq, w, &p, project, &l, 0, l.count, true);
    jw_end_object(w);
    jw_end_object(w);
    return reply_end(rq, 200);
}

struct usage_target {
    const char *project_id;
};

static const struct field usage_target[] = { FIELD(FIELD_STRING, usage_target, project_id), { 0 } };

static int load_target(struct request *rq, struct err *err)
{
    struct usage_target *u = arena_new(rq->arena, struct usage_target);

    u->project_id = rq_param(rq, "id");
    rq->object = u;
    return 0;
}

/* --- diagnostics ------------------------------------------------------------------------------- */

/* Since 2.48 the same members whatever the driver; what it does not say is null or empty. */
static void write_diagnostics(struct jw *w, const struct instance *i, const json_t *d)
{
    static const char *const plain[] = { "state",         "driver", "hypervisor",
                                         "hypervisor_os", "uptime", "num_cpus" };
    static const struct {
        const char *list, *count;
    } lists[] = { { "cpu_details", NULL }, { "nic_details", "num_nics" }, { "disk_details", "num_disks" } };

    jw_bool(w, "config_drive", i->config_drive);
    for (size_t k = 0; k < ARRAY_SIZE(plain); k++)
        if (json_object_get(d, plain[k]))
            jw_value(w, plain[k], json_object_get(d, plain[k]));
        else
            jw_null(w, plain[k]);
    for (size_t k = 0; k < ARRAY_SIZE(lists); k++) {
        const json_t *l = json_arr(d, lists[k].list);

        if (lists[k].count)
            jw_int(w, lists[k].count, (int64_t) json_array_size(l));
        if (l)
            jw_value(w, lists[k].list, l);
        else
            jw_raw(w, lists[k].list, "[]");
    }
    if (json_obj(d, "memory_details"))
        jw_value(w, "memory_details", json_obj(d, "memory_details"));
    else
        jw_raw(w, "memory_details", "{\"maximum\":null,\"used\":null}");
}

/* Before: names and numbers as libvirt has them. */
static void write_old_diagnostics(struct jw *w, const json_t *d)
{
    json_t *cpu;
    size_t k;
    char name[32];

    json_array_foreach (json_arr(d, "cpu_details"), k, cpu) {
        snprintf(name, sizeof(name), "cpu%zu_time", k);
        jw_int(w, name, json_int(cpu, "time", 0));
    }
    jw_int(w, "memory", json_int(json_obj(d, "memory_details"), "maximum", 0) * 1024);
}

static int show_diagnostics(struct request *rq, struct err *err)
{
    const struct instance *i = instance_in(rq);
    auto_json json_t *args = json_pack("{ss}", "server_id", i->id), *reply = NULL;
    struct err why = { 0 };
    struct jw *w;
    int r = require_state(i, "get_diagnostics", "active paused suspended stopped", NULL, err);

    if (r >= 0)
        r = rq_commit(rq, err);
    if (r < 0)
        return r;
    r = agent_call(rq->server, rq->arena, i->host, COMPUTE_METHOD_DIAGNOSTICS, args, rq->request_id, &reply,
                   &why);
    if (r < 0)
        return err_http(err,
                        r == -EHOSTDOWN ? 409
                        : r == -ENOTSUP ? 501
                                        : 500,
                        NULL, "The diagnostics of instance %s cannot be read: %s", i->id, why.msg);
    w = reply_begin(rq);
    jw_object(w, NULL);
    if (rq->version >= 48)
        write_diagnostics(w, i, reply);
    else
        write_old_diagnostics(w, reply);
    jw_end_object(w);
    return reply_end(rq, 200);
}

/* clang-format off */
const struct route compute_usage_routes[] = {
    { HTTP_GET, "/v2.1/os-simple-tenant-usage",      "os_compute_api:os-simple-tenant-usage:list", list_usages },
    { HTTP_GET, "/v2.1/os-simple-tenant-usage/{id}", "os_compute_api:os-simple-tenant-usage:show", show_usage,
      .load = load_target, .target = usage_target },
    { HTTP_GET, "/v2.1/servers/{server_id}/diagnostics", "os_compute_api:os-server-diagnostics", show_diagnostics,
      .load = load_instance, .target = instance_target, .flags = ROUTE_WORKER },
    { 0 },
};
/* clang-format on */
