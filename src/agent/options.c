/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>

#include "agent/agent.h"

#define AT(member) offsetof(struct agent_network_options, member)

const struct option agent_network_option_table[] = {
    { "roles", FIELD_STRV, AT(roles), "l2,l3,dhcp,metadata",
      "What this host does for networks: l2 (bridges, taps, security groups; needed by the others), l3 (routers), "
      "dhcp, metadata." },
    { "bridge_mappings", FIELD_STRV, AT(bridge_mappings), NULL,
      "Bridges of this host that stand for flat physical networks, as physical_network:bridge." },
    { "interface_mappings", FIELD_STRV, AT(interface_mappings), NULL,
      "Interfaces of this host that lead to physical networks, as physical_network:interface. For flat networks the "
      "interface is put into the network's bridge." },
    { "edge_bridges", FIELD_STRV, AT(edge_bridges), NULL,
      "Bridges to make for a provider's network that exists on this host alone, as bridge:address/prefix. The host "
      "holds the address and hides what comes from there behind its own." },
    { "local_ip", FIELD_STRING, AT(local_ip), NULL,
      "Address of this host for VXLAN tunnels to other hosts. Without it there are no tunnels." },
    { "vxlan_port", FIELD_INT, AT(vxlan_port), "4789", "UDP port of VXLAN tunnels.", 1, 65535 },
    { "run_dir", FIELD_STRING, AT(run_dir), NULL,
      "Where the files of DHCP servers are. Must be readable for the user nobody. Default: /run/stackd-<prefix>." },
    { "netns_dir", FIELD_STRING, AT(netns_dir), "/run/netns", "Where network namespaces get their names." },
    { "dnsmasq", FIELD_STRING, AT(dnsmasq), "dnsmasq", "The DHCP server's program." },
    { "dns_servers", FIELD_STRV, AT(dns_servers), NULL,
      "Name servers that the DHCP servers pass guests' questions to, for subnets that name none themselves." },
    { "metadata_url", FIELD_STRING, AT(metadata_url), "http://127.0.0.1:8775",
      "Where the compute service answers guests' metadata requests." },
    { "metadata_secret", FIELD_SECRET, AT(metadata_secret), NULL,
      "Shared with the compute service; proves which guest asks." },
    { "resync_interval", FIELD_INT, AT(resync_s), "30",
      "Seconds after which the host is compared with the wishes even when nothing was heard.", 1, 3600 },
    { "report_interval", FIELD_INT, AT(report_s), "10", "Seconds between two signs of life.", 1, 3600 },
    { 0 },
};
