/* SPDX-License-Identifier: Apache-2.0 */
/* What a guest is told about itself, as files: the OpenStack tree and the EC2
 * tree, for the metadata service and the config drive. */
#pragma once

#include "compute/compute.h"

/* The answer to GET 'path' ("/openstack/latest/meta_data.json"), for the server 'i': a file's
 * text or a folder's list.  -ENOENT. */
int metadata_get(struct server *s, struct arena *a, const struct instance *i, const char *path,
                 const char **ret, size_t *ret_n, const char **ret_type);

/* The password that a guest made for itself and has encrypted with its key pair; "" when there is none. */
const char *metadata_password(struct arena *a, const struct instance *i);

/* Changes i->system_metadata; null takes it away. */
void metadata_set_password(struct arena *a, struct instance *i, const char *password);

/* Whether a guest leaves its password there ("/openstack/latest/password"). */
bool metadata_is_password(struct arena *a, const char *path);

/* {"label", "files": [{"path", "data"}]}, the caller's. */
json_t *metadata_config_drive(struct server *s, struct arena *a, const struct instance *i);
