/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/fernet.h"

#include <dirent.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/die.h"
#include "base/secret.h"
#include "base/str.h"
#include "base/uuid.h"
#include "crypto/digest.h"
#include "io/sock.h"

#define VERSION  0x80
#define HALF     16 /* Bytes of the signing key, of the encryption key, of a block, of the IV. */
#define MAC_LEN  32
#define HEAD     (1 + 8 + HALF) /* Version, time, IV. */
#define DATA_MAX (16u << 20)
#define STAGED   0
#define FILE_MAX 1024
#define SLOTS    64

struct key {
    uint64_t number; /* The file's name. */
    uint8_t sign[HALF], enc[HALF];
};

/* OpenSSL's contexts for one key.  Each is keyed once and then only started
 * again, which saves two thirds of a check.  A MAC context must never be
 * duplicated after its final call (the copy gives wrong results). */
struct key_ctx {
    EVP_MAC_CTX *mac;
    EVP_CIPHER_CTX *enc, *dec;
};

/* A set of contexts, used by one thread at a time. */
struct ctx_set {
    size_t n;
    struct key_ctx key[];
};

struct fernet_keys {
    EVP_MAC *mac;
    EVP_CIPHER *cipher;
    /* Sets that no thread uses now.  A thread looks first where it looked
     * last, so that it finds the one that its cache still holds. */
    _Atomic(struct ctx_set *) idle[SLOTS];
    size_t n;
    struct key key[]; /* Primary first, by falling number. */
};

static void must(bool ok)
{
    if (!ok)
        die("fernet: the cryptographic library failed");
}

/* --- contexts --- */

static void ctx_set_free(struct ctx_set *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < s->n; i++) {
        EVP_MAC_CTX_free(s->key[i].mac);
        EVP_CIPHER_CTX_free(s->key[i].enc);
        EVP_CIPHER_CTX_free(s->key[i].dec);
    }
    free(s);
}

static void key_ctx_init(struct key_ctx *c, const struct fernet_keys *k, const struct key *key)
{
    char sha256[] = "SHA256";
    OSSL_PARAM params[] = { OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, sha256, 0),
                            OSSL_PARAM_construct_end() };

    c->mac = EVP_MAC_CTX_new(k->mac);
    c->enc = EVP_CIPHER_CTX_new();
    c->dec = EVP_CIPHER_CTX_new();
    must(c->mac && c->enc && c->dec);
    must(EVP_MAC_init(c->mac, key->sign, HALF, params) == 1);
    must(EVP_EncryptInit_ex2(c->enc, k->cipher, key->enc, NULL, NULL) == 1);
    must(EVP_DecryptInit_ex2(c->dec, k->cipher, key->enc, NULL, NULL) == 1);
}

static unsigned thread_slot(void)
{
    static _Thread_local unsigned slot;

    if (!slot)
        slot = 1 + (unsigned) gettid() % SLOTS;
    return slot - 1;
}

static struct ctx_set *ctx_set_take(const struct fernet_keys *k)
{
    _Atomic(struct ctx_set *) *idle = ((struct fernet_keys *) k)->idle;
    struct ctx_set *s = atomic_exchange(&idle[thread_slot()], NULL);

    if (s)
        return s;
    s = calloc(1, sizeof(*s) + k->n * sizeof(s->key[0]));
    must(s != NULL);
    s->n = k->n;
    return s;
}

static void ctx_set_return(const struct fernet_keys *k, struct ctx_set *s)
{
    _Atomic(struct ctx_set *) *idle = ((struct fernet_keys *) k)->idle;

    ctx_set_free(atomic_exchange(&idle[thread_slot()], s));
}

static struct key_ctx *ctx_set_key(struct ctx_set *s, const struct fernet_keys *k, size_t i)
{
    if (!s->key[i].mac)
        key_ctx_init(&s->key[i], k, &k->key[i]);
    return &s->key[i];
}

static void mac_of(EVP_MAC_CTX *c, const uint8_t *data, size_t n, uint8_t ret[static MAC_LEN])
{
    size_t len = 0;

    must(EVP_MAC_init(c, NULL, 0, NULL) == 1);
    must(EVP_MAC_update(c, data, n) == 1);
    must(EVP_MAC_final(c, ret, &len, MAC_LEN) == 1 && len == MAC_LEN);
}

/* --- messages --- */

char *fernet_encrypt(struct arena *a, const struct fernet_keys *k, int64_t now_s, const void *data, size_t n)
{
    uint64_t when = htobe64((uint64_t) now_s);
    struct ctx_set *s;
    struct key_ctx *c;
    uint8_t *msg;
    int len = 0, tail = 0;

    must(n <= DATA_MAX);
    msg = arena_alloc(a, HEAD + n + HALF + MAC_LEN);
    msg[0] = VERSION;
    memcpy(msg + 1, &when, sizeof(when));
    random_bytes(msg + 9, HALF);

    s = ctx_set_take(k);
    c = ctx_set_key(s, k, 0);
    must(EVP_EncryptInit_ex2(c->enc, NULL, NULL, msg + 9, NULL) == 1);
    must(EVP_EncryptUpdate(c->enc, msg + HEAD, &len, n ? data : "", (int) n) == 1);
    must(EVP_EncryptFinal_ex(c->enc, msg + HEAD + len, &tail) == 1);
    mac_of(c->mac, msg, HEAD + len + tail, msg + HEAD + len + tail);
    ctx_set_return(k, s);

    return base64url_encode(a, msg, HEAD + len + tail + MAC_LEN, false);
}

/* The key that signed 'msg', or null. */
static struct key_ctx *key_of(struct ctx_set *s, const struct fernet_keys *k, const uint8_t *msg, size_t n)
{
    uint8_t mac[MAC_LEN];

    for (size_t i = 0; i < k->n; i++) {
        struct key_ctx *c = ctx_set_key(s, k, i);

        mac_of(c->mac, msg, n - MAC_LEN, mac);
        if (mem_eq_const_time(mac, msg + n - MAC_LEN, MAC_LEN))
            return c;
    }
    return NULL;
}

/* Decrypts in a message whose signature is right; the length, or -EBADMSG. */
static int open_body(struct key_ctx *c, const uint8_t *msg, size_t n, uint8_t *out)
{
    int len = 0, tail = 0;

    must(EVP_DecryptInit_ex2(c->dec, NULL, NULL, msg + 9, NULL) == 1);
    must(EVP_DecryptUpdate(c->dec, out, &len, msg + HEAD, (int) (n - HEAD - MAC_LEN)) == 1);
    if (EVP_DecryptFinal_ex(c->dec, out + len, &tail) != 1)
        return -EBADMSG;
    return len + tail;
}

int fernet_decrypt(struct arena *a, const struct fernet_keys *k, const char *token, uint8_t **ret,
                   size_t *ret_n, int64_t *ret_time_s)
{
    size_t text_len = token ? strlen(token) : 0, n;
    struct key_ctx *c;
    struct ctx_set *s;
    uint8_t *msg, *out;
    uint64_t when;
    int len;

    if (!text_len || text_len > DATA_MAX || base64url_decode(a, token, text_len, &msg, &n) < 0)
        return -EBADMSG;
    if (n < HEAD + HALF + MAC_LEN || (n - HEAD - MAC_LEN) % HALF != 0 || msg[0] != VERSION)
        return -EBADMSG;

    out = arena_alloc(a, n);
    s = ctx_set_take(k);
    c = key_of(s, k, msg, n);
    len = c ? open_body(c, msg, n, out) : -EBADMSG;
    ctx_set_return(k, s);
    if (len < 0)
        return -EBADMSG;

    memcpy(&when, msg + 1, sizeof(when));
    out[len] = 0;
    *ret = out;
    *ret_n = (size_t) len;
    if (ret_time_s)
        *ret_time_s = (int64_t) be64toh(when);
    return 0;
}

char *fernet_primary_hash(struct arena *a, const struct fernet_keys *k)
{
    uint8_t key[2 * HALF];
    char *text, *hash;

    memcpy(key, k->key[0].sign, HALF);
    memcpy(key + HALF, k->key[0].enc, HALF);
    text = base64url_encode(a, key, sizeof(key), true);
    hash = digest_hex(a, DIGEST_SHA1, text, strlen(text));
    secret_wipe(key, sizeof(key));
    secret_wipe(text, strlen(text));
    return hash;
}

/* --- the key repository --- */

/* The numbers of the key files in 'dir', falling.  Other files are not ours. */
static int list_keys(struct arena *a, const char *dir, uint64_t **ret, size_t *ret_n, struct err *err)
{
    uint64_t *v = NULL, number;
    struct dirent *e;
    size_t n = 0;
    DIR *d;

    d = opendir(dir);
    if (!d)
        return err_set(err, -errno, "cannot read the key repository '%s': %s", dir, strerror(errno));
    while ((e = readdir(d))) {
        size_t i;

        if (str_to_u64(e->d_name, &number) < 0 || number > INT_MAX ||
            !str_eq(e->d_name, arena_printf(a, "%llu", (unsigned long long) number)))
            continue;
        v = arena_grow(a, v, n * sizeof(*v), (n + 1) * sizeof(*v));
        for (i = n++; i > 0 && v[i - 1] < number; i--)
            v[i] = v[i - 1];
        v[i] = number;
    }
    closedir(d);
    *ret = v;
    *ret_n = n;
    return 0;
}

static char *key_path(struct arena *a, const char *dir, uint64_t number)
{
    return arena_printf(a, "%s/%llu", dir, (unsigned long long) number);
}

static int make_key(struct arena *a, const char *dir, uint64_t number, struct err *err)
{
    const char *path = key_path(a, dir, number);
    uint8_t key[2 * HALF];
    char *text;
    int r;

    random_bytes(key, sizeof(key));
    text = base64url_encode(a, key, sizeof(key), true);
    r = file_write_atomic(path, text, strlen(text), 0600);
    secret_wipe(key, sizeof(key));
    secret_wipe(text, strlen(text));
    return r < 0 ? err_set(err, r, "cannot write the key '%s': %s", path, strerror(-r)) : 0;
}

/* Opens the directory and keeps other processes from changing the keys until
 * it is closed.  The descriptor, or -errno. */
static int lock_keys(const char *dir, struct err *err)
{
    int fd, r;

    fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return err_set(err, -errno, "cannot open the key repository '%s': %s", dir, strerror(errno));
    do
        r = flock(fd, LOCK_EX);
    while (r < 0 && errno == EINTR);
    if (r < 0) {
        r = -errno;
        close(fd);
        return err_set(err, r, "cannot lock the key repository '%s': %s", dir, strerror(-r));
    }
    return fd;
}

int fernet_setup(const char *dir, struct err *err)
{
    auto_arena struct arena a;
    auto_close int lock = -1;
    uint64_t *v;
    size_t n;
    int r;

    arena_init(&a);
    r = dir_make(dir, 0700);
    if (r < 0)
        return err_set(err, r, "cannot make the key repository '%s': %s", dir, strerror(-r));
    lock = lock_keys(dir, err);
    if (lock < 0)
        return lock;
    r = list_keys(&a, dir, &v, &n, err);
    if (r < 0)
        return r;
    if (n > 0)
        return 0;

    /* The primary first: if we end in between, a rotation stages the other. */
    r = make_key(&a, dir, 1, err);
    return r < 0 ? r : make_key(&a, dir, STAGED, err);
}

/* Removes the oldest secondary keys beyond 'max' in all, the staged and the
 * primary one included, which stay in any case. */
static int remove_old_keys(struct arena *a, const char *dir, unsigned max, struct err *err)
{
    uint64_t *v;
    size_t n;
    int r;

    r = list_keys(a, dir, &v, &n, err);
    if (r < 0)
        return r;
    for (; n > 2 && n > max; n--) {
        /* v[n - 1] is the staged key, so v[n - 2] is the oldest. */
        const char *path = key_path(a, dir, v[n - 2]);

        if (unlink(path) < 0 && errno != ENOENT)
            return err_set(err, -errno, "cannot remove the key '%s': %s", path, strerror(errno));
    }
    return 0;
}

int fernet_rotate(const char *dir, unsigned max_active, struct err *err)
{
    auto_arena struct arena a;
    auto_close int lock = -1;
    uint64_t *v;
    size_t n;
    int r;

    arena_init(&a);
    lock = lock_keys(dir, err);
    if (lock < 0)
        return lock;
    r = list_keys(&a, dir, &v, &n, err);
    if (r < 0)
        return r;
    if (n == 0)
        return err_set(err, -ENOENT, "the key repository '%s' has no keys", dir);

    /* Without a staged key an earlier rotation ended after its first step:
     * what remains to be done is to stage one. */
    if (v[n - 1] == STAGED) {
        const char *from = key_path(&a, dir, STAGED), *to = key_path(&a, dir, v[0] + 1);

        if (rename(from, to) < 0)
            return err_set(err, -errno, "cannot rename the key '%s': %s", from, strerror(errno));
    }
    r = make_key(&a, dir, STAGED, err);
    return r < 0 ? r : remove_old_keys(&a, dir, max_active, err);
}

static int read_key(struct arena *a, const char *dir, uint64_t number, struct key *ret, struct err *err)
{
    const char *path = key_path(a, dir, number);
    size_t n, key_len = 0;
    uint8_t *key;
    char *text;
    int r;

    r = file_read(a, path, FILE_MAX, &text, &n);
    if (r < 0)
        return err_set(err, r, "cannot read the key '%s': %s", path, strerror(-r));
    while (n > 0 && strchr(" \t\r\n", text[n - 1]))
        n--;
    r = base64url_decode(a, text, n, &key, &key_len);
    secret_wipe(text, n);
    if (r < 0 || key_len != 2 * HALF)
        return err_set(err, -EINVAL, "the file '%s' holds no key of 32 bytes in base64", path);

    ret->number = number;
    memcpy(ret->sign, key, HALF);
    memcpy(ret->enc, key + HALF, HALF);
    secret_wipe(key, key_len);
    return 0;
}

void fernet_free(struct fernet_keys *k)
{
    if (!k)
        return;
    for (size_t i = 0; i < SLOTS; i++)
        ctx_set_free(atomic_load(&k->idle[i]));
    EVP_MAC_free(k->mac);
    EVP_CIPHER_free(k->cipher);
    secret_wipe(k->key, k->n * sizeof(k->key[0]));
    free(k);
}
DEFINE_CLEANUP(struct fernet_keys *, fernet_free);

static struct fernet_keys *keys_new(size_t n)
{
    struct fernet_keys *k = calloc(1, sizeof(*k) + n * sizeof(k->key[0]));

    must(k != NULL);
    k->n = n;
    k->mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    k->cipher = EVP_CIPHER_fetch(NULL, "AES-128-CBC", NULL);
    must(k->mac && k->cipher);
    return k;
}

int fernet_load(const char *dir, struct fernet_keys **ret, struct err *err)
{
    auto_cleanup(fernet_free) struct fernet_keys *k = NULL;
    auto_arena struct arena a;
    auto_close int lock = -1;
    uint64_t *v;
    size_t n;
    int r;

    arena_init(&a);
    lock = lock_keys(dir, err); /* No key vanishes between listing and reading. */
    if (lock < 0)
        return lock;
    r = list_keys(&a, dir, &v, &n, err);
    if (r < 0)
        return r;
    if (n == 0)
        return err_set(err, -ENOENT, "the key repository '%s' has no keys", dir);

    k = keys_new(n);
    for (size_t i = 0; i < n; i++) {
        r = read_key(&a, dir, v[i], &k->key[i], err);
        if (r < 0)
            return r;
    }
    *ret = steal(&k);
    return 0;
}
