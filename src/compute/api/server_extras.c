/* SPDX-License-Identifier: Apache-2.0 */
/* A server's diagnostics and the password that its guest left. */
#include "agent/compute_wishes.h"
#include "base/str.h"
#include "compute/api/actions.h"
#include "compute/api/routes.h"
#include "compute/model/agent.h"

/* --- diagnostics ------------------------------------------------------------------------------- */

/* A number of an entry under its own name; what is not known is null. */
static void write_numbers(struct jw *w, const json_t *o, const char *const *names)
{
    strv_foreach (name, names) {
        const json_t *v = json_object_get(o, *name);

        if (json_is_integer(v))
            jw_int(w, *name, json_integer_value(v));
        else
            jw_null(w, *name);
    }
}

static void write_entries(struct jw *w, const char *name, const json_t *list, const char *text,
                          const char *const *numbers)
{
    json_t *o;
    size_t k;

    jw_array(w, name);
    json_array_foreach ((json_t *) list, k, o) {
        jw_object(w, NULL);
        if (text)
            jw_str(w, text, json_str(o, text));
        write_numbers(w, o, numbers);
        jw_end_object(w);
    }
    jw_end_array(w);
}

static void write_diagnostics(struct jw *w, const struct instance *i, const json_t *d)
{
    static const char *const cpu[] = { "id", "time", "utilisation", NULL };
    static const char *const nic[] = { "rx_octets",  "rx_errors", "rx_drop",   "rx_packets",
                                       "rx_rate",    "tx_octets", "tx_errors", "tx_drop",
                                       "tx_packets", "tx_rate",   NULL };
    static const char *const disk[] = { "read_bytes",     "read_requests", "write_bytes",
                                        "write_requests", "errors_count",  NULL };
    static const char *const memory[] = { "maximum", "used", NULL };
    static const char *const uptime[] = { "uptime", NULL };
    const char *state = json_str(d, "state");

    jw_str(w, "state", str_eq(state, "none") ? "pending" : state);
    jw_str(w, "driver", json_str(d, "driver"));
    jw_str(w, "hypervisor", json_str(d, "hypervisor"));
    jw_str(w, "hypervisor_os", json_str(d, "hypervisor_os"));
    write_numbers(w, d, uptime);
    jw_bool(w, "config_drive", i->config_drive);
    jw_int(w, "num_cpus", json_int(d, "num_cpus", i->vcpus));
    jw_int(w, "num_nics", (int64_t) json_array_size(json_arr(d, "nic_details")));
    jw_int(w, "num_disks", (int64_t) json_array_size(json_arr(d, "disk_details")));
    jw_object(w, "memory_details");
    write_numbers(w, json_obj(d, "memory_details"), memory);
    jw_end_object(w);
    write_entries(w, "cpu_details", json_arr(d, "cpu_details"), NULL, cpu);
    write_entries(w, "nic_details", json_arr(d, "nic_details"), "mac_address", nic);
    write_entries(w, "disk_details", json_arr(d, "disk_details"), NULL, disk);
}

/* Before 2.48 the members are the driver's own. */
static void write_old_diagnostics(struct jw *w, struct arena *a, const json_t *d)
{
    const json_t *memory = json_obj(d, "memory_details");
    json_t *o;
    size_t k;

    json_array_foreach (json_arr(d, "cpu_details"), k, o)
        jw_int(w, arena_printf(a, "cpu%zu_time", k), json_int(o, "time", 0));
    jw_int(w, "memory", json_int(memory, "maximum", 0) * 1024);
    json_array_foreach (json_arr(d, "nic_details"), k, o) {
        jw_int(w, arena_printf(a, "vnet%zu_rx", k), json_int(o, "rx_octets", 0));
        jw_int(w, arena_printf(a, "vnet%zu_tx", k), json_int(o, "tx_octets", 0));
    }
}

static int show_diagnostics(struct request *rq, struct err *err)
{
    const struct instance *i = instance_in(rq);
    auto_json json_t *args = json_pack("{ss}", "server_id", i->id), *d = NULL;
    struct err why = { 0 };
    struct jw *w;
    int r = require_state(i, "get_diagnostics", "active paused suspended stopped rescued",
                          "powering-off powering-on rebooting rebooting_hard", err);

    if (r >= 0)
        r = rq_commit(rq, err);
    if (r < 0)
        return r;
    r = agent_call(rq->server, rq->arena, i->host, COMPUTE_METHOD_DIAGNOSTICS, args, rq->request_id, &d,
                   &why);
    if (r < 0)
        return err_http(err, r == -ENOENT || r == -EHOSTDOWN ? 409 : 500, NULL,
                        "Instance %s cannot be diagnosed: %s", i->id, why.msg);
    w = reply_begin(rq);
    jw_object(w, NULL);
    if (rq->version >= 48)
        write_diagnostics(w, i, d);
    else
        write_old_diagnostics(w, rq->arena, d);
    jw_end_object(w);
    return reply_end(rq, 200);
}

/* --- os-server-password ------------------------------------------------------------------------ */

static int show_password(struct request *rq, struct err *err)
{
    auto_json json_t *m = json_of(instance_in(rq)->system_metadata);
    const char *password = json_str(m, INSTANCE_PASSWORD);
    struct jw *w = reply_begin(rq);

    jw_object(w, NULL);
    jw_str(w, "password", password ? password : "");
    jw_end_object(w);
    return reply_end(rq, 200);
}

/* The guest keeps its password; what is forgotten is the copy here. */
static int clear_password(struct request *rq, struct err *err)
{
    static const char *const only[] = { "system_metadata", NULL };
    auto_json json_t *m = NULL;
    struct instance *i;
    struct txn *t;
    int r = instance_again(rq, &i, &t, err);

    if (r < 0)
        return r;
    m = json_of(i->system_metadata);
    json_object_del(m, INSTANCE_PASSWORD);
    i->system_metadata = json_text(rq->arena, m);
    r = instance_update(t, rq->arena, i, server_now_us(rq->server), only, err);
    return r < 0 ? r : reply_empty(rq, 204);
}

#define ONE "/v2.1/servers/{server_id}"
#define OF  .load = load_instance, .target = instance_target

/* clang-format off */
const struct route compute_server_extra_routes[] = {
    { HTTP_GET,    ONE "/diagnostics",        "os_compute_api:os-server-diagnostics",    show_diagnostics, OF, .flags = ROUTE_WORKER },
    { HTTP_GET,    ONE "/os-server-password", "os_compute_api:os-server-password:show",  show_password,  OF },
    { HTTP_DELETE, ONE "/os-server-password", "os_compute_api:os-server-password:clear", clear_password, OF },
    { 0 },
};
/* clang-format on */
