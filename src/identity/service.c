/* SPDX-License-Identifier: Apache-2.0 */
/* Identity as one table. */
#include <sys/stat.h>

#include "base/str.h"
#include "base/uuid.h"
#include "identity/api/lists.h"
#include "identity/api/people.h"
#include "identity/api/routes.h"
#include "identity/driver/token/keyring.h"
#include "identity/identity.h"
#include "identity/model/changes.h"
#include "identity/model/check.h"
#include "identity/model/directories.h"
#include "identity/model/hashing.h"
#include "identity/model/proofs.h"
#include "identity/policies.h"
#include "identity/store/schema.h"
#include "io/sock.h"
#include "wire/pattern.h"

#define PROOFS 1024

#define OPT(name, type, value, help, ...)                                              \
    {                                                                                  \
#        name, type, offsetof(struct identity_options, name), value, help, __VA_ARGS__ \
    }

static const struct option options[] = {
    OPT(token_expiration_s, FIELD_INT, "3600", "Seconds that a token lives.", .min = 1, .max = 31536000),
    OPT(auth_methods, FIELD_STRV, "password,token,application_credential",
        "Ways to log in: password, token, application_credential, totp, external."),
    OPT(receipt_expiration_s, FIELD_INT, "300", "Seconds for which a receipt of a part of a login is good.",
        .min = 1, .max = 86400),
    OPT(token_cache_entries, FIELD_INT, "1024",
        "Checked tokens that are remembered; 0 looks at the tables each time.", .max = 1000000),
    OPT(allow_expired_window_s, FIELD_INT, "172800",
        "Seconds for which an expired token can still be validated by a service that asks for it.",
        .max = 31536000),
    OPT(password_hash_algorithm, FIELD_STRING, "bcrypt",
        "How passwords are hashed. Hashes of the other kinds and of older Keystones work too, and become this one at the next login.",
        .choices = "bcrypt|bcrypt_sha256|scrypt|pbkdf2_sha512"),
    OPT(password_rounds, FIELD_INT, "0",
        "Cost of a password hash: rounds of pbkdf2_sha512, for the others 2 to this power; 0 is 12 for bcrypt and bcrypt_sha256, 16 for scrypt, 25000 for pbkdf2_sha512.",
        .max = 10000000),
    OPT(scrypt_block_size, FIELD_INT, "0", "The parameter r of scrypt; 0 is 8.", .max = 64),
    OPT(scrypt_parallelism, FIELD_INT, "0", "The parameter p of scrypt; 0 is 1.", .max = 64),
    OPT(salt_bytesize, FIELD_INT, "0", "Bytes of salt of scrypt and pbkdf2_sha512; 0 is 16.", .max = 96),
    OPT(max_password_length, FIELD_INT, "4096", "Bytes of a password that count.", .min = 1, .max = 4096),
    OPT(strict_password_check, FIELD_BOOL, "false", "Refuse a longer password, instead of cutting it there."),
    OPT(insecure_debug, FIELD_BOOL, "false",
        "Tell whoever is refused a token why: for looking into a problem, as it tells guessers too."),
    OPT(external_driver, FIELD_STRING, "DefaultDomain",
        "Of the method external: users are of the default domain (DefaultDomain), of the domain that the proxy names (Domain), or the same if it says that Kerberos was used (KerberosDomain).",
        .choices = "DefaultDomain|Domain|KerberosDomain"),
    OPT(trusted_proxies, FIELD_STRV, NULL,
        "Addresses of proxies whose word the method external takes; it needs at least one."),
    OPT(remote_user_header, FIELD_STRING, "X-Remote-User",
        "Header in which a trusted proxy names whom it let in; it must remove what clients send under that name."),
    OPT(remote_domain_header, FIELD_STRING, "X-Remote-Domain", "The name of the user's domain, likewise."),
    OPT(remote_type_header, FIELD_STRING, "X-Auth-Type", "How it was proven: Negotiate for Kerberos."),
    OPT(token_provider, FIELD_STRING, "fernet",
        "Form of tokens: fernet (sealed, stored nowhere), jws (signed, readable by whoever has the public key), uuid (random, stored), pki or pkiz (the whole answer signed with a certificate; pkiz is compressed).",
        .choices = "fernet|jws|uuid|pki|pkiz"),
    OPT(token_hash_algorithm, FIELD_STRING, "md5",
        "Digest by which a pki or pkiz token may be named instead.", .choices = "md5|sha256"),
    OPT(pki_certfile, FIELD_STRING, NULL,
        "Certificate that signs pki and pkiz tokens; without it identity/pki/certs/signing_cert.pem below the state directory."),
    OPT(pki_keyfile, FIELD_STRING, NULL,
        "Its private key; without it identity/pki/private/signing_key.pem below the state directory."),
    OPT(pki_ca_certs, FIELD_STRING, NULL,
        "Certificate of the authority; without it identity/pki/certs/ca.pem below the state directory."),
    OPT(pki_ca_key, FIELD_STRING, NULL,
        "Private key of the authority, which only pki_setup needs; without it identity/pki/private/cakey.pem below the state directory."),
    OPT(token_store, FIELD_STRING, "sql", "Where uuid tokens are stored: sql (the database) or memcached.",
        .choices = "sql|memcached"),
    OPT(memcached_servers, FIELD_STRV, "127.0.0.1:11211",
        "Servers of token_store = memcached, host:port; the same list in the same order in every process."),
    OPT(jws_private_key_repository, FIELD_STRING, NULL,
        "Folder of the private.pem that signs jws tokens; without it identity/jws-keys/private below the state directory."),
    OPT(jws_public_key_repository, FIELD_STRING, NULL,
        "Folder of the public keys that jws tokens are verified with; without it identity/jws-keys/public below the state directory."),
    OPT(change_poll_ms, FIELD_INT, "20",
        "Milliseconds after which to look in a database that is named here for what processes on other machines changed; 0 is never.",
        .max = 10000),
    OPT(max_active_keys, FIELD_INT, "3", "Fernet keys kept by a rotation, staged and primary among them.",
        .min = 1, .max = 100),
    OPT(max_project_depth, FIELD_INT, "5", "Levels of projects below a domain.", .min = 1, .max = 30),
    OPT(list_limit, FIELD_INT, "0", "Rows that a list gives at the most; 0 is all.", .max = 1000000),
    OPT(identity_list_limit, FIELD_INT, "0", "The same of users and groups alone; 0 is list_limit.",
        .max = 1000000),
    OPT(resource_list_limit, FIELD_INT, "0", "The same of projects and domains.", .max = 1000000),
    OPT(role_list_limit, FIELD_INT, "0", "The same of roles.", .max = 1000000),
    OPT(catalog_list_limit, FIELD_INT, "0", "The same of services, endpoints and regions.", .max = 1000000),
    OPT(policy_list_limit, FIELD_INT, "0", "The same of policies.", .max = 1000000),
    OPT(unified_limit_list_limit, FIELD_INT, "0", "The same of limits and registered limits.",
        .max = 1000000),
    OPT(default_domain_id, FIELD_STRING, "default",
        "Id of the domain that is meant when none is named; it cannot be deleted."),
    OPT(project_name_url_safe, FIELD_STRING, "off",
        "Whether a project's name may have characters that mean something in a URL: new forbids it for new names, strict also logging in to a project by such a name.",
        .choices = "off|new|strict"),
    OPT(domain_name_url_safe, FIELD_STRING, "off", "The same of a domain's name.",
        .choices = "off|new|strict"),
    OPT(admin_project_name, FIELD_STRING, NULL,
        "The one project for which tokens say is_admin_project, for rules that ask for it; without it and its domain no token says anything and such a rule holds."),
    OPT(admin_project_domain_name, FIELD_STRING, NULL, "The name of its domain."),
    OPT(prohibited_implied_role, FIELD_STRV, "admin", "Names of roles that no other role may imply."),
    OPT(return_all_endpoints_if_no_filter, FIELD_BOOL, "true",
        "A token where no endpoints were chosen has all of them in its catalog, instead of none."),
    OPT(allow_rescope_scoped_token, FIELD_BOOL, "true",
        "A token for one project or domain can be changed for one for another."),
    OPT(key_repository, FIELD_STRING, NULL,
        "Folder of the fernet keys, in Keystone's format; without it identity/fernet-keys below the state directory."),
    OPT(receipt_key_repository, FIELD_STRING, NULL,
        "Folder of the keys of receipts; without it they are made with the keys of key_repository."),
    OPT(receipt_max_active_keys, FIELD_INT, "3", "Keys of receipts that a rotation keeps.", .min = 1,
        .max = 100),
    OPT(credential_key_repository, FIELD_STRING, NULL,
        "Folder of the keys that encrypt credentials at rest; without it identity/credential-keys below the state directory."),
    OPT(credential_auth_ttl_min, FIELD_INT, "15", "Minutes for which a signed EC2 or S3 request is good.",
        .min = 1, .max = 1440),
    OPT(credential_limit, FIELD_INT, "-1", "Credentials that a user may have; -1 is any number.", .min = -1,
        .max = 1000000),
    OPT(limit_model, FIELD_STRING, "flat",
        "How limits hold together: flat, or strict_two_level, where a project's is within its domain's.",
        .choices = "flat|strict_two_level"),
    OPT(totp_previous_windows, FIELD_INT, "1", "Windows of 30 seconds before now whose passcode is good too.",
        .max = 10),
    OPT(password_regex, FIELD_STRING, NULL, "A new password must fit this regular expression."),
    OPT(password_regex_description, FIELD_STRING, NULL,
        "The same in words, for whoever chose one that does not."),
    OPT(password_history, FIELD_INT, "0", "A user's new password must not be one of so many last ones.",
        .max = 1000),
    OPT(password_minimum_age_days, FIELD_INT, "0", "Days for which a user must keep a new password.",
        .max = 3650),
    OPT(password_expires_days, FIELD_INT, "0", "Days after which a password expires; 0 is never.",
        .max = 36500),
    OPT(change_password_at_first_use, FIELD_BOOL, "false",
        "A password that an administrator set must be changed first."),
    OPT(lockout_attempts, FIELD_INT, "0",
        "Wrong passwords in a row after which a user is locked out; 0 is never.", .max = 1000),
    OPT(lockout_duration_s, FIELD_INT, "1800", "Seconds for which a user stays locked out; 0 is for good.",
        .max = 31536000),
    OPT(inactive_days, FIELD_INT, "0", "Days without a login after which a user is disabled; 0 is never.",
        .max = 36500),
    OPT(max_redelegation_count, FIELD_INT, "3", "How often a trust may be passed on.", .max = 30),
    OPT(application_credential_limit, FIELD_INT, "-1",
        "Application credentials that a user may have; -1 is any number.", .min = -1, .max = 1000000),
    OPT(policy_release, FIELD_STRING, "current",
        "Keystone's release whose default rules hold: current (2025), or zed, without managers of domains.",
        .choices = "current|zed"),
    OPT(driver, FIELD_STRING, "sql", "Where users and groups of the default domain are: sql, or ldap.",
        .choices = "sql|ldap"),
    OPT(domain_specific_drivers_enabled, FIELD_BOOL, "false",
        "A domain may have its users and groups in a directory of its own."),
    OPT(domain_configurations_from_database, FIELD_BOOL, "false",
        "The options of such domains are those of /v3/domains/ID/config; otherwise they are in files."),
    OPT(domain_config_dir, FIELD_STRING, "/etc/stackd/domains", "Folder of the files keystone.DOMAIN.conf."),
    OPT(caching, FIELD_BOOL, "true", "Remember what a directory answered."),
    OPT(cache_time, FIELD_INT, "600", "Seconds for which that is; a login always asks the directory.",
        .max = 86400),
    { 0 },
};

/* Checks the caller's own token: only the cache while nothing may block. */
static int check(void *self, struct arena *a, const char *text, bool may_block, struct token *ret,
                 struct err *err)
{
    struct server *s = self;
    struct token_view *v = arena_new(a, struct token_view);
    int r;

    r = may_block || identity_is_quick(s) ? token_view(s, a, text, VIEW_TOKEN, v, err)
                                          : token_view_cached(s, a, text, VIEW_TOKEN, v);
    if (r >= 0) {
        *ret = v->token;
        ret->extra = v;
    }
    return r;
}

/* A token for a pair of keys is for other services; identity only tells them what it means. */
static int prepare(struct request *rq, bool may_block, struct err *err)
{
    const struct token_view *v = rq->token ? rq->token->extra : NULL;

    if (v && v->issued.methods & METHOD_EC2)
        return err_http(err, 403, NULL, "EC2 credential tokens cannot be used for authorization.");
    return people_prepare(rq, may_block, err);
}

static int open_keys(struct server *s, const char *dir, const char *name, struct keyring **ret,
                     struct err *err)
{
    if (str_empty(dir))
        dir = arena_printf(&s->arena, "%s/identity/%s", s->state_dir, name);
    return keyring_open(dir, ret, err);
}

static bool same_folder(const char *a, const char *b)
{
    struct stat x, y;

    return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

/* Receipts share the tokens' keys, as in Keystone's own configuration, until somebody parts them. */
static int open_receipt_keys(struct server *s, struct err *err)
{
    struct identity *id = s->state;
    const char *dir = id->opt->receipt_key_repository;

    id->receipt_keys = id->keys;
    if (str_empty(dir) || same_folder(dir, keyring_dir(id->keys)))
        return 0;
    id->receipt_keys = NULL;
    return keyring_open(dir, &id->receipt_keys, err);
}

static int read_methods(struct identity *id, struct err *err)
{
    const unsigned served =
        METHOD_PASSWORD | METHOD_TOKEN | METHOD_APPLICATION_CREDENTIAL | METHOD_TOTP | METHOD_EXTERNAL;

    strv_foreach (name, id->opt->auth_methods) {
        unsigned bit = method_named(*name);

        if (!(bit & served))
            return err_set(err, -EINVAL, "[identity] auth_methods: there is no method '%s'", *name);
        id->methods |= bit;
    }
    if (id->methods & METHOD_EXTERNAL && !strv_len(id->opt->trusted_proxies))
        return err_set(err, -EINVAL, "[identity] auth_methods: external needs trusted_proxies");
    return 0;
}

static int read_recipe(struct identity *id, struct err *err)
{
    struct err why = { 0 };

    id->password_recipe = (struct password_recipe){ .kind = id->opt->password_hash_algorithm,
                                                    .rounds = id->opt->password_rounds,
                                                    .block_size = id->opt->scrypt_block_size,
                                                    .parallelism = id->opt->scrypt_parallelism,
                                                    .salt_bytes = id->opt->salt_bytesize };
    if (password_recipe_check(&id->password_recipe, &why) < 0)
        return err_set(err, -EINVAL, "[identity] password_hash_algorithm: %s", why.msg);
    return 0;
}

static int init(struct server *s, struct err *err)
{
    struct identity *id = arena_new(&s->arena, struct identity);
    char *run = arena_printf(&s->arena, "%s/run", s->state_dir);
    int r;

    id->opt = s->options;
    id->proofs = proofs_new(PROOFS);
    random_bytes(id->proof_key, sizeof(id->proof_key));
    s->state = id;
    s->tokens = (struct token_source){ check, s };
    id->hashing = hashing_new((unsigned) (s->opt.workers - s->opt.workers / 4));
    if (!id->hashing)
        return err_set(err, -ENOMEM, "out of memory");
    id->views = token_views_new((size_t) id->opt->token_cache_entries);
    id->standings = token_views_new((size_t) id->opt->token_cache_entries);
    r = dir_make(run, 0755);
    if (r < 0)
        return err_set(err, r, "cannot create '%s'", run);
    r = generation_open(&id->generation, arena_printf(&s->arena, "%s/generation", run), true, err);
    if (r >= 0)
        r = read_recipe(id, err);
    if (r >= 0)
        r = read_methods(id, err);
    if (r >= 0 && !str_empty(id->opt->password_regex))
        r = pattern_new(id->opt->password_regex, &id->password_pattern, err);
    if (r >= 0)
        r = open_keys(s, id->opt->key_repository, "fernet-keys", &id->keys, err);
    if (r >= 0)
        r = open_receipt_keys(s, err);
    if (r >= 0)
        r = open_keys(s, id->opt->credential_key_repository, "credential-keys", &id->credential_keys, err);
    if (r >= 0)
        r = token_provider_open(s, id->opt->token_provider, &id->tokens, err);
    if (r >= 0)
        r = directories_new(s, &id->directories, err);
    if (r >= 0)
        r = changes_watch(s, &id->changes, err); /* Before any request reads 'changes'. */
    return r;
}

static void done(struct server *s)
{
    struct identity *id = s->state;

    changes_unwatch(id->changes); /* First: its thread uses the generation. */
    hashing_free(id->hashing);
    if (id->views)
        token_views_free(id->views);
    directories_free(id->directories);
    if (id->standings)
        token_views_free(id->standings);
    token_provider_close(&id->tokens);
    pattern_free(id->password_pattern);
    proofs_free(id->proofs);
    if (id->receipt_keys != id->keys)
        keyring_close(id->receipt_keys);
    keyring_close(id->keys);
    keyring_close(id->credential_keys);
    generation_close(&id->generation);
}

static const struct route *const routes[] = {
    version_routes,
    token_routes,
    signing_routes,
    revocation_routes,
    auth_routes,
    domain_routes,
    project_routes,
    user_routes,
    group_routes,
    role_routes,
    grant_routes,
    assignment_routes,
    service_routes,
    endpoint_routes,
    region_routes,
    credential_routes,
    ec2_routes,
    trust_routes,
    application_credential_routes,
    policy_routes,
    endpoint_policy_routes,
    endpoint_filter_routes,
    domain_config_routes,
    registered_limit_routes,
    limit_routes,
    NULL,
};

static const struct policy_rule *const policies[] = { identity_policies, NULL };

static const struct policy_rule *policies_instead(const void *options)
{
    const struct identity_options *opt = options;

    return str_eq(opt->policy_release, "zed") ? identity_policies_zed : NULL;
}

const struct service identity_service = {
    .name = "identity",
    .type = "identity",
    .description = "Users, projects, roles, tokens and the catalog",
    .port = 5000,
    .dialect = &keystone_dialect,
    .routes = routes,
    .policies = policies,
    .policies_instead = policies_instead,
    .options = options,
    .options_size = sizeof(struct identity_options),
    .schemas = identity_schemas,
    .prepare = prepare,
    .committing = changes_committing,
    .changed = changes_changed,
    .list_limit = lists_limit,
    .init = init,
    .done = done,
};
