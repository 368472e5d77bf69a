/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/manage.h"

#include <stdio.h>
#include <sys/stat.h>

#include "base/str.h"
#include "identity/driver/token/keyring.h"
#include "identity/driver/token/pki.h"
#include "identity/identity.h"
#include "identity/import/import.h"
#include "identity/manage_words.h"
#include "identity/model/credentials.h"
#include "identity/store/trusts.h"

#define CREDENTIAL_KEYS_MAX 3 /* As Keystone: no key goes while something may still need it. */

static int fernet_rotate_run(struct server *s, struct strbuf *out, struct err *err)
{
    const struct identity *id = s->state;
    int r = fernet_rotate(keyring_dir(id->keys), (unsigned) id->opt->max_active_keys, err);

    if (r >= 0)
        strbuf_printf(out, "Rotated the token keys in %s; running processes take them within a second.\n",
                      keyring_dir(id->keys));
    return r;
}

/* Opening the server made the repositories already. */
static int setup_run(struct server *s, struct strbuf *out, struct err *err)
{
    const struct identity *id = s->state;

    strbuf_printf(out, "There are token keys in %s\nand credential keys in %s.\n", keyring_dir(id->keys),
                  keyring_dir(id->credential_keys));
    return 0;
}

static int jws_keypair_run(struct server *s, struct strbuf *out, struct err *err)
{
    struct identity *id = s->state;

    if (!id->tokens.driver->renew)
        return err_set(err, -EINVAL, "[identity] token_provider is %s: its tokens need no such keys",
                       id->tokens.driver->name);
    return id->tokens.driver->renew(id->tokens.self, out, err);
}

static int unmigrated(struct server *s, int64_t *ret, struct err *err)
{
    struct identity *id = s->state;
    auto_rollback struct txn *t = NULL;
    auto_arena struct arena a;
    int r;

    arena_init(&a);
    r = txn_begin(s->db, false, &t, err);
    return r < 0 ? r
                 : sql_get_int(t, ret, err, "SELECT COUNT(*) FROM credentials WHERE key_hash <> ?",
                               val_text(fernet_primary_hash(&a, keyring_fresh(id->credential_keys))));
}

/* A rotation while credentials still need an older key could lose them. */
static int credential_rotate_run(struct server *s, struct strbuf *out, struct err *err)
{
    const struct identity *id = s->state;
    int64_t n;
    int r = unmigrated(s, &n, err);

    if (r >= 0 && n)
        return err_set(err, -EBUSY,
                       "%lld credentials are still encrypted with an older key: run 'stackd identity "
                       "credential_migrate' first",
                       (long long) n);
    if (r >= 0)
        r = fernet_rotate(keyring_dir(id->credential_keys), CREDENTIAL_KEYS_MAX, err);
    if (r >= 0)
        strbuf_printf(out,
                      "Rotated the credential keys in %s; now run 'stackd identity credential_migrate'.\n",
                      keyring_dir(id->credential_keys));
    return r;
}

static int credential_migrate_run(struct server *s, struct strbuf *out, struct err *err)
{
    int64_t n;
    int r = credentials_migrate(s, &n, err);

    if (r >= 0)
        strbuf_printf(out, "Encrypted %lld credentials with the primary key.\n", (long long) n);
    return r;
}

/* A token that expired may still be asked for within the window. */
static int token_flush_run(struct server *s, struct strbuf *out, struct err *err)
{
    const struct identity *id = s->state;
    const struct token_provider *p = &id->tokens;
    int64_t n = 0;

    if (p->driver->flush)
        n = p->driver->flush(p->self, server_now_us(s) - id->opt->allow_expired_window_s * 1000000, err);
    if (n >= 0)
        strbuf_printf(out, "Removed %lld expired tokens.\n", (long long) n);
    return n < 0 ? (int) n : 0;
}

static int trust_flush_run(struct server *s, struct strbuf *out, struct err *err)
{
    auto_rollback struct txn *t = NULL;
    int64_t n;
    int r = txn_begin(s->db, true, &t, err);

    if (r < 0)
        return r;
    n = trusts_flush(t, server_now_us(s), err);
    r = n < 0 ? (int) n : txn_commit(&t, err);
    if (r >= 0)
        strbuf_printf(out, "Removed %lld expired trusts.\n", (long long) n);
    return r;
}

static int db_version_run(struct server *s, struct strbuf *out, struct err *err)
{
    int64_t v;
    int r = db_version(s->db, &v, err);

    if (r >= 0)
        strbuf_printf(out, "%lld\n", (long long) v);
    return r;
}

static int db_check_run(struct server *s, struct strbuf *out, struct err *err)
{
    const struct migration *m = s->service->schemas[0].migrations;
    int64_t have, need = 0;
    int r = db_version(s->db, &have, err);

    while (m[need].name)
        need++;
    if (r >= 0 && have < need)
        return err_set(err, -ESTALE,
                       "the database is at version %lld and this program needs %lld: run 'stackd identity "
                       "db_sync'",
                       (long long) have, (long long) need);
    if (r >= 0)
        strbuf_printf(out, "The database is at version %lld, which this program needs.\n", (long long) have);
    return r;
}

static int check_folder(const char *dir, struct strbuf *out)
{
    struct stat st;

    if (stat(dir, &st) < 0 || !(st.st_mode & 077))
        return 0;
    strbuf_printf(out, "Others may look into %s: chmod 700 it.\n", dir);
    return 1;
}

/* A hash that is quick for us is quick for whoever guesses. */
static int check_rounds(const struct identity_options *opt, struct strbuf *out)
{
    static const struct {
        const char *kind;
        int64_t least;
    } sane[] = { { "bcrypt", 10 }, { "bcrypt_sha256", 10 }, { "scrypt", 14 }, { "pbkdf2_sha512", 25000 } };

    for (size_t i = 0; i < ARRAY_SIZE(sane); i++)
        if (str_eq(sane[i].kind, opt->password_hash_algorithm) && opt->password_rounds &&
            opt->password_rounds < sane[i].least) {
            strbuf_printf(out, "[identity] password_rounds is below %lld: passwords are guessed quickly.\n",
                          (long long) sane[i].least);
            return 1;
        }
    return 0;
}

static int doctor_run(struct server *s, struct strbuf *out, struct err *err)
{
    const struct identity *id = s->state;
    int found =
        check_folder(keyring_dir(id->keys), out) + check_folder(keyring_dir(id->credential_keys), out);
    int64_t n;
    int r = unmigrated(s, &n, err);

    if (r >= 0)
        r = directories_doctor(s, out, &found, err);
    if (r < 0)
        return r;
    if (n)
        strbuf_printf(out, "%lld credentials need an older key: run 'stackd identity credential_migrate'.\n",
                      (long long) n);
    found += check_rounds(id->opt, out);
    if (!found && !n)
        strbuf_puts(out, "Nothing is wrong.\n");
    return 0;
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
    return r;
}

const struct manage_command identity_commands[] = {
    { "bootstrap", "makes an administrator and the service's place in the catalog",
      .run_with = bootstrap_run },
    { "db_check", "says whether the database is at this program's version", db_check_run, .as_it_is = true },
    { "db_sync", "brings the database to this program's version", db_version_run },
    { "db_version", "prints the version of the database", db_version_run },
    { "fernet_setup", "makes the key repositories", setup_run },
    { "fernet_rotate", "stages a new token key", fernet_rotate_run },
    { "create_jws_keypair", "makes a new key pair that signs jws tokens", jws_keypair_run },
    { "pki_setup", "makes the certificates that sign pki and pkiz tokens", pki_setup },
    { "credential_setup", "makes the key repositories", setup_run },
    { "credential_rotate", "stages a new key for credentials", credential_rotate_run },
    { "credential_migrate", "encrypts credentials with the primary key", credential_migrate_run },
    { "mapping_populate", "gives ids to all of a domain's directory", .run_with = mapping_populate_run },
    { "mapping_purge", "removes ids of users and groups of directories", .run_with = mapping_purge_run },
    { "token_flush", "removes stored tokens that expired", token_flush_run },
    { "trust_flush", "removes trusts that expired", trust_flush_run },
    { "import", "takes over the database of a Keystone", .run_with = import_run_with },
    { "doctor", "says what is not as it should be", doctor_run },
    { 0 },
};
