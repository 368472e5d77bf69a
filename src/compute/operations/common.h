/* SPDX-License-Identifier: Apache-2.0 */
/* What the steps of the operations do alike. */
#pragma once

#include "agent/compute_wishes.h"
#include "base/str.h"
#include "compute/compute.h"
#include "compute/model/agent.h"
#include "compute/model/hosts.h"
#include "compute/model/nets.h"
#include "compute/operations/operations.h"
#include "compute/store/instances.h"
#include "wire/json.h"

/* A step at work: the operation, and the server as it is now. */
struct step {
    struct op_run *run;
    struct server *server;
    struct compute *compute;
    struct arena *arena;
    struct instance i;
    struct nets nets;
};

/* Loads the operation's server, also when it is deleted already. */
int step_begin(struct op_run *run, struct step *ret, struct err *err);

/* Writes columns of the server, in a transaction of its own. */
int step_save(struct step *s, const char *const *only, struct err *err);

/* Asks the server's agent; 0 when it is done, OP_WAIT while the agent works. */
int step_ask(struct step *s, const char *method, const json_t *args, struct err *err);

/* The same with {"server": wish, "op": id} and 'more' (may be null, is taken over). */
int step_ask_wish(struct step *s, const char *method, json_t *more, struct err *err);

/* Nothing of the guest is left on its host.  A host that is down cannot be asked and is not
 * waited for: when it is back, the server is not among its wishes. */
int step_destroy(struct step *s, struct err *err);

/* What the agent said last about the guest's power. */
int64_t step_power(const struct op_run *run, int64_t otherwise);

/* {"server_id", "instance_name", "project_id"}, the caller's. */
json_t *step_identity(const struct step *s);

/* In the transaction that ends the operation: the server's row (locked) for
 * changes; -ENOENT when it is gone. */
int end_begin(struct op_run *run, struct txn *t, struct step *ret, struct err *err);

/* Ends the action with an event of that name; 'why' null: it went well. */
int end_action(struct step *s, struct txn *t, const char *event, const struct err *why, struct err *err);

/* Puts the reason into the server's fault. */
void set_fault(struct step *s, const struct err *why);

/* True when something else took the operation's place: the server is its now. */
static inline bool was_superseded(const struct err *why)
{
    return why && why->code == -ECANCELED;
}
