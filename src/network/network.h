/* SPDX-License-Identifier: Apache-2.0 */
/* Network: networks, subnets, ports, security groups, routers, floating IPs,
 * and what the agents on the hosts are to make of them.
 *
 * A request or a message records wishes in one transaction.  Whose hosts must
 * look anew is collected on the way (struct net_ctx), counted up in the same
 * transaction and told after the commit. */
#pragma once

#include "base/field.h"
#include "rest/server.h"

extern const struct service network_service;

#define OWNER_DHCP             "network:dhcp"
#define OWNER_ROUTER_INTERFACE "network:router_interface"
#define OWNER_ROUTER_GATEWAY   "network:router_gateway"
#define OWNER_FLOATING_IP      "network:floatingip"
#define OWNER_COMPUTE_PREFIX   "compute:"

#define STATUS_ACTIVE          "ACTIVE"
#define STATUS_DOWN            "DOWN"
#define STATUS_BUILD           "BUILD"
#define STATUS_ERROR           "ERROR"

/* Section [network]. */
struct network_options {
    const char **type_drivers;  /* "local", "flat", "vlan", "vxlan" */
    const char **tenant_types;  /* In the order in which they are tried. */
    const char **mechanisms;    /* "linuxbridge", "fake" */
    const char **flat_networks; /* Physical networks that may be used flat; "*" is any. */
    const char **vlan_ranges;   /* "physnet1:100:199" */
    const char **vni_ranges;    /* "1:100000" */
    const char **physical_mtus; /* "physnet1:9000" */
    int64_t global_physnet_mtu; /* Of the wire under everything. */
    int64_t agent_down_s;       /* An agent that was silent for so long is down. */
    int64_t dhcp_lease_s;
    int64_t housekeeping_s;
    int64_t max_dns_nameservers, max_host_routes, max_fixed_ips, max_routes, max_address_pairs;
    int64_t max_bulk;
    const char *base_mac, *dns_domain, *availability_zone, *fake_hosts;
    int64_t quota_network, quota_subnet, quota_port, quota_router, quota_floatingip, quota_security_group,
        quota_security_group_rule, quota_subnetpool, quota_address_scope;
    bool notify_compute;
};

struct housekeeper;

/* What a running network service keeps. */
struct network_state {
    const struct network_options *opt;
    struct server *server;
    struct housekeeper *housekeeper;
};

/* One transaction's work. */
struct net_ctx {
    struct txn *t;
    struct arena *a;
    struct network_state *n;
    int64_t now_us;
    const char *request_id;
    const char **hosts; /* Whose wishes changed. */
    bool events;        /* An operation was recorded: kick the worker after the commit. */
    /* What came in a request's body; null and 0 elsewhere. */
    const struct field *fields;
    uint64_t given;
    const json_t *in;
    const char *project_id; /* Of who asks. */
    bool admin;
};

/* True when the body had the member at 'offset' of the structure read. */
bool ctx_given(const struct net_ctx *c, size_t offset);
#define GIVEN(c, s, member) ctx_given((c), offsetof(struct s, member))

struct network {
    const char *id, *project_id, *name, *description, *status;
    bool admin_state_up, shared, external, is_default, port_security_enabled;
    int64_t mtu;
    const char **availability_zone_hints;
    const char *dns_domain;
    const char *network_type, *physical_network;
    int64_t segmentation_id;
    int64_t revision_number, created_at, updated_at;
    const char **tags;
    /* Not columns. */
    const char **subnets, **availability_zones;
    int64_t ipv4_scope, ipv6_scope;
};

struct subnet {
    const char *id, *project_id, *network_id, *name, *description;
    int64_t ip_version;
    const char *cidr, *gateway_ip;
    bool enable_dhcp;
    const char *ipv6_ra_mode, *ipv6_address_mode, *subnetpool_id;
    const char **dns_nameservers;
    const char *host_routes, *allocation_pools; /* JSON */
    const char **service_types;
    int64_t revision_number, created_at, updated_at;
    const char **tags;
    /* Not columns. */
    int64_t prefixlen;
    const char *segment_id;
    bool use_default_subnetpool;
    const char *network_project_id;
    bool network_shared, network_external;
};

struct subnet_pool {
    const char *id, *project_id, *name, *description;
    int64_t ip_version;
    const char **prefixes;
    int64_t min_prefixlen, max_prefixlen, default_prefixlen;
    int64_t default_quota; /* Of a project; FIELD_NULL_INT: none. */
    bool shared, is_default;
    int64_t revision_number, created_at, updated_at;
    const char **tags;
    /* Not a column: there are no address scopes. */
    const char *address_scope_id;
};

struct port {
    const char *id, *project_id, *network_id, *name, *description, *mac_address, *status;
    bool admin_state_up, port_security_enabled;
    const char *device_id, *device_owner;
    const char *host_id, *vnic_type, *vif_type, *vif_details, *profile; /* Binding; the last two JSON. */
    const char *allowed_address_pairs, *extra_dhcp_opts;                /* JSON */
    const char *dns_name;
    bool l2_up, dhcp_up; /* As the agents reported. */
    const char *wiring;  /* The reason in their words when something failed, or null. */
    int64_t revision_number, created_at, updated_at;
    const char **tags;
    /* Not columns. */
    const char *fixed_ips; /* JSON */
    const char **security_groups;
    const char *dns_assignment; /* JSON */
    const char *network_project_id;
    bool network_shared;
};

struct security_group {
    const char *id, *project_id, *name, *description;
    bool stateful, is_default;
    int64_t revision_number, created_at, updated_at;
    const char **tags;
    /* Not columns. */
    const char *rules; /* JSON */
    bool shared;
};

struct security_group_rule {
    const char *id, *project_id, *security_group_id, *description;
    const char *direction, *ethertype, *protocol;
    int64_t port_range_min, port_range_max;
    const char *remote_ip_prefix, *remote_group_id;
    int64_t revision_number, created_at, updated_at;
    /* Not columns. */
    const char *group_project_id, *remote_address_group_id, *normalized_cidr;
    bool belongs_to_default_sg;
};

struct l3_router {
    const char *id, *project_id, *name, *description, *status;
    bool admin_state_up, enable_snat;
    const char *gw_port_id, *gw_network_id;
    const char *routes; /* JSON */
    const char **availability_zone_hints;
    const char *host; /* Where it is scheduled, or null. */
    int64_t revision_number, created_at, updated_at;
    const char **tags;
    /* Not columns. */
    const char *external_gateway_info; /* JSON, or null */
    bool distributed, ha;
    const char **availability_zones;
    const char *flavor_id;
};

struct floating_ip {
    const char *id, *project_id, *description, *status;
    const char *floating_network_id, *floating_ip_address, *floating_port_id;
    const char *port_id, *fixed_ip_address, *router_id;
    int64_t revision_number, created_at, updated_at;
    const char **tags;
    /* Not columns. */
    const char *subnet_id, *port_details, *dns_name, *dns_domain, *qos_policy_id;
};

struct net_agent {
    const char *id, *agent_type, *host, *binary, *topic, *availability_zone, *description;
    bool admin_state_up;
    const char *configurations, *resource_versions; /* JSON */
    int64_t started_at, heartbeat_at, created_at;
    /* Not columns. */
    bool alive;
};

/* One address of a port. */
struct allocation {
    const char *port_id, *subnet_id, *network_id, *ip_address;
};
