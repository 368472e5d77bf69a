/* SPDX-License-Identifier: Apache-2.0 */
/* What a bus test needs of a broker, whichever it is.  One for the program;
 * a test may kill it, and must start it again. */
#pragma once

#include "kit/test.h"

struct broker {
    const char *name;
    /* The URL of the running broker, started when it is not.  Skips the test
     * when it cannot run here. */
    const char *(*start)(struct test *t);
    void (*kill)(struct test *t);
};

extern const struct broker broker_local, broker_rabbitmq;
