/* SPDX-License-Identifier: Apache-2.0 */
/* What differs between installations: kinds of segments, and how a port is
 * plugged on a host.  All are consulted within a transaction: they decide from
 * what they are given and neither block nor change anything. */
#pragma once

#include "network/network.h"

/* A kind of network segment. */
struct type_driver {
    const char *name; /* "vxlan": provider:network_type */
    bool physical;    /* Lies on a physical network. */
    bool numbered;    /* Has a segmentation id … */
    int64_t min, max; /* … between these. */
    int64_t overhead; /* Bytes of a packet that are lost to encapsulation, over IPv4. */
    /* The option with the ranges for networks of projects ("[physnet:]first:last"), or null. */
    const char *const *(*ranges)(const struct network_options *o);
    /* Whether an admin may name this physical network; null: any. */
    bool (*has_physical)(const struct network_options *o, const char *physical);
};

extern const struct type_driver *const type_drivers[]; /* Ended by null. */

/* How to plug a port.  The first driver, in the configured order, that says
 * true binds it. */
struct binding {
    const struct port *port;
    const struct network *network;
    const char *host;
    const struct net_agent *agent; /* Live, of the driver's agent type; null: there is none. */
    bool alone;                    /* No other host has such an agent. */
    /* Results. */
    const char *vif_type, *vif_details;
    bool active; /* It carries packets at once: nobody will report. */
};

struct mechanism_driver {
    const char *name;
    const char *agent_type;
    bool (*bind)(const struct network_options *o, struct arena *a, struct binding *b);
};

extern const struct mechanism_driver *const mechanism_drivers[]; /* Ended by null. */
