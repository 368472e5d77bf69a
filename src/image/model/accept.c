/* SPDX-License-Identifier: Apache-2.0 */
#include "image/model/accept.h"

#include "base/str.h"

static int64_t size_or_null(uint64_t size)
{
    return size && size <= INT64_MAX ? (int64_t) size : FIELD_NULL_INT;
}

/* The checks of GPT that fail often in practice may be waived. */
static bool is_waived(const struct image_options *o, const struct format_facts *facts)
{
    return facts->format == FORMAT_GPT && strv_contains(o->gpt_safety_checks_nonfatal, facts->check);
}

int accept_data(const struct image_options *o, const struct image *i, const struct format_source *src,
                int64_t *ret_virtual_size, struct err *err)
{
    struct format_facts facts = { 0 };
    const char *name;
    int r;

    /* What is wrapped in something else is not looked into. */
    if (!str_eq(i->container_format, "bare"))
        return 0;
    r = format_inspect(src, &facts, err);
    if (r == -EINVAL)
        return o->require_image_format_match ? err_http(err, 415, NULL, "%s", facts.unsafe) : 0;
    if (r < 0)
        return r;
    name = format_name(facts.format);
    if (str_eq(name, i->disk_format))
        *ret_virtual_size = size_or_null(facts.virtual_size);
    else if (str_eq(i->disk_format, "raw"))
        *ret_virtual_size = size_or_null(src->size);
    else if (facts.format != FORMAT_RAW || format_named(i->disk_format) != FORMAT_NONE) {
        if (o->require_image_format_match)
            return err_http(err, 415, NULL, "Image disk_format %s does not match stream data %s",
                            i->disk_format, name);
        return 0;
    }
    if (facts.unsafe && !is_waived(o, &facts))
        return err_http(err, 415, NULL, "Image failed safety checks: %s", facts.unsafe);
    return 0;
}
