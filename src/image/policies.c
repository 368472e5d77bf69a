/* SPDX-License-Identifier: Apache-2.0 */
/* Who may do what in the image service. "project_id" of an image is its owner, "member_id"
 * the project with which it is shared and which asks. */
#include <stddef.h>

#include "image/policies.h"

#define PROJECT       "project"

#define ADMIN         "rule:context_is_admin"
#define METADEF_ADMIN "rule:metadef_admin"
#define ANY           "rule:default"
#define MEMBER        "rule:context_is_admin or (role:member and project_id:%(project_id)s)"
#define READER        "rule:context_is_admin or (role:reader and project_id:%(project_id)s)"
#define OWNER_OR_PUBLIC                                                        \
    "rule:context_is_admin or (role:reader and (project_id:%(project_id)s or " \
    "'public':%(visibility)s))"
#define MAY_DOWNLOAD                                                           \
    "rule:context_is_admin or (role:member and (project_id:%(project_id)s or " \
    "project_id:%(member_id)s or 'community':%(visibility)s or "               \
    "'public':%(visibility)s or 'shared':%(visibility)s))"
#define SHARED_READER                                                         \
    "rule:context_is_admin or role:reader and (project_id:%(project_id)s or " \
    "project_id:%(member_id)s)"
#define OLD_METADEF "rule:metadef_default"

const struct policy_rule image_policies[] = {
    /* What other rules refer to */
    { "default", "", NULL, "Where there is no rule." },
    { "context_is_admin", "role:admin", NULL, "Who administers the cloud." },
    { "service_api", "role:service or role:admin", NULL, "Other services, or who administers the cloud." },

    /* Cache */
    { "cache_image", ADMIN, PROJECT, "PUT /v2/cache/{image_id}", NULL, "rule:manage_image_cache" },
    { "cache_list", ADMIN, PROJECT, "GET /v2/cache", NULL, "rule:manage_image_cache" },
    { "cache_delete", ADMIN, PROJECT, "DELETE /v2/cache, DELETE /v2/cache/{image_id}", NULL,
      "rule:manage_image_cache" },
    { "cache_clean", ADMIN, PROJECT, "POST /v2/cache/clean" },
    { "cache_prune", ADMIN, PROJECT, "POST /v2/cache/prune" },

    /* Discovery */
    { "stores_info_detail", "rule:context_is_admin or rule:service_api", PROJECT,
      "GET /v2/info/stores/detail" },

    /* Images, their data, locations and members */
    { "add_image",
      "rule:context_is_admin or (role:member and project_id:%(project_id)s and "
      "project_id:%(owner)s)",
      PROJECT, "POST /v2/images", NULL, ANY },
    { "delete_image", MEMBER, PROJECT, "DELETE /v2/images/{image_id}", NULL, ANY },
    { "get_image",
      "rule:context_is_admin or (role:reader and (project_id:%(project_id)s or "
      "project_id:%(member_id)s or 'community':%(visibility)s or 'public':%(visibility)s "
      "or 'shared':%(visibility)s))",
      PROJECT, "GET /v2/images/{image_id}", NULL, ANY },
    { "get_images", READER, PROJECT, "GET /v2/images", NULL, ANY },
    { "modify_image", MEMBER, PROJECT, "PATCH /v2/images/{image_id}", NULL, ANY },
    { "publicize_image", ADMIN, PROJECT, "PATCH /v2/images/{image_id}" },
    { "communitize_image", MEMBER, PROJECT, "PATCH /v2/images/{image_id}", NULL, ANY },
    { "download_image", MAY_DOWNLOAD, PROJECT, "GET /v2/images/{image_id}/file", NULL, ANY },
    { "download_from_store", MAY_DOWNLOAD, PROJECT, "GET /v2/images/{image_id}/file" },
    { "upload_image", MEMBER, PROJECT, "PUT /v2/images/{image_id}/file", NULL, ANY },
    { "delete_image_location", ADMIN, PROJECT, "PATCH /v2/images/{image_id}", NULL, ANY },
    { "get_image_location", READER, PROJECT, "GET /v2/images/{image_id}", NULL, ANY },
    { "set_image_location", MEMBER, PROJECT, "PATCH /v2/images/{image_id}", NULL, ANY },
    { "add_image_location",
      "rule:service_api or (role:member and project_id:%(project_id)s and "
      "project_id:%(owner)s)",
      PROJECT, "POST /v2/images/{image_id}/locations" },
    { "fetch_image_location", "rule:service_api", PROJECT, "GET /v2/images/{image_id}/locations" },
    { "add_member", MEMBER, PROJECT, "POST /v2/images/{image_id}/members", NULL, ANY },
    { "delete_member", MEMBER, PROJECT, "DELETE /v2/images/{image_id}/members/{member_id}", NULL, ANY },
    { "get_member", SHARED_READER, PROJECT, "GET /v2/images/{image_id}/members/{member_id}", NULL, ANY },
    { "get_members", SHARED_READER, PROJECT, "GET /v2/images/{image_id}/members", NULL, ANY },
    { "modify_member", "rule:context_is_admin or (role:member and project_id:%(member_id)s)", PROJECT,
      "PUT /v2/images/{image_id}/members/{member_id}", NULL, ANY },
    { "manage_image_cache", ADMIN, PROJECT, "Deprecated: the rules of the cache took its place." },
    { "deactivate", MEMBER, PROJECT, "POST /v2/images/{image_id}/actions/deactivate", NULL, ANY },
    { "reactivate", MEMBER, PROJECT, "POST /v2/images/{image_id}/actions/reactivate", NULL, ANY },
    { "copy_image", ADMIN, PROJECT, "POST /v2/images/{image_id}/import" },
    { "list_cached_nodes", ADMIN, PROJECT, "GET /v2/cache/nodes/{image_id}" },

    /* Metadata definitions */
    { "metadef_default", "", NULL, "Everybody with a token." },
    { "metadef_admin", ADMIN, NULL, "Who administers metadata definitions." },
    { "get_metadef_namespace", OWNER_OR_PUBLIC, PROJECT, "GET /v2/metadefs/namespaces/{namespace_name}", NULL,
      OLD_METADEF },
    { "get_metadef_namespaces", READER, PROJECT, "GET /v2/metadefs/namespaces", NULL, OLD_METADEF },
    { "modify_metadef_namespace", METADEF_ADMIN, PROJECT, "PUT /v2/metadefs/namespaces/{namespace_name}" },
    { "add_metadef_namespace", METADEF_ADMIN, PROJECT, "POST /v2/metadefs/namespaces" },
    { "delete_metadef_namespace", METADEF_ADMIN, PROJECT, "DELETE /v2/metadefs/namespaces/{namespace_name}" },
    { "get_metadef_object", OWNER_OR_PUBLIC, PROJECT,
      "GET /v2/metadefs/namespaces/{namespace_name}/objects/{object_name}", NULL, OLD_METADEF },
    { "get_metadef_objects", OWNER_OR_PUBLIC, PROJECT, "GET /v2/metadefs/namespaces/{namespace_name}/objects",
      NULL, OLD_METADEF },
    { "modify_metadef_object", METADEF_ADMIN, PROJECT,
      "PUT /v2/metadefs/namespaces/{namespace_name}/objects/{object_name}" },
    { "add_metadef_object", METADEF_ADMIN, PROJECT, "POST /v2/metadefs/namespaces/{namespace_name}/objects" },
    { "delete_metadef_object", METADEF_ADMIN, PROJECT,
      "DELETE /v2/metadefs/namespaces/{namespace_name}/objects/{object_name}" },
    { "list_metadef_resource_types", OWNER_OR_PUBLIC, PROJECT, "GET /v2/metadefs/resource_types", NULL,
      OLD_METADEF },
    { "get_metadef_resource_type", OWNER_OR_PUBLIC, PROJECT,
      "GET /v2/metadefs/namespaces/{namespace_name}/resource_types", NULL, OLD_METADEF },
    { "add_metadef_resource_type_association", METADEF_ADMIN, PROJECT,
      "POST /v2/metadefs/namespaces/{namespace_name}/resource_types" },
    { "remove_metadef_resource_type_association", METADEF_ADMIN, PROJECT,
      "POST /v2/metadefs/namespaces/{namespace_name}/resource_types/{name}" },
    { "get_metadef_property", OWNER_OR_PUBLIC, PROJECT,
      "GET /v2/metadefs/namespaces/{namespace_name}/properties/{property_name}", NULL, OLD_METADEF },
    { "get_metadef_properties", OWNER_OR_PUBLIC, PROJECT,
      "GET /v2/metadefs/namespaces/{namespace_name}/properties", NULL, OLD_METADEF },
    { "modify_metadef_property", METADEF_ADMIN, PROJECT,
      "GET /v2/metadefs/namespaces/{namespace_name}/properties/{property_name}" },
    { "add_metadef_property", METADEF_ADMIN, PROJECT,
      "POST /v2/metadefs/namespaces/{namespace_name}/properties" },
    { "remove_metadef_property", METADEF_ADMIN, PROJECT,
      "DELETE /v2/metadefs/namespaces/{namespace_name}/properties/{property_name}" },
    { "get_metadef_tag", OWNER_OR_PUBLIC, PROJECT,
      "GET /v2/metadefs/namespaces/{namespace_name}/tags/{tag_name}", NULL, OLD_METADEF },
    { "get_metadef_tags", OWNER_OR_PUBLIC, PROJECT, "GET /v2/metadefs/namespaces/{namespace_name}/tags", NULL,
      OLD_METADEF },
    { "modify_metadef_tag", METADEF_ADMIN, PROJECT,
      "PUT /v2/metadefs/namespaces/{namespace_name}/tags/{tag_name}" },
    { "add_metadef_tag", METADEF_ADMIN, PROJECT,
      "POST /v2/metadefs/namespaces/{namespace_name}/tags/{tag_name}" },
    { "add_metadef_tags", METADEF_ADMIN, PROJECT, "POST /v2/metadefs/namespaces/{namespace_name}/tags" },
    { "delete_metadef_tag", METADEF_ADMIN, PROJECT,
      "DELETE /v2/metadefs/namespaces/{namespace_name}/tags/{tag_name}" },
    { "delete_metadef_tags", METADEF_ADMIN, PROJECT, "DELETE /v2/metadefs/namespaces/{namespace_name}/tags" },

    /* Tasks */
    { "get_task", ANY, PROJECT, "GET /v2/tasks/{task_id}" },
    { "get_tasks", ANY, PROJECT, "GET /v2/tasks" },
    { "add_task", ANY, PROJECT, "POST /v2/tasks" },
    { "modify_task", ANY, PROJECT, "DELETE /v2/tasks/{task_id}" },
    { "tasks_api_access", ADMIN, PROJECT,
      "GET /v2/tasks/{task_id}, GET /v2/tasks, POST /v2/tasks, DELETE /v2/tasks/{task_id}" },

    { NULL },
};
