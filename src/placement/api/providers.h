/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "placement/store/providers.h"

/* The provider as an object of the answer. */
void provider_write(struct request *rq, struct jw *w, const struct provider *p);

/* Its last change. */
int64_t provider_modified_at(const struct provider *p);

/* Handler of GET /resource_providers. */
int providers_list(struct request *rq, struct err *err);
