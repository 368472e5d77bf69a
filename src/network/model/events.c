/* SPDX-License-Identifier: Apache-2.0 */
#include "network/model/events.h"

#include "base/str.h"
#include "client/compute.h"

#define TRY_S 3600 /* Compute asks for the port itself after it was away for longer. */

int event_send(struct net_ctx *c, const struct port *p, const char *event, bool failed, struct err *err)
{
    auto_json json_t *args = NULL;
    struct op_spec op = { .kind = "compute.event", .resource_id = p->id, .request_id = c->request_id };
    int r;

    if (!c->n->opt->notify_compute || !str_has_prefix(p->device_owner, OWNER_COMPUTE_PREFIX) ||
        str_empty(p->device_id))
        return 0;
    args = json_pack("{s:s, s:s, s:s, s:s}", "name", event, "server_uuid", p->device_id, "tag", p->id,
                     "status", failed ? "failed" : "completed");
    op.args = args;
    r = op_start(c->t, c->a, &op, NULL, err);
    c->events = c->events || r >= 0;
    return r;
}

static int post(struct op_run *run, struct err *err)
{
    const struct server *s = run->ctx;
    const struct compute_event e = {
        .name = json_str(run->op->args, "name"),
        .server_id = json_str(run->op->args, "server_uuid"),
        .tag = json_str(run->op->args, "tag"),
        .status = json_str(run->op->args, "status"),
    };
    int r;

    if (!s->client)
        return err_set(err, -EHOSTDOWN, "there is no identity service to find compute at");
    r = compute_send_event(s->client, run->arena, &e, run->op->request_id, err);
    if (r < 0 && err->status >= 400 && err->status < 500 && err->status != 401 && err->status != 429)
        return 0; /* Compute heard it and has no such server, or does not care. */
    return r < 0 ? err_set(err, -EAGAIN, "compute cannot be told now") : 0;
}

static const struct op_step steps[] = {
    { .name = "post", .run = post, .timeout_s = TRY_S },
    { 0 },
};

static const struct op_kind compute_event = { .name = "compute.event", .steps = steps };

const struct op_kind *const network_operations[] = { &compute_event, NULL };
