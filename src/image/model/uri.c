/* SPDX-License-Identifier: Apache-2.0 */
#include "image/model/uri.h"

#include "base/str.h"
#include "wire/url.h"

/* A list of what is allowed makes the list of what is not unneeded. */
static bool passes(const char **allowed, const char **disallowed, const char *v)
{
    return allowed && *allowed ? strv_contains(allowed, v) : !strv_contains(disallowed, v);
}

bool uri_is_allowed(const struct image_options *o, struct arena *a, const char *uri)
{
    struct url u;
    const char *host;
    unsigned port;

    /* No names and passwords, which would stand in logs; nothing that readers of
     * addresses take differently (RFC 3986 has neither backslash nor space). */
    if (str_empty(uri) || strpbrk(uri, "@\\ \t\r\n") || url_parse(a, uri, &u, NULL) < 0 ||
        str_empty(u.host) || !u.scheme)
        return false;
    u.scheme = str_lower(a, u.scheme);
    if (!str_eq(u.scheme, "http") && !str_eq(u.scheme, "https"))
        return false;
    host = str_lower(a, u.host);
    port = u.port ? u.port : str_eq(u.scheme, "https") ? 443 : 80;
    return passes(o->import_allowed_schemes, o->import_disallowed_schemes, u.scheme) &&
           passes(o->import_allowed_hosts, o->import_disallowed_hosts, host) &&
           passes(o->import_allowed_ports, o->import_disallowed_ports, arena_printf(a, "%u", port));
}
