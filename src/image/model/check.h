/* SPDX-License-Identifier: Apache-2.0 */
/* What an image's members may be. */
#pragma once

#include <jansson.h>

#include "image/image.h"

#define IMAGE_MIN_MAX 2147483647 /* Of min_ram and min_disk. */

const char *check_image_id(const char *v);

/* How a name may be used in a create or a change: 0, or 403. */
enum name_use { NAME_NEW, NAME_CHANGE };
int check_name(const char *name, enum name_use use, struct err *err);

/* The names in the body of a create. */
int check_names_of_new(const json_t *body, struct err *err);

int check_formats(const struct image_options *o, const struct image *i, struct err *err);

/* Drops what is there twice; too many are 413. */
int check_tags(const struct image_options *o, struct arena *a, struct image *i, struct err *err);
int check_property_quota(const struct image_options *o, const struct image *i, struct err *err);

/* Members of 'body' that no row of 'fields' names become custom properties. */
int read_properties(struct arena *a, const json_t *body, const struct field *fields, struct image *i,
                    struct err *err);

/* Sets or (value null) takes away a custom property. */
void set_property(struct arena *a, struct image *i, const char *name, const char *value);

/* 400 in the words for a body that the schema does not allow. */
int schema_error(struct err *err, const char *fmt, ...) attr_printf(2, 3);

/* 400 unless both formats are set, which data needs. */
int check_ready_for_data(const struct image *i, struct err *err);
