/* SPDX-License-Identifier: Apache-2.0 */
/* server.power: start, stop, pause, unpause, suspend, resume; and server.reboot. */
#include "compute/operations/common.h"

struct power {
    const char *action, *wish, *vm_state, *event;
};

static const struct power powers[] = {
    { "start", COMPUTE_POWER_RUNNING, "active", "compute_start_instance" },
    { "stop", COMPUTE_POWER_SHUTDOWN, "stopped", "compute_stop_instance" },
    { "pause", COMPUTE_POWER_PAUSED, "paused", "compute_pause_instance" },
    { "unpause", COMPUTE_POWER_RUNNING, "active", "compute_unpause_instance" },
    { "suspend", COMPUTE_POWER_SUSPENDED, "suspended", "compute_suspend_instance" },
    { "resume", COMPUTE_POWER_RUNNING, "active", "compute_resume_instance" },
    { "reboot", COMPUTE_POWER_RUNNING, "active", "compute_reboot_instance" },
};

static const struct power *power_wanted(const struct op *op)
{
    const char *action = json_str(op->args, "action");
    size_t k = 0;

    while (k + 1 < ARRAY_SIZE(powers) && !str_eq(powers[k].action, action))
        k++;
    return &powers[k];
}

static int run_power(struct op_run *run, struct err *err)
{
    struct step s;
    int r = step_begin(run, &s, err);

    s.i.power_wish = power_wanted(run->op)->wish;
    return r < 0 ? r : step_ask_wish(&s, COMPUTE_METHOD_CONVERGE, NULL, err);
}

static int run_reboot(struct op_run *run, struct err *err)
{
    const char *type = json_str(run->op->args, "type");
    struct step s;
    int r = step_begin(run, &s, err);

    s.i.power_wish = COMPUTE_POWER_RUNNING;
    return r < 0 ? r
                 : step_ask_wish(&s, COMPUTE_METHOD_REBOOT, json_pack("{ss}", "type", type ? type : "SOFT"),
                                 err);
}

static int finished(struct op_run *run, struct txn *t, const struct err *why, struct err *err)
{
    static const char *const only[] = { "vm_state",      "task_state", "power_state",
                                        "power_wish",    "fault_code", "fault_message",
                                        "fault_details", "fault_at",   NULL };
    const struct power *p = power_wanted(run->op);
    struct step s;
    int r = end_begin(run, t, &s, err);

    if (r < 0)
        return r == -ENOENT ? 0 : r;
    if (was_superseded(why))
        return end_action(&s, t, p->event, why, err);
    s.i.task_state = NULL;
    if (why) {
        set_fault(&s, why);
    } else {
        s.i.vm_state = p->vm_state;
        s.i.power_wish = p->wish;
        s.i.power_state = step_power(run, power_of(p->wish));
    }
    r = instance_update(t, run->arena, &s.i, server_now_us(s.server), only, err);
    return r < 0 ? r : end_action(&s, t, p->event, why, err);
}

static const struct op_step power_steps[] = { { "power", run_power, NULL, .timeout_s = 300 }, { 0 } };
static const struct op_step reboot_steps[] = { { "reboot", run_reboot, NULL, .timeout_s = 300 }, { 0 } };

const struct op_kind op_server_power = { "server.power", power_steps, .finished = finished };
const struct op_kind op_server_reboot = { "server.reboot", reboot_steps, .finished = finished };
