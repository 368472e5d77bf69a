/* SPDX-License-Identifier: Apache-2.0 */
/* What the resources of images do alike: look up, ask policy, show. */
#pragma once

#include "image/image.h"

#define IMAGE_RESERVED_PREFIX "os_glance"

extern const struct resource image_resource;

/* True for who administers: sees every image. */
bool image_caller_is_admin(struct request *rq);

/* route.load: the image of {image_id} that the caller may know of becomes
 * rq->object.  What he may not know of is 404 as if it were not there.
 * Others' images are known when they are public, of the community, or shared
 * with the caller's project. */
int image_load(struct request *rq, struct err *err);

/* The same, again: in the present transaction, for who is about to write. */
int image_reload(struct request *rq, struct image **ret, struct err *err);

/* Asks policy about an image: 404 when the caller may not even see it, else
 * 403. */
int image_authorize(struct request *rq, const char *rule, const struct image *i, struct err *err);

/* The same for changes, which are for the owner alone when deprecated rules,
 * that let everybody, still hold. */
int image_authorize_change(struct request *rq, const char *rule, const struct image *i, struct err *err);
bool image_allows(struct request *rq, const char *rule, const struct image *i);

/* Who may make an image public or of the community. */
int image_authorize_visibility(struct request *rq, const struct image *i, const char *visibility,
                               struct err *err);

/* Writes an image as an object. */
void image_write(struct request *rq, struct jw *w, const char *name, const struct image *i);
int image_reply(struct request *rq, const struct image *i, int status);

bool image_has_data(const struct image *i);

/* {"url": …, "metadata": …} */
void image_write_location(struct request *rq, struct jw *w, const struct image *i);

/* The property called 'name', or null. */
struct image_property *image_property_get(const struct image *i, const char *name);
