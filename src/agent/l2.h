/* SPDX-License-Identifier: Apache-2.0 */
/* Bridges, tunnels, taps and the rules on them. */
#pragma once

#include "agent/round.h"

/* Networks' bridges and tunnels, ports' taps, packet filter; then removes what
 * no wish needs. */
void l2_converge(struct round *r);

/* The bridge of a network on this host, in the arena: its own, or the mapped
 * one of a flat network. */
const char *l2_bridge(const struct round *r, const struct wish_network *n);

/* A cable from the network's bridge ("tap" and port id) to device 'far' in the
 * namespace at 'netns', with the leg's MAC and the network's MTU, both ends up. */
int l2_plug(const struct round *r, const struct wish_network *n, const struct wish_leg *leg,
            const char *netns, const char *far, const char *role, struct err *err);

/* Removes devices with 'mark' whose name is not in 'keep'. */
void l2_sweep(const struct round *r, const char *mark, const char *const *keep);
