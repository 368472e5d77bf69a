/* SPDX-License-Identifier: Apache-2.0 */
/* What a host must have: the answer to its question (doc/wishes.md). */
#pragma once

#include <jansson.h>

#include "network/network.h"

/* '*ret' is owned by the caller.  "unchanged" when the host knows the version
 * already.  -ENOENT for a host that never asked: see the next. */
int wishes_of_host(struct net_ctx *c, const char *host, const char *known_version, json_t **ret,
                   struct err *err);

/* Makes the version of a new host; 'host' is a const char *. */
int wishes_first_asked(struct net_ctx *c, void *host, struct err *err);
