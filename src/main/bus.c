/* SPDX-License-Identifier: Apache-2.0 */
/* The role "bus": the hub of the local driver. */
#include "bus/bus.h"

#include "base/str.h"
#include "main/parts.h"

int bus_role_start(struct role_run *r, struct err *err)
{
    const char *url = r->setup->opt.bus, *path = url + strlen("local:");
    struct bus_hub *hub;
    int e;

    if (!str_has_prefix(url, "local:"))
        return err_set(err, -EINVAL, "[stackd] bus: '%s' needs no hub of ours", url);
    e = bus_hub_start(path, 0660, &r->log, &hub, err);
    if (e >= 0)
        r->self = hub;
    return e;
}

void bus_role_stop(struct role_run *r)
{
    bus_hub_stop(r->self);
}
