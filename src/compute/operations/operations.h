/* SPDX-License-Identifier: Apache-2.0 */
/* What is done to servers, as durable operations.  args: {"action": the action's
 * name in the API, …}; resource_id: the server. */
#pragma once

#include "work/work.h"

extern const struct op_kind op_server_create, op_server_delete, op_server_power, op_server_reboot,
    op_server_rebuild, op_server_snapshot, op_server_attach, op_server_detach;

extern const struct op_kind *const compute_operations[]; /* All, ended by null. */
