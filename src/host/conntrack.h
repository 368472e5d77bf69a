/* SPDX-License-Identifier: Apache-2.0 */
/* Connections that the kernel tracks. */
#pragma once

#include "base/err.h"

/* Forgets, in the namespace at 'netns' (null: the thread's own), every
 * connection whose addresses are translated: the rules of the day decide anew. */
int conntrack_flush_nat(const char *netns, struct err *err);
