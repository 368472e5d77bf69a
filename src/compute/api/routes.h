/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of routes, one a resource. */
#pragma once

#include "rest/route.h"

extern const struct route compute_version_routes[], compute_flavor_routes[], compute_keypair_routes[],
    compute_server_routes[], compute_server_create_routes[], compute_server_action_routes[],
    compute_server_image_routes[], compute_console_routes[], compute_server_part_routes[],
    compute_interface_routes[], compute_server_group_routes[], compute_quota_routes[], compute_host_routes[],
    compute_aggregate_routes[], compute_usage_routes[], compute_security_group_routes[],
    compute_floating_ip_routes[], compute_network_routes[], compute_image_routes[], compute_os_host_routes[],
    compute_extension_routes[], compute_fixed_ip_routes[];
