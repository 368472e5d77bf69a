/* SPDX-License-Identifier: Apache-2.0 */
/* Identity: users, projects, roles, tokens and the catalog. */
#pragma once

#include "base/field.h"
#include "base/generation.h"
#include "base/secret.h"
#include "crypto/fernet.h"
#include "crypto/password.h"
#include "identity/driver/token/driver.h"
#include "io/pool.h"
#include "rest/server.h"

extern const struct service identity_service;

#define URL_RESERVED ":/?#[]@!$&'()*+,;="

/* Section [identity]. */
struct identity_options {
    int64_t token_cache_entries, token_expiration_s, receipt_expiration_s, allow_expired_window_s;
    const char **auth_methods;
    const char *password_hash_algorithm;
    int64_t password_rounds, scrypt_block_size, scrypt_parallelism,
        salt_bytesize; /* 0: the algorithm's own. */
    int64_t max_password_length;
    bool strict_password_check, insecure_debug;
    int64_t change_poll_ms;
    int64_t max_active_keys, receipt_max_active_keys;
    int64_t max_project_depth;
    int64_t list_limit, identity_list_limit, resource_list_limit, role_list_limit, catalog_list_limit,
        policy_list_limit, unified_limit_list_limit;
    const char *default_domain_id;
    const char *project_name_url_safe, *domain_name_url_safe; /* "off", "new", "strict" */
    const char *admin_project_name, *admin_project_domain_name;
    const char **prohibited_implied_role;
    bool return_all_endpoints_if_no_filter, allow_rescope_scoped_token;
    const char *external_driver; /* "DefaultDomain", "Domain", "KerberosDomain" */
    const char **trusted_proxies;
    const char *remote_user_header, *remote_domain_header, *remote_type_header;
    const char *token_provider, *token_store, *token_hash_algorithm;
    const char *pki_certfile, *pki_keyfile, *pki_ca_certs, *pki_ca_key; /* Null: below STATE/identity/pki */
    const char **memcached_servers;
    const char *jws_private_key_repository; /* Null: STATE/identity/jws-keys/private */
    const char *jws_public_key_repository;  /* Null: STATE/identity/jws-keys/public */
    const char *key_repository;             /* Null: STATE/identity/fernet-keys */
    const char *receipt_key_repository;     /* Null: key_repository */
    const char *credential_key_repository;  /* Null: STATE/identity/credential-keys */
    int64_t credential_auth_ttl_min, credential_limit;
    int64_t max_redelegation_count;
    const char *password_regex, *password_regex_description;
    int64_t password_history, password_minimum_age_days, password_expires_days;
    int64_t lockout_attempts, lockout_duration_s, inactive_days;
    bool change_password_at_first_use;
    int64_t totp_previous_windows;
    const char *limit_model;
    int64_t application_credential_limit;
    const char *policy_release;
    const char *driver; /* Of the default domain: "sql" or a directory's. */
    bool domain_specific_drivers_enabled, domain_configurations_from_database;
    const char *domain_config_dir;
    bool caching;
    int64_t cache_time;
};

struct changes;
struct directories;
struct keyring;
struct pattern;
struct proofs;
struct token_views;

/* What a running identity keeps. */
struct identity {
    struct identity_options *opt;
    struct keyring *keys;         /* For fernet tokens. */
    struct keyring *receipt_keys; /* The same, unless receipts have a repository of their own. */
    struct token_provider tokens;
    _Atomic(const void *) keys_seen;        /* Those that the cached tokens were opened with. */
    struct keyring *credential_keys;        /* For secrets kept in the database. */
    struct generation generation;           /* Counted up whenever rights may have shrunk. */
    struct changes *changes;                /* Null: nobody else has our database. */
    struct password_recipe password_recipe; /* As the options have it. */
    struct hashing *hashing;                /* Threads for slow hashes; see model/hashing.h. */
    struct token_views *views;              /* Checked tokens; see model/views.h. */
    struct token_views *standings;          /* What users are where, whatever the token. */
    struct proofs *proofs;                  /* Secrets proven lately; see model/proofs.h. */
    unsigned methods;                       /* enum token_method bits that may be used to log in. */
    struct directories *directories;        /* Null: all people are rows; see model/directories.h. */
    struct pattern *password_pattern;       /* Null: any password will do. */
    uint8_t proof_key[32];                  /* For remembering proven secrets without keeping them. */
};

/* The domain that is meant when none is named. */
static inline const char *default_domain(const struct server *s)
{
    return ((const struct identity *) s->state)->opt->default_domain_id;
}

static inline struct identity *identity_of(const struct request *rq)
{
    return rq->state;
}

struct user {
    const char *id, *domain_id, *name, *default_project_id, *description, *email;
    bool enabled;
    const char *extra;      /* Further members, a JSON object, or null. */
    const char *options;    /* A JSON object, or null. */
    struct secret password; /* As given; never stored. */
    const char *original_password;
    const char *password_hash;
    int64_t password_created_us, password_expires_us, created_at;
    int64_t last_active_us; /* Of the last login; kept while [identity] inactive_days asks. */
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

/* Secrets of users: EC2 pairs, TOTP seeds, certificates. */
struct credential {
    const char *id, *user_id, *project_id, *type;
    const char *blob;           /* In clear; never stored. */
    const char *encrypted_blob; /* Fernet, as Keystone keeps it. */
    const char *key_hash;       /* Of the key that encrypted it. */
    const char *extra;
};

/* A part of the trustor's rights in the hands of the trustee. */
struct trust {
    const char *id, *trustor_user_id, *trustee_user_id, *project_id;
    bool impersonation;
    int64_t remaining_uses; /* FIELD_NULL_INT: any number. */
    int64_t expires_at;
    const char *redelegated_trust_id;
    int64_t redelegation_count;
    const char **role_ids;
};

/* A part of a user's rights for a program that has its own secret. */
struct application_credential {
    const char *id, *user_id, *project_id, *name, *description;
    const char *secret_hash;
    int64_t expires_at;
    bool unrestricted;
    const char **role_ids;
    const char **access_rule_ids; /* Null and has_access_rules: none is allowed. */
    bool has_access_rules;
};

/* A request that an application credential may be used for. */
struct access_rule {
    const char *id, *user_id, *service, *path, *method;
};

/* A document for services, which identity itself does not read. */
struct policy_document {
    const char *id, *type, *blob, *extra;
};

/* Endpoints that fit a filter, to be shown to projects. */
struct endpoint_group {
    const char *id, *name, *description;
    const char *filters; /* A JSON object. */
};

/* How much of a resource a project or a domain has when nothing else is said;
 * without a region: everywhere. */
struct registered_limit {
    const char *id, *service_id, *region_id, *resource_name, *description;
    int64_t default_limit;
};

/* How much one project or domain has. */
struct limit {
    const char *id, *project_id, *domain_id, *service_id, *region_id, *resource_name, *description;
    int64_t resource_limit;
};
