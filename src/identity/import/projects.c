/* SPDX-License-Identifier: Apache-2.0 */
/* Projects, and domains, which are projects too; their tags and options. */
#include "identity/import/table.h"

/* Keystone hangs all domains below a row that is nothing else. */
#define ROOT "'<<keystone.domain.root>>'"

static const struct import_gather tags = {
    .sql =
        "SELECT project_id, name FROM project_tag WHERE project_id BETWEEN ? AND ? ORDER BY project_id, name",
};

static const struct import_name option_names[] = { { "IMMU", "immutable" }, { 0 } };

static const struct import_gather options = {
    .sql = "SELECT project_id, option_id, option_value FROM project_option WHERE project_id BETWEEN ? AND ? "
           "ORDER BY project_id, option_id",
    .names = option_names,
};

static const struct import_column columns[] = {
    { "id", "p.id" },
    { "domain_id", "CASE WHEN p.domain_id = " ROOT " THEN '' ELSE p.domain_id END" },
    { "parent_id", "COALESCE(p.parent_id, '')" },
    { "name", "p.name" },
    { "description", "p.description" },
    { "enabled", "p.enabled", IMPORT_FLAG },
    { "is_domain", "p.is_domain", IMPORT_FLAG },
    { "tags", "p.id", IMPORT_LIST, .gather = &tags },
    { "options", "p.id", IMPORT_OBJECT, .gather = &options },
    { "extra", "p.extra", IMPORT_REST },
    { 0 },
};

const struct import_table import_domains = {
    .what = "domains",
    .table = "projects",
    .keys = 1,
    .from = "project p",
    .where = "p.domain_id = " ROOT " AND p.id <> " ROOT,
    .order = { "p.id" },
    .columns = columns,
};

const struct import_table import_projects = {
    .what = "projects",
    .table = "projects",
    .keys = 1,
    .from = "project p",
    .where = "p.domain_id <> " ROOT,
    .order = { "p.id" },
    .columns = columns,
};

#define DOMAIN_OPTION(what_, table_, sensitive_)                                                      \
    {                                                                                                 \
        .what = (what_), .table = "domain_options", .keys = 3, .from = table_,                        \
        .order = { "c.domain_id", "c.\"group\"", "c.\"option\"" },                                    \
        .columns = (const struct import_column[]){                                                    \
            { "domain_id", "c.domain_id" }, { "section", "c.\"group\"" }, { "name", "c.\"option\"" }, \
            { "value", "c.value" },         { "is_secret", sensitive_ },  { 0 },                      \
        },                                                                                            \
    }

const struct import_table import_domain_options =
    DOMAIN_OPTION("options of domains", "whitelisted_config c", "0");
const struct import_table import_secret_domain_options =
    DOMAIN_OPTION("secret options of domains", "sensitive_config c", "1");
