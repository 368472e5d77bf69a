/* SPDX-License-Identifier: Apache-2.0 */
/* Identity: users, projects, roles, tokens and the catalog. */
#pragma once

#include "base/field.h"
#include "base/generation.h"
#include "base/secret.h"
#include "crypto/fernet.h"
#include "io/pool.h"
#include "rest/server.h"

extern const struct service identity_service;

#define IDENTITY_DEFAULT_DOMAIN "default"

/* Section [identity]. */
struct identity_options {
    int64_t token_expiration_s;
    int64_t password_rounds;
    int64_t max_password_length;
    int64_t max_active_keys;
    int64_t max_project_depth;
    int64_t list_limit;
    const char *key_repository; /* Null: STATE/identity/fernet-keys */
};

/* What a running identity keeps. */
struct identity {
    struct identity_options *opt;
    struct fernet_keys *keys;
    struct generation generation; /* Counted up whenever rights may have shrunk. */
    struct token_views *views;    /* Checked tokens; see model/views.h. */
    const char *key_dir;
};

static inline struct identity *identity_of(const struct request *rq)
{
    return rq->state;
}

struct token_views;

struct user {
    const char *id, *domain_id, *name, *default_project_id, *description, *email;
    bool enabled;
    const char *extra;      /* Further members, a JSON object, or null. */
    const char *options;    /* A JSON object, or null. */
    struct secret password; /* As given; never stored. */
    const char *original_password;
    const char *password_hash;
    int64_t password_created_us, password_expires_us, created_at;
};

struct project {
    const char *id, *domain_id, *parent_id, *name, *description;
    bool enabled, is_domain;
    const char **tags;
    const char *extra, *options;
};

struct group {
    const char *id, *domain_id, *name, *description, *extra;
};

struct role {
    const char *id, *domain_id, *name, *description, *extra, *options;
};

/* Who has which role where.  target_type is "project", "domain" or "system". */
struct assignment {
    const char *actor_type, *actor_id; /* "user" or "group" */
    const char *target_type, *target_id;
    const char *role_id;
    bool inherited; /* Holds in the projects below the target, not in itself. */
};

struct region {
    const char *id, *parent_region_id, *description, *extra;
};

struct catalog_service {
    const char *id, *type, *name, *description, *extra;
    bool enabled;
};

struct endpoint {
    const char *id, *service_id, *region_id, *interface, *url, *name, *description, *extra;
    bool enabled;
};
