/* SPDX-License-Identifier: Apache-2.0 */
/* What the compute service asks of this host: a row a method. */
#include <string.h>

#include "agent/compute/core.h"
#include "agent/compute_wishes.h"
#include "base/str.h"
#include "base/uuid.h"
#include "wire/json.h"

/* How long a call waits for its job; the service asks again after it. */
#define WAIT_MS 900

/* --- Work. -------------------------------------------------------------------- */

/* What most jobs read. */
struct order {
    struct wish_server server;
    struct wish_nic nic;
    const char *op;
};

static int order_read(struct arena *a, const json_t *args, struct order *ret, struct err *err)
{
    ret->op = json_str(args, "op");
    if (str_empty(ret->op))
        ret->op = "-";
    if (!str_eq(ret->op, "-") && !wish_is_name(ret->op, 64))
        return err_set(err, -EINVAL, "The request has no valid op");
    return wish_server_read(a, json_obj(args, "server"), &ret->server, err);
}

static int job_prepare(void *ctx, const char *host, const json_t *args, struct task *t, struct err *err)
{
    struct agent_compute *c = ctx;
    auto_arena struct arena a = { 0 };
    struct order o;
    int r = order_read(&a, args, &o, err);

    return r < 0 ? r : c->driver->prepare(c->self, host, &o.server, t, err);
}

static int job_converge(void *ctx, const char *host, const json_t *args, struct task *t, struct err *err)
{
    struct agent_compute *c = ctx;
    auto_arena struct arena a = { 0 };
    struct order o;
    int r = order_read(&a, args, &o, err);

    return r < 0 ? r : c->driver->converge(c->self, host, &o.server, t, err);
}

static int job_reboot(void *ctx, const char *host, const json_t *args, struct task *t, struct err *err)
{
    struct agent_compute *c = ctx;
    auto_arena struct arena a = { 0 };
    struct order o;
    int r = order_read(&a, args, &o, err);

    return r < 0 ? r
                 : c->driver->reboot(c->self, host, &o.server, str_eq(json_str(args, "type"), "HARD"), o.op,
                                     t, err);
}

static int job_snapshot(void *ctx, const char *host, const json_t *args, struct task *t, struct err *err)
{
    struct agent_compute *c = ctx;
    auto_arena struct arena a = { 0 };
    const char *image = json_str(args, "image_id"), *format = json_str(args, "disk_format");
    struct order o;
    int r = order_read(&a, args, &o, err);

    if (r >= 0 && !wish_is_name(image, 64))
        r = err_set(err, -EINVAL, "The request has no valid image_id");
    return r < 0 ? r
                 : c->driver->snapshot(c->self, host, &o.server, image, format ? format : "qcow2", o.op, t,
                                       err);
}

static int job_plug(void *ctx, const char *host, const json_t *args, struct task *t, struct err *err, bool in)
{
    struct agent_compute *c = ctx;
    auto_arena struct arena a = { 0 };
    struct order o;
    int r = order_read(&a, args, &o, err);

    if (r >= 0)
        r = wish_nic_read(json_obj(args, "nic"), &o.nic, err);
    if (r < 0)
        return r;
    return (in ? c->driver->attach : c->driver->detach)(c->self, host, &o.server, &o.nic, t, err);
}

static int job_attach(void *ctx, const char *host, const json_t *args, struct task *t, struct err *err)
{
    return job_plug(ctx, host, args, t, err, true);
}

static int job_detach(void *ctx, const char *host, const json_t *args, struct task *t, struct err *err)
{
    return job_plug(ctx, host, args, t, err, false);
}

static int which_read(const char *host, const json_t *args, struct which *ret, struct err *err)
{
    *ret = (struct which){ host, json_str(args, "server_id"), json_str(args, "instance_name") };
    if (!uuid_is_dashed(ret->id) || (ret->instance_name && !wish_is_name(ret->instance_name, 64)))
        return err_set(err, -EINVAL, "The request has no valid server_id");
    return 0;
}

int compute_destroy_job(void *ctx, const char *host, const json_t *args, struct task *t, struct err *err)
{
    struct agent_compute *c = ctx;
    struct which w;
    int r = which_read(host, args, &w, err);

    return r < 0 ? r : c->driver->destroy(c->self, &w, t, err);
}

/* --- Questions. ------------------------------------------------------------------ */

static int ask_console(struct agent_compute *c, const struct which *w, struct bus_message *m, struct err *err)
{
    char *text;
    int r = c->driver->console_output(c->self, w, json_int(m->args, "length", -1), m->arena, &text, err);

    if (r >= 0)
        m->reply = json_pack("{s:s}", "output", text);
    return r;
}

static int ask_vnc(struct agent_compute *c, const struct which *w, struct bus_message *m, struct err *err)
{
    const char *host;
    uint16_t port;
    int r = c->driver->vnc(c->self, w, m->arena, &host, &port, err);

    if (r >= 0)
        m->reply = json_pack("{s:s, s:i}", "host", host, "port", (int) port);
    return r;
}

static int ask_diagnostics(struct agent_compute *c, const struct which *w, struct bus_message *m,
                           struct err *err)
{
    return c->driver->diagnostics(c->self, w, &m->reply, err);
}

/* --- The table. -------------------------------------------------------------------- */

static const struct method {
    const char *name;
    job_fn job; /* Or: */
    int (*ask)(struct agent_compute *c, const struct which *w, struct bus_message *m, struct err *err);
    bool supersedes;
} methods[] = {
    { COMPUTE_METHOD_PREPARE, job_prepare },
    { COMPUTE_METHOD_CONVERGE, job_converge },
    { COMPUTE_METHOD_DESTROY, compute_destroy_job, .supersedes = true },
    { COMPUTE_METHOD_REBOOT, job_reboot },
    { COMPUTE_METHOD_SNAPSHOT, job_snapshot },
    { COMPUTE_METHOD_ATTACH, job_attach },
    { COMPUTE_METHOD_DETACH, job_detach },
    { COMPUTE_METHOD_CONSOLE_OUTPUT, .ask = ask_console },
    { COMPUTE_METHOD_VNC, .ask = ask_vnc },
    { COMPUTE_METHOD_DIAGNOSTICS, .ask = ask_diagnostics },
};

static const struct method *method_named(const char *name)
{
    for (size_t i = 0; i < ARRAY_SIZE(methods); i++)
        if (str_eq(methods[i].name, name))
            return &methods[i];
    return NULL;
}

/* The server that a job is about. */
static const char *subject_of(const json_t *args)
{
    const json_t *server = json_obj(args, "server");

    return server ? json_str(server, "id") : json_str(args, "server_id");
}

static int do_job(struct compute_host *h, const struct method *md, struct bus_message *m, struct err *err)
{
    struct agent_compute *c = h->agent;
    struct job_request rq = { h->name, subject_of(m->args), md->name, m->args,
                              md->job, md->supersedes,      WAIT_MS };
    struct which w = { h->name, rq.server_id, NULL };
    struct task instant = { 0 };
    int progress = 100, r;

    if (!uuid_is_dashed(rq.server_id))
        return err_set(err, -EINVAL, "The request names no server");
    r = c->driver->instant ? md->job(c, h->name, m->args, &instant, err)
                           : jobs_run(c->jobs, &rq, &progress, err);
    if (r < 0)
        return r;
    m->reply = json_pack("{s:s, s:s, s:i}", "state", r == 0 ? COMPUTE_STATE_DONE : COMPUTE_STATE_WORKING,
                         "power_state", guest_power_text(c->driver->power(c->self, &w)), "progress",
                         r == 0 ? 100 : progress);
    return 0;
}

int compute_on_call(void *ctx, struct bus_message *m, struct err *err)
{
    struct compute_host *h = ctx;
    const struct method *md = method_named(m->method);
    struct which w;
    int r;

    if (!md)
        return err_set(err, -ENOENT, "The compute role has no method %s", m->method);
    if (bus_is_agent(m))
        return err_set(err, -EPERM, "The agent %s gives no orders", m->sender);
    if (md->job)
        return do_job(h, md, m, err);
    r = which_read(h->name, m->args, &w, err);
    return r < 0 ? r : md->ask(h->agent, &w, m, err);
}
