/* SPDX-License-Identifier: Apache-2.0 */
/* Users with their options and passwords, groups and who is in them. */
#include "identity/import/table.h"

static const struct import_name option_names[] = {
    { "1000", "ignore_change_password_upon_first_use" },
    { "1001", "ignore_password_expiry" },
    { "1002", "ignore_lockout_failure_attempts" },
    { "1003", "lock_password" },
    { "1004", "ignore_user_inactivity" },
    { "MFAR", "multi_factor_auth_rules" },
    { "MFAE", "multi_factor_auth_enabled" },
    { 0 },
};

static const struct import_gather options = {
    .sql = "SELECT user_id, option_id, option_value FROM user_option WHERE user_id BETWEEN ? AND ? "
           "ORDER BY user_id, option_id",
    .names = option_names,
};

/* What all kinds of users have.  Description and e-mail are further members there. */
#define COMMON                                                                                 \
    { "default_project_id", "u.default_project_id" }, { "enabled", "u.enabled", IMPORT_FLAG }, \
        { "created_at", "CONCAT(u.created_at, '')", IMPORT_TIME },                             \
        { "last_active_us", "CONCAT(u.last_active_at, '')", IMPORT_TIME },                     \
        { "description", "u.extra", IMPORT_MEMBER, "description" },                            \
        { "email", "u.extra", IMPORT_MEMBER, "email" }, { "extra", "u.extra", IMPORT_REST },   \
    {                                                                                          \
        "options", "u.id", IMPORT_OBJECT, .gather = &options                                   \
    }

/* Of a user's passwords the last is the one that counts. */
#define LAST \
    "(SELECT q.id FROM password q WHERE q.local_user_id = l.id ORDER BY q.created_at_int DESC, q.id DESC LIMIT 1)"

static const struct import_column columns[] = {
    { "id", "u.id" },
    { "domain_id", "u.domain_id" },
    { "name", "COALESCE(l.name, n.name, u.id)" },
    COMMON,
    { "password_hash", IMPORT_HASH("p.password_hash") },
    { "password_created_us", "p.created_at_int" },
    { "password_expires_us", "p.expires_at_int" },
    { "failed_attempts", "NULLIF(l.failed_auth_count, 0)" },
    { "failed_at_us", "CONCAT(l.failed_auth_at, '')", IMPORT_TIME },
    { 0 },
};

const struct import_table import_users = {
    .what = "users",
    .table = "users",
    .keys = 1,
    .from =
        "\"user\" u LEFT JOIN local_user l ON l.user_id = u.id LEFT JOIN nonlocal_user n ON n.user_id = u.id "
        "LEFT JOIN password p ON p.id = " LAST,
    .where = "l.user_id IS NOT NULL OR n.user_id IS NOT NULL OR NOT EXISTS "
             "(SELECT 1 FROM federated_user f WHERE f.user_id = u.id)",
    .order = { "u.id" },
    .columns = columns,
};

/* Names that come from elsewhere need not be of their own: then the id stands for them. */
#define SHOWN "(SELECT MIN(f.display_name) FROM federated_user f WHERE f.user_id = u.id)"
#define TAKEN                                                                                           \
    "(EXISTS (SELECT 1 FROM local_user o WHERE o.domain_id = u.domain_id AND o.name = " SHOWN ") OR "   \
    "EXISTS (SELECT 1 FROM nonlocal_user o WHERE o.domain_id = u.domain_id AND o.name = " SHOWN ") OR " \
    "EXISTS (SELECT 1 FROM federated_user g JOIN \"user\" o ON o.id = g.user_id "                       \
    "WHERE o.domain_id = u.domain_id AND o.id <> u.id AND g.display_name = " SHOWN "))"

static const struct import_column federated_columns[] = {
    { "id", "u.id" },
    { "domain_id", "u.domain_id" },
    { "name", "CASE WHEN " SHOWN " IS NULL OR " TAKEN " THEN u.id ELSE " SHOWN " END" },
    COMMON,
    { 0 },
};

const struct import_table import_federated_users = {
    .what = "users from other identity providers",
    .table = "users",
    .keys = 1,
    .from = "\"user\" u",
    .where = "EXISTS (SELECT 1 FROM federated_user f WHERE f.user_id = u.id) AND NOT EXISTS "
             "(SELECT 1 FROM local_user l WHERE l.user_id = u.id) AND NOT EXISTS "
             "(SELECT 1 FROM nonlocal_user n WHERE n.user_id = u.id)",
    .order = { "u.id" },
    .columns = federated_columns,
};

const struct import_table import_old_passwords = {
    .what = "earlier passwords",
    .table = "old_passwords",
    .keys = 2,
    .from = "password p JOIN local_user l ON l.id = p.local_user_id",
    .where = "p.password_hash IS NOT NULL AND p.id <> " LAST,
    .order = { "p.created_at_int", "p.id" },
    .columns =
        (const struct import_column[]){
            { "user_id", "l.user_id" },
            { "hash", IMPORT_HASH("p.password_hash") },
            { 0 },
        },
};

const struct import_table import_groups = {
    .what = "groups",
    .table = "groups_",
    .keys = 1,
    .from = "\"group\" g",
    .order = { "g.id" },
    .columns =
        (const struct import_column[]){
            { "id", "g.id" },
            { "domain_id", "g.domain_id" },
            { "name", "g.name" },
            { "description", "g.description" },
            { "extra", "g.extra", IMPORT_REST },
            { 0 },
        },
};

const struct import_table import_memberships = {
    .what = "members of groups",
    .table = "memberships",
    .keys = 2,
    .from = "user_group_membership m",
    .order = { "m.user_id", "m.group_id" },
    .columns =
        (const struct import_column[]){
            { "user_id", "m.user_id" },
            { "group_id", "m.group_id" },
            { 0 },
        },
};

/* Which entry of a directory an id stands for. */
const struct import_table import_directory_ids = {
    .what = "ids of directories",
    .table = "id_mapping",
    .keys = 1,
    .from = "id_mapping m",
    .order = { "m.public_id" },
    .columns =
        (const struct import_column[]){
            { "public_id", "m.public_id" },
            { "domain_id", "m.domain_id" },
            { "local_id", "m.local_id" },
            { "entity_type", "m.entity_type" },
            { 0 },
        },
};
