/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rest/request.h"

/* PATCH /v2/images/{image_id}: JSON patches of both media types. */
int image_update(struct request *rq, struct err *err);
