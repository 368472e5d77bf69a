/* SPDX-License-Identifier: Apache-2.0 */
#include "compute/model/reports.h"

#include "agent/compute_wishes.h"
#include "base/str.h"
#include "compute/model/agent.h"
#include "compute/model/hosts.h"
#include "compute/store/instances.h"
#include "wire/json.h"

/* --- "wishes" ---------------------------------------------------------------------- */

static int list_on(struct server *s, struct arena *a, const char *host, struct list *ret, struct err *err)
{
    const struct cond conds[] = {
        { .column = "host", .op = COND_EQ, .value = val_text(host) },
        { .column = "deleted", .op = COND_EQ, .value = val_int(0) },
    };
    auto_rollback struct txn *t = NULL;
    int r = txn_begin(s->db, false, &t, err);

    return r < 0 ? r
                 : table_list(t, a, &instance_table,
                              &(struct query){ .conds = conds, .n_conds = ARRAY_SIZE(conds) }, ret, err);
}

static int answer_wishes(struct server *s, struct bus_message *m, struct err *err)
{
    const char *host = json_str(m->args, "host");
    auto_json json_t *all = json_array();
    struct list l;
    int r;

    if (str_empty(host))
        return err_set(err, -EINVAL, "a question for wishes needs the name of its host");
    r = list_on(s, m->arena, host, &l, err);
    for (size_t k = 0; r >= 0 && k < l.count; k++) {
        const struct instance *i = list_at(&l, k);
        json_t *wish;

        r = wish_of(s, m->arena, i, i->task_state || str_eq(i->vm_state, "building"), false, &wish, err);
        if (r >= 0)
            json_array_append_new(all, wish);
    }
    if (r >= 0)
        m->reply = json_pack("{sO}", "servers", all);
    return r;
}

/* --- "report" ------------------------------------------------------------------------ */

/* What a guest's power means for a server that nothing is done to. */
static const struct {
    enum power_state power;
    const char *vm_state, *wish;
} lifecycle[] = {
    { POWER_RUNNING, "active", COMPUTE_POWER_RUNNING },
    { POWER_SHUTDOWN, "stopped", COMPUTE_POWER_SHUTDOWN },
    { POWER_CRASHED, "stopped", COMPUTE_POWER_SHUTDOWN },
    { POWER_PAUSED, "paused", COMPUTE_POWER_PAUSED },
    { POWER_SUSPENDED, "suspended", COMPUTE_POWER_SUSPENDED },
};

struct noting {
    struct server *s;
    struct arena *a;
    const char *id, *host, *reason;
    enum power_state power;
    bool is_error;
};

static bool changes(const struct noting *n, struct instance *i)
{
    bool changed = i->power_state != (int64_t) n->power;

    i->power_state = n->power;
    for (size_t k = 0; k < ARRAY_SIZE(lifecycle); k++)
        if (lifecycle[k].power == n->power && !str_eq(i->vm_state, "error")) {
            changed = changed || !str_eq(i->vm_state, lifecycle[k].vm_state);
            i->vm_state = lifecycle[k].vm_state;
            i->power_wish = lifecycle[k].wish;
        }
    return changed;
}

static int note(struct txn *t, void *ctx, struct err *err)
{
    static const char *const only[] = { "power_state", "vm_state",      "power_wish",    "fault_code",
                                        "fault_at",    "fault_message", "fault_details", NULL };
    struct noting *n = ctx;
    struct instance i;
    int r = instance_get(t, n->a, n->id, &i, err);

    if (r == -ENOENT)
        return 0;
    if (r < 0 || i.task_state || !str_eq(i.host, n->host))
        return r;
    if (n->is_error) {
        i.fault_code = 500;
        i.fault_message = i.fault_details =
            n->reason ? n->reason : "The host cannot make the server as it must be.";
        i.fault_at = server_now_us(n->s);
    } else if (!changes(n, &i)) {
        return 0;
    }
    return instance_update(t, n->a, &i, server_now_us(n->s), only, err);
}

/* True when the row would change: most reports say what is known. */
static bool is_news(const struct noting *n)
{
    auto_rollback struct txn *t = NULL;
    struct instance i;

    if (n->is_error || txn_begin(n->s->db, false, &t, NULL) < 0)
        return true;
    return instance_get(t, n->a, n->id, &i, NULL) >= 0 && !i.task_state && changes(n, &i);
}

static int take_report(struct server *s, struct bus_message *m, struct err *err)
{
    json_t *one;
    size_t k;
    int r = 0;

    json_array_foreach (json_arr(m->args, "servers"), k, one) {
        struct noting n = {
            .s = s,
            .a = m->arena,
            .id = json_str(one, "id"),
            .host = json_str(m->args, "host"),
            .reason = json_str(one, "reason"),
            .power = power_of(json_str(one, "power_state")),
            .is_error = str_eq(json_str(one, "event"), "error"),
        };
        int e;

        if (!n.id)
            continue;
        if (s->worker)
            op_wake(s->worker, n.id);
        if (str_eq(json_str(one, "event"), "progress") || !is_news(&n))
            continue;
        e = txn_run(s->db, note, &n, err);
        r = r < 0 ? r : e;
    }
    return r;
}

static int take_heartbeat(struct server *s, struct bus_message *m, struct err *err)
{
    return hosts_report(s->state, m->arena, m->args, err);
}

static const struct {
    const char *method;
    int (*fn)(struct server *s, struct bus_message *m, struct err *err);
} methods[] = {
    { COMPUTE_METHOD_HEARTBEAT, take_heartbeat },
    { COMPUTE_METHOD_WISHES, answer_wishes },
    { COMPUTE_METHOD_REPORT, take_report },
};

int reports_handle(void *ctx, struct bus_message *m, struct err *err)
{
    if (!bus_may_speak_for(m, json_str(m->args, "host")))
        return err_set(err, -EPERM, "%s speaks for another host", m->sender);
    for (size_t k = 0; k < ARRAY_SIZE(methods); k++)
        if (str_eq(methods[k].method, m->method))
            return methods[k].fn(ctx, m, err);
    return err_set(err, -EINVAL, "compute knows no method '%s'", m->method);
}
