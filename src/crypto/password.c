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

int password_hash(struct arena *a, struct secret password, unsigned rounds, char **ret, struct err *err)
{
    auto_cleanup(work_free) struct work *w = NULL;
    const char *text = secret_expose(password), *h;

    if (!text)
        return err_set(err, -EINVAL, "There is no password.");
    if (rounds < BCRYPT_MIN_ROUNDS || rounds > BCRYPT_MAX_ROUNDS)
        return err_set(err, -EINVAL, "The number of bcrypt rounds must be from %d to %d.", BCRYPT_MIN_ROUNDS,
                       BCRYPT_MAX_ROUNDS);

    w = work_new();
    h = NULL;
    if (work_set_salt(w, rounds))
        h = work_set_text(w, text, BCRYPT_MAX_BYTES) ? work_crypt(w, w->setting)
                                                     : long_hash(a, w, text, rounds);
    if (!h)
        return err_set(err, -EINVAL, "The password cannot be hashed.");

    *ret = arena_strdup(a, h);
    return 0;
}

/* Spends the time of a real check. */
static void work_pretend(struct work *w, const char *password, unsigned rounds)
{
    if (rounds < BCRYPT_MIN_ROUNDS)
        rounds = BCRYPT_MIN_ROUNDS;
    if (rounds > BCRYPT_MAX_ROUNDS)
        rounds = BCRYPT_MAX_ROUNDS;
    if (!work_set_text(w, password, BCRYPT_MAX_BYTES))
        work_set_text(w, "", BCRYPT_MAX_BYTES);
    if (work_set_salt(w, rounds))
        work_crypt(w, w->setting);
}

/* --- kinds of other programs (passlib's texts) ----------------------------------- */

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

bool password_is_old(const char *hash)
{
    return hash && !str_has_prefix(hash, "$2b$") && !str_has_prefix(hash, LONG_PREFIX) &&
           !str_has_prefix(hash, CUT_PREFIX); /* Whose password may have ended otherwise. */
}

bool password_check(struct secret password, const char *hash, unsigned rounds)
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
            work_pretend(w, text, rounds);
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
        work_pretend(w, text ? text : "", rounds);
        return false;
    }
    return strlen(h) == strlen(hash) && mem_eq_const_time(h, hash, strlen(h));
}
