/* SPDX-License-Identifier: Apache-2.0 */
/* server.create: a host, ports, disks, the ports' readiness, the guest. */
#include "client/placement.h"
#include "compute/model/scheduler.h"
#include "compute/operations/common.h"

#define LOOK_AGAIN_MS 1000
#define EVENT         "compute__do_build_and_run_instance"

/* Records the host, unless the group got a member meanwhile that forbids it. */
static int take_host(struct step *s, const struct host_state *h, struct err *err)
{
    static const char *const only[] = { "host", "node", "task_state", NULL };
    auto_rollback struct txn *t = NULL;
    bool allowed = true;
    int r = txn_begin(s->run->db, true, &t, err);

    if (r >= 0)
        r = group_allows(t, s->arena, &s->i, h->name, &allowed, err);
    if (r >= 0 && !allowed)
        return err_set(err, -EAGAIN, "another server of the group took host %s", h->name);
    s->i.host = h->name;
    s->i.node = h->node_name;
    s->i.task_state = "networking";
    if (r >= 0)
        r = instance_update(t, s->arena, &s->i, server_now_us(s->server), only, err);
    return r < 0 ? r : txn_commit(&t, err);
}

static int run_schedule(struct op_run *run, struct err *err)
{
    const json_t *tried = json_arr(run->op->state, "tried");
    struct step s;
    struct host_state h;
    int r = step_begin(run, &s, err);

    if (r < 0 || s.i.host)
        return r;
    r = schedule(&(struct schedule_request){ s.server, run->arena, &s.i, run->op->request_id, tried }, &h,
                 err);
    if (r == -ENOSPC && tried)
        return err_http(
            err, 500, NULL,
            "Exceeded maximum number of retries. Exhausted all hosts available for retrying build "
            "failures for instance %s. The last failure: %s",
            s.i.id, json_str(run->op->state, "last_failure"));
    if (r == -ENOSPC)
        json_object_set_new(run->op->state, "no_valid_host", json_true());
    return r < 0 ? r : take_host(&s, &h, err);
}

/* A host that cannot have the server is no reason to give up while there are others: what was
 * done is undone, and another host is looked for. */
static bool again(struct op_run *run, const struct err *why)
{
    json_t *state = run->op->state, *tried = json_arr(state, "tried");
    const char *failed = json_str(state, "failed_host");
    struct step s;

    if (!failed || step_begin(run, &s, NULL) < 0 || s.i.deleted || s.i.host_wanted || s.i.node_wanted)
        return false;
    if (!tried) {
        tried = json_array();
        json_object_set_new(state, "tried", tried);
    }
    json_array_append_new(tried, json_string(failed));
    json_object_del(state, "failed_host");
    json_object_set_new(state, "last_failure", json_string(why->msg));
    return (int64_t) json_array_size(tried) < s.compute->opt->max_attempts;
}

/* Remembers on which host a step failed. */
static int blame(const struct step *s, int r)
{
    if (r < 0 && s->i.host)
        json_object_set_new(s->run->op->state, "failed_host", json_string(s->i.host));
    return r;
}

static int undo_schedule(struct op_run *run, struct err *err)
{
    static const char *const only[] = { "host", "node", NULL };
    struct step s;
    struct client_as as;
    int r = step_begin(run, &s, err);

    if (r < 0)
        return r;
    as = (struct client_as){ s.server->client, run->arena, NULL, run->op->request_id };
    r = placement_release(&as, s.i.id, err);
    if (r < 0)
        return r;
    s.i.host = s.i.node = NULL;
    return step_save(&s, only, err);
}

static int run_network(struct op_run *run, struct err *err)
{
    static const char *const only[] = { "ports", "security_groups", "task_state", NULL };
    struct step s;
    int r = step_begin(run, &s, err);

    if (r >= 0)
        r = nets_allocate(&s.nets, &s.i, err);
    if (r < 0)
        return r;
    s.i.task_state = "spawning";
    return step_save(&s, only, err);
}

static int undo_network(struct op_run *run, struct err *err)
{
    static const char *const only[] = { "ports", NULL };
    struct step s;
    int r = step_begin(run, &s, err);

    if (r >= 0)
        r = nets_release(&s.nets, &s.i, err);
    if (r < 0)
        return r;
    s.i.ports = "[]";
    return step_save(&s, only, err);
}

static int run_prepare(struct op_run *run, struct err *err)
{
    struct step s;
    int r = step_begin(run, &s, err);

    return r < 0 ? r : blame(&s, step_ask_wish(&s, COMPUTE_METHOD_PREPARE, NULL, err));
}

static int undo_prepare(struct op_run *run, struct err *err)
{
    struct step s;
    int r = step_begin(run, &s, err);

    return r < 0 ? r : step_destroy(&s, err);
}

/* The guest starts when its ports are ready, so that none is without its rules. */
static int run_plug(struct op_run *run, struct err *err)
{
    static const char *const only[] = { "ports", NULL };
    struct step s;
    struct host_state h = { 0 };
    int r = step_begin(run, &s, err);

    if (r < 0)
        return r;
    if (hosts_get(s.compute, run->arena, s.i.host, &h) < 0 || !h.vif_plugging || nets_all_active(s.i.ports))
        return 0;
    r = nets_refresh(&s.nets, &s.i, err);
    if (r < 0)
        return r;
    if (nets_all_active(s.i.ports))
        return step_save(&s, only, err);
    if (time_now_us() - run->op->step_since_us < s.compute->opt->vif_plugging_timeout_s * 1000000)
        return op_wait(run, LOOK_AGAIN_MS);
    if (!s.compute->opt->vif_plugging_is_fatal)
        return 0;
    return blame(&s,
                 err_set(err, -EINVAL,
                         "Virtual Interface creation failed: the ports of the server were not ready within "
                         "%lld s.",
                         (long long) s.compute->opt->vif_plugging_timeout_s));
}

static int run_spawn(struct op_run *run, struct err *err)
{
    struct step s;
    int r = step_begin(run, &s, err);

    return r < 0 ? r : blame(&s, step_ask_wish(&s, COMPUTE_METHOD_CONVERGE, NULL, err));
}

static int finished(struct op_run *run, struct txn *t, const struct err *why, struct err *err)
{
    static const char *const only[] = {
        "vm_state",      "task_state",    "power_state", "launched_at",    "cell", "fault_code",
        "fault_message", "fault_details", "fault_at",    "admin_password", NULL
    };
    struct step s;
    int r = end_begin(run, t, &s, err);

    if (r < 0)
        return r == -ENOENT ? 0 : r;
    if (was_superseded(why))
        return end_action(&s, t, EVENT, why, err);
    s.i.task_state = s.i.admin_password = NULL;
    if (why) {
        s.i.vm_state = "error";
        set_fault(&s, why);
        if (json_truth(run->op->state, "no_valid_host", false))
            s.i.cell = CELL0;
    } else {
        s.i.vm_state = "active";
        s.i.power_state = step_power(run, POWER_RUNNING);
        s.i.launched_at = server_now_us(s.server);
    }
    r = instance_update(t, run->arena, &s.i, server_now_us(s.server), only, err);
    return r < 0 ? r : end_action(&s, t, EVENT, why, err);
}

static const struct op_step steps[] = {
    { "schedule", run_schedule, undo_schedule, .timeout_s = 60 },
    { "network", run_network, undo_network, .timeout_s = 120 },
    { "prepare", run_prepare, undo_prepare, .timeout_s = 3600 },
    { "plug", run_plug, NULL, .timeout_s = 90000 },
    { "spawn", run_spawn, undo_prepare, .timeout_s = 600 },
    { 0 },
};

const struct op_kind op_server_create = { "server.create", steps, .again = again, .finished = finished };
