/* SPDX-License-Identifier: Apache-2.0 */
/* The certificates of pki and pkiz tokens. */
#pragma once

#include "base/err.h"
#include "base/strbuf.h"

struct server;

/* Makes those that are missing, and says where they are. */
int pki_setup(struct server *s, struct strbuf *out, struct err *err);
