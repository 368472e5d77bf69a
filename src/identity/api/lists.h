/* SPDX-License-Identifier: Apache-2.0 */
/* How long lists may be. */
#pragma once

#include "rest/resource.h"
#include "rest/server.h"

/* The configured number for this kind of things, or for all; 0: any. */
size_t lists_limit(const struct server *s, const struct resource *res);
