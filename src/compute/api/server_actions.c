/* SPDX-License-Identifier: Apache-2.0 */
/* POST /v2.1/servers/{id}/action: what is done to a server's power, lock and state. */
#include "agent/compute_wishes.h"
#include "base/str.h"
#include "compute/api/actions.h"
#include "compute/api/routes.h"
#include "rest/dialect.h"

/* --- what every action asks first ----------------------------------------------------------- */

int require_unlocked(struct request *rq, const struct instance *i, struct err *err)
{
    if (i->locked && !is_admin(rq))
        return err_http(err, 409, NULL, "Instance %s is locked", i->id);
    return 0;
}

static bool in_states(const char *list, const char *state)
{
    size_t n = strlen(state);

    for (const char *p = list; p; p = strchr(p, ' '), p = p ? p + 1 : NULL)
        if (strncmp(p, state, n) == 0 && (p[n] == ' ' || !p[n]))
            return true;
    return false;
}

int require_state(const struct instance *i, const char *what, const char *vm_states, const char *task_states,
                  struct err *err)
{
    if (!in_states(vm_states, i->vm_state))
        return err_http(err, 409, NULL, "Cannot '%s' instance %s while it is in vm_state %s", what, i->id,
                        i->vm_state);
    if (i->task_state && !(task_states && in_states(task_states, i->task_state)))
        return err_http(err, 409, NULL, "Cannot '%s' instance %s while it is in task_state %s", what, i->id,
                        i->task_state);
    return 0;
}

int begin_task(struct request *rq, const struct task *task, json_t *args, struct instance **ret,
               struct err *err)
{
    static const char *const only[] = { "task_state", NULL };
    struct instance *i;
    struct txn *t;
    int r = instance_again(rq, &i, &t, err);

    if (r >= 0)
        r = require_unlocked(rq, i, err);
    if (r >= 0)
        r = require_state(i, task->what, task->vm_states, task->task_states, err);
    if (r < 0) {
        json_decref(args);
        return r;
    }
    i->task_state = task->task_state;
    if (task->task_state)
        r = instance_update(t, rq->arena, i, server_now_us(rq->server), only, err);
    if (r >= 0)
        r = start_operation(rq, t, i, task->kind, task->action, args, err);
    if (r >= 0 && ret)
        *ret = i;
    return r;
}

/* --- power ------------------------------------------------------------------------------------- */

static const struct {
    const char *name; /* In the body. */
    struct task task;
} powers[] = {
    { "os-start", { "start", "server.power", "start", "stopped", NULL, "powering-on" } },
    { "os-stop", { "stop", "server.power", "stop", "active error", NULL, "powering-off" } },
    { "pause", { "pause", "server.power", "pause", "active", NULL, "pausing" } },
    { "unpause", { "unpause", "server.power", "unpause", "paused", NULL, "unpausing" } },
    { "suspend", { "suspend", "server.power", "suspend", "active", NULL, "suspending" } },
    { "resume", { "resume", "server.power", "resume", "suspended", NULL, "resuming" } },
};

static int change_power(struct request *rq, struct err *err)
{
    size_t k = 0;
    int r;

    while (!str_eq(powers[k].name, rq->route->action))
        k++;
    r = begin_task(rq, &powers[k].task, json_pack("{ss}", "action", powers[k].task.action), NULL, err);
    return r < 0 ? r : reply_empty(rq, 202);
}

struct reboot {
    const char *type;
};

static const struct field reboot_fields[] = {
    FIELD(FIELD_STRING, reboot, type, .use = ON_CREATE, .required = true,
          .choices = "HARD|Hard|hard|SOFT|Soft|soft"),
    { 0 },
};

static int reboot(struct request *rq, struct err *err)
{
    static const struct task soft = { "reboot", "server.reboot", "reboot", "active", NULL, "rebooting" };
    static const struct task hard = { "reboot",
                                      "server.reboot",
                                      "reboot",
                                      "active stopped paused suspended error",
                                      "rebooting rebooting_hard reboot_pending reboot_started",
                                      "rebooting_hard" };
    bool is_hard = str_eq_nocase(((const struct reboot *) rq->body)->type, "hard");
    int r = begin_task(rq, is_hard ? &hard : &soft,
                       json_pack("{ssss}", "action", "reboot", "type", is_hard ? "HARD" : "SOFT"), NULL, err);

    return r < 0 ? r : reply_empty(rq, 202);
}

/* --- lock ------------------------------------------------------------------------------------- */

struct lock {
    const char *locked_reason;
};

static const struct field lock_fields[] = {
    FIELD(FIELD_STRING, lock, locked_reason, .use = ON_CREATE, .min = 1, .max = 255, .since = 73),
    { 0 },
};

static int set_lock(struct request *rq, bool locked, const char *by, const char *reason, struct err *err)
{
    static const char *const only[] = { "locked", "locked_by", "locked_reason", NULL };
    struct instance *i = instance_in(rq);
    struct txn *t;
    int r = rq_txn_write(rq, &t, err);

    if (r < 0)
        return r;
    i->locked = locked;
    i->locked_by = by;
    i->locked_reason = reason;
    r = instance_update(t, rq->arena, i, server_now_us(rq->server), only, err);
    return r < 0 ? r : reply_empty(rq, 202);
}

static int lock(struct request *rq, struct err *err)
{
    const struct lock *l = rq->body;
    const struct instance *i = instance_in(rq);
    bool owner = str_eq(i->project_id, rq->token->project_id);

    return set_lock(rq, true, owner && !is_admin(rq) ? "owner" : "admin", l ? l->locked_reason : NULL, err);
}

/* What an administrator locked, only they unlock. */
static int unlock(struct request *rq, struct err *err)
{
    const struct instance *i = instance_in(rq);
    int r = 0;

    if (i->locked && str_eq(i->locked_by, "admin"))
        r = rq_authorize(rq, "os_compute_api:os-lock-server:unlock:unlock_override", instance_target, i, err);
    return r < 0 ? r : set_lock(rq, false, NULL, NULL, err);
}

/* --- state -------------------------------------------------------------------------------------- */

struct reset {
    const char *state;
};

static const struct field reset_fields[] = {
    FIELD(FIELD_STRING, reset, state, .use = ON_CREATE, .required = true, .choices = "active|error"),
    { 0 },
};

static int reset_state(struct request *rq, struct err *err)
{
    static const char *const only[] = { "vm_state", "task_state", NULL };
    struct instance *i = instance_in(rq);
    struct txn *t;
    int r = rq_txn_write(rq, &t, err);

    if (r < 0)
        return r;
    i->vm_state = ((const struct reset *) rq->body)->state;
    i->task_state = NULL;
    r = instance_update(t, rq->arena, i, server_now_us(rq->server), only, err);
    return r < 0 ? r : reply_empty(rq, 202);
}

/* Deletions take place at once here (as with upstream's default of no interval to reclaim), so
 * no server is ever in the state from which this leads back. */
static int restore(struct request *rq, struct err *err)
{
    int r = require_state(instance_in(rq), "restore", "soft-delete", NULL, err);

    return r < 0 ? r : reply_empty(rq, 202);
}

#define ONE       "/v2.1/servers/{server_id}"
#define ACT(a)    .action = (a), .load = load_instance, .target = instance_target
#define IN(f, st) .in = (f), .in_size = sizeof(struct st)

/* clang-format off */
const struct route compute_server_action_routes[] = {
    { HTTP_POST, ONE "/action", "os_compute_api:servers:start",  change_power, ACT("os-start") },
    { HTTP_POST, ONE "/action", "os_compute_api:servers:stop",   change_power, ACT("os-stop") },
    { HTTP_POST, ONE "/action", "os_compute_api:os-pause-server:pause",     change_power, ACT("pause") },
    { HTTP_POST, ONE "/action", "os_compute_api:os-pause-server:unpause",   change_power, ACT("unpause") },
    { HTTP_POST, ONE "/action", "os_compute_api:os-suspend-server:suspend", change_power, ACT("suspend") },
    { HTTP_POST, ONE "/action", "os_compute_api:os-suspend-server:resume",  change_power, ACT("resume") },
    { HTTP_POST, ONE "/action", "os_compute_api:servers:reboot", reboot, ACT("reboot"), IN(reboot_fields, reboot) },
    { HTTP_POST, ONE "/action", "os_compute_api:os-lock-server:lock",   lock, ACT("lock"), IN(lock_fields, lock) },
    { HTTP_POST, ONE "/action", "os_compute_api:os-lock-server:unlock", unlock, ACT("unlock") },
    { HTTP_POST, ONE "/action", "os_compute_api:os-deferred-delete:restore", restore, ACT("restore") },
    { HTTP_POST, ONE "/action", "os_compute_api:os-admin-actions:reset_state", reset_state, ACT("os-resetState"),
      IN(reset_fields, reset) },
    { 0 },
};
/* clang-format on */
