/* SPDX-License-Identifier: Apache-2.0 */
/* GET /v2/images: who sees what, filters, order, pages. */
#include "image/api/image_list.h"

#include "base/str.h"
#include "image/api/common.h"
#include "image/model/filter.h"
#include "image/store/conds.h"
#include "image/store/images.h"
#include "rest/dialect/common.h"

/* A list being asked for. */
struct asked {
    const char *visibility, *member_status;
    bool has_hidden;
    const char *sort;
    const char **sort_keys, **sort_dirs;
    bool old_sort;
    struct query q;
};

/* --- filters -------------------------------------------------------------------- */

static int add_range(struct request *rq, struct asked *a, const char *column, enum cond_op op, const char *v,
                     struct err *err)
{
    int64_t n;

    if (str_to_i64(v, &n) < 0)
        return err_http(err, 400, NULL, "Unable to filter on a range with a non-numeric value.");
    rq_cond(rq, &a->q, (struct cond){ .column = column, .op = op, .value = val_int(n) });
    return 0;
}

static int add_number(struct request *rq, struct asked *a, const char *column, const char *v, struct err *err)
{
    int64_t n;

    /* What is no number equals none. */
    if (str_to_i64(v, &n) < 0)
        rq_cond(rq, &a->q, image_none());
    else
        rq_cond(rq, &a->q, (struct cond){ .column = column, .op = COND_EQ, .value = val_int(n) });
    return 0;
}

static int add_text(struct request *rq, struct asked *a, const char *column, const char *v, struct err *err)
{
    rq_cond(rq, &a->q, (struct cond){ .column = column, .op = COND_EQ, .value = val_text(v) });
    return 0;
}

static int add_text_or_in(struct request *rq, struct asked *a, const char *column, const char *v,
                          struct err *err)
{
    struct cond c = { .column = column, .op = COND_EQ };
    int r = filter_text(rq->arena, v, &c.value.s, &c.list, err);

    if (r < 0)
        return r;
    if (c.list)
        c.op = COND_IN;
    else
        c.value = val_text(c.value.s);
    rq_cond(rq, &a->q, c);
    return 0;
}

static int add_time(struct request *rq, struct asked *a, const char *column, const char *v, struct err *err)
{
    enum cond_op op;
    int64_t us;
    int r = filter_time(rq->arena, column, v, &op, &us, err);

    if (r >= 0)
        rq_cond(rq, &a->q, image_at_second(rq->arena, column, op, us));
    return r;
}

static int add_truth(struct request *rq, struct asked *a, const char *column, const char *v, struct err *err)
{
    const char *name = str_eq(column, "is_protected") ? "protected" : column, *low = str_lower(rq->arena, v);

    if (str_eq(column, "is_protected"))
        low = v;
    if (!str_eq(low, "true") && !str_eq(low, "false"))
        return err_http(err, 400, NULL,
                        "Invalid value '%.100s' for '%s' filter. Valid values are 'true' or 'false'.", low,
                        name);
    rq_cond(rq, &a->q,
            (struct cond){ .column = column, .op = COND_EQ, .value = val_int(str_eq(low, "true")) });
    return 0;
}

/* clang-format off */
static const struct filter {
    const char *name, *column;
    int (*add)(struct request *rq, struct asked *a, const char *column, const char *v, struct err *err);
} filters[] = {
    { "id",               "id",               add_text_or_in },
    { "name",             "name",             add_text_or_in },
    { "status",           "status",           add_text_or_in },
    { "container_format", "container_format", add_text_or_in },
    { "disk_format",      "disk_format",      add_text_or_in },
    { "owner",            "owner",            add_text },
    { "checksum",         "checksum",         add_text },
    { "os_hash_algo",     "os_hash_algo",     add_text },
    { "os_hash_value",    "os_hash_value",    add_text },
    { "size",             "size",             add_number },
    { "virtual_size",     "virtual_size",     add_number },
    { "min_ram",          "min_ram",          add_number },
    { "min_disk",         "min_disk",         add_number },
    { "protected",        "is_protected",     add_truth },
    { "os_hidden",        "os_hidden",        add_truth },
    { "created_at",       "created_at",       add_time },
    { "updated_at",       "updated_at",       add_time },
};

static const struct {
    const char *name, *column;
    enum cond_op op;
} ranges[] = {
    { "size_min",         "size",         COND_GE }, { "size_max",         "size",         COND_LE },
    { "virtual_size_min", "virtual_size", COND_GE }, { "virtual_size_max", "virtual_size", COND_LE },
    { "min_ram_min",      "min_ram",      COND_GE }, { "min_ram_max",      "min_ram",      COND_LE },
    { "min_disk_min",     "min_disk",     COND_GE }, { "min_disk_max",     "min_disk",     COND_LE },
};
/* clang-format on */

static int add_filter(struct request *rq, struct asked *a, const char *name, const char *v, struct err *err)
{
    for (size_t i = 0; i < ARRAY_SIZE(filters); i++)
        if (str_eq(filters[i].name, name)) {
            a->has_hidden = a->has_hidden || str_eq(name, "os_hidden");
            return filters[i].add(rq, a, filters[i].column, v, err);
        }
    for (size_t i = 0; i < ARRAY_SIZE(ranges); i++)
        if (str_eq(ranges[i].name, name))
            return add_range(rq, a, ranges[i].column, ranges[i].op, v, err);
    rq_cond(rq, &a->q, image_with_property(rq->arena, name, v));
    return 0;
}

/* --- who sees what --------------------------------------------------------------- */

static int check_choice(const char *v, const char *const *choices, const char *words, struct err *err)
{
    return strv_contains(choices, v) ? 0 : err_http(err, 400, NULL, "%s: %.100s", words, v);
}

/* Images of the community are listed only for who asks for them. */
static void add_visibility(struct request *rq, struct asked *a)
{
    const char *own = rq->token->project_id;

    if (!image_caller_is_admin(rq))
        rq_cond(rq, &a->q, image_known_to(rq->arena, own, a->member_status));
    if (str_eq(a->visibility, "all"))
        return;
    if (a->visibility)
        rq_cond(rq, &a->q,
                (struct cond){ .column = "visibility", .op = COND_EQ, .value = val_text(a->visibility) });
    else
        rq_cond(rq, &a->q, image_not_of_community(rq->arena, own));
}

/* --- order ----------------------------------------------------------------------- */

static int add_sort(struct request *rq, struct asked *a, const char *key, const char *dir, struct err *err)
{
    static const char *const keys[] = { "name", "status",     "container_format", "disk_format", "size",
                                        "id",   "created_at", "updated_at",       NULL };
    struct sort_key *all = arena_array(rq->arena, struct sort_key, a->q.n_sort + 1);

    key = str_trim(rq->arena, key);
    dir = str_trim(rq->arena, dir);
    if (!strv_contains(keys, key))
        return err_http(err, 400, NULL, "Invalid sort key: %.100s. It must be one of the following: %s.", key,
                        strv_join(rq->arena, keys, ", "));
    if (!str_eq(dir, "asc") && !str_eq(dir, "desc"))
        return err_http(err, 400, NULL, "Invalid sort direction: %.100s", dir);
    if (a->q.n_sort)
        memcpy(all, a->q.sort, a->q.n_sort * sizeof(*all));
    all[a->q.n_sort++] = (struct sort_key){ key, str_eq(dir, "desc") };
    a->q.sort = all;
    return 0;
}

static int sort_new(struct request *rq, struct asked *a, struct err *err)
{
    int r = 0;

    if (a->old_sort)
        return err_http(err, 400, NULL, "Old and new sorting syntax cannot be combined");
    strv_foreach (part, str_split(rq->arena, a->sort, ',')) {
        const char *colon = strchr(*part, ':');
        const char *key = colon ? arena_strndup(rq->arena, *part, (size_t) (colon - *part)) : *part;

        if (r >= 0)
            r = add_sort(rq, a, key, colon && colon[1] ? colon + 1 : "desc", err);
    }
    return r;
}

/* One direction is for all keys; else there must be one for each. */
static int sort_old(struct request *rq, struct asked *a, struct err *err)
{
    size_t keys = strv_len(a->sort_keys), dirs = strv_len(a->sort_dirs);
    int r = 0;

    if (dirs > 1 && dirs != keys)
        return err_http(err, 400, NULL, "Number of sort dirs does not match the number of sort keys");
    for (size_t i = 0; r >= 0 && i < keys; i++)
        r = add_sort(rq, a, a->sort_keys[i], !dirs ? "desc" : a->sort_dirs[dirs > 1 ? i : 0], err);
    if (r >= 0 && !keys)
        r = add_sort(rq, a, "created_at", dirs ? a->sort_dirs[0] : "desc", err);
    return r;
}

/* The order is total: what is made in one microsecond is told apart by id. */
static int add_order(struct request *rq, struct asked *a, struct err *err)
{
    return a->sort ? sort_new(rq, a, err) : sort_old(rq, a, err);
}

/* --- the query string --------------------------------------------------------------- */

static int read_limit(struct request *rq, struct asked *a, const char *v, struct err *err)
{
    int64_t n, max = image_of(rq)->opt->api_limit_max;

    if (str_to_i64(str_trim(rq->arena, v), &n) < 0)
        return err_http(err, 400, NULL, "limit param must be an integer");
    if (n < 0)
        return err_http(err, 400, NULL, "limit param must be positive");
    a->q.limit = (size_t) (n < max ? n : max);
    return 0;
}

static int read_param(struct request *rq, struct asked *a, const char *name, const char *v, struct err *err)
{
    static const char *const visibilities[] = { "community", "public", "private", "shared", "all", NULL };
    static const char *const statuses[] = { "pending", "accepted", "rejected", "all", NULL };

    if (str_eq(name, "limit"))
        return read_limit(rq, a, v, err);
    if (str_eq(name, "marker")) {
        a->q.marker = v;
    } else if (str_eq(name, "sort")) {
        a->sort = v;
    } else if (str_eq(name, "sort_key")) {
        a->old_sort = true;
        a->sort_keys = strv_add(rq->arena, a->sort_keys, v);
    } else if (str_eq(name, "sort_dir")) {
        a->old_sort = true;
        a->sort_dirs = strv_add(rq->arena, a->sort_dirs, v);
    } else if (str_eq(name, "tag")) {
        rq_cond(rq, &a->q, image_with_tag(rq->arena, str_trim(rq->arena, v)));
    } else if (str_eq(name, "visibility")) {
        a->visibility = *v ? v : NULL;
        return *v ? check_choice(v, visibilities, "Invalid visibility value", err) : 0;
    } else if (str_eq(name, "member_status")) {
        a->member_status = v;
        return check_choice(v, statuses, "Invalid status", err);
    } else if (str_eq(name, "changes-since")) {
        return err_http(err, 400, NULL, "The \"changes-since\" filter is no longer available on v2.");
    } else {
        return add_filter(rq, a, name, v, err);
    }
    return 0;
}

static int read_query(struct request *rq, struct asked *a, struct err *err)
{
    int r = 0;

    a->member_status = "accepted";
    a->q.limit = (size_t) image_of(rq)->opt->limit_param_default;
    for (size_t i = 0; r >= 0 && i < rq->n_query; i++)
        r = read_param(rq, a, rq->query[i].name, rq->query[i].value, err);
    if (r >= 0 && !a->has_hidden)
        r = add_truth(rq, a, "os_hidden", "false", err);
    if (r >= 0)
        r = add_order(rq, a, err);
    if (r >= 0)
        add_visibility(rq, a);
    return r;
}

/* --- the answer -------------------------------------------------------------------- */

static int find_page(struct request *rq, struct asked *a, struct list *ret, struct err *err)
{
    struct txn *t;
    int r = rq_txn(rq, &t, err);

    if (r < 0)
        return r;
    if (a->q.limit == 0) { /* Asked for none; the store reads that as all. */
        *ret = (struct list){ NULL, 0, sizeof(struct image), false };
        return 0;
    }
    r = table_list(t, rq->arena, &image_table, &a->q, ret, err);
    if (r == -ENOENT && a->q.marker)
        return err_http(err, 400, NULL, "No image found with ID %.255s", a->q.marker);
    return r < 0 ? r : image_expand(t, rq->arena, ret, err);
}

static int reply_page(struct request *rq, const struct list *l)
{
    struct jw *w = reply_begin(rq);
    const struct image *last = NULL;

    jw_object(w, NULL);
    jw_array(w, "images");
    for (size_t i = 0; i < l->count; i++) {
        const struct image *image = list_at(l, i);

        if (image_allows(rq, "get_image", image)) {
            image_write(rq, w, NULL, image);
            last = image;
        }
    }
    jw_end_array(w);
    jw_str(w, "first", page_url(rq, NULL, NULL));
    if (l->more && last)
        jw_str(w, "next", page_url(rq, last->id, NULL));
    jw_str(w, "schema", "/v2/schemas/images");
    jw_end_object(w);
    return reply_end(rq, 200);
}

int image_list(struct request *rq, struct err *err)
{
    struct asked a = { 0 };
    struct list l;
    int r = read_query(rq, &a, err);

    if (r >= 0)
        r = find_page(rq, &a, &l, err);
    return r < 0 ? r : reply_page(rq, &l);
}
