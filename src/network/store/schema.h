/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "network/network.h"

extern const struct schema network_schemas[];
