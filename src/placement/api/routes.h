/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rest/route.h"

extern const struct route root_routes[], provider_routes[], inventory_routes[], aggregate_routes[],
    trait_routes[], class_routes[], allocation_routes[], candidate_routes[], usage_routes[],
    reshaper_routes[];
