/* SPDX-License-Identifier: Apache-2.0 */
/* A service as one table, and a running instance of it.
 *
 * Everything that an instance uses hangs on its 'struct server': no globals,
 * so a test can start several in one process. */
#pragma once

#include <stdint.h>

#include "base/config.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/time.h"
#include "bus/bus.h"
#include "data/db.h"
#include "rest/dialect.h"
#include "rest/policy.h"
#include "rest/route.h"
#include "rest/token.h"
#include "work/work.h"

struct client;
struct metrics;
struct server;
struct router;

/* A database that a service has; the first is its main one. */
struct schema {
    const char *name; /* "compute_api"; also the SQLite file's name */
    const struct migration *migrations;
};

struct service {
    const char *name; /* "compute": role, log component, configuration section */
    const char *type; /* In the catalog: "compute" */
    const char *description;
    uint16_t port; /* Default */
    const struct dialect *dialect;
    const struct route *const *routes;         /* Tables, each ended by a null path; ended by null. */
    const struct policy_rule *const *policies; /* Likewise. */
    /* Rules that the options want in place of defaults; null, or returning null: none. */
    const struct policy_rule *(*policies_instead)(const void *options);
    const struct option *options;            /* Section [name]; may be null. */
    size_t options_size;                     /* Of the structure they fill: server->options. */
    const struct schema *schemas;            /* Ended by a null name. */
    const struct op_kind *const *operations; /* Ended by null; null: none. */

    /* Microversions: header "OpenStack-API-Version: TYPE MAJOR.MINOR". */
    const char *version_type;   /* "compute"; null: the service has none */
    const char *version_header; /* Older header that counts too ("X-OpenStack-Nova-API-Version"), or null */
    unsigned version_major, version_min, version_max;
    const char *version_prefix; /* Versions apply below this path ("/v2.1"); null: everywhere */
    const char *legacy_prefix;  /* Paths below it ("/v2") mean those below version_prefix in the lowest
                                   version, unknown members are ignored; null: none */

    /* Before what the path names is loaded, without a transaction; may be null.  Asked first with
     * 'may_block' false when the request might run on a server thread: -EWOULDBLOCK sends it to a worker. */
    int (*prepare)(struct request *rq, bool may_block, struct err *err);
    /* Before a writing transaction of a request commits; may be null. */
    int (*committing)(struct request *rq, struct err *err);
    void (*changed)(struct request *rq); /* After each request that committed a writing transaction. */
    /* Rows that a list gives at the most; null or 0: as the dialect has it. */
    size_t (*list_limit)(const struct server *s, const struct resource *res);
    int (*init)(struct server *s, struct err *err);  /* Databases are ready; sets s->state. */
    int (*start)(struct server *s, struct err *err); /* HTTP answers; start threads, listen on the bus. */
    void (*stop)(struct server *s);                  /* Before HTTP ends. */
    void (*done)(struct server *s);                  /* Frees s->state. */
};

/* Options that every service has, from section [name]. */
struct server_options {
    const char *bind_host;
    int64_t bind_port;
    int64_t threads, workers;
    const char *database; /* URL; null: sqlite in the state directory. With {schema} replaced. */
    int64_t database_connections;
    const char *policy_file, **policy_dirs;
    bool enforce_scope, enforce_new_defaults;
    /* Of http: checks. */
    const char *remote_content_type, *remote_ssl_ca_crt_file, *remote_ssl_client_crt_file,
        *remote_ssl_client_key_file;
    bool remote_ssl_verify_server_crt;
    int64_t remote_timeout_ms, remote_parallel;
    const char **service_token_roles;
    bool service_token_roles_required;
    bool trust_forwarded; /* Believe X-Forwarded-Proto/Host of a proxy in front. */
    const char *public_endpoint;
    const char *healthcheck_disable_file; /* While it is there, /healthcheck says no. */
    int64_t max_body_bytes, max_limit;
};

struct server {
    const struct service *service;
    struct server_options opt;
    void *options; /* service->options_size bytes, read from the configuration. */
    const char *state_dir;
    struct config *config;
    struct arena arena; /* Lives as long as the server. */
    struct log log;
    struct clock clock;
    struct hash dbs; /* name -> struct db */
    struct db *db;   /* The first schema's. */
    struct policy *policy;
    struct token_source tokens;
    struct client *client; /* To other services, as this service's user; null in identity. */
    struct bus *bus;       /* Null when the service was started without. */
    struct worker *worker; /* Null without operations. */
    struct http_server *http;
    struct router *router;
    struct metrics *metrics;
    void *state;
    int64_t started_us;
};

/* What whoever starts a server gives it. */
struct server_setup {
    struct config *config;
    const char *state_dir;
    const struct log *log;
    const struct token_source *tokens; /* Null: the service sets s->tokens in init (identity). */
    struct client *client;
    struct bus *bus;
    int listen_fd;                   /* > 0: taken over. */
    const char *stop_at, *stop_file; /* For work.h. */
    bool no_workers;                 /* Do not start the worker of operations. */
    bool as_it_is;                   /* Only open the databases, and do not migrate them. */
};

/* Reads options, opens and migrates databases, compiles policy, checks the
 * route table (each policy rule exists, fields fit), init(), listens,
 * start().  On failure everything is undone and the words say what to do. */
int server_start(const struct service *svc, const struct server_setup *setup, struct server **ret,
                 struct err *err);
void server_stop(struct server *s, unsigned grace_ms);
uint16_t server_port(const struct server *s);

struct db *server_db(const struct server *s, const char *schema);
int64_t server_now_us(const struct server *s);

/* The tables for share/stackd.conf: options of every service. */
extern const struct option server_option_table[];

/* How a service's rules are read, by its options. */
void policy_config_of(const struct server_options *o, struct policy_config *ret);

/* Prints "service method path action since until policy" rows (TSV). */
void service_dump_routes(const struct service *svc, struct strbuf *out);
