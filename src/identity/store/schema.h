/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of identity. */
#pragma once

#include "rest/server.h"

extern const struct schema identity_schemas[];
