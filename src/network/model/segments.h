/* SPDX-License-Identifier: Apache-2.0 */
/* Type drivers: which segment a network gets. */
#pragma once

#include "network/network.h"

/* Takes the segment that 'n' asks for (network_type and what goes with it), or
 * where it asks for none the next free one of the types for projects.
 * Fills the provider members. */
int segment_allocate(struct net_ctx *c, struct network *n, struct err *err);

/* The largest MTU that the network's type can carry. */
int64_t segment_mtu(const struct network_options *o, const struct network *n);

/* At start: -EINVAL when a range of the options cannot be read. */
int segment_check_options(const struct network_options *o, struct err *err);
