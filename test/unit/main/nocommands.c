/* SPDX-License-Identifier: Apache-2.0 */
#include "main/cli.h"

/* The program's table stands beside its main(). */
const struct command commands[] = { { 0 } };
