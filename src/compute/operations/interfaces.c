/* SPDX-License-Identifier: Apache-2.0 */
/* server.attach: args {"request"} as in model/nets.h; server.detach: args {"port_id"}. */
#include "compute/operations/common.h"

static const char *const ports_only[] = { "ports", NULL };

static json_t *ports_of(const struct step *s)
{
    json_t *ports = NULL;

    if (!s->i.ports || json_read(s->i.ports, strlen(s->i.ports), &ports, NULL) < 0)
        return json_array();
    return ports;
}

/* The API has made or bound the port already, so that its answer can show it; here it
 * is done again if that was cut short. */
static int run_bind(struct op_run *run, struct err *err)
{
    const char *port_id;
    struct step s;
    int r = step_begin(run, &s, err);

    if (r >= 0)
        r = nets_attach(&s.nets, &s.i, json_obj(run->op->args, "request"), &port_id, err);
    if (r < 0)
        return r;
    json_object_set_new(run->op->state, "port_id", json_string(port_id));
    return step_save(&s, ports_only, err);
}

static int undo_bind(struct op_run *run, struct err *err)
{
    const char *port_id = json_str(run->op->state, "port_id");
    struct step s;
    int r = step_begin(run, &s, err);

    if (r < 0 || !port_id)
        return r;
    r = nets_detach(&s.nets, &s.i, port_id, err);
    return r < 0 ? r : step_save(&s, ports_only, err);
}

static json_t *nic_named(json_t *ports, struct arena *a, const char *port_id)
{
    const json_t *p = nets_port(ports, port_id);

    return json_pack("{ss ss ss? sI ss? sO?}", "port_id", port_id, "tap",
                     arena_printf(a, "tap%.11s", port_id), "mac", json_str(p, "mac"), "mtu",
                     (json_int_t) json_int(p, "mtu", 1500), "vif_type", json_str(p, "vif_type"),
                     "vif_details", json_obj(p, "vif_details"));
}

static int run_attach(struct op_run *run, struct err *err)
{
    auto_json json_t *ports = NULL;
    struct step s;
    int r = step_begin(run, &s, err);

    if (r < 0 || !s.i.host)
        return r;
    ports = ports_of(&s);
    return step_ask_wish(
        &s, COMPUTE_METHOD_ATTACH,
        json_pack("{so}", "nic", nic_named(ports, run->arena, json_str(run->op->state, "port_id"))), err);
}

static int run_detach(struct op_run *run, struct err *err)
{
    const char *port_id = json_str(run->op->args, "port_id");
    auto_json json_t *ports = NULL;
    json_t *nic, *p;
    struct step s;
    size_t k;
    int r = step_begin(run, &s, err);

    if (r < 0 || !s.i.host)
        return r;
    ports = ports_of(&s);
    nic = nic_named(ports, run->arena, port_id);
    json_array_foreach (ports, k, p)
        if (str_eq(json_str(p, "id"), port_id)) {
            json_array_remove(ports, k);
            break;
        }
    s.i.ports = json_text(run->arena, ports); /* The wish is without it. */
    return step_ask_wish(&s, COMPUTE_METHOD_DETACH, json_pack("{so}", "nic", nic), err);
}

static int run_unbind(struct op_run *run, struct err *err)
{
    struct step s;
    int r = step_begin(run, &s, err);

    if (r >= 0)
        r = nets_detach(&s.nets, &s.i, json_str(run->op->args, "port_id"), err);
    return r < 0 ? r : step_save(&s, ports_only, err);
}

static int finished_as(struct op_run *run, struct txn *t, const char *event, const struct err *why,
                       struct err *err)
{
    struct step s;
    int r = end_begin(run, t, &s, err);

    if (r < 0)
        return r == -ENOENT ? 0 : r;
    return end_action(&s, t, event, why, err);
}

static int attached(struct op_run *run, struct txn *t, const struct err *why, struct err *err)
{
    return finished_as(run, t, "compute_attach_interface", why, err);
}

static int detached(struct op_run *run, struct txn *t, const struct err *why, struct err *err)
{
    return finished_as(run, t, "compute_detach_interface", why, err);
}

static const struct op_step attach_steps[] = {
    { "bind", run_bind, undo_bind, .timeout_s = 120 },
    { "attach", run_attach, NULL, .timeout_s = 300 },
    { 0 },
};
static const struct op_step detach_steps[] = {
    { "detach", run_detach, NULL, .timeout_s = 300 },
    { "unbind", run_unbind, NULL, .timeout_s = 300 },
    { 0 },
};

const struct op_kind op_server_attach = { "server.attach", attach_steps, .finished = attached };
const struct op_kind op_server_detach = { "server.detach", detach_steps, .finished = detached };
