/* SPDX-License-Identifier: Apache-2.0 */
/* Compute as one table. */
#include <unistd.h>

#include "agent/compute_wishes.h"
#include "compute/api/routes.h"
#include "compute/compute.h"
#include "compute/model/hosts.h"
#include "compute/model/metadata_server.h"
#include "compute/model/reports.h"
#include "compute/operations/operations.h"
#include "compute/policies.h"
#include "compute/store/hosts.h"
#include "compute/store/schema.h"

#define OPT(name, type, value, help, ...)                                             \
    {                                                                                 \
#        name, type, offsetof(struct compute_options, name), value, help, __VA_ARGS__ \
    }
#define QUOTA(name, value, what) \
    OPT(quota_##name, FIELD_INT, value, what " Minus one is no limit.", .min = -1, .max = INT32_MAX)

static const struct option options[] = {
    OPT(service_down_s, FIELD_INT, "60", "Seconds without a report after which a host counts as down.",
        .min = 1, .max = 86400),
    OPT(vif_plugging_timeout_s, FIELD_INT, "300", "Seconds that a server waits for its ports to be ready.",
        .min = 1, .max = 86400),
    OPT(vif_plugging_is_fatal, FIELD_BOOL, "true",
        "A server whose ports are not ready in that time is in error."),
    OPT(cpu_allocation_ratio, FIELD_DOUBLE, "4.0",
        "Virtual processors that servers may have for each of a new host."),
    OPT(ram_allocation_ratio, FIELD_DOUBLE, "1.0", "Memory that servers may have for each MB of a new host."),
    OPT(disk_allocation_ratio, FIELD_DOUBLE, "1.0", "Disk that servers may have for each GB of a new host."),
    OPT(default_availability_zone, FIELD_STRING, "nova",
        "Zone of hosts that no aggregate puts into another."),
    OPT(dhcp_domain, FIELD_STRING, "novalocal", "Domain of the host names that guests are told."),
    OPT(console_url, FIELD_STRING, "http://127.0.0.1:6080/vnc_auto.html", "Page of the console proxy."),
    OPT(console_token_ttl_s, FIELD_INT, "600", "Seconds in which a console's URL can be opened.", .min = 1,
        .max = 86400),
    OPT(instance_password, FIELD_BOOL, "true", "New servers get a password, told once in the answer."),
    OPT(force_config_drive, FIELD_BOOL, "false", "Every server gets a config drive."),
    OPT(max_group_members, FIELD_INT, "1000", "Servers of one group that the scheduler looks at.", .min = 1,
        .max = 100000),
    OPT(max_attempts, FIELD_INT, "3", "Hosts on which a new server is tried before it is in error.", .min = 1,
        .max = 100),
    OPT(image_store_dir, FIELD_STRING, NULL,
        "Folder of the image service's file store, where agents of the same machine may read image data."),
    OPT(metadata_host, FIELD_STRING, "127.0.0.1", "Address on which the metadata service listens."),
    OPT(metadata_port, FIELD_INT, "8775", "Port of the metadata service; 0: the kernel's choice.",
        .max = 65535),
    OPT(metadata_secret, FIELD_SECRET, NULL,
        "Shared with the metadata agents, who prove with it which server asks."),
    QUOTA(instances, "10", "Servers of a project."),
    QUOTA(cores, "20", "Virtual processors of a project."),
    QUOTA(ram, "51200", "MB of memory of a project."),
    QUOTA(metadata_items, "128", "Metadata items of a server."),
    QUOTA(injected_files, "5", "Files in a server's personality."),
    QUOTA(injected_file_content_bytes, "10240", "Bytes of such a file."),
    QUOTA(injected_file_path_bytes, "255", "Bytes of such a file's path."),
    QUOTA(key_pairs, "100", "Key pairs of a user."),
    QUOTA(server_groups, "10", "Server groups of a project."),
    QUOTA(server_group_members, "10", "Servers of a server group."),
    { 0 },
};

static int init(struct server *s, struct err *err)
{
    struct compute *c = arena_new(&s->arena, struct compute);

    c->opt = s->options;
    c->server = s;
    s->state = c;
    c->hosts = host_table_new();
    if (!c->hosts)
        return err_set(err, -ENOMEM, "out of memory");
    return hosts_load(c, err);
}

/* The parts that upstream runs as processes of their own are in this one, and are
 * listed as its services. */
static int enlist(struct txn *t, void *ctx, struct err *err)
{
    static const char *const parts[] = { BINARY_SCHEDULER, BINARY_CONDUCTOR };
    struct server *s = ctx;
    auto_arena struct arena a = { 0 };
    char host[256] = "localhost";
    int r = 0;

    gethostname(host, sizeof(host) - 1);
    for (size_t k = 0; r >= 0 && k < ARRAY_SIZE(parts); k++) {
        struct compute_host row;

        r = compute_host_find(t, &a, host, parts[k], true, server_now_us(s), &row, err);
    }
    return r;
}

static int start(struct server *s, struct err *err)
{
    struct compute *c = s->state;
    int r = txn_run(s->db, enlist, s, err);

    if (r >= 0)
        r = metadata_server_start(s, &c->metadata, err);
    if (r >= 0 && s->bus)
        r = bus_listen(s->bus, COMPUTE_TOPIC, reports_handle, s, err);
    return r;
}

static void stop(struct server *s)
{
    struct compute *c = s->state;

    if (c->metadata)
        metadata_server_stop(c->metadata);
    c->metadata = NULL;
}

static void done(struct server *s)
{
    struct compute *c = s->state;

    if (c->hosts)
        host_table_free(c->hosts);
}

static const struct route *const routes[] = {
    compute_version_routes,
    compute_flavor_routes,
    compute_keypair_routes,
    compute_server_routes,
    compute_server_create_routes,
    compute_server_action_routes,
    compute_server_image_routes,
    compute_console_routes,
    compute_server_part_routes,
    compute_interface_routes,
    compute_fixed_ip_routes,
    compute_server_group_routes,
    compute_quota_routes,
    compute_host_routes,
    compute_aggregate_routes,
    compute_usage_routes,
    compute_security_group_routes,
    compute_floating_ip_routes,
    compute_network_routes,
    compute_image_routes,
    compute_os_host_routes,
    compute_extension_routes,
    NULL,
};

static const struct policy_rule *const policies[] = { compute_policies, NULL };

const struct service compute_service = {
    .name = "compute",
    .type = "compute",
    .description = "Servers, flavors, key pairs and hosts",
    .port = 8774,
    .dialect = &nova_dialect,
    .routes = routes,
    .policies = policies,
    .options = options,
    .options_size = sizeof(struct compute_options),
    .schemas = compute_schemas,
    .version_type = "compute",
    .version_header = "X-OpenStack-Nova-API-Version",
    .version_major = 2,
    .version_min = 1,
    .version_max = 96,
    .version_prefix = "/v2.1",
    .legacy_prefix = "/v2",
    .operations = compute_operations,
    .init = init,
    .start = start,
    .stop = stop,
    .done = done,
};
