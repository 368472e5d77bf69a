/* SPDX-License-Identifier: Apache-2.0 */
/* Who may do what in the placement service: admin and other services everything, readers
 * of a project the usages of that project. */
#include <stddef.h>

#include "placement/policies.h"

#define PROJECT          "project"

#define ADMIN_OR_SERVICE "rule:admin_or_service_api"
#define OLD_ADMIN        "role:admin"

const struct policy_rule placement_policies[] = {
    /* What other rules refer to */
    { "admin_api", OLD_ADMIN, PROJECT, "Who administers the cloud." },
    { "service_api", "role:service", PROJECT, "Other services.", NULL, OLD_ADMIN },
    { "admin_or_service_api", "role:admin or role:service", PROJECT,
      "Who administers the cloud, or other services." },
    { "project_reader_api", "role:reader and project_id:%(project_id)s", NULL, "Readers of the project.",
      NULL, OLD_ADMIN },
    { "admin_or_project_reader_or_service_api", "role:admin or rule:project_reader_api or role:service",
      PROJECT, "Who administers the cloud, readers of the project, or other services." },

    /* Aggregate */
    { "placement:resource_providers:aggregates:list", ADMIN_OR_SERVICE, PROJECT,
      "GET /resource_providers/{uuid}/aggregates" },
    { "placement:resource_providers:aggregates:update", ADMIN_OR_SERVICE, PROJECT,
      "PUT /resource_providers/{uuid}/aggregates" },

    /* Allocation */
    { "placement:allocations:manage", ADMIN_OR_SERVICE, PROJECT, "POST /allocations" },
    { "placement:allocations:list", ADMIN_OR_SERVICE, PROJECT, "GET /allocations/{consumer_uuid}" },
    { "placement:allocations:update", ADMIN_OR_SERVICE, PROJECT, "PUT /allocations/{consumer_uuid}" },
    { "placement:allocations:delete", ADMIN_OR_SERVICE, PROJECT, "DELETE /allocations/{consumer_uuid}" },
    { "placement:resource_providers:allocations:list", ADMIN_OR_SERVICE, PROJECT,
      "GET /resource_providers/{uuid}/allocations" },

    /* Allocation candidate */
    { "placement:allocation_candidates:list", ADMIN_OR_SERVICE, PROJECT, "GET /allocation_candidates" },

    /* Inventory */
    { "placement:resource_providers:inventories:list", ADMIN_OR_SERVICE, PROJECT,
      "GET /resource_providers/{uuid}/inventories" },
    { "placement:resource_providers:inventories:create", ADMIN_OR_SERVICE, PROJECT,
      "POST /resource_providers/{uuid}/inventories" },
    { "placement:resource_providers:inventories:show", ADMIN_OR_SERVICE, PROJECT,
      "GET /resource_providers/{uuid}/inventories/{resource_class}" },
    { "placement:resource_providers:inventories:update", ADMIN_OR_SERVICE, PROJECT,
      "PUT /resource_providers/{uuid}/inventories, PUT "
      "/resource_providers/{uuid}/inventories/{resource_class}" },
    { "placement:resource_providers:inventories:delete", ADMIN_OR_SERVICE, PROJECT,
      "DELETE /resource_providers/{uuid}/inventories, DELETE "
      "/resource_providers/{uuid}/inventories/{resource_class}" },

    /* Reshaper */
    { "placement:reshaper:reshape", "rule:service_api", PROJECT, "POST /reshaper" },

    /* Resource class */
    { "placement:resource_classes:list", ADMIN_OR_SERVICE, PROJECT, "GET /resource_classes" },
    { "placement:resource_classes:create", ADMIN_OR_SERVICE, PROJECT, "POST /resource_classes" },
    { "placement:resource_classes:show", ADMIN_OR_SERVICE, PROJECT, "GET /resource_classes/{name}" },
    { "placement:resource_classes:update", ADMIN_OR_SERVICE, PROJECT, "PUT /resource_classes/{name}" },
    { "placement:resource_classes:delete", ADMIN_OR_SERVICE, PROJECT, "DELETE /resource_classes/{name}" },

    /* Resource provider */
    { "placement:resource_providers:list", ADMIN_OR_SERVICE, PROJECT, "GET /resource_providers" },
    { "placement:resource_providers:create", ADMIN_OR_SERVICE, PROJECT, "POST /resource_providers" },
    { "placement:resource_providers:show", ADMIN_OR_SERVICE, PROJECT, "GET /resource_providers/{uuid}" },
    { "placement:resource_providers:update", ADMIN_OR_SERVICE, PROJECT, "PUT /resource_providers/{uuid}" },
    { "placement:resource_providers:delete", ADMIN_OR_SERVICE, PROJECT, "DELETE /resource_providers/{uuid}" },

    /* Trait */
    { "placement:traits:list", ADMIN_OR_SERVICE, PROJECT, "GET /traits" },
    { "placement:traits:show", ADMIN_OR_SERVICE, PROJECT, "GET /traits/{name}" },
    { "placement:traits:update", ADMIN_OR_SERVICE, PROJECT, "PUT /traits/{name}" },
    { "placement:traits:delete", ADMIN_OR_SERVICE, PROJECT, "DELETE /traits/{name}" },
    { "placement:resource_providers:traits:list", ADMIN_OR_SERVICE, PROJECT,
      "GET /resource_providers/{uuid}/traits" },
    { "placement:resource_providers:traits:update", ADMIN_OR_SERVICE, PROJECT,
      "PUT /resource_providers/{uuid}/traits" },
    { "placement:resource_providers:traits:delete", ADMIN_OR_SERVICE, PROJECT,
      "DELETE /resource_providers/{uuid}/traits" },

    /* Usage */
    { "placement:resource_providers:usages", ADMIN_OR_SERVICE, PROJECT,
      "GET /resource_providers/{uuid}/usages" },
    { "placement:usages", "rule:admin_or_project_reader_or_service_api", PROJECT, "GET /usages" },

    { NULL },
};
