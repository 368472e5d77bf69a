/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/model/ec2.h"

#include <ctype.h>
#include <stdio.h>

#include "base/str.h"
#include "base/time.h"
#include "crypto/digest.h"
#include "wire/json.h"
#include "wire/url.h"

#define SCOPE_PARTS 4 /* Date, region, service, "aws4_request". */

struct signing {
    struct arena *a;
    const char *secret;
    const json_t *params, *headers;
    const char *verb, *host, *path, *body_hash;
};

static bool same(const char *a, const char *b)
{
    return a && b && strlen(a) == strlen(b) && mem_eq_const_time(a, b, strlen(a));
}

static const char *mac64(struct arena *a, enum digest_kind kind, const char *key, const char *text, size_t n)
{
    uint8_t mac[DIGEST_MAX];
    size_t len = hmac_of(kind, key, strlen(key), text, n, mac);

    return base64_encode(a, mac, len);
}

/* --- parameters --------------------------------------------------------------------- */

static const char *text_of(struct arena *a, const json_t *v)
{
    if (json_is_integer(v))
        return arena_printf(a, "%lld", (long long) json_integer_value(v));
    return json_is_string(v) ? json_string_value(v) : NULL;
}

/* Names of the parameters, sorted. */
static const char **names_of(const struct signing *g)
{
    const char **names = NULL;
    const char *name;
    json_t *v;

    json_object_foreach ((json_t *) g->params, name, v)
        names = strv_add(g->a, names, name);
    if (names)
        strv_sort(names);
    return names;
}

/* "a=1&b=2", sorted by name; version 2 says in it how it is signed. */
static const char *canonical_query(const struct signing *g, bool names_method)
{
    const char **names = names_of(g);
    struct strbuf b;

    if (names_method && !json_object_get(g->params, "SignatureMethod")) {
        names = strv_add(g->a, names, "SignatureMethod");
        strv_sort(names);
    }
    strbuf_init(&b, g->a);
    strv_foreach (name, names) {
        const char *v = names_method && strcmp(*name, "SignatureMethod") == 0
                            ? "HmacSHA256"
                            : text_of(g->a, json_object_get(g->params, *name));

        if (!v)
            return NULL;
        if (b.len)
            strbuf_putc(&b, '&');
        url_encode(&b, *name);
        strbuf_putc(&b, '=');
        url_encode(&b, v);
    }
    return strbuf_str(&b);
}

/* --- versions 0 to 2 -------------------------------------------------------------------- */

static const char *signature_0(const struct signing *g)
{
    const char *action = json_str(g->params, "Action"), *when = json_str(g->params, "Timestamp");
    const char *text;

    if (!action || !when)
        return NULL;
    text = arena_printf(g->a, "%s%s", action, when);
    return mac64(g->a, DIGEST_SHA1, g->secret, text, strlen(text));
}

static int by_lower_case(const void *a, const void *b)
{
    return strcasecmp(*(const char *const *) a, *(const char *const *) b);
}

static const char *signature_1(const struct signing *g)
{
    const char **names = names_of(g);
    struct strbuf b;

    strbuf_init(&b, g->a);
    if (names)
        qsort(names, strv_len(names), sizeof(*names), by_lower_case);
    strv_foreach (name, names) {
        const char *v = text_of(g->a, json_object_get(g->params, *name));

        if (!v)
            return NULL;
        strbuf_puts(&b, *name);
        strbuf_puts(&b, v);
    }
    return mac64(g->a, DIGEST_SHA1, g->secret, strbuf_str(&b), b.len);
}

static const char *signature_2(const struct signing *g)
{
    const char *query = canonical_query(g, true), *text;

    if (!query || !g->verb || !g->host || !g->path)
        return NULL;
    text = arena_printf(g->a, "%s\n%s\n%s\n%s", g->verb, g->host, g->path, query);
    return mac64(g->a, DIGEST_SHA256, g->secret, text, strlen(text));
}

/* --- version 4 ----------------------------------------------------------------------------- */

/* The key derived for a day, a region and a service. */
static void derive_key(const struct signing *g, const char *const *scope, uint8_t ret[static DIGEST_MAX])
{
    const char *first = arena_printf(g->a, "AWS4%s", g->secret);
    size_t n = hmac_of(DIGEST_SHA256, first, strlen(first), scope[0], strlen(scope[0]), ret);

    for (unsigned i = 1; i < SCOPE_PARTS; i++) {
        uint8_t key[DIGEST_MAX];

        memcpy(key, ret, n);
        n = hmac_of(DIGEST_SHA256, key, n, scope[i], strlen(scope[i]), ret);
    }
}

static const char *sign_4(const struct signing *g, const char *const *scope, const char *text, size_t n)
{
    uint8_t key[DIGEST_MAX], mac[DIGEST_MAX];

    derive_key(g, scope, key);
    hmac_of(DIGEST_SHA256, key, digest_size(DIGEST_SHA256), text, n, mac);
    return hex_encode(g->a, mac, digest_size(DIGEST_SHA256));
}

/* "NAME=value" of the Authorization header, or the parameter X-Amz-NAME. */
static const char *auth_param(const struct signing *g, const char *name)
{
    const char *header = json_str(g->headers, "Authorization"), *at;

    if (!header)
        return json_str(g->params, arena_printf(g->a, "X-Amz-%s", name));
    at = strstr(header, arena_printf(g->a, "%s=", name));
    if (!at)
        return NULL;
    at += strlen(name) + 1;
    return arena_strndup(g->a, at, strcspn(at, ","));
}

static const char *header_named(const struct signing *g, const char *lower)
{
    const char *name;
    json_t *v;

    json_object_foreach ((json_t *) g->headers, name, v)
        if (str_eq(str_lower(g->a, name), lower) && json_is_string(v))
            return str_trim(g->a, json_string_value(v));
    return NULL;
}

/* Boto before 2.9.3 signs the host without its port. */
static bool strips_port(const struct signing *g)
{
    const char *agent = header_named(g, "user-agent");

    return agent && str_has_prefix(agent, "Boto/2.") && isdigit((unsigned char) agent[7]) &&
           agent[8] == '.' && agent[9] >= '0' && agent[9] <= '2';
}

static const char *canonical_headers(const struct signing *g, const char *signed_headers)
{
    bool strip = strips_port(g);
    struct strbuf b;

    strbuf_init(&b, g->a);
    strv_foreach (name, str_split(g->a, signed_headers, ';')) {
        const char *v = header_named(g, *name);

        if (!v)
            continue;
        if (strip && strcmp(*name, "host") == 0)
            v = arena_strndup(g->a, v, strcspn(v, ":"));
        strbuf_printf(&b, "%s%s:%s", b.len ? "\n" : "", *name, v);
    }
    return strbuf_str(&b);
}

/* The time that is a part of what is signed. */
static const char *time_4(const struct signing *g)
{
    const char *when = json_str(g->headers, "X-Amz-Date");

    return when ? when : json_str(g->params, "X-Amz-Date");
}

static const char *signature_4(const struct signing *g)
{
    const char *credential = auth_param(g, "Credential"), *signed_headers = auth_param(g, "SignedHeaders");
    const char *when = time_4(g);
    const char **parts = credential ? str_split(g->a, credential, '/') : NULL;
    const char *query, *request, *text;

    if (!when || !signed_headers || strv_len(parts) != SCOPE_PARTS + 1 || !g->verb || !g->path ||
        !g->body_hash)
        return NULL;
    if (strcmp(parts[SCOPE_PARTS], "aws4_request") != 0 || str_empty(parts[1]) ||
        !str_has_prefix(when, parts[1]))
        return NULL;
    query = str_eq_nocase(g->verb, "POST") ? "" : canonical_query(g, false);
    if (!query)
        return NULL;
    request = arena_printf(g->a, "%s\n%s\n%s\n%s\n\n%s\n%s", g->verb, g->path, query,
                           canonical_headers(g, signed_headers), signed_headers, g->body_hash);
    text = arena_printf(g->a, "AWS4-HMAC-SHA256\n%s\n%s/%s/%s/%s\n%s", when, parts[1], parts[2], parts[3],
                        parts[4], digest_hex(g->a, DIGEST_SHA256, request, strlen(request)));
    return sign_4(g, parts + 1, text, strlen(text));
}

/* --- which ------------------------------------------------------------------------------------ */

static bool is_version_4(const struct signing *g)
{
    const char *header = json_str(g->headers, "Authorization");

    if (header)
        return str_has_prefix(header, "AWS4-HMAC-SHA256");
    return str_eq(json_str(g->params, "X-Amz-Algorithm"), "AWS4-HMAC-SHA256");
}

typedef const char *signature_fn(const struct signing *g);

static const struct {
    const char *version;
    signature_fn *signature;
} versions[] = { { "0", signature_0 }, { "1", signature_1 }, { "2", signature_2 } };

/* Null: the parameters name none of those with numbers. */
static signature_fn *numbered_version(const struct signing *g)
{
    const char *version = json_str(g->params, "SignatureVersion");

    for (size_t i = 0; i < ARRAY_SIZE(versions); i++)
        if (str_eq(version, versions[i].version))
            return versions[i].signature;
    return NULL;
}

static const char *signature_of(const struct signing *g)
{
    signature_fn *numbered = numbered_version(g);

    if (numbered)
        return numbered(g);
    return is_version_4(g) ? signature_4(g) : NULL;
}

static const char *upper(struct arena *a, const char *s)
{
    char *copy = arena_strdup(a, s);

    for (char *p = copy; p && *p; p++)
        *p = (char) toupper((unsigned char) *p);
    return copy;
}

bool ec2_signature_check(struct arena *a, const json_t *rq, const char *secret)
{
    struct signing g = {
        .a = a,
        .secret = secret,
        .params = json_obj(rq, "params"),
        .headers = json_obj(rq, "headers"),
        .verb = json_str(rq, "verb"),
        .host = json_str(rq, "host"),
        .path = json_str(rq, "path"),
        .body_hash = json_str(rq, "body_hash"),
    };
    const char *given = json_str(rq, "signature");

    if (is_version_4(&g))
        g.verb = upper(a, g.verb);
    if (str_empty(given))
        return false;
    if (same(given, signature_of(&g)))
        return true;
    if (!g.host || !strchr(g.host, ':'))
        return false;
    g.host = arena_strndup(a, g.host, strcspn(g.host, ":")); /* Some clients sign without the port. */
    return same(given, signature_of(&g));
}

/* --- S3 ----------------------------------------------------------------------------------------- */

static const char *s3_signature_4(const struct signing *g, const char *text, size_t n)
{
    static const char *const services[] = { "s3", "iam", "sts", NULL };
    const char **lines = str_split(g->a, arena_strndup(g->a, text, n), '\n');
    const char **scope = strv_len(lines) == 4 ? str_split(g->a, lines[2], '/') : NULL;

    if (strv_len(scope) != SCOPE_PARTS || strcmp(lines[0], "AWS4-HMAC-SHA256") != 0)
        return NULL;
    if (strcmp(scope[3], "aws4_request") != 0 || !strv_contains(services, scope[2]))
        return NULL;
    return sign_4(g, scope, text, n);
}

bool s3_signature_check(struct arena *a, const json_t *rq, const char *secret)
{
    const struct signing g = { .a = a, .secret = secret };
    const char *given = json_str(rq, "signature"), *token = json_str(rq, "token");
    uint8_t *text;
    size_t n;

    if (str_empty(given) || !token || base64url_decode(a, token, strlen(token), &text, &n) < 0)
        return false;
    if (n >= 4 && memcmp(text, "AWS4", 4) == 0)
        return !memchr(text, 0, n) && same(given, s3_signature_4(&g, (const char *) text, n));
    return same(given, mac64(a, DIGEST_SHA1, secret, (const char *) text, n));
}

int64_t ec2_request_time(struct arena *a, const json_t *rq)
{
    const struct signing g = { .a = a, .params = json_obj(rq, "params"), .headers = json_obj(rq, "headers") };
    const char *when = json_str(g.params, "Timestamp");
    int64_t us;

    /* Version 4 signs its own; of a POST not the parameters, where anybody could write another. */
    if (str_empty(when) || (!numbered_version(&g) && is_version_4(&g)))
        when = time_4(&g);
    if (str_empty(when))
        return 0;
    if (strlen(when) == 16 && when[8] == 'T') /* 20150830T123600Z */
        when = arena_printf(a, "%.4s-%.2s-%.2sT%.2s:%.2s:%.2sZ", when, when + 4, when + 6, when + 9,
                            when + 11, when + 13);
    if (time_parse(when, &us) < 0)
        return -1;
    return us > 0 ? us : 1; /* However old it is, it is one. */
}
