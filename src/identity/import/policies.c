/* SPDX-License-Identifier: Apache-2.0 */
/* Policy documents and what they are for. */
#include "identity/import/table.h"

const struct import_table import_policies = {
    .what = "policies",
    .table = "policies",
    .keys = 1,
    .from = "policy p",
    .order = { "p.id" },
    .columns =
        (const struct import_column[]){
            { "id", "p.id" },
            { "type", "p.type" },
            { "document", "p.\"blob\"", IMPORT_TEXT },
            { "extra", "p.extra", IMPORT_REST },
            { 0 },
        },
};

/* What an association does not name is the empty text here. */
const struct import_table import_policy_associations = {
    .what = "uses of policies",
    .table = "policy_associations",
    .keys = 3,
    .from = "policy_association p",
    .order = { "p.id" },
    .columns =
        (const struct import_column[]){
            { "endpoint_id", "COALESCE(p.endpoint_id, '')" },
            { "service_id", "COALESCE(p.service_id, '')" },
            { "region_id", "COALESCE(p.region_id, '')" },
            { "policy_id", "p.policy_id" },
            { 0 },
        },
};
