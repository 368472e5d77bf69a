/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of identity, in steps that only go forward. */
#include "identity/store/schema.h"

static const struct migration migrations[] = {
    { "domains, projects, users, groups",
      "CREATE TABLE projects (\n"
      "  id {key} PRIMARY KEY, domain_id {key} NOT NULL, parent_id {key} NOT NULL, name {ci} NOT NULL,\n"
      "  description {text}, enabled {bool} NOT NULL, is_domain {bool} NOT NULL, tags {text}, extra {text},\n"
      "  options {text}, UNIQUE (domain_id, name));\n"
      "CREATE INDEX projects_parent ON projects (parent_id);\n"
      "CREATE TABLE users (\n"
      "  id {key} PRIMARY KEY, domain_id {key} NOT NULL, name {ci} NOT NULL, default_project_id {key},\n"
      "  description {text}, email {text}, enabled {bool} NOT NULL, extra {text}, options {text},\n"
      "  password_hash {text}, password_created_us BIGINT, password_expires_us BIGINT,\n"
      "  created_at BIGINT, UNIQUE (domain_id, name));\n"
      "CREATE TABLE groups_ (\n"
      "  id {key} PRIMARY KEY, domain_id {key} NOT NULL, name {ci} NOT NULL, description {text}, extra {text},\n"
      "  UNIQUE (domain_id, name));\n"
      "CREATE TABLE memberships (\n"
      "  user_id {key} NOT NULL, group_id {key} NOT NULL, PRIMARY KEY (user_id, group_id));\n"
      "CREATE INDEX memberships_group ON memberships (group_id);\n" },
    { "roles and assignments",
      "CREATE TABLE roles (\n"
      "  id {key} PRIMARY KEY, domain_id {key} NOT NULL, name {ci} NOT NULL, description {text}, extra {text},\n"
      "  options {text}, UNIQUE (domain_id, name));\n"
      "CREATE TABLE implied_roles (\n"
      "  prior_id {key} NOT NULL, implied_id {key} NOT NULL, PRIMARY KEY (prior_id, implied_id));\n"
      "CREATE TABLE assignments (\n"
      "  actor_type {key} NOT NULL, actor_id {key} NOT NULL, target_type {key} NOT NULL, target_id {key} NOT NULL,\n"
      "  role_id {key} NOT NULL, inherited {bool} NOT NULL,\n"
      "  PRIMARY KEY (actor_id, target_id, role_id, inherited, actor_type, target_type));\n"
      "CREATE INDEX assignments_target ON assignments (target_id, role_id);\n"
      "CREATE INDEX assignments_role ON assignments (role_id);\n" },
    { "regions, services, endpoints",
      "CREATE TABLE regions (\n"
      "  id {name} PRIMARY KEY, parent_region_id {name}, description {text}, extra {text});\n"
      "CREATE TABLE services (\n"
      "  id {key} PRIMARY KEY, type {name} NOT NULL, name {name}, description {text}, enabled {bool} NOT NULL,\n"
      "  extra {text});\n"
      "CREATE TABLE endpoints (\n"
      "  id {key} PRIMARY KEY, service_id {key} NOT NULL, region_id {name}, interface {key} NOT NULL,\n"
      "  url {text} NOT NULL, name {name}, description {text}, enabled {bool} NOT NULL, extra {text});\n"
      "CREATE INDEX endpoints_service ON endpoints (service_id);\n" },
    { "revocations",
      "CREATE TABLE revocations (\n"
      "  id {serial}, audit_id {key}, audit_chain_id {key}, user_id {key}, project_id {key}, domain_id {key},\n"
      "  role_id {key}, issued_before_us BIGINT NOT NULL, revoked_at_us BIGINT NOT NULL);\n"
      "CREATE INDEX revocations_at ON revocations (revoked_at_us);\n"
      "CREATE INDEX revocations_user ON revocations (user_id, issued_before_us);\n"
      "CREATE INDEX revocations_audit ON revocations (audit_id);\n" },
    { "credentials, trusts, application credentials",
      "CREATE TABLE credentials (\n"
      "  id {key} PRIMARY KEY, user_id {key} NOT NULL, project_id {key}, type {name} NOT NULL,\n"
      "  encrypted_blob {text} NOT NULL, key_hash {key} NOT NULL, extra {text});\n"
      "CREATE INDEX credentials_user ON credentials (user_id, type);\n"
      "CREATE INDEX credentials_project ON credentials (project_id);\n"
      "CREATE TABLE trusts (\n"
      "  id {key} PRIMARY KEY, trustor_user_id {key} NOT NULL, trustee_user_id {key} NOT NULL, project_id {key},\n"
      "  impersonation {bool} NOT NULL, remaining_uses BIGINT, expires_at BIGINT, redelegated_trust_id {key},\n"
      "  redelegation_count BIGINT NOT NULL, role_ids {text});\n"
      "CREATE INDEX trusts_trustor ON trusts (trustor_user_id);\n"
      "CREATE INDEX trusts_trustee ON trusts (trustee_user_id);\n"
      "CREATE INDEX trusts_project ON trusts (project_id);\n"
      "CREATE INDEX trusts_redelegated ON trusts (redelegated_trust_id);\n"
      "CREATE TABLE application_credentials (\n"
      "  id {key} PRIMARY KEY, user_id {key} NOT NULL, project_id {key} NOT NULL, name {name} NOT NULL,\n"
      "  description {text}, secret_hash {text} NOT NULL, expires_at BIGINT, unrestricted {bool} NOT NULL,\n"
      "  role_ids {text}, access_rule_ids {text}, has_access_rules {bool} NOT NULL, UNIQUE (user_id, name));\n"
      "CREATE INDEX application_credentials_project ON application_credentials (project_id);\n"
      "CREATE TABLE access_rules (\n"
      "  id {key} PRIMARY KEY, user_id {key} NOT NULL, service {name} NOT NULL, path {name} NOT NULL,\n"
      "  method {key} NOT NULL);\n"
      "CREATE INDEX access_rules_user ON access_rules (user_id);\n" },
    { "policies, endpoint filters, configuration of domains",
      "CREATE TABLE policies (\n"
      "  id {key} PRIMARY KEY, type {name} NOT NULL, \"blob\" {text} NOT NULL, extra {text});\n"
      "CREATE TABLE policy_associations (\n"
      "  policy_id {key} NOT NULL, endpoint_id {key} NOT NULL, service_id {key} NOT NULL, region_id {name} NOT NULL,\n"
      "  PRIMARY KEY (endpoint_id, service_id, region_id));\n"
      "CREATE INDEX policy_associations_policy ON policy_associations (policy_id);\n"
      "CREATE TABLE endpoint_groups (\n"
      "  id {key} PRIMARY KEY, name {name} NOT NULL, description {text}, filters {text} NOT NULL);\n"
      "CREATE TABLE project_endpoints (\n"
      "  endpoint_id {key} NOT NULL, project_id {key} NOT NULL, PRIMARY KEY (project_id, endpoint_id));\n"
      "CREATE INDEX project_endpoints_endpoint ON project_endpoints (endpoint_id);\n"
      "CREATE TABLE project_endpoint_groups (\n"
      "  endpoint_group_id {key} NOT NULL, project_id {key} NOT NULL, PRIMARY KEY (project_id, endpoint_group_id));\n"
      "CREATE INDEX project_endpoint_groups_group ON project_endpoint_groups (endpoint_group_id);\n"
      "CREATE TABLE domain_options (\n"
      "  domain_id {key} NOT NULL, section {key} NOT NULL, name {key} NOT NULL, value {text} NOT NULL,\n"
      "  \"sensitive\" {bool} NOT NULL, PRIMARY KEY (domain_id, section, name));\n" },
    { "attempts, activity and old passwords of users",
      "ALTER TABLE users ADD COLUMN failed_attempts BIGINT;\n"
      "ALTER TABLE users ADD COLUMN failed_at_us BIGINT;\n"
      "ALTER TABLE users ADD COLUMN last_active_us BIGINT;\n"
      "CREATE TABLE old_passwords (\n"
      "  id {serial}, user_id {key} NOT NULL, hash {text} NOT NULL);\n"
      "CREATE INDEX old_passwords_user ON old_passwords (user_id, id);\n" },
    { "registered limits and limits",
      "CREATE TABLE registered_limits (\n"
      "  id {key} PRIMARY KEY, service_id {key} NOT NULL, region_id {name}, resource_name {name} NOT NULL,\n"
      "  default_limit BIGINT NOT NULL, description {text});\n"
      "CREATE INDEX registered_limits_what ON registered_limits (service_id, resource_name);\n"
      "CREATE TABLE limits (\n"
      "  id {key} PRIMARY KEY, project_id {key}, domain_id {key}, service_id {key} NOT NULL, region_id {name},\n"
      "  resource_name {name} NOT NULL, resource_limit BIGINT NOT NULL, description {text});\n"
      "CREATE INDEX limits_what ON limits (service_id, resource_name);\n"
      "CREATE INDEX limits_project ON limits (project_id);\n"
      "CREATE INDEX limits_domain ON limits (domain_id);\n" },
    { "ids of users and groups of directories",
      "CREATE TABLE id_mapping (\n"
      "  public_id {key} PRIMARY KEY, domain_id {key} NOT NULL, local_id {name} NOT NULL,\n"
      "  entity_type {key} NOT NULL, UNIQUE (domain_id, local_id, entity_type));\n" },
    { "stored tokens",
      "CREATE TABLE tokens (\n"
      "  id {key} PRIMARY KEY, public_id {key}, user_id {key} NOT NULL, audit_id {key} NOT NULL,\n"
      "  claims {text} NOT NULL, issued_at BIGINT NOT NULL, expires_at BIGINT NOT NULL);\n"
      "CREATE INDEX tokens_expires ON tokens (expires_at);\n" },
    { "names that are no words of SQL",
      "ALTER TABLE policies RENAME COLUMN \"blob\" TO document;\n"
      "ALTER TABLE domain_options RENAME COLUMN \"sensitive\" TO is_secret;\n" },
    { "revocations by trust, count of changes",
      "ALTER TABLE revocations ADD COLUMN trust_id {key};\n"
      "CREATE INDEX revocations_chain ON revocations (audit_chain_id);\n"
      "CREATE INDEX revocations_project ON revocations (project_id, issued_before_us);\n"
      "CREATE INDEX revocations_trust ON revocations (trust_id);\n"
      "CREATE TABLE changes (id BIGINT PRIMARY KEY, counted BIGINT NOT NULL);\n"
      "INSERT INTO changes (id, counted) VALUES (1, 1);\n" },
    { "pages by name of what there are many of",
      "CREATE INDEX users_page ON users (name, id);\n"
      "CREATE INDEX groups_page ON groups_ (name, id);\n"
      "CREATE INDEX projects_page ON projects (is_domain, name, id);\n"
      "CREATE INDEX projects_domain_page ON projects (domain_id, is_domain, name, id);\n" },
    { 0 },
};

const struct schema identity_schemas[] = { { "identity", migrations }, { 0 } };
