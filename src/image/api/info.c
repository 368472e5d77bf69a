/* SPDX-License-Identifier: Apache-2.0 */
/* /v2/info: stores and ways to import. */
#include "base/str.h"
#include "image/api/routes.h"
#include "image/image.h"

static int show_import(struct request *rq, struct err *err)
{
    struct jw *w = reply_begin(rq);

    jw_object(w, NULL);
    jw_object(w, "import-methods");
    jw_str(w, "description", "Import methods available.");
    jw_str(w, "type", "array");
    jw_strv(w, "value", image_of(rq)->opt->enabled_import_methods);
    jw_end_object(w);
    jw_end_object(w);
    return reply_end(rq, 200);
}

static int write_stores(struct request *rq, bool detail)
{
    const struct image_state *s = image_of(rq);
    struct jw *w = reply_begin(rq);

    jw_object(w, NULL);
    jw_array(w, "stores");
    jw_object(w, NULL);
    jw_str(w, "id", s->driver->name);
    jw_str(w, "description", "Files of a folder");
    jw_str(w, "default", "true");
    if (detail) {
        jw_str(w, "type", s->driver->name);
        jw_int(w, "weight", 0);
        jw_object(w, "properties");
        jw_str(w, "data_dir", s->data_dir);
        jw_int(w, "chunk_size", IMAGE_CHUNK);
        jw_bool(w, "thin_provisioning", false);
        jw_end_object(w);
    }
    jw_end_object(w);
    jw_end_array(w);
    jw_end_object(w);
    return reply_end(rq, 200);
}

static int show_stores(struct request *rq, struct err *err)
{
    return write_stores(rq, false);
}

static int show_stores_detail(struct request *rq, struct err *err)
{
    return write_stores(rq, true);
}

/* There are no limits of projects yet, so none is used up. */
static int show_usage(struct request *rq, struct err *err)
{
    struct jw *w = reply_begin(rq);

    jw_object(w, NULL);
    jw_object(w, "usage");
    jw_end_object(w);
    jw_end_object(w);
    return reply_end(rq, 200);
}

const struct route image_info_routes[] = {
    { HTTP_GET, "/v2/info/import", POLICY_TOKEN, show_import },
    { HTTP_GET, "/v2/info/stores", POLICY_TOKEN, show_stores },
    { HTTP_GET, "/v2/info/stores/detail", "stores_info_detail", show_stores_detail },
    { HTTP_GET, "/v2/info/usage", POLICY_TOKEN, show_usage },
    { 0 },
};
