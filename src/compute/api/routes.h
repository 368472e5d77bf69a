/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of routes, one a resource. */
#pragma once

#include "rest/route.h"

extern const struct route compute_version_routes[], flavor_routes[], keypair_routes[], server_routes[],
    server_create_routes[], server_action_routes[], server_image_routes[], console_routes[],
    server_part_routes[], interface_routes[];
