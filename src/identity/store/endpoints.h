/* SPDX-License-Identifier: Apache-2.0 */
/* Endpoints as rows. */
#pragma once

#include "identity/identity.h"

extern const struct table endpoint_table;
