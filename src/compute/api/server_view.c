/* SPDX-License-Identifier: Apache-2.0 */
/* How a server looks in answers, in each microversion. */
#include "base/str.h"
#include "compute/api/servers.h"
#include "compute/model/agent.h"
#include "compute/model/hosts.h"
#include "crypto/digest.h"

static const struct {
    const char *vm_state, *task_prefix, *status; /* A null prefix is any task. */
} statuses[] = {
    { "active", "reboot_", "REBOOT" },
    { "active", "rebooting_hard", "HARD_REBOOT" },
    { "active", "reboot_started_hard", "HARD_REBOOT" },
    { "active", "rebooting", "REBOOT" },
    { "active", "rebuild", "REBUILD" },
    { "active", NULL, "ACTIVE" },
    { "building", NULL, "BUILD" },
    { "stopped", "rebuild", "REBUILD" },
    { "stopped", "rebooting_hard", "HARD_REBOOT" },
    { "stopped", NULL, "SHUTOFF" },
    { "paused", NULL, "PAUSED" },
    { "suspended", NULL, "SUSPENDED" },
    { "error", "rebuild", "REBUILD" },
    { "error", NULL, "ERROR" },
    { "deleted", NULL, "DELETED" },
};

const char *server_status(const struct instance *i)
{
    for (size_t k = 0; k < ARRAY_SIZE(statuses); k++)
        if (str_eq(statuses[k].vm_state, i->vm_state) &&
            (!statuses[k].task_prefix ||
             (i->task_state && str_has_prefix(i->task_state, statuses[k].task_prefix))))
            return statuses[k].status;
    return "UNKNOWN";
}

/* --- addresses ------------------------------------------------------------------------- */

static void write_address(struct jw *w, const char *address, const char *mac, const char *type)
{
    jw_object(w, NULL);
    jw_int(w, "version", strchr(address, ':') ? 6 : 4);
    jw_str(w, "addr", address);
    if (mac) {
        jw_str(w, "OS-EXT-IPS:type", type);
        jw_str(w, "OS-EXT-IPS-MAC:mac_addr", mac);
    }
    jw_end_object(w);
}

static void write_port_addresses(struct jw *w, const json_t *port, bool with_mac)
{
    const char *mac = with_mac ? json_str(port, "mac") : NULL;
    json_t *ip, *f;
    size_t k, m;

    json_array_foreach (json_arr(port, "fixed_ips"), k, ip) {
        write_address(w, json_str(ip, "address"), mac, "fixed");
        json_array_foreach (json_arr(port, "floating_ips"), m, f)
            if (str_eq(json_str(f, "fixed_address"), json_str(ip, "address")))
                write_address(w, json_str(f, "address"), mac, "floating");
    }
}

/* Addresses by network, networks in the order of the interfaces.  'only': one
 * network, and without MAC (the addresses resource shows none). */
void write_addresses(struct request *rq, struct jw *w, const struct instance *i, const char *only)
{
    auto_json json_t *ports = NULL;
    const char **labels = NULL;
    json_t *p;
    size_t k;

    if (!i->ports || json_read(i->ports, strlen(i->ports), &ports, NULL) < 0)
        return;
    json_array_foreach (ports, k, p) {
        const char *label = json_str(p, "label");

        if (label && !strv_contains(labels, label) && (!only || !*only || str_eq(only, label)))
            labels = strv_add(rq->arena, labels, label);
    }
    strv_foreach (label, labels) {
        jw_array(w, *label);
        json_array_foreach (ports, k, p)
            if (str_eq(json_str(p, "label"), *label))
                write_port_addresses(w, p, only == NULL);
        jw_end_array(w);
    }
}

/* --- the parts --------------------------------------------------------------------------- */

const char *host_id(struct request *rq, const char *project_id, const char *host)
{
    const char *both;
    uint8_t sum[DIGEST_MAX];

    if (!host)
        return "";
    both = arena_printf(rq->arena, "%s%s", project_id, host);
    digest_of(DIGEST_SHA256, both, strlen(both), sum);
    return hex_encode(rq->arena, sum, 28);
}

static void write_flavor(struct request *rq, struct jw *w, const struct instance *i)
{
    jw_object(w, "flavor");
    if (rq->version < 47) {
        jw_str(w, "id", i->flavor_id);
        write_bookmark(rq, w, arena_printf(rq->arena, "flavors/%s", i->flavor_id));
    } else {
        jw_int(w, "vcpus", i->vcpus);
        jw_int(w, "ram", i->memory_mb);
        jw_int(w, "disk", i->root_gb);
        jw_int(w, "ephemeral", i->ephemeral_gb);
        jw_int(w, "swap", i->swap_mb);
        jw_str(w, "original_name", i->flavor_name);
        if (rq_can(rq, "os_compute_api:servers:show:flavor-extra-specs"))
            write_json(w, "extra_specs", i->extra_specs, "{}");
    }
    jw_end_object(w);
}

static void write_image(struct request *rq, struct jw *w, const struct instance *i)
{
    if (!i->image_id) {
        jw_str(w, "image", "");
        return;
    }
    jw_object(w, "image");
    jw_str(w, "id", i->image_id);
    write_bookmark(rq, w, arena_printf(rq->arena, "images/%s", i->image_id));
    jw_end_object(w);
}

static void write_fault(struct request *rq, struct jw *w, const struct instance *i)
{
    const char *status = server_status(i);

    if (!i->fault_code || (!str_eq(status, "ERROR") && !str_eq(status, "DELETED")))
        return;
    jw_object(w, "fault");
    jw_int(w, "code", i->fault_code);
    jw_time(w, "created", i->fault_at, TIME_ISO_Z);
    jw_str(w, "message", i->fault_message);
    if (is_admin(rq))
        jw_str(w, "details", i->fault_details);
    jw_end_object(w);
}

static void write_progress(struct jw *w, const struct instance *i)
{
    static const char *const with[] = { "ACTIVE",        "BUILD",     "REBUILD", "RESIZE",
                                        "VERIFY_RESIZE", "MIGRATING", NULL };

    if (strv_contains((const char *const *) with, server_status(i)))
        jw_int(w, "progress", i->progress);
}

static const char *host_status(struct request *rq, const struct instance *i)
{
    struct host_state h;

    if (!i->host || hosts_get(compute_of(rq), rq->arena, i->host, &h) < 0)
        return i->host ? "UNKNOWN" : "";
    return h.forced_down ? "DOWN" : h.disabled ? "MAINTENANCE" : h.up ? "UP" : "UNKNOWN";
}

static void write_attributes(struct request *rq, struct jw *w, const struct instance *i, bool user_data)
{
    bool admin = rq_can(rq, "os_compute_api:os-extended-server-attributes");

    if (admin) {
        jw_str(w, "OS-EXT-SRV-ATTR:host", i->host);
        jw_str(w, "OS-EXT-SRV-ATTR:instance_name", instance_name_of(rq->arena, i));
        jw_str(w, "OS-EXT-SRV-ATTR:hypervisor_hostname", i->node);
    }
    if (rq->version < 3)
        return;
    if (admin || rq->version >= 90)
        jw_str(w, "OS-EXT-SRV-ATTR:hostname", i->hostname);
    if (!admin)
        return;
    jw_str(w, "OS-EXT-SRV-ATTR:reservation_id", i->reservation_id);
    jw_int(w, "OS-EXT-SRV-ATTR:launch_index", i->launch_index);
    jw_str(w, "OS-EXT-SRV-ATTR:kernel_id", i->kernel_id ? i->kernel_id : "");
    jw_str(w, "OS-EXT-SRV-ATTR:ramdisk_id", i->ramdisk_id ? i->ramdisk_id : "");
    jw_str(w, "OS-EXT-SRV-ATTR:root_device_name", i->root_device);
    if (user_data)
        jw_str(w, "OS-EXT-SRV-ATTR:user_data", i->user_data);
}

static void write_groups(struct jw *w, const struct instance *i)
{
    if (!i->security_groups)
        return;
    jw_array(w, "security_groups");
    strv_foreach (g, i->security_groups) {
        jw_object(w, NULL);
        jw_str(w, "name", *g);
        jw_end_object(w);
    }
    jw_end_array(w);
}

/* What came by extensions once, and is in all answers since 2.75. */
static void write_extended(struct request *rq, struct jw *w, const struct instance *i,
                           enum server_parts parts)
{
    struct compute *c = compute_of(rq);

    jw_str(w, "config_drive", i->config_drive ? "True" : "");
    jw_str(w, "key_name", i->key_name);
    jw_time(w, "OS-SRV-USG:launched_at", i->launched_at, TIME_ISO_MICRO);
    jw_time(w, "OS-SRV-USG:terminated_at", i->terminated_at, TIME_ISO_MICRO);
    jw_str(w, "OS-EXT-AZ:availability_zone",
           i->host        ? hosts_zone(c, rq->arena, i->host)
           : i->az_wanted ? i->az_wanted
                          : "");
    jw_str(w, "OS-EXT-STS:task_state", i->task_state);
    jw_str(w, "OS-EXT-STS:vm_state", i->vm_state);
    jw_int(w, "OS-EXT-STS:power_state", i->power_state);
    write_attributes(rq, w, i, parts != SERVER_REBUILT);
    write_groups(w, i);
    jw_array(w, "os-extended-volumes:volumes_attached");
    jw_end_array(w);
    if (rq->version >= 16) {
        const char *status = host_status(rq, i);

        if (rq_can(rq, "os_compute_api:servers:show:host_status") ||
            (str_eq(status, "UNKNOWN") && rq_can(rq, "os_compute_api:servers:show:host_status:unknown-only")))
            jw_str(w, "host_status", status);
    }
}

static void write_core(struct request *rq, struct jw *w, const struct instance *i, enum server_parts parts)
{
    bool plain = (parts == SERVER_CHANGED || parts == SERVER_REBUILT) && rq->version < 75;

    jw_str(w, "id", i->id);
    jw_str(w, "name", i->name);
    jw_str(w, "status", server_status(i));
    jw_str(w, "tenant_id", i->project_id);
    jw_str(w, "user_id", i->user_id);
    write_json(w, "metadata", i->metadata, "{}");
    jw_str(w, "hostId", host_id(rq, i->project_id, i->host));
    write_image(rq, w, i);
    write_flavor(rq, w, i);
    jw_time(w, "created", i->created_at, TIME_ISO_Z);
    jw_time(w, "updated", i->updated_at, TIME_ISO_Z);
    jw_object(w, "addresses");
    write_addresses(rq, w, i, plain ? "" : NULL);
    jw_end_object(w);
    jw_str(w, "accessIPv4", i->access_ip_v4 ? i->access_ip_v4 : "");
    jw_str(w, "accessIPv6", i->access_ip_v6 ? i->access_ip_v6 : "");
    write_links(rq, w, arena_printf(rq->arena, "servers/%s", i->id));
    jw_str(w, "OS-DCF:diskConfig", i->disk_config);
    write_progress(w, i);
    write_fault(rq, w, i);
}

static void write_versioned(struct request *rq, struct jw *w, const struct instance *i,
                            enum server_parts parts)
{
    if (rq->version >= 9)
        jw_bool(w, "locked", i->locked);
    if (rq->version >= 73)
        jw_str(w, "locked_reason", i->locked ? i->locked_reason : NULL);
    if (rq->version >= 19)
        jw_str(w, "description", i->description);
    if (rq->version >= 26)
        jw_strv(w, "tags", i->tags);
    if (rq->version >= 63) {
        if (i->trusted_certs)
            jw_strv(w, "trusted_image_certificates", i->trusted_certs);
        else
            jw_null(w, "trusted_image_certificates");
    }
    if (rq->version >= 71 && parts != SERVER_DETAIL) {
        jw_array(w, "server_groups");
        if (i->group_id)
            jw_str(w, NULL, i->group_id);
        jw_end_array(w);
    }
    if (rq->version >= 96)
        jw_str(w, "pinned_availability_zone", i->az_wanted);
}

void write_server(struct request *rq, struct jw *w, const struct instance *i, enum server_parts parts)
{
    if (parts == SERVER_BRIEF) {
        jw_str(w, "id", i->id);
        jw_str(w, "name", i->name);
        write_links(rq, w, arena_printf(rq->arena, "servers/%s", i->id));
        return;
    }
    write_core(rq, w, i, parts);
    if ((parts != SERVER_CHANGED && parts != SERVER_REBUILT) || rq->version >= 75)
        write_extended(rq, w, i, parts);
    write_versioned(rq, w, i, parts);
}

int reply_server(struct request *rq, const struct instance *i, enum server_parts parts, int status)
{
    struct jw *w = reply_begin(rq);

    jw_object(w, NULL);
    jw_object(w, "server");
    write_server(rq, w, i, parts);
    jw_end_object(w);
    jw_end_object(w);
    return reply_end(rq, status);
}
