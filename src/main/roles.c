/* SPDX-License-Identifier: Apache-2.0 */
#include "main/roles.h"

#include "base/str.h"
#include "main/parts.h"
#include "rest/server.h"

/* Not by their headers, whose names of things are their own. */
extern const struct service identity_service, image_service, placement_service, compute_service,
    network_service;

#define NEEDS(...) ((const char *const[]){ __VA_ARGS__, NULL })

static const struct stackd_role bus_role = {
    .name = "bus",
    .help = "the hub that services and agents of one machine talk through",
    .start = bus_role_start,
    .stop = bus_role_stop,
    .no_bus = true,
};

static const struct stackd_role identity_role = {
    .name = "identity",
    .help = "users, projects, tokens, the catalog (port 5000)",
    .service = &identity_service,
    .sections = identity_sections,
    .needs = NEEDS("bus"),
    .catalog_name = "keystone",
    .catalog_path = "/v3",
};

static const struct stackd_role image_role = {
    .name = "image",
    .help = "images and their data (port 9292)",
    .service = &image_service,
    .needs = NEEDS("bus", "identity"),
    .username = "glance",
    .catalog_name = "glance",
    .catalog_path = "",
};

static const struct stackd_role placement_role = {
    .name = "placement",
    .help = "what there is of resources, and who uses it (port 8778)",
    .service = &placement_service,
    .needs = NEEDS("bus", "identity"),
    .username = "placement",
    .catalog_name = "placement",
    .catalog_path = "",
};

static const struct stackd_role compute_role = {
    .name = "compute",
    .help = "servers, flavors, key pairs, hosts; metadata for guests (ports 8774, 8775)",
    .service = &compute_service,
    .needs = NEEDS("bus", "identity"),
    .username = "nova",
    .catalog_name = "nova",
    .catalog_path = "/v2.1",
};

static const struct stackd_role network_role = {
    .name = "network",
    .help = "networks, ports, security groups, routers, floating IPs (port 9696)",
    .service = &network_service,
    .needs = NEEDS("bus", "identity"),
    .username = "neutron",
    .catalog_name = "neutron",
    .catalog_path = "",
};

static const struct stackd_role console_role = {
    .name = "console",
    .help = "the way from a browser to a guest's screen (port 6080)",
    .start = console_role_start,
    .stop = console_role_stop,
    .sections = console_sections,
    .needs = NEEDS("bus", "identity"),
    .username = "nova",
    .no_bus = true,
    .binds = true,
};

static const struct stackd_role agent_role = {
    .name = "agent",
    .help = "what a host does: guests, networks, routers, DHCP, metadata; as root",
    .start = agent_role_start,
    .stop = agent_role_stop,
    .sections = agent_sections,
    .needs = NEEDS("bus"),
    .privileged = true,
    .may_lag = true,
    .no_bus = true,
};

const struct stackd_role *const roles[] = {
    &bus_role,     &identity_role, &image_role, &placement_role, &compute_role, &network_role,
    &console_role, &agent_role,    NULL,
};

const struct stackd_role *role_named(const char *name)
{
    for (const struct stackd_role *const *r = roles; *r; r++)
        if (str_eq((*r)->name, name))
            return *r;
    return NULL;
}

/* The hub is for one machine; a broker of others needs none. */
static bool bus_is_ours(const struct setup *s)
{
    return str_has_prefix(s->opt.bus, "local:");
}

bool role_is_wanted(const struct setup *s, const struct stackd_role *role)
{
    if (str_eq(role->name, "bus") && !bus_is_ours(s))
        return false;
    return !s->opt.roles || strv_contains(s->opt.roles, role->name);
}

/* An address as it stands in a URL. */
static const char *url_host(struct arena *a, const char *host)
{
    return strchr(host, ':') && host[0] != '[' ? arena_printf(a, "[%s]", host) : host;
}

static bool is_any_address(const char *host)
{
    return str_empty(host) || str_eq(host, "0.0.0.0") || str_eq(host, "::");
}

int role_url(struct setup *s, const struct stackd_role *role, bool public, char **ret, struct err *err)
{
    struct server_options o = { 0 };
    const char *host;
    int r = config_read(s->config, role->service->name, server_option_table, &o, err);

    if (r < 0)
        return r;
    host = is_any_address(o.bind_host) ? "127.0.0.1" : o.bind_host;
    if (public && o.public_endpoint) {
        *ret = arena_strdup(&s->arena, o.public_endpoint);
        return 0;
    }
    if (public && !str_empty(s->opt.public_host))
        host = s->opt.public_host;
    *ret = arena_printf(&s->arena, "http://%s:%u", url_host(&s->arena, host),
                        o.bind_port ? (unsigned) o.bind_port : role->service->port);
    return 0;
}
