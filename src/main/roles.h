/* SPDX-License-Identifier: Apache-2.0 */
/* What this program can be: one row a role, one process a role. */
#pragma once

#include "base/config.h"
#include "main/setup.h"

struct service;
struct bus;
struct client;
struct token_cache;

/* What a role runs with. */
struct role_run {
    const struct stackd_role *role;
    struct setup *setup;
    struct log log;
    struct bus *bus;            /* Null in the role that is the bus. */
    struct client *client;      /* Null where the role has no user at identity. */
    struct token_cache *tokens; /* Likewise. */
    const char *url;            /* Of its API, for `stackd status`; set by start, may stay null. */
    void *self;                 /* Set by start. */
};

struct role_section {
    const char *name;
    const struct option *options;
};

struct stackd_role {
    const char *name, *help;
    const struct service *service; /* Run by rest/server.h; or null, and: */
    int (*start)(struct role_run *r, struct err *err);
    void (*stop)(struct role_run *r);
    const struct role_section *sections; /* More options that it reads, ended by a null name; may be null. */
    const char *const *needs;            /* Roles that must answer before this starts; may be null. */
    const char *username;                /* At identity: "nova"; null: has none. */
    const char *password;                /* File in secrets/; null: as username. */
    const char *catalog_name;            /* "nova"; null: not in the catalog. */
    const char *catalog_path;            /* Behind host and port: "/v2.1". */
    bool privileged;                     /* Keeps root. */
    bool no_bus;
    bool may_lag; /* `up` does not wait for it: it tries first what the host can do, for seconds. */
    bool binds;   /* Listens although it is no service: reads bind_host of its section. */
};

/* All roles in the order of the tables; ended by null. */
extern const struct stackd_role *const roles[];

const struct stackd_role *role_named(const char *name);

/* True when [stackd] roles wants 'role' on this machine. */
bool role_is_wanted(const struct setup *s, const struct stackd_role *role);

/* "http://host:port" where the role's service listens, by the configuration;
 * 'public': as others reach it.  0 or -errno. */
int role_url(struct setup *s, const struct stackd_role *role, bool public, char **ret, struct err *err);

/* Runs a role until SIGTERM: the command of each role. */
int role_main(const struct stackd_role *role, const struct cli *cli, struct err *err);
