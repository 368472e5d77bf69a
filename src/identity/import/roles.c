/* SPDX-License-Identifier: Apache-2.0 */
/* Roles, what they imply, and who has them where. */
#include "identity/import/table.h"

static const struct import_name option_names[] = { { "IMMU", "immutable" }, { 0 } };

static const struct import_gather options = {
    .sql = "SELECT role_id, option_id, option_value FROM role_option WHERE role_id BETWEEN ? AND ? "
           "ORDER BY role_id, option_id",
    .names = option_names,
};

const struct import_table import_roles = {
    .what = "roles",
    .table = "roles",
    .keys = 1,
    .from = "role r",
    .order = { "r.id" },
    .columns =
        (const struct import_column[]){
            { "id", "r.id" },
            { "domain_id", "CASE WHEN r.domain_id = '<<null>>' THEN '' ELSE r.domain_id END" },
            { "name", "r.name" },
            { "description", "r.description" },
            { "options", "r.id", IMPORT_OBJECT, .gather = &options },
            { "extra", "r.extra", IMPORT_REST },
            { 0 },
        },
};

const struct import_table import_implied_roles = {
    .what = "implied roles",
    .table = "implied_roles",
    .keys = 2,
    .from = "implied_role i",
    .order = { "i.prior_role_id", "i.implied_role_id" },
    .columns =
        (const struct import_column[]){
            { "prior_id", "i.prior_role_id" },
            { "implied_id", "i.implied_role_id" },
            { 0 },
        },
};

/* One table for each kind: so their pages follow an index. */
#define ASSIGNMENT(what_, from_, type_, actor_, target_, target_id_)                                        \
    {                                                                                                       \
        .what = (what_), .table = "assignments", .keys = 6, .from = from_, .where = "a.type = '" type_ "'", \
        .order = { "a.actor_id", "a.target_id", "a.role_id", "a.inherited" },                               \
        .columns = (const struct import_column[]){                                                          \
            { "actor_type", "'" actor_ "'" },                                                               \
            { "actor_id", "a.actor_id" },                                                                   \
            { "target_type", "'" target_ "'" },                                                             \
            { "target_id", target_id_ },                                                                    \
            { "role_id", "a.role_id" },                                                                     \
            { "inherited", "a.inherited", IMPORT_FLAG },                                                    \
            { 0 },                                                                                          \
        },                                                                                                  \
    }

const struct import_table import_user_project =
    ASSIGNMENT("roles of users on projects", "assignment a", "UserProject", "user", "project", "a.target_id");
const struct import_table import_group_project = ASSIGNMENT(
    "roles of groups on projects", "assignment a", "GroupProject", "group", "project", "a.target_id");
const struct import_table import_user_domain =
    ASSIGNMENT("roles of users on domains", "assignment a", "UserDomain", "user", "domain", "a.target_id");
const struct import_table import_group_domain =
    ASSIGNMENT("roles of groups on domains", "assignment a", "GroupDomain", "group", "domain", "a.target_id");
const struct import_table import_user_system = ASSIGNMENT(
    "roles of users on the system", "system_assignment a", "UserSystem", "user", "system", "'all'");
const struct import_table import_group_system = ASSIGNMENT(
    "roles of groups on the system", "system_assignment a", "GroupSystem", "group", "system", "'all'");
