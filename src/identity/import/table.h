/* SPDX-License-Identifier: Apache-2.0 */
/* How one of identity's tables is filled from Keystone's: a table of columns,
 * each with the expression that it comes from.
 *
 * Expressions are SQL that MariaDB and PostgreSQL share; names that are words
 * of SQL stand in double quotes. */
#pragma once

#include "data/db.h"
#include "identity/import/import.h"

#define IMPORT_KEYS_MAX    9
#define IMPORT_COLUMNS_MAX 24

/* A hash of Keystone's: it cuts passwords after 72 bytes before bcrypt gets them. */
#define IMPORT_HASH(column) \
    "CASE WHEN " column " LIKE '$2%' THEN CONCAT('$cut72', " column ") ELSE " column " END"

enum import_kind {
    IMPORT_COPY,   /* Text or a number, as it is. */
    IMPORT_FLAG,   /* 0 or 1; NULL is 1: Keystone takes what does not say otherwise for enabled. */
    IMPORT_TIME,   /* "2026-01-02 03:04:05" becomes microseconds. */
    IMPORT_MEMBER, /* Text that is the member 'member' of a JSON object. */
    IMPORT_TEXT,   /* A JSON text becomes what it says; other JSON stays. */
    IMPORT_REST,   /* That object without the members that other columns take; NULL when nothing is left. */
    IMPORT_LIST,   /* What 'gather' finds, as a JSON list of texts; NULL when it is nothing. */
    IMPORT_OBJECT, /* What 'gather' finds, as a JSON object. */
};

/* Rows of another table that become one value. */
struct import_gather {
    /* SELECT owner, text, or owner, name, JSON; with two '?': the first and the last owner of a page. */
    const char *sql;
    const struct import_name { /* How names are written there and here; null: alike. */
        const char *there, *here;
    } * names;
};

struct import_column {
    const char *name; /* Here. */
    const char *from; /* There: an expression; with 'gather' the owner. */
    enum import_kind kind;
    const char *member;
    const struct import_gather *gather;
};

struct import_table {
    const char *what;  /* "users", for the person. */
    const char *table; /* Here. */
    unsigned keys;     /* The first so many columns say which row it is. */
    const char *from;  /* There: what follows FROM. */
    const char *where; /* Null: every row. */
    /* Expressions that put the rows there into an order, each row in its own
     * place: pages are read by it.  Ended by null. */
    const char *order[IMPORT_KEYS_MAX + 1];
    const struct import_column *columns; /* Ended by a null name. */
};

/* What came of a table. */
struct import_count {
    int64_t read, added, changed;
};

/* Reads the table from 'there' and writes it to 'here', in transactions of the caller's. */
int import_table(struct txn *there, struct txn *here, const struct import_table *tab,
                 const struct import_wish *wish, struct import_count *ret, struct err *err);

/* One value as it is written here.  'cell' is what was read, 'found' the rows
 * of the column's gather, if it has one.  -EBADMSG: it cannot be read. */
int import_convert(struct arena *a, const struct import_table *tab, const struct import_column *c,
                   struct val cell, const struct rows *found, struct val *ret, struct err *err);

/* All tables in the order in which they are filled, ended by null. */
extern const struct import_table *const import_tables[];

/* A file each. */
extern const struct import_table import_domains, import_projects, import_domain_options,
    import_secret_domain_options;
extern const struct import_table import_users, import_federated_users, import_old_passwords, import_groups,
    import_memberships, import_directory_ids;
extern const struct import_table import_roles, import_implied_roles;
extern const struct import_table import_user_project, import_group_project, import_user_domain,
    import_group_domain, import_user_system, import_group_system;
extern const struct import_table import_regions, import_services, import_endpoints, import_endpoint_groups,
    import_project_endpoints, import_project_endpoint_groups;
extern const struct import_table import_policies, import_policy_associations;
extern const struct import_table import_credentials, import_trusts, import_application_credentials,
    import_access_rules;
extern const struct import_table import_registered_limits, import_limits;
extern const struct import_table import_revocations;
