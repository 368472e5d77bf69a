/* SPDX-License-Identifier: Apache-2.0 */
/* Who may do what in the identity service: admin everywhere, a reader of the system
 * all of it, readers and managers of a domain what is in it, users what is theirs. */
#include <stddef.h>

#include "identity/policies.h"

#define ANY_SCOPE         "system|domain|project"
#define SYSTEM_OR_PROJECT "system|project"
#define PROJECT           "project"

#define ADMIN             "rule:admin_required"
#define ADMIN_OR_READER   "rule:admin_required or (role:reader and system_scope:all)"
#define SERVICE           "rule:service_or_admin"
#define OWNER             "user_id:%(user_id)s"
#define PROJECT_MANAGER                               \
    "(rule:admin_required) or (role:manager and "     \
    "domain_id:%(target.project.domain_id)s and not " \
    "None:%(target.project.domain_id)s)"
#define PROJECT_READER                                                             \
    "(rule:admin_required) or (role:reader and system_scope:all) or (role:reader " \
    "and domain_id:%(target.project.domain_id)s and not "                          \
    "None:%(target.project.domain_id)s) or project_id:%(target.project.id)s"
#define DOMAIN_READER                                                              \
    "(rule:admin_required) or (role:reader and system_scope:all) or (role:reader " \
    "and domain_id:%(target.domain_id)s and not None:%(target.domain_id)s)"
#define READER_OR_OWNER "(rule:admin_required) or (role:reader and system_scope:all) or rule:owner"
#define READER_OR_USER  "(role:reader and system_scope:all) or user_id:%(target.user.id)s"
#define CREDENTIAL_READER                                             \
    "(rule:admin_required) or (role:reader and system_scope:all) or " \
    "user_id:%(target.credential.user_id)s"
#define CREDENTIAL_OWNER "(rule:admin_required) or user_id:%(target.credential.user_id)s"
#define CREDENTIAL_MEMBER                        \
    "(rule:admin_required) or (role:member and " \
    "user_id:%(target.credential.user_id)s)"
#define GROUP_READER                                                               \
    "(rule:admin_required) or (role:reader and system_scope:all) or (role:reader " \
    "and domain_id:%(target.group.domain_id)s)"
#define GROUP_MANAGER                             \
    "(rule:admin_required) or (role:manager and " \
    "domain_id:%(target.group.domain_id)s)"
#define MEMBERSHIP_MANAGER                        \
    "(rule:admin_required) or (role:manager and " \
    "domain_id:%(target.group.domain_id)s and domain_id:%(target.user.domain_id)s)"
#define TRUST_PARTY                                                  \
    "(rule:admin_required) or (role:reader and system_scope:all or " \
    "user_id:%(target.trust.trustor_user_id)s or "                   \
    "user_id:%(target.trust.trustee_user_id)s)"
#define USER_MANAGER                              \
    "(rule:admin_required) or (role:manager and " \
    "token.domain.id:%(target.user.domain_id)s)"
#define GRANT_MANAGER                                                                \
    "(rule:admin_required) or ((role:admin and domain_id:%(target.user.domain_id)s " \
    "and domain_id:%(target.project.domain_id)s) or (role:admin and "                \
    "domain_id:%(target.user.domain_id)s and domain_id:%(target.domain.id)s) or "    \
    "(role:admin and domain_id:%(target.group.domain_id)s and "                      \
    "domain_id:%(target.project.domain_id)s) or (role:admin and "                    \
    "domain_id:%(target.group.domain_id)s and domain_id:%(target.domain.id)s)) and " \
    "(domain_id:%(target.role.domain_id)s or None:%(target.role.domain_id)s) or "    \
    "((role:manager and domain_id:%(target.user.domain_id)s and "                    \
    "domain_id:%(target.project.domain_id)s) or (role:manager and "                  \
    "domain_id:%(target.user.domain_id)s and domain_id:%(target.domain.id)s) or "    \
    "(role:manager and domain_id:%(target.group.domain_id)s and "                    \
    "domain_id:%(target.project.domain_id)s) or (role:manager and "                  \
    "domain_id:%(target.group.domain_id)s and domain_id:%(target.domain.id)s)) and " \
    "rule:domain_managed_target_role"

const struct policy_rule identity_policies[] = {
    /* What other rules refer to */
    { "admin_required", "role:admin or is_admin:1", NULL, "Who administers the cloud." },
    { "service_role", "role:service", NULL, "Other services." },
    { "service_or_admin", "rule:admin_required or rule:service_role", NULL,
      "Other services, or who administers the cloud." },
    { "owner", OWNER, NULL, "The user that the path names." },
    { "admin_or_owner", "rule:admin_required or rule:owner", NULL,
      "Who administers the cloud, or the user that the path names." },
    { "token_subject", "user_id:%(target.token.user_id)s", NULL,
      "The user of the token that is asked about." },
    { "admin_or_token_subject", "rule:admin_required or rule:token_subject", NULL,
      "Who administers the cloud, or the user of the token that is asked about." },
    { "service_admin_or_token_subject", "rule:service_or_admin or rule:token_subject", NULL,
      "Other services, who administers the cloud, or the user of the token that is asked about." },
    { "domain_managed_target_role",
      "'manager':%(target.role.name)s or 'member':%(target.role.name)s or "
      "'reader':%(target.role.name)s",
      NULL, "Roles that the manager of a domain may give and take." },

    /* Access rule */
    { "identity:get_access_rule", READER_OR_USER, SYSTEM_OR_PROJECT,
      "GET /v3/users/{user_id}/access_rules/{access_rule_id}" },
    { "identity:list_access_rules", READER_OR_USER, SYSTEM_OR_PROJECT,
      "GET /v3/users/{user_id}/access_rules" },
    { "identity:delete_access_rule", "(role:admin and system_scope:all) or user_id:%(target.user.id)s",
      SYSTEM_OR_PROJECT, "DELETE /v3/users/{user_id}/access_rules/{access_rule_id}" },

    /* Access token */
    { "identity:authorize_request_token", ADMIN, PROJECT, "PUT /v3/OS-OAUTH1/authorize/{request_token_id}" },
    { "identity:get_access_token", ADMIN, PROJECT,
      "GET /v3/users/{user_id}/OS-OAUTH1/access_tokens/{access_token_id}" },
    { "identity:get_access_token_role", ADMIN, PROJECT,
      "GET /v3/users/{user_id}/OS-OAUTH1/access_tokens/{access_token_id}/roles/{role_id}" },
    { "identity:list_access_tokens", ADMIN, PROJECT, "GET /v3/users/{user_id}/OS-OAUTH1/access_tokens" },
    { "identity:list_access_token_roles", ADMIN, PROJECT,
      "GET /v3/users/{user_id}/OS-OAUTH1/access_tokens/{access_token_id}/roles" },
    { "identity:delete_access_token", ADMIN, PROJECT,
      "DELETE /v3/users/{user_id}/OS-OAUTH1/access_tokens/{access_token_id}" },

    /* Application credential */
    { "identity:get_application_credential", READER_OR_OWNER, SYSTEM_OR_PROJECT,
      "GET /v3/users/{user_id}/application_credentials/{application_credential_id}", NULL,
      "rule:admin_or_owner" },
    { "identity:list_application_credentials", READER_OR_OWNER, SYSTEM_OR_PROJECT,
      "GET /v3/users/{user_id}/application_credentials", NULL, "rule:admin_or_owner" },
    { "identity:create_application_credential", OWNER, PROJECT,
      "POST /v3/users/{user_id}/application_credentials" },
    { "identity:delete_application_credential", "rule:admin_or_owner", SYSTEM_OR_PROJECT,
      "DELETE /v3/users/{user_id}/application_credentials/{application_credential_id}" },

    /* Auth */
    { "identity:get_auth_catalog", "", NULL, "GET /v3/auth/catalog" },
    { "identity:get_auth_projects", "", NULL, "GET /v3/auth/projects" },
    { "identity:get_auth_domains", "", NULL, "GET /v3/auth/domains" },
    { "identity:get_auth_system", "", NULL, "GET /v3/auth/system" },

    /* Consumer */
    { "identity:get_consumer", ADMIN_OR_READER, SYSTEM_OR_PROJECT,
      "GET /v3/OS-OAUTH1/consumers/{consumer_id}" },
    { "identity:list_consumers", ADMIN_OR_READER, SYSTEM_OR_PROJECT, "GET /v3/OS-OAUTH1/consumers" },
    { "identity:create_consumer", ADMIN, SYSTEM_OR_PROJECT, "POST /v3/OS-OAUTH1/consumers" },
    { "identity:update_consumer", ADMIN, SYSTEM_OR_PROJECT, "PATCH /v3/OS-OAUTH1/consumers/{consumer_id}" },
    { "identity:delete_consumer", ADMIN, SYSTEM_OR_PROJECT, "DELETE /v3/OS-OAUTH1/consumers/{consumer_id}" },

    /* Credential */
    { "identity:get_credential", CREDENTIAL_READER, ANY_SCOPE, "GET /v3/credentials/{credential_id}" },
    { "identity:list_credentials", CREDENTIAL_READER, ANY_SCOPE, "GET /v3/credentials" },
    { "identity:create_credential", CREDENTIAL_OWNER, ANY_SCOPE, "POST /v3/credentials" },
    { "identity:update_credential", CREDENTIAL_OWNER, ANY_SCOPE, "PATCH /v3/credentials/{credential_id}" },
    { "identity:delete_credential", CREDENTIAL_OWNER, ANY_SCOPE, "DELETE /v3/credentials/{credential_id}" },

    /* Domain */
    { "identity:get_domain",
      "rule:admin_required or (role:reader and system_scope:all) or "
      "token.domain.id:%(target.domain.id)s or token.project.domain.id:%(target.domain.id)s",
      ANY_SCOPE, "GET /v3/domains/{domain_id}" },
    { "identity:list_domains",
      "rule:admin_required or (role:reader and system_scope:all) or (role:reader and "
      "domain_id:%(target.domain.id)s)",
      ANY_SCOPE, "GET /v3/domains" },
    { "identity:create_domain", ADMIN, SYSTEM_OR_PROJECT, "POST /v3/domains" },
    { "identity:update_domain", ADMIN, SYSTEM_OR_PROJECT, "PATCH /v3/domains/{domain_id}" },
    { "identity:delete_domain", ADMIN, SYSTEM_OR_PROJECT, "DELETE /v3/domains/{domain_id}" },

    /* Domain config */
    { "identity:create_domain_config", ADMIN, SYSTEM_OR_PROJECT, "PUT /v3/domains/{domain_id}/config" },
    { "identity:get_domain_config", ADMIN_OR_READER, SYSTEM_OR_PROJECT,
      "GET /v3/domains/{domain_id}/config, GET /v3/domains/{domain_id}/config/{group}, GET "
      "/v3/domains/{domain_id}/config/{group}/{option}" },
    { "identity:get_security_compliance_domain_config", "", ANY_SCOPE,
      "GET /v3/domains/{domain_id}/config/security_compliance, GET "
      "/v3/domains/{domain_id}/config/security_compliance/{option}" },
    { "identity:update_domain_config", ADMIN, SYSTEM_OR_PROJECT,
      "PATCH /v3/domains/{domain_id}/config, PATCH /v3/domains/{domain_id}/config/{group}, PATCH "
      "/v3/domains/{domain_id}/config/{group}/{option}" },
    { "identity:delete_domain_config", ADMIN, SYSTEM_OR_PROJECT,
      "DELETE /v3/domains/{domain_id}/config, DELETE /v3/domains/{domain_id}/config/{group}, "
      "DELETE /v3/domains/{domain_id}/config/{group}/{option}" },
    { "identity:get_domain_config_default", ADMIN_OR_READER, SYSTEM_OR_PROJECT,
      "GET /v3/domains/config/default, GET /v3/domains/config/{group}/default, GET "
      "/v3/domains/config/{group}/{option}/default" },

    /* Ec2 credential */
    { "identity:ec2_get_credential", CREDENTIAL_READER, SYSTEM_OR_PROJECT,
      "GET /v3/users/{user_id}/credentials/OS-EC2/{credential_id}", NULL,
      "rule:admin_required or (rule:owner and user_id:%(target.credential.user_id)s)" },
    { "identity:ec2_list_credentials", READER_OR_OWNER, SYSTEM_OR_PROJECT,
      "GET /v3/users/{user_id}/credentials/OS-EC2", NULL, "rule:admin_or_owner" },
    { "identity:ec2_create_credential", CREDENTIAL_MEMBER, SYSTEM_OR_PROJECT,
      "POST /v3/users/{user_id}/credentials/OS-EC2", NULL, "rule:admin_or_owner" },
    { "identity:ec2_delete_credential", CREDENTIAL_MEMBER, SYSTEM_OR_PROJECT,
      "DELETE /v3/users/{user_id}/credentials/OS-EC2/{credential_id}", NULL,
      "rule:admin_required or (rule:owner and user_id:%(target.credential.user_id)s)" },

    /* Ec2tokens */
    { "identity:ec2tokens_validate", SERVICE, ANY_SCOPE, "POST /v3/ec2tokens" },

    /* Endpoint */
    { "identity:get_endpoint", ADMIN_OR_READER, SYSTEM_OR_PROJECT, "GET /v3/endpoints/{endpoint_id}" },
    { "identity:list_endpoints", ADMIN_OR_READER, SYSTEM_OR_PROJECT, "GET /v3/endpoints" },
    { "identity:create_endpoint", ADMIN, SYSTEM_OR_PROJECT, "POST /v3/endpoints" },
    { "identity:update_endpoint", ADMIN, SYSTEM_OR_PROJECT, "PATCH /v3/endpoints/{endpoint_id}" },
    { "identity:delete_endpoint", ADMIN, SYSTEM_OR_PROJECT, "DELETE /v3/endpoints/{endpoint_id}" },

    /* Endpoint group */
    { "identity:create_endpoint_group", ADMIN, SYSTEM_OR_PROJECT, "POST /v3/OS-EP-FILTER/endpoint_groups" },
    { "identity:list_endpoint_groups", ADMIN_OR_READER, SYSTEM_OR_PROJECT,
      "GET /v3/OS-EP-FILTER/endpoint_groups" },
    { "identity:get_endpoint_group", ADMIN_OR_READER, SYSTEM_OR_PROJECT,
      "GET /v3/OS-EP-FILTER/endpoint_groups/{endpoint_group_id}" },
    { "identity:update_endpoint_group", ADMIN, SYSTEM_OR_PROJECT,
      "PATCH /v3/OS-EP-FILTER/endpoint_groups/{endpoint_group_id}" },
    { "identity:delete_endpoint_group", ADMIN, SYSTEM_OR_PROJECT,
      "DELETE /v3/OS-EP-FILTER/endpoint_groups/{endpoint_group_id}" },
    { "identity:list_projects_associated_with_endpoint_group", ADMIN_OR_READER, SYSTEM_OR_PROJECT,
      "GET /v3/OS-EP-FILTER/endpoint_groups/{endpoint_group_id}/projects" },
    { "identity:list_endpoints_associated_with_endpoint_group", ADMIN_OR_READER, SYSTEM_OR_PROJECT,
      "GET /v3/OS-EP-FILTER/endpoint_groups/{endpoint_group_id}/endpoints" },
    { "identity:get_endpoint_group_in_project", ADMIN_OR_READER, SYSTEM_OR_PROJECT,
      "GET /v3/OS-EP-FILTER/endpoint_groups/{endpoint_group_id}/projects/{project_id}" },
    { "identity:list_endpoint_groups_for_project", ADMIN_OR_READER, SYSTEM_OR_PROJECT,
      "GET /v3/OS-EP-FILTER/projects/{project_id}/endpoint_groups" },
    { "identity:add_endpoint_group_to_project", ADMIN, SYSTEM_OR_PROJECT,
      "PUT /v3/OS-EP-FILTER/endpoint_groups/{endpoint_group_id}/projects/{project_id}" },
    { "identity:remove_endpoint_group_from_project", ADMIN, SYSTEM_OR_PROJECT,
      "DELETE /v3/OS-EP-FILTER/endpoint_groups/{endpoint_group_id}/projects/{project_id}" },

    /* Grant */
    { "identity:check_grant",
      "(rule:admin_required) or ((role:reader and system_scope:all) or ((role:reader and "
      "domain_id:%(target.user.domain_id)s and domain_id:%(target.project.domain_id)s) or "
      "(role:reader and domain_id:%(target.user.domain_id)s and "
      "domain_id:%(target.domain.id)s) or (role:reader and "
      "domain_id:%(target.group.domain_id)s and domain_id:%(target.project.domain_id)s) or "
      "(role:reader and domain_id:%(target.group.domain_id)s and "
      "domain_id:%(target.domain.id)s)) and (domain_id:%(target.role.domain_id)s or "
      "None:%(target.role.domain_id)s))",
      ANY_SCOPE,
      "GET /v3/projects/{project_id}/users/{user_id}/roles/{role_id}, GET "
      "/v3/projects/{project_id}/groups/{group_id}/roles/{role_id}, GET "
      "/v3/domains/{domain_id}/users/{user_id}/roles/{role_id}, GET "
      "/v3/domains/{domain_id}/groups/{group_id}/roles/{role_id}, GET "
      "/v3/OS-INHERIT/projects/{project_id}/users/{user_id}/roles/{role_id}/inherited_to_projects, "
      "GET "
      "/v3/OS-INHERIT/projects/{project_id}/groups/{group_id}/roles/{role_id}/inherited_to_projects, "
      "GET "
      "/v3/OS-INHERIT/domains/{domain_id}/users/{user_id}/roles/{role_id}/inherited_to_projects, "
      "GET "
      "/v3/OS-INHERIT/domains/{domain_id}/groups/{group_id}/roles/{role_id}/inherited_to_projects" },
    { "identity:list_grants",
      "(rule:admin_required) or ((role:reader and system_scope:all) or (role:reader and "
      "domain_id:%(target.user.domain_id)s and domain_id:%(target.project.domain_id)s) or "
      "(role:reader and domain_id:%(target.user.domain_id)s and "
      "domain_id:%(target.domain.id)s) or (role:reader and "
      "domain_id:%(target.group.domain_id)s and domain_id:%(target.project.domain_id)s) or "
      "(role:reader and domain_id:%(target.group.domain_id)s and "
      "domain_id:%(target.domain.id)s))",
      ANY_SCOPE,
      "GET /v3/projects/{project_id}/users/{user_id}/roles, GET "
      "/v3/projects/{project_id}/groups/{group_id}/roles, GET "
      "/v3/domains/{domain_id}/users/{user_id}/roles, GET "
      "/v3/domains/{domain_id}/groups/{group_id}/roles, GET "
      "/v3/OS-INHERIT/domains/{domain_id}/groups/{group_id}/roles/inherited_to_projects, GET "
      "/v3/OS-INHERIT/domains/{domain_id}/users/{user_id}/roles/inherited_to_projects" },
    { "identity:create_grant", GRANT_MANAGER, ANY_SCOPE,
      "PUT /v3/projects/{project_id}/users/{user_id}/roles/{role_id}, PUT "
      "/v3/projects/{project_id}/groups/{group_id}/roles/{role_id}, PUT "
      "/v3/domains/{domain_id}/users/{user_id}/roles/{role_id}, PUT "
      "/v3/domains/{domain_id}/groups/{group_id}/roles/{role_id}, PUT "
      "/v3/OS-INHERIT/projects/{project_id}/users/{user_id}/roles/{role_id}/inherited_to_projects, "
      "PUT "
      "/v3/OS-INHERIT/projects/{project_id}/groups/{group_id}/roles/{role_id}/inherited_to_projects, "
      "PUT "
      "/v3/OS-INHERIT/domains/{domain_id}/users/{user_id}/roles/{role_id}/inherited_to_projects, "
      "PUT "
      "/v3/OS-INHERIT/domains/{domain_id}/groups/{group_id}/roles/{role_id}/inherited_to_projects" },
    { "identity:revoke_grant", GRANT_MANAGER, ANY_SCOPE,
      "DELETE /v3/projects/{project_id}/users/{user_id}/roles/{role_id}, DELETE "
      "/v3/projects/{project_id}/groups/{group_id}/roles/{role_id}, DELETE "
      "/v3/domains/{domain_id}/users/{user_id}/roles/{role_id}, DELETE "
      "/v3/domains/{domain_id}/groups/{group_id}/roles/{role_id}, DELETE "
      "/v3/OS-INHERIT/projects/{project_id}/users/{user_id}/roles/{role_id}/inherited_to_projects, "
      "DELETE "
      "/v3/OS-INHERIT/projects/{project_id}/groups/{group_id}/roles/{role_id}/inherited_to_projects, "
      "DELETE "
      "/v3/OS-INHERIT/domains/{domain_id}/users/{user_id}/roles/{role_id}/inherited_to_projects, "
      "DELETE "
      "/v3/OS-INHERIT/domains/{domain_id}/groups/{group_id}/roles/{role_id}/inherited_to_projects" },
    { "identity:list_system_grants_for_user", ADMIN_OR_READER, SYSTEM_OR_PROJECT,
      "GET /v3/system/users/{user_id}/roles" },
    { "identity:check_system_grant_for_user", ADMIN_OR_READER, SYSTEM_OR_PROJECT,
      "GET /v3/system/users/{user_id}/roles/{role_id}" },
    { "identity:create_system_grant_for_user", ADMIN, SYSTEM_OR_PROJECT,
      "PUT /v3/system/users/{user_id}/roles/{role_id}" },
    { "identity:revoke_system_grant_for_user", ADMIN, SYSTEM_OR_PROJECT,
      "DELETE /v3/system/users/{user_id}/roles/{role_id}" },
    { "identity:list_system_grants_for_group", ADMIN_OR_READER, SYSTEM_OR_PROJECT,
      "GET /v3/system/groups/{group_id}/roles" },
    { "identity:check_system_grant_for_group", ADMIN_OR_READER, SYSTEM_OR_PROJECT,
      "GET /v3/system/groups/{group_id}/roles/{role_id}" },
    { "identity:create_system_grant_for_group", ADMIN, SYSTEM_OR_PROJECT,
      "PUT /v3/system/groups/{group_id}/roles/{role_id}" },
    { "identity:revoke_system_grant_for_group", ADMIN, SYSTEM_OR_PROJECT,
      "DELETE /v3/system/groups/{group_id}/roles/{role_id}" },

    /* Group */
    { "identity:get_group", GROUP_READER, ANY_SCOPE, "GET /v3/groups/{group_id}" },
    { "identity:list_groups", GROUP_READER, ANY_SCOPE, "GET /v3/groups" },
    { "identity:list_groups_for_user",
      "(rule:admin_required) or (role:reader and system_scope:all) or (role:reader and "
      "domain_id:%(target.user.domain_id)s) or user_id:%(user_id)s",
      ANY_SCOPE, "GET /v3/users/{user_id}/groups", NULL, "rule:admin_or_owner" },
    { "identity:create_group", GROUP_MANAGER, ANY_SCOPE, "POST /v3/groups" },
    { "identity:update_group", GROUP_MANAGER, ANY_SCOPE, "PATCH /v3/groups/{group_id}" },
    { "identity:delete_group", GROUP_MANAGER, ANY_SCOPE, "DELETE /v3/groups/{group_id}" },
    { "identity:list_users_in_group", GROUP_READER, ANY_SCOPE, "GET /v3/groups/{group_id}/users" },
    { "identity:remove_user_from_group", MEMBERSHIP_MANAGER, ANY_SCOPE,
      "DELETE /v3/groups/{group_id}/users/{user_id}" },
    { "identity:check_user_in_group",
      "(rule:admin_required) or (role:reader and system_scope:all) or (role:reader and "
      "domain_id:%(target.group.domain_id)s and domain_id:%(target.user.domain_id)s)",
      ANY_SCOPE, "GET /v3/groups/{group_id}/users/{user_id}" },
    { "identity:add_user_to_group", MEMBERSHIP_MANAGER, ANY_SCOPE,
      "PUT /v3/groups/{group_id}/users/{user_id}" },

    /* Identity provider */
    { "identity:create_identity_provider", ADMIN, SYSTEM_OR_PROJECT,
      "PUT /v3/OS-FEDERATION/identity_providers/{idp_id}" },
    { "identity:list_identity_providers", ADMIN_OR_READER, SYSTEM_OR_PROJECT,
      "GET /v3/OS-FEDERATION/identity_providers" },
    { "identity:get_identity_provider", ADMIN_OR_READER, SYSTEM_OR_PROJECT,
      "GET /v3/OS-FEDERATION/identity_providers/{idp_id}" },
    { "identity:update_identity_provider", ADMIN, SYSTEM_OR_PROJECT,
      "PATCH /v3/OS-FEDERATION/identity_providers/{idp_id}" },
    { "identity:delete_identity_provider", ADMIN, SYSTEM_OR_PROJECT,
      "DELETE /v3/OS-FEDERATION/identity_providers/{idp_id}" },

    /* Implied role */
    { "identity:get_implied_role", ADMIN_OR_READER, SYSTEM_OR_PROJECT,
      "GET /v3/roles/{prior_role_id}/implies/{implied_role_id}" },
    { "identity:list_implied_roles", ADMIN_OR_READER, SYSTEM_OR_PROJECT,
      "GET /v3/roles/{prior_role_id}/implies" },
    { "identity:create_implied_role", ADMIN, SYSTEM_OR_PROJECT,
      "PUT /v3/roles/{prior_role_id}/implies/{implied_role_id}" },
    { "identity:delete_implied_role", ADMIN, SYSTEM_OR_PROJECT,
      "DELETE /v3/roles/{prior_role_id}/implies/{implied_role_id}" },
    { "identity:list_role_inference_rules", ADMIN_OR_READER, SYSTEM_OR_PROJECT, "GET /v3/role_inferences" },
    { "identity:check_implied_role", ADMIN_OR_READER, SYSTEM_OR_PROJECT,
      "HEAD /v3/roles/{prior_role_id}/implies/{implied_role_id}" },

    /* Limit */
    { "identity:get_limit_model", "", ANY_SCOPE, "GET /v3/limits/model" },
    { "identity:get_limit",
      "rule:admin_required or (role:reader and system_scope:all) or "
      "(domain_id:%(target.limit.domain.id)s or "
      "domain_id:%(target.limit.project.domain_id)s) or "
      "(project_id:%(target.limit.project_id)s and not None:%(target.limit.project_id)s)",
      ANY_SCOPE, "GET /v3/limits/{limit_id}" },
    { "identity:list_limits", "", ANY_SCOPE, "GET /v3/limits" },
    { "identity:create_limits", ADMIN, SYSTEM_OR_PROJECT, "POST /v3/limits" },
    { "identity:update_limit", ADMIN, SYSTEM_OR_PROJECT, "PATCH /v3/limits/{limit_id}" },
    { "identity:delete_limit", ADMIN, SYSTEM_OR_PROJECT, "DELETE /v3/limits/{limit_id}" },

    /* Mapping */
    { "identity:create_mapping", ADMIN, SYSTEM_OR_PROJECT, "PUT /v3/OS-FEDERATION/mappings/{mapping_id}" },
    { "identity:get_mapping", ADMIN_OR_READER, SYSTEM_OR_PROJECT,
      "GET /v3/OS-FEDERATION/mappings/{mapping_id}" },
    { "identity:list_mappings", ADMIN_OR_READER, SYSTEM_OR_PROJECT, "GET /v3/OS-FEDERATION/mappings" },
    { "identity:delete_mapping", ADMIN, SYSTEM_OR_PROJECT, "DELETE /v3/OS-FEDERATION/mappings/{mapping_id}" },
    { "identity:update_mapping", ADMIN, SYSTEM_OR_PROJECT, "PATCH /v3/OS-FEDERATION/mappings/{mapping_id}" },

    /* Policy */
    { "identity:get_policy", ADMIN_OR_READER, SYSTEM_OR_PROJECT, "GET /v3/policies/{policy_id}" },
    { "identity:list_policies", ADMIN_OR_READER, SYSTEM_OR_PROJECT, "GET /v3/policies" },
    { "identity:create_policy", ADMIN, SYSTEM_OR_PROJECT, "POST /v3/policies" },
    { "identity:update_policy", ADMIN, SYSTEM_OR_PROJECT, "PATCH /v3/policies/{policy_id}" },
    { "identity:delete_policy", ADMIN, SYSTEM_OR_PROJECT, "DELETE /v3/policies/{policy_id}" },

    /* Policy association */
    { "identity:create_policy_association_for_endpoint", ADMIN, SYSTEM_OR_PROJECT,
      "PUT /v3/policies/{policy_id}/OS-ENDPOINT-POLICY/endpoints/{endpoint_id}" },
    { "identity:check_policy_association_for_endpoint", ADMIN_OR_READER, SYSTEM_OR_PROJECT,
      "GET /v3/policies/{policy_id}/OS-ENDPOINT-POLICY/endpoints/{endpoint_id}" },
    { "identity:delete_policy_association_for_endpoint", ADMIN, SYSTEM_OR_PROJECT,
      "DELETE /v3/policies/{policy_id}/OS-ENDPOINT-POLICY/endpoints/{endpoint_id}" },
    { "identity:create_policy_association_for_service", ADMIN, SYSTEM_OR_PROJECT,
      "PUT /v3/policies/{policy_id}/OS-ENDPOINT-POLICY/services/{service_id}" },
    { "identity:check_policy_association_for_service", ADMIN_OR_READER, SYSTEM_OR_PROJECT,
      "GET /v3/policies/{policy_id}/OS-ENDPOINT-POLICY/services/{service_id}" },
    { "identity:delete_policy_association_for_service", ADMIN, SYSTEM_OR_PROJECT,
      "DELETE /v3/policies/{policy_id}/OS-ENDPOINT-POLICY/services/{service_id}" },
    { "identity:create_policy_association_for_region_and_service", ADMIN, SYSTEM_OR_PROJECT,
      "PUT /v3/policies/{policy_id}/OS-ENDPOINT-POLICY/services/{service_id}/regions/{region_id}" },
    { "identity:check_policy_association_for_region_and_service", ADMIN_OR_READER, SYSTEM_OR_PROJECT,
      "GET /v3/policies/{policy_id}/OS-ENDPOINT-POLICY/services/{service_id}/regions/{region_id}" },
    { "identity:delete_policy_association_for_region_and_service", ADMIN, SYSTEM_OR_PROJECT,
      "DELETE /v3/policies/{policy_id}/OS-ENDPOINT-POLICY/services/{service_id}/regions/{region_id}" },
    { "identity:get_policy_for_endpoint", ADMIN_OR_READER, SYSTEM_OR_PROJECT,
      "GET /v3/endpoints/{endpoint_id}/OS-ENDPOINT-POLICY/policy" },
    { "identity:list_endpoints_for_policy", ADMIN_OR_READER, SYSTEM_OR_PROJECT,
      "GET /v3/policies/{policy_id}/OS-ENDPOINT-POLICY/endpoints" },

    /* Project */
    { "identity:get_project", PROJECT_READER, ANY_SCOPE, "GET /v3/projects/{project_id}" },
    { "identity:list_projects", DOMAIN_READER, ANY_SCOPE, "GET /v3/projects" },
    { "identity:list_user_projects",
      "(rule:admin_required) or (role:reader and system_scope:all) or (role:reader and "
      "domain_id:%(target.user.domain_id)s) or user_id:%(target.user.id)s",
      ANY_SCOPE, "GET /v3/users/{user_id}/projects", NULL, "rule:admin_or_owner" },
    { "identity:create_project", PROJECT_MANAGER, ANY_SCOPE, "POST /v3/projects" },
    { "identity:update_project", PROJECT_MANAGER, ANY_SCOPE, "PATCH /v3/projects/{project_id}" },
    { "identity:delete_project", PROJECT_MANAGER, ANY_SCOPE, "DELETE /v3/projects/{project_id}" },
    { "identity:list_project_tags", PROJECT_READER, ANY_SCOPE, "GET /v3/projects/{project_id}/tags" },
    { "identity:get_project_tag", PROJECT_READER, ANY_SCOPE, "GET /v3/projects/{project_id}/tags/{value}" },
    { "identity:update_project_tags", PROJECT_MANAGER, ANY_SCOPE, "PUT /v3/projects/{project_id}/tags" },
    { "identity:create_project_tag", PROJECT_MANAGER, ANY_SCOPE,
      "PUT /v3/projects/{project_id}/tags/{value}" },
    { "identity:delete_project_tags", PROJECT_MANAGER, ANY_SCOPE, "DELETE /v3/projects/{project_id}/tags" },
    { "identity:delete_project_tag", PROJECT_MANAGER, ANY_SCOPE,
      "DELETE /v3/projects/{project_id}/tags/{value}" },

    /* Project endpoint */
    { "identity:list_projects_for_endpoint", ADMIN_OR_READER, SYSTEM_OR_PROJECT,
      "GET /v3/OS-EP-FILTER/endpoints/{endpoint_id}/projects" },
    { "identity:add_endpoint_to_project", ADMIN, SYSTEM_OR_PROJECT,
      "PUT /v3/OS-EP-FILTER/projects/{project_id}/endpoints/{endpoint_id}" },
    { "identity:check_endpoint_in_project", ADMIN_OR_READER, SYSTEM_OR_PROJECT,
      "GET /v3/OS-EP-FILTER/projects/{project_id}/endpoints/{endpoint_id}" },
    { "identity:list_endpoints_for_project", ADMIN_OR_READER, SYSTEM_OR_PROJECT,
      "GET /v3/OS-EP-FILTER/projects/{project_id}/endpoints" },
    { "identity:remove_endpoint_from_project", ADMIN, SYSTEM_OR_PROJECT,
      "DELETE /v3/OS-EP-FILTER/projects/{project_id}/endpoints/{endpoint_id}" },

    /* Protocol */
    { "identity:create_protocol", ADMIN, SYSTEM_OR_PROJECT,
      "PUT /v3/OS-FEDERATION/identity_providers/{idp_id}/protocols/{protocol_id}" },
    { "identity:update_protocol", ADMIN, SYSTEM_OR_PROJECT,
      "PATCH /v3/OS-FEDERATION/identity_providers/{idp_id}/protocols/{protocol_id}" },
    { "identity:get_protocol", ADMIN_OR_READER, SYSTEM_OR_PROJECT,
      "GET /v3/OS-FEDERATION/identity_providers/{idp_id}/protocols/{protocol_id}" },
    { "identity:list_protocols", ADMIN_OR_READER, SYSTEM_OR_PROJECT,
      "GET /v3/OS-FEDERATION/identity_providers/{idp_id}/protocols" },
    { "identity:delete_protocol", ADMIN, SYSTEM_OR_PROJECT,
      "DELETE /v3/OS-FEDERATION/identity_providers/{idp_id}/protocols/{protocol_id}" },

    /* Region */
    { "identity:get_region", "", ANY_SCOPE, "GET /v3/regions/{region_id}" },
    { "identity:list_regions", "", ANY_SCOPE, "GET /v3/regions" },
    { "identity:create_region", ADMIN, SYSTEM_OR_PROJECT, "POST /v3/regions, PUT /v3/regions/{region_id}" },
    { "identity:update_region", ADMIN, SYSTEM_OR_PROJECT, "PATCH /v3/regions/{region_id}" },
    { "identity:delete_region", ADMIN, SYSTEM_OR_PROJECT, "DELETE /v3/regions/{region_id}" },

    /* Registered limit */
    { "identity:get_registered_limit", "", ANY_SCOPE, "GET /v3/registered_limits/{registered_limit_id}" },
    { "identity:list_registered_limits", "", ANY_SCOPE, "GET /v3/registered_limits" },
    { "identity:create_registered_limits", ADMIN, SYSTEM_OR_PROJECT, "POST /v3/registered_limits" },
    { "identity:update_registered_limit", ADMIN, SYSTEM_OR_PROJECT,
      "PATCH /v3/registered_limits/{registered_limit_id}" },
    { "identity:delete_registered_limit", ADMIN, SYSTEM_OR_PROJECT,
      "DELETE /v3/registered_limits/{registered_limit_id}" },

    /* Revoke event */
    { "identity:list_revoke_events", SERVICE, SYSTEM_OR_PROJECT, "GET /v3/OS-REVOKE/events" },

    /* Role */
    { "identity:get_role",
      "(rule:admin_required or (role:reader and system_scope:all)) or (role:manager and "
      "rule:domain_managed_target_role)",
      ANY_SCOPE, "GET /v3/roles/{role_id}" },
    { "identity:list_roles",
      "(rule:admin_required or (role:reader and system_scope:all)) or (role:manager and "
      "not domain_id:None)",
      ANY_SCOPE, "GET /v3/roles" },
    { "identity:create_role", ADMIN, SYSTEM_OR_PROJECT, "POST /v3/roles" },
    { "identity:update_role", ADMIN, SYSTEM_OR_PROJECT, "PATCH /v3/roles/{role_id}" },
    { "identity:delete_role", ADMIN, SYSTEM_OR_PROJECT, "DELETE /v3/roles/{role_id}" },
    { "identity:get_domain_role", ADMIN_OR_READER, SYSTEM_OR_PROJECT, "GET /v3/roles/{role_id}" },
    { "identity:list_domain_roles", ADMIN_OR_READER, SYSTEM_OR_PROJECT,
      "GET /v3/roles?domain_id={domain_id}" },
    { "identity:create_domain_role", ADMIN, SYSTEM_OR_PROJECT, "POST /v3/roles" },
    { "identity:update_domain_role", ADMIN, SYSTEM_OR_PROJECT, "PATCH /v3/roles/{role_id}" },
    { "identity:delete_domain_role", ADMIN, SYSTEM_OR_PROJECT, "DELETE /v3/roles/{role_id}" },

    /* Role assignment */
    { "identity:list_role_assignments", DOMAIN_READER, ANY_SCOPE, "GET /v3/role_assignments" },
    { "identity:list_role_assignments_for_tree", DOMAIN_READER, ANY_SCOPE,
      "GET /v3/role_assignments?include_subtree" },

    /* S3tokens */
    { "identity:s3tokens_validate", SERVICE, ANY_SCOPE, "POST /v3/s3tokens" },

    /* Service */
    { "identity:get_service", ADMIN_OR_READER, SYSTEM_OR_PROJECT, "GET /v3/services/{service_id}" },
    { "identity:list_services", ADMIN_OR_READER, SYSTEM_OR_PROJECT, "GET /v3/services" },
    { "identity:create_service", ADMIN, SYSTEM_OR_PROJECT, "POST /v3/services" },
    { "identity:update_service", ADMIN, SYSTEM_OR_PROJECT, "PATCH /v3/services/{service_id}" },
    { "identity:delete_service", ADMIN, SYSTEM_OR_PROJECT, "DELETE /v3/services/{service_id}" },

    /* Service provider */
    { "identity:create_service_provider", ADMIN, SYSTEM_OR_PROJECT,
      "PUT /v3/OS-FEDERATION/service_providers/{service_provider_id}" },
    { "identity:list_service_providers", ADMIN_OR_READER, SYSTEM_OR_PROJECT,
      "GET /v3/OS-FEDERATION/service_providers" },
    { "identity:get_service_provider", ADMIN_OR_READER, SYSTEM_OR_PROJECT,
      "GET /v3/OS-FEDERATION/service_providers/{service_provider_id}" },
    { "identity:update_service_provider", ADMIN, SYSTEM_OR_PROJECT,
      "PATCH /v3/OS-FEDERATION/service_providers/{service_provider_id}" },
    { "identity:delete_service_provider", ADMIN, SYSTEM_OR_PROJECT,
      "DELETE /v3/OS-FEDERATION/service_providers/{service_provider_id}" },

    /* Token */
    { "identity:check_token",
      "rule:admin_required or (role:reader and system_scope:all) or rule:token_subject", ANY_SCOPE,
      "HEAD /v3/auth/tokens", NULL, "rule:admin_or_token_subject" },
    { "identity:validate_token",
      "rule:admin_required or (role:reader and system_scope:all) or rule:service_role or "
      "rule:token_subject",
      ANY_SCOPE, "GET /v3/auth/tokens", NULL, "rule:service_admin_or_token_subject" },
    { "identity:revoke_token", "rule:admin_required or rule:token_subject", ANY_SCOPE,
      "DELETE /v3/auth/tokens", NULL, "rule:admin_or_token_subject" },

    /* Token revocation */
    { "identity:revocation_list", SERVICE, SYSTEM_OR_PROJECT, "GET /v3/auth/tokens/OS-PKI/revoked" },

    /* Trust */
    { "identity:create_trust", "user_id:%(target.trust.trustor_user_id)s", PROJECT,
      "POST /v3/OS-TRUST/trusts" },
    { "identity:list_trusts", ADMIN_OR_READER, SYSTEM_OR_PROJECT, "GET /v3/OS-TRUST/trusts" },
    { "identity:list_trusts_for_trustor",
      "(rule:admin_required) or (role:reader and system_scope:all or "
      "user_id:%(target.trust.trustor_user_id)s)",
      SYSTEM_OR_PROJECT, "GET /v3/OS-TRUST/trusts?trustor_user_id={trustor_user_id}" },
    { "identity:list_trusts_for_trustee",
      "(rule:admin_required) or (role:reader and system_scope:all or "
      "user_id:%(target.trust.trustee_user_id)s)",
      SYSTEM_OR_PROJECT, "GET /v3/OS-TRUST/trusts?trustee_user_id={trustee_user_id}" },
    { "identity:list_roles_for_trust", TRUST_PARTY, SYSTEM_OR_PROJECT,
      "GET /v3/OS-TRUST/trusts/{trust_id}/roles" },
    { "identity:get_role_for_trust", TRUST_PARTY, SYSTEM_OR_PROJECT,
      "GET /v3/OS-TRUST/trusts/{trust_id}/roles/{role_id}" },
    { "identity:delete_trust", "rule:admin_required or user_id:%(target.trust.trustor_user_id)s",
      SYSTEM_OR_PROJECT, "DELETE /v3/OS-TRUST/trusts/{trust_id}" },
    { "identity:get_trust", TRUST_PARTY, SYSTEM_OR_PROJECT, "GET /v3/OS-TRUST/trusts/{trust_id}" },

    /* User */
    { "identity:get_user",
      "(rule:admin_required) or (role:reader and system_scope:all) or (role:reader and "
      "token.domain.id:%(target.user.domain_id)s) or user_id:%(target.user.id)s",
      ANY_SCOPE, "GET /v3/users/{user_id}", NULL, "rule:admin_or_owner" },
    { "identity:list_users", DOMAIN_READER, ANY_SCOPE, "GET /v3/users" },
    { "identity:list_projects_for_user", "", NULL, "GET /v3/auth/projects" },
    { "identity:list_domains_for_user", "", NULL, "GET /v3/auth/domains" },
    { "identity:create_user", USER_MANAGER, ANY_SCOPE, "POST /v3/users" },
    { "identity:update_user", USER_MANAGER, ANY_SCOPE, "PATCH /v3/users/{user_id}" },
    { "identity:delete_user", USER_MANAGER, ANY_SCOPE, "DELETE /v3/users/{user_id}" },

    { NULL },
};
