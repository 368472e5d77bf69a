/* SPDX-License-Identifier: Apache-2.0 */
/* Allocation pools: ranges of a subnet as JSON and as numbers. */
#pragma once

#include <jansson.h>

#include "network/ipnum.h"
#include "network/network.h"

/* "[{"start":…,"end":…}]".  0 or -EINVAL. */
int pools_read(struct arena *a, const char *json, struct iprange **ret, size_t *ret_n);
char *pools_write(struct arena *a, const struct iprange *r, size_t n);

/* All of the net that a host may have, without the gateway. */
char *pools_default(struct arena *a, const struct ipnet *net, const char *gateway);

/* Addresses in all pools. */
ipval pools_size(struct arena *a, const char *json);

/* The number in decimals. */
char *ipval_text(struct arena *a, ipval v);

/* Checks what a user gave against the subnet; '*ret' in canonical form, in order. */
int pools_check(struct arena *a, const char *json, const struct ipnet *net, const char **ret,
                struct err *err);
int pools_check_gateway(struct arena *a, const char *json, const char *gateway, struct err *err);
