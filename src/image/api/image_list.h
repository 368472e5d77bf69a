/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rest/request.h"

/* GET /v2/images */
int image_list(struct request *rq, struct err *err);
