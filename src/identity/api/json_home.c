/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/api/json_home.h"

#include "base/str.h"
#include "wire/accept.h"

#define TYPE "application/json-home"
#define BASE "https://docs.openstack.org/api/openstack-identity/3/"

const struct relation relations[] = {
    { "/auth/tokens", NULL, "auth_tokens" },
    { "/OS-SIMPLE-CERT/ca", "OS-SIMPLE-CERT", "ca_certificate" },
    { "/OS-SIMPLE-CERT/certificates", "OS-SIMPLE-CERT", "certificates" },
    { "/auth/tokens/OS-PKI/revoked", "OS-PKI", "revocations" },
    { "/OS-REVOKE/events", "OS-REVOKE", "events" },
    { "/auth/catalog", NULL, "auth_catalog" },
    { "/auth/projects", NULL, "auth_projects" },
    { "/auth/domains", NULL, "auth_domains" },
    { "/auth/system", NULL, "auth_system" },
    { "/domains", NULL, "domains" },
    { "/domains/{domain_id}", NULL, "domain" },
    { "/projects", NULL, "projects" },
    { "/projects/{project_id}", NULL, "project" },
    { "/projects/{project_id}/tags" }, /* Keystone has the list under the name of its members. */
    { "/projects/{project_id}/tags/{value}", NULL, "project_tags" },
    { "/users/{user_id}/projects", NULL, "user_projects" },
    { "/users", NULL, "users" },
    { "/users/{user_id}", NULL, "user" },
    { "/users/{user_id}/password", NULL, "user_change_password" },
    { "/groups", NULL, "groups" },
    { "/groups/{group_id}", NULL, "group" },
    { "/groups/{group_id}/users", NULL, "group_users" },
    { "/groups/{group_id}/users/{user_id}", NULL, "group_user" },
    { "/users/{user_id}/groups", NULL, "user_groups" },
    { "/roles", NULL, "roles" },
    { "/roles/{role_id}", NULL, "role" },
    { "/roles/{prior_role_id}/implies", NULL, "implied_roles" },
    { "/roles/{prior_role_id}/implies/{implied_role_id}", NULL, "implied_role" },
    { "/role_inferences", NULL, "role_inferences" },
    { "/projects/{project_id}/users/{user_id}/roles", NULL, "project_user_roles" },
    { "/projects/{project_id}/users/{user_id}/roles/{role_id}", NULL, "project_user_role" },
    { "/projects/{project_id}/groups/{group_id}/roles", NULL, "project_group_roles" },
    { "/projects/{project_id}/groups/{group_id}/roles/{role_id}", NULL, "project_group_role" },
    { "/domains/{domain_id}/users/{user_id}/roles", NULL, "domain_user_roles" },
    { "/domains/{domain_id}/users/{user_id}/roles/{role_id}", NULL, "domain_user_role" },
    { "/domains/{domain_id}/groups/{group_id}/roles", NULL, "domain_group_roles" },
    { "/domains/{domain_id}/groups/{group_id}/roles/{role_id}", NULL, "domain_group_role" },
    { "/system/users/{user_id}/roles", NULL, "system_user_roles" },
    { "/system/users/{user_id}/roles/{role_id}", NULL, "system_user_role" },
    { "/system/groups/{group_id}/roles", NULL, "system_group_roles" },
    { "/system/groups/{group_id}/roles/{role_id}", NULL, "system_group_role" },
    { "/OS-INHERIT/projects/{project_id}/users/{user_id}/roles/{role_id}/inherited_to_projects", "OS-INHERIT",
      "project_user_role_inherited_to_projects" },
    { "/OS-INHERIT/projects/{project_id}/groups/{group_id}/roles/{role_id}/inherited_to_projects",
      "OS-INHERIT", "project_group_role_inherited_to_projects" },
    { "/OS-INHERIT/domains/{domain_id}/users/{user_id}/roles/{role_id}/inherited_to_projects", "OS-INHERIT",
      "domain_user_role_inherited_to_projects" },
    { "/OS-INHERIT/domains/{domain_id}/groups/{group_id}/roles/{role_id}/inherited_to_projects", "OS-INHERIT",
      "domain_group_role_inherited_to_projects" },
    { "/OS-INHERIT/domains/{domain_id}/users/{user_id}/roles/inherited_to_projects", "OS-INHERIT",
      "domain_user_roles_inherited_to_projects" },
    { "/OS-INHERIT/domains/{domain_id}/groups/{group_id}/roles/inherited_to_projects", "OS-INHERIT",
      "domain_group_roles_inherited_to_projects" },
    { "/role_assignments", NULL, "role_assignments" },
    { "/services", NULL, "services" },
    { "/services/{service_id}", NULL, "service" },
    { "/endpoints", NULL, "endpoints" },
    { "/endpoints/{endpoint_id}", NULL, "endpoint" },
    { "/regions", NULL, "regions" },
    { "/regions/{region_id}", NULL, "region" },
    { "/credentials", NULL, "credentials" },
    { "/credentials/{credential_id}", NULL, "credential" },
    { "/users/{user_id}/credentials/OS-EC2", "OS-EC2", "user_credentials" },
    { "/users/{user_id}/credentials/OS-EC2/{credential_id}", "OS-EC2", "user_credential" },
    { "/ec2tokens", "OS-EC2", "ec2tokens" },
    { "/s3tokens", "s3tokens", "s3tokens" },
    { "/OS-TRUST/trusts", "OS-TRUST", "trusts" },
    { "/OS-TRUST/trusts/{trust_id}", "OS-TRUST", "trust" },
    { "/OS-TRUST/trusts/{trust_id}/roles", "OS-TRUST", "trust_roles" },
    { "/OS-TRUST/trusts/{trust_id}/roles/{role_id}", "OS-TRUST", "trust_role" },
    { "/users/{user_id}/application_credentials", NULL, "application_credentials" },
    { "/users/{user_id}/application_credentials/{application_credential_id}", NULL,
      "application_credential" },
    { "/users/{user_id}/access_rules", NULL, "access_rules" },
    { "/users/{user_id}/access_rules/{access_rule_id}", NULL, "access_rule" },
    { "/policies", NULL, "policies" },
    { "/policies/{policy_id}", NULL, "policy" },
    { "/policies/{policy_id}/OS-ENDPOINT-POLICY/endpoints/{endpoint_id}", "OS-ENDPOINT-POLICY",
      "endpoint_policy_association" },
    { "/policies/{policy_id}/OS-ENDPOINT-POLICY/services/{service_id}", "OS-ENDPOINT-POLICY",
      "service_policy_association" },
    { "/policies/{policy_id}/OS-ENDPOINT-POLICY/services/{service_id}/regions/{region_id}",
      "OS-ENDPOINT-POLICY", "region_and_service_policy_association" },
    { "/policies/{policy_id}/OS-ENDPOINT-POLICY/endpoints", "OS-ENDPOINT-POLICY", "policy_endpoints" },
    { "/endpoints/{endpoint_id}/OS-ENDPOINT-POLICY/policy", "OS-ENDPOINT-POLICY", "endpoint_policy" },
    { "/OS-EP-FILTER/endpoint_groups", "OS-EP-FILTER", "endpoint_groups" },
    { "/OS-EP-FILTER/endpoint_groups/{endpoint_group_id}", "OS-EP-FILTER", "endpoint_group" },
    { "/OS-EP-FILTER/endpoint_groups/{endpoint_group_id}/projects", "OS-EP-FILTER",
      "projects_associated_with_endpoint_group" },
    { "/OS-EP-FILTER/endpoint_groups/{endpoint_group_id}/endpoints", "OS-EP-FILTER",
      "endpoints_in_endpoint_group" },
    { "/OS-EP-FILTER/endpoint_groups/{endpoint_group_id}/projects/{project_id}", "OS-EP-FILTER",
      "endpoint_group_to_project_association" },
    { "/OS-EP-FILTER/projects/{project_id}/endpoint_groups", "OS-EP-FILTER", "project_endpoint_groups" },
    { "/OS-EP-FILTER/projects/{project_id}/endpoints", "OS-EP-FILTER", "project_endpoints" },
    { "/OS-EP-FILTER/projects/{project_id}/endpoints/{endpoint_id}", "OS-EP-FILTER", "project_endpoint" },
    { "/OS-EP-FILTER/endpoints/{endpoint_id}/projects", "OS-EP-FILTER", "endpoint_projects" },
    { "/domains/{domain_id}/config", NULL, "domain_config" },
    { "/domains/{domain_id}/config/{group}", NULL, "domain_config_group" },
    { "/domains/{domain_id}/config/{group}/{option}", NULL, "domain_config_option" },
    { "/domains/config/default", NULL, "domain_config_default" },
    { "/domains/config/{group}/default", NULL, "domain_config_default_group" },
    { "/domains/config/{group}/{option}/default", NULL, "domain_config_default_option" },
    { "/registered_limits", NULL, "registered_limits", .experimental = true },
    { "/registered_limits/{registered_limit_id}", NULL, "registered_limit", .experimental = true },
    { "/limits", NULL, "limits", .experimental = true },
    { "/limits/model", NULL, "limit_model", .experimental = true },
    { "/limits/{limit_id}", NULL, "limit", .experimental = true },
    { 0 },
};

/* Parameters that are not called what they are, or belong to an extension. */
static const struct {
    const char *parameter, *extension, *name;
} parameters[] = {
    { "prior_role_id", NULL, "role_id" },
    { "implied_role_id", NULL, "role_id" },
    { "value", NULL, "tag_value" },
    { "group", NULL, "config_group" },
    { "option", NULL, "config_option" },
    { "trust_id", "OS-TRUST", "trust_id" },
    { "endpoint_group_id", "OS-EP-FILTER", "endpoint_group_id" },
};

/* The name of a resource ('kind' is "rel") or of a parameter ("param"). */
static const char *address(struct arena *a, const char *extension, const char *kind, const char *name)
{
    return extension ? arena_printf(a, BASE "ext/%s/1.0/%s/%s", extension, kind, name)
                     : arena_printf(a, BASE "%s/%s", kind, name);
}

static const char *parameter_address(struct arena *a, const char *parameter)
{
    for (size_t i = 0; i < ARRAY_SIZE(parameters); i++)
        if (str_eq(parameter, parameters[i].parameter))
            return address(a, parameters[i].extension, "param", parameters[i].name);
    return address(a, NULL, "param", parameter);
}

static void write_parameters(struct request *rq, struct jw *w, const char *path)
{
    const char *p, *end;

    jw_object(w, "href-vars");
    for (p = strchr(path, '{'); p; p = strchr(end, '{')) {
        const char *name;

        end = strchr(p, '}');
        name = arena_strndup(rq->arena, p + 1, (size_t) (end - p - 1));
        jw_str(w, name, parameter_address(rq->arena, name));
    }
    jw_end_object(w);
}

static void write_relation(struct request *rq, struct jw *w, const struct relation *r, const char *prefix)
{
    bool template = strchr(r->path, '{') != NULL;

    jw_object(w, address(rq->arena, r->extension, "rel", r->name));
    jw_printf(w, template ? "href-template" : "href", "%s%s", prefix, r->path);
    if (template)
        write_parameters(rq, w, r->path);
    if (r->experimental) {
        jw_object(w, "hints");
        jw_str(w, "status", "experimental");
        jw_end_object(w);
    }
    jw_end_object(w);
}

bool json_home_wanted(struct request *rq)
{
    return accept_prefers(rq_header(rq, "Accept"), TYPE, "application/json");
}

int json_home_reply(struct request *rq, const char *prefix)
{
    struct jw *w = reply_begin(rq);

    jw_object(w, NULL);
    jw_object(w, "resources");
    for (const struct relation *r = relations; r->path; r++)
        if (r->name)
            write_relation(rq, w, r, prefix);
    jw_end_object(w);
    jw_end_object(w);
    return reply_text(rq, 200, TYPE, strbuf_str(&rq->out), rq->out.len);
}
