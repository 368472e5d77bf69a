/* SPDX-License-Identifier: Apache-2.0 */
/* The image service. */
#pragma once

#include "client/service_call.h"

int image_get(const struct client_as *as, const char *id, json_t **ret, struct err *err);

/* Makes an image without data. */
int image_create(const struct client_as *as, const json_t *image, json_t **ret, struct err *err);

/* Images by a query string; the array itself. */
int image_find_all(const struct client_as *as, const char *query, json_t **ret, struct err *err);

/* Gone is deleted too. */
int image_delete(const struct client_as *as, const char *id, struct err *err);

/* The path of the image's data, where the service keeps it as a file and
 * tells us: '*ret' is null otherwise.  Whether this host has that file is for the
 * caller to see. */
int image_file(const struct client_as *as, const char *id, const char **ret, struct err *err);
