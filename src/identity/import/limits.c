/* SPDX-License-Identifier: Apache-2.0 */
/* Registered limits and limits. */
#include "identity/import/table.h"

const struct import_table import_registered_limits = {
    .what = "registered limits",
    .table = "registered_limits",
    .keys = 1,
    .from = "registered_limit r",
    .order = { "r.id" },
    .columns =
        (const struct import_column[]){
            { "id", "r.id" },
            { "service_id", "r.service_id" },
            { "region_id", "r.region_id" },
            { "resource_name", "r.resource_name" },
            { "default_limit", "r.default_limit" },
            { "description", "r.description" },
            { 0 },
        },
};

/* There a limit only names the registered one. */
const struct import_table import_limits = {
    .what = "limits",
    .table = "limits",
    .keys = 1,
    .from = "\"limit\" l JOIN registered_limit r ON r.id = l.registered_limit_id",
    .order = { "l.id" },
    .columns =
        (const struct import_column[]){
            { "id", "l.id" },
            { "project_id", "l.project_id" },
            { "domain_id", "l.domain_id" },
            { "service_id", "r.service_id" },
            { "region_id", "r.region_id" },
            { "resource_name", "r.resource_name" },
            { "resource_limit", "l.resource_limit" },
            { "description", "l.description" },
            { 0 },
        },
};
