/* SPDX-License-Identifier: Apache-2.0 */
/* Every resource's table of routes. */
#pragma once

#include "rest/route.h"

extern const struct route version_routes[], token_routes[], signing_routes[], revocation_routes[],
    auth_routes[], domain_routes[], project_routes[], user_routes[], group_routes[], role_routes[],
    grant_routes[], assignment_routes[], service_routes[], endpoint_routes[], region_routes[],
    credential_routes[], ec2_routes[], trust_routes[], application_credential_routes[], policy_routes[],
    endpoint_policy_routes[], endpoint_filter_routes[], domain_config_routes[], registered_limit_routes[],
    limit_routes[];
