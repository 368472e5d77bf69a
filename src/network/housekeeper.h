/* SPDX-License-Identifier: Apache-2.0 */
/* What must happen without anybody asking: networks and routers whose agent
 * died, or that had none yet, find a host that lives. */
#pragma once

#include "network/network.h"

struct housekeeper;

int housekeeper_start(struct server *s, struct housekeeper **ret, struct err *err);
void housekeeper_stop(struct housekeeper *h);

/* One round; what it did is committed. */
int housekeeper_round(struct server *s, struct err *err);
