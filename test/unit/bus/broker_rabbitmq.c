/* SPDX-License-Identifier: Apache-2.0 */
#include "broker.h"

#include "kit/rabbit.h"

const struct broker broker_rabbitmq = { .name = "rabbitmq", .start = rabbit_start, .kill = rabbit_kill };
