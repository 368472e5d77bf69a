/* SPDX-License-Identifier: Apache-2.0 */
/* / and /v2.0: what is served here. */
#include "network/api/routes.h"
#include "network/network.h"

static int list_versions(struct request *rq, struct err *err)
{
    struct jw *w = reply_begin(rq);

    jw_object(w, NULL);
    jw_array(w, "versions");
    jw_object(w, NULL);
    jw_str(w, "id", "v2.0");
    jw_str(w, "status", "CURRENT");
    jw_array(w, "links");
    jw_object(w, NULL);
    jw_str(w, "rel", "self");
    jw_printf(w, "href", "%s/v2.0/", rq_base_url(rq));
    jw_end_object(w);
    jw_end_array(w);
    jw_end_object(w);
    jw_end_array(w);
    jw_end_object(w);
    return reply_end(rq, 200);
}

/* The collections below /v2.0. */
static int list_resources(struct request *rq, struct err *err)
{
    static const struct {
        const char *name, *collection, *path;
    } all[] = {
        { "network", "networks", "networks" },
        { "subnet", "subnets", "subnets" },
        { "port", "ports", "ports" },
        { "router", "routers", "routers" },
        { "floatingip", "floatingips", "floatingips" },
        { "security_group", "security_groups", "security-groups" },
        { "security_group_rule", "security_group_rules", "security-group-rules" },
        { "agent", "agents", "agents" },
        { "quota", "quotas", "quotas" },
        { "availability_zone", "availability_zones", "availability_zones" },
        { "network_ip_availability", "network_ip_availabilities", "network-ip-availabilities" },
        { "extension", "extensions", "extensions" },
    };
    struct jw *w = reply_begin(rq);

    jw_object(w, NULL);
    jw_array(w, "resources");
    for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
        jw_object(w, NULL);
        jw_str(w, "name", all[i].name);
        jw_str(w, "collection", all[i].collection);
        jw_array(w, "links");
        jw_object(w, NULL);
        jw_str(w, "rel", "self");
        jw_printf(w, "href", "%s/v2.0/%s", rq_base_url(rq), all[i].path);
        jw_end_object(w);
        jw_end_array(w);
        jw_end_object(w);
    }
    jw_end_array(w);
    jw_end_object(w);
    return reply_end(rq, 200);
}

const struct route version_routes_network[] = {
    { HTTP_GET, "/", POLICY_OPEN, list_versions },
    { HTTP_GET, "/v2.0", POLICY_TOKEN, list_resources },
    { 0 },
};
