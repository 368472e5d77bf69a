/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rest/route.h"

extern const struct route image_version_routes[], image_routes[], image_data_routes[], image_tag_routes[],
    image_member_routes[], image_action_routes[], image_schema_routes[], image_info_routes[],
    image_location_routes[], image_import_routes[];
