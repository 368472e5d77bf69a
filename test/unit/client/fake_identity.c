/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/client/fake_identity.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/str.h"
#include "base/strbuf.h"
#include "base/time.h"

static struct http_head_result on_head(void *ctx, struct http_request *rq)
{
    return (struct http_head_result){ .way = HTTP_WORKER };
}

static void reply_json(struct http_request *rq, int status, const char *text)
{
    http_reply(rq, status, "application/json", text, strlen(text));
}

static const char *expiry(struct fake *f, struct http_request *rq)
{
    return time_text(rq->arena, time_now_us() + (int64_t) f->lifetime_s * 1000000, TIME_ISO_MICRO_Z);
}

static void log_in(struct fake *f, struct http_request *rq)
{
    int n = ++f->logins;

    if (!rq->body || !strstr(rq->body, "\"password\":\"pw\"")) {
        reply_json(rq, 401,
                   "{\"error\": {\"code\": 401, \"message\": \"wrong\", \"title\": \"Unauthorized\"}}");
        return;
    }
    http_reply_header(rq, "X-Subject-Token", arena_printf(rq->arena, "own-%d", n));
    reply_json(
        rq, 201,
        arena_printf(rq->arena,
                     "{\"token\": {\"expires_at\": \"%s\", \"user\": {\"id\": \"u0\"}, \"catalog\": ["
                     "{\"type\": \"thing\", \"name\": \"thing\", \"endpoints\": ["
                     "{\"interface\": \"public\", \"region_id\": \"R1\", \"url\": \"http://192.0.2.1/\"},"
                     "{\"interface\": \"internal\", \"region_id\": \"R2\", \"url\": \"http://192.0.2.2/\"},"
                     "{\"interface\": \"internal\", \"region_id\": \"R1\", \"url\": \"%s/thing/\"}]}]}}",
                     expiry(f, rq), f->base));
}

/* An expired token is one only to who asks for such. */
static bool is_known(const struct http_request *rq, const char *subject)
{
    if (!subject)
        return false;
    return str_has_prefix(subject, "good") ||
           (str_has_prefix(subject, "old") && rq->query && strstr(rq->query, "allow_expired=1"));
}

static void check(struct fake *f, struct http_request *rq)
{
    const char *subject = http_header_get(rq, "X-Subject-Token");
    int64_t ended_us = time_now_us() - INT64_C(3600000000);

    f->checks++;
    if (f->hold_ms)
        nanosleep(&(struct timespec){ .tv_nsec = f->hold_ms * 1000000L }, NULL);
    if (f->down) {
        reply_json(rq, 500, "{}");
        return;
    }
    if (f->forget || !is_known(rq, subject)) {
        reply_json(rq, 404,
                   "{\"error\": {\"code\": 404, \"message\": \"no such token\", \"title\": \"Not Found\"}}");
        return;
    }
    reply_json(
        rq, 200,
        arena_printf(
            rq->arena,
            "{\"token\": {\"methods\": [\"password\"], \"audit_ids\": [\"a1\"], \"expires_at\": \"%s\","
            " \"issued_at\": \"2026-01-02T03:04:05.000000Z\","
            " \"user\": {\"id\": \"u1\", \"name\": \"Ann\", \"domain\": {\"id\": \"d1\", \"name\": \"D\"}},"
            " \"project\": {\"id\": \"p-%s\", \"name\": \"P\", \"domain\": {\"id\": \"d1\", \"name\": \"D\"}},"
            " \"roles\": [{\"id\": \"r1\", \"name\": \"member\"}, {\"id\": \"r2\", \"name\": \"reader\"}]}}",
            str_has_prefix(subject, "old") ? time_text(rq->arena, ended_us, TIME_ISO_MICRO_Z) : expiry(f, rq),
            subject));
}

static void thing(struct fake *f, struct http_request *rq)
{
    const char *id = http_header_get(rq, "X-OpenStack-Request-ID"),
               *version = http_header_get(rq, "OpenStack-API-Version");

    snprintf(f->seen, sizeof(f->seen), "%s %s token=%s id=%s version=%s body=%s", rq->method_text, rq->path,
             http_header_get(rq, "X-Auth-Token"), id ? id : "-", version ? version : "-",
             rq->body ? rq->body : "-");
    reply_json(rq, f->status, f->body);
}

static void on_request(void *ctx, struct http_request *rq)
{
    struct fake *f = ctx;
    const char *token = http_header_get(rq, "X-Auth-Token");
    bool tokens = strcmp(rq->path, "/v3/auth/tokens") == 0;

    if (tokens && rq->method == HTTP_POST) {
        log_in(f, rq);
    } else if (token && str_has_prefix(token, "own-") && f->refuse_own > 0) {
        f->refuse_own--;
        reply_json(rq, 401, "{\"error\": {\"message\": \"who are you?\"}}");
    } else if (tokens) {
        check(f, rq);
    } else {
        thing(f, rq);
    }
}

void fake_stop(struct fake *f)
{
    if (f->http)
        http_server_stop(f->http, 1000);
    f->http = NULL;
}

static void stop(void *arg)
{
    fake_stop(arg);
}

struct fake *fake_start(struct test *t)
{
    struct fake *f = arena_new(test_arena(t), struct fake);
    struct http_config c = { .on_head = on_head, .on_request = on_request, .ctx = f };
    struct err err = { 0 };

    f->lifetime_s = 3600;
    f->status = 200;
    f->body = "{}";
    EXPECT_OK(http_server_start(&c, &f->http, &err), &err);
    test_cleanup(t, stop, f);
    snprintf(f->base, sizeof(f->base), "http://127.0.0.1:%u", http_server_port(f->http));
    return f;
}

static void free_client(void *arg)
{
    client_free(arg);
}

struct client *fake_client(struct test *t, struct fake *f)
{
    struct client_options o = {
        .auth_url = arena_printf(test_arena(t), "%s/v3", f->base),
        .username = "nova",
        .region = "R1",
        .password = secret_of("pw"),
        .timeout_ms = 5000,
    };
    struct err err = { 0 };
    struct client *c;

    EXPECT_OK(client_new(&o, NULL, &c, &err), &err);
    test_cleanup(t, free_client, c);
    return c;
}
