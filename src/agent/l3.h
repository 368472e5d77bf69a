/* SPDX-License-Identifier: Apache-2.0 */
/* Routers: a namespace qrouter-<id> each, with cables qr- (interfaces) and qg-
 * (gateway) to the networks' bridges. */
#pragma once

#include "agent/round.h"
#include "host/neigh.h"

void l3_converge(struct round *r);

/* The body of a router's packet filter table: floating addresses, source NAT,
 * the way to the metadata. */
char *router_nat_table(struct arena *a, const struct wish_router *w);

/* Names of a router's devices, and of its namespace. */
const char *router_device(struct arena *a, const char *kind, const char *port_id);
const char *router_netns(struct arena *a, const char *id);

/* What the router says about an interface's IPv6 subnets; false: nothing. */
bool router_advert(const struct wishes *w, const struct wish_leg *leg, struct ra_spec *ret);
