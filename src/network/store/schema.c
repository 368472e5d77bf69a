/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of network, in steps that only go forward. */
#include "network/store/schema.h"

/* What nearly every resource has. */
#define STANDARD "  revision_number BIGINT NOT NULL, created_at BIGINT, updated_at BIGINT, tags {text}"

static const struct migration migrations[] = {
    { "networks and subnets",
      "CREATE TABLE networks (\n"
      "  id {key} PRIMARY KEY, project_id {key}, name {name}, description {text}, status {key} NOT NULL,\n"
      "  admin_state_up {bool} NOT NULL, shared {bool} NOT NULL, external {bool} NOT NULL,\n"
      "  is_default {bool} NOT NULL, port_security_enabled {bool} NOT NULL, mtu BIGINT NOT NULL,\n"
      "  availability_zone_hints {text}, dns_domain {name}, network_type {key}, physical_network {key},\n"
      "  segmentation_id BIGINT,\n" STANDARD ");\n"
      "CREATE INDEX networks_project ON networks (project_id, id);\n"
      "CREATE TABLE segments (\n"
      "  network_type {key} NOT NULL, physical_network {key} NOT NULL, segmentation_id BIGINT NOT NULL,\n"
      "  network_id {key} NOT NULL, PRIMARY KEY (network_type, physical_network, segmentation_id));\n"
      "CREATE INDEX segments_network ON segments (network_id);\n"
      "CREATE TABLE subnets (\n"
      "  id {key} PRIMARY KEY, project_id {key}, network_id {key} NOT NULL, name {name}, description {text},\n"
      "  ip_version BIGINT NOT NULL, cidr {key} NOT NULL, gateway_ip {key}, enable_dhcp {bool} NOT NULL,\n"
      "  ipv6_ra_mode {key}, ipv6_address_mode {key}, subnetpool_id {key}, dns_nameservers {text},\n"
      "  host_routes {text}, allocation_pools {text}, service_types {text},\n" STANDARD ");\n"
      "CREATE INDEX subnets_network ON subnets (network_id);\n"
      "CREATE INDEX subnets_project ON subnets (project_id, id);\n" },
    { "ports and their addresses",
      "CREATE TABLE ports (\n"
      "  id {key} PRIMARY KEY, project_id {key}, network_id {key} NOT NULL, name {name}, description {text},\n"
      "  mac_address {key} NOT NULL, status {key} NOT NULL, admin_state_up {bool} NOT NULL,\n"
      "  port_security_enabled {bool} NOT NULL, device_id {name} NOT NULL, device_owner {name} NOT NULL,\n"
      "  host_id {name} NOT NULL, vnic_type {key} NOT NULL, vif_type {key} NOT NULL, vif_details {text},\n"
      "  profile {text}, allowed_address_pairs {text}, extra_dhcp_opts {text}, dns_name {name},\n"
      "  l2_up {bool} NOT NULL, dhcp_up {bool} NOT NULL, wiring {text},\n" STANDARD ",\n"
      "  UNIQUE (network_id, mac_address));\n"
      "CREATE INDEX ports_project ON ports (project_id, id);\n"
      "CREATE INDEX ports_device ON ports (device_id);\n"
      "CREATE INDEX ports_host ON ports (host_id, network_id);\n"
      "CREATE TABLE ip_allocations (\n"
      "  port_id {key} NOT NULL, subnet_id {key} NOT NULL, network_id {key} NOT NULL, ip_address {key} NOT NULL,\n"
      "  PRIMARY KEY (subnet_id, ip_address));\n"
      "CREATE INDEX ip_allocations_port ON ip_allocations (port_id);\n" },
    { "security groups",
      "CREATE TABLE security_groups (\n"
      "  id {key} PRIMARY KEY, project_id {key}, name {name}, description {text}, stateful {bool} NOT NULL,\n"
      "  is_default {bool} NOT NULL,\n" STANDARD ");\n"
      "CREATE INDEX security_groups_project ON security_groups (project_id, id);\n"
      "CREATE TABLE default_security_groups (\n"
      "  project_id {key} PRIMARY KEY, security_group_id {key} NOT NULL);\n"
      "CREATE TABLE security_group_rules (\n"
      "  id {key} PRIMARY KEY, project_id {key}, security_group_id {key} NOT NULL, description {text},\n"
      "  direction {key} NOT NULL, ethertype {key} NOT NULL, protocol {key}, port_range_min BIGINT,\n"
      "  port_range_max BIGINT, remote_ip_prefix {key}, remote_group_id {key},\n"
      "  revision_number BIGINT NOT NULL, created_at BIGINT, updated_at BIGINT);\n"
      "CREATE INDEX security_group_rules_group ON security_group_rules (security_group_id);\n"
      "CREATE INDEX security_group_rules_remote ON security_group_rules (remote_group_id);\n"
      "CREATE INDEX security_group_rules_project ON security_group_rules (project_id, id);\n"
      "CREATE TABLE port_security_groups (\n"
      "  port_id {key} NOT NULL, security_group_id {key} NOT NULL, PRIMARY KEY (port_id, security_group_id));\n"
      "CREATE INDEX port_security_groups_group ON port_security_groups (security_group_id);\n" },
    { "routers and floating IPs",
      "CREATE TABLE routers (\n"
      "  id {key} PRIMARY KEY, project_id {key}, name {name}, description {text}, status {key} NOT NULL,\n"
      "  admin_state_up {bool} NOT NULL, enable_snat {bool} NOT NULL, gw_port_id {key}, gw_network_id {key},\n"
      "  routes {text}, availability_zone_hints {text}, host {name},\n" STANDARD ");\n"
      "CREATE INDEX routers_project ON routers (project_id, id);\n"
      "CREATE INDEX routers_host ON routers (host);\n"
      "CREATE TABLE floating_ips (\n"
      "  id {key} PRIMARY KEY, project_id {key}, description {text}, status {key} NOT NULL,\n"
      "  floating_network_id {key} NOT NULL, floating_ip_address {key} NOT NULL,\n"
      "  floating_port_id {key} NOT NULL, port_id {key}, fixed_ip_address {key}, router_id {key},\n" STANDARD
      ",\n"
      "  UNIQUE (floating_network_id, port_id, fixed_ip_address));\n"
      "CREATE INDEX floating_ips_project ON floating_ips (project_id, id);\n"
      "CREATE INDEX floating_ips_port ON floating_ips (port_id);\n"
      "CREATE INDEX floating_ips_router ON floating_ips (router_id);\n" },
    { "agents and what they do",
      "CREATE TABLE agents (\n"
      "  id {key} PRIMARY KEY, agent_type {key} NOT NULL, host {name} NOT NULL, binary_ {name} NOT NULL,\n"
      "  topic {name} NOT NULL, availability_zone {name}, description {text}, admin_state_up {bool} NOT NULL,\n"
      "  configurations {text}, resource_versions {text}, started_at BIGINT, heartbeat_at BIGINT,\n"
      "  created_at BIGINT, UNIQUE (agent_type, host));\n"
      "CREATE TABLE dhcp_bindings (\n"
      "  network_id {key} PRIMARY KEY, host {name} NOT NULL);\n"
      "CREATE INDEX dhcp_bindings_host ON dhcp_bindings (host);\n"
      "CREATE TABLE wish_versions (\n"
      "  host {name} PRIMARY KEY, version BIGINT NOT NULL);\n" },
    { "quotas", "CREATE TABLE quotas (\n"
                "  project_id {key} NOT NULL, resource {key} NOT NULL, limit_ BIGINT NOT NULL,\n"
                "  PRIMARY KEY (project_id, resource));\n"
                "CREATE TABLE quota_locks (project_id {key} PRIMARY KEY);\n" },
    { "durable operations", op_migration_sql },
    { "subnet pools",
      "CREATE TABLE subnetpools (\n"
      "  id {key} PRIMARY KEY, project_id {key}, name {name}, description {text}, ip_version BIGINT NOT NULL,\n"
      "  prefixes {text}, min_prefixlen BIGINT NOT NULL, max_prefixlen BIGINT NOT NULL,\n"
      "  default_prefixlen BIGINT NOT NULL, default_quota BIGINT, shared {bool} NOT NULL,\n"
      "  is_default {bool} NOT NULL,\n" STANDARD ");\n"
      "CREATE INDEX subnetpools_project ON subnetpools (project_id, id);\n"
      "CREATE INDEX subnets_pool ON subnets (subnetpool_id);\n" },
    { 0 },
};

const struct schema network_schemas[] = { { "network", migrations }, { 0 } };
