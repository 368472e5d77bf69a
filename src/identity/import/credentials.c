/* SPDX-License-Identifier: Apache-2.0 */
/* Secrets, and rights in other hands: credentials, trusts, application
 * credentials.  Secrets come as they are kept: encrypted or hashed. */
#include "identity/import/table.h"

const struct import_table import_credentials = {
    .what = "credentials",
    .table = "credentials",
    .keys = 1,
    .from = "credential c",
    .order = { "c.id" },
    .columns =
        (const struct import_column[]){
            { "id", "c.id" },
            { "user_id", "c.user_id" },
            { "project_id", "c.project_id" },
            { "type", "c.type" },
            { "encrypted_blob", "c.encrypted_blob" },
            { "key_hash", "c.key_hash" },
            { "extra", "c.extra", IMPORT_REST },
            { 0 },
        },
};

static const struct import_gather trust_roles = {
    .sql =
        "SELECT trust_id, role_id FROM trust_role WHERE trust_id BETWEEN ? AND ? ORDER BY trust_id, role_id",
};

/* Deleted ones stay in Keystone's table. */
const struct import_table import_trusts = {
    .what = "trusts",
    .table = "trusts",
    .keys = 1,
    .from = "trust t",
    .where = "t.deleted_at IS NULL",
    .order = { "t.id" },
    .columns =
        (const struct import_column[]){
            { "id", "t.id" },
            { "trustor_user_id", "t.trustor_user_id" },
            { "trustee_user_id", "t.trustee_user_id" },
            { "project_id", "t.project_id" },
            { "impersonation", "t.impersonation", IMPORT_FLAG },
            { "remaining_uses", "t.remaining_uses" },
            { "expires_at", "t.expires_at_int" },
            { "redelegated_trust_id", "t.redelegated_trust_id" },
            { "redelegation_count", "COALESCE(t.redelegation_count, 0)" },
            { "role_ids", "t.id", IMPORT_LIST, .gather = &trust_roles },
            { 0 },
        },
};

static const struct import_gather application_credential_roles = {
    .sql = "SELECT application_credential_id, role_id FROM application_credential_role "
           "WHERE application_credential_id BETWEEN ? AND ? ORDER BY application_credential_id, role_id",
};

static const struct import_gather application_credential_rules = {
    .sql = "SELECT x.application_credential_id, r.external_id FROM application_credential_access_rule x "
           "JOIN access_rule r ON r.id = x.access_rule_id WHERE x.application_credential_id BETWEEN ? AND ? "
           "ORDER BY x.application_credential_id, r.id",
};

const struct import_table import_application_credentials = {
    .what = "application credentials",
    .table = "application_credentials",
    .keys = 1,
    .from = "application_credential c",
    .where = "c.project_id IS NOT NULL",
    .order = { "c.internal_id" },
    .columns =
        (const struct import_column[]){
            { "id", "c.id" },
            { "user_id", "c.user_id" },
            { "project_id", "c.project_id" },
            { "name", "c.name" },
            { "description", "c.description" },
            { "secret_hash", IMPORT_HASH("c.secret_hash") },
            { "expires_at", "c.expires_at" },
            { "unrestricted", "COALESCE(c.unrestricted, 0)", IMPORT_FLAG },
            { "role_ids", "c.internal_id", IMPORT_LIST, .gather = &application_credential_roles },
            { "access_rule_ids", "c.internal_id", IMPORT_LIST, .gather = &application_credential_rules },
            { "has_access_rules",
              "(SELECT COUNT(*) > 0 FROM application_credential_access_rule x "
              "WHERE x.application_credential_id = c.internal_id)",
              IMPORT_FLAG },
            { 0 },
        },
};

const struct import_table import_access_rules = {
    .what = "access rules",
    .table = "access_rules",
    .keys = 1,
    .from = "access_rule r",
    .where = "r.external_id IS NOT NULL AND r.user_id IS NOT NULL",
    .order = { "r.id" },
    .columns =
        (const struct import_column[]){
            { "id", "r.external_id" },
            { "user_id", "r.user_id" },
            { "service", "r.service" },
            { "path", "r.path" },
            { "method", "r.method" },
            { 0 },
        },
};
