/* SPDX-License-Identifier: Apache-2.0 */
/* Network as one table. */
#include "base/str.h"
#include "network/api/routes.h"
#include "network/bus.h"
#include "network/housekeeper.h"
#include "network/ipnum.h"
#include "network/model/events.h"
#include "network/model/segments.h"
#include "network/network.h"
#include "network/policies.h"
#include "network/store/schema.h"

#define OPT(name, type, value, help, ...)                                             \
    {                                                                                 \
#        name, type, offsetof(struct network_options, name), value, help, __VA_ARGS__ \
    }

#define QUOTA(name, value, what)                                                                   \
    OPT(quota_##name, FIELD_INT, value, "How many " what " a project may have; -1 is any number.", \
        .min = -1, .max = 2147483647)

static const struct option options[] = {
    OPT(type_drivers, FIELD_STRV, "local,flat,vlan,vxlan", "Kinds of segments that networks may have."),
    OPT(tenant_types, FIELD_STRV, "vxlan",
        "Kinds that networks of projects get, in the order in which they are tried."),
    OPT(mechanisms, FIELD_STRV, "linuxbridge,fake",
        "Who plugs ports, in the order in which they are asked. fake only does so on hosts whose agent says so, "
        "and on fake_hosts."),
    OPT(flat_networks, FIELD_STRV, "*", "Physical networks that may be used flat; * is any."),
    OPT(vlan_ranges, FIELD_STRV, "",
        "Physical networks with VLANs, and which VLANs projects get: physnet1:100:199, or physnet1 for none."),
    OPT(vni_ranges, FIELD_STRV, "1:65535", "VXLAN network identifiers that projects get: first:last."),
    OPT(physical_mtus, FIELD_STRV, "", "MTU of physical networks that differ: physnet1:9000."),
    OPT(global_physnet_mtu, FIELD_INT, "1500", "MTU of the wire under all networks.", .min = 68,
        .max = 65535),
    OPT(agent_down_s, FIELD_INT, "75", "An agent that was silent for so many seconds is down.", .min = 2,
        .max = 86400),
    OPT(dhcp_lease_s, FIELD_INT, "86400", "Seconds that a guest keeps its address.", .min = 60,
        .max = 31536000),
    OPT(housekeeping_s, FIELD_INT, "5", "Seconds between looks at what lost its agent.", .min = 1,
        .max = 3600),
    OPT(max_dns_nameservers, FIELD_INT, "5", "Name servers of a subnet.", .min = 1, .max = 64),
    OPT(max_host_routes, FIELD_INT, "20", "Host routes of a subnet.", .min = 1, .max = 1000),
    OPT(max_fixed_ips, FIELD_INT, "5", "Addresses of a port.", .min = 1, .max = 1000),
    OPT(max_routes, FIELD_INT, "30", "Routes of a router.", .min = 1, .max = 1000),
    OPT(max_address_pairs, FIELD_INT, "10", "Allowed address pairs of a port.", .min = 1, .max = 1000),
    OPT(max_bulk, FIELD_INT, "1000", "Objects in one request that creates many.", .min = 1, .max = 10000),
    OPT(base_mac, FIELD_STRING, "fa:16:3e:00:00:00", "How the MAC addresses of ports begin."),
    OPT(dns_domain, FIELD_STRING, "openstacklocal", "Domain of the names that DHCP gives."),
    OPT(availability_zone, FIELD_STRING, "nova", "The zone that agents are in."),
    OPT(fake_hosts, FIELD_STRING, "",
        "Pattern of host names on which ports are up at once without an agent; for tests."),
    OPT(notify_compute, FIELD_BOOL, "true", "Tell compute what becomes of the ports of servers."),
    QUOTA(network, "100", "networks"),
    QUOTA(subnet, "100", "subnets"),
    QUOTA(port, "500", "ports"),
    QUOTA(router, "10", "routers"),
    QUOTA(floatingip, "50", "floating IPs"),
    QUOTA(security_group, "10", "security groups"),
    QUOTA(security_group_rule, "100", "security group rules"),
    QUOTA(subnetpool, "-1", "subnet pools"),
    { 0 },
};

static int check_options(const struct network_options *o, struct err *err)
{
    unsigned char mac[6];

    if (macnum_parse(o->base_mac, mac) < 0)
        return err_set(err, -EINVAL, "[network] base_mac: '%s' is no MAC address", o->base_mac);
    return segment_check_options(o, err);
}

static int init(struct server *s, struct err *err)
{
    struct network_state *n = arena_new(&s->arena, struct network_state);

    n->opt = s->options;
    n->server = s;
    s->state = n;
    return check_options(n->opt, err);
}

static int start(struct server *s, struct err *err)
{
    struct network_state *n = s->state;
    int r = s->bus ? network_bus_start(s, err) : 0;

    return r < 0 ? r : housekeeper_start(s, &n->housekeeper, err);
}

static void stop(struct server *s)
{
    struct network_state *n = s->state;

    if (n->housekeeper)
        housekeeper_stop(n->housekeeper);
    n->housekeeper = NULL;
}

static const struct route *const routes[] = {
    version_routes_network, extension_routes,           network_routes,
    subnet_routes,          subnet_pool_routes,         port_routes,
    security_group_routes,  l3_router_routes,           floating_ip_routes,
    net_agent_routes,       security_group_rule_routes, net_quota_routes,
    net_tag_routes,         availability_routes,        NULL,
};

static const struct policy_rule *const policies[] = { network_policies, NULL };

const struct service network_service = {
    .name = "network",
    .type = "network",
    .description = "Networks, subnets, ports, security groups, routers and floating IPs",
    .port = 9696,
    .dialect = &neutron_dialect,
    .routes = routes,
    .policies = policies,
    .options = options,
    .options_size = sizeof(struct network_options),
    .schemas = network_schemas,
    .operations = network_operations,
    .init = init,
    .start = start,
    .stop = stop,
};
