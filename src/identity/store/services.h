/* SPDX-License-Identifier: Apache-2.0 */
/* Services of the catalog as rows. */
#pragma once

#include "identity/identity.h"

extern const struct table catalog_service_table;
