/* SPDX-License-Identifier: Apache-2.0 */
/* The answer to "wishes", read into structures (doc/wishes.md says what the
 * members mean).
 *
 * A broken item does not break the answer: it is kept with its words in 'bad',
 * reported as an error and left alone on the host. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "host/ip.h"

struct wish_fixed_ip {
    const char *subnet_id;
    struct ip ip; /* With the subnet's prefix. */
};

struct wish_route {
    struct ip to, via;
};

struct wish_subnet {
    const char *id;
    struct ip cidr, gateway; /* gateway.family 0: none */
    bool enable_dhcp, isolated;
    const char **dns_nameservers;
    struct wish_route *host_routes;
    size_t n_host_routes;
    const char *ra_mode, *address_mode; /* Null, "slaac", "dhcpv6-stateful", "dhcpv6-stateless". */
};

/* Somebody with an address: a port as DHCP and metadata see it. */
struct wish_option {
    const char *name, *value;
    int ip_version;
};

struct wish_host {
    const char *port_id, *mac, *hostname, *instance_id, *project_id;
    struct wish_fixed_ip *ips;
    size_t n_ips;
    struct wish_option *options;
    size_t n_options;
};

/* One end of a virtual cable: a DHCP server's port, a router's interface. */
struct wish_leg {
    const char *port_id, *network_id, *bad;
    uint8_t mac[MAC_LEN];
    struct wish_fixed_ip *ips;
    size_t n_ips;
};

struct wish_fdb {
    uint8_t mac[MAC_LEN];
    struct ip remote;
};

struct wish_dhcp_server {
    uint8_t mac[MAC_LEN];
    struct ip *ips;
    size_t n_ips;
};

struct wish_network {
    const char *id, *type, *physical_network, *dns_domain, *bad;
    uint32_t segmentation_id, mtu;
    bool admin_state_up;
    struct ip *remotes;
    struct wish_fdb *fdb;
    struct wish_subnet *subnets;
    struct wish_host *hosts;
    struct wish_dhcp_server *dhcp_servers;
    size_t n_remotes, n_fdb, n_subnets, n_hosts, n_dhcp_servers;
    struct wish_leg *dhcp; /* Null: no DHCP server here. */
    uint32_t lease_s;
};

struct wish_pair {
    struct ip ip;
    uint8_t mac[MAC_LEN];
};

struct wish_port {
    const char *id, *network_id, *bad;
    uint8_t mac[MAC_LEN];
    bool admin_state_up, port_security;
    struct wish_fixed_ip *ips;
    struct wish_pair *pairs;
    size_t n_ips, n_pairs;
    const char **groups;
};

struct wish_rule {
    bool ingress;
    int family;       /* AF_INET or AF_INET6 */
    int protocol;     /* -1: any */
    int min, max;     /* -1: any.  ICMP: type and code. */
    struct ip prefix; /* family 0: any */
    const char *remote_group;
};

struct wish_group {
    const char *id, *bad;
    struct wish_rule *rules;
    struct ip *members;
    size_t n_rules, n_members;
};

struct wish_floating_ip {
    const char *id, *port_id;
    struct ip floating, fixed;
};

struct wish_router {
    const char *id, *bad;
    bool admin_state_up, enable_snat;
    struct wish_leg *gateway; /* Null: none. */
    struct wish_leg *interfaces;
    struct wish_route *routes;
    struct wish_floating_ip *floating_ips;
    size_t n_interfaces, n_routes, n_floating_ips;
};

struct wishes {
    const char *version;
    struct wish_network *networks;
    struct wish_port *ports;
    struct wish_group *groups;
    struct wish_router *routers;
    size_t n_networks, n_ports, n_groups, n_routers;
};

/* Reads the answer into 'a'.  -EINVAL when it is not an answer at all. */
int wishes_read(struct arena *a, const json_t *j, struct wishes *ret, struct err *err);

/* By id; null when there is none. */
const struct wish_network *wishes_network(const struct wishes *w, const char *id);
const struct wish_group *wishes_group(const struct wishes *w, const char *id);
const struct wish_subnet *wish_network_subnet(const struct wish_network *n, const char *id);
