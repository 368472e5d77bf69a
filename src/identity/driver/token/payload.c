/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/driver/token/payload.h"

#include <string.h>

#include "base/str.h"
#include "base/uuid.h"
#include "identity/driver/token/msgpack.h"

#define METHODS_CARRIED 0x7fu
#define EC2_CARRIED     (UINT64_C(1) << 32) /* High above those that a configuration numbers. */

enum form {
    FORM_UNSCOPED = 0,
    FORM_DOMAIN = 1,
    FORM_PROJECT = 2,
    FORM_TRUST = 3,
    FORM_SYSTEM = 8,
    FORM_APPLICATION_CREDENTIAL = 9,
};

static const enum form form_of_scope[] = {
    [SCOPE_NONE] = FORM_UNSCOPED,
    [SCOPE_DOMAIN] = FORM_DOMAIN,
    [SCOPE_PROJECT] = FORM_PROJECT,
    [SCOPE_SYSTEM] = FORM_SYSTEM,
};

static enum form form_of(const struct issued_token *t)
{
    if (t->trust_id)
        return FORM_TRUST;
    return t->app_cred_id ? FORM_APPLICATION_CREDENTIAL : form_of_scope[t->scope];
}

static bool is_hex_id(const char *id)
{
    return strlen(id) == 32 && uuid_is_valid(id);
}

/* An id that is 32 hex digits travels as its 16 bytes. */
static void pack_id(struct strbuf *b, const char *id)
{
    uint8_t bytes[16];

    pack_array(b, 2);
    if (is_hex_id(id) && uuid_parse(id, bytes) == 0) {
        pack_bool(b, true);
        pack_bin(b, bytes, sizeof(bytes));
    } else {
        pack_bool(b, false);
        pack_str(b, id);
    }
}

/* Where a trust has no project. */
static void pack_no_id(struct strbuf *b)
{
    pack_array(b, 2);
    pack_bool(b, false);
    pack_nil(b);
}

static void pack_scope(struct strbuf *b, const struct issued_token *t)
{
    uint8_t bytes[16];

    switch (t->scope) {
    case SCOPE_NONE:
        if (t->trust_id)
            pack_no_id(b);
        break;
    case SCOPE_DOMAIN:
        if (is_hex_id(t->scope_id) && uuid_parse(t->scope_id, bytes) == 0)
            pack_bin(b, bytes, sizeof(bytes));
        else
            pack_str(b, t->scope_id);
        break;
    case SCOPE_PROJECT:
        pack_id(b, t->scope_id);
        break;
    case SCOPE_SYSTEM:
        pack_str(b, t->scope_id);
        break;
    }
}

static void pack_audit_ids(struct strbuf *b, const struct issued_token *t, struct arena *a)
{
    unsigned n = 0;

    while (n < 2 && t->audit_ids[n])
        n++;
    pack_array(b, n);
    for (unsigned i = 0; i < n; i++) {
        uint8_t *bytes;
        size_t len;

        if (base64url_decode(a, t->audit_ids[i], strlen(t->audit_ids[i]), &bytes, &len) == 0)
            pack_bin(b, bytes, len);
        else
            pack_str(b, t->audit_ids[i]);
    }
}

/* A trust's id is always 32 hex digits; an application credential's may have
 * been chosen by somebody else's software. */
static void pack_delegation(struct strbuf *b, const struct issued_token *t)
{
    uint8_t bytes[16];

    if (t->app_cred_id)
        pack_id(b, t->app_cred_id);
    else if (t->trust_id && uuid_parse(t->trust_id, bytes) == 0)
        pack_bin(b, bytes, sizeof(bytes));
}

static void pack_methods(struct strbuf *b, unsigned methods)
{
    pack_uint(b, (methods & METHODS_CARRIED) | (methods & METHOD_EC2 ? EC2_CARRIED : 0));
}

static unsigned items_of(enum form form)
{
    static const unsigned char items[] = {
        [FORM_UNSCOPED] = 5, [FORM_DOMAIN] = 6, [FORM_PROJECT] = 6,
        [FORM_TRUST] = 7,    [FORM_SYSTEM] = 6, [FORM_APPLICATION_CREDENTIAL] = 7,
    };

    return items[form];
}

char *token_encode(struct arena *a, const struct fernet_keys *keys, const struct issued_token *t)
{
    enum form form = form_of(t);
    struct strbuf b;

    strbuf_init(&b, a);
    pack_array(&b, items_of(form));
    pack_uint(&b, form);
    pack_id(&b, t->user_id);
    pack_methods(&b, t->methods);
    pack_scope(&b, t);
    pack_double(&b, (double) t->expires_us / 1e6);
    pack_audit_ids(&b, t, a);
    pack_delegation(&b, t);
    return fernet_encrypt(a, keys, t->issued_us / 1000000, b.data, b.len);
}

/* --- decoding ------------------------------------------------------------------ */

static bool next_of(struct unpacker *u, enum unpack_kind kind, struct unpacked *ret)
{
    return unpack_next(u, ret) && ret->kind == kind;
}

/* Text of an item: bytes of an id become 32 hex digits. */
static const char *id_text(struct arena *a, const struct unpacked *v)
{
    if (v->kind == UNPACK_BIN && v->n == 16)
        return uuid_text_hex(a, v->p);
    if ((v->kind == UNPACK_STR || v->kind == UNPACK_BIN) && v->n && v->n <= 64 && !memchr(v->p, 0, v->n))
        return arena_strndup(a, (const char *) v->p, v->n);
    return NULL;
}

/* The item that an id is in. */
static bool unpack_id_item(struct unpacker *u, struct unpacked *ret)
{
    return next_of(u, UNPACK_ARRAY, ret) && ret->u == 2 && next_of(u, UNPACK_BOOL, ret) &&
           unpack_next(u, ret);
}

static const char *unpack_id(struct arena *a, struct unpacker *u)
{
    struct unpacked v;

    return unpack_id_item(u, &v) ? id_text(a, &v) : NULL;
}

/* A trust's project, if it has one. */
static bool unpack_trust_scope(struct arena *a, struct unpacker *u, struct issued_token *t)
{
    struct unpacked v;

    if (!unpack_id_item(u, &v))
        return false;
    t->scope = v.kind == UNPACK_NIL ? SCOPE_NONE : SCOPE_PROJECT;
    t->scope_id = id_text(a, &v);
    return t->scope == SCOPE_NONE || t->scope_id;
}

static bool unpack_methods(struct unpacker *u, struct issued_token *t)
{
    struct unpacked v;

    if (!next_of(u, UNPACK_UINT, &v))
        return false;
    t->methods = ((unsigned) v.u & METHODS_CARRIED) | (v.u & EC2_CARRIED ? METHOD_EC2 : 0);
    return true;
}

static bool unpack_scope(struct arena *a, struct unpacker *u, struct issued_token *t)
{
    struct unpacked v;

    switch (t->scope) {
    case SCOPE_NONE:
        return true;
    case SCOPE_PROJECT:
        t->scope_id = unpack_id(a, u);
        break;
    default:
        t->scope_id = unpack_next(u, &v) ? id_text(a, &v) : NULL;
    }
    return t->scope_id != NULL;
}

static bool unpack_expiry(struct unpacker *u, struct issued_token *t)
{
    struct unpacked v;

    if (!unpack_next(u, &v))
        return false;
    if (v.kind == UNPACK_UINT)
        v.d = (double) v.u;
    else if (v.kind != UNPACK_DOUBLE)
        return false;
    if (!(v.d >= 1 && v.d < 4e9)) /* Less is nothing once it is counted in microseconds. */
        return false;
    t->expires_us = (int64_t) (v.d * 1e6 + 0.5);
    return true;
}

static bool unpack_audit_ids(struct arena *a, struct unpacker *u, struct issued_token *t)
{
    struct unpacked n, v;

    if (!next_of(u, UNPACK_ARRAY, &n) || n.u > 2)
        return false;
    for (uint64_t i = 0; i < n.u; i++) {
        if (!unpack_next(u, &v) || (v.kind != UNPACK_BIN && v.kind != UNPACK_STR) || v.n > 64)
            return false;
        t->audit_ids[i] = v.kind == UNPACK_BIN ? base64url_encode(a, v.p, v.n, false)
                                               : arena_strndup(a, (const char *) v.p, v.n);
    }
    return n.u > 0;
}

static bool scope_of_form(uint64_t form, enum token_scope *ret)
{
    if (form == FORM_TRUST || form == FORM_APPLICATION_CREDENTIAL) {
        *ret = SCOPE_PROJECT;
        return true;
    }
    for (unsigned i = 0; i < ARRAY_SIZE(form_of_scope); i++)
        if (form_of_scope[i] == form) {
            *ret = (enum token_scope) i;
            return true;
        }
    return false;
}

static bool unpack_delegation(struct arena *a, struct unpacker *u, uint64_t form, struct issued_token *t)
{
    struct unpacked v;

    if (form == FORM_TRUST)
        t->trust_id = next_of(u, UNPACK_BIN, &v) && v.n == 16 ? id_text(a, &v) : NULL;
    else if (form == FORM_APPLICATION_CREDENTIAL)
        t->app_cred_id = unpack_id(a, u);
    else
        return true;
    return t->trust_id || t->app_cred_id;
}

static bool unpack_token(struct arena *a, struct unpacker *u, struct issued_token *t)
{
    struct unpacked n, form;

    if (!next_of(u, UNPACK_ARRAY, &n) || !next_of(u, UNPACK_UINT, &form) || !scope_of_form(form.u, &t->scope))
        return false;
    if (n.u != items_of((enum form) form.u))
        return false;
    t->user_id = unpack_id(a, u);
    return t->user_id && unpack_methods(u, t) &&
           (form.u == FORM_TRUST ? unpack_trust_scope(a, u, t) : unpack_scope(a, u, t)) &&
           unpack_expiry(u, t) && unpack_audit_ids(a, u, t) && unpack_delegation(a, u, form.u, t) &&
           u->at == u->end;
}

int token_decode(struct arena *a, const struct fernet_keys *keys, const char *text, struct issued_token *ret)
{
    struct issued_token t = { 0 };
    struct unpacker u;
    int64_t time_s;
    uint8_t *data;
    size_t n;

    n = strlen(text);
    if (n > 2048 || (n && text[n - 1] == '=')) /* A token has one spelling, and that is without padding. */
        return -EBADMSG;
    if (fernet_decrypt(a, keys, text, &data, &n, &time_s) < 0)
        return -EBADMSG;
    u = (struct unpacker){ data, data + n };
    if (!unpack_token(a, &u, &t))
        return -EBADMSG;
    t.issued_us = time_s * 1000000;
    *ret = t;
    return 0;
}

/* --- receipts --------------------------------------------------------------------- */

#define RECEIPT_ITEMS 4 /* One less than the shortest token: neither is taken for the other. */

char *receipt_encode(struct arena *a, const struct fernet_keys *keys, const struct issued_token *t)
{
    struct strbuf b;

    strbuf_init(&b, a);
    pack_array(&b, RECEIPT_ITEMS);
    pack_uint(&b, 0);
    pack_id(&b, t->user_id);
    pack_methods(&b, t->methods);
    pack_double(&b, (double) t->expires_us / 1e6);
    return fernet_encrypt(a, keys, t->issued_us / 1000000, b.data, b.len);
}

int receipt_decode(struct arena *a, const struct fernet_keys *keys, const char *text,
                   struct issued_token *ret)
{
    struct issued_token t = { 0 };
    struct unpacked n, v;
    struct unpacker u;
    int64_t time_s;
    uint8_t *data;
    size_t len;

    if (strlen(text) > 2048 || fernet_decrypt(a, keys, text, &data, &len, &time_s) < 0)
        return -EBADMSG;
    u = (struct unpacker){ data, data + len };
    if (!next_of(&u, UNPACK_ARRAY, &n) || n.u != RECEIPT_ITEMS || !next_of(&u, UNPACK_UINT, &v) || v.u != 0)
        return -EBADMSG;
    t.user_id = unpack_id(a, &u);
    if (!t.user_id || !unpack_methods(&u, &t) || !unpack_expiry(&u, &t) || u.at != u.end)
        return -EBADMSG;
    t.issued_us = time_s * 1000000;
    *ret = t;
    return 0;
}
