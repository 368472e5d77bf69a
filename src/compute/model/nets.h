/* SPDX-License-Identifier: Apache-2.0 */
/* The ports of a server.
 *
 * 'instance.networks' says what was asked for:
 *   {"requests": [{"net", "port", "fixed_ip", "tag"}], "groups": [ids]}
 * 'instance.ports' says what it has, in the order of its interfaces:
 *   [{"id", "network_id", "label", "mac", "mtu", "vif_type", "vif_details", "active", "created", "tag",
 *     "fixed_ips": [{"subnet_id", "address", "version"}], "floating_ips": [{"address", "fixed_address"}]}]
 * 'created': the port was made for the server and goes with it.  Every function may be
 * repeated after a crash at any point: ports are found again by their device. */
#pragma once

#include "compute/compute.h"

struct nets {
    struct server *server;
    struct arena *arena;
    const char *request_id;
};

/* Makes or binds the ports that were asked for; fills i->ports. */
int nets_allocate(const struct nets *n, struct instance *i, struct err *err);

/* Deletes the ports made for the server, gives the others back. */
int nets_release(const struct nets *n, const struct instance *i, struct err *err);

/* Looks at the ports again (addresses, whether they are ready); fills i->ports. */
int nets_refresh(const struct nets *n, struct instance *i, struct err *err);

/* One more interface: 'request' as in "requests".  '*ret_port' is its id. */
int nets_attach(const struct nets *n, struct instance *i, const json_t *request, const char **ret_port,
                struct err *err);

/* One less. */
int nets_detach(const struct nets *n, struct instance *i, const char *port_id, struct err *err);

/* True when all ports are ready for the guest. */
bool nets_all_active(const char *ports);

/* The entry of a port, or null. */
json_t *nets_port(json_t *ports, const char *id);
