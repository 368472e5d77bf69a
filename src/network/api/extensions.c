/* SPDX-License-Identifier: Apache-2.0 */
/* /v2.0/extensions: exactly what works here, by the aliases that clients know. */
#include "base/str.h"
#include "network/api/routes.h"
#include "network/network.h"

static const struct extension {
    const char *alias, *name, *description, *updated;
} extensions[] = {
    { "agent", "agent", "Agents on the hosts and whether they live.", "2013-02-03T10:00:00-00:00" },
    { "allowed-address-pairs", "Allowed Address Pairs",
      "Addresses that a port may send from besides its own.", "2013-07-23T10:00:00-00:00" },
    { "availability_zone", "Availability Zone", "Availability zones of agents.",
      "2015-01-01T10:00:00-00:00" },
    { "binding", "Port Binding", "On which host a port is, and how it is plugged there.",
      "2014-02-03T10:00:00-00:00" },
    { "dhcp_agent_scheduler", "DHCP Agent Scheduler", "Which agent serves DHCP in a network.",
      "2013-02-07T10:00:00-00:00" },
    { "external-net", "Neutron external network", "Networks that lead outside.",
      "2013-01-14T10:00:00-00:00" },
    { "ext-gw-mode", "Neutron L3 Configurable external gateway mode",
      "Source NAT of a router can be switched off.", "2013-03-28T10:00:00-00:00" },
    { "extra_dhcp_opt", "Neutron Extra DHCP options", "More DHCP options for a port.",
      "2013-03-17T12:00:00-00:00" },
    { "extraroute", "Neutron Extra Route", "Routes of a router.", "2013-02-01T10:00:00-00:00" },
    { "extraroute-atomic", "Atomically add/remove extra routes",
      "Adds and removes single routes of a router.", "2019-07-10T00:00:00+00:00" },
    { "fip-port-details", "Floating IP Port Details Extension", "Floating IPs show the port they lead to.",
      "2018-04-09T10:00:00-00:00" },
    { "l3_agent_scheduler", "L3 Agent Scheduler", "Which agent runs a router.", "2013-02-07T10:00:00-00:00" },
    { "net-mtu", "Network MTU", "The MTU of a network.", "2015-03-25T10:00:00-00:00" },
    { "net-mtu-writable", "Network MTU (writable)", "The MTU of a network can be set.",
      "2017-07-12T00:00:00-00:00" },
    { "network_availability_zone", "Network Availability Zone", "Availability zones of networks.",
      "2015-01-01T10:00:00-00:00" },
    { "network-ip-availability", "Network IP Availability", "How many addresses of a network are used.",
      "2015-09-24T00:00:00-00:00" },
    { "pagination", "Pagination support", "Lists can be paged.", "2016-06-12T00:00:00-00:00" },
    { "port-security", "Port Security", "Filtering of a port's traffic can be switched off.",
      "2012-07-23T10:00:00-00:00" },
    { "project-id", "project_id field enabled", "Owners are called project_id too.",
      "2016-09-09T09:09:09-09:09" },
    { "provider", "Provider Network", "Which segment a network is on.", "2012-09-07T10:00:00-00:00" },
    { "quotas", "Quota management support", "Quotas of projects.", "2012-07-29T10:00:00-00:00" },
    { "quota_details", "Quota details management support", "How much of a quota is used.",
      "2017-02-10T10:00:00-00:00" },
    { "router", "Neutron L3 Router", "Routers and floating IPs.", "2012-07-20T10:00:00-00:00" },
    { "router_availability_zone", "Router Availability Zone", "Availability zones of routers.",
      "2015-01-01T10:00:00-00:00" },
    { "security-group", "security-group", "Security groups.", "2012-10-05T10:00:00-00:00" },
    { "security-groups-normalized-cidr", "Normalized CIDR field for security group rules",
      "The range of a rule in its usual form.", "2020-02-25T09:00:00-00:00" },
    { "default-subnetpools", "Default Subnetpools", "Subnets come from a default pool when none is named.",
      "2016-02-18T18:00:00-00:00" },
    { "service-type", "Neutron Service Type Management", "Which providers a service has.",
      "2013-01-20T00:00:00-00:00" },
    { "subnet_allocation", "Subnet Allocation", "Subnets are cut from pools.", "2015-03-30T10:00:00-00:00" },
    { "stateful-security-group", "Stateful security group", "Whether a group follows connections.",
      "2019-11-26T09:00:00-00:00" },
    { "sorting", "Sorting support", "Lists can be sorted.", "2016-06-12T00:00:00-00:00" },
    { "standard-attr-description", "standard-attr-description", "Descriptions of resources.",
      "2016-02-10T10:00:00-00:00" },
    { "standard-attr-revisions", "Resource revision numbers", "Revision numbers of resources.",
      "2016-04-11T10:00:00-00:00" },
    { "standard-attr-tag",
      "Tag support for resources with standard attribute: port, subnet, network, router, security_group, floatingip",
      "Tags of resources.", "2017-01-01T00:00:00-00:00" },
    { "standard-attr-timestamp", "Resource timestamps", "When resources were made and changed.",
      "2016-09-12T10:00:00-00:00" },
    { "ip-substring-filtering", "IP address substring filtering",
      "Ports can be found by a part of an address.", "2017-11-28T09:00:00-00:00" },
};

static void write_extension(struct jw *w, const char *name, const struct extension *e)
{
    jw_object(w, name);
    jw_str(w, "alias", e->alias);
    jw_str(w, "name", e->name);
    jw_str(w, "description", e->description);
    jw_str(w, "updated", e->updated);
    jw_array(w, "links");
    jw_end_array(w);
    jw_end_object(w);
}

static int list_extensions(struct request *rq, struct err *err)
{
    struct jw *w = reply_begin(rq);

    jw_object(w, NULL);
    jw_array(w, "extensions");
    for (size_t i = 0; i < ARRAY_SIZE(extensions); i++)
        write_extension(w, NULL, &extensions[i]);
    jw_end_array(w);
    jw_end_object(w);
    return reply_end(rq, 200);
}

static int show_extension(struct request *rq, struct err *err)
{
    const char *alias = rq_param(rq, "alias");

    for (size_t i = 0; i < ARRAY_SIZE(extensions); i++) {
        struct jw *w;

        if (!str_eq(extensions[i].alias, alias))
            continue;
        w = reply_begin(rq);
        jw_object(w, NULL);
        write_extension(w, "extension", &extensions[i]);
        jw_end_object(w);
        return reply_end(rq, 200);
    }
    return err_http(err, 404, "ExtensionNotFound", "Extension with alias %.64s does not exist", alias);
}

const struct route extension_routes[] = {
    { HTTP_GET, "/v2.0/extensions", POLICY_TOKEN, list_extensions },
    { HTTP_GET, "/v2.0/extensions/{alias}", POLICY_TOKEN, show_extension },
    { 0 },
};
