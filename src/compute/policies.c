/* SPDX-License-Identifier: Apache-2.0 */
/* Who may do what in the compute service: admin everywhere, readers and members in their
 * own project, other services what only they need. */
#include <stddef.h>

#include "compute/policies.h"

#define PROJECT       "project"

#define ADMIN         "rule:context_is_admin"
#define MEMBER        "rule:project_member_or_admin"
#define READER        "rule:project_reader_or_admin"
#define MANAGER       "rule:project_manager_or_admin"
#define SERVICE       "rule:service_or_admin"
#define ADMIN_OR_USER "(rule:context_is_admin) or user_id:%(user_id)s"
#define OLD_OWNER     "rule:admin_or_owner"
#define OLD_ADMIN     "rule:admin_api"

const struct policy_rule compute_policies[] = {
    /* What other rules refer to */
    { "context_is_admin", "role:admin", NULL, "Who administers the cloud.", NULL, "is_admin:True" },
    { "admin_or_owner", "is_admin:True or project_id:%(project_id)s", NULL,
      "Deprecated: project_member_or_admin or project_reader_or_admin took its place." },
    { "admin_api", "is_admin:True", NULL, "Deprecated: context_is_admin took its place." },
    { "project_manager_api", "role:manager and project_id:%(project_id)s", NULL, "Managers of the project.",
      NULL, "is_admin:True" },
    { "project_member_api", "role:member and project_id:%(project_id)s", NULL, "Members of the project.",
      NULL, "is_admin:True or project_id:%(project_id)s" },
    { "project_reader_api", "role:reader and project_id:%(project_id)s", NULL, "Readers of the project.",
      NULL, "is_admin:True or project_id:%(project_id)s" },
    { "service_api", "role:service", NULL, "Other services.", NULL, "is_admin:True" },
    { "project_manager_or_admin", "rule:project_manager_api or rule:context_is_admin", NULL,
      "Managers of the project, or who administers the cloud.", NULL, "is_admin:True" },
    { "project_member_or_admin", "rule:project_member_api or rule:context_is_admin", NULL,
      "Members of the project, or who administers the cloud.", NULL,
      "is_admin:True or project_id:%(project_id)s" },
    { "project_reader_or_admin", "rule:project_reader_api or rule:context_is_admin", NULL,
      "Readers of the project, or who administers the cloud.", NULL,
      "is_admin:True or project_id:%(project_id)s" },
    { "service_or_admin", "rule:service_api or rule:context_is_admin", NULL,
      "Other services, or who administers the cloud.", NULL, "is_admin:True" },

    /* Admin actions */
    { "os_compute_api:os-admin-actions:reset_state", ADMIN, PROJECT,
      "POST /servers/{server_id}/action (os-resetState)" },
    { "os_compute_api:os-admin-actions:inject_network_info", ADMIN, PROJECT,
      "POST /servers/{server_id}/action (injectNetworkInfo)" },

    /* Admin password */
    { "os_compute_api:os-admin-password", MEMBER, PROJECT,
      "POST /servers/{server_id}/action (changePassword)" },

    /* Aggregates */
    { "os_compute_api:os-aggregates:set_metadata", ADMIN, PROJECT,
      "POST /os-aggregates/{aggregate_id}/action (set_metadata)" },
    { "os_compute_api:os-aggregates:add_host", ADMIN, PROJECT,
      "POST /os-aggregates/{aggregate_id}/action (add_host)" },
    { "os_compute_api:os-aggregates:create", ADMIN, PROJECT, "POST /os-aggregates" },
    { "os_compute_api:os-aggregates:remove_host", ADMIN, PROJECT,
      "POST /os-aggregates/{aggregate_id}/action (remove_host)" },
    { "os_compute_api:os-aggregates:update", ADMIN, PROJECT, "PUT /os-aggregates/{aggregate_id}" },
    { "os_compute_api:os-aggregates:index", ADMIN, PROJECT, "GET /os-aggregates" },
    { "os_compute_api:os-aggregates:delete", ADMIN, PROJECT, "DELETE /os-aggregates/{aggregate_id}" },
    { "os_compute_api:os-aggregates:show", ADMIN, PROJECT, "GET /os-aggregates/{aggregate_id}" },
    { "compute:aggregates:images", ADMIN, PROJECT, "POST /os-aggregates/{aggregate_id}/images" },

    /* Assisted volume snapshots */
    { "os_compute_api:os-assisted-volume-snapshots:create", SERVICE, PROJECT,
      "POST /os-assisted-volume-snapshots" },
    { "os_compute_api:os-assisted-volume-snapshots:delete", SERVICE, PROJECT,
      "DELETE /os-assisted-volume-snapshots/{snapshot_id}" },

    /* Attach interfaces */
    { "os_compute_api:os-attach-interfaces:list", READER, PROJECT, "GET /servers/{server_id}/os-interface",
      "os_compute_api:os-attach-interfaces", OLD_OWNER },
    { "os_compute_api:os-attach-interfaces:show", READER, PROJECT,
      "GET /servers/{server_id}/os-interface/{port_id}", "os_compute_api:os-attach-interfaces", OLD_OWNER },
    { "os_compute_api:os-attach-interfaces:create", MEMBER, PROJECT, "POST /servers/{server_id}/os-interface",
      "os_compute_api:os-attach-interfaces", OLD_OWNER },
    { "os_compute_api:os-attach-interfaces:delete", MEMBER, PROJECT,
      "DELETE /servers/{server_id}/os-interface/{port_id}", "os_compute_api:os-attach-interfaces",
      OLD_OWNER },

    /* Availability zone */
    { "os_compute_api:os-availability-zone:list", "@", PROJECT, "GET /os-availability-zone" },
    { "os_compute_api:os-availability-zone:detail", ADMIN, PROJECT, "GET /os-availability-zone/detail" },

    /* Baremetal nodes */
    { "os_compute_api:os-baremetal-nodes:list", ADMIN, PROJECT, "GET /os-baremetal-nodes",
      "os_compute_api:os-baremetal-nodes", OLD_ADMIN },
    { "os_compute_api:os-baremetal-nodes:show", ADMIN, PROJECT, "GET /os-baremetal-nodes/{node_id}",
      "os_compute_api:os-baremetal-nodes", OLD_ADMIN },

    /* Console auth tokens */
    { "os_compute_api:os-console-auth-tokens", ADMIN, PROJECT,
      "GET /os-console-auth-tokens/{console_token}" },

    /* Console output */
    { "os_compute_api:os-console-output", MEMBER, PROJECT,
      "POST /servers/{server_id}/action (os-getConsoleOutput)" },

    /* Create backup */
    { "os_compute_api:os-create-backup", MEMBER, PROJECT, "POST /servers/{server_id}/action (createBackup)" },

    /* Deferred delete */
    { "os_compute_api:os-deferred-delete:restore", MEMBER, PROJECT,
      "POST /servers/{server_id}/action (restore)", "os_compute_api:os-deferred-delete", OLD_OWNER },
    { "os_compute_api:os-deferred-delete:force", MEMBER, PROJECT,
      "POST /servers/{server_id}/action (forceDelete)", "os_compute_api:os-deferred-delete", OLD_OWNER },

    /* Evacuate */
    { "os_compute_api:os-evacuate", ADMIN, PROJECT, "POST /servers/{server_id}/action (evacuate)" },

    /* Extended server attributes */
    { "os_compute_api:os-extended-server-attributes", ADMIN, PROJECT,
      "GET /servers/{id}, GET /servers/detail, PUT /servers/{server_id}, POST "
      "/servers/{server_id}/action (rebuild)" },

    /* Extensions */
    { "os_compute_api:extensions", "@", PROJECT, "GET /extensions, GET /extensions/{alias}" },

    /* Flavor access */
    { "os_compute_api:os-flavor-access:add_tenant_access", ADMIN, PROJECT,
      "POST /flavors/{flavor_id}/action (addTenantAccess)" },
    { "os_compute_api:os-flavor-access:remove_tenant_access", ADMIN, PROJECT,
      "POST /flavors/{flavor_id}/action (removeTenantAccess)" },
    { "os_compute_api:os-flavor-access", ADMIN, PROJECT, "GET /flavors/{flavor_id}/os-flavor-access", NULL,
      OLD_OWNER },

    /* Flavor extra specs */
    { "os_compute_api:os-flavor-extra-specs:show", READER, PROJECT,
      "GET /flavors/{flavor_id}/os-extra_specs/{flavor_extra_spec_key}" },
    { "os_compute_api:os-flavor-extra-specs:create", ADMIN, PROJECT,
      "POST /flavors/{flavor_id}/os-extra_specs/" },
    { "os_compute_api:os-flavor-extra-specs:update", ADMIN, PROJECT,
      "PUT /flavors/{flavor_id}/os-extra_specs/{flavor_extra_spec_key}" },
    { "os_compute_api:os-flavor-extra-specs:delete", ADMIN, PROJECT,
      "DELETE /flavors/{flavor_id}/os-extra_specs/{flavor_extra_spec_key}" },
    { "os_compute_api:os-flavor-extra-specs:index", READER, PROJECT,
      "GET /flavors/{flavor_id}/os-extra_specs/, POST /flavors, GET /flavors/detail, GET "
      "/flavors/{flavor_id}, PUT /flavors/{flavor_id}" },

    /* Flavor manage */
    { "os_compute_api:os-flavor-manage:create", ADMIN, PROJECT, "POST /flavors" },
    { "os_compute_api:os-flavor-manage:update", ADMIN, PROJECT, "PUT /flavors/{flavor_id}" },
    { "os_compute_api:os-flavor-manage:delete", ADMIN, PROJECT, "DELETE /flavors/{flavor_id}" },

    /* Floating ip pools */
    { "os_compute_api:os-floating-ip-pools", "@", PROJECT, "GET /os-floating-ip-pools" },

    /* Floating ips */
    { "os_compute_api:os-floating-ips:add", MEMBER, PROJECT,
      "POST /servers/{server_id}/action (addFloatingIp)", "os_compute_api:os-floating-ips", OLD_OWNER },
    { "os_compute_api:os-floating-ips:remove", MEMBER, PROJECT,
      "POST /servers/{server_id}/action (removeFloatingIp)", "os_compute_api:os-floating-ips", OLD_OWNER },
    { "os_compute_api:os-floating-ips:list", READER, PROJECT, "GET /os-floating-ips",
      "os_compute_api:os-floating-ips", OLD_OWNER },
    { "os_compute_api:os-floating-ips:create", MEMBER, PROJECT, "POST /os-floating-ips",
      "os_compute_api:os-floating-ips", OLD_OWNER },
    { "os_compute_api:os-floating-ips:show", READER, PROJECT, "GET /os-floating-ips/{floating_ip_id}",
      "os_compute_api:os-floating-ips", OLD_OWNER },
    { "os_compute_api:os-floating-ips:delete", MEMBER, PROJECT, "DELETE /os-floating-ips/{floating_ip_id}",
      "os_compute_api:os-floating-ips", OLD_OWNER },

    /* Hosts */
    { "os_compute_api:os-hosts:list", ADMIN, PROJECT, "GET /os-hosts", "os_compute_api:os-hosts", OLD_ADMIN },
    { "os_compute_api:os-hosts:show", ADMIN, PROJECT, "GET /os-hosts/{host_name}", "os_compute_api:os-hosts",
      OLD_ADMIN },
    { "os_compute_api:os-hosts:update", ADMIN, PROJECT, "PUT /os-hosts/{host_name}",
      "os_compute_api:os-hosts", OLD_ADMIN },
    { "os_compute_api:os-hosts:reboot", ADMIN, PROJECT, "GET /os-hosts/{host_name}/reboot",
      "os_compute_api:os-hosts", OLD_ADMIN },
    { "os_compute_api:os-hosts:shutdown", ADMIN, PROJECT, "GET /os-hosts/{host_name}/shutdown",
      "os_compute_api:os-hosts", OLD_ADMIN },
    { "os_compute_api:os-hosts:start", ADMIN, PROJECT, "GET /os-hosts/{host_name}/startup",
      "os_compute_api:os-hosts", OLD_ADMIN },

    /* Hypervisors */
    { "os_compute_api:os-hypervisors:list", ADMIN, PROJECT, "GET /os-hypervisors",
      "os_compute_api:os-hypervisors", OLD_ADMIN },
    { "os_compute_api:os-hypervisors:list-detail", ADMIN, PROJECT, "GET /os-hypervisors/details",
      "os_compute_api:os-hypervisors", OLD_ADMIN },
    { "os_compute_api:os-hypervisors:statistics", ADMIN, PROJECT, "GET /os-hypervisors/statistics",
      "os_compute_api:os-hypervisors", OLD_ADMIN },
    { "os_compute_api:os-hypervisors:show", ADMIN, PROJECT, "GET /os-hypervisors/{hypervisor_id}",
      "os_compute_api:os-hypervisors", OLD_ADMIN },
    { "os_compute_api:os-hypervisors:uptime", ADMIN, PROJECT, "GET /os-hypervisors/{hypervisor_id}/uptime",
      "os_compute_api:os-hypervisors", OLD_ADMIN },
    { "os_compute_api:os-hypervisors:search", ADMIN, PROJECT,
      "GET /os-hypervisors/{hypervisor_hostname_pattern}/search", "os_compute_api:os-hypervisors",
      OLD_ADMIN },
    { "os_compute_api:os-hypervisors:servers", ADMIN, PROJECT,
      "GET /os-hypervisors/{hypervisor_hostname_pattern}/servers", "os_compute_api:os-hypervisors",
      OLD_ADMIN },

    /* Instance actions */
    { "os_compute_api:os-instance-actions:events:details", ADMIN, PROJECT,
      "GET /servers/{server_id}/os-instance-actions/{request_id}" },
    { "os_compute_api:os-instance-actions:events", ADMIN, PROJECT,
      "GET /servers/{server_id}/os-instance-actions/{request_id}" },
    { "os_compute_api:os-instance-actions:list", READER, PROJECT,
      "GET /servers/{server_id}/os-instance-actions", "os_compute_api:os-instance-actions", OLD_OWNER },
    { "os_compute_api:os-instance-actions:show", READER, PROJECT,
      "GET /servers/{server_id}/os-instance-actions/{request_id}", "os_compute_api:os-instance-actions",
      OLD_OWNER },

    /* Instance usage audit log */
    { "os_compute_api:os-instance-usage-audit-log:list", ADMIN, PROJECT, "GET /os-instance_usage_audit_log",
      "os_compute_api:os-instance-usage-audit-log", OLD_ADMIN },
    { "os_compute_api:os-instance-usage-audit-log:show", ADMIN, PROJECT,
      "GET /os-instance_usage_audit_log/{before_timestamp}", "os_compute_api:os-instance-usage-audit-log",
      OLD_ADMIN },

    /* Ips */
    { "os_compute_api:ips:show", READER, PROJECT, "GET /servers/{server_id}/ips/{network_label}" },
    { "os_compute_api:ips:index", READER, PROJECT, "GET /servers/{server_id}/ips" },

    /* Keypairs */
    { "os_compute_api:os-keypairs:index", ADMIN_OR_USER, PROJECT, "GET /os-keypairs" },
    { "os_compute_api:os-keypairs:create", ADMIN_OR_USER, PROJECT, "POST /os-keypairs" },
    { "os_compute_api:os-keypairs:delete", ADMIN_OR_USER, PROJECT, "DELETE /os-keypairs/{keypair_name}" },
    { "os_compute_api:os-keypairs:show", ADMIN_OR_USER, PROJECT, "GET /os-keypairs/{keypair_name}" },

    /* Limits */
    { "os_compute_api:limits", "@", PROJECT, "GET /limits" },
    { "os_compute_api:limits:other_project", ADMIN, PROJECT, "GET /limits", "os_compute_api:os-used-limits",
      OLD_ADMIN },

    /* Lock server */
    { "os_compute_api:os-lock-server:lock", MEMBER, PROJECT, "POST /servers/{server_id}/action (lock)" },
    { "os_compute_api:os-lock-server:unlock", MEMBER, PROJECT, "POST /servers/{server_id}/action (unlock)" },
    { "os_compute_api:os-lock-server:unlock:unlock_override", ADMIN, PROJECT,
      "POST /servers/{server_id}/action (unlock)" },

    /* Migrate server */
    { "os_compute_api:os-migrate-server:migrate", MANAGER, PROJECT,
      "POST /servers/{server_id}/action (migrate)" },
    { "os_compute_api:os-migrate-server:migrate:host", ADMIN, PROJECT,
      "POST /servers/{server_id}/action (migrate)" },
    { "os_compute_api:os-migrate-server:migrate_live", MANAGER, PROJECT,
      "POST /servers/{server_id}/action (os-migrateLive)" },
    { "os_compute_api:os-migrate-server:migrate_live:host", ADMIN, PROJECT,
      "POST /servers/{server_id}/action (os-migrateLive)", "os_compute_api:os-migrate-server:migrate_live" },

    /* Migrations */
    { "os_compute_api:os-migrations:index", MANAGER, PROJECT, "GET /os-migrations" },
    { "os_compute_api:os-migrations:index:all_projects", ADMIN, PROJECT, "GET /os-migrations",
      "os_compute_api:os-migrations:index" },
    { "os_compute_api:os-migrations:index:host", ADMIN, PROJECT, "GET /os-migrations",
      "os_compute_api:os-migrations:index" },

    /* Multinic */
    { "os_compute_api:os-multinic:add", MEMBER, PROJECT, "POST /servers/{server_id}/action (addFixedIp)",
      "os_compute_api:os-multinic", OLD_OWNER },
    { "os_compute_api:os-multinic:remove", MEMBER, PROJECT,
      "POST /servers/{server_id}/action (removeFixedIp)", "os_compute_api:os-multinic", OLD_OWNER },

    /* Networks */
    { "os_compute_api:os-networks:list", READER, PROJECT, "GET /os-networks",
      "os_compute_api:os-networks:view", OLD_OWNER },
    { "os_compute_api:os-networks:show", READER, PROJECT, "GET /os-networks/{network_id}",
      "os_compute_api:os-networks:view", OLD_OWNER },

    /* Pause server */
    { "os_compute_api:os-pause-server:pause", MEMBER, PROJECT, "POST /servers/{server_id}/action (pause)" },
    { "os_compute_api:os-pause-server:unpause", MEMBER, PROJECT,
      "POST /servers/{server_id}/action (unpause)" },

    /* Quota class sets */
    { "os_compute_api:os-quota-class-sets:show", ADMIN, PROJECT, "GET /os-quota-class-sets/{quota_class}" },
    { "os_compute_api:os-quota-class-sets:update", ADMIN, PROJECT, "PUT /os-quota-class-sets/{quota_class}" },

    /* Quota sets */
    { "os_compute_api:os-quota-sets:update", ADMIN, PROJECT, "PUT /os-quota-sets/{tenant_id}" },
    { "os_compute_api:os-quota-sets:defaults", "@", PROJECT, "GET /os-quota-sets/{tenant_id}/defaults" },
    { "os_compute_api:os-quota-sets:show", READER, PROJECT, "GET /os-quota-sets/{tenant_id}" },
    { "os_compute_api:os-quota-sets:delete", ADMIN, PROJECT, "DELETE /os-quota-sets/{tenant_id}" },
    { "os_compute_api:os-quota-sets:detail", READER, PROJECT, "GET /os-quota-sets/{tenant_id}/detail" },

    /* Remote consoles */
    { "os_compute_api:os-remote-consoles", MEMBER, PROJECT,
      "POST /servers/{server_id}/action (os-getSerialConsole), POST /servers/{server_id}/action "
      "(os-getSPICEConsole), POST /servers/{server_id}/action (os-getVNCConsole), POST "
      "/servers/{server_id}/remote-consoles" },

    /* Rescue */
    { "os_compute_api:os-rescue", MEMBER, PROJECT, "POST /servers/{server_id}/action (rescue)" },
    { "os_compute_api:os-unrescue", MEMBER, PROJECT, "POST /servers/{server_id}/action (unrescue)",
      "os_compute_api:os-rescue", OLD_OWNER },

    /* Security groups */
    { "os_compute_api:os-security-groups:get", READER, PROJECT, "GET /os-security-groups",
      "os_compute_api:os-security-groups", OLD_OWNER },
    { "os_compute_api:os-security-groups:show", READER, PROJECT,
      "GET /os-security-groups/{security_group_id}", "os_compute_api:os-security-groups", OLD_OWNER },
    { "os_compute_api:os-security-groups:create", MEMBER, PROJECT, "POST /os-security-groups",
      "os_compute_api:os-security-groups", OLD_OWNER },
    { "os_compute_api:os-security-groups:update", MEMBER, PROJECT,
      "PUT /os-security-groups/{security_group_id}", "os_compute_api:os-security-groups", OLD_OWNER },
    { "os_compute_api:os-security-groups:delete", MEMBER, PROJECT,
      "DELETE /os-security-groups/{security_group_id}", "os_compute_api:os-security-groups", OLD_OWNER },
    { "os_compute_api:os-security-groups:rule:create", MEMBER, PROJECT, "POST /os-security-group-rules",
      "os_compute_api:os-security-groups", OLD_OWNER },
    { "os_compute_api:os-security-groups:rule:delete", MEMBER, PROJECT,
      "DELETE /os-security-group-rules/{security_group_id}", "os_compute_api:os-security-groups", OLD_OWNER },
    { "os_compute_api:os-security-groups:list", READER, PROJECT,
      "GET /servers/{server_id}/os-security-groups", "os_compute_api:os-security-groups", OLD_OWNER },
    { "os_compute_api:os-security-groups:add", MEMBER, PROJECT,
      "POST /servers/{server_id}/action (addSecurityGroup)", "os_compute_api:os-security-groups", OLD_OWNER },
    { "os_compute_api:os-security-groups:remove", MEMBER, PROJECT,
      "POST /servers/{server_id}/action (removeSecurityGroup)", "os_compute_api:os-security-groups",
      OLD_OWNER },

    /* Server diagnostics */
    { "os_compute_api:os-server-diagnostics", ADMIN, PROJECT, "GET /servers/{server_id}/diagnostics" },

    /* Server external events */
    { "os_compute_api:os-server-external-events:create", SERVICE, PROJECT,
      "POST /os-server-external-events" },

    /* Server groups */
    { "os_compute_api:os-server-groups:create", MEMBER, PROJECT, "POST /os-server-groups" },
    { "os_compute_api:os-server-groups:delete", MEMBER, PROJECT,
      "DELETE /os-server-groups/{server_group_id}" },
    { "os_compute_api:os-server-groups:index", READER, PROJECT, "GET /os-server-groups" },
    { "os_compute_api:os-server-groups:index:all_projects", ADMIN, PROJECT, "GET /os-server-groups" },
    { "os_compute_api:os-server-groups:show", READER, PROJECT, "GET /os-server-groups/{server_group_id}" },

    /* Server metadata */
    { "os_compute_api:server-metadata:index", READER, PROJECT, "GET /servers/{server_id}/metadata" },
    { "os_compute_api:server-metadata:show", READER, PROJECT, "GET /servers/{server_id}/metadata/{key}" },
    { "os_compute_api:server-metadata:create", MEMBER, PROJECT, "POST /servers/{server_id}/metadata" },
    { "os_compute_api:server-metadata:update_all", MEMBER, PROJECT, "PUT /servers/{server_id}/metadata" },
    { "os_compute_api:server-metadata:update", MEMBER, PROJECT, "PUT /servers/{server_id}/metadata/{key}" },
    { "os_compute_api:server-metadata:delete", MEMBER, PROJECT,
      "DELETE /servers/{server_id}/metadata/{key}" },

    /* Server password */
    { "os_compute_api:os-server-password:show", READER, PROJECT,
      "GET /servers/{server_id}/os-server-password", "os_compute_api:os-server-password", OLD_OWNER },
    { "os_compute_api:os-server-password:clear", MEMBER, PROJECT,
      "DELETE /servers/{server_id}/os-server-password", "os_compute_api:os-server-password", OLD_OWNER },

    /* Server shares */
    { "os_compute_api:os-server-shares:index", READER, PROJECT, "GET /servers/{server_id}/shares" },
    { "os_compute_api:os-server-shares:create", MEMBER, PROJECT, "POST /servers/{server_id}/shares" },
    { "os_compute_api:os-server-shares:show", READER, PROJECT, "GET /servers/{server_id}/shares/{share_id}" },
    { "os_compute_api:os-server-shares:delete", MEMBER, PROJECT,
      "DELETE /servers/{server_id}/shares/{share_id}" },

    /* Server tags */
    { "os_compute_api:os-server-tags:delete_all", MEMBER, PROJECT, "DELETE /servers/{server_id}/tags" },
    { "os_compute_api:os-server-tags:index", READER, PROJECT, "GET /servers/{server_id}/tags" },
    { "os_compute_api:os-server-tags:update_all", MEMBER, PROJECT, "PUT /servers/{server_id}/tags" },
    { "os_compute_api:os-server-tags:delete", MEMBER, PROJECT, "DELETE /servers/{server_id}/tags/{tag}" },
    { "os_compute_api:os-server-tags:update", MEMBER, PROJECT, "PUT /servers/{server_id}/tags/{tag}" },
    { "os_compute_api:os-server-tags:show", READER, PROJECT, "GET /servers/{server_id}/tags/{tag}" },

    /* Server topology */
    { "compute:server:topology:index", READER, PROJECT, "GET /servers/{server_id}/topology" },
    { "compute:server:topology:host:index", ADMIN, PROJECT, "GET /servers/{server_id}/topology" },

    /* Servers */
    { "os_compute_api:servers:index", READER, PROJECT, "GET /servers" },
    { "os_compute_api:servers:detail", READER, PROJECT, "GET /servers/detail" },
    { "os_compute_api:servers:index:get_all_tenants", ADMIN, PROJECT, "GET /servers" },
    { "os_compute_api:servers:detail:get_all_tenants", ADMIN, PROJECT, "GET /servers/detail" },
    { "os_compute_api:servers:allow_all_filters", ADMIN, PROJECT, "GET /servers, GET /servers/detail" },
    { "os_compute_api:servers:show", READER, PROJECT, "GET /servers/{server_id}" },
    { "os_compute_api:servers:show:flavor-extra-specs", READER, PROJECT,
      "GET /servers/detail, GET /servers/{server_id}, PUT /servers/{server_id}, POST "
      "/servers/{server_id}/action (rebuild)",
      "os_compute_api:os-flavor-extra-specs:index", OLD_OWNER },
    { "os_compute_api:servers:show:host_status", ADMIN, PROJECT,
      "GET /servers/{server_id}, GET /servers/detail, PUT /servers/{server_id}, POST "
      "/servers/{server_id}/action (rebuild)" },
    { "os_compute_api:servers:show:host_status:unknown-only", ADMIN, PROJECT,
      "GET /servers/{server_id}, GET /servers/detail, PUT /servers/{server_id}, POST "
      "/servers/{server_id}/action (rebuild)" },
    { "os_compute_api:servers:create", MEMBER, PROJECT, "POST /servers" },
    { "os_compute_api:servers:create:forced_host", ADMIN, PROJECT, "POST /servers" },
    { "compute:servers:create:requested_destination", ADMIN, PROJECT, "POST /servers" },
    { "os_compute_api:servers:create:attach_volume", MEMBER, PROJECT, "POST /servers" },
    { "os_compute_api:servers:create:attach_network", MEMBER, PROJECT, "POST /servers" },
    { "os_compute_api:servers:create:trusted_certs", MEMBER, PROJECT, "POST /servers" },
    { "os_compute_api:servers:create:zero_disk_flavor", ADMIN, PROJECT, "POST /servers" },
    { "network:attach_external_network", ADMIN, PROJECT,
      "POST /servers, POST /servers/{server_id}/os-interface" },
    { "os_compute_api:servers:delete", MEMBER, PROJECT, "DELETE /servers/{server_id}" },
    { "os_compute_api:servers:update", MEMBER, PROJECT, "PUT /servers/{server_id}" },
    { "os_compute_api:servers:confirm_resize", MEMBER, PROJECT,
      "POST /servers/{server_id}/action (confirmResize)" },
    { "os_compute_api:servers:revert_resize", MEMBER, PROJECT,
      "POST /servers/{server_id}/action (revertResize)" },
    { "os_compute_api:servers:reboot", MEMBER, PROJECT, "POST /servers/{server_id}/action (reboot)" },
    { "os_compute_api:servers:resize", MEMBER, PROJECT, "POST /servers/{server_id}/action (resize)" },
    { "compute:servers:resize:cross_cell", "!", PROJECT, "POST /servers/{server_id}/action (resize)" },
    { "os_compute_api:servers:rebuild", MEMBER, PROJECT, "POST /servers/{server_id}/action (rebuild)" },
    { "os_compute_api:servers:rebuild:trusted_certs", MEMBER, PROJECT,
      "POST /servers/{server_id}/action (rebuild)" },
    { "os_compute_api:servers:create_image", MEMBER, PROJECT,
      "POST /servers/{server_id}/action (createImage)" },
    { "os_compute_api:servers:create_image:allow_volume_backed", MEMBER, PROJECT,
      "POST /servers/{server_id}/action (createImage)" },
    { "os_compute_api:servers:start", MEMBER, PROJECT, "POST /servers/{server_id}/action (os-start)" },
    { "os_compute_api:servers:stop", MEMBER, PROJECT, "POST /servers/{server_id}/action (os-stop)" },
    { "os_compute_api:servers:trigger_crash_dump", MEMBER, PROJECT,
      "POST /servers/{server_id}/action (trigger_crash_dump)" },

    /* Servers migrations */
    { "os_compute_api:servers:migrations:show", ADMIN, PROJECT,
      "GET /servers/{server_id}/migrations/{migration_id}" },
    { "os_compute_api:servers:migrations:force_complete", MANAGER, PROJECT,
      "POST /servers/{server_id}/migrations/{migration_id}/action (force_complete)" },
    { "os_compute_api:servers:migrations:delete", MANAGER, PROJECT,
      "DELETE /servers/{server_id}/migrations/{migration_id}" },
    { "os_compute_api:servers:migrations:index", MANAGER, PROJECT, "GET /servers/{server_id}/migrations" },
    { "os_compute_api:servers:migrations:index:host", ADMIN, PROJECT, "GET /servers/{server_id}/migrations",
      "os_compute_api:servers:migrations:index" },

    /* Services */
    { "os_compute_api:os-services:list", ADMIN, PROJECT, "GET /os-services", "os_compute_api:os-services",
      OLD_ADMIN },
    { "os_compute_api:os-services:update", ADMIN, PROJECT, "PUT /os-services/{service_id}",
      "os_compute_api:os-services", OLD_ADMIN },
    { "os_compute_api:os-services:delete", ADMIN, PROJECT, "DELETE /os-services/{service_id}",
      "os_compute_api:os-services", OLD_ADMIN },

    /* Shelve */
    { "os_compute_api:os-shelve:shelve", MEMBER, PROJECT, "POST /servers/{server_id}/action (shelve)" },
    { "os_compute_api:os-shelve:unshelve", MEMBER, PROJECT, "POST /servers/{server_id}/action (unshelve)" },
    { "os_compute_api:os-shelve:unshelve_to_host", ADMIN, PROJECT,
      "POST /servers/{server_id}/action (unshelve)" },
    { "os_compute_api:os-shelve:shelve_offload", ADMIN, PROJECT,
      "POST /servers/{server_id}/action (shelveOffload)" },

    /* Simple tenant usage */
    { "os_compute_api:os-simple-tenant-usage:show", READER, PROJECT,
      "GET /os-simple-tenant-usage/{tenant_id}" },
    { "os_compute_api:os-simple-tenant-usage:list", ADMIN, PROJECT, "GET /os-simple-tenant-usage" },

    /* Suspend server */
    { "os_compute_api:os-suspend-server:resume", MEMBER, PROJECT,
      "POST /servers/{server_id}/action (resume)" },
    { "os_compute_api:os-suspend-server:suspend", MEMBER, PROJECT,
      "POST /servers/{server_id}/action (suspend)" },

    /* Tenant networks */
    { "os_compute_api:os-tenant-networks:list", READER, PROJECT, "GET /os-tenant-networks",
      "os_compute_api:os-tenant-networks", OLD_OWNER },
    { "os_compute_api:os-tenant-networks:show", READER, PROJECT, "GET /os-tenant-networks/{network_id}",
      "os_compute_api:os-tenant-networks", OLD_OWNER },

    /* Volumes */
    { "os_compute_api:os-volumes:list", READER, PROJECT, "GET /os-volumes", "os_compute_api:os-volumes",
      OLD_OWNER },
    { "os_compute_api:os-volumes:create", MEMBER, PROJECT, "POST /os-volumes", "os_compute_api:os-volumes",
      OLD_OWNER },
    { "os_compute_api:os-volumes:detail", READER, PROJECT, "GET /os-volumes/detail",
      "os_compute_api:os-volumes", OLD_OWNER },
    { "os_compute_api:os-volumes:show", READER, PROJECT, "GET /os-volumes/{volume_id}",
      "os_compute_api:os-volumes", OLD_OWNER },
    { "os_compute_api:os-volumes:delete", MEMBER, PROJECT, "DELETE /os-volumes/{volume_id}",
      "os_compute_api:os-volumes", OLD_OWNER },
    { "os_compute_api:os-volumes:snapshots:list", READER, PROJECT, "GET /os-snapshots",
      "os_compute_api:os-volumes", OLD_OWNER },
    { "os_compute_api:os-volumes:snapshots:create", MEMBER, PROJECT, "POST /os-snapshots",
      "os_compute_api:os-volumes", OLD_OWNER },
    { "os_compute_api:os-volumes:snapshots:detail", READER, PROJECT, "GET /os-snapshots/detail",
      "os_compute_api:os-volumes", OLD_OWNER },
    { "os_compute_api:os-volumes:snapshots:show", READER, PROJECT, "GET /os-snapshots/{snapshot_id}",
      "os_compute_api:os-volumes", OLD_OWNER },
    { "os_compute_api:os-volumes:snapshots:delete", MEMBER, PROJECT, "DELETE /os-snapshots/{snapshot_id}",
      "os_compute_api:os-volumes", OLD_OWNER },

    /* Volumes attachments */
    { "os_compute_api:os-volumes-attachments:index", READER, PROJECT,
      "GET /servers/{server_id}/os-volume_attachments" },
    { "os_compute_api:os-volumes-attachments:create", MEMBER, PROJECT,
      "POST /servers/{server_id}/os-volume_attachments" },
    { "os_compute_api:os-volumes-attachments:show", READER, PROJECT,
      "GET /servers/{server_id}/os-volume_attachments/{volume_id}" },
    { "os_compute_api:os-volumes-attachments:update", MEMBER, PROJECT,
      "PUT /servers/{server_id}/os-volume_attachments/{volume_id}" },
    { "os_compute_api:os-volumes-attachments:swap", SERVICE, PROJECT,
      "PUT /servers/{server_id}/os-volume_attachments/{volume_id}" },
    { "os_compute_api:os-volumes-attachments:delete", MEMBER, PROJECT,
      "DELETE /servers/{server_id}/os-volume_attachments/{volume_id}" },

    { NULL },
};
