/* SPDX-License-Identifier: Apache-2.0 */
/* How ports are plugged: by the agent for Linux bridges, or by nobody. */
#include <fnmatch.h>

#include "agent/network_wishes.h"
#include "base/str.h"
#include "network/driver/driver.h"
#include "wire/json.h"

/* --- fake: ports are up at once, for tests and scale ---------------------------- */

static bool fake_bind(const struct network_options *o, struct arena *a, struct binding *b)
{
    if (!b->agent && (str_empty(o->fake_hosts) || fnmatch(o->fake_hosts, b->host, 0) != 0))
        return false;
    b->vif_type = "bridge";
    b->vif_details = "{\"port_filter\":false,\"connectivity\":\"l2\"}";
    b->active = true;
    return true;
}

static const struct mechanism_driver fake = { "fake", "Fake agent", fake_bind };

/* --- linuxbridge ------------------------------------------------------------------ */

/* Without an address for tunnels a tunneled network ends at its host: that is
 * well where there is no other. */
static bool agent_carries(const struct net_agent *agent, const struct network *n, bool alone)
{
    auto_json json_t *conf = NULL;
    struct err ignored;

    if (json_read(agent->configurations, strlen(agent->configurations), &conf, &ignored) < 0)
        return false;
    if (str_eq(n->network_type, "local"))
        return true;
    if (n->physical_network)
        return json_object_get(json_obj(conf, "bridge_mappings"), n->physical_network) ||
               json_object_get(json_obj(conf, "interface_mappings"), n->physical_network);
    if (alone && !json_str(conf, "tunneling_ip"))
        return true;
    for (size_t i = 0; i < json_array_size(json_arr(conf, "tunnel_types")); i++)
        if (str_eq(json_string_value(json_array_get(json_arr(conf, "tunnel_types"), i)), n->network_type))
            return true;
    return false;
}

static bool linuxbridge_bind(const struct network_options *o, struct arena *a, struct binding *b)
{
    if (!b->agent || !str_eq(b->port->vnic_type, "normal") || !agent_carries(b->agent, b->network, b->alone))
        return false;
    b->vif_type = "bridge";
    b->vif_details = arena_printf(
        a, "{\"port_filter\":true,\"connectivity\":\"l2\",\"bridge_name\":\"%s%.*s\",\"tap\":\"%s%.*s\"}",
        NETWORK_BRIDGE_PREFIX, NETWORK_NAME_ID_CHARS, b->network->id, NETWORK_TAP_PREFIX,
        NETWORK_NAME_ID_CHARS, b->port->id);
    return true;
}

static const struct mechanism_driver linuxbridge = { "linuxbridge", NETWORK_AGENT_L2, linuxbridge_bind };

const struct mechanism_driver *const mechanism_drivers[] = { &linuxbridge, &fake, NULL };
