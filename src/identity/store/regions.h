/* SPDX-License-Identifier: Apache-2.0 */
/* Regions as rows. */
#pragma once

#include "identity/identity.h"

extern const struct table region_table;
