/* SPDX-License-Identifier: Apache-2.0 */
/* What Keystone's rules were in the release Zed, where they have changed since: there was no
 * manager of a domain, and a token for a domain was refused for credentials and roles. */
#include <stddef.h>

#include "identity/policies.h"

#define ANY_SCOPE         "system|domain|project"
#define SYSTEM_OR_PROJECT "system|project"

#define ADMIN             "rule:admin_required"
#define ADMIN_OR_READER   "rule:admin_required or (role:reader and system_scope:all)"
#define CREDENTIAL_READER                                             \
    "(rule:admin_required) or (role:reader and system_scope:all) or " \
    "user_id:%(target.credential.user_id)s"
#define CREDENTIAL_OWNER "(rule:admin_required) or user_id:%(target.credential.user_id)s"
#define PROJECT_READER                                                                      \
    "(role:reader and system_scope:all) or (role:reader and "                               \
    "domain_id:%(target.project.domain_id)s and not None:%(target.project.domain_id)s) or " \
    "project_id:%(target.project.id)s"
#define OLD_PROJECT_READER "rule:admin_required or project_id:%(target.project.id)s"
#define GRANT_ADMIN                                                                      \
    "(rule:admin_required) or ((role:admin and domain_id:%(target.user.domain_id)s and " \
    "domain_id:%(target.project.domain_id)s) or (role:admin and "                        \
    "domain_id:%(target.user.domain_id)s and domain_id:%(target.domain.id)s) or "        \
    "(role:admin and domain_id:%(target.group.domain_id)s and "                          \
    "domain_id:%(target.project.domain_id)s) or (role:admin and "                        \
    "domain_id:%(target.group.domain_id)s and domain_id:%(target.domain.id)s)) and "     \
    "(domain_id:%(target.role.domain_id)s or None:%(target.role.domain_id)s)"

const struct policy_rule identity_policies_zed[] = {
    { "identity:get_credential", CREDENTIAL_READER, SYSTEM_OR_PROJECT, NULL, NULL, ADMIN },
    { "identity:list_credentials", CREDENTIAL_READER, SYSTEM_OR_PROJECT, NULL, NULL, ADMIN },
    { "identity:create_credential", CREDENTIAL_OWNER, SYSTEM_OR_PROJECT, NULL, NULL, ADMIN },
    { "identity:update_credential", CREDENTIAL_OWNER, SYSTEM_OR_PROJECT, NULL, NULL, ADMIN },
    { "identity:delete_credential", CREDENTIAL_OWNER, SYSTEM_OR_PROJECT, NULL, NULL, ADMIN },
    { "identity:ec2_delete_credential", CREDENTIAL_OWNER, SYSTEM_OR_PROJECT, NULL, NULL,
      "rule:admin_required or (rule:owner and user_id:%(target.credential.user_id)s)" },

    { "identity:list_domains", ADMIN_OR_READER, SYSTEM_OR_PROJECT, NULL, NULL, ADMIN },
    { "identity:get_role", ADMIN_OR_READER, SYSTEM_OR_PROJECT, NULL, NULL, ADMIN },
    { "identity:list_roles", ADMIN_OR_READER, SYSTEM_OR_PROJECT, NULL, NULL, ADMIN },
    { "identity:create_grant", GRANT_ADMIN, ANY_SCOPE, NULL, NULL, ADMIN },
    { "identity:revoke_grant", GRANT_ADMIN, ANY_SCOPE, NULL, NULL, ADMIN },

    { "identity:create_group", ADMIN, ANY_SCOPE },
    { "identity:update_group", ADMIN, ANY_SCOPE },
    { "identity:delete_group", ADMIN, ANY_SCOPE },
    { "identity:add_user_to_group", ADMIN, ANY_SCOPE },
    { "identity:remove_user_from_group", ADMIN, ANY_SCOPE },

    { "identity:get_project", PROJECT_READER, ANY_SCOPE, NULL, NULL, OLD_PROJECT_READER },
    { "identity:create_project", ADMIN, ANY_SCOPE },
    { "identity:update_project", ADMIN, ANY_SCOPE },
    { "identity:delete_project", ADMIN, ANY_SCOPE },
    { "identity:create_project_tag", ADMIN, ANY_SCOPE },
    { "identity:update_project_tags", ADMIN, ANY_SCOPE },
    { "identity:delete_project_tag", ADMIN, ANY_SCOPE },
    { "identity:delete_project_tags", ADMIN, ANY_SCOPE },

    { "identity:create_user", ADMIN, ANY_SCOPE },
    { "identity:update_user", ADMIN, ANY_SCOPE },
    { "identity:delete_user", ADMIN, ANY_SCOPE },
    { 0 },
};
