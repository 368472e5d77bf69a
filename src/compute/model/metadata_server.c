/* SPDX-License-Identifier: Apache-2.0 */
#include "compute/model/metadata_server.h"

#include "agent/network_wishes.h"
#include "base/str.h"
#include "compute/model/metadata.h"
#include "compute/store/instances.h"
#include "crypto/digest.h"
#include "wire/http.h"

#define PASSWORD_MAX 1020 /* As upstream has it: four chunks of 255. */

struct metadata_server {
    struct server *server;
    struct http_server *http;
};

static void say(struct http_request *rq, int status, const char *words)
{
    http_reply(rq, status, "text/plain", words, strlen(words));
}

/* Without a secret nobody could prove anything, so nobody is believed. */
static bool signature_fits(const struct compute *c, struct http_request *rq, const char *id)
{
    const char *secret = secret_expose(c->opt->metadata_secret);
    const char *given = http_header_get(rq, METADATA_HEADER_SIGNATURE);
    uint8_t mac[DIGEST_MAX];
    const char *want;
    size_t n;

    if (str_empty(secret) || !given)
        return false;
    n = hmac_of(DIGEST_SHA256, secret, strlen(secret), id, strlen(id), mac);
    want = hex_encode(rq->arena, mac, n);
    return strlen(given) == strlen(want) && mem_eq_const_time(given, want, strlen(want));
}

static int find(struct metadata_server *m, struct http_request *rq, const char *id, struct instance *ret)
{
    const char *project = http_header_get(rq, METADATA_HEADER_TENANT);
    auto_rollback struct txn *t = NULL;
    int r = txn_begin(m->server->db, false, &t, NULL);

    if (r >= 0)
        r = instance_get(t, rq->arena, id, ret, NULL);
    return r >= 0 && !str_eq(project, ret->project_id) ? -ENOENT : r;
}

/* Written once; only the cloud's API clears it. */
static int store_password(struct metadata_server *m, struct http_request *rq, const char *id)
{
    static const char *const only[] = { "system_metadata", NULL };
    auto_rollback struct txn *t = NULL;
    struct instance i;
    int r = txn_begin(m->server->db, true, &t, NULL);

    if (r >= 0)
        r = instance_get(t, rq->arena, id, &i, NULL);
    if (r >= 0 && *metadata_password(rq->arena, &i))
        return -EEXIST;
    if (r >= 0) {
        metadata_set_password(rq->arena, &i, arena_strndup(rq->arena, rq->body, rq->body_len));
        r = instance_update(t, rq->arena, &i, server_now_us(m->server), only, NULL);
    }
    return r < 0 ? r : txn_commit(&t, NULL);
}

static void take_password(struct metadata_server *m, struct http_request *rq, const char *id)
{
    int r;

    if (rq->body_len > PASSWORD_MAX || !str_is_utf8(rq->body, rq->body_len)) {
        say(rq, 400, "Request is too large.\n");
        return;
    }
    r = store_password(m, rq, id);
    if (r == -EEXIST)
        say(rq, 409, "The password is set already.\n");
    else if (r < 0)
        say(rq, 503, "The password cannot be kept now.\n");
    else
        say(rq, 200, "");
}

static void answer(struct metadata_server *m, struct http_request *rq)
{
    const char *id = http_header_get(rq, METADATA_HEADER_INSTANCE), *text, *type;
    struct instance i;
    bool gives = rq->method == HTTP_POST && metadata_is_password(rq->arena, rq->path);
    size_t n;
    int r;

    if (!gives && rq->method != HTTP_GET && rq->method != HTTP_HEAD) {
        say(rq, 405, "Only GET is allowed.\n");
        return;
    }
    if (!id || !http_header_get(rq, METADATA_HEADER_TENANT)) {
        say(rq, 400,
            arena_printf(rq->arena, "%s header is missing from request.\n",
                         id ? METADATA_HEADER_TENANT : METADATA_HEADER_INSTANCE));
        return;
    }
    if (!signature_fits(m->server->state, rq, id)) {
        say(rq, 403, "Invalid proxy request signature.\n");
        return;
    }
    r = find(m, rq, id, &i);
    if (r == -ENOENT) {
        say(rq, 404, "Not found.\n");
        return;
    }
    if (r < 0) {
        say(rq, 503, "The metadata cannot be read now.\n");
        return;
    }
    if (gives) {
        take_password(m, rq, id);
        return;
    }
    r = metadata_get(m->server, rq->arena, &i, rq->path, &text, &n, &type);
    if (r < 0)
        say(rq, 404, "Not found.\n");
    else
        http_reply(rq, 200, type, text, n);
}

static struct http_head_result on_head(void *ctx, struct http_request *rq)
{
    return (struct http_head_result){ .way = HTTP_WORKER };
}

static void on_request(void *ctx, struct http_request *rq)
{
    answer(ctx, rq);
}

int metadata_server_start(struct server *s, struct metadata_server **ret, struct err *err)
{
    const struct compute_options *o = s->options;
    struct metadata_server *m = arena_new(&s->arena, struct metadata_server);
    struct http_config c = {
        .address = o->metadata_host,
        .port = (uint16_t) o->metadata_port,
        .threads = 1,
        .workers = 4,
        .log = &s->log,
        .on_head = on_head,
        .on_request = on_request,
        .ctx = m,
    };
    int r;

    m->server = s;
    r = http_server_start(&c, &m->http, err);
    if (r >= 0)
        *ret = m;
    return r;
}

void metadata_server_stop(struct metadata_server *m)
{
    http_server_stop(m->http, 1000);
}

uint16_t metadata_server_port(const struct metadata_server *m)
{
    return http_server_port(m->http);
}
