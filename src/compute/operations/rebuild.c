/* SPDX-License-Identifier: Apache-2.0 */
/* server.rebuild: the same server with new disks.  The API has written the new
 * image and counted the generation up already. */
#include "compute/operations/common.h"

#define EVENT "compute_rebuild_instance"

static int run_prepare(struct op_run *run, struct err *err)
{
    static const char *const only[] = { "task_state", NULL };
    const char *wish;
    struct step s;
    int r = step_begin(run, &s, err);

    wish = s.i.power_wish;
    s.i.power_wish = COMPUTE_POWER_SHUTDOWN;
    if (r >= 0)
        r = step_ask_wish(&s, COMPUTE_METHOD_PREPARE, NULL, err);
    if (r != 0)
        return r;
    s.i.power_wish = wish;
    s.i.task_state = "rebuild_spawning";
    return step_save(&s, only, err);
}

static int run_spawn(struct op_run *run, struct err *err)
{
    struct step s;
    int r = step_begin(run, &s, err);

    return r < 0 ? r : step_ask_wish(&s, COMPUTE_METHOD_CONVERGE, NULL, err);
}

static int finished(struct op_run *run, struct txn *t, const struct err *why, struct err *err)
{
    static const char *const only[] = {
        "vm_state",      "task_state",    "power_state", "launched_at",    "fault_code",
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
    } else {
        bool off = str_eq(s.i.power_wish, COMPUTE_POWER_SHUTDOWN);

        s.i.vm_state = off ? "stopped" : "active";
        s.i.power_state = step_power(run, off ? POWER_SHUTDOWN : POWER_RUNNING);
        s.i.launched_at = server_now_us(s.server);
    }
    r = instance_update(t, run->arena, &s.i, server_now_us(s.server), only, err);
    return r < 0 ? r : end_action(&s, t, EVENT, why, err);
}

static const struct op_step steps[] = {
    { "prepare", run_prepare, NULL, .timeout_s = 3600 },
    { "spawn", run_spawn, NULL, .timeout_s = 600 },
    { 0 },
};

const struct op_kind op_server_rebuild = { "server.rebuild", steps, .finished = finished };
