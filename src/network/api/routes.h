/* SPDX-License-Identifier: Apache-2.0 */
/* The route tables of network. */
#pragma once

#include "rest/route.h"

extern const struct route version_routes_network[], extension_routes[], network_routes[], subnet_routes[],
    subnet_pool_routes[], port_routes[], security_group_routes[], security_group_rule_routes[],
    l3_router_routes[], floating_ip_routes[], net_agent_routes[], net_quota_routes[], net_tag_routes[],
    availability_routes[];
