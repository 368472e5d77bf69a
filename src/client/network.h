/* SPDX-License-Identifier: Apache-2.0 */
/* The network service.  'query' is a query string ("device_id=…&fields=id") or
 * null; lists come back as the array itself. */
#pragma once

#include "client/service_call.h"

int network_list(const struct client_as *as, const char *query, json_t **ret, struct err *err);
int network_port_list(const struct client_as *as, const char *query, json_t **ret, struct err *err);
int network_port_get(const struct client_as *as, const char *id, json_t **ret, struct err *err);
int network_port_create(const struct client_as *as, const json_t *port, json_t **ret, struct err *err);
int network_port_update(const struct client_as *as, const char *id, const json_t *port, json_t **ret,
                        struct err *err);
int network_port_delete(const struct client_as *as, const char *id,
                        struct err *err); /* Gone is deleted too. */
int network_floating_ip_list(const struct client_as *as, const char *query, json_t **ret, struct err *err);
int network_group_list(const struct client_as *as, const char *query, json_t **ret, struct err *err);
int network_subnet_list(const struct client_as *as, const char *query, json_t **ret, struct err *err);
