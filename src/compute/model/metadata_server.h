/* SPDX-License-Identifier: Apache-2.0 */
/* The metadata service: what guests read from 169.254.169.254, on a port of its
 * own.  The metadata role of a host proves with a signature which server asks. */
#pragma once

#include "compute/compute.h"

int metadata_server_start(struct server *s, struct metadata_server **ret, struct err *err);
void metadata_server_stop(struct metadata_server *m);
uint16_t metadata_server_port(const struct metadata_server *m);
