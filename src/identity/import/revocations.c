/* SPDX-License-Identifier: Apache-2.0 */
/* Revocations that tokens issued there may still meet.  What was revoked of a
 * user in one project only holds for all of the user's tokens here: rather a
 * login too many than a token too many. */
#include "identity/import/table.h"

const struct import_table import_revocations = {
    .what = "revocations",
    .table = "revocations",
    .keys = 7,
    .from = "revocation_event e",
    .where = "e.audit_id IS NOT NULL OR e.audit_chain_id IS NOT NULL OR e.user_id IS NOT NULL",
    .order = { "e.id" },
    .columns =
        (const struct import_column[]){
            { "audit_id", "e.audit_id" },
            { "audit_chain_id", "e.audit_chain_id" },
            { "user_id", "e.user_id" },
            { "project_id", "e.project_id" },
            { "domain_id", "e.domain_id" },
            { "role_id", "e.role_id" },
            { "issued_before_us", "CONCAT(e.issued_before, '')", IMPORT_TIME },
            { "revoked_at_us", "CONCAT(e.revoked_at, '')", IMPORT_TIME },
            { 0 },
        },
};
