/* SPDX-License-Identifier: Apache-2.0 */
/* A private RabbitMQ for tests: one for the program, in a directory of its
 * own, on loopback ports that the kernel chose; gone when the program ends. */
#pragma once

#include "kit/test.h"

/* Starts the broker when it does not run and waits until it takes
 * connections.  Returns its URL ("amqp://..."), always the same.  Skips the
 * test when RabbitMQ is not installed, unless $STACKD_TEST_BUS is "all";
 * "local" skips it always. */
const char *rabbit_start(struct test *t);

/* Ends the broker as a crash would.  What it keeps on disk stays. */
void rabbit_kill(struct test *t);
