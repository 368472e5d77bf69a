/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/password.h"

#include <crypt.h>
#include <errno.h>
#include <string.h>

#include "base/die.h"
#include "base/str.h"
#include "base/uuid.h"

#define BCRYPT_MAX_BYTES  72
#define BCRYPT_MIN_ROUNDS 4
#define BCRYPT_MAX_ROUNDS 31

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

/* Puts the first 'max' bytes of 'password' in place.  False when it is longer
 * than the library takes. */
static bool work_set_text(struct work *w, const char *password, size_t max)
{
    size_t n = strnlen(password, max);

    if (n >= sizeof(w->text))
        return false;
    memcpy(w->text, password, n);
    w->text[n] = 0;
    return true;
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
    if (!work_set_text(w, text, BCRYPT_MAX_BYTES) || !work_set_salt(w, rounds) ||
        !(h = work_crypt(w, w->setting)))
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
    if (work_set_text(w, password, BCRYPT_MAX_BYTES) && work_set_salt(w, rounds))
        work_crypt(w, w->setting);
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

    for (size_t i = 0; hash && text && i < ARRAY_SIZE(kinds); i++)
        if (str_has_prefix(hash, kinds[i].prefix) && work_set_text(w, text, kinds[i].max))
            h = work_crypt(w, hash);
    if (!h) {
        work_pretend(w, text ? text : "", rounds);
        return false;
    }
    return strlen(h) == strlen(hash) && mem_eq_const_time(h, hash, strlen(h));
}
