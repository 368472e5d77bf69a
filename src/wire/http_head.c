/* SPDX-License-Identifier: Apache-2.0 */
/* The headers of a request: read strictly, because what two readers of one
 * stream understand differently is how requests are smuggled past one of them. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "wire/http_impl.h"
#include "wire/url.h"

static const char *const methods[] = {
    [HTTP_GET] = "GET",   [HTTP_HEAD] = "HEAD",       [HTTP_POST] = "POST",
    [HTTP_PUT] = "PUT",   [HTTP_PATCH] = "PATCH",     [HTTP_DELETE] = "DELETE",
    [HTTP_COPY] = "COPY", [HTTP_OPTIONS] = "OPTIONS", [HTTP_OTHER] = "UNKNOWN",
};

const char *http_method_text(enum http_method m)
{
    return methods[m];
}

static enum http_method method_parse(const char *text)
{
    for (int m = 0; m < HTTP_OTHER; m++) {
        if (strcmp(text, methods[m]) == 0)
            return m;
    }
    return HTTP_OTHER;
}

/* The characters of a token (RFC 9110, 5.6.2). */
static bool is_token(const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        unsigned char c = s[i];
        bool alnum = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');

        if (!alnum && (!c || !strchr("!#$%&'*+-.^_`|~", c)))
            return false;
    }
    return n > 0;
}

/* Headers that count only when they came once. */
enum once {
    ONCE_HOST,
    ONCE_LENGTH,
    ONCE_TYPE,
    ONCE_TOKEN,
    ONCE_SUBJECT,
    ONCE_AUTH,
    ONCE_CODING,
    ONCE_EXPECT
};

static const struct {
    const char *name;
    size_t len;
} once_names[] = {
#define ONCE(n)          \
    {                    \
        n, sizeof(n) - 1 \
    }
    [ONCE_HOST] = ONCE("Host"),
    [ONCE_LENGTH] = ONCE("Content-Length"),
    [ONCE_TYPE] = ONCE("Content-Type"),
    [ONCE_TOKEN] = ONCE("X-Auth-Token"),
    [ONCE_SUBJECT] = ONCE("X-Subject-Token"),
    [ONCE_AUTH] = ONCE("Authorization"),
    [ONCE_CODING] = ONCE("Transfer-Encoding"),
    [ONCE_EXPECT] = ONCE("Expect"),
#undef ONCE
};

struct head {
    struct http_exchange *x;
    const char *end; /* Where the next header must begin. */
    const char *once[ARRAY_SIZE(once_names)];
    const char *bad; /* What is wrong. */
};

/* libmicrohttpd parses in place and puts zeroes over each line's CR LF.  A
 * header that does not begin right behind the last one's two zeroes hides
 * something: a NUL in a value, a bare LF, a folded line. */
static bool is_adjacent(struct head *h, const char *name, size_t name_len, const char *value,
                        size_t value_len)
{
    const char *p = name + name_len + 1;
    bool ok = name == h->end && value >= p;

    while (ok && p < value) {
        ok = *p == ' ' || *p == '\t';
        p++;
    }
    h->end = value + value_len + 2;
    return ok;
}

static bool has_control(const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        unsigned char c = s[i];

        if ((c < ' ' && c != '\t') || c == 0x7f)
            return true;
    }
    return false;
}

static const char *header_check(struct head *h, const char *name, size_t name_len, const char *value,
                                size_t value_len)
{
    if (!is_adjacent(h, name, name_len, value, value_len))
        return "a header line is malformed";
    if (!is_token(name, name_len))
        return "a header's name is malformed";
    if (has_control(value, value_len))
        return "a header's value has control characters";
    return NULL;
}

static void field_add(struct http_exchange *x, const char *name, size_t name_len, const char *value)
{
    if (x->fields_count == x->fields_cap) {
        size_t cap = x->fields_cap ? x->fields_cap * 2 : 16;

        x->fields =
            arena_grow(&x->arena, x->fields, x->fields_cap * sizeof(*x->fields), cap * sizeof(*x->fields));
        x->fields_cap = cap;
    }
    x->fields[x->fields_count++] = (struct http_field){ name, value, name_len };
}

static enum MHD_Result header_take(void *cls, enum MHD_ValueKind kind, const char *name, size_t name_len,
                                   const char *value, size_t value_len)
{
    struct head *h = cls;
    size_t trimmed = value_len;

    h->bad = header_check(h, name, name_len, value, value_len);
    if (h->bad)
        return MHD_NO;
    while (trimmed && (value[trimmed - 1] == ' ' || value[trimmed - 1] == '\t'))
        trimmed--;
    if (trimmed < value_len)
        value = arena_strndup(&h->x->arena, value, trimmed);

    for (size_t i = 0; i < ARRAY_SIZE(once_names); i++) {
        if (once_names[i].len != name_len || strncasecmp(once_names[i].name, name, name_len) != 0)
            continue;
        if (h->once[i])
            h->bad = arena_printf(&h->x->arena, "the header %s came twice", once_names[i].name);
        h->once[i] = value;
    }
    field_add(h->x, name, name_len, value);
    return h->bad ? MHD_NO : MHD_YES;
}

static bool is_host(const char *s)
{
    static const char extra[] = "-._~%!$&'()*+,;=";
    const char *p = s, *digits;

    if (*p == '[') {
        p += 1 + strspn(p + 1, "0123456789abcdefABCDEF:.%");
        if (*p++ != ']')
            return false;
    } else {
        while ((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || (*p >= '0' && *p <= '9') ||
               (*p && strchr(extra, *p)))
            p++;
    }
    if (p == s)
        return false;
    if (*p == ':') {
        digits = ++p;
        p += strspn(p, "0123456789");
        if (p - digits > 5)
            return false;
    }
    return !*p;
}

/* How long the body is: 0 or what is wrong. */
static const char *framing_read(struct head *h, bool http10)
{
    const char *length = h->once[ONCE_LENGTH], *coding = h->once[ONCE_CODING];

    if (coding && length)
        return "both Content-Length and Transfer-Encoding";
    if (coding) {
        if (http10 || strcasecmp(coding, "chunked") != 0)
            return "the transfer coding is not known";
        h->x->rq.content_length = HTTP_SIZE_UNKNOWN;
    } else if (length && str_to_u64(length, &h->x->rq.content_length) < 0) {
        return "the Content-Length is malformed";
    }
    return NULL;
}

static bool has_dot_segment(const char *path)
{
    for (const char *p = path; (p = strchr(p, '/'));) {
        size_t n = strcspn(++p, "/");

        if ((n == 1 && p[0] == '.') || (n == 2 && p[0] == '.' && p[1] == '.'))
            return true;
    }
    return false;
}

/* The part of an absolute-form target behind its authority. */
static char *target_origin(struct http_exchange *x)
{
    char *t = x->raw;
    size_t n;

    if (strncasecmp(t, "http://", 7) != 0 && strncasecmp(t, "https://", 8) != 0)
        return t;
    t = strchr(t, ':') + 3;
    n = strcspn(t, "/?");
    if (n == 0)
        return x->raw;
    return t[n] == '/' ? t + n : arena_printf(&x->arena, "/%s", t + n);
}

static const char *target_read(struct http_exchange *x)
{
    struct http_request *rq = &x->rq;
    char *target = target_origin(x), *mark, *path;

    for (const char *p = target; *p; p++) {
        if ((unsigned char) *p <= ' ' || *p == 0x7f || *p == '#')
            return "the target has characters that must be escaped";
    }
    mark = strchr(target, '?');
    if (mark) {
        *mark = '\0';
        rq->query = mark + 1;
    }
    rq->target = rq->path = target;
    if (rq->method == HTTP_OPTIONS && str_eq(target, "*"))
        return NULL;
    if (*target != '/')
        return "the target must be a path";
    if (url_decode(&x->arena, target, strlen(target), false, &path) < 0 || has_control(path, strlen(path)))
        return "the path is malformed";
    if (has_dot_segment(path))
        return "the path has dot segments";
    rq->path = path;
    return NULL;
}

static void peer_read(struct http_exchange *x)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(x->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const struct sockaddr *sa = info ? info->client_addr : NULL;
    const struct in6_addr *a6;

    if (sa && sa->sa_family == AF_INET) {
        inet_ntop(AF_INET, &((const struct sockaddr_in *) sa)->sin_addr, x->peer, sizeof(x->peer));
    } else if (sa && sa->sa_family == AF_INET6) {
        a6 = &((const struct sockaddr_in6 *) sa)->sin6_addr;
        if (IN6_IS_ADDR_V4MAPPED(a6))
            inet_ntop(AF_INET, &a6->s6_addr[12], x->peer, sizeof(x->peer));
        else
            inet_ntop(AF_INET6, a6, x->peer, sizeof(x->peer));
    }
}

static size_t head_size(const struct http_exchange *x)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(x->connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);

    return info ? info->header_size : 0;
}

/* The lines themselves, before what they say. */
static const char *lines_read(struct http_exchange *x, struct head *h, const char *method,
                              const char *version)
{
    h->x = x;
    h->end = version + strlen(version) + 2;
    MHD_get_connection_values_n(x->connection, MHD_HEADER_KIND, header_take, h);
    if (!x->raw_end || x->raw_end + 1 != version ||
        x->raw_end - strlen(x->raw) != method + strlen(method) + 1)
        return "the request line is malformed";
    if (!h->bad && h->end + 2 != method + head_size(x))
        return "a header line is malformed";
    return h->bad;
}

int http_head_read(struct http_exchange *x, const char *method, const char *version, const char **ret_words)
{
    bool http10 = str_eq(version, "HTTP/1.0");
    struct head h = { 0 };
    const char *bad;

    x->rq.method_text = method;
    x->rq.method = method_parse(method);
    peer_read(x);
    bad = lines_read(x, &h, method, version);
    if (!bad && !is_token(method, strlen(method)))
        bad = "the method is malformed";
    if (!bad && !http10 && !h.once[ONCE_HOST])
        bad = "the Host header is missing";
    if (!bad && h.once[ONCE_HOST] && !is_host(h.once[ONCE_HOST]))
        bad = "the Host header is malformed";
    if (!bad)
        bad = framing_read(&h, http10);
    if (!bad)
        bad = target_read(x);
    if (bad) {
        *ret_words = bad;
        return 400;
    }

    if (head_size(x) > x->server->c.max_header_bytes) {
        *ret_words = "the headers are too large";
        return 431;
    }
    if (h.once[ONCE_EXPECT] && strcasecmp(h.once[ONCE_EXPECT], "100-continue") != 0) {
        *ret_words = "the expectation is not known";
        return 417;
    }
    x->expects = h.once[ONCE_EXPECT] && !http10;
    return 0;
}

void http_head_own(struct http_exchange *x)
{
    x->rq.method_text = arena_strdup(&x->arena, x->rq.method_text);
    for (size_t i = 0; i < x->fields_count; i++) {
        struct http_field *f = &x->fields[i];

        f->name = arena_strndup(&x->arena, f->name, f->name_len);
        f->value = arena_strdup(&x->arena, f->value);
    }
}

const char *http_header_get(const struct http_request *rq, const char *name)
{
    const struct http_exchange *x = rq->exchange;
    size_t n = strlen(name);

    for (size_t i = 0; i < x->fields_count; i++) {
        if (x->fields[i].name_len == n && strncasecmp(x->fields[i].name, name, n) == 0)
            return x->fields[i].value;
    }
    return NULL;
}
