/* SPDX-License-Identifier: Apache-2.0 */
#include "compute/store/instances.h"

#include "base/str.h"
#include "base/uuid.h"

#define C(type, member) COLUMN(FIELD_##type, instance, member)

static const struct column columns[] = {
    C(STRING, id),
    C(STRING, project_id),
    C(STRING, user_id),
    C(INT, number),
    C(STRING, name),
    C(STRING, hostname),
    C(STRING, description),
    C(STRING, reservation_id),
    C(INT, launch_index),
    C(STRING, cell),
    C(STRING, host),
    C(STRING, node),
    C(STRING, vm_state),
    C(STRING, task_state),
    C(INT, power_state),
    C(STRING, power_wish),
    C(INT, generation),
    C(INT, progress),
    C(BOOL, locked),
    C(STRING, locked_by),
    C(STRING, locked_reason),
    C(STRING, image_id),
    C(STRING, kernel_id),
    C(STRING, ramdisk_id),
    C(JSON, image),
    C(JSON, kernel),
    C(JSON, ramdisk),
    C(STRING, flavor_id),
    C(STRING, flavor_name),
    C(INT, vcpus),
    C(INT, memory_mb),
    C(INT, root_gb),
    C(INT, ephemeral_gb),
    C(INT, swap_mb),
    C(JSON, extra_specs),
    C(STRING, key_name),
    C(STRING, key_data),
    C(STRING, key_type),
    C(STRING, user_data),
    C(BOOL, config_drive),
    C(STRING, az_wanted),
    C(STRING, host_wanted),
    C(STRING, node_wanted),
    C(STRING, group_id),
    C(JSON, hints),
    C(JSON, metadata),
    C(STRV, tags),
    C(JSON, networks),
    C(JSON, ports),
    C(STRV, security_groups),
    C(STRV, trusted_certs),
    C(JSON, files),
    C(STRING, admin_password),
    C(STRING, access_ip_v4),
    C(STRING, access_ip_v6),
    C(STRING, disk_config),
    C(STRING, root_device),
    C(JSON, system_metadata),
    C(INT, fault_code),
    C(STRING, fault_message),
    C(STRING, fault_details),
    C(TIME, fault_at),
    C(TIME, created_at),
    C(TIME, updated_at),
    C(TIME, launched_at),
    C(TIME, terminated_at),
    C(TIME, deleted_at),
    C(BOOL, deleted),
    { 0 },
};

const struct table instance_table = { "instances", "id", sizeof(struct instance), columns };

int instance_get(struct txn *t, struct arena *a, const char *id, struct instance *ret, struct err *err)
{
    int r = table_get(t, a, &instance_table, id, ret, err);

    return r >= 0 && ret->deleted ? -ENOENT : r;
}

int instance_update(struct txn *t, struct arena *a, struct instance *i, int64_t now_us,
                    const char *const *only, struct err *err)
{
    const char **with = NULL;

    strv_foreach (c, only)
        with = strv_add(a, with, *c);
    with = strv_add(a, with, "updated_at");
    i->updated_at = now_us;
    return table_update(t, a, &instance_table, i, with, err);
}

/* --- what was done ----------------------------------------------------------- */

static const struct column action_columns[] = {
    COLUMN(FIELD_STRING, instance_action, id),
    COLUMN(FIELD_STRING, instance_action, instance_id),
    COLUMN(FIELD_STRING, instance_action, request_id),
    COLUMN(FIELD_STRING, instance_action, action),
    COLUMN(FIELD_STRING, instance_action, project_id),
    COLUMN(FIELD_STRING, instance_action, user_id),
    COLUMN(FIELD_STRING, instance_action, message),
    COLUMN(FIELD_TIME, instance_action, start_us),
    COLUMN(FIELD_TIME, instance_action, updated_us),
    COLUMN(FIELD_TIME, instance_action, finish_us),
    { 0 },
};

const struct table instance_action_table = { "instance_actions", "id", sizeof(struct instance_action),
                                             action_columns };

static const struct column event_columns[] = {
    COLUMN(FIELD_STRING, instance_event, id),      COLUMN(FIELD_STRING, instance_event, action_id),
    COLUMN(FIELD_STRING, instance_event, event),   COLUMN(FIELD_STRING, instance_event, result),
    COLUMN(FIELD_STRING, instance_event, host),    COLUMN(FIELD_STRING, instance_event, details),
    COLUMN(FIELD_INT, instance_event, number),     COLUMN(FIELD_TIME, instance_event, start_us),
    COLUMN(FIELD_TIME, instance_event, finish_us), { 0 },
};

const struct table instance_event_table = { "instance_events", "id", sizeof(struct instance_event),
                                            event_columns };

int action_start(struct txn *t, struct arena *a, struct instance_action *action, struct err *err)
{
    action->id = uuid_new_hex(a);
    action->updated_us = action->start_us;
    return table_insert(t, a, &instance_action_table, action, err);
}

int action_find(struct txn *t, struct arena *a, const char *instance_id, const char *request_id,
                struct instance_action *ret, struct err *err)
{
    const struct cond conds[] = {
        { .column = "instance_id", .op = COND_EQ, .value = val_text(instance_id) },
        { .column = "request_id", .op = COND_EQ, .value = val_text(request_id) },
    };

    return table_find(t, a, &instance_action_table, conds, ARRAY_SIZE(conds), ret, err);
}

int action_finish(struct txn *t, struct arena *a, struct instance_action *action,
                  const struct instance_event *event, struct err *err)
{
    static const char *const only[] = { "message", "updated_us", "finish_us", NULL };
    struct instance_event e = *event;
    int r;

    e.id = uuid_new_hex(a);
    e.action_id = action->id;
    e.number = event->start_us;
    action->updated_us = action->finish_us = event->finish_us;
    r = table_insert(t, a, &instance_event_table, &e, err);
    return r < 0 ? r : table_update(t, a, &instance_action_table, action, only, err);
}

int instance_host(struct txn *t, struct arena *a, const char *id, const char **ret, struct err *err)
{
    struct rows rows;
    int r =
        sql_query(t, a, &rows, err, "SELECT host FROM instances WHERE id = ? AND deleted = 0", val_text(id));

    if (r >= 0)
        *ret = rows.count ? rows_text(&rows, 0, 0) : NULL;
    return r;
}
