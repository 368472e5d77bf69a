/* SPDX-License-Identifier: Apache-2.0 */
#include "compute/operations/common.h"

#define ASK_AGAIN_MS 500

static void fill(struct op_run *run, struct step *s)
{
    *s = (struct step){ .run = run, .server = run->ctx, .arena = run->arena };
    s->compute = s->server->state;
    s->nets = (struct nets){ s->server, run->arena, run->op->request_id };
}

int step_begin(struct op_run *run, struct step *ret, struct err *err)
{
    auto_rollback struct txn *t = NULL;
    int r;

    fill(run, ret);
    r = txn_begin(run->db, false, &t, err);
    if (r >= 0)
        r = table_get(t, run->arena, &instance_table, run->op->resource_id, &ret->i, err);
    return r == -ENOENT ? err_set(err, -EINVAL, "the server is gone") : r;
}

int step_save(struct step *s, const char *const *only, struct err *err)
{
    auto_rollback struct txn *t = NULL;
    int r = txn_begin(s->run->db, true, &t, err);

    if (r >= 0)
        r = instance_update(t, s->arena, &s->i, server_now_us(s->server), only, err);
    return r < 0 ? r : txn_commit(&t, err);
}

int64_t step_power(const struct op_run *run, int64_t otherwise)
{
    return json_int(run->op->state, "power_state", otherwise);
}

json_t *step_identity(const struct step *s)
{
    return json_pack("{ss ss ss}", "server_id", s->i.id, "instance_name", instance_name_of(s->arena, &s->i),
                     "project_id", s->i.project_id);
}

int step_ask(struct step *s, const char *method, const json_t *args, struct err *err)
{
    auto_json json_t *reply = NULL;
    const char *power;
    int r = agent_call(s->server, s->arena, s->i.host, method, args, s->run->op->request_id, &reply, err);

    if (r < 0)
        return r;
    power = json_str(reply, "power_state");
    if (power)
        json_object_set_new(s->run->op->state, "power_state", json_integer(power_of(power)));
    return str_eq(json_str(reply, "state"), COMPUTE_STATE_WORKING) ? op_wait(s->run, ASK_AGAIN_MS) : 0;
}

int step_ask_wish(struct step *s, const char *method, json_t *more, struct err *err)
{
    auto_json json_t *args = more ? more : json_object();
    json_t *wish;
    int r = wish_of(s->server, s->arena, &s->i, true, true, &wish, err);

    if (r < 0)
        return r;
    json_object_set_new(args, "server", wish);
    json_object_set_new(args, "op", json_string(s->run->op->id));
    return step_ask(s, method, args, err);
}

int step_destroy(struct step *s, struct err *err)
{
    auto_json json_t *args = NULL;
    struct host_state h = { 0 };
    int r;

    if (!s->i.host)
        return 0;
    args = step_identity(s);
    r = step_ask(s, COMPUTE_METHOD_DESTROY, args, err);
    if (r != -EHOSTDOWN || (hosts_get(s->compute, s->arena, s->i.host, &h) >= 0 && h.up))
        return r;
    return 0;
}

/* --- the end ------------------------------------------------------------------- */

int end_begin(struct op_run *run, struct txn *t, struct step *ret, struct err *err)
{
    fill(run, ret);
    return table_get(t, run->arena, &instance_table, run->op->resource_id, &ret->i, err);
}

int end_action(struct step *s, struct txn *t, const char *event, const struct err *why, struct err *err)
{
    const struct op *op = s->run->op;
    struct instance_action a;
    struct instance_event e = {
        .event = event,
        .result = why ? "Error" : "Success",
        .host = s->i.host,
        .details = why ? why->msg : NULL,
        .start_us = op->created_us,
        .finish_us = server_now_us(s->server),
    };
    int r;

    if (!op->request_id)
        return 0;
    r = action_find(t, s->arena, s->i.id, op->request_id, &a, err);
    if (r == -ENOENT)
        return 0;
    if (r < 0)
        return r;
    a.message = why ? "Error" : NULL;
    return action_finish(t, s->arena, &a, &e, err);
}

void set_fault(struct step *s, const struct err *why)
{
    s->i.fault_code = 500;
    s->i.fault_message = arena_strdup(s->arena, why->msg);
    s->i.fault_details = arena_printf(s->arena, "%s (request %s)", why->msg,
                                      s->run->op->request_id ? s->run->op->request_id : "-");
    s->i.fault_at = server_now_us(s->server);
}

const struct op_kind *const compute_operations[] = {
    &op_server_create, &op_server_delete,  &op_server_power,
    &op_server_reboot, &op_server_rebuild, &op_server_snapshot,
    &op_server_attach, &op_server_detach,  NULL,
};
