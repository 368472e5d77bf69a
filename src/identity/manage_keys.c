/* SPDX-License-Identifier: Apache-2.0 */
/* Commands of `stackd identity` about key repositories. */
#include <pwd.h>
#include <unistd.h>

#include "base/str.h"
#include "crypto/es256.h"
#include "identity/driver/token/keyring.h"
#include "identity/driver/token/pki.h"
#include "identity/identity.h"
#include "identity/manage.h"
#include "identity/manage_words.h"
#include "identity/model/credentials.h"

#define CREDENTIAL_KEYS_MAX 3 /* As Keystone: no key goes while something may still need it. */

/* Whose the files shall be.  They are always those of who runs identity, so a
 * script that says so is right, and one that wants somebody else is told. */
static int check_owner(const char *user, struct err *err)
{
    const struct passwd *pw = user ? getpwnam(user) : NULL;

    if (!user || (pw && pw->pw_uid == geteuid()))
        return 0;
    return err_set(err, -EINVAL,
                   "--keystone-user %s: keys belong to the user that stackd runs as ([stackd] user)", user);
}

/* The group is that of the user and gets no rights to the files. */
static int read_owner(const char *const *words, struct err *err)
{
    const char *user = NULL, *group = NULL;
    const struct word_option options[] = { { "--keystone-user", &user },
                                           { "--keystone-group", &group },
                                           { 0 } };
    int r = words_read(words, options, err);

    return r < 0 ? r : check_owner(user, err);
}

/* Opening the server made the repositories already. */
int setup_run(struct server *s, const char *const *words, struct strbuf *out, struct err *err)
{
    const struct identity *id = s->state;
    int r = read_owner(words, err);

    if (r < 0)
        return r;
    strbuf_printf(out, "There are token keys in %s\n", keyring_dir(id->keys));
    if (id->receipt_keys != id->keys)
        strbuf_printf(out, "keys for receipts in %s\n", keyring_dir(id->receipt_keys));
    strbuf_printf(out, "and credential keys in %s.\n", keyring_dir(id->credential_keys));
    return 0;
}

static int rotate(const struct keyring *keys, const char *what, int64_t max, struct strbuf *out,
                  struct err *err)
{
    int r = fernet_rotate(keyring_dir(keys), (unsigned) max, err);

    if (r >= 0)
        strbuf_printf(out, "Rotated the %s keys in %s; running processes take them within a second.\n", what,
                      keyring_dir(keys));
    return r < 0 ? r : 0;
}

int token_rotate_run(struct server *s, const char *const *words, struct strbuf *out, struct err *err)
{
    const struct identity *id = s->state;
    int r = read_owner(words, err);

    return r < 0 ? r : rotate(id->keys, "token", id->opt->max_active_keys, out, err);
}

int receipt_rotate_run(struct server *s, const char *const *words, struct strbuf *out, struct err *err)
{
    const struct identity *id = s->state;
    int r = read_owner(words, err);

    return r < 0 ? r : rotate(id->receipt_keys, "receipt", id->opt->receipt_max_active_keys, out, err);
}

/* Both, as receipts had no command of their own at first. */
int fernet_rotate_run(struct server *s, const char *const *words, struct strbuf *out, struct err *err)
{
    const struct identity *id = s->state;
    int r = token_rotate_run(s, words, out, err);

    return r < 0 || id->receipt_keys == id->keys ? r : receipt_rotate_run(s, words, out, err);
}

/* As keystone-manage does: a pair in some folder, to be taken to where it is wanted. */
static int make_pair_in(const char *dir, bool force, struct strbuf *out, struct err *err)
{
    auto_arena struct arena a;
    const char *private, *public;
    int r;

    arena_init(&a);
    private = arena_printf(&a, "%s/private.pem", dir);
    public = arena_printf(&a, "%s/public.pem", dir);
    if (force) {
        (void) unlink(private);
        (void) unlink(public);
    }
    r = es256_make(private, public, err);
    if (r >= 0)
        strbuf_printf(out, "Made a key pair: %s and %s.\n", private, public);
    return r < 0 ? r : 0;
}

int jws_keypair_run(struct server *s, const char *const *words, struct strbuf *out, struct err *err)
{
    struct identity *id = s->state;
    const char *user = NULL, *group = NULL, *dir = NULL;
    bool force = false;
    const struct word_option options[] = { { "--keystone-user", &user },
                                           { "--keystone-group", &group },
                                           { "--directory", &dir },
                                           { "--force", .flag = &force },
                                           { 0 } };
    int r = words_read(words, options, err);

    if (r >= 0)
        r = check_owner(user, err);
    if (r < 0)
        return r;
    if (dir)
        return make_pair_in(dir, force, out, err);
    if (!id->tokens.driver->renew)
        return err_set(err, -EINVAL, "[identity] token_provider is %s: its tokens need no such keys",
                       id->tokens.driver->name);
    return id->tokens.driver->renew(id->tokens.self, out, err);
}

int pki_setup_run(struct server *s, const char *const *words, struct strbuf *out, struct err *err)
{
    int r = read_owner(words, err);

    return r < 0 ? r : pki_setup(s, out, err);
}

int credentials_unmigrated(struct server *s, int64_t *ret, struct err *err)
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
int credential_rotate_run(struct server *s, const char *const *words, struct strbuf *out, struct err *err)
{
    const struct identity *id = s->state;
    int64_t n;
    int r = read_owner(words, err);

    if (r >= 0)
        r = credentials_unmigrated(s, &n, err);
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
    return r < 0 ? r : 0;
}

int credential_migrate_run(struct server *s, const char *const *words, struct strbuf *out, struct err *err)
{
    int64_t n;
    int r = read_owner(words, err);

    if (r >= 0)
        r = credentials_migrate(s, &n, err);
    if (r >= 0)
        strbuf_printf(out, "Encrypted %lld credentials with the primary key.\n", (long long) n);
    return r < 0 ? r : 0;
}
