/* SPDX-License-Identifier: Apache-2.0 */
/* Consoles: output, URLs with a token, and what the console proxy asks about tokens. */
#include "compute/store/consoles.h"
#include "agent/compute_wishes.h"
#include "base/str.h"
#include "base/uuid.h"
#include "compute/api/actions.h"
#include "compute/api/routes.h"
#include "compute/model/agent.h"
#include "crypto/digest.h"
#include "rest/dialect.h"

static int refuse_not_ready(const struct instance *i, struct err *err)
{
    return err_http(err, 409, NULL, "Instance %s is not ready", i->id);
}

static const char *hash_of(struct arena *a, const char *token)
{
    return digest_hex(a, DIGEST_SHA256, token, strlen(token));
}

/* --- os-getConsoleOutput ----------------------------------------------------------------------- */

struct output {
    int64_t length;
};

static const struct field output_fields[] = {
    FIELD(FIELD_INT, output, length, .use = ON_CREATE, .nullable = true, .lax = true, .min = -1,
          .max = INT32_MAX),
    { 0 },
};

/* Who counts lines counts what is between their ends, as upstream does: no empty one behind the last. */
static void write_output(struct jw *w, const char *text, bool counted)
{
    size_t n = text ? strlen(text) : 0;

    if (counted && n && text[n - 1] == '\n')
        n--;
    jw_strn(w, "output", text ? text : "", n);
}

static int get_output(struct request *rq, struct err *err)
{
    const struct instance *i = instance_in(rq);
    const struct output *o = rq->body;
    auto_json json_t *args = json_pack("{ss}", "server_id", i->id), *reply = NULL;
    struct err why = { 0 };
    struct jw *w;
    int r = rq_commit(rq, err);

    if (r < 0)
        return r;
    if (!i->host)
        return refuse_not_ready(i, err);
    if (o->length != FIELD_NULL_INT && o->length >= 0)
        json_object_set_new(args, "length", json_integer(o->length));
    r = agent_call(rq->server, rq->arena, i->host, COMPUTE_METHOD_CONSOLE_OUTPUT, args, rq->request_id,
                   &reply, &why);
    if (r == -ENOENT)
        return err_http(err, 404, NULL, "Unable to get console: instance %s has no guest.", i->id);
    if (r < 0)
        return err_http(err, r == -EHOSTDOWN ? 409 : 500, NULL,
                        "The console of instance %s cannot be read: %s", i->id, why.msg);
    w = reply_begin(rq);
    jw_object(w, NULL);
    write_output(w, json_str(reply, "output"), o->length != FIELD_NULL_INT && o->length >= 0);
    jw_end_object(w);
    return reply_end(rq, 200);
}

/* --- URLs ------------------------------------------------------------------------------------------ */

static int make_token(struct request *rq, const char *type, const json_t *where, const char **ret_url,
                      struct err *err)
{
    const struct compute_options *o = compute_of(rq)->opt;
    const char *token = uuid_new(rq->arena);
    const struct console_token row = {
        .token_hash = hash_of(rq->arena, token),
        .instance_id = instance_in(rq)->id,
        .type = type,
        .host = json_str(where, "host"),
        .port = json_int(where, "port", 0),
        .expires_us = server_now_us(rq->server) + o->console_token_ttl_s * 1000000,
    };
    struct txn *t;
    int r = rq_txn_write(rq, &t, err);

    if (r >= 0)
        r = console_tokens_expire(t, server_now_us(rq->server), err);
    if (r >= 0)
        r = table_insert(t, rq->arena, &console_token_table, &row, err);
    *ret_url = arena_printf(rq->arena, "%s?path=%%3Ftoken%%3D%s", o->console_url, token);
    return r;
}

static int open_console(struct request *rq, const char *type, const char **ret_url, struct err *err)
{
    const struct instance *i = instance_in(rq);
    auto_json json_t *args = json_pack("{ss}", "server_id", i->id), *where = NULL;
    struct err why = { 0 };
    int r = rq_commit(rq, err);

    if (!str_eq(type, "novnc"))
        return err_http(err, 400, NULL, "Unavailable console type %s.", type);
    if (r < 0)
        return r;
    if (!i->host || str_eq(i->vm_state, "building"))
        return refuse_not_ready(i, err);
    r = agent_call(rq->server, rq->arena, i->host, COMPUTE_METHOD_VNC, args, rq->request_id, &where, &why);
    if (r == -ENOENT)
        return refuse_not_ready(i, err);
    if (r < 0)
        return err_http(err, r == -EHOSTDOWN ? 409 : 500, NULL,
                        "The console of instance %s cannot be opened: %s", i->id, why.msg);
    return make_token(rq, type, where, ret_url, err);
}

struct remote {
    const char *protocol, *type;
};

static const struct field vnc_fields[] = {
    FIELD(FIELD_STRING, remote, type, .use = ON_CREATE, .required = true, .choices = "novnc|xvpvnc"),
    { 0 },
};

static const struct field remote_fields[] = {
    FIELD(FIELD_STRING, remote, protocol, .use = ON_CREATE, .required = true,
          .choices = "vnc|spice|rdp|serial|mks"),
    FIELD(FIELD_STRING, remote, type, .use = ON_CREATE, .required = true,
          .choices = "novnc|xvpvnc|spice-html5|rdp-html5|serial|webmks"),
    { 0 },
};

static int get_vnc(struct request *rq, struct err *err)
{
    const char *type = ((const struct remote *) rq->body)->type, *url;
    struct jw *w;
    int r = open_console(rq, type, &url, err);

    if (r < 0)
        return r;
    w = reply_begin(rq);
    jw_object(w, NULL);
    jw_object(w, "console");
    jw_str(w, "type", type);
    jw_str(w, "url", url);
    jw_end_object(w);
    jw_end_object(w);
    return reply_end(rq, 200);
}

static int create_remote(struct request *rq, struct err *err)
{
    const struct remote *in = rq->body;
    const char *url;
    struct jw *w;
    int r = open_console(rq, in->type, &url, err);

    if (r < 0)
        return r;
    w = reply_begin(rq);
    jw_object(w, NULL);
    jw_object(w, "remote_console");
    jw_str(w, "protocol", in->protocol);
    jw_str(w, "type", in->type);
    jw_str(w, "url", url);
    jw_end_object(w);
    jw_end_object(w);
    return reply_end(rq, 200);
}

/* --- os-console-auth-tokens ------------------------------------------------------------------------ */

/* A token dies with its server. */
static int find_token(struct request *rq, struct console_token *ret, struct instance *ret_i, struct err *err)
{
    struct txn *t;
    int r = rq_txn(rq, &t, err);

    if (r >= 0)
        r = table_get(t, rq->arena, &console_token_table, hash_of(rq->arena, rq_param(rq, "token")), ret,
                      err);
    if (r >= 0)
        r = instance_get(t, rq->arena, ret->instance_id, ret_i, err);
    if (r == -ENOENT ||
        (r >= 0 && (ret->expires_us < server_now_us(rq->server) || ret_i->deleted || !ret_i->host)))
        return err_http(err, 404, NULL, "Token not found");
    return r;
}

/* The host is asked where the screen is now: since the token was made another
 * guest may have got the port. */
static int show_token(struct request *rq, struct err *err)
{
    auto_json json_t *args = NULL, *where = NULL;
    struct console_token c = { 0 };
    struct instance i = { 0 };
    struct jw *w;
    int r = find_token(rq, &c, &i, err);

    if (r >= 0)
        r = rq_commit(rq, err);
    if (r < 0)
        return r;
    args = json_pack("{ss}", "server_id", i.id);
    r = agent_call(rq->server, rq->arena, i.host, COMPUTE_METHOD_VNC, args, rq->request_id, &where, err);
    if (r < 0)
        return err_http(err, r == -ENOENT ? 404 : 503, NULL,
                        r == -ENOENT ? "Token not found" : "The host of the console does not answer.");
    w = reply_begin(rq);
    jw_object(w, NULL);
    jw_object(w, "console");
    jw_str(w, "instance_uuid", c.instance_id);
    jw_str(w, "host", json_str(where, "host"));
    jw_int(w, "port", json_int(where, "port", 0));
    jw_null(w, "internal_access_path");
    jw_end_object(w);
    jw_end_object(w);
    return reply_end(rq, 200);
}

#define ONE    "/v2.1/servers/{server_id}"
#define COMMON .load = load_instance, .target = instance_target, .flags = ROUTE_WORKER

/* clang-format off */
const struct route compute_console_routes[] = {
    { HTTP_POST, ONE "/action", "os_compute_api:os-console-output", get_output, .action = "os-getConsoleOutput",
      .in = output_fields, .in_size = sizeof(struct output), COMMON },
    { HTTP_POST, ONE "/action", "os_compute_api:os-remote-consoles", get_vnc, .action = "os-getVNCConsole",
      .in = vnc_fields, .in_size = sizeof(struct remote), .until = 5, COMMON },
    { HTTP_POST, ONE "/remote-consoles", "os_compute_api:os-remote-consoles", create_remote, .key = "remote_console",
      .in = remote_fields, .in_size = sizeof(struct remote), .since = 6, COMMON },
    { HTTP_GET, "/v2.1/os-console-auth-tokens/{token}", "os_compute_api:os-console-auth-tokens", show_token, .since = 31,
      .flags = ROUTE_WORKER | ROUTE_SECRET_PATH },
    { 0 },
};
/* clang-format on */
