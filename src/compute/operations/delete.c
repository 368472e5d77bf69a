/* SPDX-License-Identifier: Apache-2.0 */
/* server.delete: takes the place of whatever is being done to the server, and
 * leaves nothing of it. */
#include "client/placement.h"
#include "compute/operations/common.h"

#define EVENT "compute_terminate_instance"

static int run_destroy(struct op_run *run, struct err *err)
{
    struct step s;
    int r = step_begin(run, &s, err);

    return r < 0 ? r : step_destroy(&s, err);
}

static int run_unplug(struct op_run *run, struct err *err)
{
    struct step s;
    int r = step_begin(run, &s, err);

    return r < 0 ? r : nets_release(&s.nets, &s.i, err);
}

static int run_release(struct op_run *run, struct err *err)
{
    struct step s;
    int r = step_begin(run, &s, err);
    const struct client_as as = { s.server->client, run->arena, NULL, run->op->request_id };

    return r < 0 ? r : placement_release(&as, s.i.id, err);
}

static void forget(struct step *s, int64_t now_us)
{
    s->i.vm_state = "deleted";
    s->i.power_state = POWER_NONE;
    s->i.deleted = true;
    s->i.deleted_at = s->i.terminated_at = now_us;
    s->i.ports = "[]";
    s->i.admin_password = s->i.user_data = s->i.key_data = NULL;
}

static int finished(struct op_run *run, struct txn *t, const struct err *why, struct err *err)
{
    static const char *const only[] = { "vm_state",      "task_state",    "power_state", "deleted",
                                        "deleted_at",    "terminated_at", "ports",       "admin_password",
                                        "user_data",     "key_data",      "fault_code",  "fault_message",
                                        "fault_details", "fault_at",      NULL };
    struct step s;
    int r = end_begin(run, t, &s, err);
    int64_t now_us;

    if (r < 0)
        return r == -ENOENT ? 0 : r;
    now_us = server_now_us(s.server);
    s.i.task_state = NULL;
    if (why) {
        s.i.vm_state = "error";
        set_fault(&s, why);
    } else {
        forget(&s, now_us);
    }
    r = instance_update(t, run->arena, &s.i, now_us, only, err);
    return r < 0 ? r : end_action(&s, t, EVENT, why, err);
}

static const struct op_step steps[] = {
    { "destroy", run_destroy, NULL, .timeout_s = 600 },
    { "unplug", run_unplug, NULL, .timeout_s = 600 },
    { "release", run_release, NULL, .timeout_s = 600 },
    { 0 },
};

const struct op_kind op_server_delete = { "server.delete", steps, .supersedes = true, .finished = finished };
