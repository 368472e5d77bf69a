/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/url.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "base/str.h"

#define PARAMS_MAX 500

static bool is_alpha(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

int url_decode(struct arena *a, const char *s, size_t n, bool plus, char **ret)
{
    char *out = arena_alloc(a, n + 1);
    size_t len = 0;

    for (size_t i = 0; i < n; i++) {
        char c = s[i];

        if (c == '+' && plus) {
            c = ' ';
        } else if (c == '%') {
            int high = n - i > 2 ? hex_value(s[i + 1]) : -1;
            int low = n - i > 2 ? hex_value(s[i + 2]) : -1;

            if (high < 0 || low < 0)
                return -EINVAL;
            c = (char) (high << 4 | low);
            i += 2;
        }
        if (c == 0)
            return -EINVAL;
        out[len++] = c;
    }
    if (!str_is_utf8(out, len))
        return -EINVAL;
    *ret = out;
    return 0;
}

void url_encode(struct strbuf *b, const char *s)
{
    static const char hex[] = "0123456789ABCDEF";
    char *start = strbuf_reserve(b, 3 * strlen(s)), *p = start;

    for (; *s; s++) {
        uint8_t c = (uint8_t) *s;

        if (is_alpha(*s) || is_digit(*s) || strchr("-._~", *s)) {
            *p++ = *s;
        } else {
            *p++ = '%';
            *p++ = hex[c >> 4];
            *p++ = hex[c & 15];
        }
    }
    strbuf_commit(b, (size_t) (p - start));
}

/* A piece of the text that is parsed. */
struct span {
    const char *at;
    size_t n;
};

/* Cuts 's' at the first 'sep': what is before stays, what follows is returned
 * (its 'at' null when there is no 'sep'). */
static struct span span_cut(struct span *s, char sep)
{
    const char *p = s->n ? memchr(s->at, sep, s->n) : NULL;
    struct span rest = { 0 };

    if (!p)
        return rest;
    rest.at = p + 1;
    rest.n = s->n - (size_t) (p + 1 - s->at);
    s->n = (size_t) (p - s->at);
    return rest;
}

static const char *span_text(struct arena *a, struct span s)
{
    return s.at ? arena_strndup(a, s.at, s.n) : NULL;
}

static int decode_span(struct arena *a, struct span s, const char **ret)
{
    char *text;

    if (!s.at)
        return 0;
    if (url_decode(a, s.at, s.n, false, &text) < 0)
        return -EINVAL;
    *ret = text;
    return 0;
}

static int parse_port(struct span s, uint16_t *ret)
{
    unsigned port = 0;

    if (!s.n) /* "host:" is allowed and says nothing. */
        return 0;
    for (size_t i = 0; i < s.n; i++) {
        if (!is_digit(s.at[i]))
            return -EINVAL;
        port = port * 10 + (unsigned) (s.at[i] - '0');
        if (port > UINT16_MAX)
            return -EINVAL;
    }
    if (port == 0)
        return -EINVAL;
    *ret = (uint16_t) port;
    return 0;
}

/* "[v6]", without the brackets. */
static int parse_host_v6(struct arena *a, struct span s, struct url *ret)
{
    struct span inner = { s.at + 1, s.n - 1 }, rest = span_cut(&inner, ']');
    struct in6_addr addr;

    ret->host = span_text(a, inner);
    if (!rest.at || inet_pton(AF_INET6, ret->host, &addr) != 1)
        return -EINVAL;
    if (rest.n == 0)
        return 0;
    return rest.at[0] == ':' ? parse_port((struct span){ rest.at + 1, rest.n - 1 }, &ret->port) : -EINVAL;
}

static int parse_host(struct arena *a, struct span s, struct url *ret)
{
    struct span port;

    if (s.n > 0 && s.at[0] == '[')
        return parse_host_v6(a, s, ret);
    port = span_cut(&s, ':');
    if (s.n == 0)
        return port.at ? -EINVAL : 0;
    if (decode_span(a, s, &ret->host) < 0 || ret->host[strcspn(ret->host, " \"#%/:<>?@[\\]^`{|}")])
        return -EINVAL;
    for (const char *p = ret->host; *p; p++)
        if ((uint8_t) *p < 0x20 || *p == 0x7f)
            return -EINVAL;
    return parse_port(port, &ret->port);
}

/* [user[:password]@]host[:port] */
static int parse_authority(struct arena *a, struct span s, struct url *ret)
{
    struct span user = s, password, host = span_cut(&user, '@');

    if (!host.at)
        return parse_host(a, s, ret);
    password = span_cut(&user, ':');
    if (memchr(host.at, '@', host.n) || decode_span(a, user, &ret->user) < 0 ||
        decode_span(a, password, &ret->password) < 0)
        return -EINVAL;
    return parse_host(a, host, ret);
}

static int parse_scheme(struct arena *a, struct span s, struct url *ret)
{
    if (s.n == 0 || !is_alpha(s.at[0]))
        return -EINVAL;
    for (size_t i = 0; i < s.n; i++)
        if (!is_alpha(s.at[i]) && !is_digit(s.at[i]) && !memchr("+-.", s.at[i], 3))
            return -EINVAL;
    ret->scheme = str_lower(a, span_text(a, s));
    return 0;
}

static int parse(struct arena *a, const char *text, struct url *ret)
{
    struct span scheme = { text, strlen(text) }, rest, authority, path;
    size_t n;

    /* All else must have been escaped. */
    for (const char *p = text; *p; p++)
        if (*p <= ' ' || *p > '~')
            return -EINVAL;

    rest = span_cut(&scheme, ':');
    if (!rest.at || parse_scheme(a, scheme, ret) < 0)
        return -EINVAL;
    span_cut(&rest, '#');
    path = rest;
    ret->query = span_text(a, span_cut(&path, '?'));

    if (path.n >= 2 && memcmp(path.at, "//", 2) == 0) {
        authority = (struct span){ path.at + 2, path.n - 2 };
        for (n = 0; n < authority.n && authority.at[n] != '/'; n++)
            ;
        path = (struct span){ authority.at + n, authority.n - n };
        authority.n = n;
        if (parse_authority(a, authority, ret) < 0)
            return -EINVAL;
    }
    if (path.n > 0)
        ret->path = span_text(a, path);
    return 0;
}

int url_parse(struct arena *a, const char *text, struct url *ret, struct err *err)
{
    struct url url = { 0 };

    /* Without the text: it may hold a password. */
    if (!text || parse(a, text, &url) < 0)
        return err_set(err, -EINVAL, "The URL is malformed.");
    *ret = url;
    return 0;
}

int query_parse(struct arena *a, const char *text, struct query_param **ret, size_t *ret_n)
{
    struct span rest = { text, text ? strlen(text) : 0 };
    struct query_param *v;
    size_t n = 0, max = 1;

    for (size_t i = 0; i < rest.n; i++)
        max += rest.at[i] == '&';
    if (max > PARAMS_MAX)
        max = PARAMS_MAX;
    v = arena_array(a, struct query_param, max + 1);

    while (rest.n > 0) {
        struct span name = rest, value;

        rest = span_cut(&name, '&');
        if (name.n == 0)
            continue;
        if (n == PARAMS_MAX)
            return -E2BIG;
        value = span_cut(&name, '=');
        char *name_text, *value_text = "";

        if (url_decode(a, name.at, name.n, true, &name_text) < 0 ||
            (value.at && url_decode(a, value.at, value.n, true, &value_text) < 0))
            return -EINVAL;
        v[n++] = (struct query_param){ name_text, value_text };
    }
    *ret = v;
    if (ret_n)
        *ret_n = n;
    return 0;
}
