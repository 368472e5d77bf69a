/* SPDX-License-Identifier: Apache-2.0 */
/* extensions: what clients from before microversions ask to know what is served. */
#include "base/str.h"
#include "compute/api/common.h"
#include "compute/api/routes.h"

static const struct extension {
    const char *alias, *name, *description;
} extensions[] = {
    { "NMN", "Multinic", "Networks of a server" },
    { "OS-DCF", "DiskConfig", "How a server's disk is partitioned" },
    { "OS-EXT-AZ", "ExtendedAvailabilityZone", "Availability zone of a server" },
    { "OS-EXT-IMG-SIZE", "ImageSize", "Size of an image" },
    { "OS-EXT-IPS", "ExtendedIps", "Kind of a server's addresses" },
    { "OS-EXT-IPS-MAC", "ExtendedIpsMac", "MAC address of a server's addresses" },
    { "OS-EXT-SRV-ATTR", "ExtendedServerAttributes", "Host and hypervisor of a server" },
    { "OS-EXT-STS", "ExtendedStatus", "States of a server" },
    { "OS-FLV-DISABLED", "FlavorDisabled", "Whether a flavor is disabled" },
    { "OS-FLV-EXT-DATA", "FlavorExtraData", "Ephemeral disk of a flavor" },
    { "OS-SCH-HNT", "SchedulerHints", "Hints for the scheduler" },
    { "OS-SRV-USG", "ServerUsage", "When a server was started and ended" },
    { "flavors", "Flavors", "Flavors" },
    { "image-metadata", "ImageMetadata", "Properties of images" },
    { "images", "Images", "Images" },
    { "ips", "Ips", "Addresses of a server" },
    { "limits", "Limits", "Limits of a project" },
    { "os-access-ips", "AccessIPs", "Addresses at which a server is reached" },
    { "os-aggregates", "Aggregates", "Aggregates of hosts" },
    { "os-attach-interfaces", "AttachInterfaces", "Interfaces of a server" },
    { "os-availability-zone", "AvailabilityZone", "Availability zones" },
    { "os-config-drive", "ConfigDrive", "Config drives" },
    { "os-console-output", "ConsoleOutput", "What a server's console said" },
    { "os-consoles", "Consoles", "Consoles" },
    { "os-extended-quotas", "ExtendedQuotas", "Quotas can be given back to their defaults" },
    { "os-flavor-access", "FlavorAccess", "Who may use a flavor" },
    { "os-flavor-extra-specs", "FlavorExtraSpecs", "Extra specs of a flavor" },
    { "os-flavor-manage", "FlavorManage", "Flavors are made and deleted" },
    { "os-flavor-rxtx", "FlavorRxtx", "Network factor of a flavor" },
    { "os-floating-ip-pools", "FloatingIpPools", "Pools of floating IPs" },
    { "os-floating-ips", "FloatingIps", "Floating IPs" },
    { "os-hosts", "Hosts", "Hosts" },
    { "os-hypervisors", "Hypervisors", "Hypervisors" },
    { "os-instance-actions", "InstanceActions", "What was done to a server" },
    { "os-instance_usage_audit_log", "OSInstanceUsageAuditLog", "Audits of usage" },
    { "os-keypairs", "Keypairs", "Key pairs" },
    { "os-lock-server", "LockServer", "Servers are locked" },
    { "os-multiple-create", "MultipleCreate", "Several servers are made at once" },
    { "os-networks", "Networks", "Networks" },
    { "os-pause-server", "PauseServer", "Servers are paused" },
    { "os-personality", "Personality", "Files for a new server" },
    { "os-quota-class-sets", "QuotaClasses", "Quotas of all projects" },
    { "os-quota-sets", "Quotas", "Quotas of a project" },
    { "os-remote-consoles", "Consoles", "Consoles over the network" },
    { "os-security-group-rules", "SecurityGroupRules", "Rules of security groups" },
    { "os-security-groups", "SecurityGroups", "Security groups" },
    { "os-server-diagnostics", "ServerDiagnostics", "Diagnostics of a server" },
    { "os-server-external-events", "ServerExternalEvents", "Events from other services" },
    { "os-server-groups", "ServerGroups", "Groups of servers" },
    { "os-server-password", "ServerPassword", "The password that a guest left" },
    { "os-services", "Services", "Parts of compute" },
    { "os-simple-tenant-usage", "SimpleTenantUsage", "What projects used" },
    { "os-suspend-server", "SuspendServer", "Servers are suspended" },
    { "os-tenant-networks", "OSTenantNetworks", "Networks of a project" },
    { "os-used-limits", "UsedLimits", "What of the limits is used" },
    { "os-user-data", "UserData", "Data for a new server" },
    { "server-metadata", "ServerMetadata", "Metadata of a server" },
    { "servers", "Servers", "Servers" },
    { "versions", "Versions", "Versions" },
};

static void write_extension(struct jw *w, const char *name, const struct extension *e)
{
    jw_object(w, name);
    jw_str(w, "name", e->name);
    jw_str(w, "alias", e->alias);
    jw_str(w, "description", e->description);
    jw_array(w, "links");
    jw_end_array(w);
    jw_str(w, "namespace", "http://docs.openstack.org/compute/ext/fake_xml");
    jw_str(w, "updated", "2014-12-03T00:00:00Z");
    jw_end_object(w);
}

static int list_extensions(struct request *rq, struct err *err)
{
    struct jw *w = reply_begin(rq);

    jw_object(w, NULL);
    jw_array(w, "extensions");
    for (size_t k = 0; k < ARRAY_SIZE(extensions); k++)
        write_extension(w, NULL, &extensions[k]);
    jw_end_array(w);
    jw_end_object(w);
    return reply_end(rq, 200);
}

static int show_extension(struct request *rq, struct err *err)
{
    const char *alias = rq_param(rq, "alias");
    struct jw *w;

    for (size_t k = 0; k < ARRAY_SIZE(extensions); k++)
        if (str_eq(extensions[k].alias, alias)) {
            w = reply_begin(rq);
            jw_object(w, NULL);
            write_extension(w, "extension", &extensions[k]);
            jw_end_object(w);
            return reply_end(rq, 200);
        }
    return err_http(err, 404, NULL, "The extension %.255s was not found.", alias);
}

const struct route compute_extension_routes[] = {
    { HTTP_GET, "/v2.1/extensions", "os_compute_api:extensions", list_extensions },
    { HTTP_GET, "/v2.1/extensions/{alias}", "os_compute_api:extensions", show_extension },
    { 0 },
};
