/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/manage.h"

#include <stdio.h>

#include "base/time.h"
#include "identity/driver/token/keyring.h"
#include "identity/identity.h"
#include "identity/import/import.h"
#include "identity/manage_words.h"
#include "identity/model/credentials.h"
#include "identity/store/trusts.h"

/* A token that expired may still be asked for within the window. */
static int token_flush_run(struct server *s, const char *const *words, struct strbuf *out, struct err *err)
{
    const struct identity *id = s->state;
    const struct token_provider *p = &id->tokens;
    int64_t n = words_none(words, err);

    if (n >= 0 && p->driver->flush)
        n = p->driver->flush(p->self, server_now_us(s) - id->opt->allow_expired_window_s * 1000000, err);
    if (n >= 0)
        strbuf_printf(out, "Removed %lld expired tokens.\n", (long long) n);
    return n < 0 ? (int) n : 0;
}

/* Midnight of DD-MM-YYYY, in UTC. */
static int read_date(const char *text, int64_t *ret_us, struct err *err)
{
    char iso[32];
    unsigned day, month, year;
    int n = 0;

    if (sscanf(text, "%2u-%2u-%4u%n", &day, &month, &year, &n) == 3 && !text[n]) {
        snprintf(iso, sizeof(iso), "%04u-%02u-%02uT00:00:00Z", year, month, day);
        if (time_parse(iso, ret_us) >= 0)
            return 0;
    }
    return err_set(err, -EINVAL, "--date %s: it is to be DD-MM-YYYY", text);
}

static int trust_flush_run(struct server *s, const char *const *words, struct strbuf *out, struct err *err)
{
    struct trusts_like like = { .expired_before_us = server_now_us(s) };
    const char *date = NULL;
    const struct word_option options[] = { { "--project-id", &like.project_id },
                                           { "--trustor-user-id", &like.trustor_user_id },
                                           { "--trustee-user-id", &like.trustee_user_id },
                                           { "--date", &date },
                                           { 0 } };
    auto_rollback struct txn *t = NULL;
    int64_t n;
    int r = words_read(words, options, err);

    if (r >= 0 && date)
        r = read_date(date, &like.expired_before_us, err);
    if (r >= 0)
        r = txn_begin(s->db, true, &t, err);
    if (r < 0)
        return r;
    n = trusts_flush(t, &like, err);
    r = n < 0 ? (int) n : txn_commit(&t, err);
    if (r >= 0)
        strbuf_printf(out, "Removed %lld expired trusts.\n", (long long) n);
    return r < 0 ? r : 0;
}

static void tell_progress(void *self, const char *what, int64_t rows)
{
    (void) self;
    fprintf(stderr, "%s: %lld read\n", what, (long long) rows);
}

static int import_options(const char *const *words, struct import_wish *wish, struct err *err)
{
    const struct word_option options[] = {
        { "--from", &wish->from },
        { "--dry-run", .flag = &wish->dry_run },
        { "--replace", .flag = &wish->replace },
        { 0 },
    };
    int r = words_read(words, options, err);

    if (r >= 0 && !wish->from)
        return err_set(err, -EINVAL,
                       "say which database to move in from: --from mysql://USER:PASSWORD@HOST/keystone");
    return r;
}

static int import_run_with(struct server *s, const char *const *words, struct strbuf *out, struct err *err)
{
    struct import_wish wish = { .progress = tell_progress };
    int64_t n;
    int r = import_options(words, &wish, err);

    if (r >= 0)
        r = import_run(s, &wish, out, err);
    if (r >= 0)
        r = credentials_unreadable(s, &n, err);
    if (r >= 0 && n)
        strbuf_printf(out,
                      "%lld credentials are encrypted with keys that are not in %s:\n"
                      "copy the files of Keystone's [credential] key_repository there.\n",
                      (long long) n, keyring_dir(((struct identity *) s->state)->credential_keys));
    return r < 0 ? r : 0;
}

/* Steps of an upgrade that must find the database as it is. */
static const char *const db_looks[] = { "--check", "--migrate", "--contract", NULL };

#define OWNER "--keystone-user USER --keystone-group GROUP" /* Who has to be that of [stackd] user. */

const struct manage_command identity_commands[] = {
    { "bootstrap", "makes an administrator and the service's place in the catalog", bootstrap_run,
      "--bootstrap-username NAME --bootstrap-password PASSWORD --bootstrap-project-name NAME "
      "--bootstrap-role-name NAME --bootstrap-service-name NAME --bootstrap-region-id ID "
      "--bootstrap-admin-url URL --bootstrap-public-url URL --bootstrap-internal-url URL "
      "--immutable-roles --no-immutable-roles" },
    { "project_setup", "makes a project, with an id that is wanted", project_setup_run,
      "--project-name NAME --project-id ID" },
    { "user_setup", "makes a user, with an id that is wanted, or sets the password", user_setup_run,
      "--username NAME --user-password-plain PASSWORD --user-id ID" },
    { "db_check", "says whether the database is at this program's version", db_check_run, .as_it_is = true },
    { "db_sync", "brings the database to this program's version", db_sync_run,
      "--check --expand --migrate --contract", .looks = db_looks },
    { "db_version", "prints the version of the database", db_version_run },
    { "fernet_setup", "makes the key repositories", setup_run, OWNER },
    { "fernet_rotate", "stages a new key for tokens and receipts", fernet_rotate_run, OWNER },
    { "token_setup", "makes the key repositories", setup_run, OWNER },
    { "token_rotate", "stages a new token key", token_rotate_run, OWNER },
    { "receipt_setup", "makes the key repositories", setup_run, OWNER },
    { "receipt_rotate", "stages a new key for receipts", receipt_rotate_run, OWNER },
    { "create_jws_keypair", "makes a new key pair that signs jws tokens", jws_keypair_run,
      "--directory DIR --force " OWNER },
    { "pki_setup", "makes the certificates that sign pki and pkiz tokens", pki_setup_run, OWNER },
    { "credential_setup", "makes the key repositories", setup_run, OWNER },
    { "credential_rotate", "stages a new key for credentials", credential_rotate_run, OWNER },
    { "credential_migrate", "encrypts credentials with the primary key", credential_migrate_run, OWNER },
    { "domain_config_upload", "puts the files of domains with directories into the database",
      domain_config_upload_run, "--all --domain-name NAME" },
    { "mapping_populate", "gives ids to all of a domain's directory", mapping_populate_run,
      "--domain-name NAME" },
    { "mapping_purge", "removes ids of users and groups of directories", mapping_purge_run,
      "--all --domain-name NAME --public-id ID --local-id ID --type user|group" },
    { "reset_last_active", "lets users without a last login count as active now", reset_last_active_run,
      "--force" },
    { "token_flush", "removes stored tokens that expired", token_flush_run },
    { "trust_flush", "removes trusts that expired", trust_flush_run,
      "--project-id ID --trustor-user-id ID --trustee-user-id ID --date DD-MM-YYYY" },
    { "import", "takes over the database of a Keystone", import_run_with, "--from URL --replace --dry-run" },
    { "doctor", "says what is not as it should be", doctor_run },
    { 0 },
};
