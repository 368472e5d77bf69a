/* SPDX-License-Identifier: Apache-2.0 */
#include "placement/api/common.h"

#include <stdio.h>

#include "base/str.h"
#include "placement/model/standard.h"
#include "placement/store/providers.h"
#include "rest/dialect.h"

#define VERSION_WITH_AGE 15
#define NAME_MAX_LEN     255

static bool is_json_type(const char *type)
{
    size_t n = strlen("application/json");

    return type && strncasecmp(type, "application/json", n) == 0 && (!type[n] || strchr(" ;\t", type[n]));
}

int body_required(struct request *rq, struct err *err)
{
    const char *type = rq_header(rq, "Content-Type");

    if (!type && rq->http->body_len)
        return err_http(err, 400, NULL, "content-type header required when content-length > 0");
    if (!is_json_type(type))
        return err_http(err, 415, NULL, "The media type %.100s is not supported, use application/json",
                        type ? type : "None");
    if (!rq->json)
        return err_http(err, 400, NULL, "Malformed JSON: there is no body");
    return 0;
}

int body_read(struct request *rq, const struct field *fields, const json_t *o, void *ret, struct err *err)
{
    return fields_read(rq, fields, ON_CREATE, UNKNOWN_REFUSE, o ? o : rq->json, ret, &rq->given, err);
}

static int refuse_v(struct err *err, const char *keyword, const char *prefix, const char *fmt, va_list ap)
{
    char words[400];

    vsnprintf(words, sizeof(words), fmt, ap);
    return err_http(err, 400, NULL, "%s: %s\n\nFailed validating '%s' in schema", prefix, words, keyword);
}

int body_refuse(struct err *err, const char *keyword, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    refuse_v(err, keyword, "JSON does not validate", fmt, ap);
    va_end(ap);
    return -EINVAL;
}

int query_refuse(struct err *err, const char *keyword, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    refuse_v(err, keyword, "Invalid query string parameters", fmt, ap);
    va_end(ap);
    return -EINVAL;
}

int accept_json(struct request *rq, struct err *err)
{
    const char *accept = rq_header(rq, "Accept");

    if (!accept || strstr(accept, "application/json") || strstr(accept, "*/*") ||
        strstr(accept, "application/*"))
        return 0;
    return err_http(err, 406, NULL, "Only application/json is provided");
}

static void add_age(struct request *rq, int64_t modified_us)
{
    if (rq->version < VERSION_WITH_AGE)
        return;
    reply_header(rq, "Last-Modified",
                 time_text(rq->arena, modified_us ? modified_us : server_now_us(rq->server), TIME_HTTP));
    reply_header(rq, "Cache-Control", "no-cache");
}

int reply_aged(struct request *rq, int status, int64_t modified_us)
{
    add_age(rq, modified_us);
    return reply_end(rq, status);
}

int reply_aged_empty(struct request *rq, int status, int64_t modified_us)
{
    add_age(rq, modified_us);
    return reply_empty(rq, status);
}

void reply_location(struct request *rq, const char *path)
{
    reply_header(rq, "Location", arena_printf(rq->arena, "%s%s", rq_base_url(rq), path));
}

static int missing_provider(int r, const char *uuid, struct err *err)
{
    return r == -ENOENT ? err_http(err, 404, NULL, "No resource provider with uuid %.255s found", uuid) : r;
}

int read_provider(struct request *rq, struct txn **ret_txn, struct provider *ret, struct err *err)
{
    const char *uuid = rq_param(rq, "uuid");
    int r;

    r = accept_json(rq, err);
    if (r >= 0)
        r = rq_txn(rq, ret_txn, err);
    if (r >= 0)
        r = provider_get(*ret_txn, rq->arena, uuid, ret, err);
    return missing_provider(r, uuid, err);
}

int lock_provider(struct request *rq, struct txn **ret_txn, struct provider *ret, struct err *err)
{
    const char *uuid = rq_param(rq, "uuid");
    int r;

    r = rq_txn(rq, ret_txn, err);
    if (r >= 0)
        r = provider_lock(*ret_txn, rq->arena, uuid, ret, err);
    return missing_provider(r, uuid, err);
}

int change_provider(struct request *rq, struct txn **ret_txn, struct provider *ret, struct err *err)
{
    int r;

    r = body_required(rq, err);
    return r < 0 ? r : lock_provider(rq, ret_txn, ret, err);
}

int query_allows(struct request *rq, const char *const *names, struct err *err)
{
    for (size_t i = 0; i < rq->n_query; i++)
        if (!strv_contains(names, rq->query[i].name))
            return err_http(
                err, 400, NULL,
                "Invalid query string parameters: Additional properties are not allowed ('%.255s' "
                "was unexpected)",
                rq->query[i].name);
    return 0;
}

bool is_class_name(const char *s)
{
    return *s && !s[strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")];
}

bool is_custom_name(const char *s)
{
    return str_has_prefix(s, CUSTOM_PREFIX) && is_class_name(s) && s[strlen(CUSTOM_PREFIX)] &&
           strlen(s) <= NAME_MAX_LEN;
}

bool is_uuid_key(const char *s)
{
    return strlen(s) == 36 && strspn(s, "0123456789abcdefABCDEF-") == 36;
}

int generation_conflict(struct err *err, const char *words)
{
    return err_http(err, 409, PLACEMENT_CONCURRENT, "%s", words);
}
