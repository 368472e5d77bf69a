/* SPDX-License-Identifier: Apache-2.0 */
#include "rest/version.h"

#include <stdio.h>

#include "base/str.h"
#include "rest/dialect.h"
#include "rest/server.h"

static bool is_below(const char *path, const char *prefix)
{
    size_t n = strlen(prefix);

    return strncmp(path, prefix, n) == 0 && (path[n] == '/' || !path[n]);
}

static bool applies(const struct request *rq)
{
    const struct service *svc = rq->server->service;

    return svc->version_type && !rq->legacy &&
           (!svc->version_prefix || str_has_prefix(rq->http->path, svc->version_prefix));
}

/* "compute 2.93, volume 3.1": the part for our type, or null. */
static const char *own_part(struct request *rq, const char *header)
{
    size_t n = strlen(rq->server->service->version_type);

    strv_foreach (part, str_split(rq->arena, header, ',')) {
        const char *p = str_trim(rq->arena, *part);

        if (strncasecmp(p, rq->server->service->version_type, n) == 0 && p[n] == ' ')
            return str_trim(rq->arena, p + n);
    }
    return NULL;
}

static const char *asked(struct request *rq)
{
    const char *h = rq_header(rq, "OpenStack-API-Version");
    const char *v = h ? own_part(rq, h) : NULL;

    if (!v && rq->server->service->version_header)
        v = rq_header(rq, rq->server->service->version_header);
    return v;
}

static int refuse(struct request *rq, struct err *err, const char *v, bool malformed)
{
    const struct service *svc = rq->server->service;

    if (svc->dialect->bad_version)
        return svc->dialect->bad_version(rq, err, v, malformed);
    if (malformed)
        return err_http(err, 400, NULL,
                        "API Version String %s is of invalid format. Must be of format MajorNum.MinorNum.",
                        v);
    return err_http(err, 406, NULL,
                    "Version %s is not supported by the API. Minimum is %u.%u and maximum is %u.%u.", v,
                    svc->version_major, svc->version_min, svc->version_major, svc->version_max);
}

int version_negotiate(struct request *rq, struct err *err)
{
    const struct service *svc = rq->server->service;
    const char *v, *dot;
    int64_t major, minor;

    rq->legacy = svc->legacy_prefix && is_below(rq->http->path, svc->legacy_prefix);
    if (rq->legacy)
        rq->version = svc->version_min;
    if (!applies(rq))
        return 0;
    rq->version = svc->version_min;
    v = asked(rq);
    if (!v)
        return 0;
    if (strcasecmp(v, "latest") == 0) {
        rq->version = svc->version_max;
        return 0;
    }
    dot = strchr(v, '.');
    if (!dot || str_to_i64(arena_strndup(rq->arena, v, (size_t) (dot - v)), &major) < 0 ||
        str_to_i64(dot + 1, &minor) < 0 || (dot[1] == '0' && dot[2]) || major < 0 || minor < 0)
        return refuse(rq, err, v, true);
    if (major != svc->version_major || minor < svc->version_min || minor > svc->version_max)
        return refuse(rq, err, v, false);
    rq->version = (unsigned) minor;
    return 0;
}

void version_answer(struct request *rq)
{
    const struct service *svc = rq->server->service;
    char text[96];

    if (!applies(rq))
        return;
    snprintf(text, sizeof(text), "%s %u.%u", svc->version_type, svc->version_major, rq->version);
    http_reply_header(rq->http, "OpenStack-API-Version", text);
    http_reply_header(rq->http, "Vary", "OpenStack-API-Version");
    if (svc->version_header) {
        http_reply_header(rq->http, svc->version_header, text + strlen(svc->version_type) + 1);
        http_reply_header(rq->http, "Vary", svc->version_header);
    }
}
