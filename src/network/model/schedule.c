/* SPDX-License-Identifier: Apache-2.0 */
#include "network/model/schedule.h"

#include "base/str.h"
#include "network/store/agents.h"

int schedule_host(struct net_ctx *c, const char *agent_type, const char *before, const char **ret,
                  struct err *err)
{
    const struct net_agent *best = NULL;
    int64_t least = INT64_MAX;
    struct list agents;
    int r = net_agents_alive(c, agent_type, NULL, &agents, err);

    if (r < 0)
        return r;
    for (size_t i = 0; i < agents.count; i++) {
        const struct net_agent *a = list_at(&agents, i);
        int64_t load = 0;

        if (str_eq(a->host, before)) {
            *ret = before;
            return 0;
        }
        r = agent_load(c, a->host, &load, err);
        if (r < 0)
            return r;
        if (load < least) {
            least = load;
            best = a;
        }
    }
    *ret = best ? best->host : NULL;
    return 0;
}

const char *dhcp_device_id(struct arena *a, const char *network_id)
{
    return arena_printf(a, "dhcp-%s", network_id);
}
