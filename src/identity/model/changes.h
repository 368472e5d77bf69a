/* SPDX-License-Identifier: Apache-2.0 */
/* Changes of rights, told to every process that keeps answers.
 *
 * Processes of one machine share a page of memory (base/generation.h).  Those of
 * other machines that share the database look at a number in it, many times a
 * second; services elsewhere are told over the bus, and believe an answer for
 * some seconds at the most.  While the database cannot be asked for longer than
 * its restart takes, nothing kept is believed. */
#pragma once

#include "rest/request.h"

struct changes;

/* Starts to look, if the database may be shared.  '*ret' is null if not. */
int changes_watch(struct server *s, struct changes **ret, struct err *err);
void changes_unwatch(struct changes *c); /* Null is fine. */

/* False when the number was not seen for longer than a database's restart takes
 * (it is away, hangs, or all connections are in use): what is kept may be out of
 * date.  Null is fine: nobody else changes anything. */
bool changes_are_known(const struct changes *c);

/* For struct service: within the transaction, and after it. */
int changes_committing(struct request *rq, struct err *err);
void changes_changed(struct request *rq);
