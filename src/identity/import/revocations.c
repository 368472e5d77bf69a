/* SPDX-License-Identifier: Apache-2.0 */
/* Revocations that tokens issued there may still meet. */
#include "identity/import/table.h"

const struct import_table import_revocations = {
    .what = "revocations",
    .table = "revocations",
    .keys = 8,
    .from = "revocation_event e",
    .where = "e.consumer_id IS NULL AND e.access_token_id IS NULL",
    .order = { "e.id" },
    .columns =
        (const struct import_column[]){
            { "audit_id", "e.audit_id" },
            { "audit_chain_id", "e.audit_chain_id" },
            { "user_id", "e.user_id" },
            { "project_id", "e.project_id" },
            { "domain_id", "e.domain_id" },
            { "role_id", "e.role_id" },
            { "trust_id", "e.trust_id" },
            { "issued_before_us", "CONCAT(e.issued_before, '')", IMPORT_TIME },
            { "revoked_at_us", "CONCAT(e.revoked_at, '')", IMPORT_TIME },
            { 0 },
        },
};
