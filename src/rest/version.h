/* SPDX-License-Identifier: Apache-2.0 */
/* Microversions: what the client asked for and what the answer says. */
#pragma once

#include "rest/request.h"

/* Sets rq->version from the headers.  0; 400 for nonsense, 406 for a version
 * that is not served. */
int version_negotiate(struct request *rq, struct err *err);

/* Adds the version headers and Vary to the answer. */
void version_answer(struct request *rq);
