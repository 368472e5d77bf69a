/* SPDX-License-Identifier: Apache-2.0 */
/* `stackd identity doctor`: what is not as it should be, in words that say what to do. */
#include <dirent.h>
#include <sys/stat.h>

#include "base/str.h"
#include "identity/driver/token/keyring.h"
#include "identity/identity.h"
#include "identity/manage.h"
#include "identity/manage_words.h"
#include "identity/model/credentials.h"
#include "identity/model/limits.h"
#include "identity/store/projects.h"

struct visit {
    struct server *s;
    const struct identity *id;
    const struct identity_options *opt;
    struct strbuf *out;
    int found;
};

static attr_printf(2, 3) void tell(struct visit *v, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    strbuf_vprintf(v->out, fmt, ap);
    va_end(ap);
    strbuf_puts(v->out, "\n");
    v->found++;
}

/* --- keys ----------------------------------------------------------------------------- */

static void look_at_folder(struct visit *v, const char *dir)
{
    struct stat st;

    if (stat(dir, &st) == 0 && st.st_mode & 077)
        tell(v, "Others may look into %s: chmod 700 it.", dir);
}

/* Keys that sign tokens are files wherever the operator put them. */
static void look_at_secrets(struct visit *v)
{
    const struct token_provider *p = &v->id->tokens;
    auto_arena struct arena a = { 0 };
    struct stat st;

    if (!p->driver->secrets)
        return;
    strv_foreach (path, p->driver->secrets(p->self, &a))
        if (stat(*path, &st) == 0 && st.st_mode & 077)
            tell(v, "Others may read the key %s: chmod 600 it.", *path);
}

static int look_at_keys(struct visit *v, struct err *err)
{
    const char *tokens = keyring_dir(v->id->keys), *credentials = keyring_dir(v->id->credential_keys);
    struct stat a, b;

    look_at_folder(v, tokens);
    look_at_folder(v, credentials);
    if (v->id->receipt_keys != v->id->keys)
        look_at_folder(v, keyring_dir(v->id->receipt_keys));
    look_at_secrets(v);
    if (stat(tokens, &a) == 0 && stat(credentials, &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino)
        tell(v,
             "Tokens and credentials share the keys in %s: a rotation for tokens would lose credentials. "
             "Give [identity] credential_key_repository a folder of its own.",
             tokens);
    return 0;
}

static int look_at_credentials(struct visit *v, struct err *err)
{
    int64_t old = 0, unreadable = 0;
    int r = credentials_unmigrated(v->s, &old, err);

    if (r >= 0)
        r = credentials_unreadable(v->s, &unreadable, err);
    if (r < 0)
        return r;
    if (unreadable)
        tell(v, "%lld credentials are encrypted with keys that are not in %s.", (long long) unreadable,
             keyring_dir(v->id->credential_keys));
    if (old > unreadable)
        tell(v, "%lld credentials need an older key: run 'stackd identity credential_migrate'.",
             (long long) (old - unreadable));
    return 0;
}

/* --- tokens --------------------------------------------------------------------------- */

static int look_at_tokens(struct visit *v, struct err *err)
{
    const struct token_provider *p = &v->id->tokens;
    struct issued_token none;
    auto_arena struct arena a;

    arena_init(&a);
    if (!v->opt->token_cache_entries)
        tell(v, "[identity] token_cache_entries is 0: every token is looked up in the database each time.");
    if (p->driver->read(p->self, &a, "00000000000000000000000000000000", &none, err) == -EHOSTDOWN)
        tell(v, "Tokens cannot be looked up where they are stored: %s", err ? err->msg : "");
    return 0;
}

/* --- passwords ------------------------------------------------------------------------- */

/* A hash that is quick for us is quick for whoever guesses. */
static void look_at_rounds(struct visit *v)
{
    static const struct {
        const char *kind;
        int64_t least;
    } sane[] = { { "bcrypt", 10 }, { "bcrypt_sha256", 10 }, { "scrypt", 14 }, { "pbkdf2_sha512", 25000 } };

    for (size_t i = 0; i < ARRAY_SIZE(sane); i++)
        if (str_eq(sane[i].kind, v->opt->password_hash_algorithm) && v->opt->password_rounds &&
            v->opt->password_rounds < sane[i].least)
            tell(v, "[identity] password_rounds is below %lld: passwords are guessed quickly.",
                 (long long) sane[i].least);
}

static int look_at_passwords(struct visit *v, struct err *err)
{
    const struct identity_options *o = v->opt;

    look_at_rounds(v);
    if (o->password_expires_days && o->password_minimum_age_days >= o->password_expires_days)
        tell(v,
             "[identity] password_minimum_age_days is not less than password_expires_days: passwords expire "
             "before they may be changed.");
    if (!str_empty(o->password_regex) && str_empty(o->password_regex_description))
        tell(v, "[identity] password_regex has no password_regex_description: nobody is told what a password "
                "must be like.");
    return 0;
}

/* --- limits ----------------------------------------------------------------------------- */

/* Projects that were there before the model was chosen. */
static int look_at_depth(struct visit *v, struct err *err)
{
    int64_t depth = limit_model_named(v->opt->limit_model)->depth, deeper = 0;
    auto_rollback struct txn *t = NULL;
    int r;

    if (!depth)
        return 0;
    r = txn_begin(v->s->db, false, &t, err);
    if (r >= 0)
        r = projects_below(t, depth, &deeper, err);
    if (r >= 0 && deeper)
        tell(v,
             "%lld projects are more than %lld levels below their domain: [identity] limit_model = %s says "
             "nothing of them.",
             (long long) deeper, (long long) depth, v->opt->limit_model);
    return r;
}

/* --- directories ------------------------------------------------------------------------ */

static bool domain_exists(struct visit *v, const char *name)
{
    auto_rollback struct txn *t = NULL;
    auto_arena struct arena a;
    struct project p = { 0 };

    arena_init(&a);
    return txn_begin(v->s->db, false, &t, NULL) >= 0 && project_find(t, &a, "", name, &p, NULL) >= 0;
}

static void look_at_file(struct visit *v, const char *folder, const char *file)
{
    auto_arena struct arena a;
    const char *domain;
    struct stat st;

    arena_init(&a);
    if (stat(arena_printf(&a, "%s/%s", folder, file), &st) == 0 && st.st_mode & 07)
        tell(v, "Others may read %s/%s, which may hold a password: chmod 600 it.", folder, file);
    domain = domain_config_file_domain(&a, file);
    if (!domain)
        tell(v, "%s/%s is not read: the files there are named keystone.DOMAIN.conf.", folder, file);
    else if (!domain_exists(v, domain))
        tell(v, "%s/%s is for a domain that there is not.", folder, file);
}

static int look_at_domain_files(struct visit *v, struct err *err)
{
    const char *folder = v->opt->domain_config_dir;
    DIR *dir;

    if (!v->opt->domain_specific_drivers_enabled || v->opt->domain_configurations_from_database)
        return 0;
    dir = opendir(folder);
    if (!dir)
        tell(v, "The folder %s cannot be read ([identity] domain_config_dir).", folder);
    for (struct dirent *e = dir ? readdir(dir) : NULL; e; e = readdir(dir))
        if (e->d_name[0] != '.')
            look_at_file(v, folder, e->d_name);
    if (dir)
        closedir(dir);
    return 0;
}

static int look_at_directories(struct visit *v, struct err *err)
{
    return directories_doctor(v->s, v->out, &v->found, err);
}

/* --- all of it --------------------------------------------------------------------------- */

static int (*const looks[])(struct visit *v, struct err *err) = {
    look_at_keys,  look_at_credentials,  look_at_tokens,      look_at_passwords,
    look_at_depth, look_at_domain_files, look_at_directories,
};

int doctor_run(struct server *s, const char *const *words, struct strbuf *out, struct err *err)
{
    const struct identity *id = s->state;
    struct visit v = { .s = s, .id = id, .opt = id->opt, .out = out };
    int r = words_none(words, err);

    for (size_t i = 0; i < ARRAY_SIZE(looks) && r >= 0; i++)
        r = looks[i](&v, err);
    if (r < 0)
        return r;
    if (!v.found)
        strbuf_puts(out, "Nothing is wrong.\n");
    return v.found ? 1 : 0;
}
