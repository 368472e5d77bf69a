/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/password.h"

#include <crypt.h>
#include <errno.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/str.h"
#include "base/uuid.h"
#include "crypto/digest.h"

#define BCRYPT_MAX_BYTES  72
#define BCRYPT_MIN_ROUNDS 4
#define BCRYPT_MAX_ROUNDS 31
#define BCRYPT_SALT       22 /* Characters, behind "$2b$04$"; */
#define BCRYPT_PREFIX     7
#define CUT_PREFIX        "$cut72" /* Before "$2b$…" */
#define LONG_PREFIX       "$bcrypt-sha256$v=2,t=2b,r="

/* What crypt_r(3) needs and leaves behind; too big for a worker's stack, and
 * full of the password, so it is wiped before it is freed. */
struct work {
    struct crypt_data data;
    char text[CRYPT_MAX_PASSPHRASE_SIZE];
    char setting[CRYPT_GENSALT_OUTPUT_SIZE];
};

static void work_free(struct work *w)
{
    secret_wipe(w, sizeof(*w));
    free(w);
}
DEFINE_CLEANUP(struct work *, work_free);

static struct work *work_new(void)
{
    struct work *w = calloc(1, sizeof(*w));

    if (!w)
        die("out of memory");
    return w;
}

/* Puts 'password' in place.  False when it is longer than 'max', or than the
 * library takes. */
static bool work_set_text(struct work *w, const char *password, size_t max)
{
    size_t n = strlen(password);

    if (n > max || n >= sizeof(w->text))
        return false;
    memmove(w->text, password, n + 1); /* It may be there already. */
    return true;
}

/* In the place of a password that bcrypt would cut: its MAC under the salt. */
static void work_set_digest(struct work *w, const char *password, const char *salt)
{
    auto_arena struct arena a;
    uint8_t mac[DIGEST_MAX];
    size_t n = hmac_of(DIGEST_SHA256, salt, BCRYPT_SALT, password, strlen(password), mac);
    char *text;

    arena_init(&a);
    text = base64_encode(&a, mac, n);
    memcpy(w->text, text, strlen(text) + 1);
    secret_wipe(text, strlen(text));
    secret_wipe(mac, sizeof(mac));
}

/* Puts as much of 'password' in place as bcrypt reads. */
static void work_set_cut(struct work *w, const char *password)
{
    size_t n = strnlen(password, BCRYPT_MAX_BYTES);

    memcpy(w->text, password, n);
    w->text[n] = 0;
}

/* A bcrypt setting with a new salt. */
static bool work_set_salt(struct work *w, unsigned rounds)
{
    char salt[16];

    random_bytes(salt, sizeof(salt));
    return crypt_gensalt_rn("$2b$", rounds, salt, sizeof(salt), w->setting, sizeof(w->setting)) != NULL;
}

/* The hash, or null; a failure gives "*0" or "*1" from some versions. */
static const char *work_crypt(struct work *w, const char *setting)
{
    const char *h = crypt_rn(w->text, setting, &w->data, sizeof(w->data));

    return h && h[0] == '$' ? h : NULL;
}

/* The hash of a long password: "$bcrypt-sha256$v=2,t=2b,r=12$SALT$DIGEST". */
static char *long_hash(struct arena *a, struct work *w, const char *password, unsigned rounds)
{
    const char *salt = w->setting + BCRYPT_PREFIX, *h;

    work_set_digest(w, password, salt);
    h = work_crypt(w, w->setting);
    if (!h)
        return NULL;
    return arena_printf(a, LONG_PREFIX "%u$%.*s$%s", rounds, BCRYPT_SALT, salt,
                        h + BCRYPT_PREFIX + BCRYPT_SALT);
}

/* True when 'password' gives that hash; '*ret_worked' when the time of it is spent. */
static bool long_check(struct work *w, const char *password, const char *hash, bool *ret_worked)
{
    unsigned rounds = 0;
    int n = 0;
    const char *salt, *digest, *h;

    if (sscanf(hash, LONG_PREFIX "%2u$%n", &rounds, &n) < 1 || !n || strlen(hash + n) <= BCRYPT_SALT + 1 ||
        rounds < BCRYPT_MIN_ROUNDS || rounds > BCRYPT_MAX_ROUNDS)
        return false;
    salt = hash + n;
    digest = salt + BCRYPT_SALT + 1;
    snprintf(w->setting, sizeof(w->setting), "$2b$%02u$%.*s", rounds, BCRYPT_SALT, salt);
    work_set_digest(w, password, salt);
    h = work_crypt(w, w->setting);
    *ret_worked = h != NULL;
    h = h ? h + BCRYPT_PREFIX + BCRYPT_SALT : "";
    return salt[BCRYPT_SALT] == '$' && *h && strlen(h) == strlen(digest) &&
           mem_eq_const_time(h, digest, strlen(h));
}

/* --- kinds that are no crypt(3) hashes (passlib's texts) -------------------------- */

#define DERIVED_MAX 128

/* Base64 with '.' for '+' and no padding. */
static int ab64_decode(struct arena *a, const char *s, uint8_t **ret, size_t *ret_n)
{
    size_t n = strlen(s);
    char *copy = arena_printf(a, "%s%.*s", s, (int) ((4 - n % 4) % 4), "===");

    for (char *p = copy; *p; p++)
        if (*p == '.')
            *p = '+';
    return base64_decode(a, copy, strlen(copy), ret, ret_n);
}

/* The same the other way; 'plus' is what stands for '+'. */
static char *ab64_encode(struct arena *a, const void *data, size_t n, char plus)
{
    char *s = base64_encode(a, data, n);

    s[strcspn(s, "=")] = 0;
    for (char *p = s; *p; p++)
        if (*p == '+')
            *p = plus;
    return s;
}

/* The number behind "NAME=" in "a=1,b=2". */
static int64_t parameter(const char *list, const char *name)
{
    const char *at = strstr(list, name);
    char *end;
    long long v = at ? strtoll(at + strlen(name), &end, 10) : -1;

    return at && end != at + strlen(name) ? v : -1;
}

static bool check_pbkdf2(struct arena *a, const char *text, const char **parts, const EVP_MD *md)
{
    uint8_t *salt, *want, got[DERIVED_MAX];
    size_t salt_n, want_n;
    int64_t rounds;

    if (strv_len(parts) != 5 || str_to_i64(parts[2], &rounds) < 0 || rounds < 1 || rounds > 10000000)
        return false;
    if (ab64_decode(a, parts[3], &salt, &salt_n) < 0 || ab64_decode(a, parts[4], &want, &want_n) < 0 ||
        !want_n || want_n > sizeof(got))
        return false;
    if (PKCS5_PBKDF2_HMAC(text, (int) strlen(text), salt, (int) salt_n, (int) rounds, md, (int) want_n,
                          got) != 1)
        return false;
    return mem_eq_const_time(got, want, want_n);
}

static bool check_pbkdf2_sha1(struct arena *a, const char *text, const char **parts)
{
    return check_pbkdf2(a, text, parts, EVP_sha1());
}

static bool check_pbkdf2_sha256(struct arena *a, const char *text, const char **parts)
{
    return check_pbkdf2(a, text, parts, EVP_sha256());
}

static bool check_pbkdf2_sha512(struct arena *a, const char *text, const char **parts)
{
    return check_pbkdf2(a, text, parts, EVP_sha512());
}

static bool check_scrypt(struct arena *a, const char *text, const char **parts)
{
    uint8_t *salt, *want, got[DERIVED_MAX];
    size_t salt_n, want_n;
    int64_t ln, r, p;

    if (strv_len(parts) != 5)
        return false;
    ln = parameter(parts[2], "ln=");
    r = parameter(parts[2], "r=");
    p = parameter(parts[2], "p=");
    if (ln < 1 || ln > 24 || r < 1 || r > 64 || p < 1 || p > 64)
        return false;
    if (ab64_decode(a, parts[3], &salt, &salt_n) < 0 || ab64_decode(a, parts[4], &want, &want_n) < 0 ||
        !want_n || want_n > sizeof(got))
        return false;
    if (EVP_PBE_scrypt(text, strlen(text), salt, salt_n, 1ULL << ln, (uint64_t) r, (uint64_t) p, 1ULL << 31,
                       got, want_n) != 1)
        return false;
    return mem_eq_const_time(got, want, want_n);
}

/* The first form of $bcrypt-sha256$: "2b,12", the digest without a key. */
static bool check_bcrypt_sha256(struct arena *a, const char *text, const char **parts)
{
    auto_cleanup(work_free) struct work *w = work_new();
    uint8_t digest[DIGEST_MAX];
    const char *setting, *h;
    int64_t rounds;
    size_t n;

    if (strv_len(parts) != 5 || strlen(parts[3]) != BCRYPT_SALT)
        return false;
    rounds = parameter(parts[2], ",");
    if (rounds < BCRYPT_MIN_ROUNDS || rounds > BCRYPT_MAX_ROUNDS)
        return false;
    n = digest_of(DIGEST_SHA256, text, strlen(text), digest);
    setting = arena_printf(a, "$2b$%02d$%s", (int) rounds, parts[3]);
    if (!work_set_text(w, base64_encode(a, digest, n), BCRYPT_MAX_BYTES))
        return false;
    h = work_crypt(w, setting);
    return h && strlen(h) == strlen(setting) + strlen(parts[4]) &&
           mem_eq_const_time(h + strlen(setting), parts[4], strlen(parts[4]));
}

static const struct {
    const char *prefix;
    bool (*check)(struct arena *a, const char *text, const char **parts);
} foreign[] = {
    { "$scrypt$", check_scrypt },
    { "$pbkdf2-sha512$", check_pbkdf2_sha512 },
    { "$pbkdf2-sha256$", check_pbkdf2_sha256 },
    { "$pbkdf2$", check_pbkdf2_sha1 },
    { "$bcrypt-sha256$", check_bcrypt_sha256 },
};

/* 1 right, 0 wrong, -1: not one of these. */
static int check_foreign(const char *text, const char *hash)
{
    struct arena a;
    int right = -1;

    arena_init(&a);
    for (size_t i = 0; hash && text && i < ARRAY_SIZE(foreign); i++)
        if (str_has_prefix(hash, foreign[i].prefix))
            right = foreign[i].check(&a, text, str_split(&a, hash, '$'));
    arena_done(&a);
    return right;
}

/* --- making new ones ---------------------------------------------------------------- */

#define SCRYPT_BYTES  32
#define SCRYPT_MEMORY (1LL << 30)
#define PBKDF2_BYTES  64
#define SALT_MAX      96

/* 'r' is complete: no number in it is 0. */
typedef char *hash_maker(struct arena *a, const char *text, const struct password_recipe *r);

static char *make_long(struct arena *a, const char *text, const struct password_recipe *r)
{
    auto_cleanup(work_free) struct work *w = work_new();

    return work_set_salt(w, (unsigned) r->rounds) ? long_hash(a, w, text, (unsigned) r->rounds) : NULL;
}

static char *make_bcrypt(struct arena *a, const char *text, const struct password_recipe *r)
{
    auto_cleanup(work_free) struct work *w = work_new();
    const char *h = NULL;

    if (!work_set_text(w, text, BCRYPT_MAX_BYTES))
        return make_long(a, text, r);
    if (work_set_salt(w, (unsigned) r->rounds))
        h = work_crypt(w, w->setting);
    return h ? arena_strdup(a, h) : NULL;
}

static char *make_scrypt(struct arena *a, const char *text, const struct password_recipe *r)
{
    uint8_t salt[SALT_MAX], key[SCRYPT_BYTES];
    size_t n = (size_t) r->salt_bytes;

    random_bytes(salt, n);
    if (EVP_PBE_scrypt(text, strlen(text), salt, n, 1ULL << r->rounds, (uint64_t) r->block_size,
                       (uint64_t) r->parallelism, SCRYPT_MEMORY * 2, key, sizeof(key)) != 1)
        return NULL;
    return arena_printf(a, "$scrypt$ln=%lld,r=%lld,p=%lld$%s$%s", (long long) r->rounds,
                        (long long) r->block_size, (long long) r->parallelism, ab64_encode(a, salt, n, '+'),
                        ab64_encode(a, key, sizeof(key), '+'));
}

static char *make_pbkdf2(struct arena *a, const char *text, const struct password_recipe *r)
{
    uint8_t salt[SALT_MAX], key[PBKDF2_BYTES];
    size_t n = (size_t) r->salt_bytes;

    random_bytes(salt, n);
    if (PKCS5_PBKDF2_HMAC(text, (int) strlen(text), salt, (int) n, (int) r->rounds, EVP_sha512(), sizeof(key),
                          key) != 1)
        return NULL;
    return arena_printf(a, "$pbkdf2-sha512$%lld$%s$%s", (long long) r->rounds, ab64_encode(a, salt, n, '.'),
                        ab64_encode(a, key, sizeof(key), '.'));
}

static const struct kind {
    const char *name;
    hash_maker *make;
    int64_t rounds, min, max; /* Used when nothing is said, the least, the most. */
    const char *prefixes[4];  /* Of hashes that need no new one. */
} makers[] = {
    /* $cut72: the password may have ended otherwise. */
    { "bcrypt", make_bcrypt, 12, BCRYPT_MIN_ROUNDS, BCRYPT_MAX_ROUNDS, { "$2b$", LONG_PREFIX, CUT_PREFIX } },
    { "bcrypt_sha256", make_long, 12, BCRYPT_MIN_ROUNDS, BCRYPT_MAX_ROUNDS, { LONG_PREFIX, CUT_PREFIX } },
    { "scrypt", make_scrypt, 16, 1, 24, { "$scrypt$", CUT_PREFIX } },
    { "pbkdf2_sha512", make_pbkdf2, 25000, 1, 10000000, { "$pbkdf2-sha512$", CUT_PREFIX } },
};

static const struct kind *kind_named(const char *name)
{
    for (size_t i = 0; name && i < ARRAY_SIZE(makers); i++)
        if (str_eq(makers[i].name, name))
            return &makers[i];
    return name ? NULL : &makers[0];
}

static struct password_recipe complete(const struct kind *k, const struct password_recipe *r)
{
    return (struct password_recipe){ .kind = k->name,
                                     .rounds = r->rounds ? r->rounds : k->rounds,
                                     .block_size = r->block_size ? r->block_size : 8,
                                     .parallelism = r->parallelism ? r->parallelism : 1,
                                     .salt_bytes = r->salt_bytes ? r->salt_bytes : 16 };
}

int password_recipe_check(const struct password_recipe *recipe, struct err *err)
{
    const struct kind *k = kind_named(recipe->kind);
    struct password_recipe r;

    if (!k)
        return err_set(err, -EINVAL, "There is no password hash '%s'.", recipe->kind);
    r = complete(k, recipe);
    if (r.rounds < k->min || r.rounds > k->max)
        return err_set(err, -EINVAL, "The number of %s rounds must be from %lld to %lld.", k->name,
                       (long long) k->min, (long long) k->max);
    if (r.salt_bytes < 0 || r.salt_bytes > SALT_MAX)
        return err_set(err, -EINVAL, "The salt must have from 1 to %d bytes.", SALT_MAX);
    if (k->make != make_scrypt)
        return 0;
    if (r.block_size < 1 || r.block_size > 64 || r.parallelism < 1 || r.parallelism > 64)
        return err_set(err, -EINVAL, "Block size and parallelism of scrypt must be from 1 to 64.");
    if (128 * r.block_size * (r.parallelism + (1LL << r.rounds)) > SCRYPT_MEMORY)
        return err_set(err, -EINVAL, "scrypt would need more than 1 GiB for each password.");
    return 0;
}

int password_hash(struct arena *a, struct secret password, const struct password_recipe *recipe, char **ret,
                  struct err *err)
{
    const char *text = secret_expose(password);
    struct password_recipe r;
    char *h;

    if (!text)
        return err_set(err, -EINVAL, "There is no password.");
    if (password_recipe_check(recipe, err) < 0)
        return -EINVAL;
    r = complete(kind_named(recipe->kind), recipe);
    h = kind_named(r.kind)->make(a, text, &r);
    if (!h)
        return err_set(err, -EINVAL, "The password cannot be hashed.");
    *ret = h;
    return 0;
}

bool password_is_old(const char *hash, const struct password_recipe *recipe)
{
    const struct kind *k = kind_named(recipe->kind);

    for (size_t i = 0; hash && k && k->prefixes[i]; i++)
        if (str_has_prefix(hash, k->prefixes[i]))
            return false;
    return hash && k;
}

/* --- checking ------------------------------------------------------------------------- */

/* Spends the time of a real check. */
static void pretend(const char *text, const struct password_recipe *recipe)
{
    auto_arena struct arena a;
    char *h;

    arena_init(&a);
    (void) password_hash(&a, secret_of(text ? text : ""), recipe, &h, NULL);
}

bool password_check(struct secret password, const char *hash, const struct password_recipe *recipe)
{
    /* bcrypt reads no more than 72 bytes; the others read all. */
    static const struct {
        const char *prefix;
        size_t max;
    } kinds[] = {
        { "$2b$", BCRYPT_MAX_BYTES }, { "$2a$", BCRYPT_MAX_BYTES }, { "$2y$", BCRYPT_MAX_BYTES },
        { "$5$", SIZE_MAX },          { "$6$", SIZE_MAX },
    };
    auto_cleanup(work_free) struct work *w = work_new();
    const char *text = secret_expose(password), *h = NULL;
    bool right, worked = false;
    int foreign_right;

    if (hash && text && str_has_prefix(hash, LONG_PREFIX)) {
        right = long_check(w, text, hash, &worked);
        if (!worked)
            pretend(text, recipe);
        return right;
    }
    if (hash && text && str_has_prefix(hash, CUT_PREFIX "$2")) {
        hash += strlen(CUT_PREFIX);
        work_set_cut(w, text);
        text = w->text;
    }
    foreign_right = check_foreign(text, hash);
    if (foreign_right >= 0)
        return foreign_right;
    for (size_t i = 0; hash && text && i < ARRAY_SIZE(kinds); i++)
        if (str_has_prefix(hash, kinds[i].prefix) && work_set_text(w, text, kinds[i].max))
            h = work_crypt(w, hash);
    if (!h) {
        pretend(text, recipe);
        return false;
    }
    return strlen(h) == strlen(hash) && mem_eq_const_time(h, hash, strlen(h));
}
