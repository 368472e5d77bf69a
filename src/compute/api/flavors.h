/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "compute/api/common.h"

/* A flavor that the caller may see: public, of its project, or any for who
 * administers the cloud.  404 in the API's words. */
int visible_flavor(struct request *rq, const char *id, struct flavor *ret, struct err *err);
