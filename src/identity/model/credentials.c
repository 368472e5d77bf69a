/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/model/credentials.h"
#include "identity/model/hashing.h"

#include <stdio.h>

#include "base/str.h"
#include "base/uuid.h"
#include "crypto/digest.h"
#include "crypto/password.h"
#include "identity/driver/token/keyring.h"
#include "identity/model/auth.h"
#include "identity/model/proofs.h"
#include "identity/store/credentials.h"

#define SECRET_BYTES  64
#define SHA256_PREFIX "$stackd-sha256$"
#define TOTP_STEP_S   30
#define BATCH         200

/* --- at rest ------------------------------------------------------------------------- */

/* Keystone encrypts a blob as a JSON text.  What was kept here before that was
 * known is no JSON text, and stands for itself. */
static const char *blob_written(struct arena *a, const char *blob)
{
    struct strbuf b;
    struct jw w;

    strbuf_init(&b, a);
    jw_init(&w, &b);
    jw_str(&w, NULL, blob);
    return strbuf_str(&b);
}

static const char *blob_read(struct arena *a, const char *data, size_t n)
{
    auto_json json_t *list = NULL;
    const char *text = arena_printf(a, "[%.*s]", (int) n, data);
    const char *blob = NULL;

    if (n && data[0] == '"' && json_read(text, strlen(text), &list, NULL) >= 0)
        blob = json_string_value(json_array_get(list, 0));
    return blob ? arena_strdup(a, blob) : arena_strndup(a, data, n);
}

void credential_seal(struct identity *id, struct arena *a, struct credential *c, int64_t now_us)
{
    const struct fernet_keys *keys = keyring_keys(id->credential_keys);
    const char *blob = blob_written(a, c->blob);
    const char *text = fernet_encrypt(a, keys, now_us / 1000000, blob, strlen(blob));

    /* Keystone reads these from its database only with their padding. */
    c->encrypted_blob = arena_printf(a, "%s%.*s", text, (int) ((4 - strlen(text) % 4) % 4), "===");
    c->key_hash = fernet_primary_hash(a, keys);
}

int credential_open(struct identity *id, struct arena *a, struct credential *c, struct err *err)
{
    uint8_t *data;
    size_t n;

    if (fernet_decrypt(a, keyring_keys(id->credential_keys), c->encrypted_blob, &data, &n, NULL) < 0 &&
        fernet_decrypt(a, keyring_fresh(id->credential_keys), c->encrypted_blob, &data, &n, NULL) < 0)
        return err_set(err, -EIO,
                       "the credential '%s' cannot be decrypted: none of the credential keys opens it",
                       c->id);
    c->blob = blob_read(a, (const char *) data, n);
    return 0;
}

struct migration_run {
    struct server *s;
    int64_t n; /* Rows of the last batch. */
};

static int migrate_some(struct txn *t, void *ctx, struct err *err)
{
    struct migration_run *m = ctx;
    struct identity *id = m->s->state;
    static const char *const only[] = { "encrypted_blob", "key_hash", NULL };
    auto_arena struct arena a;
    struct cond old;
    struct list all;
    int r;

    arena_init(&a);
    old = (struct cond){ .column = "key_hash",
                         .op = COND_NE,
                         .value = val_text(fernet_primary_hash(&a, keyring_fresh(id->credential_keys))) };
    r = table_list(t, &a, &credential_table, &(struct query){ .conds = &old, .n_conds = 1, .limit = BATCH },
                   &all, err);
    for (size_t i = 0; r >= 0 && i < all.count; i++) {
        struct credential *c = list_at(&all, i);

        r = credential_open(id, &a, c, err);
        if (r < 0)
            break;
        credential_seal(id, &a, c, server_now_us(m->s));
        r = table_update(t, &a, &credential_table, c, only, err);
    }
    m->n = r < 0 ? r : (int64_t) all.count;
    return r;
}

int credentials_migrate(struct server *s, int64_t *ret_n, struct err *err)
{
    struct migration_run m = { s, 0 };
    int64_t total = 0;
    int r;

    do {
        r = txn_run(s->db, migrate_some, &m, err);
        total += r < 0 ? 0 : m.n;
    } while (r >= 0 && m.n == BATCH);
    *ret_n = total;
    return r;
}

int credentials_unreadable(struct server *s, int64_t *ret_n, struct err *err)
{
    auto_rollback struct txn *t = NULL;
    struct query q = { .limit = BATCH };
    auto_arena struct arena a;
    struct list all = { .more = true };
    int64_t n = 0;
    int r = txn_begin(s->db, false, &t, err);

    arena_init(&a);
    while (r >= 0 && all.more) {
        r = table_list(t, &a, &credential_table, &q, &all, err);
        for (size_t i = 0; r >= 0 && i < all.count; i++) {
            struct credential *c = list_at(&all, i);

            n += credential_open(s->state, &a, c, NULL) < 0;
            q.marker = c->id;
        }
    }
    *ret_n = n;
    return r;
}

const char *ec2_blob_text(struct arena *a, const json_t *blob)
{
    size_t n = json_dumpb(blob, NULL, 0, JSON_ENSURE_ASCII);
    char *text = arena_alloc(a, n + 1);

    json_dumpb(blob, text, n, JSON_ENSURE_ASCII);
    text[n] = '\0';
    return text;
}

const char *ec2_credential_id(struct arena *a, const char *access)
{
    return digest_hex(a, DIGEST_SHA256, access, strlen(access));
}

/* --- secrets of application credentials --------------------------------------------------- */

const char *app_cred_secret_new(struct arena *a, const char **ret_hash)
{
    uint8_t bytes[SECRET_BYTES];
    char *text;

    random_bytes(bytes, sizeof(bytes));
    text = base64url_encode(a, bytes, sizeof(bytes), false);
    /* Nobody guesses 512 random bits, so a slow hash would protect nothing. */
    *ret_hash = arena_printf(a, SHA256_PREFIX "%s", digest_hex(a, DIGEST_SHA256, text, strlen(text)));
    return text;
}

bool app_cred_hash_is_quick(const char *hash)
{
    return hash && str_has_prefix(hash, SHA256_PREFIX);
}

int app_cred_secret_check(struct identity *id, struct arena *a, const char *hash, struct secret secret,
                          struct err *err)
{
    const char *text = secret_expose(secret);
    uint8_t proof[DIGEST_MAX] = { 0 };
    bool right;
    int r;

    if (hash && str_has_prefix(hash, SHA256_PREFIX)) {
        const char *have = digest_hex(a, DIGEST_SHA256, text, strlen(text));

        hash += strlen(SHA256_PREFIX);
        return strlen(have) == strlen(hash) && mem_eq_const_time(have, hash, strlen(hash));
    }
    if (hash) {
        const char *both = arena_printf(a, "%s %s", hash, text);

        hmac_of(DIGEST_SHA256, id->proof_key, sizeof(id->proof_key), both, strlen(both), proof);
        if (proofs_have(id->proofs, proof))
            return true;
    }
    r = hashing_enter(id, err);
    if (r < 0)
        return r;
    right = hashing_check(id, secret, hash);
    hashing_leave(id);
    if (right)
        proofs_add(id->proofs, proof);
    return right;
}

/* --- TOTP (RFC 6238: SHA-1, 30 seconds, 6 digits) ------------------------------------------- */

static int base32_decode(struct arena *a, const char *text, uint8_t **ret, size_t *ret_n)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    size_t len = strlen(text), n = 0;
    uint8_t *out = arena_alloc(a, len * 5 / 8 + 1);
    unsigned bits = 0;
    int have = 0;

    while (len && text[len - 1] == '=')
        len--;
    for (size_t i = 0; i < len; i++) {
        const char *d = strchr(digits, text[i]);

        if (!d)
            return -EINVAL;
        bits = (bits << 5 | (unsigned) (d - digits)) & 0xffff;
        have += 5;
        if (have >= 8) {
            have -= 8;
            out[n++] = (uint8_t) (bits >> have);
        }
    }
    *ret = out;
    *ret_n = n;
    return n ? 0 : -EINVAL;
}

static void totp_code(const uint8_t *key, size_t n, uint64_t step, char ret[static 7])
{
    uint8_t counter[8], mac[DIGEST_MAX];
    unsigned at;
    uint32_t v;

    for (unsigned i = 0; i < 8; i++)
        counter[i] = (uint8_t) (step >> (56 - 8 * i));
    hmac_of(DIGEST_SHA1, key, n, counter, sizeof(counter), mac);
    at = mac[19] & 15;
    v = (uint32_t) (mac[at] & 0x7f) << 24 | (uint32_t) mac[at + 1] << 16 | (uint32_t) mac[at + 2] << 8 |
        mac[at + 3];
    snprintf(ret, 7, "%06u", v % 1000000);
}

static bool totp_fits(struct arena *a, const char *seed, int64_t now_us, int64_t windows,
                      const char *passcode)
{
    uint64_t step = (uint64_t) (now_us / 1000000 / TOTP_STEP_S);
    char code[7];
    uint8_t *key;
    size_t n;
    bool fits = false;

    if (strlen(passcode) != 6 || base32_decode(a, seed, &key, &n) < 0)
        return false;
    for (int64_t i = 0; i <= windows; i++) {
        totp_code(key, n, step - (uint64_t) i, code);
        fits |= mem_eq_const_time(code, passcode, 6);
    }
    return fits;
}

int totp_check(struct server *s, struct arena *a, const char *user_id, const char *passcode, struct err *err)
{
    struct identity *id = s->state;
    const struct cond conds[] = { { .column = "user_id", .op = COND_EQ, .value = val_text(user_id) },
                                  { .column = "type", .op = COND_EQ, .value = val_text("totp") } };
    auto_rollback struct txn *t = NULL;
    bool fits = false;
    struct list all;
    int r = txn_begin(s->db, false, &t, err);

    if (r >= 0)
        r = table_list(t, a, &credential_table,
                       &(struct query){ .conds = conds, .n_conds = ARRAY_SIZE(conds) }, &all, err);
    if (r < 0)
        return r;
    for (size_t i = 0; i < all.count; i++) {
        struct credential *c = list_at(&all, i);

        if (credential_open(id, a, c, NULL) >= 0)
            fits |= totp_fits(a, c->blob, server_now_us(s), id->opt->totp_previous_windows, passcode);
    }
    return fits ? 0 : auth_refused_why(s, err, "The passcode is wrong.");
}
